"""Small models and panels for tests of what is built around models."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from lmrs_rl.domain.arrays import FloatArray
from lmrs_rl.domain.quantile_function import Float32Array
from lmrs_rl.forecast.models.protocol import QUANTILES
from lmrs_rl.forecast.panel import Panel, Shutdowns, View


def panel(days: int = 30, ids: tuple[str, ...] = ("A", "B"), **changes: Any) -> Panel:
    """Use between 0 and 100 kg a day from a Monday on, measured and forecast weather, one
    announced stop.
    """
    rng, n = np.random.default_rng(11), len(ids)
    parts: dict[str, Any] = {
        "ids": ids,
        "first_day": np.datetime64("2024-01-01"),
        "use": rng.uniform(0, 100, (days, n)),
        "capacity": np.full(n, 1000.0),
        "customer_type": np.zeros(n, dtype=np.int64),
        "product": np.zeros(n, dtype=np.int64),
        "temperature": rng.normal(8, 5, (days, n)),
        "issued": rng.normal(8, 5, (days, 7, n)),
        "holidays": (),
        "shutdowns": Shutdowns(np.array([1]), np.array([22]), np.array([23]), np.array([20])),
    }
    return Panel(**(parts | changes))


@dataclass(frozen=True)
class MeanModel:
    """Twice the mean use so far times the level; 10 kg where nothing was measured, half of it in
    an announced stop. A degree is a kg.
    """

    def __call__(self, view: View, days: int) -> FloatArray:
        measured = ~np.isnan(view.past.use)
        mean = np.where(measured, view.past.use, 0).sum(axis=0) / np.maximum(
            measured.sum(axis=0), 1
        )
        mean = np.where(measured.any(axis=0), mean, 10.0)
        warm = np.maximum(view.temperature_ahead(days).T, 0)
        open_share = 1 - 0.5 * view.shutdown(view.origin, days).T
        return np.asarray(((mean[:, None] + warm) * open_share)[:, :, None] * 2 * QUANTILES)


@dataclass(frozen=True)
class JointMeanModel(MeanModel):
    """The same with a pool of 5 draws that changes every third morning."""

    def ranks(self, view: View, days: int) -> Float32Array:
        return np.random.default_rng(view.origin // 3).random((5, view.n, days), dtype=np.float32)
