"""Prices a sequence of visits, with a loading stop inserted where it needs or pays for one."""

# An element picked by an index of unknown type is typed as an array by numpy's stubs.
# pyright: reportArgumentType=false, reportReturnType=false

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lmrs_rl.routing.core.arrays import LONGEST_ROUTE, Core, State
from lmrs_rl.routing.core.compiled import compiled
from lmrs_rl.routing.core.fill import chain_shortfall_cost, sequence_cost
from lmrs_rl.routing.core.trip import (
    LEGAL,
    TOO_FAR,
    first_shortage,
    schedule_trip,
    service_time,
)


@compiled
def insert_node(
    source: NDArray[np.int64], n: int, position: int, node: int, target: NDArray[np.int64]
) -> int:
    """Copy ``source`` to ``target`` (which may be the same) with ``node`` inserted at
    ``position``; returns the new length.
    """
    # From the back, so that nothing is overwritten where source and target are the same.
    for i in range(n - 1, position - 1, -1):
        target[i + 1] = source[i]
    target[position] = node
    for i in range(position):
        target[i] = source[i]
    return n + 1


@compiled
def price_sequence(
    core: Core,
    state: State,
    slot: int,
    visits: NDArray[np.int64],
    n: int,
    place: int,
    room: tuple[int, int],
    arrival: NDArray[np.int64],
    limit: float,
) -> tuple[float, int, int]:
    """Cost, length and verdict of a sequence, with a loading stop inserted where product runs
    short or where fuller drops pay for one.

    The cost is that of the route and the shortfall cost of its vehicle, infinite if illegal. The
    verdict is TOO_FAR if a night might help. ``visits``, whose newest visit is at ``place``, is
    changed to the sequence that was priced. Sequences that cost ``limit`` or more are not priced
    exactly.
    """
    short_at = first_shortage(core, slot, visits, n, state.start_load[slot], state.need_after[slot])
    if short_at < 0:
        verdict, cost, _, _ = schedule_trip(core, slot, visits, n, room, arrival)
        if verdict != LEGAL:
            return np.inf, n, verdict
        if not core.valued:
            return cost, n, verdict
        shortfall = chain_shortfall_cost(core, state, slot, visits, n)
        # A loading stop saves at most the whole shortfall cost, and takes at least this long where
        # no wait absorbs it.
        bound = cost + shortest_loading(core, slot) * core.cost_per_min[slot]
        cost += shortfall
        if bound >= min(cost, limit) or n + 1 >= LONGEST_ROUTE:
            return cost, n, verdict
        # This step tries two places only: right before the newest visit, and the start.
        with_loading, length, _ = add_loading_stop(
            core, state, slot, visits, n, place, max(place, 1), room, arrival, min(cost, limit)
        )
        return (with_loading, length, LEGAL) if with_loading < cost else (cost, n, verdict)
    # Not TOO_FAR: a night would only make it longer.
    if n + 1 >= LONGEST_ROUTE:
        return np.inf, n, LEGAL
    # Back from the shortage: a stop after it would come too late.
    return add_loading_stop(core, state, slot, visits, n, short_at, 1, room, arrival, limit)


@compiled
def add_loading_stop(
    core: Core,
    state: State,
    slot: int,
    visits: NDArray[np.int64],
    n: int,
    last: int,
    step: int,
    room: tuple[int, int],
    arrival: NDArray[np.int64],
    limit: float,
) -> tuple[float, int, int]:
    """As `price_sequence`, with a loading stop at the best of every ``step``-th position back from
    ``last``; infinite if none costs less than ``limit``.
    """
    # Long because it is one compiled kernel: two loops, a bound and a check that share all their
    # values.
    best, best_position, best_site, failure = limit, -1, -1, LEGAL
    trial, before = state.scratch.loading, distance_and_duration(core, slot, visits, n)
    for position in range(last, -1, -step):
        # A night has to stay right after its customer.
        if position < n and visits[position] == core.m + core.sites:
            continue
        here, after = (
            point_before(core, slot, visits, position),
            point_after(core, slot, visits, n, position),
        )
        for site in range(core.sites):
            if not core.site_allowed[site, slot]:
                continue
            via = core.point[core.m + site]
            # Lower bounds, since waits and nights are left out: far cheaper than a schedule.
            minutes = (
                before[1]
                + core.travel[here, via]
                + core.travel[via, after]
                - core.travel[here, after]
                + core.site_service[site, core.vehicle[slot]]
            )
            km = before[0] + core.km[here, via] + core.km[via, after] - core.km[here, after]
            if (
                minutes > room[1] - room[0]
                or km * core.cost_per_km[slot] + minutes * core.cost_per_min[slot] >= best
            ):
                continue
            length = insert_node(visits, n, position, core.m + site, trial)
            if (
                first_shortage(
                    core, slot, trial, length, state.start_load[slot], state.need_after[slot]
                )
                >= 0
            ):
                continue
            verdict, cost = sequence_cost(core, state, slot, trial, length, room, arrival)
            if verdict == LEGAL and cost < best:
                best, best_position, best_site = cost, position, site
            elif verdict == TOO_FAR:
                failure = TOO_FAR
    if best_position < 0:
        return np.inf, n, failure
    insert_node(visits, n, best_position, core.m + best_site, trial)
    for i in range(n + 1):
        visits[i] = trial[i]
    return best, n + 1, LEGAL


@compiled
def distance_and_duration(
    core: Core, slot: int, visits: NDArray[np.int64], n: int
) -> tuple[float, int]:
    """[km] and [min] of driving and service of a sequence, without waiting and nights."""
    at, km, minutes = core.base[slot], 0.0, 0
    for i in range(n):
        if visits[i] == core.m + core.sites:
            continue
        to = core.point[visits[i]]
        km += core.km[at, to]
        minutes += core.travel[at, to] + service_time(core, slot, visits[i])
        at = to
    return km + core.km[at, core.base[slot]], minutes + core.travel[at, core.base[slot]]


@compiled
def point_before(core: Core, slot: int, visits: NDArray[np.int64], position: int) -> int:
    """Point from which the vehicle drives to ``position``."""
    for i in range(position - 1, -1, -1):
        if visits[i] < core.m + core.sites:
            return int(core.point[visits[i]])
    return int(core.base[slot])


@compiled
def point_after(core: Core, slot: int, visits: NDArray[np.int64], n: int, position: int) -> int:
    """Point to which the vehicle goes on from a visit newly inserted at ``position``."""
    for i in range(position, n):
        if visits[i] < core.m + core.sites:
            return int(core.point[visits[i]])
    return int(core.base[slot])


@compiled
def shortest_loading(core: Core, slot: int) -> int:
    """[min] the shortest loading stop that the slot's vehicle can make, 10**9 if it can make
    none.
    """
    shortest = 10**9
    for site in range(core.sites):
        if core.site_allowed[site, slot]:
            shortest = min(shortest, core.site_service[site, core.vehicle[slot]])
    return shortest
