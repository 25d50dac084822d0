"""A discounted ridge regression for each tank, all tanks at once: the base that carries level,
week, weather and calendar.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from lmrs_rl.domain.arrays import BoolArray, FloatArray, IntArray
from lmrs_rl.forecast.models.empirical import column_quantiles
from lmrs_rl.forecast.models.protocol import QUANTILES
from lmrs_rl.forecast.models.short_histories import YOUNG_DAYS, ShortHistories, with_young
from lmrs_rl.forecast.panel import View

HEATING_BASES = (17.0, 8.0)
"""[deg C] Below these a building is heated: two knees of the degree-day curve."""

SPREAD_DAYS = 56
"""[days] whose errors the ridge alone takes its spread from."""

DRIFT = (0.3, 3.0)
"""Bounds of how far the latest days may move a level."""

INERTIA = 0.4
"""Share of yesterday in the temperature that a building feels."""

FIRST_PENALTY, NOISE_DAYS, PENALTY = 5.0, 14.0, (0.2, 20.0)
"""Of the first solution; days that the panel's typical noise counts beside a series' own; bounds
of the second penalty.
"""

LEVEL_SHARE = 0.04
"""Penalty of the level as a share of that of the other coefficients."""

LEAST_PEERS = 3
"""Grown series that a type needs for a shape of its own."""


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
    coefficients : (N, F) [kg] of `regressors` ahead, the latest level included
    """

    ahead: FloatArray
    fitted: FloatArray
    error: FloatArray
    scale: FloatArray
    level: FloatArray
    measured: FloatArray
    coefficients: FloatArray = field(default_factory=lambda: np.zeros((0, 0)))


@dataclass(frozen=True)
class Ridge:
    """Settings of the ridge.

    Attributes
    ----------
    memory_days : [days] after which an observation counts half, > 0
    longest_days : [days] of the past that are looked at
    spread : how far a coefficient of a series may lie from that of its type, as a share of its
        level, > 0
    recent_days : [days] of errors that `Base` keeps
    level_days : [days] after which a day counts half for the level that the latest days have, > 0
    level_prior : [days] of the usual level that are added to those, > 0
    """

    memory_days: float = 250.0
    longest_days: int = 730
    spread: float = 0.25
    recent_days: int = 364
    level_days: float = 90.0
    level_prior: float = 40.0

    def __call__(self, view: View, days: int) -> Base:
        """Fit on what ``view`` knows and foretell ``days`` days; works with any number of days
        known, also none.
        """
        first = max(0, view.origin - self.longest_days)
        count = view.origin - first
        use = np.asarray(view.past.use[first:])
        stopped = view.shutdown(first, count + days)
        temperature = np.where(
            np.isnan(view.past.temperature[first:]),
            view.climatology(first, count),
            view.past.temperature[first:],
        )
        x = regressors(
            view, first, np.concatenate([temperature, view.temperature_ahead(days)])
        )  # (N, count + days, F)
        known = ~np.isnan(use) & ~stopped[:count]
        weight = known * 0.5 ** (np.arange(count - 1, -1, -1) / self.memory_days)[:, None]
        level = (weight * np.where(known, use, 0.0)).sum(axis=0) / np.maximum(
            weight.sum(axis=0), 1e-12
        )
        seen = known.sum(axis=0).astype(np.float64)
        level = np.where(seen > 0, level, _peers(level, seen))
        y, past = np.where(known, use, 0.0), x[:, :count]
        sums = _Sums.of(past, y, weight)
        shape = self._shape(sums, level, seen, view.past.customer_type)
        unit = _unit(past, y, weight, shape, level)
        coefficients = self._solve(sums.over(unit), shape)
        coefficients = with_young(
            ShortHistories(past, y / unit, weight), coefficients, seen, view.past.customer_type
        )
        usual = np.maximum(
            (x @ coefficients[:, :, None])[:, :, 0].T * unit, 0.0
        )  # (count + days, N)
        drift = self._drift(y, np.where(known, usual[:count], 0.0), weight)  # (count + 1, N)
        everything = np.where(
            stopped, 0.0, usual * np.concatenate([drift, np.repeat(drift[-1:], days - 1, axis=0)])
        )
        recent = slice(max(0, count - self.recent_days), count)
        size = np.where(known, np.abs(y - everything[:count]), 0.0)
        error = np.where(known[recent], use[recent] - everything[recent], np.nan)
        scale = (weight * size).sum(axis=0) / np.maximum(weight.sum(axis=0), 1e-12)
        scale = np.maximum(scale, 0.02 * unit) + 1e-9
        return Base(
            everything[count:].T,
            everything[recent],
            error,
            scale,
            level,
            seen,
            coefficients * (unit * drift[-1])[:, None],
        )

    def _drift(self, y: FloatArray, usual: FloatArray, weight: FloatArray) -> FloatArray:
        """(count + 1, N) factor of the level on each morning: use over what is usual, in the
        days before it, drawn towards 1.
        """
        count = len(y)
        mean = (weight * usual).sum(axis=0) / np.maximum(weight.sum(axis=0), 1e-12)
        ending = (
            2.0 ** ((np.arange(count) - count) / self.level_days)[:, None]
        )  # grows towards today: one sum for all mornings
        prior = (
            self.level_prior
            * (mean + 1e-9)
            * 2.0 ** ((np.arange(count + 1) - count) / self.level_days)[:, None]
        )
        used, expected = (
            np.concatenate([np.zeros((1, len(mean))), np.cumsum(ending * each, axis=0)])
            for each in (y, usual)
        )
        return np.asarray(np.clip((used + prior) / (expected + prior), *DRIFT), dtype=np.float64)

    def _shape(
        self, sums: _Sums, level: FloatArray, seen: FloatArray, kind: IntArray
    ) -> FloatArray:
        """(N, F) what a kg of level is made of in series of the same type: the mean of their own
        coefficients.

        All series' where fewer than three of the type are old enough, a flat level where none is.
        """
        flat = np.zeros(sums.moment.shape)
        flat[:, 0] = 1.0
        old = (seen >= YOUNG_DAYS) & (level > 0)
        if not old.any():
            return flat
        own = self._solve(sums.only(old).over(level[old]), flat[old])
        shape = np.broadcast_to(own.mean(axis=0), flat.shape).copy()
        for each in np.unique(kind):
            if (mine := kind[old] == each).sum() >= LEAST_PEERS:
                shape[kind == each] = own[mine].mean(axis=0)
        return shape

    def _solve(self, sums: _Sums, prior: FloatArray) -> FloatArray:
        """(N, F) coefficients, drawn towards ``prior`` (N, F), the level less: the more, the
        noisier the series (empirical Bayes).

        The penalty of a coefficient is the variance of the noise over that of the coefficients
        about those of the type, `spread` squared. The noise is what a first solution, with a
        penalty that suits most, leaves over.
        """
        level = np.ones(prior.shape[1])
        level[0] = LEVEL_SHARE
        right = sums.moment - (sums.normal @ prior[:, :, None])[:, :, 0]
        first = (
            prior
            + np.linalg.solve(sums.normal + np.diag(FIRST_PENALTY * level), right[:, :, None])[
                :, :, 0
            ]
        )
        noise = sums.left_over(first)
        typical = np.median(noise / np.maximum(sums.total, 1.0)) if len(noise) else 0.0
        noise = (noise + NOISE_DAYS * typical) / (sums.total + NOISE_DAYS)
        penalty = np.clip(noise / self.spread**2, *PENALTY)
        step = np.linalg.solve(
            sums.normal + penalty[:, None, None] * np.diag(level), right[:, :, None]
        )
        return np.asarray(prior + step[:, :, 0], dtype=np.float64)


@dataclass(frozen=True, eq=False)
class _Sums:
    """Weighted sums over days of ``x x'`` (N, F, F), ``x y`` (N, F), ``y y`` (N,) and 1 (N,):
    all that a least-squares fit needs.
    """

    normal: FloatArray
    moment: FloatArray
    square: FloatArray
    total: FloatArray

    @staticmethod
    def of(x: FloatArray, y: FloatArray, weight: FloatArray) -> _Sums:
        weighted = (x * weight.T[:, :, None]).transpose(0, 2, 1)
        return _Sums(
            weighted @ x,
            (weighted @ y.T[:, :, None])[:, :, 0],
            (weight * y**2).sum(axis=0),
            weight.sum(axis=0),
        )

    def over(self, unit: FloatArray) -> _Sums:
        """With ``y`` in another unit for each series."""
        return _Sums(self.normal, self.moment / unit[:, None], self.square / unit**2, self.total)

    def only(self, series: BoolArray) -> _Sums:
        return _Sums(
            self.normal[series], self.moment[series], self.square[series], self.total[series]
        )

    def left_over(self, coefficients: FloatArray) -> FloatArray:
        """(N,) weighted sum of the squared errors of ``coefficients`` (N, F)."""
        explained = 2.0 * (coefficients * self.moment).sum(axis=1) - (
            coefficients * (self.normal @ coefficients[:, :, None])[:, :, 0]
        ).sum(axis=1)
        return np.asarray(np.maximum(self.square - explained, 0.0), dtype=np.float64)


def _unit(
    x: FloatArray, y: FloatArray, weight: FloatArray, shape: FloatArray, level: FloatArray
) -> FloatArray:
    """(N,) [kg] scale at which a series' use fits the shape of its type, whatever the season it
    was measured in; > 0.
    """
    typical = np.maximum((x @ shape[:, :, None])[:, :, 0].T, 0.05)
    unit = (weight * y).sum(axis=0) / np.maximum((weight * typical).sum(axis=0), 1e-12)
    measured = weight.sum(axis=0) > 0
    unit = np.where(measured, unit, level)
    return np.asarray(np.where(unit > 0, unit, 1.0), dtype=np.float64)


def regressors(view: View, first: int, temperature: FloatArray) -> FloatArray:
    """(N, days, F) regressors of the days from ``first`` on, given their temperatures (days, N),
    all of about unit size.
    """
    days, n = temperature.shape
    felt = temperature.copy()
    for day in range(1, days):
        felt[day] = INERTIA * felt[day - 1] + (1 - INERTIA) * temperature[day]
    week = view.weekday(first, days)
    shared = [
        np.ones(days),
        *[(week == k) - 1 / 7 for k in range(6)],
        view.holiday(first, days).astype(np.float64),
    ]
    angle = 2 * np.pi * view.day_of_year(first, days)
    shared += [0.5 * np.cos(angle), 0.5 * np.sin(angle)]
    own = [np.maximum(base - felt, 0.0).T / 10.0 for base in HEATING_BASES]
    every_series = np.broadcast_to(np.stack(shared, axis=1), (n, days, len(shared)))
    return np.concatenate([every_series, np.stack(own, axis=2)], axis=2)


def _peers(level: FloatArray, seen: FloatArray) -> FloatArray:
    """Stand-in for the level of a series never measured: the mean of the others."""
    known = seen > 0
    return np.full(len(level), level[known].mean() if known.any() else 0.0)


@dataclass(frozen=True)
class RidgeModel:
    """The ridge with the spread of its own recent errors, each shrunk towards those of all
    series.
    """

    ridge: Ridge = field(default_factory=Ridge)
    name: str = "ridge"

    def fit(self, view: View, days: int) -> RidgeModel:  # noqa: ARG002
        """Nothing is kept: the ridge is solved anew every morning."""
        return self

    def __call__(self, view: View, days: int) -> FloatArray:
        """See `FittedModel`."""
        return self.on(self.ridge(view, days), view, days)

    def on(self, base: Base, view: View, days: int) -> FloatArray:  # noqa: ARG002
        """The same on what the ridge has said already."""
        quantiles = base.ahead[:, :, None] + self.spread_kg(base)[:, None, :]
        return np.maximum(np.sort(quantiles, axis=2), 0.0)

    def spread_kg(self, base: Base) -> FloatArray:
        """(N, Q) [kg] quantiles of the error of a day."""
        error = base.error[-SPREAD_DAYS:] / base.scale
        own = (~np.isnan(error)).sum(axis=0)
        pooled = error[~np.isnan(error)]
        shared = (
            np.quantile(pooled, QUANTILES) if len(pooled) > 50 else 1.25 * normal_scores(QUANTILES)
        )
        share = np.where(own >= 14, own / (own + 28.0), 0.0)[:, None]
        spread = np.where(share > 0, share * column_quantiles(error) + (1 - share) * shared, shared)
        return np.asarray(base.scale[:, None] * spread, dtype=np.float64)


def normal_scores(q: FloatArray) -> FloatArray:
    """Standard normal quantiles, to the four digits that a spread needs (Tukey's lambda, 0.14)."""
    return np.asarray(4.91 * (q**0.14 - (1 - q) ** 0.14), dtype=np.float64)
