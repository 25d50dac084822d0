"""``lmrs check``: the referee checks a file of executed trips."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from lmrs_rl.cli.errors import OPTIONS, naming_options
from lmrs_rl.cli.options import DataOption, DaysOption, SeedOption, SourceArgument, one_command
from lmrs_rl.domain import InputError, Trip
from lmrs_rl.evaluation import figure_rows, table
from lmrs_rl.formats.files import read_trips
from lmrs_rl.formats.roadef import read_solution
from lmrs_rl.planning import Source, open_source
from lmrs_rl.referee import judge

_BROKEN = 1
"""Exit code where a rule is broken."""


def check_command(
    source: SourceArgument,
    solution: Annotated[
        Path,
        typer.Argument(
            help="Trips (.json), or a solution of an instance (.xml).", show_default=False
        ),
    ],
    days: DaysOption = None,
    seed: SeedOption = None,
    data: DataOption = None,
    operating: Annotated[
        bool,
        typer.Option(
            "--operating",
            help="Report levels below the hit level (QS02), but do not count them as broken.",
        ),
    ] = False,
) -> int:
    """List the broken rules and key figures of executed trips; exit code 1 if a rule is broken."""
    with naming_options(OPTIONS):
        found = open_source(source, days, seed, data)
    verdict = judge(found.network, found.days, _trips(solution, found))
    for violation in verdict.violations:
        print(violation)
    Console().print(table(f"{found.days.name}, {solution.name}", figure_rows(verdict.figures)))
    counted = verdict.operating if operating else verdict.violations
    print(
        f"{len(verdict.violations)} broken rules, {len(verdict.operating)} of them operating rules"
        if verdict.violations
        else "valid"
    )
    return _BROKEN if counted else 0


def _trips(path: Path, source: Source) -> tuple[Trip, ...]:
    if path.suffix != ".xml":
        return read_trips(path, source.network)
    if source.instance is None:
        raise InputError(
            "solution",
            path.name,
            "trips in JSON for a source that is not an instance",
            "give the trips.json of the run",
        )
    return read_solution(path, source.instance)


app = one_command(check_command)
