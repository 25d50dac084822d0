"""Floor 2: what really happens to levels when trips are executed."""

from lmrs_rl.stock.execute import execute

__all__ = ["execute"]
