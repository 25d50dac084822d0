"""Who is due and gets no order, with the reason: each rule from both sides in the tiny world.

A reaches 300 kg after 28 h and its hit level of 100 kg after 48 h; B after 20 h and 60 h. Service
takes 30 min.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lmrs_rl.domain import CallInOrders, Network, OrderParameters, Snapshot
from lmrs_rl.orders import NoOrder, UnorderedCustomer, due_without_order, make_orders
from tests import tiny
from tests.orders.test_make import X, payload, tanks
from tests.orders.test_projection import forecast


def found(
    network: Network | None = None,
    snapshot: Snapshot | None = None,
    horizon_h: float = 120.0,
    x_kg: float = X,
) -> list[UnorderedCustomer]:
    """Who is left out; and nobody is both left out and ordered for."""
    network, snapshot = network or tiny.network(), snapshot or tiny.snapshot()
    known = (
        network,
        snapshot,
        forecast(None, snapshot.time_min),
        OrderParameters.shared(2, x_kg=x_kg),
    )
    result = due_without_order(*known, horizon_h=horizon_h)
    assert not {each.customer for each in result} & {
        order.customer for order in make_orders(*known, horizon_h=horizon_h)
    }
    return list(result)


def reasons(*args: Any, **more: Any) -> list[NoOrder]:
    return [each.reason for each in found(*args, **more)]


def test_nobody_is_left_out_of_a_world_without_limits() -> None:
    assert found() == []


def test_who_is_not_due_is_not_left_out() -> None:
    nobody = tanks(vehicle_allowed=np.zeros((2, 1), dtype=bool))
    # A truckload of 0 makes h' the capacity: every tank is due at once.
    assert [each.customer for each in found(nobody, horizon_h=1.0)] == [tiny.TANK_A, tiny.TANK_B]
    evenings = tanks(access_min=(np.zeros((0, 2)), np.zeros((0, 2))))
    assert [each.customer for each in found(evenings, horizon_h=19.0)] == []
    assert [each.customer for each in found(evenings, horizon_h=20.0)] == [tiny.TANK_B]
    assert [each.customer for each in found(evenings, horizon_h=28.0)] == [tiny.TANK_A, tiny.TANK_B]


def test_no_vehicle_may_come() -> None:
    (one,) = found(tanks(vehicle_allowed=np.array([[False], [True]])))
    assert one == UnorderedCustomer(
        tiny.TANK_A, NoOrder.NO_VEHICLE, "no vehicle that may carry gas is allowed there", 48.0
    )


@pytest.mark.parametrize(("truckload", "reason"), [(499.0, [NoOrder.TOO_LARGE]), (500.0, [])])
def test_the_minimum_drop_is_more_than_a_truckload(truckload: float, reason: list[NoOrder]) -> None:
    network = payload(truckload)
    network = replace(network, tanks=replace(network.tanks, min_drop_kg=np.array([500.0, 0.0])))
    low = replace(tiny.snapshot(), level_kg=np.array([50.0, 400.0]))
    assert reasons(network, low) == reason


@pytest.mark.parametrize(("least", "reason"), [(900.0, []), (901.0, [NoOrder.NO_ROOM])])
def test_the_minimum_drop_fits_only_after_the_window(least: float, reason: list[NoOrder]) -> None:
    assert reasons(tanks(min_drop_kg=np.array([least, 0.0]))) == reason


def test_when_it_fits_is_told() -> None:
    (one,) = found(tanks(min_drop_kg=np.array([911.0, 0.0])))
    # 89 kg are left after 49.1 h: from hour 50 on.
    assert one.detail == "911 kg fit in 50 h, the window closes in 48 h"


@pytest.mark.parametrize(("opens", "reason"), [(48 * 60, []), (48 * 60 + 1, [NoOrder.NO_ACCESS])])
def test_no_access_hours_within_the_window(opens: int, reason: list[NoOrder]) -> None:
    hours = np.array([[opens, opens + 600]])
    assert reasons(tanks(access_min=(hours, tiny.network().tanks.access_min[1]))) == reason


def test_when_it_opens_next_is_told() -> None:
    (one,) = found(
        tanks(access_min=(np.array([[49 * 60 + 5, 60 * 60]]), tiny.network().tanks.access_min[1]))
    )
    assert one.detail == "nobody may come between 1d 04:00 and 2d 00:00, it opens at 2d 01:05"


@pytest.mark.parametrize(("length", "reason"), [(30, []), (29, [NoOrder.TOO_SHORT])])
def test_access_hours_too_short_for_the_service(length: int, reason: list[NoOrder]) -> None:
    hours = np.array([[1800, 1800 + length]])
    assert reasons(tanks(access_min=(hours, tiny.network().tanks.access_min[1]))) == reason


def test_how_much_too_short_is_told() -> None:
    # 720 kg fit at hour 30 (280 kg left), at 10 kg a minute, and 30 min to set up.
    hours = np.array([[1800, 1860]])
    network = tanks(
        access_min=(hours, tiny.network().tanks.access_min[1]),
        unload_kg_per_min=np.array([10.0, np.inf]),
    )
    assert (
        found(network)[0].detail
        == "720 kg take 102 min, the longest opening from 1d 04:00 on lasts 60 min"
    )


def called(
    earliest: int, latest: int, hours: list[list[int]], horizon_h: float = 120.0
) -> list[UnorderedCustomer]:
    network = tiny.network(call_ins=1)
    network = replace(network, call_ins=replace(network.call_ins, access_min=(np.array(hours),)))
    one = CallInOrders(*np.array([[2, earliest, latest, 80, 100, 0]], dtype=np.float64).T)
    return found(
        network, replace(tiny.snapshot(), time_min=600, call_in_orders=one), horizon_h=horizon_h
    )


@pytest.mark.parametrize(("latest", "reason"), [(599, [NoOrder.OVER]), (600, [])])
def test_an_order_called_in_for_the_past(latest: int, reason: list[NoOrder]) -> None:
    assert [each.reason for each in called(0, latest, [[0, 10000]])] == reason


@pytest.mark.parametrize(("latest", "reason"), [(799, [NoOrder.NO_ACCESS]), (800, [])])
def test_an_order_called_in_for_when_nobody_may_come(latest: int, reason: list[NoOrder]) -> None:
    assert [each.reason for each in called(0, latest, [[800, 900]])] == reason


def test_an_order_called_in_that_takes_too_long() -> None:
    (one,) = called(0, 900, [[800, 820]])
    assert (one.customer, one.reason) == (tiny.CALL_IN, NoOrder.TOO_SHORT)
    assert one.detail == "100 kg take 30 min, the longest opening from 0d 10:00 on lasts 20 min"


def test_an_order_called_in_for_later_is_not_left_out() -> None:
    # Hour 30 is 20 h from minute 600.
    assert called(1800, 2000, [[0, 1000]], horizon_h=19.9) == []
    assert [each.reason for each in called(1800, 2000, [[0, 1000]], horizon_h=20.0)] == [
        NoOrder.NO_ACCESS
    ]


@given(
    st.tuples(st.floats(0, 1000), st.floats(0, 1000)),
    st.tuples(st.floats(0, 1000), st.floats(0, 1000)),
    st.integers(0, 5000),
    st.integers(0, 400),
    st.floats(50, 3000),
    st.floats(0, 900),
)
def test_who_is_due_is_ordered_for_or_left_out_with_a_reason(
    level: tuple[float, float],
    least: tuple[float, float],
    opens: int,
    length: int,
    payload_kg: float,
    x: float,
) -> None:
    network = payload(payload_kg)
    hours = np.array([[opens, opens + length]])
    network = replace(
        network,
        tanks=replace(network.tanks, min_drop_kg=np.array(least), access_min=(hours, hours)),
    )
    snapshot = replace(tiny.snapshot(), level_kg=np.array(level))
    out = {each.customer for each in found(network, snapshot, x_kg=x)}
    parameters = OrderParameters.shared(2, x_kg=x)
    made = {
        order.customer for order in make_orders(network, snapshot, forecast(None, 0), parameters)
    }
    use = tiny.USE_KG_PER_H
    # All of the stock over the hit level is used up within the horizon.
    assert {k for k in range(2) if level[k] - 120 * use[k] <= 100} <= out | made
