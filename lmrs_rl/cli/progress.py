"""Progress of a simulation: a bar on a terminal, plain lines elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from lmrs_rl.simulation import DayOutcome


@contextmanager
def day_reporter(days: int, console: Console) -> Iterator[Callable[[DayOutcome], None]]:
    """Yield a callback for the end of each of ``days`` days."""
    if not console.is_terminal:
        yield lambda record: print(f"day {record.day + 1}/{days}: {_summary(record)}", flush=True)
        return
    columns = (
        TextColumn("day"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[summary]}"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console) as progress:
        task = progress.add_task("", total=days, summary="planning the first day")
        yield lambda record: progress.update(task, advance=1, summary=_summary(record))


def _summary(record: DayOutcome) -> str:
    trips = record.executed.trips
    dry = int((record.executed.unmet_kg > 0).sum())
    text = f"{len(trips)} trips, {sum(trip.dropped_kg for trip in trips):,.0f} kg"
    return f"{text}, {dry} dry tank-hours" if dry else text
