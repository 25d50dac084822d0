"""Sets how much to load and drop on given routes: the quantities of the highest value."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from lmrs_rl.domain.arrays import FloatArray
from lmrs_rl.routing.problem import RoutingProblem
from lmrs_rl.routing.routes import Route, Routes


@dataclass(frozen=True)
class LoadSegment:
    """What a vehicle drops from one loading to the next, across trips and nights.

    Attributes
    ----------
    drops : (route, visit, order) numbers in the order of the visits
    supply_kg : [kg] on board at its beginning
    loading : (route, visit) that ends it, ``None`` at the end of the plan
    capacity_kg : [kg] of the vehicle, which that loading fills up
    """

    drops: tuple[tuple[int, int, int], ...]
    supply_kg: float
    loading: tuple[int, int] | None
    capacity_kg: float


def set_quantities(problem: RoutingProblem, routes: Routes) -> tuple[FloatArray, ...]:
    """For each route the kg of each visit, dropped or loaded: the quantities of the highest total
    value on these routes.

    A vehicle's routes form one chain, since what is left on board stays there. Loading takes the
    same time whatever is loaded and costs nothing a kg, so a vehicle leaves every loading full, and
    the segments between loadings are independent of each other. In a segment every order gets its
    minimum drop; the rest goes to the orders of the highest value a kg, up to ``q_max``. That is a
    linear program with one constraint over bounded quantities, a fractional knapsack, which filling
    by value solves exactly (Dantzig 1957, doi:10.1287/opre.5.2.266). Orders of equal value are
    filled in the order of the visits. ``q_max`` is the room at the first moment of the order's
    window; a later drop finds no less.
    """
    return tuple(np.array(each, dtype=np.float64) for each in _by_visit(problem, routes.routes))


def _by_visit(problem: RoutingProblem, routes: Sequence[Route]) -> list[list[float]]:
    """[kg] of each visit of each route."""
    kg = [[0.0] * len(route.visits) for route in routes]
    for segment, amounts in filled_segments(problem, routes):
        for (k, j, _), amount in zip(segment.drops, amounts, strict=True):
            kg[k][j] = amount
        if segment.loading is not None:
            route, visit = segment.loading
            left_kg = max(segment.supply_kg - sum(amounts), 0.0)
            kg[route][visit] = segment.capacity_kg - left_kg
    return kg


def filled_segments(
    problem: RoutingProblem, routes: Sequence[Route]
) -> Iterator[tuple[LoadSegment, list[float]]]:
    """The load segments of each vehicle, in order of time, and the kg of each of their drops (see
    `set_quantities`).
    """
    ranges = (
        problem.order_q_min.tolist(),
        problem.order_q_max.tolist(),
        problem.order_value.tolist(),
    )
    for segment in load_segments(problem, routes):
        yield segment, _fill(segment, *ranges)


def load_segments(problem: RoutingProblem, routes: Sequence[Route]) -> Iterator[LoadSegment]:
    """The load segments of each vehicle, in order of time."""
    vehicle_of = [int(problem.slots.vehicle[route.slot]) for route in routes]
    for vehicle in sorted(set(vehicle_of)):
        drops: list[tuple[int, int, int]] = []
        supply, capacity = float(problem.vehicle_load_kg[vehicle]), 0.0
        # A vehicle's routes are given in order of time: what one leaves on board the next one has.
        for k, route in enumerate(routes):
            if vehicle_of[k] != vehicle:
                continue
            capacity = float(problem.slots.capacity_kg[route.slot])
            for j, visit in enumerate(route.visits):
                if visit.order >= 0:
                    drops.append((k, j, visit.order))
                    continue
                yield LoadSegment(tuple(drops), supply, (k, j), capacity)
                drops, supply = [], capacity
        yield LoadSegment(tuple(drops), supply, None, capacity)


def _fill(
    segment: LoadSegment, q_min: list[float], q_max: list[float], value: list[float]
) -> list[float]:
    """[kg] of each drop of a segment. The other arguments are by order; ``q_min`` may be more than
    the vehicle can carry, which then delivers a full load.
    """
    payload = float(math.floor(segment.capacity_kg))
    orders = [order for _, _, order in segment.drops]
    amounts = [min(q_min[order], payload) for order in orders]
    spare = segment.supply_kg - sum(amounts)
    for i in sorted(range(len(orders)), key=lambda i: -value[orders[i]]):
        extra = min(max(spare, 0.0), max(q_max[orders[i]] - amounts[i], 0.0))
        amounts[i] += extra
        spare -= extra
    return amounts


def min_drops(problem: RoutingProblem) -> FloatArray:
    """(m, K) [kg] minimum drop of each order by each slot's vehicle: ``q_min``, or a full load of a
    vehicle that cannot carry that much.
    """
    return np.minimum(problem.order_q_min[:, None], np.floor(problem.slots.capacity_kg))


def shortfall_cost(problem: RoutingProblem, routes: Sequence[Route]) -> float:
    """[currency] value of the kg by which the drops of these routes fall short of ``q_max``."""
    if not np.any(problem.order_value > 0):
        return 0.0
    value, q_max, cost = problem.order_value.tolist(), problem.order_q_max.tolist(), 0.0
    for route, amounts in zip(routes, _by_visit(problem, routes), strict=True):
        for visit, amount in zip(route.visits, amounts, strict=True):
            if visit.order >= 0:
                cost += value[visit.order] * max(q_max[visit.order] - amount, 0.0)
    return cost


def hold_drops(problem: RoutingProblem, routes: Sequence[Route]) -> RoutingProblem:
    """The problem with the drops of these routes as minimum drops, where kg have a value: routes
    found for it have no higher shortfall cost.

    OR-Tools, which does not know that cost, counts whole kg. Each drop is lowered by as many kg as
    its segment has drops, so that rounding leaves the routes legal.
    """
    if not np.any(problem.order_value > 0):
        return problem
    need, payload = problem.order_need.copy(), np.floor(problem.slots.capacity_kg).astype(np.int64)
    drops = [
        (order, math.floor(amount) - len(segment.drops))
        for segment, amounts in filled_segments(problem, routes)
        for (_, _, order), amount in zip(segment.drops, amounts, strict=True)
    ]
    order, held = np.array(drops, dtype=np.int64).reshape(-1, 2).T
    need[order] = np.minimum(np.maximum(need[order], held[:, None]), payload)
    return replace(problem, order_need=need)
