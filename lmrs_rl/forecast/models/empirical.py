"""Empirical quantiles of samples with gaps, and of a panel for series without a history."""

from __future__ import annotations

import numpy as np

from lmrs_rl.domain.arrays import FloatArray
from lmrs_rl.forecast.models.protocol import QUANTILES
from lmrs_rl.forecast.panel import View

RECENT_DAYS = 56
"""[days] of the panel that stand in for a series without a history: enough for a spread, too few
for another season.
"""
COLD_SHARE = 0.1
"""[1/day] mean share of its capacity that a tank uses, where nothing at all was measured."""


def column_quantiles(sample: FloatArray, quantiles: FloatArray = QUANTILES) -> FloatArray:
    """Quantiles (N, Q) of the columns of ``sample`` (S, N), without NaNs; NaN for an empty column.

    Linear between order statistics, as `numpy.quantile` (type 7 of Hyndman and Fan, 1996).
    `numpy.nanquantile` does the same, but slowly.
    """
    s, n = sample.shape
    if s == 0:
        return np.full((n, len(quantiles)), np.nan)
    ordered = np.sort(sample, axis=0)  # NaNs last
    count = s - np.isnan(sample).sum(axis=0)
    position = np.maximum(count - 1, 0)[:, None] * quantiles
    below = position.astype(np.int64)
    above = np.minimum(below + 1, np.maximum(count - 1, 0)[:, None])
    column = np.arange(n)[:, None]
    low, high = ordered[below, column], ordered[above, column]
    between = low + (position - below) * (high - low)
    # On two sides of an order statistic, rounding may let the quantiles fall by a last digit.
    return np.asarray(np.maximum.accumulate(between, axis=1), dtype=np.float64)


def peer_quantiles(view: View) -> FloatArray:
    """Quantiles (N, Q) [kg/day] of the daily use of a series of which only the capacity is known.

    They are those of all series' use as a share of capacity over the last `RECENT_DAYS` days (all
    days where nothing was measured in those), times the series' own capacity. A series without
    capacity takes the quantiles of the use itself. Where nothing was measured at all, use is
    exponential with the mean `COLD_SHARE` of the capacity, or of the panel's median capacity;
    without any capacity it is 0.
    """
    use, capacity = view.past.use[-RECENT_DAYS:], view.past.capacity
    if not np.any(~np.isnan(use)):
        use = view.past.use
    size = np.where(capacity > 0, capacity, np.nan)
    day = column_quantiles(use.reshape(-1, 1))
    share = column_quantiles((use / size).reshape(-1, 1))
    if np.isnan(day).any():
        typical = np.median(size[~np.isnan(size)]) if np.any(~np.isnan(size)) else 0.0
        share = day = -COLD_SHARE * np.log1p(-QUANTILES)[None, :]
        return np.where(np.isnan(size), typical, size)[:, None] * share
    kg = size[:, None] * share
    return np.asarray(np.where(np.isnan(kg), day, kg), dtype=np.float64)


def monotone_quantiles(quantiles: FloatArray) -> FloatArray:
    """The quantiles made non-negative and non-decreasing along the last axis."""
    return np.asarray(np.maximum.accumulate(np.maximum(quantiles, 0.0), axis=-1), dtype=np.float64)


def measured_mean(use: FloatArray) -> FloatArray:
    """(N,) mean over the measured days of ``use`` (D, N), 0 where there are none."""
    known = ~np.isnan(use)
    total = np.where(known, use, 0.0).sum(axis=0)
    return np.asarray(total / np.maximum(known.sum(axis=0), 1), dtype=np.float64)
