"""Turns given routes into a state of the core."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from lmrs_rl.routing.core.arrays import LONGEST_ROUTE, Core, State, empty_state
from lmrs_rl.routing.core.compiled import compiled
from lmrs_rl.routing.core.fill import chain_shortfall_cost
from lmrs_rl.routing.core.insertion import set_route, waiting_and_driving
from lmrs_rl.routing.core.trip import (
    LEGAL,
    available_time,
    chain_loads,
    first_shortage,
    schedule_trip,
)
from lmrs_rl.routing.routes import Route


def state_of(
    core: Core, routes: Iterable[Route], costs: Mapping[int, float] | None = None
) -> tuple[State, list[Route]]:
    """A state with the routes in it, each running as early as it can, and the routes that are not
    legal in it.

    Routes are put in one after the other in order of start, so that each finds the product that the
    ones before leave on board. If ``costs`` [currency] by slot are given, a route that the core
    would refuse is put in with its own times: OR-Tools may split a long wait over several stops,
    which the core does not try.
    """
    state, refused = empty_state(core), []
    for route in sorted(routes, key=lambda r: (r.start_min, r.slot)):
        nodes = node_codes(core, route)
        if place_if_legal(core, state, route.slot, nodes):
            continue
        if costs is None or len(nodes) >= LONGEST_ROUTE:
            refused.append(route)
        else:
            _set_as_given(core, state, route, nodes, costs[route.slot])
    return state, refused


def _set_as_given(
    core: Core, state: State, route: Route, nodes: Sequence[int], cost: float
) -> None:
    """Write a route into the state with its own times, unchecked."""
    slot, n = route.slot, len(nodes)
    arrival, at = np.zeros(LONGEST_ROUTE, dtype=np.int64), 0
    for visit in route.visits:
        arrival[at] = visit.arrival_min
        at += 1
        if visit.sleeps:
            arrival[at] = visit.departure_min + core.night_min[slot]
            at += 1
    state.length[slot], state.visits[slot, :n], state.cost[slot] = n, nodes, cost
    state.start[slot], state.end[slot] = route.start_min, route.end_min
    state.waited[slot], state.driven[slot] = waiting_and_driving(
        core, slot, state.visits[slot], n, route.start_min, arrival
    )
    state.slot_of[[node for node in nodes if node < core.m]] = slot
    chain_loads(core, state, core.vehicle[slot])
    if core.valued:
        state.shortfall_cost[core.vehicle[slot]] = chain_shortfall_cost(
            core, state, slot, state.visits[slot], n
        )


def node_codes(core: Core, route: Route) -> list[int]:
    """Node numbers of the route's visits, nights included (see `Core`)."""
    result = []
    for visit in route.visits:
        result.append(visit.order if visit.order >= 0 else core.m + visit.site)
        if visit.sleeps:
            result.append(core.m + core.sites)
    return result


def place_if_legal(core: Core, state: State, slot: int, nodes: Sequence[int]) -> bool:
    """Make ``nodes`` the route of ``slot`` if that is legal; whether it is."""
    if len(nodes) >= LONGEST_ROUTE:
        return False
    return bool(_place(core, state, slot, np.array(nodes, dtype=np.int64), len(nodes)))


def place_legal_part(core: Core, state: State, slot: int, nodes: Sequence[int]) -> None:
    """Make ``nodes`` the route of ``slot`` if that is legal, otherwise those of them that are legal
    one after the other.
    """
    if not place_if_legal(core, state, slot, nodes):
        _place_one_by_one(
            core,
            state,
            slot,
            np.array(nodes, dtype=np.int64),
            np.empty(LONGEST_ROUTE, dtype=np.int64),
        )


@compiled
def _place(core: Core, state: State, slot: int, visits: NDArray[np.int64], n: int) -> bool:
    arrival = state.scratch.arrival
    if first_shortage(core, slot, visits, n, state.start_load[slot], state.need_after[slot]) >= 0:
        return False
    if schedule_trip(core, slot, visits, n, available_time(core, state, slot), arrival)[0] != LEGAL:
        return False
    set_route(core, state, slot, visits, n, arrival)
    return True


@compiled
def _place_one_by_one(
    core: Core, state: State, slot: int, nodes: NDArray[np.int64], kept: NDArray[np.int64]
) -> None:
    n = 0
    for node in nodes:
        kept[n] = node
        if n + 1 < LONGEST_ROUTE and _place(core, state, slot, kept, n + 1):
            n += 1
