"""A plan read back in the tiny world: which slot each trip fills, which order each drop serves, and
where the driver sleeps.

Base 0, plant 10, A 40, B 60, C 70 [min].
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from lmrs_rl.domain import Costs, InputError, Order, Plan, Stop, Trip
from lmrs_rl.routing.problem import RoutingProblem, build_problem
from lmrs_rl.routing.reading import find_slot, orders_of_drops, routes_of, sleeps
from lmrs_rl.routing.routes import Route, Visit
from tests import tiny
from tests.routing import cases
from tests.routing.cases import order, with_columns
from tests.tiny import CALL_IN, TANK_A, TANK_B

DAY = 1440


def problem_of(orders: Sequence[Order], now: int = 0, **drivers: Any) -> RoutingProblem:
    """The first day's problem of the tiny world with one call-in customer."""
    network = with_columns(tiny.network(call_ins=1), drivers=drivers)
    return build_problem(network, cases.start(network, time_min=now), orders, horizon_min=DAY)


def calls(*windows_h: list[list[float]]) -> RoutingProblem:
    """Orders of the call-in customer with these windows."""
    return problem_of([order(CALL_IN, windows_h=each) for each in windows_h])


def plan_of(*trips: Trip) -> Plan:
    return Plan(0, trips, (), Costs(0.0, 0.0, 0.0, 0.0))


def drops_at(*minutes: int, who: int = CALL_IN) -> Trip:
    """A trip with a drop of 30 min at each of these minutes."""
    stops = tuple(Stop("drop", who, at, at + 30, 500.0) for at in minutes)
    return Trip(0, 0, 0, minutes[0] - 70, minutes[-1] + 100, stops)


def moved(trip: Trip, number: int, minutes: int) -> Trip:
    """The trip with the stops from ``number`` on, and the end, so much later."""
    stops = tuple(
        replace(s, arrival_min=s.arrival_min + minutes, departure_min=s.departure_min + minutes)
        if k >= number
        else s
        for k, s in enumerate(trip.stops)
    )
    return replace(trip, stops=stops, end_min=trip.end_min + minutes)


def test_a_drop_serves_the_open_order_that_closes_first_and_each_order_once() -> None:
    problem = calls([[0.0, 10.0]], [[0.0, 5.0]], [[20.0, 22.0]])
    # The third drop finds both open orders served, the last order is not open yet.
    assert orders_of_drops(problem, [drops_at(100, 200, 250)]) == {(0, 0): 1, (0, 1): 0}


def test_of_orders_that_close_together_the_first_is_served() -> None:
    problem = calls([[1.0, 5.0]], [[0.0, 5.0]])
    assert orders_of_drops(problem, [drops_at(100)]) == {(0, 0): 0}


def test_an_order_closes_with_its_last_window() -> None:
    problem = calls([[0.0, 2.0], [50.0, 60.0]], [[0.0, 10.0]])
    assert orders_of_drops(problem, [drops_at(60)]) == {(0, 0): 1}


@pytest.mark.parametrize(
    ("minute", "is_open"),
    [(59, False), (60, True), (120, True), (121, False), (179, False), (180, True), (241, False)],
)
def test_a_drop_serves_an_order_from_the_first_to_the_last_minute_of_a_window(
    minute: int, is_open: bool
) -> None:
    problem = calls([[1.0, 2.0], [3.0, 4.0]])
    assert orders_of_drops(problem, [drops_at(minute)]) == ({(0, 0): 0} if is_open else {})


def test_the_earlier_drop_serves_the_order_whatever_the_order_of_trips() -> None:
    problem = calls([[0.0, 20.0]])
    assert orders_of_drops(problem, [drops_at(900), drops_at(100)]) == {(1, 0): 0}


def test_of_drops_at_one_minute_the_first_trips_serves_the_order() -> None:
    problem = calls([[0.0, 20.0]])
    assert orders_of_drops(problem, [drops_at(100), drops_at(100)]) == {(0, 0): 0}


def test_a_loading_serves_nobody() -> None:
    # The plant is site 0, tank A customer 0: B's drop serves order 0, the loading not A's order.
    problem = problem_of([order(TANK_B), order(TANK_A)])
    trip = replace(tiny.trip(), stops=(tiny.trip().stops[0], tiny.trip().stops[2]))
    assert orders_of_drops(problem, [trip]) == {(0, 1): 0}


def test_drops_count_from_the_morning() -> None:
    problem = problem_of([order(TANK_A, windows_h=[[25.0, 25.0]])], now=DAY)
    assert orders_of_drops(problem, [drops_at(DAY + 60, who=TANK_A)]) == {(0, 0): 0}
    assert orders_of_drops(problem, [drops_at(60, who=TANK_A)]) == {}


@pytest.mark.parametrize(
    ("start", "end", "fits"),
    [
        (100, 300, True),
        (99, 300, False),
        (1439, 1600, True),
        (1440, 1600, False),
        (1000, 2000, True),
        (1000, 2001, False),
    ],
)
def test_a_trip_fits_from_the_opening_of_its_slot_to_its_close(
    start: int, end: int, fits: bool
) -> None:
    # The shift is longer than the one day on which trips may start.
    problem = problem_of([order()], shift_min=(np.array([[100, 2000]]),))
    trip = replace(tiny.trip(), start_min=start, end_min=end)
    assert find_slot(problem, trip, set()) == (0 if fits else None)


def test_a_slot_is_found_by_driver_vehicle_and_product_and_counts_from_the_morning() -> None:
    network = with_columns(cases.fleet(2), drivers={"vehicle_allowed": np.ones((2, 2), dtype=bool)})
    problem = build_problem(network, cases.start(network, time_min=60), [order()], horizon_min=DAY)
    assert len(problem.slots) == 4
    for driver in (0, 1):
        for vehicle in (0, 1):
            trip = replace(tiny.trip(start_min=60), driver=driver, vehicle=vehicle)
            slot = find_slot(problem, trip, set())
            assert slot is not None
            assert (problem.slots.driver[slot], problem.slots.vehicle[slot]) == (driver, vehicle)
            assert find_slot(problem, replace(trip, product=1), set()) is None
            assert find_slot(problem, replace(trip, start_min=59), set()) is None


def test_a_slot_that_is_used_is_not_found_again() -> None:
    problem = problem_of([order()])
    assert find_slot(problem, tiny.trip(), {0}) is None
    assert find_slot(problem, tiny.trip(), {1}) == 0


@pytest.mark.parametrize(
    ("night", "used", "found"),
    [
        ((False, True), set(), 0),
        ((True, False), set(), 1),
        ((True, False), {1}, 0),
        ((False, False), set(), 0),
        ((True, True), set(), 0),
    ],
)
def test_a_trip_without_a_night_takes_a_slot_without_one_first(
    night: tuple[bool, bool], used: set[int], found: int
) -> None:
    problem = with_nights([order(TANK_A), order(TANK_B)])
    slots = replace(problem.slots, night=np.array(night))
    assert find_slot(replace(problem, slots=slots), tiny.trip(), used) == found


def with_nights(orders: Sequence[Order]) -> RoutingProblem:
    """Two slots, plain and with a night of 600 min: driving 100 min a day is too little for B."""
    problem = problem_of(orders, night_min=[600], max_driving_min=[100])
    assert problem.slots.night.tolist() == [False, True]
    return problem


def test_a_trip_with_a_night_takes_a_slot_with_one() -> None:
    problem = with_nights([order(TANK_A), order(TANK_B)])
    trip = moved(tiny.trip(), 2, 600)
    assert find_slot(problem, trip, set()) == 1
    assert find_slot(problem, trip, {1}) is None


@pytest.mark.parametrize("stop", [0, 1, 2])
@pytest.mark.parametrize(("wait", "slept"), [(600, True), (599, False)])
def test_the_driver_sleeps_after_a_stop_if_the_way_on_takes_a_night_longer(
    stop: int, wait: int, slept: bool
) -> None:
    problem = with_nights([order(TANK_A), order(TANK_B)])
    # tiny.trip() has no waits: what is added after a stop is the wait there.
    trip = moved(tiny.trip(), stop + 1, wait)
    assert sleeps(problem, 1, trip) == [slept and k == stop for k in range(3)]


def test_a_driver_without_nights_never_sleeps() -> None:
    problem = problem_of([order(TANK_A), order(TANK_B)])
    assert sleeps(problem, 0, moved(tiny.trip(), 2, 5000)) == [False] * 3


def test_a_trip_becomes_a_route_in_minutes_of_the_morning() -> None:
    problem = problem_of([order(TANK_B), order(TANK_A)], now=DAY)
    assert routes_of(problem, plan_of(tiny.trip(start_min=DAY))) == (
        Route(
            slot=0,
            start_min=0,
            end_min=200,
            visits=(Visit(-1, 0, 10, 30), Visit(1, -1, 60, 90), Visit(0, -1, 110, 140)),
        ),
    )


def test_a_route_tells_where_the_driver_sleeps() -> None:
    problem = with_nights([order(TANK_A), order(TANK_B)])
    (route,) = routes_of(problem, plan_of(moved(tiny.trip(), 2, 600)))
    assert route.slot == 1
    assert [visit.sleeps for visit in route.visits] == [False, True, False]


def test_routes_come_in_the_order_of_trips() -> None:
    network = cases.fleet(2, tiny.network(call_ins=1))
    orders = [order(CALL_IN), order(TANK_A)]
    problem = build_problem(network, cases.start(network), orders, horizon_min=DAY)
    second, first = drops_at(100, who=TANK_A), replace(drops_at(200), driver=1, vehicle=1)
    routes = routes_of(problem, plan_of(first, second))
    assert [(r.slot, [v.order for v in r.visits]) for r in routes] == [(1, [0]), (0, [1])]


def test_a_second_trip_in_a_slot_and_a_drop_without_an_order_are_refused_by_number() -> None:
    problem = problem_of([order(TANK_A), order(TANK_B)])
    with pytest.raises(InputError, match=r"plan\.trips\[1\]:"):
        routes_of(problem, plan_of(tiny.trip(), tiny.trip(start_min=700)))
    no_b = problem_of([order(TANK_A)])
    with pytest.raises(InputError, match=r"plan\.trips\[0\]\.stops\[2\]"):
        routes_of(no_b, plan_of(tiny.trip()))
