"""Export a run as an agent, the same as ``lmrs export``.

``python training/export.py runs/universal --output agents/universal``
"""

from __future__ import annotations

import sys

from lmrs_rl.__main__ import main

if __name__ == "__main__":
    sys.exit(main(["export", *sys.argv[1:]]))
