"""Ruin: slack induction by string removals (SISR; Christiaens & Vanden Berghe 2020,
doi:10.1287/trsc.2019.0914), adapted to routes with loading stops and nights.
"""

# An element picked by an index of unknown type is typed as an array by numpy's stubs.
# pyright: reportArgumentType=false, reportReturnType=false

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lmrs_rl.routing.core.arrays import Core, State
from lmrs_rl.routing.core.compiled import compiled
from lmrs_rl.routing.core.fill import chain_shortfall_cost, sequence_cost
from lmrs_rl.routing.core.insertion import set_route
from lmrs_rl.routing.core.random import below, uniform
from lmrs_rl.routing.core.trip import LEGAL, available_time, first_shortage, schedule_trip


@compiled
def ruin(
    core: Core, state: State, mean_removed: float, longest_string: float, stream: NDArray[np.uint64]
) -> None:
    """Adjacent string removal (Christiaens & Vanden Berghe 2020, section 5.1): take a string of
    orders out of each of several routes close to a random order, then what is useless without them.
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
    # Strings have (1 + longest) / 2 orders on average, and there are (1 + most_strings) / 2 of
    # them: mean_removed orders in all.
    most_strings = 4.0 * mean_removed / (1.0 + longest) - 1.0
    strings = int(np.floor(uniform(stream) * most_strings + 1.0))
    # It may be a missed order: what is removed around it makes room for it.
    seed = below(stream, core.m)
    for j in range(core.m):
        order = core.nearest[seed, j]
        slot = state.slot_of[order]
        if slot < 0 or ruined[slot]:
            continue
        remove_string(core, state, slot, order, longest, stream)
        ruined[slot] = True
        strings -= 1
        if strings <= 0:
            break
    remove_idle_trips(core, state)


@compiled
def remove_idle_trips(core: Core, state: State) -> None:
    """Remove trips that only load, where no later trip needs that load: no string can, since
    strings are made of orders.
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
    """Take a string of orders that contains ``order`` out of a route; half the time some orders in
    its middle stay.

    The paper's string and split string procedures, with its split rate of 0.5 and split depth of
    0.01. Loading stops and nights in between do not count.
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
    preserved = 0
    if size < orders and size > 1 and uniform(stream) < 0.5:
        preserved = 1
        while size + preserved < orders and uniform(stream) > 0.01:
            preserved += 1
    span = size + preserved
    lowest, highest = max(0, here - span + 1), min(here, orders - span)
    begin = lowest + below(stream, highest - lowest + 1)
    preserved_from = begin + below(stream, size + 1) if preserved else begin + span
    for j in range(begin, begin + span):
        if (
            preserved_from <= j < preserved_from + preserved
            and state.visits[slot, place[j]] != order
        ):
            continue
        gone[place[j]] = True
        state.slot_of[state.visits[slot, place[j]]] = -1
    cleanup(core, state, slot, gone)


@compiled
def cleanup(core: Core, state: State, slot: int, gone: NDArray[np.bool_]) -> None:
    """Remove the visits that are ``gone``, nights without their customer, and loading stops that
    nothing needs; if the rest would not be legal, everything stays.
    """
    visits, trial, arrival = state.scratch.cleaned, state.scratch.trial, state.scratch.arrival
    night = core.m + core.sites
    n = 0
    for i in range(state.length[slot]):
        node = state.visits[slot, i]
        if gone[i] or (node == night and (i == 0 or gone[i - 1])):
            continue
        visits[n] = node
        n += 1
    room = available_time(core, state, slot)
    legal = n == 0 or schedule_trip(core, slot, visits, n, room, arrival)[0] == LEGAL
    if (
        not legal
        or first_shortage(core, slot, visits, n, state.start_load[slot], state.need_after[slot])
        >= 0
    ):
        # Without the triangle inequality a trip with fewer stops may take longer.
        for j in range(state.length[slot]):
            if gone[j]:
                state.slot_of[state.visits[slot, j]] = slot
        return
    i = n - 1
    while i >= 0:
        if visits[i] >= core.m:
            for j in range(n - 1):
                trial[j] = visits[j] if j < i else visits[j + 1]
            fits = (
                first_shortage(
                    core, slot, trial, n - 1, state.start_load[slot], state.need_after[slot]
                )
                < 0
            )
            if fits and costs_no_more(core, state, slot, trial, n - 1, visits, n, room, arrival):
                n -= 1
                for j in range(n):
                    visits[j] = trial[j]
        i -= 1
    set_route(core, state, slot, visits, n, arrival)


@compiled
def costs_no_more(
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
    """Whether the ``m`` visits of ``trial`` are legal and, where kg have a value, cost no more than
    the ``n`` of ``visits``.
    """
    if not core.valued:
        return m == 0 or schedule_trip(core, slot, trial, m, room, arrival)[0] == LEGAL
    # An empty route costs nothing itself, but the vehicle's other drops may lack what it loaded.
    cost = chain_shortfall_cost(core, state, slot, trial, 0)
    if m > 0:
        verdict, cost = sequence_cost(core, state, slot, trial, m, room, arrival)
        if verdict != LEGAL:
            return False
    return cost <= sequence_cost(core, state, slot, visits, n, room, arrival)[1]
