"""What is taken away from a policy, by hand."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch")

from benchmarks.ablations import changes, main, read_kept, table
from lmrs_rl.dispatchers.policy import ACTION_NAMES, Observation
from lmrs_rl.domain import InputError

SEEN: Observation = {
    "tanks": np.zeros((3, 1), dtype=np.float32),
    "network": np.zeros(1, dtype=np.float32),
    "mask": np.array([1, 1, 0], dtype=np.float32),
}
SAID = np.array([[0.1] * 7, [0.3] * 7, [0.0] * 7], dtype=np.float32)


def test_every_number_that_the_policy_moves_is_kept_alone_and_left_out() -> None:
    found = changes([0, 1, 4], (0.0,) * 7)
    alone, without = (
        found[f"{ACTION_NAMES[1]} alone"](SAID, SEEN),
        found[f"without {ACTION_NAMES[1]}"](SAID, SEEN),
    )
    assert np.flatnonzero(alone[0]).tolist() == [1]
    assert np.flatnonzero(without[0]).tolist() == [0, 4]
    assert set(found) == {"whole", "shared", "state frozen"} | {
        f"{how}{ACTION_NAMES[k]}{more}"
        for k in (0, 1, 4)
        for how, more in (("", " alone"), ("without ", ""))
    }


def test_shared_gives_all_tanks_their_mean_and_padding_nothing() -> None:
    said = changes([0], (0.0,) * 7)["shared"](SAID, SEEN)
    assert said[:2] == pytest.approx(0.2)
    assert not said[2].any()


def test_a_frozen_state_says_the_same_whatever_the_policy_says() -> None:
    frozen = changes([0], (0.5,) + (0.0,) * 6)["state frozen"]
    assert np.array_equal(frozen(SAID, SEEN), frozen(-SAID, SEEN))
    assert frozen(SAID, SEEN)[:, 0].tolist() == [0.5, 0.5, 0.0]


def test_costs_are_held_against_the_baseline() -> None:
    figures = {
        "baseline": {"cost": 100.0, "smoothed": 80.0, "stockout_tank_days": 2.0},
        "whole": {"cost": 90.0, "smoothed": 60.0, "stockout_tank_days": 1.0},
    }
    rows = [
        {"world": "tight", "seed": 1, "figures": figures},
        {"world": "mixed", "seed": 1, "figures": figures},
    ]
    assert (
        table(rows)[-1]
        == "| whole | 0.900 [0.900, 0.900] | 0.750 [0.750, 0.750] | 2 | 0.900 | 0.000 | 0.900 |"
    )


def test_a_file_of_another_agent_is_not_gone_on_with(tmp_path: Path) -> None:
    path = tmp_path / "kept.json"
    path.write_text('{"agent": "other", "days": 90, "rows": []}', encoding="utf-8")
    with pytest.raises(InputError, match="name another file"):
        read_kept(path, {"agent": "mine", "days": 90})
    assert read_kept(path, {"agent": "other", "days": 90})["rows"] == []


@pytest.mark.parametrize("agent", ["nobody", "extended"])
def test_an_agent_without_a_linear_policy_is_one_error(
    agent: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(
        sys, "argv", ["ablations", "--agent", agent, "--output", str(tmp_path / "out")]
    )
    assert main() == 2
    assert capsys.readouterr().err.startswith("ablations: ")
    assert not list(tmp_path.iterdir())
