"""The real LPG tanks of ``shared/data/lpg_tanks`` as a panel: `lmrs_rl.worlds.ground.lpg_tanks`."""

from __future__ import annotations

from lmrs_rl.worlds.ground.lpg_tanks import read_lpg

__all__ = ["read_lpg"]
