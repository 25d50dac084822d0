"""Run the cells of a grid, in one process or several; the number of processes changes no figure."""

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

_POLL_S = 0.3
"""[s] between looks at the folder for runs that other processes have finished."""
OnProgress = Callable[[int, int], None]
"""Called with the number of finished runs and the number of all runs."""


def run_grid(
    grid: Grid, folder: Path, jobs: int = 1, on_progress: OnProgress | None = None
) -> tuple[Row, ...]:
    """Run the cells of a grid that are not yet finished in ``folder``, and read all results.

    Parameters
    ----------
    grid : what is compared
    folder : of the results
    jobs : processes, started afresh ("spawn"); 1 runs in this process
    on_progress : called at the start and after each run

    Raises
    ------
    InputError
        For a folder with another grid's results, for less than one job.
    """
    jobs = whole_number(
        "jobs", jobs, 1, None, "a whole number, at least 1", "as many as there are cores to spare"
    )
    store = open_store(folder, grid)
    # All cells of an instance go to one process, which draws and forecasts it only once.
    instances = [
        tuple(cells) for _, cells in groupby(grid.cells, key=lambda cell: (cell.world, cell.seed))
    ]
    unfinished = [cells for cells in instances if not all(map(store.has, cells))]
    report = on_progress or _ignore_progress
    report(_finished(store), len(grid.cells))
    if jobs == 1:
        for cells in unfinished:
            run_cells(store, cells, lambda: report(_finished(store), len(grid.cells)))
    elif unfinished:
        _run_in_processes(store, unfinished, jobs, report)
    return store.rows()


def run_cells(
    store: Store, cells: Sequence[Cell], on_cell: Callable[[], None] | None = None
) -> None:
    """Run the cells of one instance that are not finished, and store their results.

    Parameters
    ----------
    store : where results go
    cells : of one world and seed
    on_cell : called after each run
    """
    grid = store.grid
    instance = EvaluationInstance.of(
        grid.world(cells[0].world), cells[0].seed, grid.forecast, grid.days
    )
    for cell in cells:
        if store.has(cell):
            continue
        agent = grid.agent(cell.agent)
        done = evaluate_agent(instance, agent, grid.preset, cell.stockout_cost_factor)
        store.write(Row(cell, instance.scenario.name, run_figures(done), done.times))
        if on_cell is not None:
            on_cell()


def _run_in_processes(
    store: Store, instances: Sequence[tuple[Cell, ...]], jobs: int, report: OnProgress
) -> None:
    with WorkerPool(min(jobs, len(instances)), option="jobs") as pool:
        pending: set[Future[None]] = {pool.submit(run_cells, store, cells) for cells in instances}
        reported = _finished(store)
        while pending:
            # A future ends with its whole instance: the folder shows single runs earlier.
            done, pending = wait(pending, timeout=_POLL_S, return_when=FIRST_EXCEPTION)
            for each in done:
                # For its error alone: that of a run that failed is raised here.
                each.result()
            if _finished(store) > reported:
                reported = _finished(store)
                report(reported, len(store.grid.cells))


def _finished(store: Store) -> int:
    return sum(map(store.has, store.grid.cells))


def _ignore_progress(done: int, total: int) -> None:
    """No-op callback."""
