"""Results on disk: the grid, one file per run, and tables.

Files are written whole or not at all, so that an interrupted comparison can continue.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lmrs_rl.domain import InputError
from lmrs_rl.domain.aliases import with_new_names
from lmrs_rl.domain.files import write_text_atomically
from lmrs_rl.evaluation.grid import Cell, Grid
from lmrs_rl.evaluation.measure import REQUIRED_FIGURES, TIMES

_GRID_FILE = "grid.json"


@dataclass(frozen=True)
class Row:
    """The result of a finished run.

    Attributes
    ----------
    cell : the run
    scenario : name of the scenario drawn, such as ``mixed:calm`` for a world class that draws among
        others
    figures : see `lmrs_rl.evaluation.run.run_figures`
    times : [s] apart from the figures, since they differ from run to run
    """

    cell: Cell
    scenario: str
    figures: Mapping[str, float]
    times: Mapping[str, float]


@dataclass(frozen=True)
class Store:
    """A folder with the results of one grid; see `open_store`."""

    folder: Path
    grid: Grid

    def path(self, cell: Cell) -> Path:
        """The file of a run's result."""
        # repr tells all floats apart, so that no two factors share a folder.
        agent = f"{cell.agent}@{float(cell.stockout_cost_factor)!r}"
        return self.folder / "cells" / cell.world / agent / f"{cell.seed}.json"

    def has(self, cell: Cell) -> bool:
        """Whether the run is finished."""
        return self.path(cell).is_file()

    def write(self, row: Row) -> None:
        """Write the result of a run."""
        path = self.path(row.cell)
        path.parent.mkdir(parents=True, exist_ok=True)
        document = {
            "scenario": row.scenario,
            "figures": dict(row.figures),
            "times": dict(row.times),
        }
        write_text_atomically(path, json.dumps(document, indent=1) + "\n")

    def read(self, cell: Cell) -> Row:
        """Read the result of a run (`InputError` for a file that is missing or damaged)."""
        path = self.path(cell)
        try:
            document = json.loads(path.read_text(encoding="utf-8"))
            figures = _numbers(document["figures"], REQUIRED_FIGURES)
            times = _numbers(document["times"], TIMES)
            return Row(cell, str(document["scenario"]), figures, times)
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise InputError(
                str(path),
                f"no result ({error})",
                "a result that lmrs evaluate wrote",
                "remove the file and run again",
            ) from error

    def rows(self) -> tuple[Row, ...]:
        """The results of all runs of the grid, in order (`InputError` where one is missing)."""
        return tuple(self.read(cell) for cell in self.grid.cells)


def _numbers(found: dict[str, Any], required: Sequence[str]) -> dict[str, float]:
    """``found``, after a check (`ValueError` for a missing figure or a value that is no number)."""
    missing = [name for name in required if name not in found]
    if missing:
        raise ValueError(f"without {', '.join(missing)}")
    wrong = [
        name
        for name, value in found.items()
        if isinstance(value, bool) or not isinstance(value, int | float)
    ]
    if wrong:
        raise ValueError(f"no number: {', '.join(wrong)}")
    return found


def open_store(folder: Path, grid: Grid) -> Store:
    """Open the store in ``folder``, or create it there.

    Raises
    ------
    InputError
        For a folder with the results of another grid, or with other files and no grid.
    """
    path, wanted = folder / _GRID_FILE, grid.as_json()
    if path.is_file():
        _refuse_other(path, wanted)
    elif folder.is_dir() and any(folder.iterdir()):
        raise InputError(
            "output",
            str(folder),
            "an empty or new folder, or one with results of the same grid",
            "choose another folder",
        )
    else:
        folder.mkdir(parents=True, exist_ok=True)
        write_text_atomically(path, json.dumps(wanted, indent=1) + "\n")
    return Store(folder, grid)


def _refuse_other(path: Path, wanted: dict[str, Any]) -> None:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, json.JSONDecodeError) as error:
        raise InputError(
            str(path), f"unreadable ({error})", "the grid of the results", "choose another folder"
        ) from error
    if isinstance(found, dict):
        found = with_new_names("Grid", found, prefix=f"{path.name}: ")
    if found != wanted:
        both = found if isinstance(found, dict) else {}
        other = ", ".join(key for key in wanted if both.get(key) != wanted[key]) or "something"
        raise InputError(
            "output",
            f"results of a grid with other {other}",
            f"those of this one in {path.parent}",
            "choose another folder",
        )


def write_tables(store: Store, rows: Sequence[Row]) -> tuple[Path, ...]:
    """Write ``per_seed.csv`` and ``times.csv``, and with pyarrow also ``per_seed.parquet``.

    Returns
    -------
    tuple
        Paths of the files.
    """
    table = [_key(row) | dict(row.figures) for row in rows]
    paths = [store.folder / "per_seed.csv", store.folder / "times.csv"]
    write_csv(paths[0], table)
    write_csv(paths[1], [_key(row) | dict(row.times) for row in rows])
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError:
        return tuple(paths)
    pyarrow.parquet.write_table(pyarrow.Table.from_pylist(table), store.folder / "per_seed.parquet")
    return (*paths, store.folder / "per_seed.parquet")


def write_csv(path: Path, table: Sequence[Mapping[str, object]]) -> None:
    """Write rows with the same keys as CSV; numbers to the last digit, NaN as an empty field."""
    text = io.StringIO()
    writer = csv.DictWriter(text, list(table[0]), lineterminator="\n")
    writer.writeheader()
    for row in table:
        # Only NaN differs from itself; values may be text, which math.isnan refuses.
        writer.writerow({key: "" if value != value else value for key, value in row.items()})
    write_text_atomically(path, text.getvalue())


def _key(row: Row) -> dict[str, object]:
    cell = row.cell
    return {
        "world": cell.world,
        "seed": cell.seed,
        "scenario": row.scenario,
        "dispatcher": cell.agent,
        "stockout_cost_factor": cell.stockout_cost_factor,
    }
