"""Tune order parameters that all tanks share, see `lmrs_rl.learning.tuning`.

``python training/tune.py training/tuned.toml --output runs/tuned``
"""

from __future__ import annotations

import argparse
import sys
from functools import partial
from pathlib import Path

from lmrs_rl.domain import InputError
from lmrs_rl.learning.tuning import TuningRecipe, tune


def main() -> int:
    """Exit code 0, or 2 for bad input."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "recipe", type=Path, help="TOML file, see lmrs_rl.learning.tuning.TuningRecipe"
    )
    parser.add_argument(
        "--output",
        type=Path,
        required=True,
        help="folder for the checkpoint and the result; a run that is there continues",
    )
    arguments = parser.parse_args()
    try:
        best = tune(
            TuningRecipe.from_file(arguments.recipe), arguments.output, partial(print, flush=True)
        )
    except InputError as error:
        print(f"tune: {error}", file=sys.stderr)
        return 2
    print(
        f"chosen: {best.name}, {best.cost:.4f} of the cost of the default; written to "
        f"{arguments.output}"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
