"""Prices partial drops: the value of the kg by which a vehicle's drops fall short of ``q_max``."""

# An element picked by an index of unknown type is typed as an array by numpy's stubs.
# pyright: reportArgumentType=false, reportReturnType=false

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lmrs_rl.routing.core.arrays import Core, State
from lmrs_rl.routing.core.compiled import compiled
from lmrs_rl.routing.core.trip import LEGAL, schedule_trip


@compiled
def chain_shortfall_cost(
    core: Core, state: State, slot: int, visits: NDArray[np.int64], n: int
) -> float:
    """[currency] value of the kg by which the drops of the vehicle of ``slot`` fall short of
    ``q_max`` if the ``n`` ``visits`` are that slot's route.

    The same greedy filling as `set_quantities`, by load segments: a segment lies between two
    loadings, across trips and nights.
    """
    vehicle, drops = core.vehicle[slot], 0
    value, room = state.scratch.value, state.scratch.room
    # Exact kg, as quantities are set in the end; only whether a trip is legal is told in whole kg.
    spare, total = core.exact_load[vehicle], 0.0
    for c in range(core.chain_of[vehicle], core.chain_of[vehicle + 1]):
        k = core.chain[c]
        route, length = (visits, n) if k == slot else (state.visits[k], state.length[k])
        for i in range(length):
            node = route[i]
            if node < core.m:
                spare -= core.q_min[node, k]
                value[drops] = core.value[node]
                room[drops] = max(core.q_max[node] - core.q_min[node, k], 0.0)
                drops += 1
            elif node < core.m + core.sites:
                total += _unfilled_value(value, room, drops, spare)
                drops, spare = 0, core.exact_capacity[k]
    return total + _unfilled_value(value, room, drops, spare)


@compiled
def _unfilled_value(
    value: NDArray[np.float64], room: NDArray[np.float64], n: int, spare: float
) -> float:
    """[currency] value of the room that ``spare`` kg cannot fill, the most valuable filled first.
    Changes ``room``.

    Leaving out the cheapest kg one by one needs no sorting, and a segment has few drops.
    """
    total_room = 0.0
    for i in range(n):
        total_room += room[i]
    if total_room <= spare:
        return 0.0
    lack = total_room - max(spare, 0.0)
    total = 0.0
    while lack > 0.0:
        cheapest = -1
        for i in range(n):
            if room[i] > 0.0 and (cheapest < 0 or value[i] < value[cheapest]):
                cheapest = i
        if cheapest < 0:
            break
        left = min(room[cheapest], lack)
        total += left * value[cheapest]
        lack -= left
        room[cheapest] = 0.0
    return total


@compiled
def sequence_cost(
    core: Core,
    state: State,
    slot: int,
    visits: NDArray[np.int64],
    n: int,
    room: tuple[int, int],
    arrival: NDArray[np.int64],
) -> tuple[int, float]:
    """Verdict and cost of a sequence, including the shortfall cost of its vehicle; whether loads
    suffice is not checked.
    """
    verdict, cost, _, _ = schedule_trip(core, slot, visits, n, room, arrival)
    if core.valued and verdict == LEGAL:
        cost += chain_shortfall_cost(core, state, slot, visits, n)
    return verdict, cost
