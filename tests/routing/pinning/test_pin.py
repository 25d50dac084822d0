"""The problem that pins leave, by hand in the tiny world: slots around fixed trips, the load after
them, the orders that they serve, and the limits that appointments set.

Base 0, plant 10, A 40, B 60, C 70 [min]; the driver rests 480 min between trips.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from lmrs_rl.domain import InputError, Network, Order, Snapshot, Stop, Trip
from lmrs_rl.domain.arrays import FOREVER
from lmrs_rl.routing.pinning.pins import Appointment, PinnedProblem, Pins, pin
from lmrs_rl.routing.problem import RoutingProblem
from tests import tiny
from tests.routing import cases
from tests.routing.cases import order, with_columns
from tests.tiny import CALL_IN, TANK_A, TANK_B

DAY = 1440


def pinned(
    *trips: Trip,
    orders: Sequence[Order] = (),
    network: Network | None = None,
    at: Snapshot | None = None,
    appointments: Sequence[Appointment] = (),
    days: int = 1,
) -> PinnedProblem:
    network = tiny.network(call_ins=1) if network is None else network
    at = cases.start(network) if at is None else at
    pins = Pins(trips, tuple(appointments))
    return pin(network, at, orders, pins, horizon_min=days * DAY)


def slots(problem: RoutingProblem) -> list[tuple[int, int, int, int, int]]:
    """Driver, vehicle, opening, last start and close of each slot."""
    own = problem.slots
    columns = (own.driver, own.vehicle, own.open_min, own.last_start_min, own.close_min)
    return list(zip(*(each.tolist() for each in columns), strict=True))


def idle(start: int, end: int, driver: int = 0, vehicle: int = 0) -> Trip:
    """A trip without a stop."""
    return Trip(driver, vehicle, 0, start, end, ())


def carrying(start: int, *kg: float, vehicle: int = 0, who: int = CALL_IN) -> Trip:
    """A trip of 100 min with drops of these kg, or loadings where they are less than 0."""
    stops = tuple(
        Stop("drop", who, start + 70, start + 100, x)
        if x > 0
        else Stop("load", 0, start + 10, start + 30, -x)
        for x in kg
    )
    return Trip(vehicle, vehicle, 0, start, start + 100, stops)


def two_trucks(**columns: Any) -> Network:
    """Driver 0 may drive both trucks, driver 1 the second one."""
    network = cases.fleet(2, tiny.network(call_ins=1))
    allowed = np.array([[True, True], [False, True]])
    return with_columns(network, drivers={"vehicle_allowed": allowed, **columns})


def test_a_driver_is_free_a_rest_before_and_a_rest_after_a_fixed_trip() -> None:
    # Driver 0 in truck 0 from 700 to 900: home at 220 before it, rested at 1380 after it.
    got = pinned(idle(700, 900), network=two_trucks()).problem
    assert slots(got) == [
        (0, 1, 0, 220, 220),
        (1, 1, 0, DAY - 1, 2 * DAY - 1),
        (0, 0, 1380, DAY - 1, 2 * DAY - 1),
        (0, 1, 1380, DAY - 1, 2 * DAY - 1),
    ]
    # One driver with a rest of 480, one truck without; the first has rested before the others open.
    assert got.slots.conflict.tolist() == [[0, 1, 0], [1, 3, 0], [2, 3, 480]]


def test_each_driver_rests_as_long_as_needed() -> None:
    network = two_trucks(min_rest_min=[100, 200])
    got = pinned(idle(700, 900, driver=1, vehicle=1), network=network).problem
    assert [row for row in slots(got) if row[0] == 1] == [(1, 1, 1100, DAY - 1, 2 * DAY - 1)]
    # Driver 0 is not on that trip, but the second truck is.
    assert [row[2:] for row in slots(got) if row[0] == 0] == [
        (0, DAY - 1, 2 * DAY - 1),
        (900, DAY - 1, 2 * DAY - 1),
    ]


def test_what_belongs_to_a_slot_goes_with_its_parts() -> None:
    network = with_columns(
        two_trucks(),
        tanks={"vehicle_allowed": [[True, False], [False, True]]},
        sites={"vehicle_allowed": [[False, True]]},
        vehicles={"capacity_kg": [2000.0, 400.0]},
        drivers={"cost_per_min": [3.0, 4.0]},
    )
    got = pinned(idle(700, 900), network=network, orders=[order(TANK_A), order(TANK_B)]).problem
    assert got.slots.vehicle.tolist() == [1, 1, 0, 1]
    assert got.order_allowed.tolist() == [[False, False, True, False], [True, True, False, True]]
    assert got.site_allowed.tolist() == [[True, True, False, True]]
    assert got.order_need.tolist() == [[400, 400, 500, 400]] * 2
    assert got.order_slot_cost.shape == (2, 4)
    assert got.slots.cost_per_min.tolist() == [3.0, 4.0, 3.0, 3.0]


@pytest.mark.parametrize(
    ("start", "before"), [(580, [(100, 100, 100)]), (579, []), (1000, [(100, 520, 520)])]
)
def test_a_slot_ends_a_rest_before_a_fixed_trip(
    start: int, before: list[tuple[int, int, int]]
) -> None:
    # The driver starts at 100 at the earliest, in the other truck.
    network = two_trucks(shift_min=(np.array([[100, 1200]]), np.zeros((0, 2))))
    got = pinned(idle(start, 1100), network=network).problem
    assert [row[2:] for row in slots(got)] == before


@pytest.mark.parametrize(
    ("end", "shift_end", "after"),
    [
        (959, 9000, [(1439, 1439, 2879)]),
        (960, 9000, []),
        (519, 1000, [(999, 1000, 1000)]),
        (520, 1000, []),
    ],
)
def test_a_slot_goes_on_a_rest_after_a_fixed_trip(
    end: int, shift_end: int, after: list[tuple[int, int, int]]
) -> None:
    network = with_columns(tiny.network(), drivers={"shift_min": (np.array([[0, shift_end]]),)})
    got = pinned(idle(100, end), network=network).problem
    assert [row[2:] for row in slots(got)] == after


def test_fixed_trips_count_on_the_networks_clock() -> None:
    at = cases.start(two_trucks(), time_min=DAY)
    got = pinned(idle(DAY + 700, DAY + 900), network=two_trucks(), at=at).problem
    assert (0, 1, 0, 220, 220) in slots(got)
    assert (0, 0, 1380, DAY - 1, 2 * DAY - 1) in slots(got)


def test_a_slot_with_a_night_stays_one_after_a_plain_one() -> None:
    network = two_trucks(max_driving_min=[100, 100], night_min=[600, 600])
    got = pinned(idle(100, 200), network=network, orders=[order(TANK_B)]).problem
    mine = got.slots.driver == 0
    assert got.slots.open_min[mine].tolist() == [680] * 4
    # By close, truck and night.
    assert got.slots.close_min[mine].tolist() == [2 * DAY - 1] * 2 + [3 * DAY - 1] * 2
    assert got.slots.vehicle[mine].tolist() == [0, 1, 0, 1]
    assert got.slots.night[mine].tolist() == [False, False, True, True]


@pytest.mark.parametrize(
    ("trips", "left"),
    [
        ((carrying(0, -1500.0, 1000.0),), 500.0),
        ((carrying(0, -1500.0, 1500.0),), 0.0),
        ((carrying(0, -900.0, 800.0, -1900.0),), 2000.0),
        # The later one is given first.
        ((carrying(500, 700.0), carrying(0, -1500.0)), 800.0),
        ((), 0.0),
    ],
)
def test_a_truck_has_on_board_what_its_fixed_trips_leave(
    trips: tuple[Trip, ...], left: float
) -> None:
    assert pinned(*trips).problem.vehicle_load_kg.tolist() == [left]


def test_a_fixed_trip_begins_with_what_is_on_board_of_its_own_truck() -> None:
    network = two_trucks()
    at = cases.loaded([300.0, 600.0], network)
    got = pinned(carrying(0, 100.0), network=network, at=at)
    assert got.problem.vehicle_load_kg.tolist() == [200.0, 600.0]
    got = pinned(carrying(0, 600.0, vehicle=1), network=network, at=at)
    assert got.problem.vehicle_load_kg.tolist() == [300.0, 0.0]
    with pytest.raises(InputError, match=r"pins\.trips\[0\]\.stops\[0\]\.kg.*400.*at most 300"):
        pinned(carrying(0, 400.0), network=network, at=at)


def test_an_order_may_load_what_the_truck_has_dropped_by_then_and_grams_more() -> None:
    pinned(carrying(0, -2000.0, 500.0, -500.0000005))
    with pytest.raises(InputError, match=r"stops\[2\]\.kg.*at most 500 kg"):
        pinned(carrying(0, -2000.0, 500.0, -500.01))
    assert pinned(carrying(0, -500.0, 500.0000005)).problem.vehicle_load_kg.tolist() == [0.0]


def two_products() -> Network:
    """B takes oil; the truck may carry either."""
    network = tiny.network(call_ins=1)
    both = np.array([[True, True]])
    return replace(
        network,
        products=("gas", "oil"),
        tanks=replace(network.tanks, product=np.array([0, 1])),
        vehicles=replace(network.vehicles, product_allowed=both),
        sites=replace(network.sites, product_offered=both),
    )


@pytest.mark.parametrize(("dropped", "product"), [(500.0, 1), (499.0, 0)])
def test_only_an_empty_truck_changes_its_product_after_a_fixed_trip(
    dropped: float, product: int
) -> None:
    got = pinned(carrying(0, -500.0, dropped), orders=[order(TANK_B)], network=two_products())
    assert got.problem.slots.product.tolist() == [product]


@pytest.mark.parametrize(("start", "fine"), [(600, True), (599, False)])
def test_a_fixed_trip_does_not_start_in_the_past(start: int, fine: bool) -> None:
    at = cases.start(time_min=600, vehicle_free_min=[300])
    if fine:
        pinned(idle(start, 700), at=at)
    else:
        with pytest.raises(InputError, match=r"trips\[0\]\.start_min.*599.*at least 600"):
            pinned(idle(start, 700), at=at)


def test_the_fixed_trip_that_is_refused_is_told_by_its_place() -> None:
    # The one that is given first starts before the other one is back.
    with pytest.raises(InputError, match=r"trips\[0\]\.start_min.*199.*at least 200"):
        pinned(idle(199, 300), idle(100, 200))
    pinned(idle(200, 300), idle(100, 200))


def calls(*windows_h: list[list[float]]) -> list[Order]:
    return [order(CALL_IN, windows_h=rows) for rows in windows_h]


@pytest.mark.parametrize(
    ("opens", "closes", "left"),
    [
        # The drop is 170 min past midnight.
        (170, 170, [0]),
        (171, 200, [1]),
        (100, 169, [1]),
        (0, 500, [0]),
    ],
)
def test_a_fixed_drop_serves_the_first_open_order_or_else_the_first(
    opens: int, closes: int, left: list[int]
) -> None:
    orders = calls([[50.0, 60.0]], [[opens / 60, closes / 60]])
    assert pinned(carrying(100, -500.0, 500.0), orders=orders).order_index.tolist() == left


def test_each_fixed_drop_serves_one_order_of_its_own_customer() -> None:
    orders = [order(TANK_A), *calls([[0.0, 9.0]], [[0.0, 9.0]], [[0.0, 9.0]])]
    twice = carrying(0, -1000.0, 500.0, 500.0)
    got = pinned(twice, orders=orders)
    # The plant is site 0, A is customer 0: loading serves nobody.
    assert got.order_index.tolist() == [0, 3]
    assert got.problem.order_customer.tolist() == [TANK_A, CALL_IN]


def test_an_appointment_cuts_the_windows_of_its_order() -> None:
    orders = [order(TANK_B), order(TANK_A, windows_h=[[1.0, 10.0], [12.0, 13.0], [20.0, 30.0]])]
    meeting = Appointment(TANK_A, 300, 1500)
    got = pinned(orders=orders, appointments=[meeting])
    assert [rows.tolist() for rows in got.problem.order_windows][1] == [
        [300, 600],
        [720, 780],
        [1200, 1500],
    ]
    assert [rows.tolist() for rows in got.without_appointments.order_windows][1][0] == [60, 600]
    assert got.appointed == (1,)
    # A window that it touches keeps one minute, one that it does not touch is gone.
    touching = pinned(orders=orders, appointments=[Appointment(TANK_A, 600, 719)])
    assert touching.problem.order_windows[1].tolist() == [[600, 600]]
    at = cases.start(time_min=60)
    later = pinned(orders=orders, at=at, appointments=[Appointment(TANK_A, 300, 330)])
    assert later.problem.order_windows[1].tolist() == [[240, 270]]


def test_an_appointment_without_times_or_people_leaves_its_order_as_it_is() -> None:
    got = pinned(orders=[order(TANK_A)], appointments=[Appointment(TANK_A)], network=two_trucks())
    assert got.problem.order_windows[0].tolist() == [[0, 6000]]
    assert got.problem.order_allowed.tolist() == [[True, True, True]]
    free = Appointment(TANK_A)
    assert (free.first_min, free.last_min) == (-FOREVER, FOREVER)


@pytest.mark.parametrize(
    ("vehicle", "driver", "allowed"),
    [
        (0, None, [True, False, False]),
        (1, None, [False, True, True]),
        (None, 0, [True, True, False]),
        (None, 1, [False, False, True]),
        (1, 0, [False, True, False]),
        (0, 1, [False, False, False]),
    ],
)
def test_an_appointment_is_with_its_vehicle_and_its_driver(
    vehicle: int | None, driver: int | None, allowed: list[bool]
) -> None:
    meeting = Appointment(TANK_A, vehicle=vehicle, driver=driver)
    got = pinned(
        orders=[order(TANK_B), order(TANK_A)], appointments=[meeting], network=two_trucks()
    )
    assert slots(got.problem)[0][:2] == (0, 0)
    assert got.problem.order_allowed.tolist() == [[True, True, True], allowed]
    # Who may not come at all does not come for an appointment either.
    network = with_columns(two_trucks(), tanks={"vehicle_allowed": np.zeros((2, 2), dtype=bool)})
    got = pinned(orders=[order(TANK_A)], appointments=[meeting], network=network)
    assert not got.problem.order_allowed.any()


def test_two_appointments_of_one_customer_are_for_two_orders() -> None:
    meetings = [Appointment(CALL_IN, 60, 120), Appointment(CALL_IN, 30, 90)]
    got = pinned(orders=calls([[0.0, 9.0]], [[0.0, 9.0]]), appointments=meetings)
    assert got.appointed == (0, 1)
    assert [rows.tolist() for rows in got.problem.order_windows] == [[[60, 120]], [[30, 90]]]
    with pytest.raises(InputError, match=r"pins\.appointments\[1\]\.customer"):
        pinned(orders=calls([[0.0, 9.0]]), appointments=meetings)


def test_an_appointment_that_a_fixed_trip_keeps_does_not_keep_others_from_theirs() -> None:
    meetings = [Appointment(CALL_IN), Appointment(TANK_A)]
    got = pinned(
        carrying(0, -500.0, 500.0),
        orders=[order(TANK_A), order(CALL_IN)],
        appointments=meetings,
    )
    assert got.appointed == (0,)
    assert got.order_index.tolist() == [0]
    # A loading at site 0 keeps none with customer 0.
    with pytest.raises(InputError, match=r"pins\.appointments\[1\]\.customer"):
        pinned(carrying(0, -500.0, 500.0), orders=[order(CALL_IN)], appointments=meetings)


def test_breaking_an_appointment_costs_ten_times_what_it_could_save() -> None:
    orders = [order(TANK_B, penalty=200.0), order(TANK_A, penalty=100.0)]
    got = pinned(orders=orders, appointments=[Appointment(TANK_A)])
    # A trip to A costs 105.
    assert got.prioritized.order_penalty.tolist() == [200.0, pytest.approx(10 * (1 + 300 + 105.0))]
    assert got.problem.order_penalty.tolist() == [200.0, 100.0]
    # Nobody can be there within half an hour: there is no trip to pay for.
    never = pinned(orders=orders, appointments=[Appointment(TANK_A, 0, 30)])
    assert never.prioritized.order_penalty.tolist() == [200.0, 10 * (1 + 300.0)]
    both = pinned(orders=orders, appointments=[Appointment(TANK_A), Appointment(TANK_B)])
    assert both.prioritized.order_penalty.tolist() == pytest.approx([10 * (1 + 300 + 250.0)] * 2)
    assert pinned(orders=orders).prioritized.order_penalty.tolist() == [200.0, 100.0]
