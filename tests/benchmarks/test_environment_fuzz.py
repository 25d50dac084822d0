"""The record of random episodes: sums by hand, and what is committed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks import environment_fuzz

RECORD = Path(__file__).resolve().parents[2] / "benchmarks" / "environment_fuzz.json"


def played(number: int, world: str, tanks: int, trips: int, *trouble: str) -> dict[str, object]:
    """A line of the output."""
    about = {
        "of_seed": 0,
        "number": number,
        "world": world,
        "seed": 10 + number,
        "tanks": tanks,
        "days": 7 if tanks else 0,
    }
    return {
        **about,
        "size": 1.0,
        "trips": trips,
        "stockout_tank_days": 1.0,
        "reward": -1.0,
        "trouble": list(trouble),
    }


ROWS = [
    played(0, "calm", 20, 5),
    played(1, "demo", 12, 3),
    played(2, "calm", 40, 9),
    played(3, "demo", 0, 0, "Traceback\n  File\nValueError: no"),
]


def test_a_summary_by_hand() -> None:
    found = environment_fuzz.summary(ROWS, 0, "abc")
    assert (
        found["episodes"],
        found["days"],
        found["trips"],
        found["tanks"],
        found["in_trouble"],
    ) == (4, 21, 17, [12, 40], 1)
    assert {
        world: (each["episodes"], each["tanks"]) for world, each in found["by_class"].items()
    } == {"calm": (2, [20, 40]), "demo": (2, [12, 12])}
    assert found["trouble"] == [
        {"number": 3, "world": "demo", "seed": 13, "told": ["ValueError: no"]}
    ]
    assert found["commit"] == "abc"
    assert "--episodes 4 --days 7 --seed 0" in found["command"]


def test_what_is_done_is_summed_up_and_not_played_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    output, summary = tmp_path / "fuzz.jsonl", tmp_path / "fuzz.json"
    output.write_text(
        "".join(json.dumps(row) + "\n" for row in [*ROWS[:3], {**ROWS[0], "of_seed": 1}])
    )
    monkeypatch.setattr(
        "sys.argv",
        [
            "fuzz",
            "--episodes",
            "3",
            "--output",
            str(output),
            "--summary",
            str(summary),
            "--commit",
            "abc",
        ],
    )
    monkeypatch.setattr(environment_fuzz, "tried", None)
    assert environment_fuzz.main() == 0
    assert json.loads(summary.read_text()) == environment_fuzz.summary(ROWS[:3], 0, "abc")


def test_the_record_is_without_trouble_and_its_sums_agree() -> None:
    record = json.loads(RECORD.read_text(encoding="utf-8"))
    assert record["trouble"] == []
    for name in ("episodes", "days", "trips"):
        assert record[name] == sum(each[name] for each in record["by_class"].values())
