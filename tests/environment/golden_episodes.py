"""Golden episodes: what was seen on each morning, what was done, and what came of it.

Each is two files in ``golden/``: the recording (``NAME.npz``) and the arrays of every observation
(``NAME.observations.npz``), so that a difference can be told by the name of the feature.
``python -m tests.environment.golden_episodes`` records them anew, after a change that is meant to
change what a policy sees, or what a day brings.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lmrs_rl.dispatchers import FixedParameters
from lmrs_rl.dispatchers.policy import NETWORK_FEATURES, TANK_FEATURES, Observation, observe
from lmrs_rl.domain.quantile_function import Float32Array
from lmrs_rl.environment import LmrsEnv, Recording, record
from tests.environment.small import BASELINE

FOLDER = Path(__file__).parent / "golden"
PARTS = ("tanks", "mask", "network")
"""Of an observation."""
TOLD_TANKS = 5
"""So many tanks are named where a feature differs."""


@dataclass(frozen=True)
class Played:
    """How an episode is recorded.

    Attributes
    ----------
    world, seed : a class that ships, and which of its scenarios
    days : of the episode
    size : the largest number of a random action
    baseline : what the actions change
    """

    world: str
    seed: int
    days: int
    size: float
    baseline: FixedParameters = BASELINE


EPISODES = {
    "demo": Played("demo", 3_000_002, 7, 1.0),
    "mixed": Played("mixed", 3_000_000, 4, 0.7),
    "multi-site": Played("multi-site", 3_000_000, 2, 0.7),
    "tight": Played("tight", 3_000_004, 3, 0.4, replace(BASELINE, x_share=0.4, fill_days=1.0)),
    "uncertain": Played("uncertain", 3_000_000, 3, 1.0),
}

Observations = dict[str, NDArray[np.generic]]
"""Each part of an observation, stacked over the mornings, the one after the last day included."""


def arithmetic_sha256() -> str:
    """What tells machines apart whose last digits differ: processors, libraries of algebra."""
    x = np.random.default_rng(0).normal(size=(97, 97))
    found = (x @ x.T, x @ x[0], np.exp(x), np.log(np.abs(x)), np.sin(x), x.sum(axis=0), x**3)
    return hashlib.sha256(
        b"".join(np.ascontiguousarray(each).tobytes() for each in found)
    ).hexdigest()


def play(env: LmrsEnv, actions: Float32Array, seed: int) -> tuple[Recording, Observations]:
    """An episode under these actions, and all that was seen in it."""
    seen: list[Observation] = []

    def policy(observation: Observation) -> Float32Array:
        seen.append(observation)
        action: Float32Array = actions[len(seen) - 1]
        return action

    recording = record(env, policy, seed)
    seen.append(observe(env.episode.context, env.n_max))
    return recording, {part: np.stack([each[part] for each in seen]) for part in PARTS}


def play_again(then: Recording) -> tuple[Recording, Observations]:
    """The same actions in the same world once more."""
    about = then.about
    env = LmrsEnv(
        about["world"],
        days=about["days"],
        preset=about["preset"],
        forecast=about["forecast"],
        baseline=FixedParameters(**about["baseline"]),
    )
    return play(env, then.actions, about["seed_of_world"])


def differing_features(
    then: Mapping[str, NDArray[np.generic]],
    now: Mapping[str, NDArray[np.generic]],
    tolerance: float,
) -> list[str]:
    """One line for each morning and each feature that differs by more than ``tolerance``."""
    shapes = [f"{part}: {then[part].shape} and {now[part].shape}" for part in PARTS]
    if any(then[part].shape != now[part].shape for part in PARTS):
        return ["shapes differ", *shapes]
    found = []
    for part, names in (("tanks", TANK_FEATURES), ("network", NETWORK_FEATURES)):
        apart = ~np.isclose(then[part], now[part], rtol=0.0, atol=tolerance, equal_nan=True)
        by_tank = apart[:, None] if apart.ndim == 2 else apart
        for day, k in np.argwhere(by_tank.any(axis=1)).tolist():
            where = np.flatnonzero(by_tank[day, :, k])
            which = f" of tanks {where[:TOLD_TANKS].tolist()}" if part == "tanks" else ""
            at = (day, where[0], k) if part == "tanks" else (day, k)
            values = f"{then[part][at]} was, {now[part][at]} is"
            found.append(f"morning {day}: {part} {names[k].name}{which}: {values}")
    masked = np.flatnonzero((then["mask"] != now["mask"]).any(axis=1)).tolist()
    return found + [f"morning {day}: mask" for day in masked]


def golden(name: str) -> tuple[Recording, Observations, str]:
    """A recording, what was seen in it, and `arithmetic_sha256` where it was recorded."""
    with np.load(FOLDER / f"{name}.observations.npz", allow_pickle=False) as file:
        seen = {part: file[part] for part in PARTS}
        return Recording.load(FOLDER / f"{name}.npz"), seen, str(file["arithmetic"])


def main() -> None:
    """Record every episode."""
    for name, how in EPISODES.items():
        env = LmrsEnv(how.world, days=how.days, baseline=how.baseline)
        rng = np.random.default_rng(how.seed)
        drawn = rng.uniform(-how.size, how.size, (how.days, env.n_max, 7))
        recording, seen = play(env, np.round(drawn, 2).astype(np.float32), how.seed)
        recording.save(FOLDER / f"{name}.npz")
        arrays = {**seen, "arithmetic": np.array(arithmetic_sha256())}
        np.savez_compressed(FOLDER / f"{name}.observations.npz", **arrays)  # type: ignore[arg-type]
        print(name)


if __name__ == "__main__":
    main()
