"""Rows of the committed results can be found again, and a figure that changes has a name."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks import unchanged
from benchmarks.unchanged import HERE, beside_committed, content, differences, drawn, near, plain
from benchmarks.unchanged_rows import NOT_RUN, SOURCES, Figures, Key, Source

KEPT = json.loads((HERE / "unchanged.json").read_text(encoding="utf-8"))


def test_every_results_file_has_rows_or_a_reason() -> None:
    files = {path.name for path in HERE.glob("*.json")} - {"unchanged.json"}
    assert files <= {name.partition(":")[0] for name in (*SOURCES, *NOT_RUN)}
    assert all((HERE / name.partition(":")[0]).is_file() for name in (*SOURCES, *NOT_RUN))


@pytest.mark.parametrize("name", SOURCES)
def test_rows_that_were_kept_are_those_that_are_drawn(name: str) -> None:
    kept = [cell["key"] for cell in KEPT["cells"] if cell["source"] == name]
    assert kept == json.loads(json.dumps(drawn(name, SOURCES[name])))
    assert len(kept) == min(SOURCES[name].count, len(SOURCES[name].rows(content(name))))


def test_a_bit_counts_and_a_clock_time_does_not() -> None:
    before = plain({"cost": 0.3, "cpu_s": 1.0, "of": {"a": float("nan"), "b": 0.0}})
    assert differences(before, plain({"cost": 0.3, "cpu_s": 2.0, "of": before_of(0.0)})) == []
    assert differences(before, plain({"cost": 0.1 + 0.2, "of": before_of(-0.0)})) == [
        "cost: 0.3 before, 0.30000000000000004 now",
        "of: b: 0.0 before, -0.0 now",
    ]


def before_of(b: float) -> Figures:
    return {"a": float("nan"), "b": b}


def test_new_names_are_no_change_if_all_values_are_the_same_in_order() -> None:
    assert differences({"km": 1.0, "kg": 2.0}, {"distance": 1.0, "kg": 2.0}) == []
    assert differences({"km": 1.0, "kg": 2.0}, {"kg": 1.0, "km": 2.0}) != []
    assert differences({"km": 1.0}, {"km": 1.0, "kg": 2.0}) == ["kg: new"]


def test_a_changed_row_and_a_failing_one_are_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    gives = {"cost": 1.0}

    def compute(key: Key) -> Figures:
        return {"cost": gives["cost"] * key["seed"]}

    source = Source(lambda rows: [({"seed": k}, rows[k]) for k in range(len(rows))], compute)
    monkeypatch.setattr(unchanged, "SOURCES", {"table.json": source})
    monkeypatch.setattr(unchanged, "HERE", tmp_path)
    (tmp_path / "table.json").write_text('[{"cost": 0.0}, {"cost": 1.0}, {}]', encoding="utf-8")
    kept = tmp_path / "kept.json"
    assert unchanged.main(["--write", str(kept)]) == 0
    assert "table.json 1: equals the committed row" in capsys.readouterr().out
    assert unchanged.main(["--compare", str(kept)]) == 0
    gives["cost"] = 1.0 + 1e-12
    assert unchanged.main(["--compare", str(kept)]) == 1
    out = capsys.readouterr().out
    assert "table.json 0: unchanged, equals the committed row\n" in out
    assert "table.json 1: CHANGED, equals the committed row but for rounding" in out
    assert "cost: 1.0 before, 1.000000000001 now" in out
    del gives["cost"]
    assert unchanged.main(["--compare", str(kept)]) == 1
    assert "KeyError" in capsys.readouterr().out


@pytest.mark.parametrize("name", ["fuzz_routing.json", "bounds.json: sizes"])
def test_a_quick_row_is_computed_again(name: str) -> None:
    cell = next(cell for cell in KEPT["cells"] if cell["source"] == name)
    now = plain(SOURCES[name].compute(cell["key"]))
    assert now.keys() == cell["figures"].keys()  # another processor may round otherwise
    assert all(near(value, now[figure]) for figure, value in cell["figures"].items())
    assert not beside_committed(name, cell["key"], now).startswith("other")
