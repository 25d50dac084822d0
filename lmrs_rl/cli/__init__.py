"""Floor 10: the command line ``lmrs``.

Commands parse arguments and print results; the work is done by the packages of the floors below.
"""

from lmrs_rl.cli.app import main

__all__ = ["main"]
