"""Floor 4: those who choose the order parameters each morning."""

from lmrs_rl.dispatchers.fixed import FixedDispatcher, FixedParameters
from lmrs_rl.dispatchers.radial import radial_price

__all__ = ["FixedDispatcher", "FixedParameters", "radial_price"]
