"""Floor 9: what a command or a service calls: plan a morning, simulate a world, write the files."""

from lmrs_rl.planning.agents import find_agent
from lmrs_rl.planning.morning import MorningPlan, PlanSettings, plan
from lmrs_rl.planning.simulation import Simulation, simulate
from lmrs_rl.planning.sources import Source, open_json, open_source, open_world

__all__ = [
    "MorningPlan",
    "PlanSettings",
    "Simulation",
    "Source",
    "find_agent",
    "open_json",
    "open_source",
    "open_world",
    "plan",
    "simulate",
]
