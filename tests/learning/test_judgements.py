"""Which judgement belongs to which weights."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("torch", reason="learning needs torch (extra train)")
pytest.importorskip("stable_baselines3")

from lmrs_rl.learning.averaging import average_runs
from lmrs_rl.learning.checkpoint import (
    PROGRESS,
    VALIDATION,
    Checkpoint,
    days_of,
    read_weights,
    validation_of,
)
from lmrs_rl.learning.export_run import export_run
from lmrs_rl.learning.recipe import Recipe, WorldSettings
from lmrs_rl.learning.training import train
from tests.learning.test_averaging import a_run
from tests.learning.test_evolution import TINY, alike, quiet

RECIPE = Recipe(
    budget_days=30, world=WorldSettings(name="demo", tanks=(6, 6), days=2, warmup_days=1)
)
ROWS = [
    {"days": 10, "cost": -0.01, "smoothed": -0.05},
    {"days": 20, "cost": -0.09, "smoothed": -0.02},
    {"days": 30, "cost": 0.04, "smoothed": 0.03},
]


def judged(folder: Path, rows: list[dict[str, Any]], days: tuple[int, int] | None) -> Path:
    """A run with those judgements whose weights, latest and best, are so old; ``None``: as
    earlier versions wrote it.
    """
    a_run(folder, 1, 0.01, RECIPE)
    checkpoint = Checkpoint(folder, replace(RECIPE, seed=1))
    checkpoint.write_weights(read_weights(folder, "latest"), read_weights(folder), days)
    for row in rows:
        checkpoint.append(VALIDATION, row)
    return folder


def test_exported_scores_are_of_the_exported_weights(tmp_path: Path) -> None:
    pytest.importorskip("onnxruntime", reason="policies are run by onnxruntime (extra serve)")
    run = judged(tmp_path / "run", ROWS, (30, 10))
    for which, cost in (("best", "-0.01"), ("latest", "0.04")):
        export_run(run, tmp_path / which, which)
        assert f"| score: validation cost | {cost} |" in (tmp_path / which / "card.md").read_text()


@pytest.mark.parametrize("days", [(30, 10), None])
def test_the_best_have_the_least_smoothed_cost_and_the_latest_the_last_row(
    tmp_path: Path, days: tuple[int, int] | None
) -> None:
    run = judged(tmp_path, ROWS, days)
    assert validation_of(run, "best") == ROWS[0]
    assert validation_of(run, "latest") == ROWS[2]


@pytest.mark.parametrize("days", [(30, 0), None])
def test_where_the_best_is_what_the_run_began_with_nobody_judged_it(
    tmp_path: Path, days: tuple[int, int] | None
) -> None:
    run = judged(tmp_path, [{**row, "smoothed": 0.01} for row in ROWS], days)
    assert validation_of(run, "best") is None
    assert validation_of(run, "latest") is not None


def test_weights_trained_further_than_the_last_judgement_have_none(tmp_path: Path) -> None:
    assert validation_of(judged(tmp_path / "now", ROWS, (40, 10)), "latest") is None
    earlier = judged(tmp_path / "earlier", ROWS, None)
    Checkpoint(earlier, replace(RECIPE, seed=1)).append(PROGRESS, {"days": 40})
    assert validation_of(earlier, "latest") is None


def test_runs_without_smoothed_costs_were_judged_by_the_cost(tmp_path: Path) -> None:
    rows = [{"days": row["days"], "cost": row["cost"]} for row in ROWS]
    assert validation_of(judged(tmp_path, rows, None), "best") == rows[1]


@pytest.mark.parametrize("told", [True, False])
def test_the_one_judgement_of_a_mean_is_its_own_even_if_it_is_worse_than_the_baseline(
    tmp_path: Path, told: bool
) -> None:
    average_runs([a_run(tmp_path / "a", 1, 0.1, RECIPE)], tmp_path / "mean")
    mean = read_weights(tmp_path / "mean")
    checkpoint = Checkpoint(tmp_path / "mean", replace(RECIPE, seed=1))
    if not told:
        checkpoint.write_weights(mean, mean)
    checkpoint.append(VALIDATION, ROWS[2])
    assert validation_of(tmp_path / "mean") == ROWS[2]


def test_a_run_killed_while_a_judgement_is_written_loses_neither_it_nor_the_best_weights(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    train(TINY, tmp_path / "whole", 1, quiet)
    best = days_of(tmp_path / "whole")
    assert best > 0
    append = Checkpoint.append

    def killed(self: Checkpoint, name: str, row: dict[str, Any]) -> None:
        if name == VALIDATION and row["days"] == best:
            raise KeyboardInterrupt
        append(self, name, row)

    monkeypatch.setattr(Checkpoint, "append", killed)
    with pytest.raises(KeyboardInterrupt):
        train(TINY, tmp_path / "before", 1, quiet)
    monkeypatch.undo()

    def killed_after(self: Checkpoint, name: str, row: dict[str, Any]) -> None:
        append(self, name, row)
        if name == VALIDATION and row["days"] == best:
            raise KeyboardInterrupt

    monkeypatch.setattr(Checkpoint, "append", killed_after)
    with pytest.raises(KeyboardInterrupt):
        train(TINY, tmp_path / "after", 1, quiet)
    monkeypatch.undo()
    for name in ("before", "after"):
        train(TINY, tmp_path / name, 1, quiet)
        alike(tmp_path / "whole", tmp_path / name)
        rows = [
            json.loads(line) for line in (tmp_path / name / VALIDATION).read_text().splitlines()
        ]
        assert len({row["days"] for row in rows}) == len(rows)
        assert np.abs(read_weights(tmp_path / name)["tanks.weight"]).max() > 0
