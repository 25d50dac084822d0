"""The seasonal naive: last week again, the benchmark that every other model has to beat."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lmrs_rl.domain.arrays import FloatArray
from lmrs_rl.forecast.models.empirical import column_quantiles, monotone_quantiles, peer_quantiles
from lmrs_rl.forecast.models.protocol import QUANTILES
from lmrs_rl.forecast.panel import View

WEEK = 7
_WEEKS_BACK = 8
"""Number of weeks that are searched for a measured day of the same weekday."""
RESIDUAL_DAYS = 84
"""[days] of past residuals that give the quantiles: about a season; better on real tanks than 182
or 364.
"""
SHRINK = 8.0
"""Number of residuals at which a series' own quantiles weigh as much as those of all series."""


@dataclass(frozen=True)
class SeasonalNaive:
    """The last measured day of the same weekday, with the quantiles of its past errors.

    Residuals are a day's use less the use a week before, with both signs, so that the median stays
    last week's value. They grow with the square root of the weeks between a day and the day it is
    copied from, as those of a seasonal random walk do (Hyndman and Athanasopoulos, Forecasting:
    Principles and Practice, section 5.5). A series with ``m`` residuals takes m / (m + 8) of its
    own quantiles and the rest from all series', scaled to its level.

    - No day of the weekday in 8 weeks: the mean of the series' last 28 measured days.
    - No measured day at all: the panel's share of capacity, see `empirical.peer_quantiles`.
    """

    @property
    def name(self) -> str:
        return "SeasonalNaive"

    def fit(self, view: View, days: int) -> SeasonalNaive:  # noqa: ARG002
        """Nothing is learned: everything is read from the morning's view."""
        return self

    def __call__(self, view: View, days: int) -> FloatArray:
        """Daily quantiles (N, days, Q) [kg]."""
        use = view.past.use
        level = _level(use)
        value, weeks = _last_week(use, days, level)  # (days, N) each
        spread = _residual_quantiles(use[-RESIDUAL_DAYS - WEEK :], level)  # (N, Q)
        result = value.T[:, :, None] + np.sqrt(weeks).T[:, :, None] * spread[:, None, :]
        cold = np.isnan(level)[:, None, None]
        return monotone_quantiles(np.where(cold, peer_quantiles(view)[:, None, :], result))


def _level(use: FloatArray, days: int = 28) -> FloatArray:
    """(N,) [kg] mean of each series' last ``days`` measured days, NaN without any."""
    measured = ~np.isnan(use)
    later = np.cumsum(measured[::-1], axis=0)[::-1]
    counted = measured & (later <= days)
    count = counted.sum(axis=0)
    total = np.where(counted, use, 0.0).sum(axis=0)
    return np.asarray(np.where(count > 0, total / np.maximum(count, 1), np.nan), dtype=np.float64)


def _last_week(use: FloatArray, days: int, level: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Use [kg] that each day ahead is copied from, and the weeks in between, (days, N) each.

    The level and 1 week where no measured day is found.
    """
    d, n = use.shape
    ahead = np.arange(days)
    value = np.full((days, n), np.nan)
    weeks = np.ones((days, n))
    # Beyond a week ahead the first weeks back are not past yet, so more of them are looked at.
    for back in range(1, _WEEKS_BACK + 1 + (days - 1) // WEEK):
        row = d + ahead - WEEK * back
        past = (row >= 0) & (row < d)
        candidate = np.full((days, n), np.nan)
        candidate[past] = use[row[past]]
        taken = np.isnan(value) & ~np.isnan(candidate)
        value, weeks = np.where(taken, candidate, value), np.where(taken, float(back), weeks)
    return np.where(np.isnan(value), level, value), weeks


def _residual_quantiles(use: FloatArray, level: FloatArray) -> FloatArray:
    """Quantiles (N, Q) [kg] of the use less that of a week before, with both signs.

    They are shrunk to those of all series where there are few.
    """
    residual = use[WEEK:] - use[:-WEEK] if len(use) > WEEK else np.full((0, use.shape[1]), np.nan)
    both = np.concatenate([residual, -residual])
    count = (~np.isnan(residual)).sum(axis=0)
    own = column_quantiles(both)
    scaled = column_quantiles((both / np.where(level > 0, level, np.nan)).reshape(-1, 1))
    # Where no series has two weeks yet: as uncertain as an exponential distribution.
    shared = np.where(np.isnan(scaled), -np.log1p(-QUANTILES) - 1.0, scaled) * level[:, None]
    # NaN would stay NaN even with a weight of 0.
    own, shared = (np.where(np.isnan(each), 0.0, each) for each in (own, shared))
    weight = (count / (count + SHRINK))[:, None]
    return np.asarray(weight * own + (1.0 - weight) * shared, dtype=np.float64)
