"""Reads a plan back as routes: which slot each trip fills and which order each drop serves."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from lmrs_rl.domain import InputError, Plan, Trip
from lmrs_rl.routing.problem import RoutingProblem
from lmrs_rl.routing.routes import Route, Visit

REMEDY = "give the orders, network and morning that the plan was made from"


def routes_of(problem: RoutingProblem, plan: Plan) -> tuple[Route, ...]:
    """The routes of ``plan``, in the order of its trips.

    Raises
    ------
    InputError
        For a trip that fits no slot, or a drop that serves no order.
    """
    order_of = orders_of_drops(problem, plan.trips)
    used: set[int] = set()
    routes = []
    for number, trip in enumerate(plan.trips):
        slot = find_slot(problem, trip, used)
        if slot is None:
            raise InputError(
                f"plan.trips[{number}]",
                "a trip that no driver and vehicle can start then",
                "a trip of this morning's plan",
                REMEDY,
            )
        used.add(slot)
        routes.append(_route(problem, slot, trip, number, order_of))
    return tuple(routes)


def orders_of_drops(problem: RoutingProblem, trips: Sequence[Trip]) -> dict[tuple[int, int], int]:
    """The order that each drop, at (trip, stop), serves: of the customer's orders still open then
    and not served by an earlier drop, the one that closes first.
    """
    drops = sorted(
        (stop.arrival_min - problem.now_min, t, s)
        for t, trip in enumerate(trips)
        for s, stop in enumerate(trip.stops)
        if stop.kind == "drop"
    )
    unserved: dict[int, list[int]] = {}
    for order, customer in enumerate(problem.order_customer.tolist()):
        unserved.setdefault(customer, []).append(order)
    found: dict[tuple[int, int], int] = {}
    for minute, t, s in drops:
        candidates = unserved.get(trips[t].stops[s].place, [])
        fits = [k for k in candidates if _is_open(problem, k, minute)]
        if fits:
            found[t, s] = min(fits, key=lambda k: (int(problem.order_windows[k][-1, 1]), k))
            candidates.remove(found[t, s])
    return found


def _is_open(problem: RoutingProblem, order: int, minute: int) -> bool:
    """Whether a drop for the order may start at ``minute`` since the morning."""
    return any(first <= minute <= last for first, last in problem.order_windows[order].tolist())


def find_slot(problem: RoutingProblem, trip: Trip, used: set[int]) -> int | None:
    """The first slot not in ``used`` that the trip fits into, those without a night first; ``None``
    if there is none.
    """
    slots, now = problem.slots, problem.now_min
    start, end = trip.start_min - now, trip.end_min - now
    fits = (
        (slots.driver == trip.driver)
        & (slots.vehicle == trip.vehicle)
        & (slots.product == trip.product)
    )
    fits &= (slots.open_min <= start) & (start <= slots.last_start_min) & (end <= slots.close_min)
    found = [
        k
        for k in fits.nonzero()[0].tolist()
        if k not in used and (slots.night[k] or not any(sleeps(problem, k, trip)))
    ]
    return min(found, key=lambda k: (bool(slots.night[k]), k), default=None)


def sleeps(problem: RoutingProblem, slot: int, trip: Trip) -> list[bool]:
    """Whether the driver of ``slot`` spends a night after each stop (see `Trip`)."""
    night = int(problem.slots.night_min[slot])
    if night == 0:
        return [False] * len(trip.stops)
    base = int(problem.slots.base_point[slot])
    points = [*(_point_of(problem, stop.kind, stop.place) for stop in trip.stops), base]
    arrivals = [*(stop.arrival_min for stop in trip.stops[1:]), trip.end_min]
    legs = zip(trip.stops, arrivals, points[:-1], points[1:], strict=True)
    return [
        at - stop.departure_min - int(problem.travel_min[a, b]) >= night for stop, at, a, b in legs
    ]


def _point_of(problem: RoutingProblem, kind: str, place: int) -> int:
    """Point of a customer that has an order, or of a loading site; 0 for a customer without an
    order, whose drop is refused or dropped by the caller.
    """
    if kind == "load":
        return int(problem.site_point[place])
    known = np.flatnonzero(problem.order_customer == place)
    return int(problem.order_point[known[0]]) if len(known) else 0


def _route(
    problem: RoutingProblem,
    slot: int,
    trip: Trip,
    number: int,
    order_of: dict[tuple[int, int], int],
) -> Route:
    now, visits = problem.now_min, []
    for s, (stop, slept) in enumerate(zip(trip.stops, sleeps(problem, slot, trip), strict=True)):
        order = -1
        if stop.kind == "drop":
            if (number, s) not in order_of:
                raise InputError(
                    f"plan.trips[{number}].stops[{s}]",
                    "a drop that serves no order",
                    "an order open at that minute",
                    REMEDY,
                )
            order = order_of[number, s]
        site = stop.place if stop.kind == "load" else -1
        visits.append(Visit(order, site, stop.arrival_min - now, stop.departure_min - now, slept))
    return Route(slot, trip.start_min - now, trip.end_min - now, tuple(visits))
