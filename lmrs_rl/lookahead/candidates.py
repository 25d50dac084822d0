"""What a look-ahead chooses from."""

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

DESIGNED = ("alpha", "x", "z", "b")
"""Numbers that are moved one at a time, up and down, in this order."""

Proposal = tuple[str, OrderParameters]
"""Name for people, parameters."""


class Proposer(Protocol):
    """Proposes parameters for a morning beside the base's own; a learned policy can. Whatever it
    draws, it draws from ``rng``.
    """

    def __call__(
        self, morning: DecisionState, base: OrderParameters, rng: np.random.Generator, /
    ) -> Sequence[Proposal]: ...


@dataclass(frozen=True, eq=False)
class Candidate:
    """Parameters and the routing seed that their plan is made with.

    Attributes
    ----------
    name : for people
    parameters : of all tanks
    seed : of the router
    """

    name: str
    parameters: OrderParameters
    seed: int


def candidates_of(
    morning: DecisionState,
    base: OrderParameters,
    settings: LookAheadSettings,
    rng: np.random.Generator,
    proposer: Proposer | None = None,
) -> tuple[Candidate, ...]:
    """So many candidates as the settings say, numbered by their routing seeds.

    The base's own parameters come first, with seed 0 as without a look-ahead, then with other
    seeds; then what ``proposer`` says, the designed ones, and as many drawn ones as there is room
    for.
    """
    n = morning.network.n_tanks
    own: list[Proposal] = [("base", base)] * settings.seeds
    room = settings.candidates - len(own)
    proposed = list(proposer(morning, base, rng))[:room] if proposer is not None and room else []
    drawn = drawn_actions(room, n, settings.spread, settings.tank_spread, rng)
    actions = [*designed_actions(settings.step), *drawn][: room - len(proposed)]
    moved = [
        (
            name,
            residual_parameters(
                morning.network, base, np.broadcast_to(action, (n, len(ACTION_NAMES)))
            ),
        )
        for name, action in actions
    ]
    return tuple(
        Candidate(name, parameters, seed)
        for seed, (name, parameters) in enumerate([*own, *proposed, *moved])
    )


def designed_actions(step: float) -> list[tuple[str, FloatArray]]:
    """Actions (7,) that move one of `DESIGNED` by ``step`` up or down; none for a step of 0."""
    found: list[tuple[str, FloatArray]] = []
    for name in DESIGNED if step else ():
        for sign, word in ((1.0, "more"), (-1.0, "less")):
            action = np.zeros(len(ACTION_NAMES))
            action[ACTION_NAMES.index(name)] = sign * step
            found.append((f"{word} {name}", action))
    return found


def drawn_actions(
    count: int, n: int, spread: float, tank_spread: float, rng: np.random.Generator
) -> list[tuple[str, FloatArray]]:
    """``count`` actions of normal numbers, cut to [-1, 1]: in turn tank by tank (n, 7) and for
    all tanks alike (7,).
    """
    found: list[tuple[str, FloatArray]] = []
    for k in range(count):
        if k % 2:
            name, action = f"drawn {k + 1}", spread * rng.standard_normal(len(ACTION_NAMES))
        else:
            name, action = (
                f"drawn {k + 1}, tank by tank",
                tank_spread * rng.standard_normal((n, len(ACTION_NAMES))),
            )
        found.append((name, np.clip(action, -1.0, 1.0)))
    return found
