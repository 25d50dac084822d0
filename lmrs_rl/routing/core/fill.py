"""What full drops are worth: the value of the kg that the drops of a vehicle lack."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lmrs_rl.routing.core.arrays import Core, State
from lmrs_rl.routing.core.compiled import compiled
from lmrs_rl.routing.core.trip import LEGAL, run_trip


@compiled
def chain_shortfall(
    core: Core, state: State, slot: int, visits: NDArray[np.int64], n: int
) -> float:
    """[currency] value of the kg under ``most`` that the vehicle of ``slot`` does not drop where
    ``visits`` are that slot's route.

    The same greedy filling as `set_quantities`, leg by leg; a leg lies between two loadings, over
    trips and nights.
    """
    vehicle, leg = core.vehicle[slot], 0
    value, room = state.scratch.value, state.scratch.room
    spare, total = core.aboard[vehicle], 0.0
    for c in range(core.chain_of[vehicle], core.chain_of[vehicle + 1]):
        k = core.chain[c]
        route, length = (visits, n) if k == slot else (state.visits[k], state.length[k])
        for i in range(length):
            node = route[i]
            if node < core.m:
                spare -= core.least[node, k]
                value[leg] = core.value[node]
                room[leg] = max(core.most[node] - core.least[node, k], 0.0)
                leg += 1
            elif node < core.m + core.sites:
                total += _lacking(value, room, leg, spare)
                leg, spare = 0, core.full[k]
    return total + _lacking(value, room, leg, spare)


@compiled
def _lacking(value: NDArray[np.float64], room: NDArray[np.float64], n: int, spare: float) -> float:
    """[currency] value of the room that ``spare`` kg cannot fill, the dearest filled first.
    Changes ``room``.
    """
    wanted = 0.0
    for i in range(n):
        wanted += room[i]
    if wanted <= spare:
        return 0.0
    lack = wanted - max(spare, 0.0)
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
    """Verdict and cost of a sequence, with the value of the kg that its vehicle's drops then
    lack; loads are not looked at.
    """
    verdict, cost, _, _ = run_trip(core, slot, visits, n, room, arrival)
    if core.valued and verdict == LEGAL:
        cost += chain_shortfall(core, state, slot, visits, n)
    return verdict, cost
