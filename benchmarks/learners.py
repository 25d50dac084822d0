r"""Training runs side by side: what each learner made of its days, by its own validation.

    python -m benchmarks.learners runs/universal-1 runs/ppo-1 runs/sac-1 ... \
        --output benchmarks/learners

Reads the folders that `lmrs train` wrote; trains nothing. Validation is that of the recipe: cost
over the baseline's in the same scenarios, its mean with a standard error, as it is and with nearly
dry tanks in place of a part of what stock-outs cost.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import lmrs_rl
from lmrs_rl.domain import InputError
from lmrs_rl.domain.files import write_text_atomically
from lmrs_rl.learning.checkpoint import PROGRESS, RECIPE, VALIDATION, read_json, read_rows

TIMES = "Minutes on the clock that learning took, validation not counted:"


def read_run(folder: Path) -> list[dict[str, Any]]:
    """A row for each validation of a run, in order.

    Raises
    ------
    InputError
        For a folder without a recipe or a validation.
    """
    recipe, judged = folder / RECIPE, folder / VALIDATION
    if not recipe.is_file() or not judged.is_file():
        raise InputError(
            str(folder),
            f"no {RECIPE} or no {VALIDATION}",
            "the folder of a run that was validated",
            "train it further",
        )
    told = read_json(recipe)
    about = {
        "run": folder.name,
        "learner": told["learner"],
        "seed": told["seed"],
        "form": told["actor"]["form"],
    }
    figures = ("days", "cost", "error", "smoothed", "smoothed_error")
    steps = [row for row in read_rows(folder / PROGRESS) if "seconds" in row]
    return [
        {
            **about,
            **{name: row[name] for name in figures},
            "minutes": sum(step["seconds"] for step in steps if step["days"] <= row["days"]) / 60
            if steps
            else None,
        }
        for row in read_rows(judged)
    ]


def table(rows: Sequence[dict[str, Any]]) -> list[str]:
    """One line a validation."""
    lines = ["| learner | actor | seed | days | cost | smoothed |", "|---|---|---|---|---|---|"]
    for row in rows:
        cost, smoothed = (
            f"{100 * row[name]:+.1f} ± {100 * row[error]:.1f} %"
            for name, error in (("cost", "error"), ("smoothed", "smoothed_error"))
        )
        lines.append(
            f"| {row['learner']} | {row['form']} | {row['seed']} | {row['days']:,} | {cost} | "
            f"{smoothed} |"
        )
    return lines


def times(rows: Sequence[dict[str, Any]]) -> list[str]:
    """Minutes that learning took up to each validation, of the runs that noted them."""
    lines = ["| learner | actor | seed | days | minutes |", "|---|---|---|---|---|"]
    noted = [row for row in rows if row["minutes"] is not None]
    return [
        *lines,
        *(
            f"| {row['learner']} | {row['form']} | {row['seed']} | {row['days']:,} | "
            f"{row['minutes']:.1f} |"
            for row in noted
        ),
    ]


def main() -> int:
    """Write OUTPUT.json and OUTPUT.md; 2 for bad input."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("runs", nargs="+", type=Path)
    parser.add_argument("--output", type=Path, required=True)
    args = parser.parse_args()
    try:
        rows = [row for folder in args.runs for row in read_run(folder)]
    except InputError as error:
        print(f"learners: {error}", file=sys.stderr)
        return 2
    date = datetime.now(UTC).date().isoformat()
    write_text_atomically(
        args.output.with_suffix(".json"),
        json.dumps({"date": date, "lmrs-rl": lmrs_rl.__version__, "rows": rows}, indent=1) + "\n",
    )
    head = (
        f"{date}, `python -m benchmarks.learners`, lmrs-rl {lmrs_rl.__version__}. "
        "Cost over the baseline's on the validation worlds of each recipe."
    )
    write_text_atomically(
        args.output.with_suffix(".md"),
        "\n".join(
            [
                "# Learners by their validation",
                "",
                head,
                "",
                *table(rows),
                "",
                TIMES,
                "",
                *times(rows),
                "",
            ]
        ),
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
