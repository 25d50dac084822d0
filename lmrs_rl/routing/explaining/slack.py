"""Slack of each trip of a plan, in time and in load."""

from __future__ import annotations

from collections.abc import Sequence

from lmrs_rl.domain import Network, Plan, Snapshot, Trip
from lmrs_rl.domain.arrays import FOREVER, IntArray
from lmrs_rl.routing.explaining.explanation import TripSlack
from lmrs_rl.routing.problem import RoutingProblem
from lmrs_rl.routing.routes import Route

Limit = tuple[int, str]
"""A latest minute, and the constraint that sets it, in words."""


def trip_slack(
    network: Network,
    problem: RoutingProblem,
    snapshot: Snapshot,
    plan: Plan,
    routes: Sequence[Route | None],
) -> tuple[TripSlack, ...]:
    """For each trip of ``plan`` the minutes by which it can start later, with each stop in the same
    window as now, and the load to spare.

    ``routes`` are the plan's trips in the same order, ``None`` for a fixed one. The backward pass
    is that of Savelsbergh (1992), doi:10.1287/ijoc.4.2.146: what a wait absorbs counts as slack.
    """
    result = []
    load = _load_slack(snapshot, plan.trips)
    for number, (route, spare) in enumerate(zip(routes, load, strict=True)):
        if route is None:
            result.append(TripSlack(number, 0, "it is fixed", spare))
            continue
        latest, tightest = _latest_start(network, problem, plan, route, number)
        result.append(TripSlack(number, latest - route.start_min, tightest, spare))
    return tuple(result)


def _latest_start(
    network: Network, problem: RoutingProblem, plan: Plan, route: Route, number: int
) -> Limit:
    """Latest start of a trip, found backwards from its latest end."""
    trip, slots = plan.trips[number], problem.slots
    k = route.slot
    limit = min(
        (int(slots.close_min[k]), "end of the working hours"),
        _latest_end(network, problem, plan, number),
    )
    at = int(slots.base_point[k])
    for visit, stop in zip(reversed(route.visits), reversed(trip.stops), strict=True):
        if visit.order >= 0:
            point = int(problem.order_point[visit.order])
            windows = problem.order_windows[visit.order]
            name = network.customers.ids[stop.place]
        else:
            point = int(problem.site_point[visit.site])
            windows = problem.site_windows[visit.site]
            name = network.sites.ids[stop.place]
        limit = _earlier(limit, int(slots.night_min[k]) if visit.sleeps else 0)
        service_min = visit.departure_min - visit.arrival_min
        limit = _earlier(limit, int(problem.travel_min[point, at]) + service_min)
        limit = min(limit, (_closing(windows, visit.arrival_min), f"window of {name}"))
        at = point
    limit = _earlier(limit, int(problem.travel_min[int(slots.base_point[k]), at]))
    return min(limit, (int(slots.last_start_min[k]), "last start of the day"))


def _earlier(limit: Limit, minutes: int) -> Limit:
    return limit[0] - minutes, limit[1]


def _closing(windows: IntArray, minute: int) -> int:
    """End of the window that contains ``minute``; ``minute`` itself if none does, as in a plan that
    breaks rules.
    """
    inside = windows[(windows[:, 0] <= minute) & (minute <= windows[:, 1])]
    return int(inside[0, 1]) if len(inside) else minute


def _latest_end(network: Network, problem: RoutingProblem, plan: Plan, number: int) -> Limit:
    """The latest end that leaves the next trips their vehicle and their rested driver."""
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


def _load_slack(snapshot: Snapshot, trips: Sequence[Trip]) -> list[float]:
    """For each trip the kg by which the sum of its drops could be larger before product runs short
    on it or on a later trip.

    That is the least left on board whenever the vehicle loads, and at the end of the plan, over the
    load segments in which the trip drops.
    """
    spare = [FOREVER * 1.0] * len(trips)
    for vehicle in {trip.vehicle for trip in trips}:
        load = float(snapshot.load_kg[vehicle])
        since: set[int] = set()  # trips that drop from what was loaded last, or that loaded it
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
