"""Stable-Baselines3 takes the environment as it is; skipped where it is not installed."""

from __future__ import annotations

import warnings
from functools import partial

import numpy as np
import pytest

from lmrs_rl.environment import FlatObservation, SharedAction
from tests.environment.small import SEED, small_env

pytest.importorskip("stable_baselines3")


def test_its_check_finds_nothing() -> None:
    from stable_baselines3.common.env_checker import check_env

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        check_env(FlatObservation(small_env()))


def test_its_check_of_the_bare_environment_finds_only_that_tanks_is_a_table() -> None:
    from stable_baselines3.common.env_checker import check_env

    with warnings.catch_warnings(record=True) as found:
        warnings.simplefilter("always")
        check_env(small_env())
    assert {
        ("unconventional shape" in str(each.message), "tanks" in str(each.message))
        for each in found
    } == {(True, True)}


def make_env():  # type: ignore[no-untyped-def]
    return SharedAction(FlatObservation(small_env()))


@pytest.mark.heavy
def test_vectors_of_environments_in_one_process_and_in_several_give_the_same_bits() -> None:
    from stable_baselines3.common.vec_env import DummyVecEnv, SubprocVecEnv

    def bits(vector) -> list[bytes]:  # type: ignore[no-untyped-def]
        rng = np.random.default_rng(0)
        try:
            vector.seed(SEED)
            kept = [b"".join(each.tobytes() for each in vector.reset().values())]
            for _ in range(4):  # one more than an episode has
                observation, reward, done, _ = vector.step(
                    rng.uniform(-1, 1, (2, 7)).astype(np.float32)
                )
                # One process keeps rewards in single precision.
                kept.append(
                    b"".join(
                        each.tobytes()
                        for each in (*observation.values(), reward.astype(np.float32), done)
                    )
                )
        finally:
            vector.close()
        return kept

    one = bits(DummyVecEnv([make_env] * 2))
    assert one == bits(SubprocVecEnv([partial(make_env)] * 2, start_method="spawn"))
    assert len(set(one)) == len(one)
