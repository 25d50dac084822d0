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
from lmrs_rl.simulation.forecasts import write_cube
from lmrs_rl.worlds import draw_scenario
from tests.environment.small import BASELINE, SEED, SMALL, nothing, small_env

RECORDED = sorted((Path(__file__).parent / "recorded").glob("*.npz"))


def recorded(seed: int = 0) -> Recording:
    env, rng = small_env(), np.random.default_rng(seed)
    return record(env, lambda _: rng.uniform(-1, 1, (env.n_max, 7)).astype(np.float32), SEED)


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
    assert made.differences(replace(made, about={**made.about, "preset": "plan"})) == (
        "about: preset",
    )


def test_a_class_that_bears_the_name_of_another_is_not_taken_for_it(tmp_path: Path) -> None:
    (tmp_path / "demo.toml").write_text(
        "[size]\ntanks = [6, 8]\nn_max = 9\n[episode]\ndays = 1\nwarmup_days = 1\nhistory_days = "
        "28\n"
    )
    env = LmrsEnv(tmp_path / "demo.toml", baseline=BASELINE)
    made = record(env, lambda _: nothing(env), SEED)
    assert made.differences(replay(made, tmp_path / "demo.toml")) == ()
    with pytest.raises(
        InputError,
        match=r"world: got demo \(SHA-256 .*wanted what the episode was recorded with \(SHA-256 "
        r".*as 'world'",
    ):
        replay(made)


def test_a_cube_is_asked_for_and_another_one_refused(tmp_path: Path) -> None:
    scenario = draw_scenario(SMALL, SEED)
    for folder, model in (("here", "ridge"), ("there", "weekly")):
        write_cube(tmp_path / folder, scenario, model)  # type: ignore[arg-type]
    env = small_env(cubes=tmp_path / "here", days=1)
    made = record(env, lambda _: nothing(env), SEED)
    made.save(tmp_path / "made.npz")
    assert (
        made.differences(replay(Recording.load(tmp_path / "made.npz"), SMALL, tmp_path / "here"))
        == ()
    )
    for cubes in (None, tmp_path / "there"):
        with pytest.raises(
            InputError,
            match=r"cubes: got .*wanted what the episode was recorded with \(SHA-256 .*as 'cubes'",
        ):
            replay(made, SMALL, cubes)
    env = small_env(days=1)
    with pytest.raises(InputError, match=r"cubes: got .*recorded with \(none\)"):
        replay(record(env, lambda _: nothing(env), SEED), SMALL, tmp_path / "here")


def test_an_episode_that_lacks_something_is_refused(tmp_path: Path) -> None:
    made = recorded()
    about = {name: value for name, value in made.about.items() if name != "world_sha256"}
    for broken in (
        replace(made, about=about),
        replace(made, rewards=made.rewards[:-1]),
        replace(made, digests=made.digests[:-1]),
    ):
        broken.save(tmp_path / "broken.npz")
        with pytest.raises(InputError, match="no whole recording"):
            Recording.load(tmp_path / "broken.npz")


@pytest.mark.parametrize("days", [2, 4, None, "3"])
def test_an_episode_with_other_than_an_action_for_each_of_its_days_is_refused(
    tmp_path: Path, days: object
) -> None:
    made = recorded()
    assert made.about["days"] == len(made.actions) == 3
    broken = replace(made, about={**made.about, "days": days})
    broken.save(tmp_path / "broken.npz")
    with pytest.raises(InputError, match=f"days: got {days!r} with 3 actions"):
        replay(Recording.load(tmp_path / "broken.npz"), SMALL)


@pytest.mark.parametrize("change", [{"greed": 1.0}, {"z": "high"}, {"z": 2.0}])
def test_an_episode_with_a_baseline_that_is_none_is_refused(change: dict[str, object]) -> None:
    made = recorded()
    with pytest.raises(InputError, match=next(iter(change))):
        replay(
            replace(made, about={**made.about, "baseline": made.about["baseline"] | change}), SMALL
        )
    without = {name: value for name, value in made.about["baseline"].items() if name != "z"}
    for baseline in (without, 5):
        with pytest.raises(InputError, match="baseline: got"):
            replay(replace(made, about={**made.about, "baseline": baseline}), SMALL)


@pytest.mark.parametrize("content", [b"", b"PK no zip"])
def test_a_broken_file_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "broken.npz").write_bytes(content)
    with pytest.raises(InputError, match="no whole recording"):
        Recording.load(tmp_path / "broken.npz")


def test_there_are_recorded_episodes() -> None:
    assert len(RECORDED) >= 2


@pytest.mark.parametrize("path", RECORDED, ids=lambda path: path.stem)
def test_recorded_episodes_go_as_they_went(path: Path) -> None:
    """Where a change is meant: ``python -m tests.environment.renew``, and raise the version of
    the ids if dynamics, costs or observation changed.
    """
    then = Recording.load(path)
    now = replay(then)
    # Another machine may round the last digits in another way.
    assert now.parts == pytest.approx(then.parts, rel=1e-6, abs=1e-6)
    assert now.rewards == pytest.approx(then.rewards, rel=1e-6, abs=1e-9)


def test_an_environment_that_gymnasium_made_is_recorded_as_the_bare_one() -> None:
    def nothing_new(observation: Observation) -> Float32Array:
        return np.zeros((len(observation["mask"]), 7), dtype=np.float32)

    bare = LmrsEnv("demo", days=1)
    made = record(gym.make("lmrs/Demo-v0", days=1), nothing_new, np.int64(7))  # type: ignore[arg-type]
    assert made.differences(record(bare, nothing_new, 7)) == ()
    for bad in (1.5, "7", -1):
        with pytest.raises(InputError, match="seed_of_world: got"):
            record(bare, nothing_new, bad)  # type: ignore[arg-type]
    for other in (gym.make("CartPole-v1"), 5):
        with pytest.raises(InputError, match="env: got"):
            record(other, nothing_new, 7)  # type: ignore[arg-type]
