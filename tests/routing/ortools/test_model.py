"""The OR-Tools model by hand: it prices a plan as the project does, and has nodes for loadings."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from lmrs_rl.domain import Order
from lmrs_rl.routing.core import CoreSettings, ruin_and_recreate
from lmrs_rl.routing.costs import objective
from lmrs_rl.routing.ortools.model import COST_SCALE, OrToolsModel, build_model
from lmrs_rl.routing.ortools.restriction import decouple_slots
from lmrs_rl.routing.ortools.search import SearchSettings, incumbent_nodes, search_parameters
from lmrs_rl.routing.problem import RoutingProblem, build_problem
from lmrs_rl.routing.routes import Route, Visit
from tests import tiny
from tests.routing import cases
from tests.routing.cases import order, with_columns
from tests.routing.checks import rejected
from tests.tiny import TANK_A, TANK_B

DAY = 1440


def problem_of(*orders: Order, days: int = 1) -> RoutingProblem:
    network = with_columns(tiny.network(), drivers={"shift_min": cases.shifts(360, 1080)})
    return build_problem(network, cases.start(network), orders, horizon_min=days * DAY)


def model_of(problem: RoutingProblem, incumbent: tuple[Route, ...] = ()) -> OrToolsModel:
    restriction = decouple_slots(problem, incumbent)
    return build_model(problem, restriction, search_parameters(SearchSettings()))


@pytest.mark.parametrize("per_min", [0.0, 0.5, 2.0])
def test_a_plan_costs_in_the_model_what_it_costs(per_min: float) -> None:
    problem = problem_of(order(TANK_A), order(TANK_B, penalty=10.0))
    slots = replace(problem.slots, cost_per_min=np.full(len(problem.slots), per_min))
    problem = replace(problem, slots=slots)
    routes = ruin_and_recreate(problem, CoreSettings(iterations=200), 0)
    # Base to plant to A and back are 80 min or 40 km; loading takes 20 min, the drop 30.
    assert objective(problem, routes) == pytest.approx(40.0 + 130 * per_min + 10.0)
    model = model_of(problem, routes)
    read = model.routing.ReadAssignmentFromRoutes(incumbent_nodes(model, routes), True)
    assert read.ObjectiveValue() == round(objective(problem, routes) * COST_SCALE)


@pytest.mark.parametrize(("count", "kg", "nodes"), [(9, 500.0, 3), (2, 500.0, 2), (9, 100.0, 3)])
def test_from_nothing_a_slot_may_load_three_times_or_once_an_order(
    count: int, kg: float, nodes: int
) -> None:
    problem = problem_of(*[order(TANK_A, kg, kg) for _ in range(count)])
    assert len(problem.slots) == 1
    assert np.count_nonzero(model_of(problem).nodes.site >= 0) == nodes


def test_from_nothing_a_vehicle_loads_twice_more_than_its_slots_and_its_orders_need() -> None:
    # Twelve orders of 500 kg are three truckloads of 2000 kg; with five slots 5 + 2 + 3.
    problem = problem_of(*[order(TANK_A) for _ in range(12)], days=5)
    assert len(problem.slots) == 5
    assert np.count_nonzero(model_of(problem).nodes.site >= 0) == 10


@pytest.mark.parametrize(("limit", "fits"), [(80, True), (79, False)])
def test_driving_counts_on_through_a_loading_stop(limit: int, fits: bool) -> None:
    # Base to plant to A and back are 80 min of driving.
    problem = problem_of(order(TANK_A))
    routes = ruin_and_recreate(problem, CoreSettings(iterations=200), 0)
    assert [visit.site >= 0 for visit in routes[0].visits] == [True, False]
    slots = replace(problem.slots, max_driving_min=np.full(len(problem.slots), limit))
    assert rejected(replace(problem, slots=slots), routes, SearchSettings()) != fits


@pytest.mark.parametrize(("limit", "fits"), [(80, True), (79, False)])
def test_driving_counts_on_through_a_loading_stop_where_there_may_be_a_night(
    limit: int, fits: bool
) -> None:
    network = with_columns(
        tiny.network(),
        drivers={"night_min": [600], "max_driving_min": [limit]},
        tanks={"overnight": (False, True)},
    )
    orders = [order(TANK_A), order(TANK_B)]
    problem = build_problem(network, cases.start(network), orders, horizon_min=DAY)
    (slot,) = np.flatnonzero(problem.slots.night).tolist()
    # There and back are 80 min of driving, and B, where a night might be, is not on the way.
    visits = (Visit(-1, 0, 10, 30), Visit(0, -1, 60, 90))
    routes = (Route(slot, 0, 130, visits),)
    assert rejected(problem, routes, SearchSettings()) != fits
