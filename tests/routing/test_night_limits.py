"""Where a night may be, and how long a wait: a longer one would count as a night."""

from __future__ import annotations

import numpy as np
import pytest

from lmrs_rl.routing.core import CoreSettings, ruin_and_recreate
from lmrs_rl.routing.core.arrays import core_arrays
from lmrs_rl.routing.core.trip import nights_legal
from lmrs_rl.routing.problem import build_problem
from tests import tiny
from tests.routing import cases
from tests.routing.cases import order
from tests.tiny import TANK_A, TANK_B

WORK = CoreSettings(iterations=50, iterations_per_order=0)


@pytest.mark.parametrize(("opens", "together"), [(709, True), (710, False)])
def test_a_wait_may_be_a_minute_less_than_a_night(opens: int, together: bool) -> None:
    # A from 60 to 90, 20 minutes to B: the wait there is 599 or 600 minutes. Waiting costs nothing.
    network = cases.with_columns(
        tiny.network(),
        drivers={"night_min": [600], "cost_per_night": [7.0], "cost_per_min": [0.0]},
    )
    orders = [
        order(TANK_A, windows_h=[[1.0, 1.0]]),
        order(TANK_B, windows_h=np.array([[opens, opens]]) / 60),
    ]
    problem = build_problem(network, cases.loaded(2000.0), orders, horizon_min=1440)
    routes = ruin_and_recreate(problem, WORK, 0)
    assert max(len(route.visits) for route in routes) == (2 if together else 1)


@pytest.mark.parametrize(
    ("visits", "legal", "nights"),
    [
        (["A", "B"], True, 0),
        (["A", "night", "B"], True, 1),
        (["load", "A", "night"], True, 1),
        (["night", "A"], False, 1),
        (["load", "night", "A"], False, 1),
        (["A", "night", "A", "night"], False, 2),
        (["A", "B", "night"], False, 1),  # B is no host
    ],
)
def test_a_night_is_right_after_a_host(visits: list[str], legal: bool, nights: int) -> None:
    network = cases.with_columns(
        tiny.network(),
        drivers={"max_driving_min": [100], "night_min": [600]},
        tanks={"overnight": (True, False)},
    )
    orders = [order(TANK_A), order(TANK_B)]
    core = core_arrays(build_problem(network, cases.start(network), orders, horizon_min=1440))
    (slot,) = np.flatnonzero(core.night).tolist()
    number = {"A": 0, "B": 1, "load": core.m, "night": core.m + core.sites}
    route = np.array([number[each] for each in visits])
    assert nights_legal(core, slot, route, len(route)) == (legal, nights)
