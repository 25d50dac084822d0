"""Other ways to act and to see."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import gymnasium as gym
import numpy as np
from gymnasium import spaces

from lmrs_rl.dispatchers.policy import ACTION_NAMES, Observation
from lmrs_rl.domain import InputError
from lmrs_rl.domain.quantile_function import Float32Array

Env = gym.Env[Observation, Float32Array]


class SharedAction(gym.ActionWrapper[Observation, Float32Array, Float32Array]):
    """Six numbers for the whole network, (6,) in [-1, 1]; or as many as the wrapped environment's rows have."""

    def __init__(self, env: Env) -> None:
        super().__init__(env)
        self._rows, columns = _shape(env)
        self.action_space = spaces.Box(-1.0, 1.0, (columns,), np.float32)

    def action(self, action: Float32Array) -> Float32Array:
        """The same row for every tank (`InputError` for another shape)."""
        row = np.asarray(action, dtype=np.float32)
        _check("action", row.shape, self.action_space.shape)
        return np.tile(row, (self._rows, 1))


class ActionSubset(gym.ActionWrapper[Observation, Float32Array, Float32Array]):
    """Only the numbers of these ``names``, (N_max, k) in [-1, 1]; the others stay the baseline's.

    Raises
    ------
    InputError
        For no name, an unknown one, or one given twice.
    """

    def __init__(self, env: Env, names: Sequence[str]) -> None:
        super().__init__(env)
        rows, columns = _shape(env)
        _check("env.action_space", (columns,), (len(ACTION_NAMES),))
        for name in names:
            if name not in ACTION_NAMES:
                raise InputError("names", repr(name), f"some of {', '.join(ACTION_NAMES)}", "correct or remove it")
        if not names or len(set(names)) != len(names):
            raise InputError("names", list(names), "one name at least, each once", "name the parameters that the agent chooses")
        self._columns = [ACTION_NAMES.index(name) for name in names]
        self.action_space = spaces.Box(-1.0, 1.0, (rows, len(names)), np.float32)

    def action(self, action: Float32Array) -> Float32Array:
        """The columns put in their places, 0 elsewhere (`InputError` for another shape)."""
        given = np.asarray(action, dtype=np.float32)
        _check("action", given.shape, self.action_space.shape)
        whole = np.zeros((len(given), len(ACTION_NAMES)), dtype=np.float32)
        whole[:, self._columns] = given
        return whole


class FlatObservation(gym.ObservationWrapper[Observation, Float32Array, Observation]):
    """``tanks`` as one row (N_max * F,), for learners that know no tables, such as the policies that come with Stable-Baselines3."""

    def __init__(self, env: Env) -> None:
        super().__init__(env)
        parts: Any = env.observation_space
        tanks = parts["tanks"]
        self.observation_space = spaces.Dict(
            {**parts.spaces, "tanks": spaces.Box(tanks.low.ravel(), tanks.high.ravel(), dtype=np.float32)}  # type: ignore[assignment]
        )

    def observation(self, observation: Observation) -> Observation:
        """The same with ``tanks`` row after row."""
        return {**observation, "tanks": observation["tanks"].ravel()}


def _shape(env: Env) -> tuple[int, int]:
    shape = env.action_space.shape
    if shape is None or len(shape) != 2:
        raise InputError("env.action_space", f"shape {shape}", "(tanks, numbers)", "wrap the environment itself first")
    return shape[0], shape[1]


def _check(field: str, got: tuple[int, ...], wanted: tuple[int, ...] | None) -> None:
    if got != wanted:
        raise InputError(field, f"shape {got}", f"shape {wanted}", "give one number for each place")
