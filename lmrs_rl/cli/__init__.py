"""Floor 10: the command line ``lmrs``. It parses and prints; the floors below do the work."""

from lmrs_rl.cli.app import main

__all__ = ["main"]
