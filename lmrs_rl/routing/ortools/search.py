"""Improves routes by local search in OR-Tools, within a work budget."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from time import monotonic
from typing import Any, Literal

import numpy as np
from google.protobuf.duration_pb2 import Duration
from ortools.constraint_solver import pywrapcp, routing_enums_pb2
from ortools.constraint_solver.routing_parameters_pb2 import RoutingSearchParameters
from ortools.util import optional_boolean_pb2

from lmrs_rl.domain import InputError
from lmrs_rl.routing.costs import objective
from lmrs_rl.routing.ortools.model import ModelNodes, OrToolsModel, build_model
from lmrs_rl.routing.ortools.restriction import decouple_slots
from lmrs_rl.routing.problem import RoutingProblem
from lmrs_rl.routing.quantities import hold_drops
from lmrs_rl.routing.routes import Route, Routes, Visit

ON, OFF = optional_boolean_pb2.BOOL_TRUE, optional_boolean_pb2.BOOL_FALSE
UNHELPFUL_OPERATORS = (
    "use_relocate_expensive_chain",
    "use_path_lns",
    "use_full_path_lns",
    "use_tsp_lns",
    "use_inactive_lns",
    "use_lin_kernighan",
)
"""Neighbourhoods that take more time than their finds are worth on problems of this kind."""

FEW_OPERATORS = ("use_relocate", "use_make_active", "use_swap_active")
"""Neighbourhoods that still find improvements after a short ruin and recreate, in a third of the
time that all of them take.
"""


@dataclass(frozen=True)
class SearchSettings:
    """How OR-Tools searches, and for how long.

    Attributes
    ----------
    operators : "few" tries `FEW_OPERATORS` alone, "many" all except `UNHELPFUL_OPERATORS`
    metaheuristic : "none" stops at the first local optimum, "guided" continues with guided local
        search
    branches : work budget of guided local search: the number of decisions of the solver, >= 1
    branches_per_order : added to it for each order, >= 0
    clock_limit_s : [s] safety limit on wall-clock time, >= 1; if it ends the search, the plan has
        ``complete = False``, and another run may give another plan
    """

    operators: Literal["few", "many"] = "many"
    metaheuristic: Literal["none", "guided"] = "none"
    branches: int = 500
    branches_per_order: int = 20
    clock_limit_s: int = 120

    def __post_init__(self) -> None:
        if self.operators not in ("few", "many"):
            raise InputError(
                "operators", repr(self.operators), "'few' or 'many'", "choose one of the two"
            )
        if self.metaheuristic not in ("none", "guided"):
            raise InputError(
                "metaheuristic",
                repr(self.metaheuristic),
                "'none' or 'guided'",
                "choose one of the two",
            )
        if self.branches < 1:
            raise InputError(
                "branches",
                self.branches,
                "at least 1",
                "metaheuristic 'none' stops at the first local optimum",
            )
        if self.branches_per_order < 0:
            raise InputError(
                "branches_per_order",
                self.branches_per_order,
                "at least 0",
                "0 makes the budget independent of size",
            )
        if self.clock_limit_s < 1:
            raise InputError(
                "clock_limit_s",
                self.clock_limit_s,
                "at least 1 s",
                "it is a safety limit: leave it far from the usual time",
            )


def improve(
    problem: RoutingProblem, incumbent: tuple[Route, ...], settings: SearchSettings
) -> Routes:
    """The best routes that OR-Tools finds from ``incumbent`` within the work budget.

    The model is restricted to what the incumbent leaves to each slot (see `decouple_slots`). An
    empty incumbent is a start, too: left to construct its own, OR-Tools searches for minutes if no
    order is worth a trip. The incumbent is returned if nothing better is found.
    """
    if not problem.n_orders or not len(problem.slots):
        return Routes(incumbent)
    parameters = search_parameters(settings)
    # OR-Tools does not know what kg are worth: it may not make the incumbent's drops smaller.
    held = hold_drops(problem, incumbent)
    model = build_model(held, decouple_slots(held, incumbent), parameters)
    if settings.metaheuristic == "guided":
        limit = settings.branches + settings.branches_per_order * problem.n_orders
        model.routing.AddSearchMonitor(model.routing.solver().BranchesLimit(limit))
    started = monotonic()
    assignment = _solve(model, incumbent, parameters)
    complete = monotonic() - started < settings.clock_limit_s
    visited = [] if assignment is None else visited_nodes(model, assignment)
    # Reading times is slow, and needed only where the visits have changed.
    if assignment is None or _itinerary(model.nodes, visited) == _itinerary_of(incumbent):
        return Routes(incumbent, complete)
    found = tuple(read_routes(problem, model, assignment, visited))
    # OR-Tools rounds costs, and prices a night at no less than the time that it spares.
    better = objective(problem, found) < objective(problem, incumbent)
    return Routes(found if better else incumbent, complete)


def _solve(model: OrToolsModel, incumbent: tuple[Route, ...], parameters: Any) -> Any:
    """Search from the incumbent; an assignment, or ``None`` if there is no solution.

    ``FastSolveFromAssignment`` would save a third of a short search, but may return times that
    break rules.
    """
    seed = model.routing.ReadAssignmentFromRoutes(incumbent_nodes(model, incumbent), True)
    return (
        None if seed is None else model.routing.SolveFromAssignmentWithParameters(seed, parameters)
    )


Visited = list[tuple[int, list[int]]]
"""Used slots, in order, and the nodes that each visits."""

Itinerary = list[tuple[int, list[tuple[int, int, bool]]]]
"""Routes without times: slots and their visits (order, site, whether the driver then sleeps)."""


def _itinerary_of(routes: tuple[Route, ...]) -> Itinerary:
    return [
        (route.slot, [(visit.order, visit.site, visit.sleeps) for visit in route.visits])
        for route in routes
    ]


def _itinerary(nodes: ModelNodes, visited: Visited) -> Itinerary:
    kinds = list(zip(nodes.order.tolist(), nodes.site.tolist(), nodes.night.tolist(), strict=True))
    return [(slot, [kinds[index] for index in visits]) for slot, visits in visited]


def incumbent_nodes(model: OrToolsModel, incumbent: tuple[Route, ...]) -> list[list[int]]:
    """For each slot OR-Tools' indices of the incumbent's visits."""
    nodes = model.nodes
    result: list[list[int]] = [[] for _ in nodes.base]
    kinds = list(enumerate(zip(nodes.order.tolist(), nodes.night.tolist(), strict=True)))
    plain = {order: k for k, (order, night) in kinds if order >= 0 and not night}
    twin = {order: k for k, (order, night) in kinds if order >= 0 and night}
    free: dict[tuple[int, int], list[int]] = {}
    for k in np.flatnonzero(nodes.site >= 0).tolist():
        free.setdefault((int(nodes.site[k]), int(nodes.vehicle[k])), []).append(k)
    for route in incumbent:
        for visit in route.visits:
            order_node = twin if visit.sleeps else plain
            # The loading nodes of a vehicle at a site are copies of each other: any one will do.
            node = (
                order_node[visit.order]
                if visit.order >= 0
                else free[visit.site, int(nodes.slot_vehicle[route.slot])].pop(0)
            )
            result[route.slot].append(model.index[node])
    return result


def search_parameters(settings: SearchSettings) -> Any:
    """OR-Tools search parameters for the settings: a new object, which the caller may change."""
    return RoutingSearchParameters.FromString(_serialized(settings))


@lru_cache(maxsize=32)
def _serialized(settings: SearchSettings) -> bytes:
    """The parameters as bytes, cached since making them takes a fortieth of a small plan's time."""
    parameters = pywrapcp.DefaultRoutingSearchParameters()
    heuristics = routing_enums_pb2.LocalSearchMetaheuristic
    guided = settings.metaheuristic == "guided"
    parameters.local_search_metaheuristic = (
        heuristics.GUIDED_LOCAL_SEARCH if guided else heuristics.GREEDY_DESCENT
    )
    parameters.solution_limit = 2**31
    parameters.time_limit.CopyFrom(Duration(seconds=settings.clock_limit_s))
    operators = parameters.local_search_operators
    if settings.operators == "few":
        for field in operators.DESCRIPTOR.fields:
            setattr(operators, field.name, ON if field.name in FEW_OPERATORS else OFF)
    for name in UNHELPFUL_OPERATORS:
        setattr(operators, name, OFF)
    return bytes(parameters.SerializeToString())


def visited_nodes(model: OrToolsModel, assignment: Any) -> Visited:
    """The used slots of an OR-Tools assignment and the nodes that each visits."""
    routing, result = model.routing, []
    node_of, ends = {index: node for node, index in enumerate(model.index)}, routing.Size()
    for k in range(len(model.nodes.base)):
        index, visited = routing.Next(assignment, routing.Start(k)), []
        while index < ends:
            visited.append(node_of[index])
            index = routing.Next(assignment, index)
        if visited:
            result.append((k, visited))
    return result


def read_routes(
    problem: RoutingProblem, model: OrToolsModel, assignment: Any, visited: Visited
) -> list[Route]:
    """The routes of an OR-Tools assignment, whose slots visit the nodes ``visited`` (see
    `visited_nodes`).
    """
    nodes, routing = model.nodes, model.routing
    time = routing.GetDimensionOrDie("time")
    routes = []
    for k, stops in visited:
        visits = []
        for node in stops:
            order, site = int(nodes.order[node]), int(nodes.site[node])
            arrival = assignment.Min(time.CumulVar(model.index[node]))
            service = problem.order_service_min[order] if order >= 0 else nodes.service_min[node]
            visits.append(
                Visit(order, site, arrival, arrival + int(service), bool(nodes.night[node]))
            )
        start = assignment.Max(time.CumulVar(routing.Start(k)))
        end = assignment.Min(time.CumulVar(routing.End(k)))
        routes.append(Route(k, start, end, tuple(visits)))
    return routes
