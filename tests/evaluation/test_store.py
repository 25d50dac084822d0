"""Results on disk: whole or absent, of one grid only."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from lmrs_rl.domain import InputError
from lmrs_rl.evaluation import Cell, open_store, write_tables
from tests.evaluation.grids import FIGURES, grid, row


def test_a_run_comes_back_as_it_was(tmp_path: Path) -> None:
    store = open_store(tmp_path / "new" / "deep", grid())
    kept = row("default", 3_000_000, cost=0.1 + 0.2)
    assert not store.has(kept.cell)
    store.write(kept)
    assert store.has(kept.cell)
    assert store.read(kept.cell) == kept


def test_no_two_prices_share_a_file(tmp_path: Path) -> None:
    prices = (1.0, 1.0 + 2**-52, 1.0000001, 3.0, 0.1)
    store = open_store(tmp_path, grid(stockout_cost_factors=prices))
    assert len({store.path(cell) for cell in store.grid.cells}) == len(store.grid.cells)
    assert store.path(Cell("wee", 1, "default", 1)) == store.path(
        Cell("wee", 1, "default", np.float64(1.0))
    )


def test_the_same_grid_opens_its_folder_again(tmp_path: Path) -> None:
    open_store(tmp_path, grid()).write(row("default", 3_000_000))
    assert open_store(tmp_path, grid()).has(Cell("wee", 3_000_000, "default"))


def test_a_grid_with_the_old_name_of_its_factors_is_read(tmp_path: Path) -> None:
    open_store(tmp_path, grid())
    path = tmp_path / "grid.json"
    document = json.loads(path.read_text())
    document["prices"] = document.pop("stockout_cost_factors")
    path.write_text(json.dumps(document))
    open_store(tmp_path, grid())
    with pytest.raises(InputError, match="a grid with other stockout_cost_factors"):
        open_store(tmp_path, grid(stockout_cost_factors=(2.0,)))
    document["stockout_cost_factors"] = document["prices"]
    path.write_text(json.dumps(document))
    with pytest.raises(InputError, match="prices is its old name"):
        open_store(tmp_path, grid())


@pytest.mark.parametrize(
    ("other", "told"),
    [
        ({"seeds": 3}, "other seeds"),
        ({"agents": ("default",)}, "other dispatchers"),
        ({"preset": "plan"}, "other preset"),
        ({"stockout_cost_factors": (2.0,)}, "stockout_cost_factors"),
    ],
)
def test_another_grids_folder_is_refused(tmp_path: Path, other: dict, told: str) -> None:  # type: ignore[type-arg]
    open_store(tmp_path, grid())
    with pytest.raises(InputError, match=told):
        open_store(tmp_path, grid(**other))


def test_results_of_other_code_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    open_store(tmp_path, grid())
    monkeypatch.setattr("lmrs_rl.evaluation.grid.code_fingerprint", lambda: "other")
    with pytest.raises(InputError, match="other code"):
        open_store(tmp_path, grid())


def test_a_folder_with_other_things_is_refused_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(InputError, match="an empty or new folder"):
        open_store(tmp_path, grid())
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_broken_files_are_told(tmp_path: Path) -> None:
    store = open_store(tmp_path, grid())
    cell = Cell("wee", 3_000_000, "default")
    with pytest.raises(InputError, match="no result"):
        store.read(cell)
    store.write(row("default", 3_000_000))
    store.path(cell).write_text("{")
    with pytest.raises(InputError, match="remove the file and run again"):
        store.read(cell)
    whole = {
        "scenario": "wee",
        "figures": dict(FIGURES),
        "times": {"seconds_a_day": 0.1, "dispatcher_seconds_a_day": 0.01},
    }
    store.path(cell).write_text(json.dumps(whole))
    assert store.read(cell).figures == FIGURES
    broken = [
        *(
            {**whole, "figures": {key: value for key, value in FIGURES.items() if key != name}}
            for name in FIGURES
        ),
        {**whole, "times": {}},
        {**whole, "figures": {**FIGURES, "km": "far"}},
        {**whole, "figures": 5},
        [],
    ]
    for each in broken:
        store.path(cell).write_text(json.dumps(each))
        with pytest.raises(InputError, match="remove the file and run again"):
            store.read(cell)
    store.path(cell).write_bytes(b"\xff\xfe")
    with pytest.raises(InputError, match="no result"):
        store.read(cell)
    (tmp_path / "grid.json").write_text("{")
    with pytest.raises(InputError, match="unreadable"):
        open_store(tmp_path, grid())


def test_tables_keep_times_apart(tmp_path: Path) -> None:
    store = open_store(tmp_path, grid())
    write_tables(store, [row("default", 1, km=0.1), row("extended", 1, km=float("nan"))])
    figures, times = (
        (tmp_path / name).read_text().splitlines() for name in ("per_seed.csv", "times.csv")
    )
    assert "seconds" not in figures[0]
    about = "world,seed,scenario,dispatcher,stockout_cost_factor"
    assert times[0] == f"{about},seconds_a_day,dispatcher_seconds_a_day"
    at = figures[0].split(",").index("km")
    # Numbers to the last digit, unknown ones empty.
    assert [line.split(",")[at] for line in figures[1:]] == ["0.1", ""]
