"""Decouples the slots of a problem around an incumbent, so that each can be searched on its own.

Trips of one driver or vehicle depend on each other: rest lies between them, and product left on
board goes from one to the next. OR-Tools' local search checks one route at a time and is crippled
by constraints between routes. So each such conflict is replaced by two limits, one on each side,
that the incumbent satisfies: the earlier trip ends by a split time and the later one starts after
it; the earlier one leaves at least what the later one starts with. Every solution within the limits
is a solution of the whole problem, and the incumbent is one of them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lmrs_rl.domain.arrays import FOREVER, BoolArray, FloatArray, IntArray
from lmrs_rl.routing.problem import RoutingProblem
from lmrs_rl.routing.routes import Route


@dataclass(frozen=True, eq=False)
class Restriction:
    """Limits on each of the ``K`` slots that make them independent.

    Attributes
    ----------
    enabled : (K,) whether the slot may become a trip
    open_min, last_start_min, close_min : (K,) [min] as in `Slots`
    start_load_kg : (K,) [kg] on board at the start
    min_end_load_kg : (K,) [kg] at least on board at the end
    latest_min : (m,) [min] latest arrival of a drop: the incumbent's, or when it is due if that is
        later. This replaces a price on late drops in OR-Tools: together with the price of a trip's
        time such a price makes it try many start times for each route, limited by the clock only
    loadings : (S, V) how often the incumbent loads each vehicle at each site
    from_nothing : whether the incumbent has no route
    """

    enabled: BoolArray
    open_min: IntArray
    last_start_min: IntArray
    close_min: IntArray
    start_load_kg: FloatArray
    min_end_load_kg: FloatArray
    latest_min: IntArray
    loadings: IntArray
    from_nothing: bool


def decouple_slots(problem: RoutingProblem, incumbent: tuple[Route, ...]) -> Restriction:
    """The restriction around ``incumbent`` (which may be empty)."""
    slots = problem.slots
    start = np.full(len(slots), FOREVER, dtype=np.int64)
    end = np.full(len(slots), -1, dtype=np.int64)
    loadings = np.zeros(problem.site_service_min.shape, dtype=np.int64)
    latest = np.full(problem.n_orders, FOREVER, dtype=np.int64)
    for route in incumbent:
        start[route.slot], end[route.slot] = route.start_min, route.end_min
        for visit in route.visits:
            if visit.site >= 0:
                loadings[visit.site, slots.vehicle[route.slot]] += 1
            else:
                latest[visit.order] = max(
                    visit.arrival_min, int(problem.order_due_min[visit.order])
                )
    enabled, first, last, close = _split_times(problem, start, end)
    start_load, end_load = _split_loads(problem, incumbent, enabled)
    return Restriction(
        enabled, first, last, close, start_load, end_load, latest, loadings, not incumbent
    )


def _split_times(
    problem: RoutingProblem, start: IntArray, end: IntArray
) -> tuple[BoolArray, IntArray, IntArray, IntArray]:
    """Enabled slots and their limits in time: used slots first, then the unused ones that still
    find room; each conflicting pair of enabled slots is split at a time between the two.
    """
    slots = problem.slots
    first, last, close = slots.open_min.copy(), slots.last_start_min.copy(), slots.close_min.copy()
    used = end >= 0
    enabled = np.zeros(len(slots), dtype=bool)
    conflicts_of: list[list[tuple[int, int, int]]] = [[] for _ in range(len(slots))]
    for a, b, gap in slots.conflict.tolist():
        conflicts_of[a].append((a, b, gap))
        conflicts_of[b].append((a, b, gap))
    for k in [*np.flatnonzero(used).tolist(), *np.flatnonzero(~used).tolist()]:
        # On copies: a slot may fail at one pair after others have cut the limits.
        trial = first.copy(), last.copy(), close.copy()
        with_enabled = [pair for pair in conflicts_of[k] if enabled[pair[0] + pair[1] - k]]
        if all(_split_pair(trial, pair, start, end) for pair in with_enabled):
            enabled[k] = True
            first, last, close = trial
    return enabled, first, last, close


def _split_pair(
    windows: tuple[IntArray, IntArray, IntArray],
    pair: tuple[int, int, int],
    start: IntArray,
    end: IntArray,
) -> bool:
    """Limit the windows of a conflicting pair in place at a split time that keeps the incumbent
    feasible; False if there is none.

    The later slot's opening stays where it was, if possible.
    """
    (first, last, close), (a, b, gap) = windows, pair
    earliest = end[a] if end[a] >= 0 else first[a]
    latest = (start[b] if end[b] >= 0 else last[b]) - gap
    if earliest > latest:
        return False
    split = min(max(first[b] - gap, earliest), latest)
    close[a], last[a] = min(close[a], split), min(last[a], split)
    first[b] = max(first[b], split + gap)
    return True


def _split_loads(
    problem: RoutingProblem, incumbent: tuple[Route, ...], enabled: BoolArray
) -> tuple[FloatArray, FloatArray]:
    """(K,) [kg] that each slot starts with and must leave, if the incumbent's orders get their
    ``q_min``.
    """
    slots = problem.slots
    route_of = {route.slot: route for route in incumbent}
    start_load, min_end = np.zeros(len(slots)), np.zeros(len(slots))
    for vehicle in np.unique(slots.vehicle):
        chain = [int(k) for k in np.flatnonzero((slots.vehicle == vehicle) & enabled)]
        load = float(np.floor(problem.vehicle_load_kg[vehicle] + 1e-6))
        for position, k in enumerate(chain):
            start_load[k] = load
            for visit in route_of[k].visits if k in route_of else ():
                if visit.site >= 0:
                    load = float(np.floor(slots.capacity_kg[k]))
                else:
                    load -= float(problem.order_need[visit.order, k])
            load = max(load, 0.0)
            if position + 1 < len(chain):
                load = _needed_later(problem, route_of, chain[position + 1 :], load)
                min_end[k] = load
    return start_load, min_end


def _needed_later(
    problem: RoutingProblem, route_of: dict[int, Route], later: list[int], load: float
) -> float:
    """[kg] of ``load`` that the later slots of the vehicle need before it loads again; requiring
    no more than that leaves the earlier trips free to drop the rest.
    """
    need = 0.0
    for k in later:
        for visit in route_of[k].visits if k in route_of else ():
            if visit.site >= 0:
                return min(need, load)
            need += float(problem.order_need[visit.order, k])
    return min(need, load)
