"""Train a dispatcher, the same as ``lmrs train``.

``python training/train.py training/universal.toml --output runs/universal``
"""

from __future__ import annotations

import sys

from lmrs_rl.__main__ import entry_point

if __name__ == "__main__":
    sys.exit(entry_point(["train", *sys.argv[1:]]))
