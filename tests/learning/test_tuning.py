"""Tuning finds what is plain to see, goes on where it was cut off, and takes no other run's
generations.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from lmrs_rl.dispatchers import FixedParameters
from lmrs_rl.domain import InputError
from lmrs_rl.domain.arrays import FloatArray
from lmrs_rl.learning import tuning
from lmrs_rl.learning.tuning import TuningRecipe, relative_costs, tune

ROOT = Path(__file__).resolve().parents[2]
TINY = TuningRecipe(
    tanks=(6, 8),
    days=2,
    warmup_days=1,
    scenarios=1,
    population=4,
    generations=2,
    finalists=1,
    validation=2,
)


def quiet(line: str) -> None:
    """Told of progress that no test looks at."""


def bowl(
    recipe: TuningRecipe, seeds: Sequence[int], candidates: Sequence[FixedParameters]
) -> FloatArray:
    """Costs that are least at z = 0.8 and x_share = 0.3."""
    return np.array(
        [
            [1 + (each.z - 0.8) ** 2 + (each.x_share - 0.3) ** 2 for each in candidates]
            for _ in seeds
        ]
    )


@pytest.mark.parametrize("name", ["tuned", "extended"])
def test_the_recipes_are_read_and_fit_their_worlds(name: str) -> None:
    recipe = TuningRecipe.from_file(ROOT / "training" / f"{name}.toml")
    assert recipe.agent == name
    _, count = recipe.world_class.splits.train
    assert recipe.generations * recipe.scenarios <= count


def test_the_least_cost_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("cmaes")
    monkeypatch.setattr(tuning, "relative_costs", bowl)
    best = tune(replace(TINY, population=12, generations=40), tmp_path, quiet)
    assert best.parameters.z == pytest.approx(0.8, abs=0.05)
    assert best.parameters.x_share == pytest.approx(0.3, abs=0.05)


def test_a_search_that_was_cut_off_ends_as_one_that_was_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("cmaes")
    monkeypatch.setattr(tuning, "relative_costs", bowl)
    recipe = replace(TINY, generations=6)
    whole = tune(recipe, tmp_path / "whole", quiet)
    tune(replace(recipe, generations=2), tmp_path / "cut", quiet)
    told: list[str] = []
    assert tune(recipe, tmp_path / "cut", told.append) == whole
    assert [
        line.split(":")[0] for line in told if "generation" in line and "validation" not in line
    ] == [f"generation {k}/6" for k in (3, 4, 5, 6)]
    for name in ("parameters.toml", "result.json", "generations.json"):
        assert (tmp_path / "cut" / name).read_text() == (tmp_path / "whole" / name).read_text()


def test_what_is_written_is_what_was_judged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("cmaes")
    monkeypatch.setattr(tuning, "relative_costs", bowl)
    best = tune(TINY, tmp_path, quiet)
    assert FixedParameters.from_file(tmp_path / "parameters.toml") == best.parameters
    validated = json.loads((tmp_path / "result.json").read_text())["validated"]
    assert [each["cost"] for each in validated] == sorted(each["cost"] for each in validated)
    assert {"start", "mean of the search", "best of generation 2"} == {
        each["name"] for each in validated
    }


def test_generations_of_another_recipe_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("cmaes")
    monkeypatch.setattr(tuning, "relative_costs", bowl)
    tune(TINY, tmp_path, quiet)
    with pytest.raises(InputError, match="another recipe"):
        tune(replace(TINY, seed=1), tmp_path, quiet)
    (tmp_path / "generations.json").write_text("{")
    with pytest.raises(InputError, match="unreadable"):
        tune(TINY, tmp_path, quiet)


def test_the_default_costs_as_much_as_itself_and_candidates_meet_the_same_days() -> None:
    costs = relative_costs(
        TINY,
        [1_000_000, 1_000_001],
        [FixedParameters(), FixedParameters(alpha=0.0), FixedParameters()],
    )
    assert costs.shape == (2, 3)
    assert costs[:, [0, 2]].tolist() == [[1.0, 1.0], [1.0, 1.0]]
    # Nobody drives without a penalty.
    assert (costs[:, 1] != 1.0).all()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("agent = 'best'\n", "agent: got 'best'"),
        ("population = 3\n", "population: got 3; wanted at least 4"),
        ("sigma = 0.0\n", "sigma"),
        ("generation = 3\n", "generation"),
        ("scenarios = 0\n", "scenarios: got 0"),
        ("forecast = 'magic'\n", "forecast"),
        ("preset = 'fast'\n", "preset"),
    ],
)
def test_bad_recipes_are_refused(tmp_path: Path, text: str, told: str) -> None:
    (tmp_path / "r.toml").write_text(text)
    with pytest.raises(InputError) as error:
        TuningRecipe.from_file(tmp_path / "r.toml")
    assert told in str(error.value)


def test_a_start_without_fixed_parameters_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="'price'; wanted an agent with fixed parameters"):
        tune(replace(TINY, start="price"), tmp_path, quiet)
