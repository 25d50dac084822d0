"""The evolution strategy learns something easy, goes on where it was cut off, and says when it
cannot.
"""

from __future__ import annotations

import json
import pickle
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from lmrs_rl.domain import InputError
from lmrs_rl.environment import SharedAction
from lmrs_rl.learning.recipe import ActorRecipe, EvolutionSettings, Recipe, ValidationSettings
from lmrs_rl.learning.rollout import baseline_policy, run_episode

pytest.importorskip("torch")
pytest.importorskip("stable_baselines3")

from lmrs_rl.domain.workers import WorkerPool
from lmrs_rl.learning.callbacks import SaveAndValidate, TrainingProgress
from lmrs_rl.learning.checkpoint import Checkpoint, about, read_weights
from lmrs_rl.learning.evolution import EvolutionStrategy
from lmrs_rl.learning.generation import (
    costs_of_pairs,
    costs_over_baseline,
    fingerprint,
    mean_figures,
)
from lmrs_rl.learning.policies import load_weights
from lmrs_rl.learning.rollout import EpisodeResult, Policy
from lmrs_rl.learning.training import train
from lmrs_rl.learning.validation import ValidationEvaluator, ValidationResult

ROOT = Path(__file__).resolve().parents[2]
SMOKE = Recipe.from_file(ROOT / "training" / "smoke.toml")
TINY = replace(
    SMOKE,
    budget_days=27,
    world=replace(SMOKE.world, days=3),
    evolution=EvolutionSettings(pairs=1, scenarios=1, norm_scenarios=1, sigma=0.5, step=0.5),
    validation=ValidationSettings(every_days=18, scenarios=2),
)
FILES = (
    "generations.jsonl",
    "moments.npz",
    "progress.jsonl",
    "validation.jsonl",
    "weights.npz",
    "recipe.json",
)


def quiet(told: TrainingProgress) -> None:
    """Told of progress that no test looks at."""


def without_seconds(text: str) -> str:
    return "\n".join(
        json.dumps({k: v for k, v in json.loads(line).items() if k != "seconds"})
        for line in text.splitlines()
    )


def alike(a: Path, b: Path) -> None:
    """All files of two runs say the same but for the time they took."""
    for name in FILES:
        if name.endswith(".npz"):
            one, other = np.load(a / name), np.load(b / name)
            assert set(one.files) == set(other.files)
            for key in one.files:
                assert one[key].tobytes() == other[key].tobytes(), f"{name} {key}"
        elif name.endswith(".jsonl"):
            assert without_seconds((a / name).read_text()) == without_seconds(
                (b / name).read_text()
            ), name
        else:
            assert (a / name).read_text() == (b / name).read_text(), name


def test_the_smoke_recipe_learns_to_visit_a_tank_that_runs_dry(tmp_path: Path) -> None:
    # Compiles what is not compiled yet.
    train(TINY, tmp_path / "warm", 1, quiet)
    began = time.monotonic()
    learner = train(SMOKE, tmp_path, 1, quiet)
    assert time.monotonic() - began < 30.0
    last = json.loads((tmp_path / "validation.jsonl").read_text().splitlines()[-1])
    assert last["cost"] < -0.9
    env = SMOKE.env()
    seed = SMOKE.world_class.splits.validation[0]
    assert run_episode(env, seed, baseline_policy).figures["trips"] == 0
    visited = run_episode(env, seed, lambda seen: learner.predict(seen, deterministic=True)[0])
    assert visited.figures["trips"] >= 2
    assert visited.figures["stockout_tank_days"] == 0


def test_a_run_that_was_interrupted_ends_as_one_that_was_not(tmp_path: Path) -> None:
    train(TINY, tmp_path / "whole", 1, quiet)
    told: list[TrainingProgress] = []

    def interrupt(each: TrainingProgress) -> None:
        told.append(each)
        if each.days == 9:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train(TINY, tmp_path / "cut", 1, interrupt)
    train(TINY, tmp_path / "cut", 1, told.append)
    assert [each.days for each in told] == [9, 18, 18, 27, 27]
    assert told[1].seconds_left > 0
    alike(tmp_path / "whole", tmp_path / "cut")


def test_a_budget_that_was_raised_goes_on_as_if_it_had_been_so_from_the_start(
    tmp_path: Path,
) -> None:
    train(TINY, tmp_path / "whole", 1, quiet)
    train(replace(TINY, budget_days=18), tmp_path / "raised", 1, quiet)
    train(TINY, tmp_path / "raised", 1, quiet)
    alike(tmp_path / "whole", tmp_path / "raised")


@pytest.mark.heavy
def test_processes_change_nothing(tmp_path: Path) -> None:
    recipe = replace(TINY, budget_days=18, evolution=replace(TINY.evolution, scenarios=2))
    train(recipe, tmp_path / "one", 1, quiet)
    train(recipe, tmp_path / "two", 2, quiet)
    alike(tmp_path / "one", tmp_path / "two")


def test_a_new_strategy_answers_the_baseline() -> None:
    learner = EvolutionStrategy(TINY.env(), TINY)
    observation, _ = TINY.env().reset(options={"seed_of_world": 1_000_000})
    action, _ = learner.predict(observation)
    assert action.shape == (1, 7)
    assert (action == 0).all()


def test_an_environment_in_a_wrapper_is_refused() -> None:
    with pytest.raises(InputError, match="env: got SharedAction"):
        EvolutionStrategy(SharedAction(TINY.env()), TINY)  # type: ignore[arg-type]


def test_what_is_saved_is_loaded(tmp_path: Path) -> None:
    learner = EvolutionStrategy(TINY.env(), TINY).learn(18)
    assert learner.num_timesteps == 18
    learner.save(tmp_path)
    again = EvolutionStrategy.load(tmp_path, TINY.env())
    assert again.num_timesteps == 18
    assert fingerprint(again.search.mean) == fingerprint(learner.search.mean)
    assert (again.search.ask() == learner.search.ask()).all()
    # Nothing more is written of what is there already.
    again.save(tmp_path)
    assert len((tmp_path / "generations.jsonl").read_text().splitlines()) == 2


def test_a_learner_whose_past_was_another_is_refused(tmp_path: Path) -> None:
    EvolutionStrategy(TINY.env(), TINY).learn(9).save(tmp_path)
    path = tmp_path / "generations.jsonl"
    row = json.loads(path.read_text())
    path.write_text(json.dumps({**row, "costs": row["costs"][::-1]}) + "\n")
    with pytest.raises(InputError, match="another mean after generation 1"):
        EvolutionStrategy.load(tmp_path, TINY.env())


def test_the_run_of_another_recipe_is_refused(tmp_path: Path) -> None:
    Checkpoint(tmp_path, TINY)
    with pytest.raises(InputError, match="the run of another recipe"):
        Checkpoint(tmp_path, replace(TINY, seed=2))
    assert Checkpoint(tmp_path, replace(TINY, budget_days=90)).recipe.budget_days == 90


def test_a_line_that_was_cut_off_is_dropped(tmp_path: Path) -> None:
    checkpoint = Checkpoint(tmp_path, TINY)
    checkpoint.append("x.jsonl", {"a": 1})
    checkpoint.append("x.jsonl", {"a": 2})
    path = tmp_path / "x.jsonl"
    path.write_text(path.read_text()[:-4])
    assert checkpoint.rows("x.jsonl") == [{"a": 1}]
    checkpoint.append("x.jsonl", {"a": 3})
    assert checkpoint.rows("x.jsonl") == [{"a": 1}, {"a": 3}]


def test_the_folder_tells_where_a_run_comes_from(tmp_path: Path) -> None:
    Checkpoint(tmp_path, TINY)
    told = json.loads((tmp_path / "about.json").read_text())
    assert (told["environment"], told["world"]) == ("lmrs_rl.environment.LmrsEnv", "smoke_world")
    assert about(Recipe())["environment"] == "lmrs/Mixed-v0"
    assert told["packages"]["numpy"] == np.__version__
    assert told["seeds"]["train"] == [1_000_000, 100_000]
    assert told["baseline"]["alpha"] == 60.0
    assert told["features"]["actions"] == ["x", "a", "b", "alpha", "beta", "z", "fill"]
    with pytest.raises(InputError, match="no such file"):
        read_weights(tmp_path)


def row(*costs: float) -> list[EpisodeResult]:
    return [EpisodeResult(1, 1, 10, {"reward_eur": -each, "km": each}) for each in costs]


def test_costs_over_the_baseline_are_cut_and_their_noise_is_told() -> None:
    # Over the baseline's 100: +10 %, -10 % and +900 % (cut to +50 %), +20 %.
    costs, noise = costs_over_baseline(
        [row(100, 110, 90), row(100, 1000, 120)], EvolutionSettings(pairs=1, scenarios=2)
    )
    assert costs == pytest.approx([0.3, 0.05])
    # Differences -0.2 and -0.3: their standard error is 0.05.
    assert noise == pytest.approx(0.05)
    assert np.isnan(
        costs_over_baseline([row(100, 110, 90)], EvolutionSettings(pairs=1, scenarios=1))[1]
    )


def test_pairs_with_worlds_of_their_own_are_told_apart_by_their_difference() -> None:
    settings = EvolutionSettings(worlds="own", pairs=2, scenarios=2)
    # 20 of 200, then nothing; and -100 of 200 (-50 %), -600 of 500 (-120 %, half of it cut to -50
    # %).
    costs, noise = costs_of_pairs(
        [row(210, 190), row(100, 100), row(150, 250), row(200, 800)], settings
    )
    assert costs == pytest.approx([0.025, -0.025, -0.375, 0.375])
    # Differences 0.1, 0 and -0.5, -1: standard errors 0.05 and 0.25.
    assert noise == pytest.approx(0.15)
    assert mean_figures([row(210, 190), row(100, 100)], own=True)["km"] == pytest.approx(15.0)
    assert mean_figures([row(100, 110, 90), row(100, 1000, 120)], own=False)["km"] == pytest.approx(
        23.0
    )


def test_pairs_with_worlds_of_their_own_go_on_as_well(tmp_path: Path) -> None:
    recipe = replace(
        TINY,
        budget_days=24,
        evolution=replace(TINY.evolution, worlds="own", pairs=2, shaping_weight=0.5),
    )
    train(recipe, tmp_path / "whole", 1, quiet)
    train(replace(recipe, budget_days=12), tmp_path / "raised", 1, quiet)
    train(recipe, tmp_path / "raised", 1, quiet)
    rows = [
        json.loads(line)
        for line in (tmp_path / "whole" / "generations.jsonl").read_text().splitlines()
    ]
    assert [len(set(each["seeds"])) for each in rows] == [2, 2]
    ends = [read_weights(tmp_path / name, "latest") for name in ("whole", "raised")]
    assert all((ends[0][name] == ends[1][name]).all() for name in ends[0])


@pytest.mark.parametrize("search", ["sep-cma", "cma"])
def test_the_searches_of_cmaes_go_on_too(tmp_path: Path, search: str) -> None:
    pytest.importorskip("cmaes")
    recipe = replace(TINY, evolution=replace(TINY.evolution, search=search, pairs=2))
    learner = EvolutionStrategy(recipe.env(), recipe).learn(15)
    learner.save(tmp_path)
    assert (
        EvolutionStrategy.load(tmp_path, recipe.env()).search.ask() == learner.search.ask()
    ).all()


def test_a_network_is_searched_from_the_baseline_on(tmp_path: Path) -> None:
    recipe = replace(TINY, budget_days=9, actor=ActorRecipe(form="network", hidden=4))
    learner = train(recipe, tmp_path, 1, quiet)
    space = learner.space
    observation, _ = recipe.env().reset(options={"seed_of_world": 1_000_000})
    assert (space.policy(np.zeros(space.size))(observation) == 0).all()
    vector = np.random.default_rng(0).standard_normal(space.size)
    load_weights(learner.policy.actor, space.weights(vector))
    moved = learner.predict(observation)[0]
    assert np.abs(moved).max() > 0.01
    assert pickle.loads(pickle.dumps(space.policy(vector)))(observation) == pytest.approx(
        moved, abs=1e-6
    )
    assert set(read_weights(tmp_path, "latest")) == set(space.weights(vector))


def test_the_best_weights_are_those_of_the_least_smoothed_cost_if_that_is_less_than_the_baselines(
    tmp_path: Path,
) -> None:
    judged = iter([0.05, 0.03, -0.02, -0.01])
    costs: list[float] = []

    class Fake(ValidationEvaluator):
        def __call__(self, policy: Policy) -> ValidationResult:
            costs.append(next(judged))
            return ValidationResult(
                -costs[-1],
                0.0,
                costs[-1],
                0.0,
                0.0,
                {"km": 0.0, "kg": 0.0, "stockout_tank_days": 0.0},
            )

    recipe = replace(TINY, budget_days=36, validation=ValidationSettings(every_days=9))
    learner = EvolutionStrategy(recipe.env(), recipe)
    checkpoint = Checkpoint(tmp_path, recipe)
    best: list[float] = []

    def after(told: TrainingProgress) -> None:
        if told.text.startswith("validation"):
            best.append(float(np.abs(read_weights(tmp_path)["tanks.weight"]).max()))

    learner.learn(36, SaveAndValidate(checkpoint, Fake(learner.spec, [], WorkerPool()), after))
    assert costs == [0.05, 0.03, -0.02, -0.01]
    # Twice worse than the baseline, which is 0 everywhere; then better; then less so.
    assert best[:2] == [0.0, 0.0]
    assert best[2] == best[3] > 0


def test_too_many_validation_worlds_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"validation\.scenarios: got 1001"):
        train(replace(TINY, validation=ValidationSettings(scenarios=1001)), tmp_path, 1, quiet)
