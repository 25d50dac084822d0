"""A run's folder keeps the worlds and the baseline that it is trained on: files that change are
noticed, files that are gone are not missed.
"""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from lmrs_rl.dispatchers import FixedParameters
from lmrs_rl.domain import InputError
from lmrs_rl.domain.shipped import shipped_worlds
from lmrs_rl.learning.checkpoint import PROBLEM, RECIPE, Checkpoint, read_recipe
from lmrs_rl.learning.problem import Problem, first_difference, problem_of
from lmrs_rl.learning.recipe import Recipe, WorldSettings
from lmrs_rl.worlds import WorldClass, read_world_class

RECIPE_TEXT = """
budget_days = 100
[world]
name = "mine.toml"
baseline = "numbers.toml"
tanks = [6, 6]
days = 2
warmup_days = 1
"""
WORLD_TEXT = "among = ['one', 'other']\n[size]\ntanks = [6, 6]\nn_max = 6\n"


def files(folder: Path) -> Path:
    """A recipe whose world draws among two others, and its baseline, in a new folder."""
    folder.mkdir()
    for name, text in (
        ("r", RECIPE_TEXT),
        ("mine", WORLD_TEXT),
        ("one", ""),
        ("other", "[geography]\nclusters = [1, 1]\n"),
        ("numbers", "z = 0.7\n"),
    ):
        (folder / f"{name}.toml").write_text(text)
    return folder / "r.toml"


@pytest.mark.parametrize("name", shipped_worlds())
def test_a_world_comes_back_from_what_is_kept_of_it(name: str) -> None:
    problem = Problem(read_world_class(name), FixedParameters(z=0.7))
    told = json.loads(json.dumps(problem.as_json()))
    assert problem_of(told).world == problem.world
    assert problem_of(told).baseline == problem.baseline
    assert first_difference(told, problem) is None


def test_what_is_kept_needs_no_setting_that_came_later() -> None:
    problem = Problem(WorldClass(), FixedParameters())
    told = problem.as_json()
    del told["world"]["crew"], told["baseline"]["fill_days"]
    assert first_difference(told, problem) is None


def test_other_data_are_another_problem() -> None:
    told = {**Problem(WorldClass(), FixedParameters()).as_json(), "data_sha256": "abc"}
    assert first_difference(told, Problem(WorldClass(), FixedParameters())) == (
        "data_sha256",
        None,
        "abc",
    )


def test_what_is_no_problem_is_refused(tmp_path: Path) -> None:
    Checkpoint(tmp_path, Recipe())
    (tmp_path / PROBLEM).write_text('{"world": {"name": "mine"}}')
    with pytest.raises(InputError, match=r"problem\.json: baseline: got None; wanted a table"):
        read_recipe(tmp_path)


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        (
            "mine",
            WORLD_TEXT + "[cost]\nlost_per_kg = 9.0\n",
            r"world\.cost\.lost_per_kg: got 9\.0 now",
        ),
        (
            "other",
            "[geography]\nclusters = [2, 2]\n",
            r"world\.among\.1\.geography\.clusters: got \[2, 2\] now; wanted \[1, 1\]",
        ),
        ("numbers", "z = 0.8\n", r"baseline\.z: got 0\.8 now; wanted 0\.7, as the run began"),
    ],
)
def test_a_run_whose_world_or_baseline_changed_is_refused(
    tmp_path: Path, name: str, text: str, told: str
) -> None:
    path = files(tmp_path / "files")
    Checkpoint(tmp_path / "run", Recipe.from_file(path))
    kept = (tmp_path / "run" / PROBLEM).read_bytes()
    (path.parent / f"{name}.toml").write_text(text)
    with pytest.raises(InputError, match=told):
        Checkpoint(tmp_path / "run", Recipe.from_file(path))
    assert (tmp_path / "run" / PROBLEM).read_bytes() == kept


def test_a_file_that_changes_while_a_run_is_under_way_does_not_matter_to_it(tmp_path: Path) -> None:
    path = files(tmp_path / "files")
    recipe = Recipe.from_file(path)
    Checkpoint(tmp_path / "run", recipe)
    (path.parent / "numbers.toml").write_text("z = 0.8\n")
    assert Checkpoint(tmp_path / "run", recipe).recipe.env().baseline.z == 0.7


def test_a_run_goes_on_with_the_same_files_in_another_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = files(tmp_path / "files")
    monkeypatch.chdir(path.parent)
    Checkpoint(tmp_path / "run", Recipe.from_file("r.toml"))
    assert json.loads((tmp_path / "run" / RECIPE).read_text())["world"]["name"] == "mine.toml"
    monkeypatch.chdir(tmp_path)
    shutil.move("files", "moved")
    assert (
        Checkpoint(tmp_path / "run", Recipe.from_file("moved/r.toml")).recipe.world_class.size.n_max
        == 6
    )


def test_a_run_is_exported_and_averaged_without_the_files_that_it_was_made_from(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("torch", reason="learning needs torch (extra train)")
    pytest.importorskip("onnxruntime", reason="policies are run by onnxruntime (extra serve)")
    from lmrs_rl.learning.averaging import average_runs
    from lmrs_rl.learning.export_run import export_run
    from tests.learning.test_averaging import a_run

    path = files(tmp_path / "files")
    monkeypatch.chdir(path.parent)
    runs = [a_run(tmp_path / str(seed), seed, 0.01, Recipe.from_file("r.toml")) for seed in (1, 2)]
    monkeypatch.chdir(tmp_path)
    shutil.rmtree(path.parent)
    average_runs(runs, tmp_path / "mean")
    for run in (runs[0], tmp_path / "mean"):
        before = {each.name: each.read_bytes() for each in run.iterdir()}
        export_run(run, tmp_path / "agent")
        assert "z = 0.7\n" in (tmp_path / "agent" / "parameters.toml").read_text()
        assert {each.name: each.read_bytes() for each in run.iterdir()} == before


def test_runs_on_worlds_that_differ_in_content_alone_are_not_averaged(tmp_path: Path) -> None:
    pytest.importorskip("torch", reason="learning needs torch (extra train)")
    from lmrs_rl.learning.averaging import average_runs
    from tests.learning.test_averaging import a_run

    path = files(tmp_path / "files")
    one = a_run(tmp_path / "1", 1, 0.01, Recipe.from_file(path))
    (path.parent / "one.toml").write_text("[geography]\nclusters = [3, 3]\n")
    other = a_run(tmp_path / "2", 2, 0.01, Recipe.from_file(path))
    with pytest.raises(InputError, match="another recipe, world, baseline"):
        average_runs([one, other], tmp_path / "mean")


def test_a_run_of_an_earlier_version_is_read_and_goes_on(tmp_path: Path) -> None:
    recipe = Recipe(world=WorldSettings(name="demo", tanks=(6, 6)))
    Checkpoint(tmp_path, recipe)
    (tmp_path / PROBLEM).unlink()
    assert read_recipe(tmp_path).world_class == recipe.world_class
    with pytest.raises(InputError, match="the run of another recipe"):
        Checkpoint(tmp_path, replace(recipe, world=replace(recipe.world, name="calm")))
    Checkpoint(tmp_path, recipe)
    assert (tmp_path / PROBLEM).exists()
