"""A discounted ridge regression for each tank, all tanks at once: the base that carries level, week, weather and calendar."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from lmrs_rl.domain.arrays import FloatArray
from lmrs_rl.forecast.model import QUANTILES
from lmrs_rl.forecast.panel import View

HEATING_BASES = (17.0, 8.0)
"""[deg C] Below these a building is heated: two knees of the degree-day curve."""


@dataclass(frozen=True, eq=False)
class Base:
    """What the ridge says on a morning.

    Attributes
    ----------
    ahead : (N, days) [kg] expected use, >= 0
    fitted : (recent, N) [kg] what it would have said of the past days, the oldest first
    error : (recent, N) [kg] measured use less that, NaN where not measured or stopped
    scale : (N,) [kg] discounted mean size of the error, with a floor, > 0
    level : (N,) [kg] discounted mean use of a day
    measured : (N,) number of days measured so far
    """

    ahead: FloatArray
    fitted: FloatArray
    error: FloatArray
    scale: FloatArray
    level: FloatArray
    measured: FloatArray


@dataclass(frozen=True)
class Ridge:
    """Settings of the ridge.

    Attributes
    ----------
    memory_days : [days] after which an observation counts half, > 0
    longest_days : [days] of the past that are looked at
    penalty : strength of the ridge on standardised regressors, > 0
    recent_days : [days] of errors that `Base` keeps
    """

    memory_days: float = 150.0
    longest_days: int = 730
    penalty: float = 5.0
    recent_days: int = 56

    def __call__(self, view: View, days: int) -> Base:
        """Fit on what ``view`` knows and foretell ``days`` days; works with any number of days known, also none."""
        first = max(0, view.origin - self.longest_days)
        count = view.origin - first
        use = np.asarray(view.past.use[first:])
        stopped = view.shutdown(first, count + days)
        temperature = np.where(np.isnan(view.past.temperature[first:]), view.climatology(first, count), view.past.temperature[first:])
        x = regressors(view, first, np.concatenate([temperature, view.temperature_ahead(days)]))  # (N, count + days, F)
        known = ~np.isnan(use) & ~stopped[:count]
        weight = known * 0.5 ** (np.arange(count - 1, -1, -1) / self.memory_days)[:, None]
        level = (weight * np.where(known, use, 0.0)).sum(axis=0) / np.maximum(weight.sum(axis=0), 1e-12)
        seen = known.sum(axis=0).astype(np.float64)
        level = np.where(seen > 0, level, _peers(level, seen))
        unit = np.where(level > 0, level, 1.0)
        coefficients = self._solve(x[:, :count], np.where(known, use, 0.0) / unit, weight, level / unit)
        everything = np.maximum((x @ coefficients[:, :, None])[:, :, 0] * unit[:, None], 0.0)  # (N, count + days)
        everything = np.where(stopped.T, 0.0, everything)
        fitted = everything[:, max(0, count - self.recent_days) : count].T
        recent = slice(max(0, count - self.recent_days), count)
        error = np.where(known[recent], use[recent] - fitted, np.nan)
        size = np.where(known, np.abs(np.where(known, use, 0.0) - everything[:, :count].T), 0.0)
        scale = (weight * size).sum(axis=0) / np.maximum(weight.sum(axis=0), 1e-12)
        return Base(everything[:, count:], fitted, error, np.maximum(scale, 0.02 * unit) + 1e-9, level, seen)

    def _solve(self, x: FloatArray, y: FloatArray, weight: FloatArray, level: FloatArray) -> FloatArray:
        """(N, F) coefficients; regressors are penalised by their spread, the level hardly at all."""
        weighted = x * weight.T[:, :, None]
        normal = np.matmul(weighted.transpose(0, 2, 1), x)
        right = np.matmul(weighted.transpose(0, 2, 1), (y - level).T[:, :, None])
        ridge = np.full(x.shape[2], float(self.penalty))
        ridge[0] = 0.2
        solved = np.linalg.solve(normal + np.diag(ridge), right)[:, :, 0]
        solved[:, 0] += level
        return np.asarray(solved, dtype=np.float64)


def regressors(view: View, first: int, temperature: FloatArray) -> FloatArray:
    """(N, days, F) regressors of the days from ``first`` on, given their temperatures (days, N), all of about unit size."""
    days, n = temperature.shape
    week = view.weekday(first, days)
    shared = [np.ones(days), *[(week == k) - 1 / 7 for k in range(6)], view.holiday(first, days).astype(np.float64)]
    angle = 2 * np.pi * view.day_of_year(first, days)
    shared += [0.5 * np.cos(angle), 0.5 * np.sin(angle)]
    own = [np.maximum(base - temperature, 0.0).T / 10.0 for base in HEATING_BASES]
    every_series = np.broadcast_to(np.stack(shared, axis=1), (n, days, len(shared)))
    return np.concatenate([every_series, np.stack(own, axis=2)], axis=2)


def _peers(level: FloatArray, seen: FloatArray) -> FloatArray:
    """Stand-in for the level of a series never measured: the mean of the others."""
    known = seen > 0
    return np.full(len(level), level[known].mean() if known.any() else 0.0)


@dataclass(frozen=True)
class RidgeModel:
    """The ridge with the spread of its own recent errors, each shrunk towards those of all series."""

    ridge: Ridge = field(default_factory=Ridge)
    name: str = "ridge"

    def fit(self, view: View, days: int) -> RidgeModel:  # noqa: ARG002
        """Nothing is kept: the ridge is solved anew every morning."""
        return self

    def __call__(self, view: View, days: int) -> FloatArray:
        """See `FittedModel`."""
        base = self.ridge(view, days)
        error = base.error / base.scale
        own = (~np.isnan(error)).sum(axis=0)
        pooled = error[~np.isnan(error)]
        shared = np.quantile(pooled, QUANTILES) if len(pooled) > 50 else 1.25 * normal_scores(QUANTILES)
        spread = np.broadcast_to(shared, (view.n, len(QUANTILES))).copy()
        for k in np.flatnonzero(own >= 14):
            column = error[:, k]
            share = own[k] / (own[k] + 28.0)
            spread[k] = share * np.quantile(column[~np.isnan(column)], QUANTILES) + (1 - share) * shared
        quantiles = base.ahead[:, :, None] + (base.scale[:, None] * spread)[:, None, :]
        return np.maximum(np.sort(quantiles, axis=2), 0.0)


def normal_scores(q: FloatArray) -> FloatArray:
    """Standard normal quantiles, to the four digits that a spread needs (Tukey's lambda, 0.14)."""
    return np.asarray(4.91 * (q**0.14 - (1 - q) ** 0.14), dtype=np.float64)
