"""Quantities on given routes, beside a linear program and by hand; what the value of a kg
changes in the routes.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from ortools.linear_solver import pywraplp

from benchmarks.routing_cases import routing_case
from lmrs_rl.domain.arrays import FloatArray
from lmrs_rl.routing.core import CoreSettings, ruin_and_recreate
from lmrs_rl.routing.costs import objective
from lmrs_rl.routing.ortools.search import SearchSettings, improve
from lmrs_rl.routing.problem import RoutingProblem, build_problem
from lmrs_rl.routing.quantities import (
    LoadSegment,
    hold_drops,
    load_segments,
    min_drops,
    set_quantities,
    shortfall_cost,
)
from lmrs_rl.routing.routes import Route, Routes, Visit
from tests import tiny
from tests.routing import cases
from tests.routing.cases import order, plan, visits
from tests.routing.random_problems import random_problem
from tests.tiny import TANK_A, TANK_B

WORK = CoreSettings(iterations=300, iterations_per_order=0)


def valued_problem(seed: int, *, reloads: bool) -> RoutingProblem:
    """A generated morning whose kg have a value, half of the usual ``q_min``."""
    network, snapshot, orders = routing_case(25, seed=seed, reloads=reloads)
    price = np.random.default_rng(seed).uniform(0.01, 0.2, len(orders)).tolist()
    orders = tuple(
        replace(o, q_min_kg=0.5 * o.q_min_kg, value_per_kg=v, penalty=o.penalty + v * o.q_max_kg)
        for o, v in zip(orders, price, strict=True)
    )
    return build_problem(network, snapshot, orders, horizon_min=7200)


def best_value(problem: RoutingProblem, routes: tuple[Route, ...]) -> float:
    """[currency] value of the kg over the least drops: the optimum of a linear program over all
    drops and loads.
    """
    solver = pywraplp.Solver.CreateSolver("GLOP")
    gain = solver.Objective()
    gain.SetMaximization()
    for vehicle in range(len(problem.vehicle_load_kg)):
        on_board = solver.NumVar(
            float(problem.vehicle_load_kg[vehicle]), float(problem.vehicle_load_kg[vehicle]), ""
        )
        for route in routes:
            if problem.slots.vehicle[route.slot] != vehicle:
                continue
            capacity = float(problem.slots.capacity_kg[route.slot])
            for visit in route.visits:
                after = solver.NumVar(0.0, capacity, "")
                if visit.order >= 0:
                    least = min(float(problem.order_q_min[visit.order]), float(np.floor(capacity)))
                    drop = solver.NumVar(
                        least, max(float(problem.order_q_max[visit.order]), least), ""
                    )
                    gain.SetCoefficient(drop, float(problem.order_value[visit.order]))
                    solver.Add(after == on_board - drop)
                else:
                    solver.Add(after >= on_board)
                on_board = after
    assert solver.Solve() == pywraplp.Solver.OPTIMAL
    return float(gain.Value())


def value_of(
    problem: RoutingProblem, routes: tuple[Route, ...], kg: tuple[FloatArray, ...]
) -> float:
    drops = [
        (v.order, x)
        for route, amounts in zip(routes, kg, strict=True)
        for v, x in zip(route.visits, amounts, strict=True)
        if v.order >= 0
    ]
    return float(sum(problem.order_value[k] * x for k, x in drops))


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("reloads", [False, True])
def test_no_quantities_on_the_same_routes_are_worth_more(seed: int, reloads: bool) -> None:
    problem = valued_problem(seed, reloads=reloads)
    routes = ruin_and_recreate(problem, WORK, seed)
    assert value_of(problem, routes, set_quantities(problem, Routes(routes))) == pytest.approx(
        best_value(problem, routes), rel=1e-9
    )


@pytest.mark.parametrize("seed", range(25))
def test_no_quantities_are_worth_more_on_strange_problems(seed: int) -> None:
    case = random_problem(seed)
    problem = build_problem(
        case.network, case.snapshot, case.orders, horizon_min=case.horizon_days * 1440
    )
    routes = ruin_and_recreate(problem, WORK, seed)
    assert value_of(problem, routes, set_quantities(problem, Routes(routes))) == pytest.approx(
        best_value(problem, routes), rel=1e-9, abs=1e-9
    )


def test_what_is_left_goes_to_the_dearest_kg_first() -> None:
    at = cases.loaded(1000.0)
    orders = [
        order(TANK_A, 300.0, 600.0, windows_h=[[0.0, 1.0]], value_per_kg=0.001),
        order(TANK_B, 400.0, 900.0, [[0.0, 2.0]], value_per_kg=0.002),
    ]
    made = plan(
        orders,
        at=at,
        network=cases.with_columns(tiny.network(), sites={"access_min": (np.zeros((0, 2)),)}),
    )
    # 1000 - 300 - 400 kg are left, all of it for B although A is visited first.
    assert visits(made.trips[0]) == [("drop", TANK_A, 300.0), ("drop", TANK_B, 700.0)]


def test_drops_that_are_less_than_full_cost_their_value() -> None:
    problem = build_problem(
        tiny.network(),
        cases.loaded(700.0),
        [order(TANK_A, 500.0, 900.0, value_per_kg=0.01)],
        horizon_min=7200,
    )
    route = ruin_and_recreate(problem, WORK, 0)
    # 700 of 900 kg on board: 200 kg at 0.01, on top of 40 km and 110 min at 0.5.
    assert shortfall_cost(problem, route) == pytest.approx(2.0)
    assert objective(problem, route) == pytest.approx(40.0 + 55.0 + 2.0)


@pytest.mark.parametrize(("value", "loads"), [(0.0124, 0), (0.0126, 1)])
def test_a_loading_stop_is_made_for_fuller_drops_where_they_pay_for_it(
    value: float, loads: int
) -> None:
    # Loading at the plant on the way takes 10 min, 5 in money, and makes the drop 400 kg fuller: it
    # pays from 0.0125 a kg on.
    made = plan(
        [order(TANK_A, 500.0, 900.0, value_per_kg=value)],
        at=cases.loaded(500.0),
        network=cases.with_columns(tiny.network(), sites=TEN_MINUTES),
    )
    assert [kind for kind, _, _ in visits(made.trips[0])] == ["load"] * loads + ["drop"]


TEN_MINUTES = {"setup_min": [10], "load_kg_per_min": [np.inf]}


@pytest.mark.parametrize(("value", "served"), [(0.14, [TANK_A, TANK_B]), (0.16, [TANK_B])])
def test_an_extra_stop_is_given_up_for_a_fuller_drop_where_that_is_worth_more(
    value: float, served: list[int]
) -> None:
    # 900 kg on board and no plant. A takes at least 200 kg, which B would then lack: 200 kg of
    # value against A's penalty of 45 less the 15 (30 min of service) that the stop costs on the way
    # to B; A's own kg have no value.
    orders = [
        order(TANK_A, 200.0, 200.0, penalty=45.0),
        order(TANK_B, 100.0, 900.0, value_per_kg=value),
    ]
    made = plan(
        orders,
        at=cases.loaded(900.0),
        network=cases.with_columns(tiny.network(), sites={"access_min": (np.zeros((0, 2)),)}),
    )
    assert sorted(who for _, who, _ in visits(made.trips[0])) == served


@pytest.mark.parametrize("seed", range(4))
def test_or_tools_gives_up_no_value_of_kg(seed: int) -> None:
    problem = valued_problem(seed, reloads=True)
    start = ruin_and_recreate(problem, replace(WORK, iterations=20), seed)
    found = improve(problem, start, SearchSettings()).routes
    assert objective(problem, found) <= objective(problem, start)


def test_held_drops_leave_the_routes_legal() -> None:
    for seed in range(4):
        problem = valued_problem(seed, reloads=True)
        routes = ruin_and_recreate(problem, WORK, seed)
        held = hold_drops(problem, routes)
        assert np.all(held.order_need >= problem.order_need)
        assert np.any(held.order_need > problem.order_need)
        kept = ruin_and_recreate(held, replace(WORK, iterations=0), seed, routes)
        assert {v.order for r in kept for v in r.visits if v.order >= 0} >= {
            v.order for r in routes for v in r.visits if v.order >= 0
        }


LOAD, AT_A, AT_B = Visit(-1, 0, 0, 0), Visit(0, -1, 0, 0), Visit(1, -1, 0, 0)


def two_orders(
    on_board: list[float], values: tuple[float, float] = (0.0, 0.0), capacity: float = 2000.0
) -> RoutingProblem:
    """A takes 300 to 600 kg, B 400 to 900; a day's slot for each of as many trucks as there are
    numbers of kg ``on_board``, and the truck of the last one carries 500.9 kg if there are two.
    """
    network = cases.fleet(len(on_board))
    sizes = [capacity, 500.9][: len(on_board)]
    network = cases.with_columns(network, vehicles={"capacity_kg": sizes})
    orders = [
        order(TANK_A, 300.0, 600.0, value_per_kg=values[0]),
        order(TANK_B, 400.0, 900.0, value_per_kg=values[1]),
    ]
    at = cases.loaded(np.array(on_board), network)
    return build_problem(network, at, orders, horizon_min=1440)


def route(slot: int, *made: Visit) -> Route:
    return Route(slot, 0, 0, made)


def kg(problem: RoutingProblem, *routes: Route) -> list[list[float]]:
    return [each.tolist() for each in set_quantities(problem, Routes(routes))]


def test_segments_go_on_over_trips_and_end_with_a_loading() -> None:
    problem = two_orders([100.0, 200.0])
    routes = [route(0, AT_A), route(1, AT_B), route(0, AT_B, LOAD, AT_A)]
    # Slot and vehicle numbers are the same.
    assert problem.slots.vehicle.tolist() == [0, 1]
    assert list(load_segments(problem, routes)) == [
        LoadSegment(((0, 0, 0), (2, 0, 1)), 100.0, (2, 1), 2000.0),
        LoadSegment(((2, 2, 0),), 2000.0, None, 2000.0),
        LoadSegment(((1, 0, 1),), 200.0, None, 500.9),
    ]
    assert list(load_segments(problem, [])) == []


def test_a_loading_fills_up_what_is_missing() -> None:
    # 700 kg on board, 600 dropped: 1900 are missing, then 2000 - 900 with B's drop before.
    problem = two_orders([700.0])
    assert kg(problem, route(0, AT_A, LOAD, AT_B, LOAD)) == [[600.0, 1900.0, 900.0, 900.0]]
    assert kg(problem, route(0, AT_A), route(0, LOAD)) == [[600.0], [1900.0]]


@pytest.mark.parametrize(
    ("values", "amounts"),
    [
        ((0.0, 0.0), [600.0, 400.0]),
        ((0.1, 0.1), [600.0, 400.0]),
        ((0.2, 0.1), [600.0, 400.0]),
        ((0.1, 0.2), [300.0, 700.0]),
    ],
)
def test_of_1000_kg_the_dearer_kg_get_what_the_least_drops_leave(
    values: tuple[float, float], amounts: list[float]
) -> None:
    assert kg(two_orders([1000.0], values), route(0, AT_A, AT_B)) == [amounts]


def test_what_the_dearest_cannot_take_goes_to_the_next() -> None:
    assert kg(two_orders([1400.0], (0.1, 0.2)), route(0, AT_A, AT_B)) == [[500.0, 900.0]]
    assert kg(two_orders([1900.0], (0.1, 0.2)), route(0, AT_A, AT_B)) == [[600.0, 900.0]]


def test_a_truck_too_small_for_the_least_drop_gives_its_whole_kg_and_what_is_on_board() -> None:
    # 350.9 kg of payload: B's least drop of 400 is cut to 350, and 0.9 kg more are on board.
    problem = two_orders([350.9], capacity=350.9)
    assert kg(problem, route(0, AT_B)) == [[pytest.approx(350.9)]]
    # With less on board than the least drops, nothing more is given.
    assert kg(two_orders([600.0]), route(0, AT_A, AT_B)) == [[300.0, 400.0]]


def test_the_least_drop_is_no_more_than_a_truck_carries_in_whole_kg() -> None:
    problem = two_orders([0.0, 0.0], capacity=350.9)
    assert min_drops(problem).tolist() == [[300.0, 300.0], [350.0, 400.0]]


def test_what_drops_lack_costs_their_value() -> None:
    problem = two_orders([1000.0], (0.1, 0.2))
    # B lacks 200 kg at 0.2, A 300 at 0.1.
    assert shortfall_cost(problem, [route(0, AT_A, AT_B)]) == pytest.approx(70.0)
    # Who is not visited lacks nothing.
    assert shortfall_cost(problem, [route(0, LOAD, AT_B)]) == 0.0
    assert shortfall_cost(problem, [route(0, AT_A), route(0, AT_B)]) == pytest.approx(70.0)
    # A drop of more than `q_max` does not pay for others.
    assert shortfall_cost(replace(problem, order_q_max=np.array([200.0, 900.0])), []) == 0.0
    over = replace(problem, order_q_max=np.array([200.0, 900.0]))
    assert shortfall_cost(over, [route(0, AT_A, AT_B)]) == pytest.approx(0.2 * 200.0)
    assert shortfall_cost(two_orders([1000.0], (0.1, 0.0)), [route(0, AT_B)]) == 0.0


def test_drops_are_held_but_for_a_kg_for_each_drop_of_their_segment() -> None:
    problem = two_orders([1000.0, 0.0], (0.1, 0.2))
    assert problem.order_need.tolist() == [[300, 300], [400, 400]]
    # A gets 300 kg and B 700; the small truck carries 500.
    held = hold_drops(problem, [route(0, AT_A, AT_B)])
    assert held.order_need.tolist() == [[300, 300], [698, 500]]
    # Each in a segment of its own: 600 and 900.
    held = hold_drops(problem, [route(0, AT_A, LOAD, AT_B)])
    assert held.order_need.tolist() == [[599, 500], [899, 500]]
    # Who is not visited holds nothing, and the problem stays as it was.
    held = hold_drops(problem, [route(0, AT_A)])
    assert held.order_need.tolist() == [[599, 500], [400, 400]]
    assert problem.order_need.tolist() == [[300, 300], [400, 400]]


def test_where_kg_have_no_value_nothing_is_held() -> None:
    problem = two_orders([1000.0])
    assert hold_drops(problem, [route(0, AT_A, LOAD, AT_B)]) is problem
