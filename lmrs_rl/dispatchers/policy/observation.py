"""From what is known on a morning to the arrays that a policy sees."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from lmrs_rl.dispatchers.policy.features import NETWORK_FEATURES, TANK_FEATURES, Feature
from lmrs_rl.dispatchers.policy.network_features import network_features
from lmrs_rl.dispatchers.policy.sight import Outlook, Sight
from lmrs_rl.dispatchers.policy.tank_features import tank_features
from lmrs_rl.domain import InputError
from lmrs_rl.domain.arrays import FloatArray
from lmrs_rl.domain.quantile_function import Float32Array

Observation = dict[str, np.ndarray]
"""``tanks`` (N_max, F) and ``network`` (G,), float32; ``mask`` (N_max,) int8, 1 where there is a tank."""


def observe(sight: Sight, n_max: int) -> Observation:
    """What a policy sees; rows without a tank are 0. The arrays are new each time.

    Raises
    ------
    InputError
        For more tanks than ``n_max``.
    """
    n = sight.network.n_tanks
    if n > n_max:
        raise InputError("n_max", n_max, f"at least the {n} tanks", "give more room for tanks")
    outlook = Outlook.of(sight)
    tanks = np.zeros((n_max, len(TANK_FEATURES)), dtype=np.float32)
    of_tanks = tank_features(sight, outlook)
    tanks[:n] = cut(TANK_FEATURES, np.stack([of_tanks[each.name] for each in TANK_FEATURES], axis=1))
    of_network = network_features(sight, outlook)
    network = cut(NETWORK_FEATURES, np.array([of_network[each.name] for each in NETWORK_FEATURES]))
    return {"tanks": tanks, "mask": (np.arange(n_max) < n).astype(np.int8), "network": network}


def cut(table: Sequence[Feature], values: FloatArray) -> Float32Array:
    """``values`` (..., F) cut to the ranges of ``table``."""
    low, high = bounds(table)
    return np.clip(np.asarray(values, dtype=np.float32), low, high)


def bounds(table: Sequence[Feature]) -> tuple[Float32Array, Float32Array]:
    """Lowest and highest value of each feature, (F,)."""
    return np.array([each.low for each in table], dtype=np.float32), np.array([each.high for each in table], dtype=np.float32)
