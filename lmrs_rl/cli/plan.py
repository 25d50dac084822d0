"""``lmrs plan``: one morning's plan."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from lmrs_rl.dispatchers import FixedDispatcher, FixedParameters
from lmrs_rl.domain import Network, Trip
from lmrs_rl.domain.arrays import MINUTES_PER_DAY, MINUTES_PER_HOUR
from lmrs_rl.forecast import WeekdayQuantiles
from lmrs_rl.planning import plan_day
from lmrs_rl.routing import OrToolsRouter
from lmrs_rl.worlds.files import read_network, read_snapshot, write_plan


def plan(
    network: Annotated[Path, typer.Argument(help="The network, in JSON.", show_default=False)],
    snapshot: Annotated[Path, typer.Argument(help="What is known this morning, in JSON.", show_default=False)],
    output: Annotated[Path | None, typer.Option(help="File for the plan of all five days, in JSON.", show_default=False)] = None,
    parameters: Annotated[Path | None, typer.Option(help="Order parameters in TOML.", show_default=False)] = None,
) -> None:
    """Plan five days and show the trips that start within the next 24 hours."""
    found = read_network(network)
    known = read_snapshot(snapshot, found)
    dispatcher = FixedDispatcher(FixedParameters() if parameters is None else FixedParameters.from_file(parameters))
    result = plan_day(found, known, WeekdayQuantiles(), dispatcher, OrToolsRouter())
    console = Console()
    tomorrow = result.starting_before(known.time_min + MINUTES_PER_DAY)
    console.print(_table(tomorrow, found))
    print(f"trips planned for later: {len(result.trips) - len(tomorrow)}; orders missed: {len(result.missed)}")
    if output is not None:
        write_plan(output, result, found)
        console.print(f"written to {output}", soft_wrap=True, highlight=False)


def _table(trips: Sequence[Trip], network: Network) -> Table:
    result = Table(title=f"{len(trips)} trips in the next 24 hours", title_justify="left")
    for column in ("start", "end", "driver", "vehicle", "product", "stops"):
        result.add_column(column)
    for trip in trips:
        names = (network.drivers.ids[trip.driver], network.vehicles.ids[trip.vehicle], network.products[trip.product])
        result.add_row(_clock(trip.start_min), _clock(trip.end_min), *names, _stops(trip, network))
    return result


def _stops(trip: Trip, network: Network) -> str:
    """One line a stop: when, what, where, how much."""
    ids = {"load": network.sites.ids, "drop": network.customers.ids}
    return "\n".join(f"{_clock(s.arrival_min)} {s.kind} {s.kg:,.0f} kg at {ids[s.kind][s.place]}" for s in trip.stops)


def _clock(minute: int) -> str:
    """Minutes on the network's clock as day and time, the first day being 0."""
    day, rest = divmod(minute, MINUTES_PER_DAY)
    return f"{day}d {rest // MINUTES_PER_HOUR:02d}:{rest % MINUTES_PER_HOUR:02d}"
