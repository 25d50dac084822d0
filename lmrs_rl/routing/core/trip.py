"""Whether a sequence of visits is a legal trip, when it runs and what it costs."""

# An element picked by an index of unknown type is typed as an array by numpy's stubs.
# pyright: reportArgumentType=false, reportReturnType=false

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lmrs_rl.routing.core.arrays import Core, State
from lmrs_rl.routing.core.compiled import compiled

LEGAL, LATE, TOO_FAR = 0, 1, 2
"""Verdicts on a sequence: legal; out of time; too much driving, which a night might mend."""


@compiled
def next_opening(core: Core, node: int, minute: int) -> int:
    """First minute >= ``minute`` at which service at ``node`` may start; -1 if there is none."""
    for w in range(core.window_of[node], core.window_of[node + 1]):
        if minute <= core.window[w, 1]:
            return int(max(minute, core.window[w, 0]))
    return -1


@compiled
def last_opening(core: Core, node: int, minute: int) -> int:
    """Last minute <= ``minute`` at which service at ``node`` may start; -1 if there is none."""
    for w in range(core.window_of[node + 1] - 1, core.window_of[node] - 1, -1):
        if minute >= core.window[w, 0]:
            return int(min(minute, core.window[w, 1]))
    return -1


@compiled
def service_time(core: Core, slot: int, node: int) -> int:
    """[min] of service at ``node``, which is no night, by the slot's vehicle."""
    if node < core.m:
        return int(core.service[node])
    return int(core.site_service[node - core.m, core.vehicle[slot]])


@compiled
def first_shortage(
    core: Core, slot: int, visits: NDArray[np.int64], n: int, start_load: float, need_after: float
) -> int:
    """Position of the first visit that finds too little product on board (``n``: a later route of
    the vehicle does); -1 if the product suffices.
    """
    load = start_load
    for i in range(n):
        node = visits[i]
        if node < core.m:
            load -= core.need[node, slot]
            # No tolerance: loads and reserves are whole kg, which floats add up exactly.
            if load < 0:
                return i
        elif node < core.m + core.sites:
            load = core.capacity[slot]
    return n if load < need_after else -1


@compiled
def earliest_schedule(
    core: Core, slot: int, visits: NDArray[np.int64], n: int, start: int, arrival: NDArray[np.int64]
) -> tuple[int, int, int]:
    """Run a sequence as early as possible from ``start``: verdict, end, and minutes waited. Fills
    ``arrival``.
    """
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
        now = opening + service_time(core, slot, node)
        at = core.point[node]
    leg = core.travel[at, core.base[slot]]
    if driven + leg > core.max_driving[slot]:
        return TOO_FAR, 0, 0
    return LEGAL, now + leg, waited


@compiled
def latest_start(core: Core, slot: int, visits: NDArray[np.int64], n: int, end: int) -> int:
    """The latest start that still ends by ``end``, for a sequence that can end by then."""
    at, then = core.base[slot], end
    for i in range(n - 1, -1, -1):
        node = visits[i]
        if node == core.m + core.sites:
            then -= core.night_min[slot]
            continue
        then = last_opening(
            core, node, then - core.travel[core.point[node], at] - service_time(core, slot, node)
        )
        at = core.point[node]
    return int(min(then - core.travel[core.base[slot], at], core.last_start[slot]))


@compiled
def longest_wait(
    core: Core, slot: int, visits: NDArray[np.int64], n: int, start: int, arrival: NDArray[np.int64]
) -> int:
    """[min] the longest wait before a visit of a sequence with these arrival times.

    The referee takes a wait as long as a driver's night for one, so it has to be limited.
    """
    at, now, longest = core.base[slot], start, 0
    for i in range(n):
        node = visits[i]
        if node == core.m + core.sites:
            now += core.night_min[slot]
            continue
        longest = max(longest, arrival[i] - now - core.travel[at, core.point[node]])
        now = arrival[i] + service_time(core, slot, node)
        at = core.point[node]
    return longest


@compiled
def available_time(core: Core, state: State, slot: int) -> tuple[int, int]:
    """First start and last end that the routes in conflicting slots leave to a slot."""
    first, close = core.open[slot], core.close[slot]
    for t in range(core.conflict_of[slot], core.conflict_of[slot + 1]):
        other, gap = core.conflict[t, 0], core.conflict[t, 1]
        if state.length[other] == 0:
            continue
        if core.conflict[t, 2] == 1:
            first = max(first, state.end[other] + gap)
        else:
            close = min(close, state.start[other] - gap)
    return first, close


@compiled
def nights_legal(core: Core, slot: int, visits: NDArray[np.int64], n: int) -> tuple[bool, int]:
    """Whether nights are where they may be (at most one, right after a customer who allows it),
    and how many there are.
    """
    nights = 0
    for i in range(n):
        if visits[i] == core.m + core.sites:
            # Stricter than rule LAY02, which only asks that the trip serves such a customer.
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
def schedule_trip(
    core: Core,
    slot: int,
    visits: NDArray[np.int64],
    n: int,
    room: tuple[int, int],
    arrival: NDArray[np.int64],
) -> tuple[int, float, int, int]:
    """Verdict, cost, start and end of a sequence between the first start ``room[0]`` and the last
    end ``room[1]``; loads are not checked.

    The trip ends as early as it can and then starts as late as that allows, since the driver is
    paid from the start on: a forward and a backward pass (Savelsbergh 1992,
    doi:10.1287/ijoc.4.2.146).
    """
    start = room[0]
    if start > core.last_start[slot]:
        return LATE, 0.0, 0, 0
    legal, nights = nights_legal(core, slot, visits, n)
    if not legal:
        return TOO_FAR, 0.0, 0, 0
    verdict, end, waited = earliest_schedule(core, slot, visits, n, start, arrival)
    if verdict != LEGAL:
        return verdict, 0.0, 0, 0
    if end > room[1]:
        return LATE, 0.0, 0, 0
    # Without a wait no other start makes the trip shorter.
    if waited > 0:
        start = max(start, latest_start(core, slot, visits, n, end))
        earliest_schedule(core, slot, visits, n, start, arrival)
        if longest_wait(core, slot, visits, n, start, arrival) > core.max_wait:
            return LATE, 0.0, 0, 0
    # As the referee counts: working time without the night, which has a price of its own.
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
    """Update the load that each route of a vehicle starts with, and what later ones need of it."""
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
                # A loading fills the vehicle: what follows needs nothing of earlier trips.
                need = 0.0
