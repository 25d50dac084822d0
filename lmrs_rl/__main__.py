"""``python -m lmrs_rl`` is the command line."""

import sys

from lmrs_rl.cli import main

sys.exit(main())
