"""``lmrs plan``: plan one real morning and explain the plan."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from lmrs_rl.cli.errors import OPTIONS, naming_options
from lmrs_rl.cli.options import PresetOption, one_command
from lmrs_rl.cli.outputs import check_apart, check_file, check_folder
from lmrs_rl.cli.plan_tables import (
    choice_lines,
    choice_table,
    churn_table,
    cost_line,
    missed_table,
    trip_table,
    unordered_table,
)
from lmrs_rl.domain.arrays import MINUTES_PER_DAY
from lmrs_rl.formats.files import read_dated_snapshot, read_network, read_plan
from lmrs_rl.formats.json_fields import calendar_date
from lmrs_rl.planning import MorningPlan, PlanSettings, find_agent, plan
from lmrs_rl.planning.fixed_trips import fixed_trips
from lmrs_rl.planning.map import check_can_draw, write_map
from lmrs_rl.routing import RouterSettings

_MOST = 1024
"""Upper limit of searches and processes: more is surely a slip of the keyboard."""


def plan_command(
    network: Annotated[Path, typer.Argument(help="The network, in JSON.", show_default=False)],
    snapshot: Annotated[
        Path, typer.Argument(help="What is known this morning, in JSON.", show_default=False)
    ],
    output: Annotated[
        Path | None,
        typer.Option(help="File for the plan of all five days, in JSON.", show_default=False),
    ] = None,
    parameters: Annotated[
        Path | None, typer.Option(help="Order parameters in TOML.", show_default=False)
    ] = None,
    agent: Annotated[
        str | None,
        typer.Option(
            help="Agent that chooses order parameters: a shipped name or a folder.",
            show_default=False,
        ),
    ] = None,
    date: Annotated[
        str | None,
        typer.Option(
            help="Date of the morning, such as 2025-03-31, for learned agents.",
            show_default="that of SNAPSHOT",
        ),
    ] = None,
    explain_output: Annotated[
        Path | None,
        typer.Option(
            help="Folder for each tank's parameters with reasons, and the trips, in JSON and CSV.",
            show_default=False,
        ),
    ] = None,
    map_file: Annotated[
        Path | None,
        typer.Option("--map", help="File for a picture of the trips (.png).", show_default=False),
    ] = None,
    fixed: Annotated[
        Path | None,
        typer.Option(help="Trips to keep as they are, in JSON.", show_default=False),
    ] = None,
    before: Annotated[
        Path | None,
        typer.Option(
            help="Plan of the previous morning, in JSON; changes to it are reported.",
            show_default=False,
        ),
    ] = None,
    move_price: Annotated[
        float,
        typer.Option(
            min=0.0,
            max=1e9,
            help="Cost of serving an order on another day than the previous plan did.",
        ),
    ] = 0.0,
    seeds: Annotated[
        int, typer.Option(min=1, max=_MOST, help="Searches, of which the best plan is taken.")
    ] = 1,
    workers: Annotated[
        int, typer.Option(min=1, max=_MOST, help="Processes that share the searches.")
    ] = 1,
    preset: PresetOption = "plan",
) -> None:
    """Plan the next five days.

    Shows the trips that start within the next 24 hours, and why orders are missed.
    """
    _check_outputs(output, explain_output, map_file, (network, snapshot, parameters, fixed))
    found = read_network(network)
    known, file_date = read_dated_snapshot(snapshot, found)
    previous = None if before is None else read_plan(before, found)
    # Errors on pins mean trips of the file, which the user knows by its name.
    names = OPTIONS if fixed is None else {**OPTIONS, "pins.": f"{fixed.name}: "}
    with naming_options(names):
        chooser = find_agent(agent, parameters)
        if map_file is not None:
            check_can_draw(found)
        made = plan(
            found,
            known,
            chooser,
            date=file_date if date is None else calendar_date("date", date),
            before=previous,
            settings=PlanSettings(
                RouterSettings.preset(preset),
                fixed_trips(fixed, found),
                move_price,
                seeds,
                workers,
            ),
        )
    console = Console()
    _show(console, made)
    _write(console, made, output, explain_output, map_file)


def _check_outputs(
    output: Path | None,
    explain_output: Path | None,
    map_file: Path | None,
    inputs: Sequence[Path | None],
) -> None:
    check_file("--output", output, inputs=inputs)
    check_folder("--explain-output", explain_output)
    check_file("--map", map_file, ".png", inputs)
    check_apart(output=output, explain_output=explain_output, map=map_file)


def _write(
    console: Console,
    made: MorningPlan,
    output: Path | None,
    explain_output: Path | None,
    map_file: Path | None,
) -> None:
    state = made.state
    if output is not None:
        made.write(output)
    if explain_output is not None:
        made.write_details(explain_output)
    if map_file is not None:
        write_map(map_file, state.network, state.snapshot, state.forecast, made.plan)
    for path in (output, explain_output, map_file):
        if path is not None:
            console.print(f"written to {path}", soft_wrap=True, highlight=False)


def _show(console: Console, made: MorningPlan) -> None:
    network, five_days, why = made.state.network, made.plan, made.explanation
    tomorrow = five_days.starting_before(made.state.snapshot.time_min + MINUTES_PER_DAY)
    moved = choice_table(made.chosen, network)
    if moved is not None:
        console.print(moved)
    for line in choice_lines(made.chosen, network):
        console.print(line, soft_wrap=True, highlight=False)
    console.print(trip_table(five_days, len(tomorrow), why, network))
    later, missed = len(five_days.trips) - len(tomorrow), len(five_days.missed)
    print(f"trips planned for later: {later}; orders missed: {missed}")
    print(cost_line(five_days.costs, why.late, why.lacking))
    if why.missed:
        console.print(missed_table(why, network))
    if made.unordered:
        console.print(unordered_table(made.unordered, network))
    if made.changes is not None:
        console.print(churn_table(made.changes))


app = one_command(plan_command)
