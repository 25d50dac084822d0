"""The mean of runs: of weights, by hand; what cannot be averaged is refused and leaves nothing
behind.
"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch", reason="learning needs torch (extra train)")

from lmrs_rl.dispatchers.policy import NETWORK_FEATURES, TANK_FEATURES
from lmrs_rl.domain import InputError
from lmrs_rl.learning.averaging import average_runs, validate_mean
from lmrs_rl.learning.checkpoint import ABOUT, VALIDATION, Checkpoint, read_recipe, read_weights
from lmrs_rl.learning.export_run import export_run
from lmrs_rl.learning.recipe import ActorRecipe, Recipe, ValidationSettings, WorldSettings

RECIPE = Recipe(
    budget_days=100, world=WorldSettings(name="demo", tanks=(12, 12), days=7, warmup_days=0)
)


def a_run(folder: Path, seed: int, value: float, recipe: Recipe = RECIPE) -> Path:
    """A folder as if a run with that seed had ended with all latest weights at ``value`` and the
    best at their double.
    """
    shapes = {
        "tanks.weight": (7, len(TANK_FEATURES)),
        "tanks.bias": (7,),
        "network.weight": (7, len(NETWORK_FEATURES)),
    }
    latest = {name: np.full(shape, value, dtype=np.float32) for name, shape in shapes.items()}
    Checkpoint(folder, replace(recipe, seed=seed)).write_weights(
        latest, {name: 2 * each for name, each in latest.items()}
    )
    return folder


def test_the_mean_of_three_runs_times_a_length_is_written_as_latest_and_best(
    tmp_path: Path,
) -> None:
    runs = [a_run(tmp_path / str(k), k, value) for k, value in enumerate((0.1, 0.2, 0.6))]
    average_runs(runs, tmp_path / "mean", length=0.5)
    for which in ("latest", "best"):
        for array in read_weights(tmp_path / "mean", which).values():
            assert np.allclose(array, 0.15)
    assert read_recipe(tmp_path / "mean").budget_days == 300


def test_the_best_weights_are_averaged_where_asked(tmp_path: Path) -> None:
    runs = [a_run(tmp_path / str(k), k, value) for k, value in enumerate((0.1, 0.3))]
    average_runs(runs, tmp_path / "mean", which="best")
    assert np.allclose(read_weights(tmp_path / "mean")["tanks.bias"], 0.4)


def test_an_agent_exported_from_a_mean_tells_all_seeds(tmp_path: Path) -> None:
    pytest.importorskip("onnxruntime", reason="policies are run by onnxruntime (extra serve)")
    average_runs([a_run(tmp_path / str(k), k, 0.01) for k in (3, 8)], tmp_path / "mean")
    export_run(tmp_path / "mean", tmp_path / "agent")
    assert "| training seeds | 3, 8 |" in (tmp_path / "agent" / "card.md").read_text()
    assert json.loads((tmp_path / "mean" / ABOUT).read_text())["averaged"] == {
        "weights": "latest",
        "length": 1.0,
    }


def test_a_mean_is_judged_on_validation_worlds_and_that_of_nothing_costs_what_the_baseline_does(
    tmp_path: Path,
) -> None:
    recipe = replace(
        RECIPE, world=replace(RECIPE.world, days=2), validation=ValidationSettings(scenarios=2)
    )
    average_runs([a_run(tmp_path / "a", 1, 0.5, recipe)], tmp_path / "mean", length=0.0)
    found = validate_mean(tmp_path / "mean")
    assert found.cost == 0.0
    assert json.loads((tmp_path / "mean" / VALIDATION).read_text())["error"] == 0.0


@pytest.mark.parametrize("length", [-1.0, np.nan, np.inf])
def test_a_length_that_is_none_is_refused(tmp_path: Path, length: float) -> None:
    with pytest.raises(InputError, match="length"):
        average_runs([a_run(tmp_path / "a", 1, 0.1)], tmp_path / "mean", length=length)
    assert not (tmp_path / "mean").exists()


def test_no_runs_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="runs: got none"):
        average_runs([], tmp_path / "mean")


def test_one_seed_twice_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="each seed once"):
        average_runs(
            [a_run(tmp_path / "a", 1, 0.1), a_run(tmp_path / "b", 1, 0.2)], tmp_path / "mean"
        )


def test_runs_of_different_recipes_are_refused(tmp_path: Path) -> None:
    other = replace(RECIPE, world=replace(RECIPE.world, days=6))
    with pytest.raises(InputError, match="another recipe"):
        average_runs(
            [a_run(tmp_path / "a", 1, 0.1), a_run(tmp_path / "b", 2, 0.2, other)], tmp_path / "mean"
        )


def test_networks_are_refused(tmp_path: Path) -> None:
    other = replace(RECIPE, actor=ActorRecipe(form="network"))
    with pytest.raises(InputError, match="a linear one"):
        average_runs([a_run(tmp_path / "a", 1, 0.1, other)], tmp_path / "mean")


def test_a_folder_without_a_run_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"recipe\.json"):
        average_runs([tmp_path], tmp_path / "mean")


def test_a_folder_with_another_run_is_left_alone(tmp_path: Path) -> None:
    runs = [a_run(tmp_path / "a", 1, 0.1)]
    there = a_run(tmp_path / "there", 1, 0.5, replace(RECIPE, world=replace(RECIPE.world, days=6)))
    with pytest.raises(InputError, match="another recipe"):
        average_runs(runs, there)
    assert np.allclose(read_weights(there, "latest")["tanks.bias"], 0.5)
