"""Short ways to state a core and its routes on the tiny network of `tests.tiny`.

Base 0, plant 10, A 40, B 60, C 70 [min]; loading takes 20 min, a drop 30 min; 1 a km, 0.5 a minute,
two minutes a km.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lmrs_rl.domain import Network, Order, Snapshot
from lmrs_rl.domain.arrays import IntArray
from lmrs_rl.routing.core.arrays import LONGEST_ROUTE, Core, State, core_arrays
from lmrs_rl.routing.core.insertion import set_route
from lmrs_rl.routing.problem import RoutingProblem, build_problem
from tests import tiny
from tests.routing import cases
from tests.routing.cases import order
from tests.tiny import TANK_A, TANK_B

DAY_MIN = 1440


def both(**more: Any) -> list[Order]:
    """Orders of 500 kg at A (node 0) and at B (node 1)."""
    return [order(TANK_A, **more), order(TANK_B, **more)]


def at_min(*windows: tuple[int, int]) -> NDArray[np.float64]:
    """Windows in minutes as hours."""
    return np.array(windows) / 60


def problem_of(
    orders: Sequence[Order],
    network: Network | None = None,
    at: Snapshot | None = None,
    days: int = 1,
    **changes: Any,
) -> RoutingProblem:
    """A problem in which one slot begins each day; ``changes`` are other columns of it."""
    network = tiny.network() if network is None else network
    at = cases.start(network) if at is None else at
    return replace(build_problem(network, at, orders, horizon_min=days * DAY_MIN), **changes)


def core_of(*arguments: Any, **more: Any) -> Core:
    """The arrays of `problem_of`."""
    return core_arrays(problem_of(*arguments, **more))


def nodes(*numbers: int) -> IntArray:
    """A sequence of visits with room for more."""
    sequence = np.zeros(LONGEST_ROUTE, dtype=np.int64)
    sequence[: len(numbers)] = numbers
    return sequence


def times() -> IntArray:
    """Work space for arrivals, full of what no function writes."""
    return np.full(LONGEST_ROUTE, -7, dtype=np.int64)


def put(core: Core, state: State, slot: int, *visits: int) -> None:
    """Make ``visits`` the route of a slot."""
    set_route(core, state, slot, nodes(*visits), len(visits), state.scratch.arrival)


def route(state: State, slot: int = 0) -> list[int]:
    """The visits of a slot's route."""
    return [int(v) for v in state.visits[slot, : state.length[slot]]]


def stream(seed: int = 1) -> NDArray[np.uint64]:
    """A stream of random numbers."""
    return np.array([seed], dtype=np.uint64)
