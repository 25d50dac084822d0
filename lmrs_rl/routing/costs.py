"""Costs of routes and trips, computed exactly as the referee does."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from lmrs_rl.domain import Costs, Network, Trip
from lmrs_rl.domain.arrays import IntArray
from lmrs_rl.routing.problem import RoutingProblem
from lmrs_rl.routing.quantities import shortfall_cost
from lmrs_rl.routing.routes import Route


def plan_costs(problem: RoutingProblem, routes: Sequence[Route]) -> Costs:
    """Distance, time and night costs of the routes, and the penalties of the orders that none of
    them serves.
    """
    distance = time = nights = 0.0
    missed = np.ones(problem.n_orders, dtype=np.bool_)
    for route in routes:
        k, slots = route.slot, problem.slots
        points = [
            int(slots.base_point[k]),
            *(
                int(problem.order_point[v.order] if v.order >= 0 else problem.site_point[v.site])
                for v in route.visits
            ),
        ]
        legs = list(zip(points, [*points[1:], points[0]], strict=True))
        departures = [route.start_min, *(v.departure_min for v in route.visits)]
        arrivals = [*(v.arrival_min for v in route.visits), route.end_min]
        night = int(slots.night_min[k])
        # From the times, not from `sleeps`, since these are all that the referee sees.
        slept = _nights(problem.travel_min, legs, departures, arrivals, night)
        distance += float(slots.cost_per_km[k]) * sum(float(problem.km[leg]) for leg in legs)
        time += float(slots.cost_per_min[k]) * (route.end_min - route.start_min - slept * night)
        nights += float(slots.cost_per_night[k]) * slept
        missed[[v.order for v in route.visits if v.order >= 0]] = False
    return Costs(distance, time, nights, float(problem.order_penalty[missed].sum()))


def trip_costs(network: Network, trip: Trip) -> Costs:
    """Distance, time and night costs of one trip, which need not be a route of a problem."""
    drivers, d, v = network.drivers, trip.driver, trip.vehicle
    base = int(network.vehicles.base_point[v])
    points = [
        base,
        *(
            int((network.sites if s.kind == "load" else network.customers).point[s.place])
            for s in trip.stops
        ),
        base,
    ]
    arrivals = [*(s.arrival_min for s in trip.stops), trip.end_min]
    departures = [trip.start_min, *(s.departure_min for s in trip.stops)]
    legs = list(pairwise(points))
    night = int(drivers.night_min[d])
    slept = _nights(network.travel_min, legs, departures, arrivals, night)
    km = sum(float(network.distance_km[leg]) for leg in legs)
    return Costs(
        distance=float(network.vehicles.cost_per_km[v] + drivers.cost_per_km[d]) * km,
        time=float(drivers.cost_per_min[d]) * (trip.end_min - trip.start_min - slept * night),
        nights=float(drivers.cost_per_night[d]) * slept,
        missed=0.0,
    )


def _nights(
    travel_min: IntArray,
    legs: Sequence[tuple[int, int]],
    departures: Sequence[int],
    arrivals: Sequence[int],
    night_min: int,
) -> int:
    """Number of nights of a trip: legs that take at least ``night_min`` longer than driving does;
    none if the driver has no nights (0).
    """
    if not night_min:
        return 0
    return sum(
        arrival - departure - int(travel_min[leg]) >= night_min
        for arrival, departure, leg in zip(arrivals, departures, legs, strict=True)
    )


def objective(problem: RoutingProblem, routes: Sequence[Route]) -> float:
    """[currency] what the searches minimise: costs plus the prices of late drops, of changes of
    plan and of drops that fall short of ``q_max``.
    """
    drops = [
        (v.order, v.arrival_min, route.slot)
        for route in routes
        for v in route.visits
        if v.order >= 0
    ]
    order, arrival, slot = np.array(drops, dtype=np.int64).reshape(-1, 3).T
    late = problem.order_late_cost[order] * np.maximum(arrival - problem.order_due_min[order], 0)
    return (
        plan_costs(problem, routes).total
        + float(late.sum())
        + float(problem.order_slot_cost[order, slot].sum())
        + shortfall_cost(problem, routes)
    )
