"""The compiled routing core: ruin and recreate on plain arrays."""

from lmrs_rl.routing.core.annealing import CoreSettings, ruin_and_recreate

__all__ = ["CoreSettings", "ruin_and_recreate"]
