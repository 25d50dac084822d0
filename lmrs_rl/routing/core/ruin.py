"""Ruin: take strings of neighbouring orders out of the routes, and what then is useless with
them.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lmrs_rl.routing.core.arrays import Core, State
from lmrs_rl.routing.core.compiled import compiled
from lmrs_rl.routing.core.fill import chain_shortfall, sequence_cost
from lmrs_rl.routing.core.insertion import set_route
from lmrs_rl.routing.core.random import below, uniform
from lmrs_rl.routing.core.trip import LEGAL, check_load, room_in_time, run_trip


@compiled
def ruin(
    core: Core, state: State, mean_removed: float, longest_string: float, stream: NDArray[np.uint64]
) -> None:
    """Adjacent string removal (Christiaens & Vanden Berghe 2020, section 5.1,
    doi:10.1287/trsc.2019.0914).
    """
    routes, served, ruined = 0, 0, state.scratch.ruined
    for slot in range(len(core.vehicle)):
        routes += state.length[slot] > 0
        ruined[slot] = False
    for order in range(core.m):
        served += state.slot_of[order] >= 0
    if routes == 0:
        return
    longest = min(longest_string, served / routes)
    most_strings = 4.0 * mean_removed / (1.0 + longest) - 1.0
    strings = int(np.floor(uniform(stream) * most_strings + 1.0))
    seed = below(stream, core.m)
    for j in range(core.m):
        order = core.near[seed, j]
        slot = state.slot_of[order]
        if slot < 0 or ruined[slot]:
            continue
        remove_string(core, state, slot, order, longest, stream)
        ruined[slot] = True
        strings -= 1
        if strings <= 0:
            break
    drop_idle_loading(core, state)


@compiled
def drop_idle_loading(core: Core, state: State) -> None:
    """Drop trips that only load, where nothing that is left needs them: no string ever starts in
    one.
    """
    for slot in range(len(core.vehicle)):
        orders = 0
        for i in range(state.length[slot]):
            orders += state.visits[slot, i] < core.m
        if state.length[slot] > 0 and orders == 0:
            cleanup(core, state, slot, state.scratch.nothing)


@compiled
def remove_string(
    core: Core, state: State, slot: int, order: int, longest: float, stream: NDArray[np.uint64]
) -> None:
    """Take a string of orders that contains ``order`` out of a route; half the time with a part
    in the middle left in.
    """
    n = state.length[slot]
    place, gone = state.scratch.place, state.scratch.gone
    orders, here = 0, 0
    for i in range(n):
        gone[i] = False
        if state.visits[slot, i] < core.m:
            if state.visits[slot, i] == order:
                here = orders
            place[orders] = i
            orders += 1
    size = int(np.floor(uniform(stream) * min(float(orders), longest) + 1.0))
    size = min(size, orders)
    kept = 0
    if size < orders and size > 1 and uniform(stream) < 0.5:
        kept = 1
        while size + kept < orders and uniform(stream) > 0.01:
            kept += 1
    span = size + kept
    lowest, highest = max(0, here - span + 1), min(here, orders - span)
    begin = lowest + below(stream, highest - lowest + 1)
    keep_from = begin + below(stream, size + 1) if kept else begin + span
    for j in range(begin, begin + span):
        if keep_from <= j < keep_from + kept and state.visits[slot, place[j]] != order:
            continue
        gone[place[j]] = True
        state.slot_of[state.visits[slot, place[j]]] = -1
    cleanup(core, state, slot, gone)


@compiled
def cleanup(core: Core, state: State, slot: int, gone: NDArray[np.bool_]) -> None:
    """Drop the visits that are gone, nights that stand alone, and loading stops that nothing
    needs.
    """
    visits, trial, arrival = state.scratch.tidied, state.scratch.trial, state.scratch.arrival
    night = core.m + core.sites
    n = 0
    for i in range(state.length[slot]):
        node = state.visits[slot, i]
        if gone[i] or (node == night and (i == 0 or gone[i - 1])):
            continue
        visits[n] = node
        n += 1
    room = room_in_time(core, state, slot)
    legal = n == 0 or run_trip(core, slot, visits, n, room, arrival)[0] == LEGAL
    if (
        not legal
        or check_load(core, slot, visits, n, state.start_load[slot], state.need_after[slot]) >= 0
    ):
        for j in range(
            state.length[slot]
        ):  # a detour can be shorter than the direct way: such a string stays
            if gone[j]:
                state.slot_of[state.visits[slot, j]] = slot
        return
    i = n - 1
    while i >= 0:
        if visits[i] >= core.m:
            for j in range(n - 1):
                trial[j] = visits[j] if j < i else visits[j + 1]
            fits = (
                check_load(core, slot, trial, n - 1, state.start_load[slot], state.need_after[slot])
                < 0
            )
            if fits and not_dearer(core, state, slot, trial, n - 1, visits, n, room, arrival):
                n -= 1
                for j in range(n):
                    visits[j] = trial[j]
        i -= 1
    set_route(core, state, slot, visits, n, arrival)


@compiled
def not_dearer(
    core: Core,
    state: State,
    slot: int,
    trial: NDArray[np.int64],
    m: int,
    visits: NDArray[np.int64],
    n: int,
    room: tuple[int, int],
    arrival: NDArray[np.int64],
) -> bool:
    """Whether ``m`` visits of ``trial`` are legal and, where kg have a value, cost no more than
    ``n`` of ``visits``.
    """
    if not core.valued:
        return m == 0 or run_trip(core, slot, trial, m, room, arrival)[0] == LEGAL
    cost = chain_shortfall(core, state, slot, trial, 0)
    if m > 0:
        verdict, cost = sequence_cost(core, state, slot, trial, m, room, arrival)
        if verdict != LEGAL:
            return False
    return cost <= sequence_cost(core, state, slot, visits, n, room, arrival)[1]
