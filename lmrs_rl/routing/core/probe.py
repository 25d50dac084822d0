"""Probes given routes: what would it cost to insert an order, and what if others made room?"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lmrs_rl.routing.core.annealing import clone, state_objective
from lmrs_rl.routing.core.arrays import Core, State
from lmrs_rl.routing.core.insertion import insert_best
from lmrs_rl.routing.core.ruin import cleanup


def insertion_cost(core: Core, state: State, order: int) -> float:
    """[currency] that the order adds at its cheapest place, infinite if it fits nowhere. If it
    fits, it is in ``state`` afterwards.
    """
    before = state_objective(core, state)
    if not insert_best(core, state, order, np.inf, np.inf, -1, 0.0, _dummy_stream()):
        return np.inf
    # The objective has lost the order's penalty, which is not part of what serving it costs.
    return float(state_objective(core, state) - before + core.penalty[order])


def least_displacement(core: Core, state: State, order: int) -> tuple[float, State | None]:
    """The least change of the objective when other orders make room for ``order``, and the state
    that results.

    Tries the removal of each single order and of each whole trip; orders removed are inserted
    again where that pays. Infinite and ``None`` if no removal lets the order in.
    """
    before, best, answer = float(state_objective(core, state)), np.inf, None
    for slot in np.flatnonzero(state.length).tolist():
        orders = [int(v) for v in state.visits[slot, : state.length[slot]] if v < core.m]
        for leaving in [*([k] for k in orders), *([orders] if len(orders) > 1 else [])]:
            trial = clone(state)
            if not _take_out(core, trial, slot, leaving) or np.isinf(
                insertion_cost(core, trial, order)
            ):
                continue
            for k in sorted(leaving, key=lambda k: (-core.penalty[k], k)):
                insert_best(
                    core, trial, k, core.penalty[k], core.penalty[k], -1, 0.0, _dummy_stream()
                )
            change = float(state_objective(core, trial)) - before
            if change < best:
                best, answer = change, trial
    return best, answer


def _take_out(core: Core, state: State, slot: int, orders: list[int]) -> bool:
    """Take orders out of a route, and what is useless without them; False if the rest would not be
    legal.
    """
    gone: NDArray[np.bool_] = np.isin(state.visits[slot, : state.length[slot]], orders)
    state.slot_of[orders] = -1
    cleanup(core, state, slot, gone)
    return bool(np.all(state.slot_of[orders] < 0))


def _dummy_stream() -> NDArray[np.uint64]:
    """Some stream: with a blink probability of 0 the numbers drawn from it decide nothing."""
    return np.array([1], dtype=np.uint64)
