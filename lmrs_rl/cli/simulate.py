"""``lmrs simulate``: plan on a rolling horizon over all days of a source."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from lmrs_rl.cli.errors import OPTIONS, naming_options
from lmrs_rl.cli.options import DataOption, DaysOption, PresetOption, SeedOption, one_command
from lmrs_rl.cli.outputs import check_folder
from lmrs_rl.cli.progress import day_reporter
from lmrs_rl.domain import InputError
from lmrs_rl.domain.arrays import HOURS_PER_DAY
from lmrs_rl.evaluation import kpi_table
from lmrs_rl.formats.json_fields import calendar_date
from lmrs_rl.planning import Source, find_agent, open_json, open_source, simulate
from lmrs_rl.routing import RouterSettings


def simulate_command(
    source: Annotated[
        str | None,
        typer.Argument(
            help="An Air Liquide instance (.xml), a generated world (.toml, or the name of one "
            "that ships), or a folder with network.json and days.json.",
            show_default=False,
        ),
    ] = None,
    network: Annotated[
        Path | None, typer.Option(help="A network in JSON, instead of SOURCE.", show_default=False)
    ] = None,
    days_file: Annotated[
        Path | None, typer.Option(help="Days at that network in JSON.", show_default=False)
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            help="Folder for trips.json, kpis.json and solution.xml (instances).",
            show_default=False,
        ),
    ] = None,
    days: DaysOption = None,
    seed: SeedOption = None,
    data: DataOption = None,
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
            help="Date of the first morning, such as 2025-03-31; for learned agents.",
            show_default="that of the world or of its files",
        ),
    ] = None,
    preset: PresetOption = "plan",
) -> None:
    """Simulate a world day by day: plan five days, execute one, repeat; print key figures."""
    console = Console()
    check_folder("--output", output, empty=True)
    with naming_options(OPTIONS):
        found = _source(source, network, days_file, days, seed, data)
        chooser = find_agent(agent, parameters, sees_truth=True)
        first = None if date is None else calendar_date("date", date)
        if output is not None:
            output.mkdir(parents=True, exist_ok=True)
        with day_reporter(-(-found.days.hours // HOURS_PER_DAY), console) as on_day:
            done = simulate(
                found, chooser, router=RouterSettings.preset(preset), date=first, on_day=on_day
            )
    console.print(kpi_table(found.days.name, done.kpis))
    if output is not None:
        done.write(output)
        console.print(f"written to {output}", soft_wrap=True, highlight=False)


def _source(
    source: str | None,
    network: Path | None,
    days_file: Path | None,
    days: int | None,
    seed: int | None,
    data: Path | None,
) -> Source:
    if source is not None and network is None and days_file is None:
        return open_source(source, days, seed, data)
    generated = source is not None or seed is not None or data is not None
    if network is not None and days_file is not None and not generated:
        return open_json(network, days_file, days)
    options = {
        "SOURCE": source,
        "--network": network,
        "--days-file": days_file,
        "--seed": seed,
        "--data": data,
    }
    given = [name for name, value in options.items() if value is not None]
    wanted = "SOURCE, or both --network and --days-file without seed and data"
    raise InputError(
        "arguments",
        " with ".join(given) or "nothing to simulate",
        wanted,
        "try 'lmrs simulate demo'",
    )


app = one_command(simulate_command)
