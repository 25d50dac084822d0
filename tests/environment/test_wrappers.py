"""Other ways to act and to see."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import gymnasium as gym
import numpy as np
import pytest

from lmrs_rl.domain import InputError
from lmrs_rl.environment import ActionSubset, FlatObservation, ScenarioCache, SharedAction
from tests.environment.small import BASELINE, SEED, small_env


def test_one_row_for_all_tanks() -> None:
    env = SharedAction(small_env())
    assert env.action_space.shape == (7,)
    row = np.array([0.1, -0.2, 0.3, 0, 0, 1, 0.5], dtype=np.float32)
    assert env.action(row).tolist() == [row.tolist()] * 9
    with pytest.raises(InputError, match="action"):
        env.action(row[:5])


def test_a_subset_leaves_the_others_at_the_baseline() -> None:
    env = ActionSubset(small_env(), ["z", "x"])
    assert env.action_space.shape == (9, 2)
    whole = env.action(np.full((9, 2), [0.5, -0.5], dtype=np.float32))
    assert whole[0].tolist() == [-0.5, 0, 0, 0, 0, 0.5, 0]
    with pytest.raises(InputError, match="action"):
        env.action(np.zeros((9, 3), dtype=np.float32))


def test_a_shared_subset() -> None:
    env = SharedAction(ActionSubset(small_env(), ["alpha"]))
    assert env.action_space.shape == (1,)
    env.reset(options={"seed_of_world": SEED})
    env.step(np.ones(1, dtype=np.float32))


@pytest.mark.parametrize("names", [[], ["x", "x"], ["X"], "ab", "x", 3, [3]])
def test_bad_subsets_are_refused(names: list[str]) -> None:
    with pytest.raises(InputError, match="names"):
        ActionSubset(small_env(), names)


def test_a_subset_of_a_subset_is_refused() -> None:
    with pytest.raises(InputError, match=r"env\.action_space: got 2 numbers a row"):
        ActionSubset(ActionSubset(small_env(), ["x", "z"]), ["z"])


@pytest.mark.parametrize(
    "wrapped", [lambda: SharedAction(small_env()), lambda: ActionSubset(small_env(), ["z"])]
)
def test_what_is_no_action_is_refused_through_a_wrapper(wrapped: Callable[[], gym.Env]) -> None:
    env = wrapped()
    env.reset(options={"seed_of_world": SEED})
    shape = env.action_space.shape
    assert shape is not None
    for bad in (
        np.full(shape, np.nan),
        np.full(shape, 2.0),
        np.zeros((*shape, 1)),
        "up",
        [[1.0], []],
    ):
        with pytest.raises(InputError, match="action"):
            env.step(bad)


@pytest.mark.parametrize(
    "wrap",
    [
        SharedAction,
        partial(ActionSubset, names=["z", "x"]),
        FlatObservation,
        lambda e: SharedAction(ActionSubset(e, ["x"])),
    ],
)
def test_a_wrapped_environment_is_built_again_from_its_spec(
    wrap: Callable[[gym.Env], gym.Env],
) -> None:
    env = wrap(gym.make("lmrs/Demo-v0", days=2, baseline=BASELINE, scenario_cache=ScenarioCache(1)))
    assert env.spec is not None
    twin = gym.make(env.spec)
    assert str(twin) == str(env)
    assert twin.action_space == env.action_space
    assert twin.observation_space == env.observation_space
    (one, about), (two, about_two) = env.reset(seed=3), twin.reset(seed=3)
    assert about == about_two
    assert all(one[name].tobytes() == two[name].tobytes() for name in one)


def test_wrappers_in_the_wrong_order_are_refused() -> None:
    with pytest.raises(InputError, match="action_space"):
        ActionSubset(SharedAction(small_env()), ["x"])


def test_without_tanks_there_is_nothing_to_flatten() -> None:
    with pytest.raises(InputError, match="observation_space"):
        FlatObservation(gym.make("CartPole-v1"))


def test_a_flat_observation_holds_the_same_numbers() -> None:
    bare, flat = small_env(), FlatObservation(small_env())
    one, two = (
        bare.reset(options={"seed_of_world": SEED})[0],
        flat.reset(options={"seed_of_world": SEED})[0],
    )
    assert two in flat.observation_space
    assert two["tanks"].shape == (one["tanks"].size,)
    assert two["tanks"].tolist() == one["tanks"].ravel().tolist()
    assert two["network"].tolist() == one["network"].tolist()
