"""Minute 0 is a minute like others: no visit is lost because it is there."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from lmrs_rl.domain import CallInOrders, Network
from lmrs_rl.routing.core import CoreSettings, ruin_and_recreate
from lmrs_rl.routing.problem import build_problem
from lmrs_rl.stock import execute
from tests import tiny
from tests.routing import cases
from tests.routing.cases import order, plan, stops
from tests.tiny import TANK_A

WORK = CoreSettings(iterations=20, iterations_per_order=0)
AT_ONCE = [[0.0, 0.0]]
"""[h] A window that is the first minute alone."""
FULL, EMPTY = cases.loaded(2000.0), cases.start()


def at_the_base() -> Network:
    """Tank A and the plant are where the truck is parked; the plant opens for 20 minutes."""
    network = tiny.network()
    access = (np.array([[0, 20]]),)
    return replace(
        network,
        tanks=replace(network.tanks, point=np.array([tiny.BASE, tiny.B])),
        sites=replace(network.sites, point=np.array([tiny.BASE]), access_min=access),
    )


def test_the_core_drops_at_minute_0() -> None:
    problem = build_problem(at_the_base(), FULL, [order(windows_h=AT_ONCE)], horizon_min=1440)
    (route,) = ruin_and_recreate(problem, WORK, 0)
    assert [(v.arrival_min, v.departure_min) for v in route.visits] == [(0, 30)]


def test_the_core_loads_at_minute_0() -> None:
    problem = build_problem(at_the_base(), EMPTY, [order()], horizon_min=1440)
    (route,) = ruin_and_recreate(problem, WORK, 0)
    assert [(v.site, v.arrival_min) for v in route.visits] == [(0, 0), (-1, 20)]


def test_a_plan_has_it_the_referee_allows_it_and_it_is_carried_out() -> None:
    network = at_the_base()
    made = plan([order(windows_h=AT_ONCE)], network, FULL)
    (trip,) = made.trips
    assert stops(trip) == [("drop", TANK_A, 0, 500.0)]
    assert not cases.broken(made, network, FULL)
    done, _ = execute(network, FULL, made.trips, np.zeros((24, 2)), CallInOrders.none())
    assert done.level_kg[0].tolist() == [500, 0]
