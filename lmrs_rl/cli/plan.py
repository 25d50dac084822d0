"""``lmrs plan``: one morning's plan, and why it is as it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from lmrs_rl.cli.fixed_trips import fixed_trips, naming_fixed
from lmrs_rl.cli.outputs import check_apart, check_file, check_folder
from lmrs_rl.cli.plan_choice import (
    Chosen,
    choice_lines,
    choice_table,
    parsed_date,
    who_chooses,
    write_choice,
)
from lmrs_rl.cli.plan_decision import Work, decided
from lmrs_rl.cli.plan_map import check_can_draw, write_map
from lmrs_rl.cli.plan_tables import (
    churn_table,
    cost_line,
    left_out_table,
    missed_table,
    trip_table,
    write_trip_rows,
)
from lmrs_rl.cli.sources import PresetOption
from lmrs_rl.domain import Network, Plan, Snapshot
from lmrs_rl.domain.arrays import MINUTES_PER_DAY
from lmrs_rl.forecast import WeekdayQuantiles
from lmrs_rl.lookahead import known_morning
from lmrs_rl.orders import LeftOut, left_out
from lmrs_rl.planning import churn
from lmrs_rl.routing import RouterSettings
from lmrs_rl.routing.explain import explain
from lmrs_rl.routing.explanation import Explanation
from lmrs_rl.worlds.files import read_dated_snapshot, read_network, read_plan, write_plan
from lmrs_rl.worlds.plan_json import Author

MOST = 1024
"""Searches and processes that somebody can mean."""


def plan(
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
            help="An agent that chooses them: a name that ships, or a folder.", show_default=False
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
            help="Folder for each tank's parameters and why, and the trips, in JSON and CSV.",
            show_default=False,
        ),
    ] = None,
    map_file: Annotated[
        Path | None,
        typer.Option("--map", help="File for a picture of the trips (.png).", show_default=False),
    ] = None,
    fixed: Annotated[
        Path | None,
        typer.Option(help="Trips to take over as they are, in JSON.", show_default=False),
    ] = None,
    before: Annotated[
        Path | None,
        typer.Option(
            help="The plan of the morning before, in JSON: what changes is told.",
            show_default=False,
        ),
    ] = None,
    move_price: Annotated[
        float,
        typer.Option(
            min=0.0, max=1e9, help="Price of serving an order on another day than the plan before."
        ),
    ] = 0.0,
    seeds: Annotated[int, typer.Option(min=1, max=MOST, help="Searches to take the best of.")] = 1,
    workers: Annotated[
        int, typer.Option(min=1, max=MOST, help="Processes that share the seeds.")
    ] = 1,
    preset: PresetOption = "plan",
) -> None:
    """Plan five days; show the trips that start within the next 24 hours, and why orders are
    missed.
    """
    _check_outputs(output, explain_output, map_file, (network, snapshot, parameters, fixed))
    found = read_network(network)
    known, told_date = read_dated_snapshot(snapshot, found)
    old = None if before is None else read_plan(before, found)
    pins = fixed_trips(fixed, found)
    who, day = who_chooses(agent, parameters), told_date if date is None else parsed_date(date)
    if map_file is not None:
        check_can_draw(found)
    morning = known_morning(
        found, known, WeekdayQuantiles()(found, known), () if old is None else (old,), day
    )
    work = Work(pins, move_price, seeds, workers, RouterSettings.preset(preset))
    with naming_fixed(fixed):
        chosen, orders, result = decided(who, morning, work)
    without = left_out(found, known, morning.forecast, chosen.parameters)
    why = explain(found, known, orders, result, pins=pins)
    console = Console()
    _tell(console, Told(found, known, result, why, without, chosen, old))
    if output is not None:
        write_plan(
            output,
            result,
            found,
            why,
            without,
            Author(chosen.agent, tuple((each.tank, each.why) for each in chosen.fallbacks)),
        )
    if explain_output is not None:
        explain_output.mkdir(parents=True, exist_ok=True)
        write_choice(explain_output, chosen, found, known)
        write_trip_rows(explain_output, result, found, known)
    if map_file is not None:
        write_map(map_file, found, known, morning.forecast, result)
    for path in (output, explain_output, map_file):
        if path is not None:
            console.print(f"written to {path}", soft_wrap=True, highlight=False)


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


@dataclass(frozen=True, eq=False)
class Told:
    """What is shown of a morning."""

    network: Network
    snapshot: Snapshot
    plan: Plan
    why: Explanation
    without: Sequence[LeftOut]
    chosen: Chosen
    before: Plan | None


def _tell(console: Console, told: Told) -> None:
    found, result, why = told.network, told.plan, told.why
    tomorrow = result.starting_before(told.snapshot.time_min + MINUTES_PER_DAY)
    moved = choice_table(told.chosen, found)
    if moved is not None:
        console.print(moved)
    for line in choice_lines(told.chosen, found):
        console.print(line, soft_wrap=True, highlight=False)
    console.print(trip_table(result, len(tomorrow), why, found))
    print(
        f"trips planned for later: {len(result.trips) - len(tomorrow)}; orders missed: "
        f"{len(result.missed)}"
    )
    print(cost_line(result.costs, why.late, why.lacking))
    if why.missed:
        console.print(missed_table(why, found))
    if told.without:
        console.print(left_out_table(told.without, found))
    if told.before is not None:
        console.print(churn_table(churn(told.before, result)))
