"""How much to load and drop on given routes: ``q_min`` first, then up to ``q_max`` with what is left on the truck."""

from __future__ import annotations

import numpy as np

from lmrs_rl.domain.arrays import FloatArray
from lmrs_rl.routing.problem import RoutingProblem
from lmrs_rl.routing.routes import Route, Routes


def set_quantities(problem: RoutingProblem, routes: Routes) -> tuple[FloatArray, ...]:
    """For each route the kg of each visit, dropped or loaded.

    A vehicle's routes form one chain, since what is left on board stays there. Loading fills the vehicle. Between two
    loadings every order gets its ``q_min`` (a full load, where the vehicle cannot carry that); the rest tops the orders up
    to ``q_max`` in the order of the visits.
    """
    kg = [np.zeros(len(route.visits)) for route in routes.routes]
    for vehicle in sorted({int(problem.slots.vehicle[route.slot]) for route in routes.routes}):
        chain = [(k, route) for k, route in enumerate(routes.routes) if problem.slots.vehicle[route.slot] == vehicle]
        _fill_chain(problem, chain, kg, float(problem.vehicle_load_kg[vehicle]))
    return tuple(kg)


def _fill_chain(problem: RoutingProblem, chain: list[tuple[int, Route]], kg: list[FloatArray], load: float) -> None:
    leg: list[tuple[int, int, int]] = []
    capacity = float(problem.slots.capacity_kg[chain[0][1].slot])
    for k, route in chain:
        for j, visit in enumerate(route.visits):
            if visit.order >= 0:
                leg.append((k, j, visit.order))
                continue
            load = _fill_leg(problem, leg, kg, load, capacity)
            leg = []
            kg[k][j] = capacity - load
            load = capacity
    _fill_leg(problem, leg, kg, load, capacity)


def _fill_leg(problem: RoutingProblem, leg: list[tuple[int, int, int]], kg: list[FloatArray], load: float, capacity: float) -> float:
    """Drop ``load`` over the orders between two loadings; what stays on board is returned."""
    least_kg = [min(float(problem.order_q_min[order]), float(np.floor(capacity))) for _, _, order in leg]
    spare = load - sum(least_kg)
    for (k, j, order), least in zip(leg, least_kg, strict=True):
        most = float(problem.order_q_max[order])
        extra = min(max(spare, 0.0), most - least)
        spare -= extra
        kg[k][j] = least + extra
    return max(load - sum(float(kg[k][j]) for k, j, _ in leg), 0.0)
