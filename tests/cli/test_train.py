"""``lmrs train`` from the command line."""

from __future__ import annotations

import json
import sys
from io import StringIO
from pathlib import Path
from types import SimpleNamespace

import pytest
from rich.console import Console

from lmrs_rl.cli import main
from lmrs_rl.cli.train import hours_and_minutes, training_reporter

ROOT = Path(__file__).resolve().parents[2]


def short_recipe(folder: Path) -> Path:
    """The smoke recipe with one generation of one pair on two days."""
    text = (ROOT / "training" / "smoke.toml").read_text()
    for old, new in (
        ("budget_days = 900", "budget_days = 6"),
        ("pairs = 4", "pairs = 1"),
        ("scenarios = 2", "scenarios = 1"),
        ("days = 10", "days = 2"),
    ):
        assert old in text
        text = text.replace(old, new).replace('"smoke_', f'"{ROOT}/training/smoke_')
    (folder / "r.toml").write_text(text)
    return folder / "r.toml"


def test_a_recipe_trains_and_says_how_long_it_will_take(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("stable_baselines3")
    assert main(["train", str(short_recipe(tmp_path)), "--output", str(tmp_path / "run")]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[-3].startswith("6/6 days, 0 h 00 min left; generation 1, cost ")
    assert lines[-2].startswith("6/6 days, 0 h 00 min left; validation: cost ")
    assert (tmp_path / "run" / "weights.npz").is_file()


def test_a_seed_of_the_command_line_stands_for_the_recipes(tmp_path: Path) -> None:
    pytest.importorskip("stable_baselines3")
    assert (
        main(
            ["train", str(short_recipe(tmp_path)), "--output", str(tmp_path / "run"), "--seed", "7"]
        )
        == 0
    )
    assert json.loads((tmp_path / "run" / "recipe.json").read_text())["seed"] == 7


def test_a_seed_that_is_none_is_refused_in_a_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("stable_baselines3")
    assert (
        main(
            [
                "train",
                str(short_recipe(tmp_path)),
                "--output",
                str(tmp_path / "run"),
                "--seed",
                "-1",
            ]
        )
        == 2
    )
    assert "seed: got -1" in capsys.readouterr().err
    assert not (tmp_path / "run").exists()


def test_an_unknown_key_is_refused_in_a_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("stable_baselines3")
    (tmp_path / "r.toml").write_text("[evolution]\npears = 3\n")
    assert main(["train", str(tmp_path / "r.toml"), "--output", str(tmp_path / "run")]) == 2
    told = capsys.readouterr().err
    assert "evolution.pears" in told
    assert told.count("\n") == 1


def test_without_its_packages_it_says_which_extra_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "lmrs_rl.learning.training", None)
    assert main(["train", "r.toml", "--output", str(tmp_path)]) == 2
    assert "lmrs-rl[train]" in capsys.readouterr().err


def test_a_terminal_gets_a_bar_with_the_time_left() -> None:
    shown = StringIO()
    with training_reporter(Console(force_terminal=True, file=shown, width=120)) as tell:
        tell(SimpleNamespace(days=50, budget_days=200, seconds_left=7260.0, text="generation 3"))
    assert "50/200" in shown.getvalue()
    assert "2 h 01 min left" in shown.getvalue()
    assert "generation 3" in shown.getvalue()


def test_clocks() -> None:
    assert hours_and_minutes(3 * 3600 + 61) == "3 h 01 min"
    assert hours_and_minutes(float("inf")) == "?"
