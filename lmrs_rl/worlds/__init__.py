"""Floor 4: generated worlds: networks and days drawn at random, or built on real data."""

from lmrs_rl.worlds.generator.drawing import draw_scenario
from lmrs_rl.worlds.outages import (
    Breakdowns,
    Closures,
    Outages,
    known_network,
    known_snapshot,
    network_as_it_was,
)
from lmrs_rl.worlds.scenario import Scenario
from lmrs_rl.worlds.variations import with_demand, without_vehicle
from lmrs_rl.worlds.world_class import WorldClass, read_world_class

__all__ = [
    "Breakdowns",
    "Closures",
    "Outages",
    "Scenario",
    "WorldClass",
    "draw_scenario",
    "known_network",
    "known_snapshot",
    "network_as_it_was",
    "read_world_class",
    "with_demand",
    "without_vehicle",
]
