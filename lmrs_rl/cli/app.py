"""The entry point: commands in, exit code out; bad input is one line on stderr."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Annotated

import typer
from typer.exceptions import TyperException

from lmrs_rl import __version__
from lmrs_rl.cli.check import check
from lmrs_rl.cli.evaluate import SpacedLists, evaluate_command
from lmrs_rl.cli.export import export
from lmrs_rl.cli.forecast import app as forecast
from lmrs_rl.cli.plan import plan
from lmrs_rl.cli.simulate import simulate
from lmrs_rl.cli.train import train
from lmrs_rl.cli.world import world
from lmrs_rl.domain import InputError
from lmrs_rl.interrupts import INTERRUPTED

BAD_INPUT = 2

app = typer.Typer(
    name="lmrs", add_completion=False, pretty_exceptions_enable=False, no_args_is_help=True
)
for command in (simulate, check, plan, world, train, export):
    app.command()(command)
app.command(name="evaluate", cls=SpacedLists)(evaluate_command)
app.add_typer(forecast, name="forecast")


def _print_version(wanted: bool) -> None:
    if wanted:
        print(__version__)
        raise typer.Exit


@app.callback()
def lmrs(
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_print_version, is_eager=True, help="Print the version."
        ),
    ] = False,
) -> None:
    """Keep customers' tanks from running dry, with the fewest kilometres."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command line (``sys.argv`` by default) and return its exit code: 0 fine, 1 rules
    broken, 2 bad input, 130 interrupted.
    """
    try:
        result = app(
            args=None if arguments is None else list(arguments),
            prog_name="lmrs",
            standalone_mode=False,
        )
    except InputError as error:
        return _refuse(str(error))
    except TyperException as error:
        where = getattr(getattr(error, "ctx", None), "command_path", None) or _command(
            sys.argv[1:] if arguments is None else arguments
        )
        return _refuse(
            f"{error.format_message()} ('{where} --help' lists what there is)"
            if error.format_message()
            else ""
        )
    except OSError as error:
        return _refuse(
            f"{error.filename or 'the system'}: got {error.strerror or error}; wanted a path that "
            f"can be read and written; check path and permissions"
        )
    if result == INTERRUPTED:  # typer's answer to Ctrl-C
        raise KeyboardInterrupt
    return result if isinstance(result, int) else 0


def _command(arguments: Sequence[str]) -> str:
    """The command that a line begins with, for errors that do not tell where they are from."""
    names = [
        each.name or getattr(each.callback, "__name__", "") for each in app.registered_commands
    ]
    below = [
        f"forecast {each.name or getattr(each.callback, '__name__', '')}"
        for each in forecast.registered_commands
    ]
    return next(
        (
            f"lmrs {name}"
            for name in (*below, *names)
            if list(arguments[: name.count(" ") + 1]) == name.split()
        ),
        "lmrs",
    )


def _refuse(message: str, code: int = BAD_INPUT) -> int:
    """One line whatever the message holds."""
    if message:
        print(f"lmrs: {' '.join(message.split())}", file=sys.stderr)
    return code
