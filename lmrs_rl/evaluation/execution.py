"""Runs a grid, in one process or several; which and in what order changes no figure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_EXCEPTION, Future, wait
from itertools import groupby
from pathlib import Path

from lmrs_rl.domain.arguments import whole_number
from lmrs_rl.domain.workers import WorkerPool
from lmrs_rl.evaluation.grid import Cell, Grid
from lmrs_rl.evaluation.run import EvaluationInstance, evaluate_agent, run_figures
from lmrs_rl.evaluation.store import Row, Store, open_store

POLL_S = 0.3
"""[s] How often the folder is looked at for runs that are done."""
Report = Callable[[int, int], None]
"""Told how many runs are done, and of how many."""


def run_grid(
    grid: Grid, folder: Path, jobs: int = 1, report: Report | None = None
) -> tuple[Row, ...]:
    """Run what of the grid is not done yet in ``folder``, and read all of it.

    Parameters
    ----------
    jobs : processes, started afresh ("spawn"); 1 runs in this one

    Raises
    ------
    InputError
        For a folder with another grid's results, no jobs.
    """
    jobs = whole_number(
        "jobs", jobs, 1, None, "a whole number, at least 1", "as many as there are cores to spare"
    )
    store = open_store(folder, grid)
    scenes = [
        tuple(cells) for _, cells in groupby(grid.cells, key=lambda cell: (cell.world, cell.seed))
    ]
    open_scenes = [scene for scene in scenes if not all(map(store.has, scene))]
    tell = report or _nobody
    tell(_done(store), len(grid.cells))
    if jobs == 1:
        for scene in open_scenes:
            run_cells(store, scene, lambda: tell(_done(store), len(grid.cells)))
    elif open_scenes:
        _in_processes(store, open_scenes, jobs, tell)
    return store.rows()


def run_cells(
    store: Store, cells: Sequence[Cell], on_cell: Callable[[], None] | None = None
) -> None:
    """Play and keep those of the runs of one scenario that are not done."""
    grid = store.grid
    stage = EvaluationInstance.of(
        grid.world(cells[0].world), cells[0].seed, grid.forecast, grid.days
    )
    for cell in cells:
        if store.has(cell):
            continue
        done = evaluate_agent(stage, grid.agent(cell.agent), grid.preset, cell.price)
        store.write(Row(cell, stage.scenario.name, run_figures(done), done.times))
        if on_cell is not None:
            on_cell()


def _in_processes(
    store: Store, scenes: Sequence[tuple[Cell, ...]], jobs: int, tell: Report
) -> None:
    with WorkerPool(min(jobs, len(scenes)), option="jobs") as pool:
        pending: set[Future[None]] = {pool.submit(run_cells, store, scene) for scene in scenes}
        told = _done(store)
        while pending:
            done, pending = wait(pending, timeout=POLL_S, return_when=FIRST_EXCEPTION)
            for each in done:
                each.result()
            if _done(store) > told:
                told = _done(store)
                tell(told, len(store.grid.cells))


def _done(store: Store) -> int:
    return sum(map(store.has, store.grid.cells))


def _nobody(done: int, total: int) -> None:
    """Told of progress that nobody wants to see."""
