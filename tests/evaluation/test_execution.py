"""A grid gives the same tables however it is run, and goes on where it was cut off."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from lmrs_rl.domain import InputError
from lmrs_rl.evaluation import open_store, run_grid, score_card, write_card, write_tables
from lmrs_rl.evaluation.grid import Grid
from tests.evaluation.grids import grid


def tables(folder: Path, grid: Grid, jobs: int) -> list[bytes]:
    rows = run_grid(grid, folder, jobs)
    write_tables(open_store(folder, grid), rows)
    write_card(folder / "score_card.csv", score_card(rows))
    return [(folder / name).read_bytes() for name in ("per_seed.csv", "score_card.csv")]


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[bytes]]:
    """A grid run in this process, and its tables."""
    folder = tmp_path_factory.mktemp("one")
    return folder, tables(folder, grid(["default", "extended", "random"]), 1)


@pytest.mark.heavy
def test_one_process_and_two_give_identical_tables(
    tmp_path: Path, done: tuple[Path, list[bytes]]
) -> None:
    assert tables(tmp_path, grid(["default", "extended", "random"]), 2) == done[1]


@pytest.mark.heavy
def test_a_learned_agent_gives_identical_tables_too(tmp_path: Path) -> None:
    pytest.importorskip("onnxruntime", reason="policies are run by onnxruntime (extra serve)")
    wild = str(Path(__file__).resolve().parents[1] / "agents" / "wild")
    one, two = (tables(tmp_path / str(jobs), grid(["extended", wild]), jobs) for jobs in (1, 2))
    assert one == two
    rows = open_store(tmp_path / "1", grid(["extended", wild])).rows()
    assert rows[0].figures["cost"] != rows[1].figures["cost"]


def test_a_run_that_was_cut_off_goes_on_and_ends_the_same(done: tuple[Path, list[bytes]]) -> None:
    folder, whole = done
    same = grid(["default", "extended", "random"])
    store = open_store(folder, same)
    lost, kept = same.cells[1], same.cells[0]
    os.utime(store.path(kept), ns=(0, 0))
    store.path(lost).unlink()
    assert tables(folder, same, 1) == whole
    assert store.path(kept).stat().st_mtime_ns == 0


def test_dispatchers_do_different_things_on_the_same_days(done: tuple[Path, list[bytes]]) -> None:
    rows = open_store(done[0], grid(["default", "extended", "random"])).rows()
    assert {row.figures["tank_days"] for row in rows[:3]} == {rows[0].figures["tanks"] * 3}
    default, extended, random = (row.figures["cost"] for row in rows[:3])
    assert random not in (default, extended)
    assert all(row.figures["broken_rules"] == 0 for row in rows)
    assert all(row.figures["limit_km"] <= row.figures["km"] for row in rows)


def test_progress_is_told_run_by_run(tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    run_grid(
        grid(["default"], seeds=2), tmp_path, 1, lambda done, total: told.append((done, total))
    )
    assert told == [(0, 2), (1, 2), (2, 2)]


def test_no_jobs_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="jobs: got 0"):
        run_grid(grid(), tmp_path, 0)
