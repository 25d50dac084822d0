"""Arguments and options that several commands share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from lmrs_rl.routing.router import Preset

SourceArgument = Annotated[
    str,
    typer.Argument(
        help="An Air Liquide instance (.xml), a generated world (.toml, or the name of one that "
        "ships), or a folder with network.json and days.json.",
        show_default=False,
    ),
]
DaysOption = Annotated[
    int | None, typer.Option("--days", min=1, help="Only the first days.", show_default=False)
]
PresetOption = Annotated[
    Preset, typer.Option(help="Effort of the router: quick is the fastest, best the slowest.")
]
DataOption = Annotated[
    Path | None,
    typer.Option(
        "--data", help="Folder with the data of a world built on real data.", show_default=False
    ),
]
SeedOption = Annotated[
    int | None,
    typer.Option("--seed", min=0, help="Another seed for a generated world.", show_default=False),
]


def one_command(function: Callable[..., Any], cls: Any = None) -> typer.Typer:
    """The typer application of a module with one command."""
    app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    app.command(cls=cls)(function)
    return app
