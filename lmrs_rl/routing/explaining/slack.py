"""How far each trip of a plan is from breaking: in time and in load."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from lmrs_rl.domain import Network, Plan, Snapshot, Trip
from lmrs_rl.domain.arrays import FOREVER
from lmrs_rl.routing.explaining.explanation import TripSlack
from lmrs_rl.routing.problem import RoutingProblem
from lmrs_rl.routing.routes import Route

Limit = tuple[int, str]
"""A latest minute and what sets it."""


def trip_slack(
    network: Network,
    problem: RoutingProblem,
    snapshot: Snapshot,
    plan: Plan,
    routes: Sequence[Route | None],
) -> tuple[TripSlack, ...]:
    """For each trip of ``plan`` the minutes that it can start later, each stop in its window of
    now, and the load to spare.

    ``routes`` are the plan's trips in the same order, ``None`` for a fixed one. The backward pass
    is that of Savelsbergh (1992), doi:10.1287/ijoc.4.2.146: what a wait absorbs counts as slack.
    """
    result = []
    for number, (route, spare) in enumerate(
        zip(routes, load_slack(snapshot, plan.trips), strict=True)
    ):
        if route is None:
            result.append(TripSlack(number, 0, "it is fixed", spare))
            continue
        latest, why = _latest_start(network, problem, plan, route, number)
        result.append(TripSlack(number, latest - route.start_min, why, spare))
    return tuple(result)


def _latest_start(
    network: Network, problem: RoutingProblem, plan: Plan, route: Route, number: int
) -> Limit:
    trip, slots = plan.trips[number], problem.slots
    k = route.slot
    then = min(
        (int(slots.close_min[k]), "end of the working hours"),
        _next_trip(network, problem, plan, number),
    )
    at = int(slots.base_point[k])
    for visit, stop in zip(reversed(route.visits), reversed(trip.stops), strict=True):
        then = _earlier(then, int(slots.night_min[k]) if visit.sleeps else 0)
        point = int(
            problem.order_point[visit.order] if visit.order >= 0 else problem.site_point[visit.site]
        )
        then = _earlier(
            then, int(problem.travel_min[point, at]) + visit.departure_min - visit.arrival_min
        )
        windows = (
            problem.order_windows[visit.order]
            if visit.order >= 0
            else problem.site_windows[visit.site]
        )
        name = (
            network.customers.ids[stop.place] if visit.order >= 0 else network.sites.ids[stop.place]
        )
        then = min(then, (_closing(windows, visit.arrival_min), f"window of {name}"))
        at = point
    then = _earlier(then, int(problem.travel_min[int(slots.base_point[k]), at]))
    return min(then, (int(slots.last_start_min[k]), "last start of the day"))


def _earlier(limit: Limit, minutes: int) -> Limit:
    return limit[0] - minutes, limit[1]


def _closing(windows: np.ndarray[tuple[int, int], np.dtype[np.int64]], minute: int) -> int:
    inside = windows[(windows[:, 0] <= minute) & (minute <= windows[:, 1])]
    return int(inside[0, 1]) if len(inside) else minute


def _next_trip(network: Network, problem: RoutingProblem, plan: Plan, number: int) -> Limit:
    """The latest end that leaves the driver's rest and the vehicle to the next trips."""
    trip, limit = plan.trips[number], (FOREVER, "")
    for other in plan.trips:
        if other is trip or other.start_min < trip.start_min:
            continue
        start = other.start_min - problem.now_min
        if other.driver == trip.driver:
            rested = start - int(network.drivers.min_rest_min[trip.driver])
            limit = min(limit, (rested, f"next trip of driver {network.drivers.ids[trip.driver]}"))
        if other.vehicle == trip.vehicle:
            limit = min(
                limit, (start, f"next trip of vehicle {network.vehicles.ids[trip.vehicle]}")
            )
    return limit


def load_slack(snapshot: Snapshot, trips: Sequence[Trip]) -> list[float]:
    """For each trip the kg by which its drops could be larger in all, before product runs short on
    it or on a later trip.

    That is the least that is left on board whenever the vehicle loads, and at the trip's end what
    later trips do not need.
    """
    spare = [FOREVER * 1.0] * len(trips)
    for vehicle in {trip.vehicle for trip in trips}:
        load = float(snapshot.load_kg[vehicle])
        since: set[int] = (
            set()
        )  # trips with a drop since the vehicle last loaded, and the one that loaded
        for number in sorted(
            (k for k, trip in enumerate(trips) if trip.vehicle == vehicle),
            key=lambda k: trips[k].start_min,
        ):
            for stop in trips[number].stops:
                if stop.kind == "load":
                    spare = [min(kg, load) if k in since else kg for k, kg in enumerate(spare)]
                    since, load = {number}, load + stop.kg
                else:
                    since, load = since | {number}, load - stop.kg
        spare = [min(kg, load) if k in since else kg for k, kg in enumerate(spare)]
    return [max(kg, 0.0) for kg in spare]
