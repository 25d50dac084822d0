"""Train a dispatcher, the same as ``lmrs train``.

``python training/train.py training/universal.toml --output runs/universal``
"""

from __future__ import annotations

import sys

from lmrs_rl.__main__ import main

if __name__ == "__main__":
    sys.exit(main(["train", *sys.argv[1:]]))
