"""The tiny world as features see it, under any forecast, before numbers are scaled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from lmrs_rl.dispatchers import FixedDispatcher, FixedParameters
from lmrs_rl.dispatchers.policy import Geometry, PolicyContext
from lmrs_rl.dispatchers.policy.context import DerivedFeatures
from lmrs_rl.dispatchers.policy.network_features import network_features
from lmrs_rl.dispatchers.policy.tank_features import tank_features
from lmrs_rl.domain import Forecast, Network
from lmrs_rl.domain.arrays import FloatArray
from lmrs_rl.domain.cumulative_forecast import CumulativeForecast
from tests import tiny

NETWORK = tiny.network()


def forecast(
    day_kg: Sequence[Sequence[Sequence[float]]], levels: Sequence[float] = (0.5,)
) -> CumulativeForecast:
    """Use of each tank on each day [kg], spread evenly over its hours, for each quantile."""
    hourly = np.repeat(np.asarray(day_kg, dtype=np.float64) / 24, 24, axis=2)
    total = np.concatenate([np.zeros((*hourly.shape[:2], 1)), hourly.cumsum(axis=2)], axis=2)
    return CumulativeForecast(start_min=0, quantiles=np.array(levels), cumulative_kg=total)


def steady(days: int) -> CumulativeForecast:
    """240 kg a day at A, 120 at B."""
    return forecast([[[240.0] * days, [120.0] * days]])


def context(
    network: Network = NETWORK,
    seen: Forecast | None = None,
    snapshot: dict[str, Any] | None = None,
    date: str = "2024-01-01",
    parameters: FixedParameters | None = None,
    **more: Any,
) -> PolicyContext:
    """What is seen with ``parameters`` as the baseline; ``snapshot`` holds changes of it."""
    seen = steady(7) if seen is None else seen
    now = replace(tiny.snapshot(), **({} if snapshot is None else snapshot))
    # Forecasts start when they are looked at.
    seen = replace(seen, start_min=now.time_min)
    base = FixedDispatcher(FixedParameters() if parameters is None else parameters)
    chosen = {"base": base(network, now, seen), "plans": (), **more}
    return PolicyContext(
        network, now, seen, Geometry.of(network), date=np.datetime64(date), **chosen
    )


def of_tanks(**given: Any) -> dict[str, FloatArray]:
    seen = context(**given)
    return tank_features(seen, DerivedFeatures.of(seen))


def of_network(**given: Any) -> dict[str, float]:
    seen = context(**given)
    return network_features(seen, DerivedFeatures.of(seen))
