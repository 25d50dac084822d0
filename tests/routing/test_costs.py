"""What routes and trips cost, by hand, in the tiny world where every way has its own cost.

Base 0, plant 10, A 40, B 60, C 70 [min]; two minutes are a km on the way out, one on the way back.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from lmrs_rl.domain import Costs, Network, Order, Plan, Trip
from lmrs_rl.routing.costs import objective, plan_costs, trip_costs
from lmrs_rl.routing.problem import RoutingProblem, build_problem
from lmrs_rl.routing.reading import routes_of
from lmrs_rl.routing.routes import Route, Visit
from tests import tiny
from tests.routing import cases
from tests.routing.cases import order, with_columns
from tests.tiny import TANK_A, TANK_B

DAY = 1440
NIGHT = 600


def fleet(**drivers: Any) -> Network:
    """Two trucks at 1 and 2 a km, two drivers at 0.25 and 0.5 a km, 3 and 4 a minute and 70 and 80
    a night.

    On the way back a km takes one minute, so the way back costs twice the km.
    """
    network = tiny.network(call_ins=1)
    km = network.distance_km.copy()
    km[np.tril_indices(len(km))] *= 2
    columns = {
        "cost_per_km": [0.25, 0.5],
        "cost_per_min": [3.0, 4.0],
        "cost_per_night": [70.0, 80.0],
        "night_min": [NIGHT, NIGHT],
        "vehicle_allowed": np.ones((2, 2), dtype=bool),
        **drivers,
    }
    return with_columns(
        cases.fleet(2, replace(network, distance_km=km)),
        vehicles={"cost_per_km": [1.0, 2.0]},
        drivers=columns,
    )


def problem_of(orders: Sequence[Order], network: Network | None = None) -> RoutingProblem:
    network = fleet() if network is None else network
    return build_problem(network, cases.start(network), orders, horizon_min=DAY)


def trip(driver: int = 0, vehicle: int = 0, wait: int = 0) -> Trip:
    """To the plant, A, B and home, with a wait before B."""
    plain = tiny.trip()
    load, at_a, at_b = plain.stops
    later = replace(at_b, arrival_min=110 + wait, departure_min=140 + wait)
    return replace(
        plain, driver=driver, vehicle=vehicle, stops=(load, at_a, later), end_min=200 + wait
    )


def route(problem: RoutingProblem, driver: int = 0, vehicle: int = 0, wait: int = 0) -> Route:
    """The same trip as a route, of orders 0 for A and 1 for B."""
    slots = problem.slots
    of_both = (slots.driver == driver) & (slots.vehicle == vehicle) & ~slots.night
    (slot,) = np.flatnonzero(of_both).tolist()
    visits = (
        Visit(-1, 0, 10, 30),
        Visit(0, -1, 60, 90),
        Visit(1, -1, 110 + wait, 140 + wait),
    )
    return Route(slot, 0, 200 + wait, visits)


BOTH = [order(TANK_A, penalty=100.0), order(TANK_B, penalty=200.0)]
# Out 5 + 15 + 10 km, back 60.
KM = 90.0


@pytest.mark.parametrize("driver", [0, 1])
@pytest.mark.parametrize("vehicle", [0, 1])
def test_a_trip_costs_what_its_driver_and_its_vehicle_cost(driver: int, vehicle: int) -> None:
    per_km = (1.0, 2.0)[vehicle] + (0.25, 0.5)[driver]
    want = Costs(per_km * KM, (3.0, 4.0)[driver] * 200, 0.0, 0.0)
    assert trip_costs(fleet(), trip(driver, vehicle)) == want
    problem = problem_of(BOTH)
    assert plan_costs(problem, [route(problem, driver, vehicle)]) == want


@pytest.mark.parametrize(
    ("wait", "time", "nights"), [(NIGHT - 1, 799, 0.0), (NIGHT, 200, 70.0), (NIGHT + 9, 209, 70.0)]
)
def test_a_way_that_takes_a_night_longer_than_driving_is_a_night_whose_time_is_not_paid(
    wait: int, time: int, nights: float
) -> None:
    want = Costs(1.25 * KM, 3.0 * time, nights, 0.0)
    assert trip_costs(fleet(), trip(wait=wait)) == want
    problem = problem_of(BOTH)
    assert plan_costs(problem, [route(problem, wait=wait)]) == want


def test_nights_are_counted_on_the_ways_out_and_home_too() -> None:
    # Leaving NIGHT min before the way to the plant begins, home NIGHT min late.
    long = replace(trip(), start_min=-NIGHT, end_min=200 + NIGHT)
    want = Costs(1.25 * KM, 3.0 * 200, 140.0, 0.0)
    assert trip_costs(fleet(), long) == want
    problem = problem_of(BOTH)
    given = replace(route(problem), start_min=-NIGHT, end_min=200 + NIGHT)
    assert plan_costs(problem, [given]) == want


def test_a_driver_without_nights_is_paid_for_the_longest_wait() -> None:
    network = fleet(night_min=[0, 0])
    want = Costs(1.25 * KM, 3.0 * (200 + NIGHT), 0.0, 0.0)
    assert trip_costs(network, trip(wait=NIGHT)) == want
    problem = problem_of(BOTH, network)
    assert plan_costs(problem, [route(problem, wait=NIGHT)]) == want


def test_trips_begin_and_end_at_the_base_of_their_vehicle() -> None:
    # Truck 1 is at home at the plant: 0 + 15 + 10 km out, back 50.
    network = with_columns(fleet(), vehicles={"base_point": [tiny.BASE, tiny.SITE]})
    assert trip_costs(network, trip(vehicle=1)).distance == 2.25 * 75.0
    problem = problem_of(BOTH, network)
    assert plan_costs(problem, [route(problem, vehicle=1)]).distance == 2.25 * 75.0


def test_a_trip_to_a_call_in_customer_is_to_where_that_customer_is() -> None:
    stop = replace(tiny.trip().stops[1], place=tiny.CALL_IN)
    # C is at 70 min: 35 km out and 70 back.
    assert trip_costs(fleet(), replace(trip(), stops=(stop,))).distance == 1.25 * 105.0


def test_costs_of_routes_add_up_and_orders_that_none_serves_cost_their_penalty() -> None:
    problem = problem_of([*BOTH, order(tiny.CALL_IN, penalty=400.0)])
    assert plan_costs(problem, []) == Costs(0.0, 0.0, 0.0, 700.0)
    one = route(problem)
    assert plan_costs(problem, [one]).missed == 400.0
    only_b = replace(route(problem, 1, 1, wait=NIGHT), visits=route(problem, wait=NIGHT).visits[2:])
    # To B 30 km and back 60; leaving at 0, at B at 710: 710 - 60 is more than a night.
    assert plan_costs(problem, [only_b]) == Costs(2.5 * 90.0, 4.0 * 200, 80.0, 500.0)
    assert plan_costs(problem, [one, only_b]) == Costs(
        1.25 * KM + 2.5 * 90.0, 3.0 * 200 + 4.0 * 200, 80.0, 400.0
    )


def test_a_trip_and_its_route_cost_the_same() -> None:
    problem = problem_of(BOTH)
    from_trip = tiny.trip()
    plan = Plan(0, (from_trip,), (), Costs(0.0, 0.0, 0.0, 0.0))
    assert plan_costs(problem, routes_of(problem, plan)) == trip_costs(fleet(), from_trip)


def test_the_objective_prices_late_minutes_of_each_drop() -> None:
    # A is dry after an hour, when its drop begins, B after an hour and a half: 20 min late at
    # 2880 / 1440 a minute.
    orders = [
        order(TANK_A, penalty=1440.0, stockout_h=1.0),
        order(TANK_B, penalty=2880.0, stockout_h=1.5),
    ]
    problem = problem_of(orders)
    routes = [route(problem)]
    assert objective(problem, routes) == pytest.approx(plan_costs(problem, routes).total + 40.0)
    # An order that is missed is not late.
    assert objective(problem, []) == 1440.0 + 2880.0


def test_the_objective_prices_each_drop_in_its_own_slot() -> None:
    problem = problem_of(BOTH)
    price = np.arange(2.0 * len(problem.slots)).reshape(2, -1) + 1.0
    priced = replace(problem, order_slot_cost=price)
    routes = [route(problem, 1, 1)]
    k = routes[0].slot
    extra = price[0, k] + price[1, k]
    assert objective(priced, routes) == pytest.approx(objective(problem, routes) + extra)


def test_the_objective_prices_kg_that_a_drop_lacks() -> None:
    # A takes 500 kg of 900, all that is on board without loading: 400 kg at 0.5.
    problem = problem_of([order(TANK_A, 500.0, 900.0, value_per_kg=0.5)])
    problem = replace(problem, vehicle_load_kg=np.array([500.0, 0.0]))
    visits = (Visit(0, -1, 40, 70),)
    routes = [Route(0, 0, 110, visits)]
    assert problem.slots.vehicle[0] == 0
    assert objective(problem, routes) == pytest.approx(plan_costs(problem, routes).total + 200.0)
