"""Episodes of policies, and how they are judged beside the baseline."""

from __future__ import annotations

import itertools
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from lmrs_rl.dispatchers.policy import Observation
from lmrs_rl.domain.quantile_function import Float32Array
from lmrs_rl.domain.workers import WorkerPool
from lmrs_rl.environment import LmrsEnv
from lmrs_rl.learning.rollout import (
    LEAST_EUR,
    EnvSpec,
    EpisodeResult,
    baseline_observations,
    baseline_policy,
    nearly_dry,
    run_episode,
    run_scenario,
)
from lmrs_rl.learning.validation import ValidationEvaluator, validation_result

ROOT = Path(__file__).resolve().parents[2]
SMOKE = ROOT / "training" / "smoke_world.toml"


def env() -> LmrsEnv:
    return LmrsEnv(SMOKE, baseline=ROOT / "training" / "smoke_baseline.toml", days=4)


class Raised:
    """A penalty as high as it goes: everybody is visited. Of module level, for other processes."""

    def __call__(self, observation: Observation) -> Float32Array:
        u = np.zeros((len(observation["mask"]), 7), dtype=np.float32)
        u[:, 3] = 1.0
        return u


def played(cost: float, km: float = 0.0) -> EpisodeResult:
    return EpisodeResult(1, 2, 10, {"reward_eur": -cost, "km": km, "kg": 0.0})


def test_costs_are_shares_of_the_baselines() -> None:
    assert played(900.0).relative_cost(played(1000.0)) == pytest.approx(-0.1)
    assert played(1000.0).relative_cost(played(1000.0)) == 0.0
    # 2 tanks for 10 days count as 100 EUR at least.
    assert LEAST_EUR * 20 == 100
    assert played(20.0).relative_cost(played(10.0)) == pytest.approx(0.1)
    assert played(0.0).relative_cost(played(-5.0)) == pytest.approx(0.05)


def test_a_verdict_pairs_worlds() -> None:
    found = validation_result(
        [played(900.0, 20.0), played(2400.0, 40.0)], [played(1000.0), played(2000.0)]
    )
    # -10 % and +20 %; 3300 over 3000; 20 and 40 km over 2 tanks and 10 days.
    assert found.cost == pytest.approx(0.05)
    assert found.error == pytest.approx(0.15)
    assert found.total == pytest.approx(0.1)
    assert found.figures["km"] == pytest.approx(1.5)
    assert (found.smoothed, found.smoothed_error) == (found.cost, found.error)
    dry = EpisodeResult(
        1,
        2,
        10,
        {"reward_eur": -1500.0, "stockouts_eur": 500.0, "lost_sales_eur": 0.0, "nearly_dry": 1.0},
    )
    safe = EpisodeResult(
        1,
        2,
        10,
        {"reward_eur": -1000.0, "stockouts_eur": 0.0, "lost_sales_eur": 0.0, "nearly_dry": 0.0},
    )
    # Half of 500 stays, half of 100 comes.
    assert validation_result([dry], [safe], 0.5, 100.0).smoothed == pytest.approx(0.3)
    assert np.isnan(validation_result([played(1.0)], [played(1.0)]).error)


def test_stock_outs_are_smoothed_by_how_near_tanks_come_to_them() -> None:
    whole = EpisodeResult(
        1,
        1,
        1,
        {
            "reward_eur": -5000.0,
            "stockouts_eur": 4000.0,
            "lost_sales_eur": 400.0,
            "nearly_dry": 3.0,
        },
    )
    assert whole.smoothed(0.0, 1000.0) == whole
    # 600 without stock-outs, 3000 for nearly dry days; half of each.
    assert whole.smoothed(1.0, 1000.0).cost == pytest.approx(3600.0)
    assert whole.smoothed(0.5, 1000.0).cost == pytest.approx(4300.0)


def test_nearly_dry_counts_dry_tanks_and_those_that_are_all_but() -> None:
    world = env()
    world.reset(options={"seed_of_world": 1_000_000})
    assert nearly_dry(world) == 0.0
    told, dry = [], []
    for _ in range(4):
        dry.append(world.step(baseline_policy({"mask": np.ones(1)}))[4]["stockout_tank_days"])
        told.append(nearly_dry(world))
    # Nobody comes: once it is dry it stays so, and the days before it came nearer each day.
    assert dry[-1] == told[-1] == 1.0
    assert all(0 < a <= b for a, b in itertools.pairwise(told))
    assert any(0 < near < 1 for near in told)


def test_a_pair_is_compared_with_its_mean() -> None:
    assert played(900.0).relative_difference(played(1100.0)) == pytest.approx(-0.2)
    assert played(10.0).relative_difference(played(0.0)) == pytest.approx(0.1)


def test_an_episode_adds_up_what_the_environment_tells() -> None:
    found = run_episode(env(), 1_000_000, Raised())
    assert (found.seed, found.tanks, found.days) == (1_000_000, 1, 4)
    world, total = env(), 0.0
    observation, _ = world.reset(options={"seed_of_world": 1_000_000})
    for _ in range(4):
        observation, _, _, truncated, info = world.step(Raised()(observation))
        total += info["reward_eur"]
    assert truncated
    assert found.cost == pytest.approx(-total)


def test_an_arena_makes_the_same_environment_and_everybody_meets_the_same_days() -> None:
    spec = EnvSpec.of(env())
    assert EnvSpec.of(spec.env()) == spec
    first, second, other = run_scenario(
        spec, 1_000_001, [baseline_policy, baseline_policy, Raised()]
    )
    assert first == second == run_episode(env(), 1_000_001, baseline_policy)
    assert other != first
    assert len(baseline_observations(spec, 1_000_001)) == 4


@pytest.mark.heavy
def test_processes_change_nothing() -> None:
    spec = EnvSpec.of(env())
    tasks = [spec] * 2, [1_000_000, 1_000_001], [[baseline_policy, Raised()]] * 2
    with WorkerPool(2) as crew:
        assert crew.map(run_scenario, *tasks) == WorkerPool().map(run_scenario, *tasks)


def test_a_judge_lets_the_baseline_play_once() -> None:
    asked: list[int] = []

    class Counting(WorkerPool):
        def map(self, function, *tasks):  # type: ignore[no-untyped-def]
            asked.append(len(tasks[2][0]))
            return super().map(function, *tasks)

    judge = ValidationEvaluator(
        EnvSpec.of(replace_days(env(), 4)), [2_000_000, 2_000_001], Counting()
    )
    assert judge(baseline_policy).cost == 0.0
    assert judge(Raised()).cost < -0.1
    assert asked == [2, 1]


def replace_days(env: LmrsEnv, days: int) -> LmrsEnv:
    return replace(EnvSpec.of(env), days=days).env()
