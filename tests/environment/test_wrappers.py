"""Other ways to act and to see."""

from __future__ import annotations

import numpy as np
import pytest

from lmrs_rl.domain import InputError
from lmrs_rl.environment import ActionSubset, FlatObservation, SharedAction
from tests.environment.small import SEED, small_env


def test_one_row_for_all_tanks() -> None:
    env = SharedAction(small_env())
    assert env.action_space.shape == (6,)
    row = np.array([0.1, -0.2, 0.3, 0, 0, 1], dtype=np.float32)
    assert env.action(row).tolist() == [row.tolist()] * 9
    with pytest.raises(InputError, match="action"):
        env.action(row[:5])


def test_a_subset_leaves_the_others_at_the_baseline() -> None:
    env = ActionSubset(small_env(), ["z", "x"])
    assert env.action_space.shape == (9, 2)
    whole = env.action(np.full((9, 2), [0.5, -0.5], dtype=np.float32))
    assert whole[0].tolist() == [-0.5, 0, 0, 0, 0, 0.5]
    with pytest.raises(InputError, match="action"):
        env.action(np.zeros((9, 3), dtype=np.float32))


def test_a_shared_subset() -> None:
    env = SharedAction(ActionSubset(small_env(), ["alpha"]))
    assert env.action_space.shape == (1,)
    env.reset(options={"seed_of_world": SEED})
    env.step(np.ones(1, dtype=np.float32))


@pytest.mark.parametrize("names", [[], ["x", "x"], ["X"]])
def test_bad_subsets_are_refused(names: list[str]) -> None:
    with pytest.raises(InputError, match="names"):
        ActionSubset(small_env(), names)


def test_wrappers_in_the_wrong_order_are_refused() -> None:
    with pytest.raises(InputError, match="action_space"):
        ActionSubset(SharedAction(small_env()), ["x"])


def test_a_flat_observation_holds_the_same_numbers() -> None:
    bare, flat = small_env(), FlatObservation(small_env())
    one, two = bare.reset(options={"seed_of_world": SEED})[0], flat.reset(options={"seed_of_world": SEED})[0]
    assert two in flat.observation_space
    assert two["tanks"].shape == (one["tanks"].size,)
    assert two["tanks"].tolist() == one["tanks"].ravel().tolist()
    assert two["network"].tolist() == one["network"].tolist()
