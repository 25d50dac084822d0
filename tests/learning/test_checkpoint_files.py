"""Files of a run as they are read, without torch."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from lmrs_rl.learning.checkpoint import ABOUT, VALIDATION, WEIGHTS, Checkpoint, days_of
from lmrs_rl.learning.recipe import Recipe

SMOKE = Path(__file__).resolve().parents[2] / "training" / "smoke.toml"


def test_a_half_written_line_is_cut_off_and_a_file_that_is_not_there_has_no_lines(
    tmp_path: Path,
) -> None:
    checkpoint = Checkpoint(tmp_path / "run", Recipe.from_file(SMOKE))
    assert checkpoint.rows("progress.jsonl") == []
    checkpoint.append("progress.jsonl", {"days": 1})
    path = tmp_path / "run" / "progress.jsonl"
    whole = path.read_bytes()
    path.write_bytes(whole + b'{"days": ')
    assert checkpoint.rows("progress.jsonl") == [{"days": 1}]
    assert path.read_bytes() == whole


@pytest.mark.parametrize(
    ("costs", "days"), [((), 0), ((0.1, 0.2), 0), ((0.0,), 0), ((-0.1, -0.3, 0.2), 20)]
)
def test_the_best_of_an_old_run_has_cost_less_than_the_baseline(
    tmp_path: Path, costs: Sequence[float], days: int
) -> None:
    np.savez(tmp_path / WEIGHTS, nothing=np.zeros(1))
    (tmp_path / ABOUT).write_text("{}", encoding="utf-8")
    rows = [{"days": 10 * (k + 1), "cost": cost} for k, cost in enumerate(costs)]
    lines = "".join(json.dumps(row) + "\n" for row in rows)
    (tmp_path / VALIDATION).write_text(lines, encoding="utf-8")
    assert days_of(tmp_path, "best") == days
    assert days_of(tmp_path, "latest") == 10 * len(costs)
