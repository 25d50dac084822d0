"""From what is known on a morning to the arrays that a policy sees."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from lmrs_rl.dispatchers.policy.context import DerivedFeatures, PolicyContext
from lmrs_rl.dispatchers.policy.features import NETWORK_FEATURES, ROUNDING, TANK_FEATURES, Feature
from lmrs_rl.dispatchers.policy.network_features import network_features
from lmrs_rl.dispatchers.policy.tank_features import tank_features
from lmrs_rl.domain import InputError
from lmrs_rl.domain.arrays import BoolArray, FloatArray
from lmrs_rl.domain.quantile_function import Float32Array

Observation = dict[str, np.ndarray]
"""``tanks`` (N_max, F) and ``network`` (G,), float32; ``mask`` (N_max,) int8, 1 where there is a
tank.
"""


def observe(context: PolicyContext, n_max: int) -> Observation:
    """What a policy sees; rows without a tank are 0. The arrays are new each time.

    Raises
    ------
    InputError
        For more tanks than ``n_max``.
    """
    n = context.network.n_tanks
    if n > n_max:
        raise InputError("n_max", n_max, f"at least the {n} tanks", "give more room for tanks")
    of_tanks, of_network = physical(context)
    tanks = np.zeros((n_max, len(TANK_FEATURES)), dtype=np.float32)
    tanks[:n] = scaled(TANK_FEATURES, of_tanks)
    return {
        "tanks": tanks,
        "mask": (np.arange(n_max) < n).astype(np.int8),
        "network": scaled(NETWORK_FEATURES, of_network),
    }


def physical(context: PolicyContext) -> tuple[FloatArray, FloatArray]:
    """The features of the tanks (n, F) and of the network (G,), each in its unit, not cut."""
    derived = DerivedFeatures.of(context)
    of_tanks, of_network = tank_features(context, derived), network_features(context, derived)
    tanks = np.array([of_tanks[each.name] for each in TANK_FEATURES], dtype=np.float64).T
    return np.ascontiguousarray(tanks), np.array(
        [of_network[each.name] for each in NETWORK_FEATURES], dtype=np.float64
    )


def scaled(table: Sequence[Feature], values: FloatArray) -> Float32Array:
    """``values`` (..., F) in units over the scales of ``table``, cut to its ranges."""
    # Cut last, as float32 like the bounds: rounding then takes no number out of the space.
    low, high = bounds(table)
    return np.clip((values / scales(table)).astype(np.float32), low, high)


def scales(table: Sequence[Feature]) -> FloatArray:
    """What the values of each feature are divided by, (F,)."""
    return np.array([each.scale for each in table], dtype=np.float64)


def possible(table: Sequence[Feature], values: FloatArray) -> BoolArray:
    """(..., F) whether ``values`` are what the features can be; NaN never is."""
    low, high = (np.array([each.possible[end] for each in table]) for end in (0, 1))
    return np.asarray((values >= low - ROUNDING) & (values <= high + ROUNDING), dtype=np.bool_)


def bounds(table: Sequence[Feature]) -> tuple[Float32Array, Float32Array]:
    """Lowest and highest value of each feature, (F,)."""
    return np.array([each.low for each in table], dtype=np.float32), np.array(
        [each.high for each in table], dtype=np.float32
    )
