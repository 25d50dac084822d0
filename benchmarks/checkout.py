"""The checkout that a benchmark runs in."""

from __future__ import annotations

import subprocess
from pathlib import Path


def head() -> str:
    """The commit of the checkout, "unknown" outside of one."""
    found = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"],
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(__file__).parent,
    )
    return found.stdout.strip() or "unknown"
