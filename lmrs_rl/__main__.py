"""``lmrs`` and ``python -m lmrs_rl``: the command line."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from functools import partial

from lmrs_rl.interrupts import run_guarded


def entry_point(arguments: Sequence[str] | None = None) -> int:
    """Run a command line (``sys.argv`` by default) as the last thing of a process; see
    `lmrs_rl.cli.app` for the exit code, 130 if interrupted.
    """

    def importing() -> Callable[[], int]:
        from lmrs_rl.cli import main as run

        return partial(run, arguments)

    return run_guarded(importing)


if __name__ == "__main__":
    sys.exit(entry_point())
