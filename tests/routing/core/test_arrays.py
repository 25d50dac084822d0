"""The problem's arrays for the core, by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from lmrs_rl.routing.core.arrays import core_arrays, empty_state
from tests import tiny
from tests.routing import cases
from tests.routing.cases import order
from tests.routing.core.cores import at_min, both, core_of, problem_of
from tests.tiny import CALL_IN, TANK_A, TANK_B


def test_windows_are_listed_by_node_and_sites_come_after_orders() -> None:
    orders = [
        order(TANK_A, windows_h=at_min((60, 120), (300, 360))),
        order(TANK_B, windows_h=at_min((600, 660))),
    ]
    # The plant opens at 5 and closes at 500, 20 min of loading before: [5, 480].
    core = core_of(
        orders, cases.with_columns(tiny.network(), sites={"access_min": (np.array([[5, 500]]),)})
    )
    assert (core.m, core.sites) == (2, 1)
    assert core.window_of.tolist() == [0, 2, 3, 4]
    assert core.window.tolist() == [[60, 120], [300, 360], [600, 660], [5, 480]]
    assert core.point.tolist() == [tiny.A, tiny.B, tiny.SITE]


def test_arrays_cannot_be_changed() -> None:
    core = core_of(both())
    with pytest.raises(ValueError, match="read-only"):
        core.load[0] = 1.0
    assert all(part.flags.c_contiguous for part in core if isinstance(part, np.ndarray))


@pytest.mark.parametrize(("kg", "whole"), [(499.9999999, 500.0), (499.99, 499.0), (500.0, 500.0)])
def test_loads_are_whole_kg_but_for_rounding(kg: float, whole: float) -> None:
    core = core_of(both(), at=cases.loaded(kg))
    assert core.load.tolist() == [whole]
    assert core.exact_load.tolist() == [kg]


def test_payloads_are_rounded_down_and_reserves_up() -> None:
    # The small truck takes a full load of 300 kg instead of the 500.4 kg requested.
    network = cases.with_columns(cases.fleet(2), vehicles={"capacity_kg": [300.7, 2000.9]})
    core = core_of([order(TANK_A, 500.4, 900.0), order(TANK_B, 10.0, 20.0)], network)
    assert core.vehicle.tolist() == [0, 1]
    assert core.capacity.tolist() == [300.0, 2000.0]
    assert core.exact_capacity.tolist() == [300.7, 2000.9]
    assert core.need.tolist() == [[300.0, 501.0], [10.0, 10.0]]
    assert core.max_need.tolist() == [501.0, 10.0]
    assert core.q_min.tolist() == [[300.0, 500.4], [10.0, 10.0]]
    assert core.q_max.tolist() == [900.0, 20.0]


@pytest.mark.parametrize("value", [0.0, 1e-3])
def test_kg_are_valued_where_one_order_gives_them_a_value(value: float) -> None:
    core = core_of([order(TANK_A), order(TANK_B, value_per_kg=value)])
    assert core.value.tolist() == [0.0, value]
    assert core.valued is (value > 0)


def test_a_vehicles_slots_are_chained_in_order_of_time() -> None:
    core = core_of(both(), cases.fleet(2), days=2)
    assert core.vehicle.tolist() == [0, 1, 0, 1]
    assert core.chain_of.tolist() == [0, 2, 4]
    assert core.chain.tolist() == [0, 2, 1, 3]


def test_a_vehicle_without_a_driver_has_an_empty_chain() -> None:
    network = cases.with_columns(
        cases.fleet(2), drivers={"vehicle_allowed": np.array([[True, False], [True, False]])}
    )
    core = core_of(both(), network)
    assert core.vehicle.tolist() == [0, 0]
    assert core.chain_of.tolist() == [0, 2, 2]
    state = empty_state(core)
    assert (len(state.length), len(state.shortfall_cost)) == (2, 2)


def test_conflicts_are_listed_for_both_slots() -> None:
    # A trip may start at any minute of a day and lasts at most until the next day's end; with the
    # rest of 480 min it meets the two slots after it.
    core = core_of(both(), days=4)
    assert core.conflict_of.tolist() == [0, 2, 5, 8, 10]
    assert core.conflict.tolist() == [
        *([1, 480, 0], [2, 480, 0]),
        *([0, 480, 1], [2, 480, 0], [3, 480, 0]),
        *([0, 480, 1], [1, 480, 1], [3, 480, 0]),
        *([1, 480, 1], [2, 480, 1]),
    ]


def test_slots_that_never_meet_have_no_conflicts() -> None:
    network = cases.with_columns(tiny.network(), drivers={"shift_min": cases.shifts(0, 600, 2)})
    core = core_of(both(), network, days=2)
    assert core.conflict.shape == (0, 3)
    assert core.conflict_of.tolist() == [0, 0, 0]


def test_the_nearest_orders_are_those_nearest_there_and_back() -> None:
    # A to B 1 km and 9 back, A to C 4 km and 4 back: from A, C is nearer, though B is nearer on the
    # way there; B and C are 0 km apart.
    km = np.zeros((5, 5))
    km[tiny.A, tiny.B], km[tiny.B, tiny.A] = 1.0, 9.0
    km[tiny.A, tiny.C] = km[tiny.C, tiny.A] = 4.0
    problem = problem_of([*both(), order(CALL_IN)], tiny.network(call_ins=1), km=km)
    # Ties stay in the order of the orders: from C, both C and B are at 0 km.
    assert core_arrays(problem).nearest.tolist() == [[0, 2, 1], [1, 2, 0], [1, 2, 0]]


@pytest.mark.parametrize(
    ("window", "reachable"),
    [((0, 139), False), ((0, 140), True), ((230, 600), True), ((231, 600), False)],
)
def test_orders_out_of_a_slots_time_are_ruled_out(window: tuple[int, int], reachable: bool) -> None:
    # A shift from 100 to 300: A is reached at 140 at the earliest, and left at 260 at the latest,
    # after 30 min of service.
    network = cases.with_columns(tiny.network(), drivers={"shift_min": (np.array([[100, 300]]),)})
    orders = [order(TANK_A, windows_h=at_min(window)), order(TANK_B)]
    assert core_of(orders, network).order_allowed.tolist() == [[reachable], [True]]


@pytest.mark.parametrize(
    ("window", "reachable"),
    [((0, 144), False), ((0, 145), True), ((241, 600), True), ((242, 600), False)],
)
def test_a_slots_time_counts_the_quickest_way_through_another_point(
    window: tuple[int, int], reachable: bool
) -> None:
    # Base to plant 40, on to A 5; A to B 9, on to the base 20; all else 1000 min.
    travel = np.full((5, 5), 1000)
    np.fill_diagonal(travel, 0)
    travel[tiny.BASE, tiny.SITE], travel[tiny.SITE, tiny.A] = 40, 5
    travel[tiny.A, tiny.B], travel[tiny.B, tiny.BASE] = 9, 20
    network = replace(
        cases.with_columns(tiny.network(), drivers={"shift_min": (np.array([[100, 300]]),)}),
        travel_min=travel,
    )
    orders = [order(TANK_A, windows_h=at_min(window))]
    assert core_of(orders, network).order_allowed.tolist() == [[reachable]]


def test_any_of_an_orders_windows_will_do_and_none_will_not() -> None:
    network = cases.with_columns(tiny.network(), drivers={"shift_min": (np.array([[100, 300]]),)})
    orders = [order(TANK_A), order(TANK_B), order(TANK_A), order(TANK_B)]
    empty = np.zeros((0, 2), dtype=np.int64)
    too_early, in_time, too_late = [0, 100], [200, 200], [400, 500]
    windows = (
        np.array([too_early, in_time, too_late]),
        empty,
        np.array([too_early, too_late]),
        empty,
    )
    core = core_of(orders, network, order_windows=windows)
    assert core.order_allowed[:, 0].tolist() == [True, False, False, False]
    none = core_of(orders[:2], network, order_windows=(empty, empty))
    assert none.order_allowed[:, 0].tolist() == [False, False]


def test_each_slot_counts_the_way_from_its_own_base() -> None:
    # A truck at B's door (60) and one at the base: A's window closes at 20 min, which is the way
    # from B and less than the 40 from the base.
    network = cases.with_columns(cases.fleet(3), vehicles={"base_point": [tiny.B, 0, tiny.B]})
    core = core_of([order(TANK_A, windows_h=at_min((0, 20)))], network)
    assert core.base.tolist() == [tiny.B, 0, tiny.B]
    assert core.order_allowed.tolist() == [[True, False, True]]


def test_an_empty_state_serves_nobody_and_has_the_first_loads_on_board() -> None:
    core = core_of(both(), cases.fleet(2), cases.loaded([700.0, 300.0], cases.fleet(2)), days=2)
    state = empty_state(core)
    assert state.slot_of.tolist() == [-1, -1]
    assert state.start_load.tolist() == [700.0, 300.0, 700.0, 300.0]
    for zero in (state.length, state.cost, state.waited, state.driven, state.need_after):
        assert zero.tolist() == [0, 0, 0, 0]
    assert state.shortfall_cost.tolist() == [0.0, 0.0]
    assert not state.scratch.nothing.any()
