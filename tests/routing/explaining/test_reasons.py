"""Obstacles to a trip of its own: which limit is to blame, and by how many minutes, by hand in the
tiny world.

Base 0, plant 10, A 40, B 60 [min]; loading takes 20 min, a drop 30 min. An empty truck is at A
after 60 min and back after 130 (80 of driving).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from lmrs_rl.domain import Network, Order, Snapshot
from lmrs_rl.domain.arrays import IntArray
from lmrs_rl.routing.explaining.reasons import (
    MissedReason,
    Obstacle,
    obstacle,
    own_trip_cost,
    single_order,
)
from lmrs_rl.routing.problem import RoutingProblem, build_problem
from tests import tiny
from tests.routing import cases
from tests.routing.cases import order, with_columns
from tests.tiny import CALL_IN, TANK_A, TANK_B

DAY = 1440


def problem_of(
    orders: Sequence[Order], network: Network, at: Snapshot | None = None, days: int = 1
) -> RoutingProblem:
    at = cases.start(network) if at is None else at
    return build_problem(network, at, orders, horizon_min=days * DAY)


def found(
    wanted: Order | None = None,
    network: Network | None = None,
    at: Snapshot | None = None,
    days: int = 1,
    **drivers: Any,
) -> Obstacle | None:
    """What keeps this order, by default one at A, from a trip of its own; another order, at B, is
    before it.
    """
    network = with_columns(tiny.network() if network is None else network, drivers=drivers)
    orders = [order(TANK_B), order(TANK_A) if wanted is None else wanted]
    return obstacle(network, problem_of(orders, network, at, days), 1)


def told(*args: Any, **more: Any) -> tuple[MissedReason, int | None]:
    """Reason and minutes."""
    got = found(*args, **more)
    assert got is not None
    return got.reason, got.relaxation_min


def hours(*rows: tuple[int, int]) -> tuple[IntArray]:
    return (np.array(rows),)


def test_an_order_that_can_have_a_trip_has_no_obstacle() -> None:
    assert found() is None


def test_an_order_alone_has_its_own_columns_and_no_conflicts() -> None:
    orders = [order(TANK_A), order(TANK_B, 300.0, windows_h=[[1.0, 2.0]], penalty=7.0)]
    problem = problem_of(orders, tiny.network(), days=2)
    assert len(problem.slots.conflict)
    alone = single_order(problem, 1)
    assert (alone.n_orders, alone.n_sites) == (1, 1)
    assert alone.order_customer.tolist() == [TANK_B]
    assert alone.order_q_min.tolist() == [300.0]
    assert alone.order_penalty.tolist() == [7.0]
    assert [rows.tolist() for rows in alone.order_windows] == [[[60, 120]]]
    assert alone.order_allowed.tolist() == [[True, True]]
    assert alone.slots.conflict.tolist() == []
    assert alone.site_point.tolist() == [tiny.SITE]


def test_a_trip_of_its_own_costs_what_it_costs() -> None:
    # 40 km and 130 min; to B and back 60 km and 170 min.
    problem = problem_of([order(TANK_A), order(TANK_B)], tiny.network())
    assert own_trip_cost(single_order(problem, 0)) == pytest.approx(105.0)
    assert own_trip_cost(single_order(problem, 1)) == pytest.approx(145.0)
    nobody = with_columns(tiny.network(), drivers={"vehicle_allowed": [[False]]})
    assert own_trip_cost(problem_of([order()], nobody)) == np.inf
    late = problem_of([order(windows_h=[[0.0, 0.5]])], tiny.network())
    assert own_trip_cost(late) == np.inf


def test_no_truck_may_come() -> None:
    network = with_columns(tiny.network(), tanks={"vehicle_allowed": [[False], [True]]})
    assert found(network=network) == Obstacle(
        MissedReason.NO_VEHICLE, "no vehicle that may carry gas is allowed there"
    )


def sizes(*kg: float, **columns: Any) -> Network:
    network = cases.fleet(len(kg), tiny.network(call_ins=1))
    return with_columns(network, vehicles={"capacity_kg": list(kg)}, **columns)


def test_the_largest_truck_that_may_come_counts() -> None:
    network = sizes(
        399.9,
        300.0,
        2000.0,
        tanks={
            "min_drop_kg": [400.0, 0.0],
            "vehicle_allowed": np.array([[True, True, False], [True, True, True]]),
        },
    )
    assert found(network=network) == Obstacle(
        MissedReason.TOO_LARGE,
        "at least 400 kg, and the largest truck that may come carries 399 kg",
    )
    # A tank's order of more is cut to what a truck carries; a call-in order is not.
    assert found(order(TANK_B), network=network) is None
    assert found(order(TANK_A, 350.0), network=sizes(350.0)) is None
    assert told(order(CALL_IN, 350.0), network=sizes(349.0)) == (MissedReason.TOO_LARGE, None)
    assert found(order(CALL_IN, 350.0), network=sizes(350.0)) is None


def test_a_truck_of_less_than_a_kg_is_too_small_for_anything() -> None:
    assert told(order(TANK_A, 0.0, 0.5), sizes(0.9)) == (MissedReason.TOO_LARGE, None)
    assert found(order(TANK_A, 0.0, 0.5), sizes(1.0)) is None


def test_a_driver_of_a_truck_that_is_too_small_does_not_help() -> None:
    network = sizes(400.0, 2000.0, drivers={"vehicle_allowed": [[True, False], [True, False]]})
    got = found(order(CALL_IN), network)
    assert got == Obstacle(
        MissedReason.NO_DRIVER,
        "no driver who may drive them starts a trip in the days of the plan",
    )
    assert found(order(CALL_IN, 400.0), network) is None


@pytest.mark.parametrize(
    ("trucks", "names"),
    [
        (2, "truck0, truck1"),
        (4, "truck0, truck1, truck2, truck3"),
        (5, "truck0, truck1, truck2, truck3, ..."),
    ],
)
def test_at_most_four_trucks_of_another_product_are_named(trucks: int, names: str) -> None:
    network = cases.fleet(trucks)
    network = replace(
        network,
        products=("gas", "oil"),
        tanks=replace(network.tanks, product=np.array([1, 0])),
        vehicles=replace(network.vehicles, product_allowed=np.ones((trucks, 2), dtype=bool)),
        sites=replace(network.sites, product_offered=np.ones((1, 2), dtype=bool)),
    )
    at = cases.loaded(500.0, network)
    assert found(network=network, at=at) == Obstacle(
        MissedReason.OTHER_PRODUCT, f"none carries oil in this plan: {names}"
    )
    # One of them is enough.
    some = replace(at, load_product=np.array([0] * (trucks - 1) + [1]))
    assert found(network=network, at=some) is None


def test_product_that_there_is_nowhere() -> None:
    dry = with_columns(tiny.network(), sites={"product_offered": [[False]]})
    assert found(network=dry, at=cases.loaded(499.0)) == Obstacle(
        MissedReason.NO_PRODUCT,
        "too little on board, and no site offers its product to a vehicle that may come",
    )
    closed = with_columns(tiny.network(), sites={"access_min": (np.zeros((0, 2)),)})
    assert told(network=closed) == (MissedReason.NO_PRODUCT, None)


def test_minutes_that_each_limit_lacks() -> None:
    assert told(max_driving_min=[70]) == (MissedReason.DRIVING, 10)
    assert told(max_driving_min=[79]) == (MissedReason.DRIVING, 1)
    assert told(shift_min=hours((0, 100))) == (MissedReason.DUTY, 30)
    # The plant closes at 25 but loading takes from 10 to 30.
    assert told(network=with_columns(tiny.network(), sites={"access_min": hours((0, 25))})) == (
        MissedReason.SITE_HOURS,
        5,
    )
    assert told(order(windows_h=[[0.0, 0.5]])) == (MissedReason.WINDOW, 30)


def test_site_hours_are_widened_on_either_side() -> None:
    # Opening at 50, loaded at 70, A from 100 to 130, home at 170: the shift ends at 140.
    late = with_columns(tiny.network(), sites={"access_min": hours((50, 900))})
    assert told(network=late, shift_min=hours((0, 140))) == (MissedReason.SITE_HOURS, 30)


def test_windows_are_widened_on_either_side_and_grow_together() -> None:
    # At A from 60 on; the shift ends at 200, so the drop starts by 130.
    assert told(order(windows_h=[[0.0, 0.1], [0.2, 0.3]]), shift_min=hours((0, 200))) == (
        MissedReason.WINDOW,
        42,
    )
    assert told(order(windows_h=[[3.0, 4.0], [5.0, 6.0]]), shift_min=hours((0, 200))) == (
        MissedReason.WINDOW,
        50,
    )
    # Of two windows the one that lacks less: 50 to the right of the first, 20 to the left.
    assert told(order(windows_h=[[0.0, 10 / 60], [2.5, 4.0]]), shift_min=hours((0, 200))) == (
        MissedReason.WINDOW,
        20,
    )
    assert told(order(windows_h=[[0.0, 50 / 60], [2.5, 4.0]]), shift_min=hours((0, 200))) == (
        MissedReason.WINDOW,
        10,
    )


def test_of_several_limits_the_first_that_leaves_no_trip_is_told() -> None:
    closed = with_columns(tiny.network(), sites={"access_min": hours((0, 25))})
    never = order(windows_h=[[0.0, 0.5]])
    all_but_driving: dict[str, Any] = {"network": closed, "shift_min": hours((0, 100))}
    assert told(never, max_driving_min=[79], **all_but_driving) == (MissedReason.DRIVING, 1)
    assert told(never, **all_but_driving) == (MissedReason.DUTY, 30)
    assert told(never, closed) == (MissedReason.SITE_HOURS, 5)


@pytest.mark.parametrize(("opens", "minutes"), [(43_160, 43_200), (43_161, None)])
def test_no_figure_is_given_beyond_a_month(opens: int, minutes: int | None) -> None:
    # 30 days are 43 200 min; a full truck is at A 40 min after the shift has begun.
    got = found(
        order(windows_h=[[0.0, 0.0]]),
        at=cases.loaded(2000.0),
        days=31,
        shift_min=hours((opens, opens + 500)),
    )
    figure = "some" if minutes is None else "43,200"
    assert got == Obstacle(
        MissedReason.WINDOW,
        f"its windows would have to open {figure} min earlier or close {figure} min later",
        minutes,
    )
