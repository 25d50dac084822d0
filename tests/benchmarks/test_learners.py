"""Runs side by side, read from their folders."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from benchmarks.learners import main, read_run, table, times


def run_folder(folder: Path) -> Path:
    folder.mkdir()
    (folder / "recipe.json").write_text(
        json.dumps({"learner": "ppo", "seed": 2, "actor": {"form": "network"}}), encoding="utf-8"
    )
    row = {
        "days": 1000,
        "cost": -0.05,
        "error": 0.02,
        "smoothed": 0.01,
        "smoothed_error": 0.003,
        "total": 0.0,
    }
    (folder / "validation.jsonl").write_text(json.dumps(row) + "\n", encoding="utf-8")
    return folder


def test_each_validation_is_a_line(tmp_path: Path) -> None:
    assert table(read_run(run_folder(tmp_path / "one")))[2:] == [
        "| ppo | network | 2 | 1,000 | -5.0 ± 2.0 % | +1.0 ± 0.3 % |"
    ]


def test_minutes_are_those_up_to_the_validation_where_they_were_noted(tmp_path: Path) -> None:
    folder = run_folder(tmp_path / "one")
    assert times(read_run(folder))[2:] == []
    steps = [{"days": days, "seconds": 45.0} for days in (500, 1000, 1500)]
    (folder / "progress.jsonl").write_text(
        "".join(json.dumps(step) + "\n" for step in steps), encoding="utf-8"
    )
    assert times(read_run(folder))[2:] == ["| ppo | network | 2 | 1,000 | 1.5 |"]


def test_a_folder_that_is_no_run_is_one_error_and_nothing_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "empty").mkdir()
    monkeypatch.setattr(
        sys,
        "argv",
        [
            "learners",
            str(run_folder(tmp_path / "one")),
            str(tmp_path / "empty"),
            "--output",
            str(tmp_path / "out"),
        ],
    )
    assert main() == 2
    assert "no validation.jsonl" in capsys.readouterr().err
    assert not (tmp_path / "out.md").exists()
