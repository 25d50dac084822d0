"""The router around what is fixed, by hand in the tiny world: prices of moving, room for
appointments, and fixed trips in the plan.

Base 0, plant 10, A 40, B 60, C 70 [min]; loading takes 20 min, a drop 30 min; 1 a km, 0.5 a minute.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from lmrs_rl.domain import Costs, Network, Order, Plan, Snapshot, Trip
from lmrs_rl.routing import RouterSettings
from lmrs_rl.routing.core import CoreSettings
from lmrs_rl.routing.pinning.pinned import PinnedRouter, with_move_price
from lmrs_rl.routing.pinning.pins import Appointment, Pins
from lmrs_rl.routing.problem import RoutingProblem, build_problem
from lmrs_rl.routing.routes import Route, Routes
from tests import tiny
from tests.routing import cases
from tests.routing.cases import order, with_columns
from tests.tiny import CALL_IN, TANK_A, TANK_B

DAY = 1440
IDLE = RouterSettings(
    horizon_days=1, core=CoreSettings(iterations=0, iterations_per_order=0), search=None
)
LITTLE = RouterSettings(
    horizon_days=1, core=CoreSettings(iterations=50, iterations_per_order=0), search=None
)


def before(day: int) -> Plan:
    """A plan with A and B on that day."""
    return Plan(0, (tiny.trip(start_min=day * DAY),), (), Costs(0.0, 0.0, 0.0, 0.0))


def priced(day: int, from_day: int, price: float = 7.0) -> list[list[float]]:
    """Prices in four slots, one a day, of an order at A and of one at C, who is not in the plan."""
    network = tiny.network(call_ins=1)
    orders = [order(TANK_A), order(CALL_IN)]
    problem = build_problem(network, cases.start(network), orders, horizon_min=4 * DAY)
    paid = replace(problem, order_slot_cost=problem.order_slot_cost + 1.0)
    cost = with_move_price(paid, before(day), price, from_day).order_slot_cost
    return [list(row) for row in cost.tolist()]


@pytest.mark.parametrize(
    ("day", "from_day", "want"),
    [
        (2, 1, [8.0, 8.0, 1.0, 8.0]),
        (2, 2, [8.0, 8.0, 1.0, 8.0]),
        (2, 3, [1.0, 1.0, 1.0, 1.0]),
        (0, 0, [1.0, 8.0, 8.0, 8.0]),
        (0, 1, [1.0, 1.0, 1.0, 1.0]),
    ],
)
def test_every_other_day_costs_the_price_on_top(day: int, from_day: int, want: list[float]) -> None:
    assert priced(day, from_day) == [want, [1.0] * 4]


def seen(router: PinnedRouter, orders: Sequence[Order], network: Network) -> list[RoutingProblem]:
    """The problem and the routes that the router gives to its search."""
    calls: list[RoutingProblem] = []

    def search(
        problem: RoutingProblem, settings: RouterSettings, start: tuple[Route, ...]
    ) -> Routes:
        assert settings is router.settings
        calls.append(problem)
        return Routes(start)

    replace(router, search=search)(network, cases.start(network), orders)
    return calls


def test_moving_has_a_price_only_after_a_plan_and_only_if_it_is_not_zero() -> None:
    settings = replace(IDLE, horizon_days=3)
    router = PinnedRouter(previous_plan=before(2), move_price=7.0, settings=settings)
    for changes, want in (
        ({}, [[7.0, 7.0, 0.0]]),
        ({"stable_from_day": 3}, [[0.0, 0.0, 0.0]]),
        ({"move_price": 0.0}, [[0.0, 0.0, 0.0]]),
        ({"previous_plan": None}, [[0.0, 0.0, 0.0]]),
    ):
        changed: PinnedRouter = replace(router, **changes)
        (problem,) = seen(changed, [order(TANK_A)], tiny.network())
        assert problem.order_slot_cost.tolist() == want


def test_day_one_is_the_first_stable_day_and_moving_is_free_by_default() -> None:
    plain = PinnedRouter()
    assert (plain.stable_from_day, plain.move_price) == (1, 0.0)
    assert (plain.pins, plain.previous_plan) == (Pins(), None)


def test_the_router_of_the_next_morning_has_no_pins_but_all_else() -> None:
    router = PinnedRouter(Pins((tiny.trip(),)), None, 3.0, 2, IDLE)
    assert router.following(before(0)) == PinnedRouter(Pins(), before(0), 3.0, 2, IDLE)


def made(
    orders: Sequence[Order],
    network: Network,
    *appointments: Appointment,
    trips: Sequence[Trip] = (),
    at: Snapshot | None = None,
    settings: RouterSettings = IDLE,
    **more: Any,
) -> Plan:
    at = cases.start(network) if at is None else at
    router = PinnedRouter(Pins(tuple(trips), appointments), settings=settings, **more)
    plan = router(network, at, orders)
    assert not cases.broken(plan, network, at)
    return plan


def kept(start: Sequence[Order], network: Network, *appointments: Appointment) -> list[list[int]]:
    """Orders on each route from which the search starts."""
    found: list[tuple[Route, ...]] = []

    def search(_: RoutingProblem, __: RouterSettings, routes: tuple[Route, ...]) -> Routes:
        found.append(routes)
        return Routes(routes)

    made(start, network, *appointments, search=search)
    return [[v.order for v in route.visits if v.order >= 0] for route in found[0]]


def one_trip_each() -> Network:
    """Two trucks whose shifts do for A or B but not for both; the first one is cheaper."""
    return with_columns(
        cases.fleet(2),
        drivers={"shift_min": (np.array([[0, 170]]), np.array([[0, 170]]))},
        vehicles={"cost_per_km": [1.0, 2.0]},
    )


def test_the_search_starts_with_all_appointments_those_of_fewest_slots_first() -> None:
    # A alone would take the first truck, which B needs.
    orders = [order(TANK_A), order(TANK_B)]
    meetings = (Appointment(TANK_A), Appointment(TANK_B, vehicle=0))
    assert kept(orders, one_trip_each(), *meetings) == [[1], [0]]
    assert kept(orders, one_trip_each(), meetings[0]) == [[0]]
    assert kept(orders, one_trip_each()) == []


def test_of_appointments_with_as_many_slots_the_first_order_is_first() -> None:
    network = with_columns(tiny.network(), drivers={"shift_min": (np.array([[0, 170]]),)})
    orders = [order(TANK_B), order(TANK_A)]
    assert kept(orders, network, Appointment(TANK_A), Appointment(TANK_B)) == [[0]]


def test_the_search_starts_from_the_plan_before_with_appointments_in_it() -> None:
    network = tiny.network(call_ins=1)
    orders = [order(TANK_A), order(TANK_B), order(CALL_IN)]
    starts: list[tuple[Route, ...]] = []

    def search(_: RoutingProblem, __: RouterSettings, routes: tuple[Route, ...]) -> Routes:
        starts.append(routes)
        return Routes(routes)

    meeting = Appointment(CALL_IN)
    plan = made(orders, network, meeting, previous_plan=before(0), search=search)
    assert plan.missed == ()
    # B, which has an appointment, too, is in the plan before and stays where it is.
    made(orders, network, meeting, Appointment(TANK_B), previous_plan=before(0), search=search)
    first, second = starts
    assert first == second
    made(
        orders,
        network,
        settings=replace(IDLE, from_previous=False),
        previous_plan=before(0),
        search=search,
    )
    assert starts[2] == ()


def test_appointments_without_any_slot_are_missed() -> None:
    nobody = with_columns(tiny.network(), drivers={"vehicle_allowed": [[False]]})
    assert made([order(TANK_A)], nobody, Appointment(TANK_A)).missed == (TANK_A,)


def test_fixed_trips_are_in_the_plan_in_order_of_start_and_with_their_costs() -> None:
    network = tiny.network(call_ins=1)
    network = with_columns(
        network, drivers={"night_min": [600], "cost_per_night": [7.0], "shift_min": (HOURS,)}
    )
    # A night at B: 60 km, 200 min without it.
    plain = tiny.trip(start_min=0)
    fixed = replace(plain, end_min=plain.end_min + 600)
    later = replace(tiny.trip(start_min=3000), stops=())
    at = cases.start(network)
    orders = [order(CALL_IN, windows_h=[[20.0, 40.0]]), order(CALL_IN, windows_h=[[0.0, 0.1]])]
    plan = PinnedRouter(Pins((later, fixed)), settings=replace(LITTLE, horizon_days=2))(
        network, at, orders
    )
    # The truck is on fixed trips until 3200, and C may come until 2400.
    assert plan.trips == (fixed, later)
    assert plan.missed == (CALL_IN, CALL_IN)
    assert plan.costs == Costs(60.0, 100.0 + 100.0, 7.0, 2e4)
    # Without the later one C is served: 70 km and 190 min.
    plan = PinnedRouter(Pins((fixed,)), settings=replace(LITTLE, horizon_days=2))(
        network, at, orders
    )
    own = plan.trips[1]
    assert plan.trips == (fixed, own)
    assert plan.costs == Costs(60.0 + 70.0, 100.0 + 95.0, 7.0, 1e4)


HOURS = np.array([[0, 4000]])


def test_trips_that_start_together_are_in_order_of_driver() -> None:
    network = cases.fleet(2, tiny.network(call_ins=1))
    fixed = replace(tiny.trip(start_min=0), driver=1, vehicle=1)
    hours = {"shift_min": (np.array([[0, 190]]), np.array([[0, 200]]))}
    network = with_columns(network, drivers=hours)
    orders = [order(CALL_IN)]
    # To C and back by the plant are 140 min, with loading and the drop 190: from 0 to 190.
    plan = made(orders, network, trips=[fixed], settings=LITTLE)
    assert [(t.start_min, t.driver) for t in plan.trips] == [(0, 0), (0, 1)]
    swapped = replace(fixed, driver=0, vehicle=0)
    network = with_columns(network, drivers={"shift_min": hours["shift_min"][::-1]})
    plan = made(orders, network, trips=[swapped], settings=LITTLE)
    assert [(t.start_min, t.driver) for t in plan.trips] == [(0, 0), (0, 1)]
