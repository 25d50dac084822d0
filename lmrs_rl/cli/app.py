"""Entry point of the command line: runs a command and returns its exit code.

Bad input is reported as one line on stderr. A command's module is imported only when the command
runs, so that ``lmrs --help`` starts fast.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Annotated, Any

import typer
from typer.core import TyperGroup
from typer.exceptions import TyperException

from lmrs_rl import __version__
from lmrs_rl.errors import InputError, MissingExtraError
from lmrs_rl.interrupts import INTERRUPTED, leaving_at_once

_BAD_INPUT = 2
"""Exit code for bad input; 1 is left for executed trips that break a rule."""

_COMMANDS = {
    "simulate": "Simulate a world day by day: plan five days, execute one, repeat.",
    "check": "Check executed trips with the referee.",
    "plan": "Plan the next five days of a real morning.",
    "world": "Write any world as JSON files.",
    "train": "Train a dispatcher from a recipe.",
    "export": "Export a training run as an agent.",
    "evaluate": "Compare agents on the same scenarios.",
    "forecast": "Forecast consumption from a CSV file.",
}
"""Commands with their lines in the help; each is the ``app`` of the module of the same name."""


class _LazyGroup(TyperGroup):
    """A group whose commands are imported when they run."""

    def resolve_command(self, ctx: typer.Context, args: list[str]) -> tuple[Any, Any, list[str]]:  # type: ignore[override]
        """Import the command and return it instead of its placeholder in the help."""
        name, command, rest = super().resolve_command(ctx, args)
        if name is None:
            return name, command, rest
        with leaving_at_once():
            app = import_module(f"lmrs_rl.cli.{name}").app
        return name, typer.main.get_command(app), rest


app = typer.Typer(
    name="lmrs",
    cls=_LazyGroup,
    add_completion=False,
    pretty_exceptions_enable=False,
    no_args_is_help=True,
    rich_markup_mode=None,  # plain text: importing rich would add 0.15 s to ``lmrs --help``
)
# Placeholders: typer lists them in the help, `_LazyGroup` replaces the one that is run.
for _name, _help in _COMMANDS.items():
    app.command(name=_name, help=_help)(lambda: None)


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
    """Run a command line and return its exit code.

    Parameters
    ----------
    arguments : words after ``lmrs``; those of ``sys.argv`` if not given

    Returns
    -------
    int
        0 for success, 1 for broken rules (``lmrs check``), 2 for bad input, 130 for an interrupt.
    """
    try:
        result = app(
            args=None if arguments is None else list(arguments),
            prog_name="lmrs",
            standalone_mode=False,
        )
    except (InputError, MissingExtraError) as error:
        return _refuse(str(error))
    except TyperException as error:
        where = getattr(getattr(error, "ctx", None), "command_path", None) or _command(
            sys.argv[1:] if arguments is None else arguments
        )
        message = error.format_message()
        return _refuse(f"{message} ('{where} --help' lists what there is)" if message else "")
    except OSError as error:
        return _refuse(
            f"{error.filename or 'the system'}: got {error.strerror or error}; wanted a path that "
            f"can be read and written; check path and permissions"
        )
    if result == INTERRUPTED:  # typer swallows Ctrl-C and returns this code instead
        raise KeyboardInterrupt
    return result if isinstance(result, int) else 0


def _command(arguments: Sequence[str]) -> str:
    """The command that ``arguments`` begin with, for errors that do not say where they occurred."""
    if not arguments or arguments[0] not in _COMMANDS:
        return "lmrs"
    subcommands = ("backtest", "fit", "predict") if arguments[0] == "forecast" else ()
    more = f" {arguments[1]}" if len(arguments) > 1 and arguments[1] in subcommands else ""
    return f"lmrs {arguments[0]}{more}"


def _refuse(message: str) -> int:
    """Print ``message`` on one line, even if it holds line breaks; return the exit code."""
    if message:
        print(f"lmrs: {' '.join(message.split())}", file=sys.stderr)
    return _BAD_INPUT
