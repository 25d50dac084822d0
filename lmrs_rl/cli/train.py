"""``lmrs train``: a dispatcher of one's own, from a recipe."""

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
from lmrs_rl.domain import InputError
from lmrs_rl.errors import MissingExtraError
from lmrs_rl.interrupts import leaving_at_once


def train_command(
    recipe: Annotated[
        Path, typer.Argument(help="TOML file: worlds, actor, learner, budget.", show_default=False)
    ],
    output: Annotated[
        Path,
        typer.Option(
            help="Folder of the run; one that was cut off goes on there.", show_default=False
        ),
    ],
    jobs: Annotated[int, typer.Option(help="Processes.")] = 1,
    seed: Annotated[
        int | None, typer.Option(help="In place of the recipe's.", show_default="the recipe's")
    ] = None,
) -> None:
    """Train an actor by a recipe, judging it on validation worlds on the way; needs the extra
    "train".
    """
    check_folder("--output", output)
    try:
        with leaving_at_once():
            from lmrs_rl.learning.recipe import Recipe
            from lmrs_rl.learning.training import train as learn
    except ImportError as error:
        raise MissingExtraError(str(error.name), "train") from error
    with training_reporter(Console()) as tell:
        settings = Recipe.from_file(recipe)
        learn(settings if seed is None else replace(settings, seed=seed), output, jobs, tell)
    print(f"written to {output}")


@contextmanager
def training_reporter(console: Console) -> Iterator[Callable[[Any], None]]:
    """Yields what to tell of how far a run is: a bar with lines above it on a terminal, plain
    lines elsewhere.
    """
    if not console.is_terminal:
        yield lambda told: print(
            f"{told.days:,}/{told.budget_days:,} days, {hours_and_minutes(told.seconds_left)} left; "
            f"{told.text}",
            flush=True,
        )
        return
    columns = (
        TextColumn("days"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[left]} left"),
    )
    with Progress(*columns, console=console) as progress:
        task = progress.add_task("", total=None, left="?")

        def tell(told: Any) -> None:
            progress.console.print(told.text, soft_wrap=True, highlight=False)
            progress.update(
                task,
                completed=told.days,
                total=told.budget_days,
                left=hours_and_minutes(told.seconds_left),
            )

        yield tell


def hours_and_minutes(seconds: float) -> str:
    """Hours and minutes."""
    return (
        "?"
        if seconds == float("inf")
        else f"{int(seconds) // 3600} h {int(seconds) % 3600 // 60:02d} min"
    )


app = one_command(train_command)
