"""``lmrs plan``: one morning's plan, and why it is as it is."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from lmrs_rl.cli.plan_tables import churn_table, cost_line, left_out_table, missed_table, trip_table
from lmrs_rl.cli.sources import PresetOption
from lmrs_rl.dispatchers import FixedDispatcher, FixedParameters
from lmrs_rl.domain import Plan
from lmrs_rl.domain.arrays import MINUTES_PER_DAY
from lmrs_rl.forecast import WeekdayQuantiles
from lmrs_rl.orders import left_out, make_orders
from lmrs_rl.planning import churn
from lmrs_rl.routing import RouterSettings
from lmrs_rl.routing.explain import explain
from lmrs_rl.routing.parallel import ParallelSearch
from lmrs_rl.routing.pinned import PinnedRouter
from lmrs_rl.routing.pins import Pins
from lmrs_rl.worlds.files import read_network, read_plan, read_snapshot, read_trips, write_plan


def plan(
    network: Annotated[Path, typer.Argument(help="The network, in JSON.", show_default=False)],
    snapshot: Annotated[Path, typer.Argument(help="What is known this morning, in JSON.", show_default=False)],
    output: Annotated[Path | None, typer.Option(help="File for the plan of all five days, in JSON.", show_default=False)] = None,
    parameters: Annotated[Path | None, typer.Option(help="Order parameters in TOML.", show_default=False)] = None,
    fixed: Annotated[Path | None, typer.Option(help="Trips to take over as they are, in JSON.", show_default=False)] = None,
    before: Annotated[Path | None, typer.Option(help="The plan of the morning before, in JSON: what changes is told.", show_default=False)] = None,
    move_price: Annotated[float, typer.Option(min=0.0, help="Price of serving an order on another day than the plan before.")] = 0.0,
    seeds: Annotated[int, typer.Option(min=1, help="Searches to take the best of.")] = 1,
    workers: Annotated[int, typer.Option(min=1, help="Processes that share the seeds.")] = 1,
    preset: PresetOption = "plan",
) -> None:
    """Plan five days; show the trips that start within the next 24 hours, and why orders are missed."""
    found = read_network(network)
    known = read_snapshot(snapshot, found)
    old = None if before is None else read_plan(before, found)
    pins = Pins(() if fixed is None else read_trips(fixed, found))
    dispatcher = FixedDispatcher(FixedParameters() if parameters is None else FixedParameters.from_file(parameters))
    forecast = WeekdayQuantiles()(found, known)
    chosen = dispatcher(found, known, forecast)
    orders, without = make_orders(found, known, forecast, chosen), left_out(found, known, forecast, chosen)
    with ParallelSearch(range(seeds), workers) as search:
        result = PinnedRouter(pins, old, move_price, settings=RouterSettings.preset(preset), search=search)(found, known, orders)
    why = explain(found, known, orders, result, pins=pins)
    console = Console()
    tomorrow = result.starting_before(known.time_min + MINUTES_PER_DAY)
    console.print(trip_table(result, len(tomorrow), why, found))
    print(f"trips planned for later: {len(result.trips) - len(tomorrow)}; orders missed: {len(result.missed)}")
    print(cost_line(result.costs, why.late, why.lacking))
    if why.missed:
        console.print(missed_table(why, found))
    if without:
        console.print(left_out_table(without, found))
    _tell_churn(console, old, result)
    if output is not None:
        write_plan(output, result, found, why, without)
        console.print(f"written to {output}", soft_wrap=True, highlight=False)


def _tell_churn(console: Console, old: Plan | None, result: Plan) -> None:
    if old is not None:
        console.print(churn_table(churn(old, result)))
