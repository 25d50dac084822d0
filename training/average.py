"""Average runs that differ only in their seeds, and validate the average.

``python training/average.py runs/u1 runs/u2 --output runs/universal``

``--length 1.5`` multiplies the mean weights by 1.5, which goes further from the baseline. The
average is validated on the validation worlds of the runs; ``lmrs export`` reads the folder.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from lmrs_rl.domain import InputError
from lmrs_rl.learning.averaging import average_runs, validate_mean


def main() -> int:
    """Write the folder; 2 for bad input."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("runs", type=Path, nargs="+")
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--weights", choices=("latest", "best"), default="latest")
    parser.add_argument("--length", type=float, default=1.0)
    parser.add_argument(
        "--jobs", type=int, default=1, help="processes that run the validation episodes"
    )
    args = parser.parse_args()
    try:
        average_runs(args.runs, args.output, which=args.weights, length=args.length)
        found = validate_mean(args.output, args.jobs)
    except InputError as error:
        print(f"average: {error}", file=sys.stderr)
        return 2
    print(
        f"validation: cost {found.cost:+.3f} of the baseline's, standard error {found.error:.3f}; ",
        end="",
    )
    print(f"smoothed {found.smoothed:+.3f}, {found.smoothed_error:.3f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
