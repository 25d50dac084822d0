"""A forecast given by cumulative consumption itself: known use, or quantiles of past sums."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from lmrs_rl.domain.arrays import HOURS_PER_DAY, FloatArray, floats, integers
from lmrs_rl.domain.forecast import (
    Forecast,
    count_of_paths,
    of_sorted,
    quantile_levels,
    wanted_level,
    wanted_levels,
)
from lmrs_rl.domain.network_parts import _set
from lmrs_rl.errors import InputError

GRID = 200
"""Levels at which single days are read off cumulative quantiles."""


@dataclass(frozen=True, eq=False)
class CumulativeForecast(Forecast):
    """Quantiles of the cumulative consumption of every tank, hour by hour; with one quantile, a
    future without doubt.

    Between the quantiles held everything is linear, beyond the outermost it is that one. Joint over
    days, a future keeps its quantile for ever: that has the cumulative quantiles held, and single
    days (`quantile`) are read off it.

    Attributes
    ----------
    quantiles : (Q,) increasing, in (0, 1)
    cumulative_kg : (Q, n, H + 1) [kg] consumption from ``start_min`` to the end of each hour; 0 at
        hour 0, never decreasing in the hour or the quantile
    """

    quantiles: FloatArray
    cumulative_kg: FloatArray

    def __post_init__(self) -> None:
        _set(self, "start_min", int(integers("forecast.start_min", self.start_min, ())))
        _set(self, "quantiles", quantile_levels("forecast.quantiles", self.quantiles))
        q, shape = len(self.quantiles), np.shape(self.cumulative_kg)
        if len(shape) != 3 or shape[0] != q or shape[2] < 2:
            raise InputError(
                "forecast.cumulative_kg",
                f"shape {shape}",
                f"shape ({q}, tanks, hours + 1)",
                "give one matrix a quantile",
            )
        _set(self, "cumulative_kg", floats("forecast.cumulative_kg", self.cumulative_kg, shape))
        c = self.cumulative_kg
        if np.any(c[:, :, 0] != 0):
            raise InputError(
                "forecast.cumulative_kg",
                "a first column that is not 0",
                "consumption since the start",
                "prepend the hour 0",
            )
        if np.any(np.diff(c, axis=2) < 0) or np.any(np.diff(c, axis=0) < 0):
            raise InputError(
                "forecast.cumulative_kg",
                "a decrease",
                "no decrease in hour or quantile",
                "sort quantiles, clip negative use",
            )

    @property
    def n_tanks(self) -> int:
        return int(self.cumulative_kg.shape[1])

    @property
    def hours(self) -> int:
        return int(self.cumulative_kg.shape[2]) - 1

    @property
    def days(self) -> int:
        return self.hours // HOURS_PER_DAY

    def quantile(self, q: ArrayLike) -> FloatArray:
        # The levels that `of_sorted` takes sorted draws for: the k-th is (k - 0.5) / GRID.
        levels = np.broadcast_to((np.arange(GRID)[:, None] + 0.5) / GRID, (GRID, self.n_tanks))
        # Sorted, since use in a day is a difference, which may fall from one level to the next.
        return of_sorted(
            np.sort(self._days_at(levels).transpose(1, 2, 0), axis=2), wanted_level(q, self.n_tanks)
        )

    def paths(self, n: int, rng: np.random.Generator) -> FloatArray:
        # A level for each tank: the quantiles do not say how tanks depend on each other.
        return self._days_at(rng.random((count_of_paths(n), self.n_tanks)))

    def cumulative(self, q: ArrayLike) -> FloatArray:
        return self._at(wanted_levels(q, self.n_tanks), self.cumulative_kg)

    def stockout_probability(self, levels: ArrayLike) -> FloatArray:
        held = floats("levels", levels, (self.n_tanks,))[:, None]
        c = self._by_day[:, :, 1:]
        over = np.sum(c < held, axis=0)  # (n, D) the first quantile at which the level is used up
        high = (
            np.clip(over, 1, max(len(self.quantiles) - 1, 1))
            if len(self.quantiles) > 1
            else np.zeros_like(over)
        )
        low = np.maximum(high - 1, 0)
        lower, upper = (
            np.take_along_axis(c, low[None], axis=0)[0],
            np.take_along_axis(c, high[None], axis=0)[0],
        )
        share = np.clip((held - lower) / np.where(upper > lower, upper - lower, 1.0), 0.0, 1.0)
        inside = 1 - (self.quantiles[low] + share * (self.quantiles[high] - self.quantiles[low]))
        return np.asarray(
            np.where(over == 0, 1.0, np.where(over == len(self.quantiles), 0.0, inside)),
            dtype=np.float64,
        )

    @property
    def _by_day(self) -> FloatArray:
        """(Q, n, D + 1) [kg]"""
        return self.cumulative_kg[:, :, : self.days * HOURS_PER_DAY + 1 : HOURS_PER_DAY]

    def _days_at(self, q: FloatArray) -> FloatArray:
        """Use a day (k, n, D) [kg] of futures at the levels ``q`` (k, n)."""
        return np.asarray(
            np.maximum(np.diff(self._at(q, self._by_day), axis=2), 0.0), dtype=np.float64
        )

    def _at(self, q: FloatArray, kg: FloatArray) -> FloatArray:
        """Quantiles ``q`` (..., n) of ``kg`` (Q, n, X), (..., n, X)."""
        last = len(self.quantiles) - 1
        # With one quantile both ends are that one, so that the share between them has no effect.
        high = np.clip(np.searchsorted(self.quantiles, q), 1, max(last, 1))
        low = high - 1
        high = np.minimum(high, last)
        span = self.quantiles[high] - self.quantiles[low]
        share = np.clip((q - self.quantiles[low]) / np.where(span > 0, span, 1.0), 0.0, 1.0)[
            ..., None
        ]
        each = np.arange(kg.shape[1])
        lower, upper = kg[low, each], kg[high, each]
        return np.asarray(lower + share * (upper - lower), dtype=np.float64)
