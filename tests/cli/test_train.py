"""``lmrs train`` from the command line."""

from __future__ import annotations

from pathlib import Path

import pytest

from lmrs_rl.cli import main
from lmrs_rl.cli.train import clock

ROOT = Path(__file__).resolve().parents[2]


def test_a_recipe_trains_and_says_how_long_it_will_take(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("stable_baselines3")
    text = (ROOT / "training" / "smoke.toml").read_text()
    for old, new in (
        ("budget_days = 900", "budget_days = 6"),
        ("pairs = 4", "pairs = 1"),
        ("scenarios = 2", "scenarios = 1"),
        ("days = 10", "days = 2"),
    ):
        assert old in text
        text = text.replace(old, new).replace('"smoke_', f'"{ROOT}/training/smoke_')
    (tmp_path / "r.toml").write_text(text)
    assert main(["train", str(tmp_path / "r.toml"), "--output", str(tmp_path / "run")]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[-3].startswith("6/6 days, 0 h 00 min left; generation 1, cost ")
    assert lines[-2].startswith("6/6 days, 0 h 00 min left; validation: cost ")
    assert (tmp_path / "run" / "weights.npz").is_file()


def test_an_unknown_key_is_refused_in_a_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("stable_baselines3")
    (tmp_path / "r.toml").write_text("[evolution]\npears = 3\n")
    assert main(["train", str(tmp_path / "r.toml"), "--output", str(tmp_path / "run")]) == 2
    told = capsys.readouterr().err
    assert "evolution.pears" in told
    assert told.count("\n") == 1


def test_clocks() -> None:
    assert clock(3 * 3600 + 61) == "3 h 01 min"
    assert clock(float("inf")) == "?"
