"""The entry point: commands in, exit code out; bad input is one line on stderr.

A command's module is imported when the command runs: ``lmrs --help`` needs none of them.
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

BAD_INPUT = 2

COMMANDS = {
    "simulate": "Plan five days, drive one, and again, to the end.",
    "check": "Let the referee check executed trips.",
    "plan": "Plan the next five days of a real morning.",
    "world": "Write any world as JSON files.",
    "train": "Train a dispatcher by a recipe.",
    "export": "Make a training run an agent.",
    "evaluate": "Compare agents on the same scenarios.",
    "forecast": "Forecast consumption from a CSV file.",
}
"""Each command, ``app`` of the module of its name, and its line in the help."""


class LazyGroup(TyperGroup):
    """A group whose commands are imported when they run."""

    def resolve_command(self, ctx: typer.Context, args: list[str]) -> tuple[Any, Any, list[str]]:  # type: ignore[override]
        """The command itself in the place of the one that stands for it in the help."""
        name, command, rest = super().resolve_command(ctx, args)
        if name is None:
            return name, command, rest
        with leaving_at_once():
            app = import_module(f"lmrs_rl.cli.{name}").app
        return name, typer.main.get_command(app), rest


app = typer.Typer(
    name="lmrs",
    cls=LazyGroup,
    add_completion=False,
    pretty_exceptions_enable=False,
    no_args_is_help=True,
    rich_markup_mode=None,  # the help of all commands in plain text: rich costs 0.15 s
)
for _name, _help in COMMANDS.items():
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
    """Run a command line (``sys.argv`` by default) and return its exit code: 0 fine, 1 rules
    broken, 2 bad input, 130 interrupted.
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
        told = error.format_message()
        return _refuse(f"{told} ('{where} --help' lists what there is)" if told else "")
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
    if not arguments or arguments[0] not in COMMANDS:
        return "lmrs"
    below = ("backtest", "fit", "predict") if arguments[0] == "forecast" else ()
    more = f" {arguments[1]}" if len(arguments) > 1 and arguments[1] in below else ""
    return f"lmrs {arguments[0]}{more}"


def _refuse(message: str, code: int = BAD_INPUT) -> int:
    """One line whatever the message holds."""
    if message:
        print(f"lmrs: {' '.join(message.split())}", file=sys.stderr)
    return code
