"""The observation as one row."""

from __future__ import annotations

import gymnasium as gym
import numpy as np

from lmrs_rl.learning.pooled import PooledObservation
from tests.environment.small import BASELINE


def test_it_is_built_again_from_its_spec() -> None:
    env = PooledObservation(gym.make("lmrs/Demo-v0", days=1, baseline=BASELINE))
    assert env.spec is not None
    twin = gym.make(env.spec)
    assert str(twin) == str(env)
    assert np.array_equal(env.reset(seed=3)[0], twin.reset(seed=3)[0])
