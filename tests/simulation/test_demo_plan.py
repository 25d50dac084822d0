"""The first plan of the shipped world, looked at as a planner would."""

from __future__ import annotations

from lmrs_rl.dispatchers import FixedDispatcher
from lmrs_rl.domain.shipped import shipped_world
from lmrs_rl.forecast import WeekdayQuantiles
from lmrs_rl.routing import OrToolsRouter
from lmrs_rl.simulation import DecisionState, decide
from lmrs_rl.worlds.generated import read_scenario


def test_no_truck_goes_out_only_to_load() -> None:
    # Seen once: a first morning whose only trip loaded 12 t that a later trip could as well load
    # itself.
    world = read_scenario(shipped_world("demo"))
    network, snapshot = world.network, world.days.start
    state = DecisionState.known(network, snapshot, WeekdayQuantiles()(network, snapshot))
    plan = decide(state, FixedDispatcher(), OrToolsRouter()).plan
    assert plan.trips
    assert [trip for trip in plan.trips if trip.dropped_kg == 0] == []
