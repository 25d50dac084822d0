"""``lmrs train``: train a dispatcher from a recipe."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from lmrs_rl.cli.options import one_command
from lmrs_rl.cli.outputs import check_folder
from lmrs_rl.errors import MissingExtraError
from lmrs_rl.interrupts import leaving_at_once


def train_command(
    recipe: Annotated[
        Path, typer.Argument(help="TOML file: worlds, actor, learner, budget.", show_default=False)
    ],
    output: Annotated[
        Path,
        typer.Option(
            help="Folder of the run; an interrupted run continues there.", show_default=False
        ),
    ],
    jobs: Annotated[int, typer.Option(help="Processes.")] = 1,
    seed: Annotated[
        int | None,
        typer.Option(help="Seed, instead of the recipe's.", show_default="the recipe's"),
    ] = None,
) -> None:
    """Train an actor from a recipe, with regular validation on worlds it does not train on.

    Needs the extra "train".
    """
    check_folder("--output", output)
    # Imported here: it brings torch, which takes seconds and may not be installed.
    try:
        with leaving_at_once():
            from lmrs_rl.learning.recipe import Recipe
            from lmrs_rl.learning.training import train as learn
    except ImportError as error:
        raise MissingExtraError(str(error.name), "train") from error
    with training_reporter(Console()) as on_progress:
        settings = Recipe.from_file(recipe)
        if seed is not None:
            settings = replace(settings, seed=seed)
        learn(settings, output, jobs, on_progress)
    print(f"written to {output}")


@contextmanager
def training_reporter(console: Console) -> Iterator[Callable[[Any], None]]:
    """Yield a callback for progress of training: a bar with messages above it on a terminal, plain
    lines elsewhere.
    """
    if not console.is_terminal:

        def print_line(progress: Any) -> None:
            left = hours_and_minutes(progress.seconds_left)
            done = f"{progress.days:,}/{progress.budget_days:,} days, {left} left"
            print(f"{done}; {progress.text}", flush=True)

        yield print_line
        return
    columns = (
        TextColumn("days"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[left]} left"),
    )
    with Progress(*columns, console=console) as bar:
        task = bar.add_task("", total=None, left="?")

        def update_bar(progress: Any) -> None:
            bar.console.print(progress.text, soft_wrap=True, highlight=False)
            bar.update(
                task,
                completed=progress.days,
                total=progress.budget_days,
                left=hours_and_minutes(progress.seconds_left),
            )

        yield update_bar


def hours_and_minutes(seconds: float) -> str:
    """Seconds as hours and minutes; "?" for infinity, before the first estimate."""
    if seconds == float("inf"):
        return "?"
    return f"{int(seconds) // 3600} h {int(seconds) % 3600 // 60:02d} min"


app = one_command(train_command)
