"""What routes cost, exactly as the referee counts."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from lmrs_rl.domain import Costs
from lmrs_rl.routing.problem import RoutingProblem
from lmrs_rl.routing.routes import Route


def plan_costs(problem: RoutingProblem, routes: Sequence[Route]) -> Costs:
    """Distance, time and nights of the routes and the penalties of the orders that none of them serves."""
    distance = time = nights = 0.0
    missed = np.ones(problem.n_orders, dtype=np.bool_)
    for route in routes:
        k, slots = route.slot, problem.slots
        points = [
            int(slots.base_point[k]),
            *(int(problem.order_point[v.order] if v.order >= 0 else problem.site_point[v.site]) for v in route.visits),
        ]
        legs = list(zip(points, [*points[1:], points[0]], strict=True))
        departures = [route.start_min, *(v.departure_min for v in route.visits)]
        arrivals = [*(v.arrival_min for v in route.visits), route.end_min]
        night = int(slots.night_min[k])
        slept = sum(a - d - int(problem.travel_min[leg]) >= night for a, d, leg in zip(arrivals, departures, legs, strict=True)) if night else 0
        distance += float(slots.cost_per_km[k]) * sum(float(problem.km[leg]) for leg in legs)
        time += float(slots.cost_per_min[k]) * (route.end_min - route.start_min - slept * night)
        nights += float(slots.cost_per_night[k]) * slept
        missed[[v.order for v in route.visits if v.order >= 0]] = False
    return Costs(distance, time, nights, float(problem.order_penalty[missed].sum()))


def objective(problem: RoutingProblem, routes: Sequence[Route]) -> float:
    """[currency] what the engines minimise: the costs, the price of late drops and that of changes of plan."""
    drops = [(v.order, v.arrival_min, route.slot) for route in routes for v in route.visits if v.order >= 0]
    order, arrival, slot = np.array(drops, dtype=np.int64).reshape(-1, 3).T
    late = problem.order_late_cost[order] * np.maximum(arrival - problem.order_due_min[order], 0)
    return plan_costs(problem, routes).total + float(late.sum()) + float(problem.order_slot_cost[order, slot].sum())
