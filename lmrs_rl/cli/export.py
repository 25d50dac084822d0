"""``lmrs export``: turn a training run into an agent that runs without torch."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from lmrs_rl.cli.options import one_command
from lmrs_rl.cli.outputs import check_folder
from lmrs_rl.domain import InputError
from lmrs_rl.errors import MissingExtraError
from lmrs_rl.interrupts import leaving_at_once


def export_command(
    run: Annotated[Path, typer.Argument(help="Folder of a training run.", show_default=False)],
    output: Annotated[
        Path, typer.Option(help="Folder for the agent, such as agents/mine.", show_default=False)
    ],
    weights: Annotated[
        str, typer.Option(help="Which weights: best (by validation) or latest.")
    ] = "best",
    card: Annotated[
        Path | None, typer.Option(help="Markdown for the agent's card.md.", show_default=False)
    ] = None,
    scores: Annotated[
        Path | None,
        typer.Option(
            help="Figures for the policy's metadata, in JSON.",
            show_default="the run's best on validation",
        ),
    ] = None,
) -> None:
    """Export a training run as an agent: policy.onnx with its parameters and card.

    Needs the extra "train".
    """
    check_folder("--output", output)
    try:
        with leaving_at_once():
            from lmrs_rl.learning.export_run import NO_CARD, export_run
    except ImportError as error:
        raise MissingExtraError(str(error.name), "train") from error
    text = NO_CARD if card is None else _text(card)
    export_run(run, output, weights, card=text, scores=None if scores is None else _scores(scores))
    Console().print(f"written to {output}", soft_wrap=True, highlight=False)


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise InputError(
            str(path), "text that is not UTF-8", "Markdown in UTF-8", "save it with that encoding"
        ) from error


def _scores(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise InputError(
            str(path), f"broken JSON ({error})", "an object of figures by name", "correct the file"
        ) from error
    if not isinstance(found, dict):
        raise InputError(
            str(path), type(found).__name__, "an object of figures by name", "write {...}"
        )
    return found


app = one_command(export_command)
