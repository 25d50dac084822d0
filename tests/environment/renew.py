"""Records the episodes of ``recorded/`` anew: ``python -m tests.environment.renew``, after a
change that is meant to change them.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from lmrs_rl.dispatchers.policy import Observation
from lmrs_rl.domain.quantile_function import Float32Array
from lmrs_rl.environment import LmrsEnv, record
from tests.environment.small import BASELINE

EPISODES = {
    "demo-baseline": ("demo", 3_000_000, 6, 0.0),
    "demo-random": ("demo", 3_000_001, 6, 1.0),
    "tight-random": ("tight", 1_000_000, 2, 0.5),
}
"""Name to world, its seed, days, and the largest number of a random action."""


def main() -> None:
    """Write every file."""
    for name, (world, seed, days, size) in EPISODES.items():
        env, rng = LmrsEnv(world, days=days, baseline=BASELINE), np.random.default_rng(seed)

        def policy(
            _: Observation, n: int = env.n_max, size: float = size, rng: np.random.Generator = rng
        ) -> Float32Array:
            return np.round(rng.uniform(-size, size, (n, 7)), 2).astype(np.float32)

        record(env, policy, seed).save(Path(__file__).parent / "recorded" / f"{name}.npz")
        print(name)


if __name__ == "__main__":
    main()
