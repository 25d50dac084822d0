"""Results on disk: the grid, one file a run, tables. A reader never meets half a file, so a run
that was cut off goes on.
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
from lmrs_rl.domain.files import write_text_atomically
from lmrs_rl.evaluation.grid import Cell, Grid
from lmrs_rl.evaluation.measure import NEEDED, TIMES

GRID = "grid.json"


@dataclass(frozen=True)
class Row:
    """A run that is done.

    Attributes
    ----------
    cell : which
    scenario : name of what was drawn, ``mixed:calm`` for a world that chose among others
    figures : see `lmrs_rl.evaluation.run.run_figures`
    times : [s] kept apart from figures, as they are never the same
    """

    cell: Cell
    scenario: str
    figures: Mapping[str, float]
    times: Mapping[str, float]


@dataclass(frozen=True)
class Store:
    """A folder of results of one grid; see `open_store`."""

    folder: Path
    grid: Grid

    def path(self, cell: Cell) -> Path:
        """Where a run's result lies."""
        return (
            self.folder
            / "cells"
            / cell.world
            / f"{cell.agent}@{float(cell.price)!r}"
            / f"{cell.seed}.json"
        )

    def has(self, cell: Cell) -> bool:
        """Whether the run is done."""
        return self.path(cell).is_file()

    def write(self, row: Row) -> None:
        """Keep a run."""
        path = self.path(row.cell)
        path.parent.mkdir(parents=True, exist_ok=True)
        document = {
            "scenario": row.scenario,
            "figures": dict(row.figures),
            "times": dict(row.times),
        }
        write_text_atomically(path, json.dumps(document, indent=1) + "\n")

    def read(self, cell: Cell) -> Row:
        """A run that is done (`InputError` for a file that is not one)."""
        path = self.path(cell)
        try:
            document = json.loads(path.read_text(encoding="utf-8"))
            figures, times = (
                _numbers(document["figures"], NEEDED),
                _numbers(document["times"], TIMES),
            )
            return Row(cell, str(document["scenario"]), figures, times)
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise InputError(
                str(path),
                f"no result ({error})",
                "a result that lmrs evaluate wrote",
                "remove the file and run again",
            ) from error

    def rows(self) -> tuple[Row, ...]:
        """All runs of the grid, in its order (`InputError` where one is missing)."""
        return tuple(self.read(cell) for cell in self.grid.cells)


def _numbers(found: dict[str, Any], needed: Sequence[str]) -> dict[str, float]:
    """``found`` as it is (`ValueError` where one that is needed lacks, or one is no number)."""
    lacking = [name for name in needed if name not in found]
    wrong = [
        name
        for name, value in found.items()
        if isinstance(value, bool) or not isinstance(value, int | float)
    ]
    if lacking or wrong:
        raise ValueError(
            f"without {', '.join(lacking)}" if lacking else f"no number: {', '.join(wrong)}"
        )
    return found


def open_store(folder: Path, grid: Grid) -> Store:
    """The store in ``folder``, made where there is none.

    Raises
    ------
    InputError
        For a folder with another grid's results, or with other things and no grid.
    """
    path, wanted = folder / GRID, grid.as_json()
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
    """``per_seed.csv`` and ``times.csv``, and the first as ``per_seed.parquet`` where pyarrow is
    installed.
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
    """Rows with the same keys; numbers to the last digit, unknown ones empty."""
    text = io.StringIO()
    writer = csv.DictWriter(text, list(table[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(
        {key: "" if value != value else value for key, value in row.items()} for row in table
    )
    write_text_atomically(path, text.getvalue())


def _key(row: Row) -> dict[str, object]:
    cell = row.cell
    return {
        "world": cell.world,
        "seed": cell.seed,
        "scenario": row.scenario,
        "dispatcher": cell.agent,
        "price": cell.price,
    }
