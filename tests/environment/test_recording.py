"""Episodes as files."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import gymnasium as gym
import numpy as np
import pytest

from lmrs_rl.dispatchers.policy import Observation
from lmrs_rl.domain import InputError
from lmrs_rl.domain.quantile_function import Float32Array
from lmrs_rl.environment import LmrsEnv, Recording, record, replay
from tests.environment.small import SEED, SMALL, small_env

RECORDED = sorted((Path(__file__).parent / "recorded").glob("*.npz"))


def recorded(seed: int = 0) -> Recording:
    env, rng = small_env(), np.random.default_rng(seed)
    return record(env, lambda _: rng.uniform(-1, 1, (env.n_max, 6)).astype(np.float32), SEED)


def test_a_replay_from_the_file_is_the_episode_to_the_bit(tmp_path: Path) -> None:
    made = recorded()
    made.save(tmp_path / "episode.npz")
    kept = Recording.load(tmp_path / "episode.npz")
    assert made.differences(kept) == ()
    assert made.differences(replay(kept, SMALL)) == ()


def test_differences_are_told_by_day() -> None:
    made = recorded()
    rewards = np.array(made.rewards)
    rewards[1] += 1e-12
    assert made.differences(replace(made, rewards=rewards))[0].startswith("day 1: reward")
    assert made.differences(recorded(seed=1))[0] == "day 0: action"
    assert made.differences(replace(made, about={**made.about, "preset": "plan"})) == ("about: preset",)


@pytest.mark.parametrize("content", [b"", b"PK no zip"])
def test_a_broken_file_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "broken.npz").write_bytes(content)
    with pytest.raises(InputError, match="no whole recording"):
        Recording.load(tmp_path / "broken.npz")


def test_there_are_recorded_episodes() -> None:
    assert len(RECORDED) >= 2


@pytest.mark.parametrize("path", RECORDED, ids=lambda path: path.stem)
def test_recorded_episodes_go_as_they_went(path: Path) -> None:
    """Where a change is meant: ``python -m tests.environment.renew``, and raise the version of the ids if dynamics, costs or observation changed."""
    then = Recording.load(path)
    now = replay(then)
    # Another machine may round the last digits in another way.
    assert now.parts == pytest.approx(then.parts, rel=1e-6, abs=1e-6)
    assert now.rewards == pytest.approx(then.rewards, rel=1e-6, abs=1e-9)


def test_an_environment_that_gymnasium_made_is_recorded_as_the_bare_one() -> None:
    def nothing_new(observation: Observation) -> Float32Array:
        return np.zeros((len(observation["mask"]), 6), dtype=np.float32)

    bare = LmrsEnv("demo", days=1)
    made = record(gym.make("lmrs/Demo-v0", days=1), nothing_new, np.int64(7))  # type: ignore[arg-type]
    assert made.differences(record(bare, nothing_new, 7)) == ()
    with pytest.raises(InputError, match="env: got"):
        record(gym.make("CartPole-v1"), nothing_new, 7)
