"""Yesterday's plan on this morning's problem in the tiny world: what is kept, for which orders.

Base 0, plant 10, A 40, B 60, C 70 [min]; loading takes 20 min, a drop 30 min.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from lmrs_rl.domain import Costs, Network, Order, Plan, Snapshot, Stop, Trip
from lmrs_rl.routing.core.arrays import core_arrays
from lmrs_rl.routing.problem import RoutingProblem, build_problem
from lmrs_rl.routing.routes import Route
from lmrs_rl.routing.shift import planned_days, shifted_routes
from tests import tiny
from tests.routing import cases
from tests.routing.cases import order, with_columns
from tests.tiny import CALL_IN, TANK_A, TANK_B

DAY = 1440
LOAD, AT_A, AT_B = tiny.trip().stops


def problem_of(
    orders: Sequence[Order],
    network: Network | None = None,
    at: Snapshot | None = None,
    days: int = 3,
) -> RoutingProblem:
    network = tiny.network(call_ins=1) if network is None else network
    at = cases.start(network) if at is None else at
    return build_problem(network, at, orders, horizon_min=days * DAY)


def full(now: int = 0) -> Snapshot:
    """A full truck at ``now``."""
    return cases.loaded(2000.0, tiny.network(call_ins=1), time_min=now)


def plan_of(*trips: Trip) -> Plan:
    return Plan(0, trips, (), Costs(0.0, 0.0, 0.0, 0.0))


def trip_of(*stops: Stop, start: int = 0, **changes: Any) -> Trip:
    """A trip of 200 min with these stops of `tiny.trip`, all so much later."""
    moved = tuple(
        replace(s, arrival_min=s.arrival_min + start, departure_min=s.departure_min + start)
        for s in stops
    )
    return replace(tiny.trip(start), stops=moved, **changes)


def kept(routes: Sequence[Route]) -> list[tuple[int, list[tuple[int, int]]]]:
    """Slot and visits (order, site) of each route."""
    return [(r.slot, [(v.order, v.site) for v in r.visits]) for r in routes]


def test_a_trip_that_is_still_legal_is_kept_as_it_is() -> None:
    problem = problem_of([order(TANK_B), order(TANK_A)])
    routes = shifted_routes(problem, plan_of(tiny.trip()))
    assert kept(routes) == [(0, [(-1, 0), (1, -1), (0, -1)])]
    assert shifted_routes(problem, plan_of(tiny.trip()), core_arrays(problem)) == routes


def test_without_orders_or_slots_there_is_nothing_to_keep() -> None:
    assert shifted_routes(problem_of([]), plan_of(tiny.trip())) == ()
    nobody = with_columns(tiny.network(), drivers={"vehicle_allowed": [[False]]})
    assert shifted_routes(problem_of([order()], nobody), plan_of(tiny.trip())) == ()


@pytest.mark.parametrize(("start", "stays"), [(600, True), (599, False)])
def test_a_trip_that_has_started_is_not_kept(start: int, stays: bool) -> None:
    problem = problem_of([order(TANK_A)], at=full(600))
    assert kept(shifted_routes(problem, plan_of(trip_of(AT_A, start=start)))) == (
        [(0, [(0, -1)])] if stays else []
    )


def test_trips_are_put_in_by_start_so_that_a_later_one_finds_what_an_earlier_one_loads() -> None:
    problem = problem_of([order(TANK_A), order(TANK_B)])
    plan = plan_of(trip_of(AT_B, start=DAY), trip_of(LOAD, AT_A))
    assert kept(shifted_routes(problem, plan)) == [(0, [(-1, 0), (0, -1)]), (1, [(1, -1)])]


@pytest.mark.parametrize("other", [{"driver": 1, "vehicle": 1}, {"vehicle": 1}])
def test_of_trips_that_start_together_the_one_of_the_first_driver_and_truck_is_kept(
    other: dict[str, int],
) -> None:
    # Both drop at A at the same minute; there is one order.
    allowed = np.array([[True, True], [False, True]])
    network = with_columns(cases.fleet(2), drivers={"vehicle_allowed": allowed})
    problem = problem_of([order(TANK_A)], network, cases.loaded(500.0, network), days=1)
    (route,) = shifted_routes(problem, plan_of(trip_of(AT_A, **other), trip_of(AT_A)))
    assert (problem.slots.driver[route.slot], problem.slots.vehicle[route.slot]) == (0, 0)


def test_a_trip_without_a_slot_and_a_second_one_in_a_slot_are_left_out() -> None:
    problem = problem_of([order(TANK_A), order(TANK_B)], at=full())
    unknown = trip_of(replace(AT_A, place=CALL_IN), product=1)  # no truck carries that
    plan = plan_of(unknown, trip_of(AT_A, start=1), trip_of(AT_B, start=700))
    assert kept(shifted_routes(problem, plan)) == [(0, [(0, -1)])]
    plan = plan_of(unknown, trip_of(AT_B, start=1), trip_of(AT_A, start=700))
    assert kept(shifted_routes(problem, plan)) == [(0, [(1, -1)])]


def test_a_drop_before_its_window_has_moved_waits_for_it() -> None:
    # Yesterday A was served after 60 min; now its window opens after 90.
    problem = problem_of([order(TANK_A, windows_h=[[1.5, 10.0]])], at=full())
    (route,) = shifted_routes(problem, plan_of(trip_of(AT_A)))
    assert [(v.order, v.arrival_min) for v in route.visits] == [(0, 90)]


def test_a_customer_without_an_order_is_left_out() -> None:
    problem = problem_of([order(TANK_B)])
    assert kept(shifted_routes(problem, plan_of(tiny.trip()))) == [(0, [(-1, 0), (0, -1)])]


def test_a_customer_whom_the_truck_may_not_visit_any_more_is_left_out() -> None:
    network = with_columns(tiny.network(), tanks={"vehicle_allowed": [[False], [True]]})
    problem = problem_of([order(TANK_A), order(TANK_B)], network)
    assert kept(shifted_routes(problem, plan_of(tiny.trip()))) == [(0, [(-1, 0), (1, -1)])]


def test_a_site_that_has_no_product_any_more_is_left_out_and_with_it_what_needs_it() -> None:
    dry = with_columns(tiny.network(), sites={"product_offered": [[False]]})
    orders = [order(TANK_A), order(TANK_B)]
    assert shifted_routes(problem_of(orders, dry), plan_of(tiny.trip())) == ()
    problem = problem_of(orders, dry, cases.loaded(500.0))
    # On board is enough for one of the two, the first on the way.
    assert kept(shifted_routes(problem, plan_of(tiny.trip()))) == [(0, [(0, -1)])]


def test_the_second_of_two_sites_is_kept_as_the_second() -> None:
    network = with_columns(
        tiny.network(),
        sites={
            "ids": ("plant", "other"),
            "point": [tiny.SITE, tiny.SITE],
            "product_offered": [[True], [True]],
            "setup_min": [20, 20],
            "load_kg_per_min": [np.inf, np.inf],
            "vehicle_allowed": [[True], [True]],
            "access_min": tiny.network().sites.access_min * 2,
        },
    )
    plan = plan_of(trip_of(replace(LOAD, place=1), AT_A))
    assert kept(shifted_routes(problem_of([order(TANK_A)], network), plan)) == [
        (0, [(-1, 1), (0, -1)])
    ]


def test_a_night_on_the_road_is_kept() -> None:
    # 100 min of driving a day are too few for B and back (120), but not with a night of 600 min at
    # A, on the way: 40 min before it, 80 after it.
    network = with_columns(
        tiny.network(),
        drivers={"night_min": [600], "max_driving_min": [100]},
        tanks={"overnight": [True, False]},
    )
    problem = problem_of([order(TANK_A), order(TANK_B)], network, cases.loaded(2000.0), days=1)
    later = replace(AT_B, arrival_min=710, departure_min=740)
    (route,) = shifted_routes(problem, plan_of(trip_of(AT_A, later, end_min=800)))
    assert problem.slots.night[route.slot]
    assert [(v.order, v.sleeps) for v in route.visits] == [(0, True), (1, False)]


def test_a_loading_that_nothing_needs_any_more_is_left_out() -> None:
    problem = problem_of([order(TANK_A)], at=cases.loaded(500.0))
    assert kept(shifted_routes(problem, plan_of(trip_of(LOAD, AT_A)))) == [(0, [(0, -1)])]


def test_of_two_loadings_of_which_one_will_do_the_earlier_one_stays() -> None:
    # 500 kg on board do for A; B takes what either trip loads.
    problem = problem_of([order(TANK_A), order(TANK_B)], at=cases.loaded(500.0))
    plan = plan_of(trip_of(LOAD, AT_A), trip_of(LOAD, AT_B, start=DAY))
    assert kept(shifted_routes(problem, plan)) == [(0, [(-1, 0), (0, -1)]), (1, [(1, -1)])]


def at_c(start: int) -> Trip:
    """A trip that starts then and reaches the call-in customer 70 min later."""
    return trip_of(Stop("drop", CALL_IN, 70, 100, 500.0), start=start)


@pytest.mark.parametrize(("start", "day"), [(0, 0), (1439, 0), (1440, 1), (2880, 2)])
def test_an_order_is_planned_for_the_day_on_which_its_trip_starts(start: int, day: int) -> None:
    # The trip of minute 1439 reaches A on the next day.
    problem = problem_of([order(TANK_B), order(TANK_A)], at=full(600))
    assert planned_days(problem, plan_of(trip_of(AT_A, start=600 + start))).tolist() == [-1, day]


def test_drops_outside_all_windows_go_to_the_customers_orders_one_each() -> None:
    # Neither order is open at 70 min past midnight.
    later = [order(CALL_IN, windows_h=[[60.0, 70.0]]) for _ in range(2)]
    problem = problem_of([order(TANK_A), *later])
    assert planned_days(problem, plan_of(at_c(0), at_c(DAY))).tolist() == [-1, 0, 1]
    # A third drop finds none left.
    plan = plan_of(at_c(0), at_c(DAY), at_c(2 * DAY))
    assert planned_days(problem, plan).tolist() == [-1, 0, 1]


def test_a_drop_outside_all_windows_does_not_take_an_order_that_another_drop_serves() -> None:
    # The first order is open on the second day.
    orders = [
        order(CALL_IN, windows_h=[[24.0, 40.0]]),
        order(CALL_IN, windows_h=[[60.0, 70.0]]),
    ]
    assert planned_days(problem_of(orders), plan_of(at_c(0), at_c(DAY))).tolist() == [1, 0]


def test_a_drop_without_any_order_keeps_none_after_it_from_theirs() -> None:
    # Nobody has ordered at A; B is closed at the minute of its drop.
    problem = problem_of([order(TANK_B, windows_h=[[60.0, 70.0]])])
    assert planned_days(problem, plan_of(tiny.trip())).tolist() == [0]


def test_a_loading_is_no_drop_at_the_customer_of_the_same_number() -> None:
    # The plant is site 0, A is customer 0.
    problem = problem_of([order(TANK_A, windows_h=[[60.0, 70.0]])])
    assert planned_days(problem, plan_of(trip_of(LOAD, AT_B))).tolist() == [-1]
