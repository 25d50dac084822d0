"""``lmrs evaluate``: dispatchers against each other, on the same days."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from typer.core import TyperCommand

from lmrs_rl.cli.options import PresetOption, one_command
from lmrs_rl.cli.outputs import check_folder
from lmrs_rl.domain import InputError
from lmrs_rl.evaluation import (
    Grid,
    Store,
    card_table,
    make_grid,
    open_store,
    run_grid,
    score_card,
    sentences,
    times_table,
    with_controls,
    write_card,
    write_tables,
)
from lmrs_rl.evaluation.front import curves, front_table, write_front
from lmrs_rl.evaluation.reports.report import Shown, write_report
from lmrs_rl.evaluation.sweep import PRICES
from lmrs_rl.simulation.forecasts import ForecastModel

LISTS = ("--dispatchers", "--worlds", "--prices")


class SpacedLists(TyperCommand):
    """Takes ``--worlds calm tight`` for ``--worlds calm --worlds tight``."""

    def parse_args(self, ctx: typer.Context, args: list[str]) -> list[str]:  # type: ignore[override]
        """Repeat the name of a list before each of its values."""
        return super().parse_args(ctx, spread(args))


def spread(arguments: list[str]) -> list[str]:
    """The arguments with the name of each of `LISTS` before each of its values."""
    result: list[str] = []
    name, values = "", 0
    for argument in arguments:
        if argument in LISTS:
            name, values = argument, 0
        elif argument.startswith("-"):
            name = ""
        elif name and values:
            result.append(name)
        values += bool(name) and argument != name
        result.append(argument)
    return result


def evaluate_command(
    output: Annotated[
        Path,
        typer.Option(
            help="Folder for results; a run that was cut off goes on there.", show_default=False
        ),
    ],
    dispatchers: Annotated[
        list[str], typer.Option(help="One or more: names that ship, or folders.")
    ] = ["default", "extended"],  # noqa: B006
    worlds: Annotated[
        list[str], typer.Option(help="One or more: classes that ship, or .toml files.")
    ] = ["demo"],  # noqa: B006
    split: Annotated[str, typer.Option(help="Whose seeds: train, validation or test.")] = "test",
    seeds: Annotated[int, typer.Option(help="How many of them in each world.")] = 10,
    days: Annotated[
        int | None, typer.Option(help="Shorten the days that count.", show_default=False)
    ] = None,
    against: Annotated[
        str | None,
        typer.Option(help="Whom to judge against.", show_default="extended, or the first"),
    ] = None,
    preset: PresetOption = "plan",
    forecast: Annotated[ForecastModel, typer.Option(help="Model of the forecasts.")] = "weekly",
    jobs: Annotated[int, typer.Option(help="Processes.")] = 1,
    sweep: Annotated[
        bool,
        typer.Option("--sweep", help="At several prices of a stock-out: km cost at equal service."),
    ] = False,
    prices: Annotated[
        list[float] | None,
        typer.Option(
            help="Multiples of the price for --sweep.",
            show_default=", ".join(f"{each:g}" for each in PRICES),
        ),
    ] = None,
    data: Annotated[
        Path | None,
        typer.Option(help="Folder of the data of worlds on real ground.", show_default=False),
    ] = None,
    report: Annotated[bool, typer.Option(help="Write report.html.")] = True,
) -> None:
    """Compare dispatchers on the same scenarios: a table by seed, a score card with paired 95 %
    intervals, a report to look at.
    """
    check_folder("--output", output)
    if prices is not None and not sweep:
        raise InputError(
            "--prices",
            " ".join(f"{each:g}" for each in prices),
            "--sweep beside it",
            "add --sweep, or leave --prices out",
        )
    multiples = tuple(sorted({1.0, *(PRICES if prices is None else prices)})) if sweep else (1.0,)
    asked = make_grid(
        dispatchers,
        worlds,
        seeds,
        split=split,
        preset=preset,
        forecast=forecast,
        prices=multiples,
        days=days,
        data=data,
    )
    grid = with_controls(asked)
    if data is not None and all(world.ground is None for world in grid.worlds):
        raise InputError(
            "--data",
            data,
            "worlds that stand on data",
            "leave --data out, or name such a world: see envs/real",
        )
    names = [agent.name for agent in grid.agents]
    if against is not None and against not in names:
        raise InputError(
            "--against",
            repr(against),
            f"one of {', '.join(names)}",
            "compare with a dispatcher that takes part",
        )
    console = Console()
    for line in added_lines(asked, grid):
        console.print(line, soft_wrap=True, highlight=False, markup=False)
    with cell_reporter(console) as tell:
        run_grid(grid, output, jobs, tell)
    _tell(console, open_store(output, grid), against, report)


def added_lines(asked: Grid, grid: Grid) -> list[str]:
    """A sentence for each control that takes part without having been asked for."""
    own = "the same number of plans and rolls with routing seeds alone, as whoever chooses among plans gains something"
    return [f"{each.name} takes part: {own}" for each in grid.agents if each not in asked.agents]


def _tell(console: Console, store: Store, against: str | None, report: bool) -> None:
    """Tables and files of a grid that is done."""
    rows, folder = store.rows(), store.folder
    write_tables(store, rows)
    plain = [row for row in rows if row.cell.price == 1.0]
    card = score_card(plain, against)
    write_card(folder / "score_card.csv", card)
    for world in card.worlds:
        console.print(card_table(card, world))
    found = curves(rows, card.against) if len(store.grid.prices) > 1 else ()
    if found:
        write_front(folder / "front.csv", found)
        console.print(front_table(found, card.against))
    console.print(times_table(plain))
    for sentence in sentences(card):
        console.print(sentence, soft_wrap=True, highlight=False, markup=False)
    broken = sum(row.figures["broken_rules"] for row in rows)
    if broken:
        console.print(
            f"the referee found {broken:.0f} operating rules broken: see broken_rules in "
            f"per_seed.csv",
            soft_wrap=True,
        )
    if report:
        write_report(
            folder / "report.html",
            store.grid,
            card,
            plain,
            Shown.of(store.grid, card.against),
            found,
        )
    console.print(
        f"written to {folder}{': open report.html' if report else ''}",
        soft_wrap=True,
        highlight=False,
        markup=False,
    )


@contextmanager
def cell_reporter(console: Console) -> Iterator[Callable[[int, int], None]]:
    """Yields what to tell of runs done and runs in all: a bar on a terminal, plain lines
    elsewhere.
    """
    if not console.is_terminal:
        yield lambda done, total: print(f"run {done}/{total} done", flush=True)
        return
    columns = (
        TextColumn("runs"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console) as progress:
        task = progress.add_task("", total=None)
        yield lambda done, total: progress.update(task, completed=done, total=total)


app = one_command(evaluate_command, SpacedLists)
