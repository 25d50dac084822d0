"""Protocols of forecasting models, and the quantile levels that all of them forecast."""

from __future__ import annotations

from typing import Protocol

import numpy as np

from lmrs_rl.domain.arrays import FloatArray
from lmrs_rl.forecast.panel import View

QUANTILES: FloatArray = np.array(
    [0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.975, 0.99]
)
"""Levels of the daily quantiles that models forecast."""


class FittedModel(Protocol):
    """A model that has learned; it forecasts from the morning it was fitted on or a later one."""

    def __call__(self, view: View, days: int) -> FloatArray:
        """Daily quantiles (N, days, Q) [kg] of the days from ``view.origin`` on.

        They are >= 0 and do not fall along the last axis.
        """
        ...


class TrainableModel(Protocol):
    """A model that can learn from what is known on a morning."""

    @property
    def name(self) -> str:
        """Name for tables and files."""
        ...

    def fit(self, view: View, days: int) -> FittedModel:
        """Learn from ``view`` to forecast up to ``days`` days ahead.

        It has to work without any past day, and without a history of any series.
        """
        ...
