"""What the problem states beyond the orders as given: drops of something, and loading times of
the vehicles that load.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from lmrs_rl.domain import Network, Order, Snapshot
from lmrs_rl.domain.arrays import FOREVER
from lmrs_rl.routing.problem import RoutingProblem, build_problem, choose_products
from tests import tiny
from tests.routing import cases
from tests.routing.cases import fleet, loaded, order, plan, visits, with_columns
from tests.tiny import CALL_IN, TANK_A, TANK_B

DRY = with_columns(tiny.network(), sites={"product_offered": [[False]]})
"""Nothing to load: what is on board is all there is."""


@pytest.mark.parametrize(("on_board", "missed"), [(500.0, (TANK_A,)), (501.0, ())])
def test_an_order_that_asks_for_nothing_at_least_is_not_served_with_nothing(
    on_board: float, missed: tuple[int, ...]
) -> None:
    # B takes 500 kg. A thousandth of the 500 kg that A has room for is a kg, rounded up.
    made = plan([order(TANK_A, least=0.0), order(TANK_B, penalty=2e4)], DRY, loaded(on_board, DRY))
    assert made.missed == missed


def test_the_least_drop_is_a_thousandth_of_the_most() -> None:
    # A kg is worth more at A; B gets its least.
    made = plan(
        [
            order(TANK_A, most=1000.0, least=0.0, value_per_kg=0.1),
            order(TANK_B, most=800.0, least=0.0),
        ],
        DRY,
        loaded(500.0, DRY),
    )
    assert sorted(visits(made.trips[0])) == [("drop", TANK_A, 499.2), ("drop", TANK_B, 0.8)]


def test_a_truck_of_less_than_a_kg_serves_nobody() -> None:
    network = with_columns(tiny.network(), vehicles={"capacity_kg": [0.9]})
    assert plan([order(most=0.5, least=0.0)], network).missed == (TANK_A,)
    network = with_columns(tiny.network(), vehicles={"capacity_kg": [1.0]})
    assert plan([order(most=0.5, least=0.0)], network).missed == ()


def test_opening_hours_are_cut_by_the_loading_times_of_who_may_load_there() -> None:
    # 100 kg a minute and 20 min to set up: 40 min for 2000 kg, 30 for 1000 kg. The plant is open
    # until minute 100.
    network = with_columns(
        fleet(2),
        vehicles={"capacity_kg": [2000.0, 1000.0]},
        sites={
            "load_kg_per_min": [100.0],
            "access_min": (np.array([[0, 100]]),),
            "vehicle_allowed": [[True, True]],
        },
    )
    for allowed, last in (([True, True], 60), ([True, False], 60), ([False, True], 70)):
        stated = build_problem(
            with_columns(network, sites={"vehicle_allowed": [allowed]}),
            cases.start(network),
            [order()],
            horizon_min=1440,
        )
        assert stated.site_windows[0].tolist() == [[0, last]]


def test_a_truck_that_nobody_drives_does_not_shorten_opening_hours() -> None:
    network = with_columns(
        fleet(2),
        vehicles={"capacity_kg": [2000.0, 1000.0]},
        sites={"load_kg_per_min": [100.0], "access_min": (np.array([[0, 100]]),)},
        drivers={"vehicle_allowed": np.array([[False, False], [False, True]])},
    )
    assert build_problem(network, cases.start(network), [order()], horizon_min=1440).site_windows[
        0
    ].tolist() == [[0, 70]]


def stated(
    orders: Sequence[Order], network: Network | None = None, at: Snapshot | None = None
) -> RoutingProblem:
    """The first day's problem."""
    network = tiny.network() if network is None else network
    at = cases.start(network) if at is None else at
    return build_problem(network, at, orders, horizon_min=1440)


def test_an_order_is_stated_with_what_belongs_to_its_customer() -> None:
    network = with_columns(
        tiny.network(call_ins=1),
        tanks={"setup_min": [30, 31], "overnight": [False, True]},
        call_ins={"setup_min": [32]},
        drivers={"max_driving_min": [90]},
    )
    orders = [
        order(TANK_B, 100.0, 200.0, penalty=1440.0, value_per_kg=0.5),
        order(CALL_IN, 300.0, 400.0, penalty=2880.0),
    ]
    at = replace(loaded(700.0, network), time_min=60)
    got = stated(orders, network, at)
    assert (got.n_orders, got.n_sites, got.now_min) == (2, 1, 60)
    assert got.order_customer.tolist() == [TANK_B, CALL_IN]
    assert got.order_point.tolist() == [tiny.B, tiny.C]
    assert got.order_service_min.tolist() == [31, 32]
    assert got.order_q_min.tolist() == [100.0, 300.0]
    assert got.order_q_max.tolist() == [200.0, 400.0]
    assert got.order_penalty.tolist() == [1440.0, 2880.0]
    assert got.order_late_cost.tolist() == [1.0, 2.0]
    assert got.order_value.tolist() == [0.5, 0.0]
    assert got.order_overnight.tolist() == [True, False]
    assert got.order_slot_cost.tolist() == [[0.0] * len(got.slots)] * 2
    assert got.vehicle_load_kg.tolist() == [700.0]
    assert got.site_point.tolist() == [tiny.SITE]


@pytest.mark.parametrize(
    ("kg", "rate", "minutes"),
    [
        (500.0, 10.0, 50),
        (500.1, 10.0, 51),
        (499.9, 10.0, 50),
        (4.5, 1.5, 3),
        (4.2, 1.4, 3),  # 3.0000000000000004 in floating point
    ],
)
def test_unloading_and_loading_take_whole_minutes(kg: float, rate: float, minutes: int) -> None:
    network = with_columns(
        tiny.network(),
        vehicles={"capacity_kg": [kg]},
        tanks={"unload_kg_per_min": [rate, np.inf]},
        sites={"load_kg_per_min": [rate]},
    )
    got = stated([order(TANK_A, 0.0, kg)], network)
    assert got.order_service_min.tolist() == [30 + minutes]
    assert got.site_service_min.tolist() == [[20 + minutes]]


def test_each_truck_loads_as_long_as_it_takes_to_fill_it() -> None:
    network = with_columns(
        fleet(2), vehicles={"capacity_kg": [2000.0, 900.0]}, sites={"load_kg_per_min": [100.0]}
    )
    assert stated([order()], network).site_service_min.tolist() == [[40, 29]]


@pytest.mark.parametrize(
    ("least", "needs"), [(500.0, [500, 400]), (500.1, [501, 400]), (300.0, [300, 300])]
)
def test_the_need_is_in_whole_kg_and_no_more_than_a_truck_carries(
    least: float, needs: list[int]
) -> None:
    network = with_columns(fleet(2), vehicles={"capacity_kg": [2000.0, 400.9]})
    assert stated([order(TANK_A, least, 600.0)], network).order_need.tolist() == [needs]


@pytest.mark.parametrize(
    ("stockout_h", "due"),
    [(1.0, 60), (1.99, 119), (0.0, 0), (-3.0, 0), (np.inf, FOREVER), (1e9, FOREVER)],
)
def test_a_drop_is_due_when_the_tank_is_dry(stockout_h: float, due: int) -> None:
    assert stated([order(stockout_h=stockout_h)]).order_due_min.tolist() == [due]


def windows(now: int, *rows: list[list[float]]) -> list[list[list[int]]]:
    """Windows of orders at A from a morning on."""
    at = cases.start(time_min=now)
    orders = [order(windows_h=row) for row in rows]
    return [each.tolist() for each in stated(orders, at=at).order_windows]


def test_windows_are_cut_to_whole_minutes_from_now() -> None:
    assert windows(0, [[1.001, 1.999]]) == [[[61, 119]]]
    assert windows(30, [[1.0, 2.0], [3.0, 4.0]], [[2.0, 3.0]]) == [
        [[30, 90], [150, 210]],
        [[90, 150]],
    ]
    assert windows(0, [[0.0, 1e9]]) == [[[0, FOREVER]]]


def test_windows_that_are_over_are_left_out() -> None:
    three = [[0.0, 1.0], [2.0, 3.0], [4.0, 5.0]]
    assert windows(150, three, [[1.0, 2.0]], three) == [
        [[0, 30], [90, 150]],
        [],
        [[0, 30], [90, 150]],
    ]
    # The last minute of a window is in it, no whole minute may be.
    assert windows(180, three) == [[[0, 0], [60, 120]]]
    assert windows(181, three) == [[[59, 119]]]
    assert windows(0, [[1.001, 1.016]]) == [[]]


def test_whole_minutes_survive_being_hours() -> None:
    for minute in range(120):
        assert windows(0, [[minute / 60, minute / 60]]) == [[[minute, minute]]]


def test_loading_starts_early_enough_to_end_before_the_site_closes() -> None:
    hours = (np.array([[100, 160], [200, 219], [300, 320]]),)
    network = with_columns(tiny.network(), sites={"access_min": hours})
    # 20 min; the second window is a minute too short.
    assert stated([order()], network).site_windows[0].tolist() == [[100, 140], [300, 300]]
    at = cases.start(time_min=120)
    assert stated([order()], network, at).site_windows[0].tolist() == [[0, 20], [180, 180]]
    assert stated([order()]).site_windows[0].tolist() == [[0, FOREVER - 20]]


def two_products() -> Network:
    """B takes oil, which the plant has not; truck 0 may carry gas alone."""
    network = fleet(2)
    return replace(
        network,
        products=("gas", "oil"),
        tanks=replace(network.tanks, product=np.array([0, 1])),
        vehicles=replace(network.vehicles, product_allowed=np.array([[True, False], [True, True]])),
        sites=replace(network.sites, product_offered=np.array([[True, False]])),
    )


@pytest.mark.parametrize(
    ("carried", "orders", "sites"),
    [
        ([0, 0], [[True, True], [False, False]], [[True, True]]),
        ([0, 1], [[True, False], [False, True]], [[True, False]]),
        # Oil on board of a truck that may not carry it.
        ([1, 0], [[False, True], [False, False]], [[False, True]]),
    ],
)
def test_trucks_serve_and_load_what_they_carry_and_may_carry(
    carried: list[int], orders: list[list[bool]], sites: list[list[bool]]
) -> None:
    network = two_products()
    at = cases.start(network, load_kg=np.full(2, 9.0), load_product=np.array(carried))
    got = stated([order(TANK_A), order(TANK_B)], network, at)
    assert got.slots.vehicle.tolist() == [0, 1]
    assert got.order_allowed.tolist() == orders
    assert got.site_allowed.tolist() == sites


def test_trucks_serve_and_load_only_where_they_may_come() -> None:
    network = with_columns(
        fleet(2),
        tanks={"vehicle_allowed": [[True, False], [False, True]]},
        sites={"vehicle_allowed": [[False, True]]},
    )
    got = stated([order(TANK_A), order(TANK_B)], network)
    assert got.order_allowed.tolist() == [[True, False], [False, True]]
    assert got.site_allowed.tolist() == [[False, True]]


@pytest.mark.parametrize(("payload", "enough"), [(400.0, True), (399.9, False)])
def test_a_truck_carries_a_tanks_minimum_drop_or_all_of_a_call_in_order(
    payload: float, enough: bool
) -> None:
    network = with_columns(
        tiny.network(call_ins=1),
        vehicles={"capacity_kg": [payload]},
        tanks={"min_drop_kg": [300.0, 400.0]},
    )
    orders = [order(TANK_A), order(TANK_B), order(CALL_IN, 400.0), order(CALL_IN, 300.0)]
    assert stated(orders, network).order_allowed[:, 0].tolist() == [True, enough, enough, True]


@pytest.mark.parametrize(("limit", "nights"), [(120, False), (119, True)])
def test_there_are_nights_if_some_customer_is_beyond_a_days_driving(
    limit: int, nights: bool
) -> None:
    network = with_columns(
        fleet(2), drivers={"max_driving_min": [limit, 50], "night_min": [600, 600]}
    )
    # To B and back are 120 min, to A and back 80.
    assert stated([order(TANK_A), order(TANK_B)], network).slots.night.any() == nights
    assert not stated([order(TANK_A)], network).slots.night.any()


def test_a_day_reaches_there_and_back_from_the_nearest_base() -> None:
    travel = tiny.network().travel_min.copy()
    travel[tiny.B, tiny.BASE] = 80
    network = with_columns(
        replace(fleet(2), travel_min=travel),
        drivers={"max_driving_min": [139, 139], "night_min": [600, 600]},
    )
    assert stated([order(TANK_B)], network).slots.night.any()  # 60 + 80
    # From the plant 50 + 50.
    near = with_columns(network, vehicles={"base_point": [tiny.BASE, tiny.SITE]})
    assert not stated([order(TANK_B)], near).slots.night.any()


def three_trucks(capacity: list[float]) -> Network:
    """Trucks that may carry gas, which A takes, or oil, which B takes."""
    network = fleet(3)
    return replace(
        network,
        products=("gas", "oil"),
        tanks=replace(network.tanks, product=np.array([0, 1])),
        vehicles=replace(
            network.vehicles,
            capacity_kg=np.array(capacity),
            product_allowed=np.ones((3, 2), dtype=bool),
        ),
        sites=replace(network.sites, product_offered=np.ones((1, 2), dtype=bool)),
    )


@pytest.mark.parametrize(
    ("capacity", "load", "penalties", "chosen"),
    [
        # The largest truck, then the next one chooses; 100 a 3000 kg is less than 60 a 1000 kg.
        ([1000.0, 2000.0, 1.0], [0.0, 0.0, 0.0], (100.0, 60.0), [1, 0, 1]),
        # 100 a 3000 kg is more than 30 a 1000 kg; the last one has 100 a 3001 and 30 a 1 kg.
        ([1000.0, 2000.0, 1.0], [0.0, 0.0, 0.0], (100.0, 30.0), [0, 0, 1]),
        # Equal trucks in turn; of equal products the first.
        ([1000.0, 1000.0, 1000.0], [0.0, 0.0, 0.0], (100.0, 100.0), [0, 1, 0]),
        # 2000 kg of gas are on the way: 100 a 3000 kg of gas is less than 40 a 1000 kg of oil.
        ([2000.0, 1000.0, 1.0], [5.0, 0.0, 0.0], (100.0, 40.0), [0, 1, 0]),
        # Traces on board are nothing.
        ([2000.0, 1000.0, 1.0], [1e-10, 0.0, 0.0], (40.0, 100.0), [1, 0, 1]),
    ],
)
def test_empty_trucks_choose_in_order_of_payload_what_has_least_trucks_for_its_penalties(
    capacity: list[float], load: list[float], penalties: tuple[float, float], chosen: list[int]
) -> None:
    network = three_trucks(capacity)
    at = cases.start(
        network, load_kg=np.array(load), load_product=np.where(np.array(load) > 0, 0, -1)
    )
    orders = [order(TANK_A, penalty=penalties[0]), order(TANK_B, penalty=penalties[1])]
    assert choose_products(network, at, orders).tolist() == chosen


def test_of_orders_without_penalties_the_heavier_one_decides() -> None:
    network = three_trucks([3.0, 2.0, 1.0])
    orders = [order(TANK_A, penalty=0.0), order(TANK_B, most=501.0, penalty=0.0)]
    assert choose_products(network, cases.start(network), orders).tolist()[0] == 1
    # A penny weighs more.
    orders[0] = order(TANK_A, penalty=0.01)
    assert choose_products(network, cases.start(network), orders).tolist()[0] == 0
