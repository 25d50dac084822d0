"""``lmrs world``: write any source as JSON files."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from lmrs_rl.cli.errors import OPTIONS, naming_options
from lmrs_rl.cli.options import DataOption, DaysOption, SeedOption, SourceArgument, one_command
from lmrs_rl.cli.outputs import check_folder
from lmrs_rl.formats.files import write_days, write_network, write_snapshot
from lmrs_rl.planning import open_source


def world_command(
    source: SourceArgument,
    output: Annotated[
        Path,
        typer.Option(
            help="Folder for network.json, snapshot.json and days.json.", show_default=False
        ),
    ],
    days: DaysOption = None,
    seed: SeedOption = None,
    data: DataOption = None,
) -> None:
    """Write a world as JSON: the network, the first morning and the days."""
    check_folder("--output", output)
    with naming_options(OPTIONS):
        found = open_source(source, days, seed, data)
    output.mkdir(parents=True, exist_ok=True)
    write_network(output / "network.json", found.network)
    write_snapshot(output / "snapshot.json", found.days.start, found.network, found.date)
    write_days(output / "days.json", found.days, found.network, found.date)
    Console().print(f"written to {output}", soft_wrap=True, highlight=False)


app = one_command(world_command)
