"""Export a run as an agent, the same as ``lmrs export``.

``python training/export.py runs/universal --output agents/universal``
"""

from __future__ import annotations

import sys

from lmrs_rl.__main__ import entry_point

if __name__ == "__main__":
    sys.exit(entry_point(["export", *sys.argv[1:]]))
