"""What every forecasting model is, and the quantiles that all of them foretell."""

from __future__ import annotations

from typing import Protocol

import numpy as np

from lmrs_rl.domain.arrays import FloatArray
from lmrs_rl.forecast.panel import View

QUANTILES: FloatArray = np.array(
    [0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.975, 0.99]
)
"""Levels of the daily quantiles that models foretell."""


class FittedModel(Protocol):
    """A model that has learned; it may be asked from its own morning on."""

    def __call__(self, view: View, days: int) -> FloatArray:
        """Daily quantiles (N, days, Q) [kg] of the days from ``view.origin`` on: >= 0, never
        falling in the quantile.
        """
        ...


class TrainableModel(Protocol):
    """A way to learn from what is known on a morning."""

    @property
    def name(self) -> str:
        """For tables and files."""
        ...

    def fit(self, view: View, days: int) -> FittedModel:
        """Learn from ``view`` to foretell up to ``days`` days ahead. Works with no day, and with
        no series' history, at all.
        """
        ...
