"""The candidate order parameters that a look-ahead compares."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from lmrs_rl.dispatchers.lookahead_settings import LookAheadSettings
from lmrs_rl.dispatchers.policy import ACTION_NAMES, residual_parameters
from lmrs_rl.domain import OrderParameters
from lmrs_rl.domain.arrays import FloatArray
from lmrs_rl.simulation import DecisionState

_DESIGNED = ("alpha", "x", "z", "b")
"""Parameters that are changed one at a time, up and down, in this order."""

Proposal = tuple[str, OrderParameters]
"""A name to display, and parameters."""


class Proposer(Protocol):
    """Proposes parameters for a morning besides those of the base, as a learned policy can.

    A proposer must draw all its random numbers from ``rng``, so that decisions are reproducible.
    """

    def __call__(
        self, state: DecisionState, base: OrderParameters, rng: np.random.Generator, /
    ) -> Sequence[Proposal]: ...


@dataclass(frozen=True, eq=False)
class Candidate:
    """Order parameters and the routing seed of their plan.

    Attributes
    ----------
    name : to display
    parameters : of all tanks
    seed : of the router
    """

    name: str
    parameters: OrderParameters
    seed: int


def candidates_of(
    state: DecisionState,
    base: OrderParameters,
    settings: LookAheadSettings,
    rng: np.random.Generator,
    proposer: Proposer | None = None,
) -> tuple[Candidate, ...]:
    """As many candidates as the settings say, numbered by their routing seeds.

    The base's own parameters come first: with seed 0, as without a look-ahead, then with other
    seeds. They are followed by those of ``proposer``, the designed ones (see `designed_actions`),
    and drawn ones (see `drawn_actions`) up to the number set.
    """
    n = state.network.n_tanks
    own: list[Proposal] = [("base", base)] * settings.seeds
    room = settings.candidates - len(own)
    proposed = list(proposer(state, base, rng))[:room] if proposer is not None and room else []
    drawn = drawn_actions(room, n, settings.spread, settings.tank_spread, rng)
    actions = [*designed_actions(settings.step), *drawn][: room - len(proposed)]
    changed: list[Proposal] = []
    for name, action in actions:
        rows = np.broadcast_to(action, (n, len(ACTION_NAMES)))
        changed.append((name, residual_parameters(state.network, base, rows)))
    return tuple(
        Candidate(name, parameters, seed)
        for seed, (name, parameters) in enumerate([*own, *proposed, *changed])
    )


def designed_actions(step: float) -> list[tuple[str, FloatArray]]:
    """Actions (7,) that change one parameter by ``step``, up or down; none for a step of 0."""
    found: list[tuple[str, FloatArray]] = []
    for name in _DESIGNED if step else ():
        for sign, word in ((1.0, "more"), (-1.0, "less")):
            action = np.zeros(len(ACTION_NAMES))
            action[ACTION_NAMES.index(name)] = sign * step
            found.append((f"{word} {name}", action))
    return found


def drawn_actions(
    count: int, n: int, spread: float, tank_spread: float, rng: np.random.Generator
) -> list[tuple[str, FloatArray]]:
    """Draw ``count`` actions of normal numbers, clipped to [-1, 1].

    Independent actions for each tank (n, 7), with standard deviation ``tank_spread``, alternate
    with one action for all tanks (7,), with ``spread``.
    """
    found: list[tuple[str, FloatArray]] = []
    for k in range(count):
        if k % 2:
            name = f"drawn {k + 1}"
            action = spread * rng.standard_normal(len(ACTION_NAMES))
        else:
            name = f"drawn {k + 1}, tank by tank"
            action = tank_spread * rng.standard_normal((n, len(ACTION_NAMES)))
        found.append((name, np.clip(action, -1.0, 1.0)))
    return found
