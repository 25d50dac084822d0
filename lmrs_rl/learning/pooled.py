"""Observations pooled over the tanks, for learners that need one flat row."""

from __future__ import annotations

from typing import Any

import gymnasium as gym
import numpy as np
from gymnasium import spaces
from gymnasium.utils import RecordConstructorArgs

from lmrs_rl.dispatchers.policy import Observation
from lmrs_rl.domain.quantile_function import Float32Array


class PooledObservation(
    gym.ObservationWrapper[Float32Array, Any, Observation], RecordConstructorArgs
):
    """Mean and maximum of each feature over the tanks, then the network's features: (2F + G,).

    These are the inputs of the head of a `SharedActor`.
    """

    def __init__(self, env: gym.Env[Observation, Any]) -> None:
        RecordConstructorArgs.__init__(self)
        super().__init__(env)
        parts: Any = env.observation_space
        tanks, network = parts["tanks"], parts["network"]
        # 0 is within the bounds, since a network without tanks has a mean and maximum of 0.
        low, high = np.minimum(tanks.low[0], 0), np.maximum(tanks.high[0], 0)
        self.observation_space = spaces.Box(
            np.concatenate([low, low, network.low]),
            np.concatenate([high, high, network.high]),
            dtype=np.float32,
        )

    def observation(self, observation: Observation) -> Float32Array:
        """The pooled observation (2F + G,)."""
        tanks = observation["tanks"][observation["mask"] > 0]
        if len(tanks):
            pooled = [tanks.mean(axis=0), tanks.max(axis=0)]
        else:
            pooled = [np.zeros(observation["tanks"].shape[1])] * 2
        return np.concatenate([*pooled, observation["network"]]).astype(np.float32)
