"""Routes that need loading stops: a bound on the objective of seeded problems, a case by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from benchmarks.routing_cases import routing_case
from lmrs_rl.routing.core import CoreSettings, ruin_and_recreate
from lmrs_rl.routing.core.arrays import core_arrays, empty_state
from lmrs_rl.routing.core.insertion import insert_best, set_route
from lmrs_rl.routing.costs import objective
from lmrs_rl.routing.problem import build_problem
from tests import tiny
from tests.routing import cases
from tests.routing.cases import order
from tests.tiny import TANK_A, TANK_B

WORK = CoreSettings(iterations=300, iterations_per_order=0)


@pytest.mark.parametrize(("seed", "most"), [(0, 5900.0), (1, 6400.0)])
def test_loading_stops_are_sought_as_far_as_they_can_pay(seed: int, most: float) -> None:
    """The limit of a sequence's cost counts what its trip costs already.

    Forty orders; 5845 and 6327 are found. Where too low a limit cuts sequences with a loading stop
    off, it is 6700 and 7070 or more.
    """
    network, snapshot, orders = routing_case(100, seed=seed, reloads=True)
    problem = build_problem(network, snapshot, orders, horizon_min=7200)
    assert problem.n_orders == 40
    routes = ruin_and_recreate(problem, WORK, 0)
    assert objective(problem, routes) < most
    assert sum(visit.site >= 0 for route in routes for visit in route.visits) >= 4


def test_a_night_and_a_loading_stop_are_sought_as_far_as_they_can_pay() -> None:
    """The same limit holds where the sequence has a night.

    A alone costs 105. With B on its trip, and there a night after a second loading stop, 120
    minutes driven are 60 km, with 100 of service 110 for time, 7 for the night: 72 more.
    """
    network = replace(
        cases.with_columns(
            tiny.network(),
            drivers={"max_driving_min": [100], "night_min": [600], "cost_per_night": [7.0]},
            tanks={"overnight": (True, True)},
        ),
        **cases.line([0, 40, 40, 60, 70]),
    )
    orders = [order(TANK_A, 1600.0, 1600.0), order(TANK_B, 1600.0, 1600.0)]
    problem = build_problem(network, cases.start(network), orders, horizon_min=1440)
    core, stream = core_arrays(problem), np.ones(1, dtype=np.uint64)
    (slot,) = np.flatnonzero(problem.slots.night).tolist()
    for price, served in ((71.0, False), (73.0, True), (1e4, True)):
        state = empty_state(core)
        set_route(core, state, slot, np.array([core.m, 0]), 2, state.scratch.arrival)
        assert state.cost[slot] == 105.0
        assert insert_best(core, state, 1, price, price, -1, 0.0, stream) is served
        assert state.cost[slot] == (177.0 if served else 105.0)
