"""Questions put to the core about given routes: what would an order cost here, and what if others gave way?"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from lmrs_rl.routing.core.arrays import LONGEST_ROUTE, Core, State, empty_state
from lmrs_rl.routing.core.insertion import insert_best, set_route
from lmrs_rl.routing.core.ruin import tidy
from lmrs_rl.routing.core.run import clone, objective
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


def insertion_cost(core: Core, state: State, order: int) -> float:
    """[currency] that the order adds where it adds least, infinite where it fits nowhere. It is in ``state`` afterwards, if it fits."""
    before = objective(core, state)
    if not insert_best(core, state, order, np.inf, -1, 0.0, _any_stream()):
        return np.inf
    return float(objective(core, state) - before + core.penalty[order])


def least_displacement(core: Core, state: State, order: int) -> tuple[float, State | None]:
    """How the objective changes when others give way for ``order``, at the least; and the state that this gives.

    Tried are the removal of each single order and of each whole trip. Who gave way is put back where that pays. Infinite and
    ``None`` where none of it lets the order in.
    """
    before, best, answer = float(objective(core, state)), np.inf, None
    for slot in np.flatnonzero(state.length).tolist():
        orders = [int(v) for v in state.visits[slot, : state.length[slot]] if v < core.m]
        for leaving in [*([k] for k in orders), *([orders] if len(orders) > 1 else [])]:
            trial = clone(state)
            if not _take_out(core, trial, slot, leaving) or np.isinf(insertion_cost(core, trial, order)):
                continue
            for k in sorted(leaving, key=lambda k: (-core.penalty[k], k)):
                insert_best(core, trial, k, core.penalty[k], -1, 0.0, _any_stream())
            change = float(objective(core, trial)) - before
            if change < best:
                best, answer = change, trial
    return best, answer


def _take_out(core: Core, state: State, slot: int, orders: list[int]) -> bool:
    """Take orders out of a route, and what then is useless; False where the rest would not be legal."""
    gone: NDArray[np.bool_] = np.isin(state.visits[slot, : state.length[slot]], orders)
    state.slot_of[orders] = -1
    tidy(core, state, slot, gone)
    return bool(np.all(state.slot_of[orders] < 0))


def _any_stream() -> NDArray[np.uint64]:
    """Random numbers are drawn but decide nothing where no place is blinked over."""
    return np.array([1], dtype=np.uint64)
