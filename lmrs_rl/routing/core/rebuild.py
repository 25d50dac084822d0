"""Given routes as a state of the core."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from lmrs_rl.routing.core.arrays import LONGEST_ROUTE, Core, State, empty_state
from lmrs_rl.routing.core.insertion import set_route
from lmrs_rl.routing.core.trip import LEGAL, check_load, room_in_time, run_trip
from lmrs_rl.routing.routes import Route


def state_of(core: Core, routes: Iterable[Route]) -> tuple[State, list[Route]]:
    """A state with the routes in it, each running as early as it can, and the routes that are not legal there.

    Routes are put in one after the other in order of start; product on board is handed on as they come.
    """
    state, refused = empty_state(core), []
    for route in sorted(routes, key=lambda r: (r.start_min, r.slot)):
        if not place(core, state, route.slot, codes(core, route)):
            refused.append(route)
    return state, refused


def codes(core: Core, route: Route) -> list[int]:
    """The visits as the core numbers them, nights included."""
    result = []
    for visit in route.visits:
        result.append(visit.order if visit.order >= 0 else core.m + visit.site)
        if visit.sleeps:
            result.append(core.m + core.sites)
    return result


def place(core: Core, state: State, slot: int, nodes: Sequence[int]) -> bool:
    """Make ``nodes`` the route of ``slot`` if that is legal."""
    visits = np.zeros(LONGEST_ROUTE, dtype=np.int64)
    n = len(nodes)
    if n >= LONGEST_ROUTE:
        return False
    visits[:n] = nodes
    arrival = np.empty(LONGEST_ROUTE, dtype=np.int64)
    if check_load(core, slot, visits, n, state.start_load[slot], state.need_after[slot]) >= 0:
        return False
    if run_trip(core, slot, visits, n, room_in_time(core, state, slot), arrival)[0] != LEGAL:
        return False
    set_route(core, state, slot, visits, n, arrival)
    return True
