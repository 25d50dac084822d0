"""Wrappers for simpler action and observation spaces.

They record their arguments, so that ``gymnasium.make(env.spec)`` rebuilds a wrapped environment.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import gymnasium as gym
import numpy as np
from gymnasium import spaces
from gymnasium.utils import RecordConstructorArgs

from lmrs_rl.dispatchers.policy import ACTION_NAMES, Observation
from lmrs_rl.domain import InputError
from lmrs_rl.domain.quantile_function import Float32Array
from lmrs_rl.environment.arguments import numbers_of

_Env = gym.Env[Observation, Float32Array]


class SharedAction(
    gym.ActionWrapper[Observation, Float32Array, Float32Array], RecordConstructorArgs
):
    """One action row for all tanks: (7,) in [-1, 1], or as wide as the wrapped environment's."""

    def __init__(self, env: _Env) -> None:
        RecordConstructorArgs.__init__(self)
        super().__init__(env)
        self._rows, columns = _shape(env)
        self.action_space = spaces.Box(-1.0, 1.0, (columns,), np.float32)

    def action(self, action: Float32Array) -> Float32Array:
        """The same row for every tank (`InvalidActionError` for another shape)."""
        return np.tile(_given(action, self.action_space), (self._rows, 1))


class ActionSubset(
    gym.ActionWrapper[Observation, Float32Array, Float32Array], RecordConstructorArgs
):
    """Some of the parameters only: (N_max, k) in [-1, 1]; the others keep the baseline's values.

    Parameters
    ----------
    env : environment with all parameters
    names : of the k parameters

    Raises
    ------
    InputError
        For an empty list, a name that is unknown or repeated, or a text instead of a list.
    """

    def __init__(self, env: _Env, names: Sequence[str]) -> None:
        chosen = _names(names)
        RecordConstructorArgs.__init__(self, names=list(chosen))
        super().__init__(env)
        rows, columns = _shape(env)
        if columns != len(ACTION_NAMES):
            raise InputError(
                "env.action_space",
                f"{columns} numbers a row",
                f"{len(ACTION_NAMES)}",
                "choose parameters once, on the environment itself",
            )
        self._columns = [ACTION_NAMES.index(name) for name in chosen]
        self.action_space = spaces.Box(-1.0, 1.0, (rows, len(chosen)), np.float32)

    def action(self, action: Float32Array) -> Float32Array:
        """The full action, 0 for the other parameters (`InvalidActionError` for another shape)."""
        given = _given(action, self.action_space)
        whole = np.zeros((len(given), len(ACTION_NAMES)), dtype=np.float32)
        whole[:, self._columns] = given
        return whole


class FlatObservation(
    gym.ObservationWrapper[Observation, Float32Array, Observation], RecordConstructorArgs
):
    """``tanks`` flattened to (N_max * F,), for learners without two-dimensional observations.

    The policies of Stable-Baselines3 are such learners.
    """

    def __init__(self, env: _Env) -> None:
        RecordConstructorArgs.__init__(self)
        super().__init__(env)
        parts: Any = env.observation_space
        if not isinstance(parts, spaces.Dict) or "tanks" not in parts.spaces:
            raise InputError(
                "env.observation_space",
                type(parts).__name__,
                "a Dict with tanks",
                "wrap the environment itself first",
            )
        tanks: Any = parts["tanks"]
        self.observation_space = spaces.Dict(
            {
                **parts.spaces,
                "tanks": spaces.Box(tanks.low.ravel(), tanks.high.ravel(), dtype=np.float32),
            }  # type: ignore[assignment]
        )

    def observation(self, observation: Observation) -> Observation:
        """The observation with ``tanks`` flattened row by row."""
        return {**observation, "tanks": observation["tanks"].ravel()}


def _names(names: object) -> tuple[str, ...]:
    wanted = f"a list of some of {', '.join(ACTION_NAMES)}, each once"
    if isinstance(names, str) or not isinstance(names, Sequence):
        raise InputError("names", repr(names), wanted, "write it in brackets")
    for name in names:
        if name not in ACTION_NAMES:
            raise InputError("names", repr(name), wanted, "correct or remove it")
    if not names or len(set(names)) != len(names):
        raise InputError("names", list(names), wanted, "name the parameters that the agent sets")
    return tuple(names)


def _shape(env: _Env) -> tuple[int, int]:
    shape = env.action_space.shape
    if shape is None or len(shape) != 2:
        raise InputError(
            "env.action_space",
            f"shape {shape}",
            "(tanks, numbers)",
            "wrap the environment itself first",
        )
    return shape[0], shape[1]


def _given(action: object, space: spaces.Space[Any]) -> Float32Array:
    return numbers_of(action, space.shape or ()).astype(np.float32)
