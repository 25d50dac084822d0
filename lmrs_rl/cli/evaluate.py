"""``lmrs evaluate``: compare dispatchers on the same scenarios."""

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

from lmrs_rl.cli.errors import naming_options
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
from lmrs_rl.evaluation.reports.report import ShownRun, write_report
from lmrs_rl.evaluation.sweep import STOCKOUT_COST_FACTORS
from lmrs_rl.simulation.forecasts import ForecastModel

_LIST_OPTIONS = ("--dispatchers", "--worlds", "--prices")


class _SpacedLists(TyperCommand):
    """Reads ``--worlds calm tight`` as ``--worlds calm --worlds tight``."""

    def parse_args(self, ctx: typer.Context, args: list[str]) -> list[str]:  # type: ignore[override]
        """Repeat the name of a list option before each of its values."""
        return super().parse_args(ctx, repeat_options(args))


def repeat_options(arguments: list[str]) -> list[str]:
    """The arguments with the names of list options repeated before each of their values."""
    result: list[str] = []
    name, values = "", 0
    for argument in arguments:
        if argument in _LIST_OPTIONS:
            name, values = argument, 0
        elif argument.startswith("-"):
            name = ""
        # The first value has the name already that the user wrote.
        elif name and values:
            result.append(name)
        values += bool(name) and argument != name
        result.append(argument)
    return result


def evaluate_command(
    output: Annotated[
        Path,
        typer.Option(
            help="Folder for results; an interrupted comparison continues there.",
            show_default=False,
        ),
    ],
    dispatchers: Annotated[
        list[str], typer.Option(help="One or more shipped names or folders.")
    ] = ["default", "extended"],  # noqa: B006
    worlds: Annotated[
        list[str], typer.Option(help="One or more shipped worlds or .toml files.")
    ] = ["demo"],  # noqa: B006
    split: Annotated[
        str, typer.Option(help="Split the seeds come from: train, validation or test.")
    ] = "test",
    seeds: Annotated[int, typer.Option(help="Seeds, that is scenarios, of each world.")] = 10,
    days: Annotated[
        int | None,
        typer.Option(help="Evaluate only the first days after the warm-up.", show_default=False),
    ] = None,
    against: Annotated[
        str | None,
        typer.Option(
            help="Dispatcher the others are compared with.", show_default="extended, or the first"
        ),
    ] = None,
    preset: PresetOption = "plan",
    forecast: Annotated[ForecastModel, typer.Option(help="Model of the forecasts.")] = "weekly",
    jobs: Annotated[int, typer.Option(help="Processes.")] = 1,
    sweep: Annotated[
        bool,
        typer.Option(
            "--sweep", help="Vary the cost of a stock-out to compare driving at equal service."
        ),
    ] = False,
    prices: Annotated[
        list[float] | None,
        typer.Option(
            help="Factors on the cost of a stock-out, for --sweep.",
            show_default=", ".join(f"{each:g}" for each in STOCKOUT_COST_FACTORS),
        ),
    ] = None,
    data: Annotated[
        Path | None,
        typer.Option(help="Folder with the data of worlds built on real data.", show_default=False),
    ] = None,
    report: Annotated[bool, typer.Option(help="Write report.html.")] = True,
) -> None:
    """Compare dispatchers on the same scenarios.

    Writes a table by seed, a score card with paired 95 % intervals and an HTML report.
    """
    check_folder("--output", output)
    with naming_options({"stockout_cost_factors": "--prices"}):
        requested = make_grid(
            dispatchers,
            worlds,
            seeds,
            split=split,
            preset=preset,
            forecast=forecast,
            stockout_cost_factors=_cost_factors(prices, sweep),
            days=days,
            data=data,
        )
    grid = with_controls(requested)
    _check_grid(grid, against, data)
    console = Console()
    # Without rich's line breaks, colours and markup: sentences may go to a file, and names may
    # hold brackets.
    for line in _added_controls(requested, grid):
        console.print(line, soft_wrap=True, highlight=False, markup=False)
    with _run_reporter(console) as on_progress:
        run_grid(grid, output, jobs, on_progress)
    _show_results(console, open_store(output, grid), against, report)


def _cost_factors(given: list[float] | None, sweep: bool) -> tuple[float, ...]:
    """Factors on the cost of a stock-out, in order; 1 is always among them: it is the world's."""
    if not sweep:
        if given is not None:
            raise InputError(
                "--prices",
                " ".join(f"{each:g}" for each in given),
                "--sweep beside it",
                "add --sweep, or leave --prices out",
            )
        return (1.0,)
    return tuple(sorted({1.0, *(STOCKOUT_COST_FACTORS if given is None else given)}))


def _check_grid(grid: Grid, against: str | None, data: Path | None) -> None:
    """Refuse options that fit no world or dispatcher of the grid, before the first run."""
    if data is not None and all(world.ground is None for world in grid.worlds):
        raise InputError(
            "--data",
            data,
            "a world built on real data",
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


def _added_controls(requested: Grid, grid: Grid) -> list[str]:
    """A sentence for each control that was added to the dispatchers requested."""
    reason = (
        "as many plans and rolls, which differ in routing seeds alone: choosing among several "
        "plans lowers the cost by itself"
    )
    added = [agent.name for agent in grid.agents if agent not in requested.agents]
    return [f"{name} takes part: {reason}" for name in added]


def _show_results(console: Console, store: Store, against: str | None, report: bool) -> None:
    """Print and write the results of a grid that is complete."""
    rows, folder = store.rows(), store.folder
    write_tables(store, rows)
    plain = [row for row in rows if row.cell.stockout_cost_factor == 1.0]
    card = score_card(plain, against)
    write_card(folder / "score_card.csv", card)
    for world in card.worlds:
        console.print(card_table(card, world))
    found = curves(rows, card.against) if len(store.grid.stockout_cost_factors) > 1 else ()
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
        shown = ShownRun.of(store.grid, card.against)
        write_report(folder / "report.html", store.grid, card, plain, shown, found)
    console.print(
        f"written to {folder}{': open report.html' if report else ''}",
        soft_wrap=True,
        highlight=False,
        markup=False,
    )


@contextmanager
def _run_reporter(console: Console) -> Iterator[Callable[[int, int], None]]:
    """Yield a callback for the runs done and their total: a bar on a terminal, else plain lines."""
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


app = one_command(evaluate_command, _SpacedLists)
