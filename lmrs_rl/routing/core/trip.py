"""Is a sequence of visits a legal trip, when does it run, and what does it cost?"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lmrs_rl.routing.core.arrays import Core, State
from lmrs_rl.routing.core.compiled import compiled

LEGAL, LATE, TOO_FAR, SHORT = 0, 1, 2, 3
"""Verdicts on a sequence: fine; out of time; too much driving; out of product."""


@compiled
def next_opening(core: Core, node: int, minute: int) -> int:
    """First minute >= ``minute`` at which service at ``node`` may start; -1 where there is none."""
    for w in range(core.window_of[node], core.window_of[node + 1]):
        if minute <= core.window[w, 1]:
            return int(max(minute, core.window[w, 0]))
    return -1


@compiled
def last_opening(core: Core, node: int, minute: int) -> int:
    """Last minute <= ``minute`` at which service at ``node`` may start; -1 where there is none."""
    for w in range(core.window_of[node + 1] - 1, core.window_of[node] - 1, -1):
        if minute >= core.window[w, 0]:
            return int(min(minute, core.window[w, 1]))
    return -1


@compiled
def service_of(core: Core, slot: int, node: int) -> int:
    if node < core.m:
        return int(core.service[node])
    return int(core.site_service[node - core.m, core.vehicle[slot]])


@compiled
def check_load(
    core: Core, slot: int, visits: NDArray[np.int64], n: int, start_load: float, need_after: float
) -> int:
    """Position of the first visit that finds too little product (``n``: the routes after this
    one do); -1 where all is well.
    """
    load = start_load
    for i in range(n):
        node = visits[i]
        if node < core.m:
            load -= core.need[node, slot]
            if load < 0:
                return i
        elif node < core.m + core.sites:
            load = core.capacity[slot]
    return n if load < need_after else -1


@compiled
def earliest_run(
    core: Core, slot: int, visits: NDArray[np.int64], n: int, start: int, arrival: NDArray[np.int64]
) -> tuple[int, int, int]:
    """Earliest run from ``start``: verdict, end, and minutes waited. Fills ``arrival``."""
    at, now, driven, waited = core.base[slot], start, 0, 0
    for i in range(n):
        node = visits[i]
        if node == core.m + core.sites:
            now += core.night_min[slot]
            driven = 0
            arrival[i] = now
            continue
        leg = core.travel[at, core.point[node]]
        driven += leg
        if driven > core.max_driving[slot]:
            return TOO_FAR, 0, 0
        opening = next_opening(core, node, now + leg)
        if opening < 0:
            return LATE, 0, 0
        wait = opening - now - leg
        waited += wait
        arrival[i] = opening
        now = opening + service_of(core, slot, node)
        at = core.point[node]
    leg = core.travel[at, core.base[slot]]
    if driven + leg > core.max_driving[slot]:
        return TOO_FAR, 0, 0
    return LEGAL, now + leg, waited


@compiled
def latest_start(core: Core, slot: int, visits: NDArray[np.int64], n: int, end: int) -> int:
    """The latest start that still ends by ``end``, for a sequence that can."""
    at, then = core.base[slot], end
    for i in range(n - 1, -1, -1):
        node = visits[i]
        if node == core.m + core.sites:
            then -= core.night_min[slot]
            continue
        then = last_opening(
            core, node, then - core.travel[core.point[node], at] - service_of(core, slot, node)
        )
        at = core.point[node]
    return int(min(then - core.travel[core.base[slot], at], core.last_start[slot]))


@compiled
def longest_wait(
    core: Core, slot: int, visits: NDArray[np.int64], n: int, start: int, arrival: NDArray[np.int64]
) -> int:
    """[min] the longest wait before a visit; such a wait would count as a night once it is as
    long as one.
    """
    at, now, longest = core.base[slot], start, 0
    for i in range(n):
        node = visits[i]
        if node == core.m + core.sites:
            now += core.night_min[slot]
            continue
        longest = max(longest, arrival[i] - now - core.travel[at, core.point[node]])
        now = arrival[i] + service_of(core, slot, node)
        at = core.point[node]
    return longest


@compiled
def room_in_time(core: Core, state: State, slot: int) -> tuple[int, int]:
    """First start and last end that the tied routes leave to a slot."""
    first, close = core.first[slot], core.close[slot]
    for t in range(core.tie_of[slot], core.tie_of[slot + 1]):
        other, gap = core.tie[t, 0], core.tie[t, 1]
        if state.length[other] == 0:
            continue
        if core.tie[t, 2] == 1:
            first = max(first, state.end[other] + gap)
        else:
            close = min(close, state.start[other] - gap)
    return first, close


@compiled
def nights_legal(core: Core, slot: int, visits: NDArray[np.int64], n: int) -> tuple[bool, int]:
    """Whether nights are where they may be (one at most, right after a customer who allows it),
    and how many.
    """
    nights = 0
    for i in range(n):
        if visits[i] == core.m + core.sites:
            nights += 1
            if (
                not core.night[slot]
                or nights > 1
                or i == 0
                or visits[i - 1] >= core.m
                or not core.overnight[visits[i - 1]]
            ):
                return False, nights
    return True, nights


@compiled
def run_trip(
    core: Core,
    slot: int,
    visits: NDArray[np.int64],
    n: int,
    room: tuple[int, int],
    arrival: NDArray[np.int64],
) -> tuple[int, float, int, int]:
    """Verdict, cost, start and end of a sequence in the given room in time; loads are not looked
    at.

    The trip ends as early as it can and starts as late as that allows.
    """
    start = room[0]
    if start > core.last_start[slot]:
        return LATE, 0.0, 0, 0
    legal, nights = nights_legal(core, slot, visits, n)
    if not legal:
        return TOO_FAR, 0.0, 0, 0
    verdict, end, waited = earliest_run(core, slot, visits, n, start, arrival)
    if verdict != LEGAL:
        return verdict, 0.0, 0, 0
    if end > room[1]:
        return LATE, 0.0, 0, 0
    if waited > 0:
        start = max(start, latest_start(core, slot, visits, n, end))
        earliest_run(core, slot, visits, n, start, arrival)
        if longest_wait(core, slot, visits, n, start, arrival) > core.most_wait:
            return LATE, 0.0, 0, 0
    cost = (
        core.cost_per_min[slot] * (end - start - nights * core.night_min[slot])
        + nights * core.cost_per_night[slot]
    )
    at = core.base[slot]
    for i in range(n):
        node = visits[i]
        if node == core.m + core.sites:
            continue
        cost += core.cost_per_km[slot] * core.km[at, core.point[node]]
        at = core.point[node]
        if node < core.m:
            cost += core.slot_cost[node, slot]
            if arrival[i] > core.due[node]:
                cost += core.late_cost[node] * (arrival[i] - core.due[node])
    return LEGAL, cost + core.cost_per_km[slot] * core.km[at, core.base[slot]], start, end


@compiled
def chain_loads(core: Core, state: State, vehicle: int) -> None:
    """Recompute what each route of a vehicle starts with and what the ones after it need."""
    load = core.load[vehicle]
    for c in range(core.chain_of[vehicle], core.chain_of[vehicle + 1]):
        slot = core.chain[c]
        state.start_load[slot] = load
        for i in range(state.length[slot]):
            node = state.visits[slot, i]
            if node < core.m:
                load -= core.need[node, slot]
            elif node < core.m + core.sites:
                load = core.capacity[slot]
    need = 0.0
    for c in range(core.chain_of[vehicle + 1] - 1, core.chain_of[vehicle] - 1, -1):
        slot = core.chain[c]
        state.need_after[slot] = need
        for i in range(state.length[slot] - 1, -1, -1):
            node = state.visits[slot, i]
            if node < core.m:
                need += core.need[node, slot]
            elif node < core.m + core.sites:
                need = 0.0
