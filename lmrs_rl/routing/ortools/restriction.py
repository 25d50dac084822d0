"""What ties slots to each other, cut at an incumbent, so that every slot can be searched by itself.

Trips of one driver or vehicle depend on each other: rest lies between them, and product left on
board goes from one to the next. OR-Tools' local search checks a route at a time and is crippled by
constraints between routes. So each such tie is replaced by two limits, one on each side, that the
incumbent keeps: the earlier trip ends by a split time and the later one starts after it; the
earlier one leaves at least what the later one starts with. Every solution within the limits is a
solution of the whole problem, and the incumbent is one of them.
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
    open_min, last_start_min, close_min : (K,) [min]
    start_load_kg : (K,) [kg] on board at the start
    least_end_load_kg : (K,) [kg] at least on board at the end
    latest_min : (m,) [min] a drop comes no later than this: the incumbent's, or when it is due if
        that is later. Late drops are not priced in OR-Tools: set against the price of a trip's time
        they make it try many start times for each route, under a limit by the clock
    loadings : (S, V) how often the incumbent loads each vehicle at each site
    from_nothing : whether the incumbent has no route
    """

    enabled: BoolArray
    open_min: IntArray
    last_start_min: IntArray
    close_min: IntArray
    start_load_kg: FloatArray
    least_end_load_kg: FloatArray
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
    """Used slots first, then the unused ones that still find room; each tied pair is split
    between the two.
    """
    slots = problem.slots
    first, last, close = slots.open_min.copy(), slots.last_start_min.copy(), slots.close_min.copy()
    used = end >= 0
    enabled = np.zeros(len(slots), dtype=bool)
    ties: list[list[tuple[int, int, int]]] = [[] for _ in range(len(slots))]
    for a, b, gap in slots.conflict.tolist():
        ties[a].append((a, b, gap))
        ties[b].append((a, b, gap))
    for k in [*np.flatnonzero(used).tolist(), *np.flatnonzero(~used).tolist()]:
        trial = first.copy(), last.copy(), close.copy()
        if all(
            _split_pair(trial, tie, start, end) for tie in ties[k] if enabled[tie[0] + tie[1] - k]
        ):
            enabled[k] = True
            first, last, close = trial
    return enabled, first, last, close


def _split_pair(
    windows: tuple[IntArray, IntArray, IntArray],
    tie: tuple[int, int, int],
    start: IntArray,
    end: IntArray,
) -> bool:
    """Cut the windows of a tied pair in place at a split time that keeps the incumbent; False where
    there is none.

    The later slot's opening stays where it was if that can be.
    """
    (first, last, close), (a, b, gap) = windows, tie
    least = end[a] if end[a] >= 0 else first[a]
    most = (start[b] if end[b] >= 0 else last[b]) - gap
    if least > most:
        return False
    split = min(max(first[b] - gap, least), most)
    close[a], last[a] = min(close[a], split), min(last[a], split)
    first[b] = max(first[b], split + gap)
    return True


def _split_loads(
    problem: RoutingProblem, incumbent: tuple[Route, ...], enabled: BoolArray
) -> tuple[FloatArray, FloatArray]:
    """What each slot starts with and must leave, when the incumbent's orders get their
    ``q_min``.
    """
    slots = problem.slots
    route_of = {route.slot: route for route in incumbent}
    start_load, least_end = np.zeros(len(slots)), np.zeros(len(slots))
    for vehicle in np.unique(slots.vehicle):
        chain = [int(k) for k in np.flatnonzero((slots.vehicle == vehicle) & enabled)]
        load = float(np.floor(problem.vehicle_load_kg[vehicle] + 1e-6))
        for position, k in enumerate(chain):
            start_load[k] = load
            for visit in route_of[k].visits if k in route_of else ():
                load = (
                    float(np.floor(slots.capacity_kg[k]))
                    if visit.site >= 0
                    else load - float(problem.order_need[visit.order, k])
                )
            load = max(load, 0.0)
            if position + 1 < len(chain):
                load = _handed_on(problem, route_of, chain[position + 1 :], load)
                least_end[k] = load
    return start_load, least_end


def _handed_on(
    problem: RoutingProblem, route_of: dict[int, Route], later: list[int], load: float
) -> float:
    """What the rest of the chain needs of ``load`` before it loads again: no more is promised
    than is used.
    """
    need = 0.0
    for k in later:
        for visit in route_of[k].visits if k in route_of else ():
            if visit.site >= 0:
                return min(need, load)
            need += float(problem.order_need[visit.order, k])
    return min(need, load)
