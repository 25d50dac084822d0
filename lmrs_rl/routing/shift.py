"""Carries yesterday's plan over to this morning's problem, as far as it is still legal."""

from __future__ import annotations

import numpy as np

from lmrs_rl.domain import Plan, Trip
from lmrs_rl.domain.arrays import MINUTES_PER_DAY, IntArray
from lmrs_rl.routing.core.annealing import read_state
from lmrs_rl.routing.core.arrays import LONGEST_ROUTE, Core, core_arrays, empty_state
from lmrs_rl.routing.core.rebuild import place_legal_part
from lmrs_rl.routing.core.ruin import cleanup
from lmrs_rl.routing.problem import RoutingProblem
from lmrs_rl.routing.reading import find_slot, orders_of_drops, sleeps
from lmrs_rl.routing.routes import Route


def shifted_routes(
    problem: RoutingProblem, plan: Plan, core: Core | None = None
) -> tuple[Route, ...]:
    """The trips of ``plan`` that start now or later, as routes of ``problem``.

    Drops whose order is gone, stops that would break a rule and loading stops that are useless
    without them are removed. ``core`` are the problem's arrays, if made already.
    """
    if not problem.n_orders or not len(problem.slots):
        return ()
    core = core_arrays(problem) if core is None else core
    state, trips = empty_state(core), _future_trips(problem, plan)
    order_of, used = _match_orders(problem, trips), set[int]()
    for number, trip in enumerate(trips):
        slot = find_slot(problem, trip, used)
        if slot is None:
            continue
        used.add(slot)
        place_legal_part(core, state, slot, _nodes(problem, core, slot, trip, number, order_of))
    nothing = np.zeros(LONGEST_ROUTE, dtype=np.bool_)
    for slot in sorted(used, reverse=True):  # a later trip may need what an earlier one loads
        if state.length[slot]:
            cleanup(core, state, slot, nothing)
    return read_state(problem, core, state)


def planned_days(problem: RoutingProblem, plan: Plan) -> IntArray:
    """(m,) the day, counted from now, on which ``plan`` starts the trip that serves each order;
    -1 if it serves it by none.
    """
    trips = _future_trips(problem, plan)
    day = np.full(problem.n_orders, -1, dtype=np.int64)
    for (number, _), order in _match_orders(problem, trips).items():
        day[order] = (trips[number].start_min - problem.now_min) // MINUTES_PER_DAY
    return day


def _future_trips(problem: RoutingProblem, plan: Plan) -> tuple[Trip, ...]:
    """The trips of ``plan`` that have not started, in order of start."""
    return tuple(
        sorted(
            (t for t in plan.trips if t.start_min >= problem.now_min),
            key=lambda t: (t.start_min, t.driver, t.vehicle),
        )
    )


def _match_orders(problem: RoutingProblem, trips: tuple[Trip, ...]) -> dict[tuple[int, int], int]:
    """The order for each drop (trip, stop): one that is open then, or else, since windows move
    from one morning to the next, any other one of the customer.
    """
    found = orders_of_drops(problem, trips)
    customers = problem.order_customer.tolist()
    unmatched = sorted(set(range(problem.n_orders)) - set(found.values()))
    for t, trip in enumerate(trips):
        for s, stop in enumerate(trip.stops):
            if stop.kind == "drop" and (t, s) not in found:
                order = next((k for k in unmatched if customers[k] == stop.place), None)
                if order is not None:
                    found[t, s] = order
                    unmatched.remove(order)
    return found


def _nodes(
    problem: RoutingProblem,
    core: Core,
    slot: int,
    trip: Trip,
    number: int,
    order_of: dict[tuple[int, int], int],
) -> list[int]:
    """Node numbers of the core for the stops that can stay."""
    nodes = []
    for s, (stop, slept) in enumerate(zip(trip.stops, sleeps(problem, slot, trip), strict=True)):
        if stop.kind == "load":
            if problem.site_allowed[stop.place, slot]:
                nodes.append(core.m + stop.place)
        elif (number, s) in order_of and problem.order_allowed[order_of[number, s], slot]:
            nodes.append(order_of[number, s])
            if slept:
                nodes.append(core.m + core.sites)
    return nodes
