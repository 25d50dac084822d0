"""The large-tank rule: which level counts as the hit level of a tank larger than a truckload."""

from __future__ import annotations

import numpy as np

from lmrs_rl.domain import Network
from lmrs_rl.domain.arrays import FloatArray


def pulled_hit_level(network: Network) -> FloatArray:
    """``h' = max(c - FTL, h)``, (n,) [kg]: the level at which a tank's delivery window closes.

    A tank that holds more than a full truckload (FTL) above ``h`` is due as soon as a full load
    fits, which pulls the delivery forward: waiting longer would not make the drop larger. A tank
    that no vehicle may visit has ``FTL = 0``, hence ``h' = c``.
    """
    return np.asarray(
        np.maximum(
            network.tanks.capacity_kg - network.full_truckload_kg(), network.tanks.hit_level_kg
        ),
        dtype=np.float64,
    )
