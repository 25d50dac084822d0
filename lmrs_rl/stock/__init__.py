"""Floor 2: what happens to stock when trips are executed."""

from lmrs_rl.stock.execution import execute
from lmrs_rl.stock.settle import Settled, settled

__all__ = ["Settled", "execute", "settled"]
