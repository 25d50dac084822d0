"""Demand windows in the tiny world by hand, before access hours are looked at.

A holds 580 kg and uses 10 kg/h, B 400 kg and 5 kg/h; both hold 1000 kg, their hit level is 100 kg.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from lmrs_rl.domain import CallInOrders, Network, OrderParameters
from lmrs_rl.orders.call_in import call_in_orders, call_in_window
from lmrs_rl.orders.demand_windows import (
    DemandWindows,
    clip_to_access_hours,
    effective_min_drop,
)
from lmrs_rl.orders.make import demand_windows_of
from tests import tiny
from tests.orders.test_make import payload, tanks
from tests.orders.test_projection import forecast


def windows(
    network: Network | None = None,
    level: tuple[float, float] = (580.0, 400.0),
    horizon_h: float = 120.0,
    **parameters: Any,
) -> DemandWindows:
    snapshot = replace(tiny.snapshot(), level_kg=np.array(level))
    chosen = OrderParameters.shared(2, **{"x_kg": 200.0, **parameters})
    return demand_windows_of(
        network or tiny.network(), snapshot, forecast(None, 0), chosen, horizon_h
    )


def test_a_window_goes_from_h_plus_x_to_h() -> None:
    found = windows()
    assert found.due_h.tolist() == found.opens_h.tolist() == [28, 20]
    assert found.closes_h.tolist() == found.stockout_h.tolist() == [48, 60]
    assert found.needs_order.tolist() == [True, True]
    assert (found.truckload_kg.tolist(), found.min_drop_kg.tolist()) == ([2000] * 2, [1] * 2)


def test_x_is_at_most_the_span_over_the_hit_level() -> None:
    # At 1000 kg, which both are below: due at once.
    assert windows(x_kg=5000.0).due_h.tolist() == [0, 0]


@pytest.mark.parametrize(("level", "closes"), [(340.0, 120.0), (341.0, 24.1), (1580.0, 120.0)])
def test_who_runs_out_within_a_day_can_be_served_until_the_horizon(
    level: float, closes: float
) -> None:
    # 340 kg are at the hit level in exactly 24 h: tomorrow's plan would be too late. At 1580 kg
    # (which only a test can have) the window closes after 148 h as always.
    found = windows(level=(level, 400.0))
    assert found.closes_h[0] == pytest.approx(closes if level < 1000 else 148.0)


def test_an_overdue_tank_can_be_served_until_the_horizon_or_until_it_runs_out() -> None:
    # A truck of 300 kg: h' is 700 kg, below which both are already. A runs out after 48 h, B 60 h.
    found = windows(payload(300.0), horizon_h=50.0)
    assert found.due_h.tolist() == [0, 0]
    assert found.closes_h.tolist() == [50, 60]


@pytest.mark.parametrize(("least", "opens"), [(1.0, 28), (700.0, 28), (701.0, 29), (720.0, 30)])
def test_a_window_opens_once_the_minimum_drop_fits(least: float, opens: int) -> None:
    # After 28 h there is room for 1000 - 300 = 700 kg, and 10 kg more every hour.
    found = windows(tanks(min_drop_kg=np.array([least, 0.0])))
    assert found.opens_h[0] == opens
    assert found.due_h[0] == 28


@pytest.mark.parametrize(("horizon", "needs"), [(28.0, True), (27.9, False)])
def test_a_window_that_opens_after_the_horizon_needs_no_order(horizon: float, needs: bool) -> None:
    assert windows(horizon_h=horizon).needs_order.tolist() == [needs, True]


@pytest.mark.parametrize(("least", "needs"), [(900.0, True), (901.0, False)])
def test_a_window_that_opens_after_it_closes_needs_no_order(least: float, needs: bool) -> None:
    # 900 kg fit after 48 h, when the window closes.
    assert windows(tanks(min_drop_kg=np.array([least, 0.0]))).needs_order.tolist() == [needs, True]


@pytest.mark.parametrize(("truck", "needs"), [(500.0, True), (499.0, False)])
def test_a_minimum_drop_must_fit_on_a_truck(truck: float, needs: bool) -> None:
    network = payload(truck)
    network = replace(network, tanks=replace(network.tanks, min_drop_kg=np.array([500.0, 0.0])))
    assert windows(network, level=(50.0, 400.0)).needs_order.tolist() == [needs, True]


def test_nobody_orders_where_no_vehicle_may_come() -> None:
    network = tanks(vehicle_allowed=np.array([[False], [True]]))
    found = windows(network)
    assert found.truckload_kg.tolist() == [0, 2000]
    # Its minimum drop is 0 as well, which alone would fit.
    assert found.min_drop_kg.tolist() == [0, 1]
    assert found.needs_order.tolist() == [False, True]


@pytest.mark.parametrize(
    ("least", "truck", "drop"), [(0.0, 2000.0, 1.0), (5.0, 2000.0, 5.0), (0.0, 0.5, 0.5)]
)
def test_a_drop_is_a_thousandth_of_the_tank_at_least_or_a_truckload(
    least: float, truck: float, drop: float
) -> None:
    network = payload(truck)
    network = replace(network, tanks=replace(network.tanks, min_drop_kg=np.array([least, least])))
    assert effective_min_drop(network).tolist() == [drop, drop]


def test_clipped_to_access_hours_with_or_without_time_for_service() -> None:
    # A is open from hour 30 for 60 min: setting up takes 30 min, 720 kg at 10 kg a minute 72 more.
    hours = np.array([[1800, 1860]])
    slow = tanks(
        access_min=(hours, tiny.network().tanks.access_min[1]),
        unload_kg_per_min=np.array([10.0, np.inf]),
    )
    found, snapshot = windows(slow), tiny.snapshot()
    assert clip_to_access_hours(slow, snapshot, found, 0, 120.0) is None
    instant = clip_to_access_hours(slow, snapshot, found, 0, 120.0, instant=True)
    assert instant is not None
    assert (instant.windows_h.tolist(), instant.q_max_kg) == ([[30, 31]], 720)
    # The other tank: 30 min to set up are no limit where it is always open.
    other = clip_to_access_hours(slow, snapshot, found, 1, 120.0)
    assert other is not None
    assert (other.windows_h.tolist(), other.q_max_kg) == ([[20, 60]], 700)


def test_the_most_is_a_truckload_and_counted_after_the_fill_days() -> None:
    snapshot = tiny.snapshot()
    # Due at h' = 350 kg, where the truck's 650 kg fit; half a day later there is room for 770.
    small = payload(650.0)
    found = windows(small, x_kg=0.0, fill_days=0.5)
    cut = clip_to_access_hours(small, snapshot, found, 0, 120.0)
    assert cut is not None
    assert cut.q_max_kg == 650
    later = clip_to_access_hours(tiny.network(), snapshot, windows(fill_days=0.5), 0, 120.0)
    assert later is not None
    assert later.q_max_kg == 700 + 120  # half a day later


def called(
    rows: list[list[float]], now: int = 0, truck: float = 2000.0, **customers: Any
) -> tuple[Network, Any]:
    """Orders of customer C: earliest, latest [min], least, most [kg]."""
    network = tiny.network(call_ins=1)
    network = replace(
        network,
        call_ins=replace(network.call_ins, **customers),
        vehicles=replace(network.vehicles, capacity_kg=np.array([truck])),
    )
    columns = np.array([[tiny.CALL_IN, *row, 0] for row in rows], dtype=np.float64).T
    return network, replace(tiny.snapshot(), time_min=now, call_in_orders=CallInOrders(*columns))


def test_orders_called_in_become_orders_of_the_next_hours() -> None:
    rows: list[list[float]] = [
        [0, 600, 80, 100],
        [1260, 3000, 50, 60],  # opens in the last minute of 20 h
        [1261, 3000, 50, 60],
        [0, 59, 50, 60],  # over
    ]
    first, second = call_in_orders(*called(rows, now=60), 7.0, 20.0)
    assert (first.customer, first.q_min_kg, first.q_max_kg) == (tiny.CALL_IN, 80, 100)
    assert (first.penalty, second.penalty) == (7.0, 7.0)
    assert first.windows_h.tolist() == [[1, 10]]  # from now on
    assert second.windows_h.tolist() == [[21, 50]]


@pytest.mark.parametrize(
    ("truck", "most"),
    [(120.0, 100.0), (90.0, 90.0), (80.0, 80.0), (79.0, 100.0)],
)
def test_an_order_is_cut_to_a_truckload_unless_its_minimum_does_not_fit(
    truck: float, most: float
) -> None:
    (made,) = call_in_orders(*called([[0, 600, 80, 100]], truck=truck), 7.0, 20.0)
    assert (made.q_min_kg, made.q_max_kg) == (80, most)


@pytest.mark.parametrize(
    "change", [{"vehicle_allowed": np.array([[False]])}, {"product": np.array([1])}]
)
def test_where_no_vehicle_may_come_an_order_stays_as_it_is(change: dict[str, Any]) -> None:
    network, snapshot = called([[0, 600, 0, 100]], truck=50.0)
    network = replace(
        network,
        products=("gas", "air"),
        vehicles=replace(network.vehicles, product_allowed=np.array([[True, False]])),
        sites=replace(network.sites, product_offered=np.ones((1, 2), dtype=bool)),
        call_ins=replace(network.call_ins, **change),
    )
    (made,) = call_in_orders(network, snapshot, 7.0, 20.0)
    assert made.q_max_kg == 100


def test_a_window_called_in_leaves_time_for_service() -> None:
    # Open for 40 min; 30 to set up and 100 kg at 5 kg a minute take 50.
    case = called(
        [[0, 600, 80, 100]],
        access_min=(np.array([[100, 140]]),),
        unload_kg_per_min=np.array([5.0]),
    )
    assert call_in_window(*case, 0, 20.0) is None
    instant = call_in_window(*case, 0, 20.0, instant=True)
    assert instant is not None
    assert (instant.windows_h * 60).round().tolist() == [[100, 140]]
    case = called(
        [[0, 600, 80, 100]],
        access_min=(np.array([[100, 160]]),),
        unload_kg_per_min=np.array([5.0]),
    )
    found = call_in_window(*case, 0, 20.0)
    assert found is not None
    assert (found.windows_h * 60).round().tolist() == [[100, 110]]
