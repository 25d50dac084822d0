"""A discounted ridge regression for each tank on level, weekday, weather and calendar.

All tanks are solved at once, in batched linear algebra. Other models learn from its errors.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from lmrs_rl.domain.arrays import BoolArray, FloatArray, IntArray
from lmrs_rl.forecast.models.empirical import column_quantiles
from lmrs_rl.forecast.models.protocol import QUANTILES
from lmrs_rl.forecast.models.short_histories import (
    YOUNG_DAYS,
    ShortHistories,
    with_shrunk_coefficients,
)
from lmrs_rl.forecast.panel import View

_HEATING_BASES = (17.0, 8.0)
"""[deg C] A building is heated below these: two knees of the degree-day curve."""

_SPREAD_DAYS = 56
"""[days] of errors that the ridge alone takes its spread from."""

_DRIFT = (0.3, 3.0)
"""Bounds of the factor by which the latest days may move a level."""

_INERTIA = 0.4
"""Share of yesterday in the temperature that a building feels."""

_FIRST_PENALTY, _PENALTY = 5.0, (0.2, 20.0)
"""Penalty of the first solution, and bounds of the second one, see `Ridge._solve`."""

_NOISE_DAYS = 14.0
"""[days] Weight of the panel's typical noise beside the days of a series."""

_LEVEL_SHARE = 0.04
"""Penalty of the level as a share of that of the other coefficients: levels differ most."""

_LEAST_PEERS = 3
"""Series with a long history that a type needs for a shape of its own."""

_LEAST_SCALE = 0.02
"""Floor of the error's scale as a share of the level: perfect past days promise no perfection."""

_NORMAL_SPREAD = 1.25
"""Standard deviation of a normal error over its mean size, about sqrt(pi / 2)."""


@dataclass(frozen=True, eq=False)
class RidgeForecast:
    """The ridge's forecast on a morning, with what other models need to build on it.

    Attributes
    ----------
    ahead : (N, days) [kg] expected use, >= 0
    fitted : (recent, N) [kg] its fit to the past days, the oldest first
    error : (recent, N) [kg] measured use less the fit, NaN where not measured or in a shutdown
    scale : (N,) [kg] discounted mean size of the error, with a floor, > 0
    level : (N,) [kg] discounted mean use of a day
    measured : (N,) number of days measured so far
    coefficients : (N, F) [kg] of `regressors` for the days ahead, the latest level included
    """

    ahead: FloatArray
    fitted: FloatArray
    error: FloatArray
    scale: FloatArray
    level: FloatArray
    measured: FloatArray
    coefficients: FloatArray = field(default_factory=lambda: np.zeros((0, 0)))


@dataclass(frozen=True, eq=False)
class _Data:
    """What the ridge is fitted to.

    Attributes
    ----------
    x : (N, past + days, F) regressors of the past and of the days ahead
    y : (past, N) [kg] use, 0 where not known
    known : (past, N) whether a day was measured and in no shutdown
    stopped : (past + days, N) whether a day lies in a shutdown
    weight : (past, N) discount of a day, 0 where not known
    """

    x: FloatArray
    y: FloatArray
    known: BoolArray
    stopped: BoolArray
    weight: FloatArray


@dataclass(frozen=True)
class Ridge:
    """Settings of the ridge.

    Attributes
    ----------
    memory_days : [days] half life of an observation, > 0
    longest_days : [days] of the past that are used
    spread : standard deviation of a series' coefficients about those of its type, as a share of
        its level, > 0
    recent_days : [days] of errors that `RidgeForecast` keeps
    level_days : [days] half life of a day in the latest level, > 0
    level_prior : [days] weight of the usual level beside the latest days, > 0
    """

    memory_days: float = 250.0
    longest_days: int = 730
    spread: float = 0.25
    recent_days: int = 364
    level_days: float = 90.0
    level_prior: float = 40.0

    def __call__(self, view: View, days: int) -> RidgeForecast:
        """Fit to what ``view`` knows and forecast ``days`` days; no day need be known."""
        data = self._data(view, days)
        count = len(data.y)
        measured = data.known.sum(axis=0).astype(np.float64)
        level = _level(data.y, data.weight, measured)
        coefficients, unit = self._coefficients(data, level, measured, view.past.customer_type)
        # What a series usually uses, then moved with the latest days and 0 in shutdowns.
        usual = np.maximum((data.x @ coefficients[:, :, None])[:, :, 0].T * unit, 0.0)
        drift = self._drift(data.y, np.where(data.known, usual[:count], 0.0), data.weight)
        # Past days have the factor of their own morning: later levels must not make errors small.
        factor = np.concatenate([drift, np.repeat(drift[-1:], days - 1, axis=0)])
        expected = np.where(data.stopped, 0.0, usual * factor)  # (count + days, N)
        recent = slice(max(0, count - self.recent_days), count)
        error = np.where(data.known[recent], data.y[recent] - expected[recent], np.nan)
        size = np.where(data.known, np.abs(data.y - expected[:count]), 0.0)
        scale = (data.weight * size).sum(axis=0) / np.maximum(data.weight.sum(axis=0), 1e-12)
        return RidgeForecast(
            ahead=expected[count:].T,
            fitted=expected[recent],
            error=error,
            scale=np.maximum(scale, _LEAST_SCALE * unit) + 1e-9,
            level=level,
            measured=measured,
            coefficients=coefficients * (unit * drift[-1])[:, None],
        )

    def _data(self, view: View, days: int) -> _Data:
        """Regressors and use of the last `longest_days`, and regressors of the days ahead."""
        first = max(0, view.origin - self.longest_days)
        count = view.origin - first
        use = np.asarray(view.past.use[first:])
        stopped = view.shutdown(first, count + days)
        temperature = view.past.temperature[first:]
        gaps = np.isnan(temperature)
        temperature = np.where(gaps, view.climatology(first, count), temperature)
        x = regressors(view, first, np.concatenate([temperature, view.temperature_ahead(days)]))
        known = ~np.isnan(use) & ~stopped[:count]
        weight = known * 0.5 ** (np.arange(count - 1, -1, -1) / self.memory_days)[:, None]
        return _Data(x, np.where(known, use, 0.0), known, stopped, weight)

    def _coefficients(
        self, data: _Data, level: FloatArray, measured: FloatArray, kind: IntArray
    ) -> tuple[FloatArray, FloatArray]:
        """Coefficients (N, F) in units (N,) [kg] of each series."""
        past = data.x[:, : len(data.y)]
        sums = _Sums.of(past, data.y, data.weight)
        shape = self._shape(sums, level, measured, kind)
        unit = _unit(past, data.y, data.weight, shape, level)
        coefficients = self._solve(sums.over(unit), shape)
        histories = ShortHistories(past, data.y / unit, data.weight)
        return with_shrunk_coefficients(histories, coefficients, measured, kind), unit

    def _drift(self, y: FloatArray, usual: FloatArray, weight: FloatArray) -> FloatArray:
        """(count + 1, N) factor of the level on each morning.

        Use over usual use in the days before the morning, shrunk to 1.
        """
        count = len(y)
        mean = (weight * usual).sum(axis=0) / np.maximum(weight.sum(axis=0), 1e-12)
        # Weights that grow towards today instead of decaying from each morning: their common factor
        # cancels in the quotient, and one cumulative sum serves all mornings.
        growing = 2.0 ** ((np.arange(count) - count) / self.level_days)[:, None]
        # The 1e-9 keeps the factor at 1 where nothing was ever used.
        prior = (
            self.level_prior
            * (mean + 1e-9)
            * 2.0 ** ((np.arange(count + 1) - count) / self.level_days)[:, None]
        )
        used, expected = (
            np.concatenate([np.zeros((1, len(mean))), np.cumsum(growing * each, axis=0)])
            for each in (y, usual)
        )
        return np.asarray(np.clip((used + prior) / (expected + prior), *_DRIFT), dtype=np.float64)

    def _shape(
        self, sums: _Sums, level: FloatArray, measured: FloatArray, kind: IntArray
    ) -> FloatArray:
        """(N, F) mean coefficients per unit of level of the grown series of the same type.

        Those of all grown series where a type has fewer than three, a flat level where there are
        none.
        """
        flat = np.zeros(sums.moment.shape)
        flat[:, 0] = 1.0
        grown = (measured >= YOUNG_DAYS) & (level > 0)
        if not grown.any():
            return flat
        own = self._solve(sums.only(grown).over(level[grown]), flat[grown])
        shape = np.broadcast_to(own.mean(axis=0), flat.shape).copy()
        for each in np.unique(kind):
            if (mine := kind[grown] == each).sum() >= _LEAST_PEERS:
                shape[kind == each] = own[mine].mean(axis=0)
        return shape

    def _solve(self, sums: _Sums, prior: FloatArray) -> FloatArray:
        """(N, F) coefficients, shrunk to ``prior`` (N, F) the more, the noisier the series.

        Empirical Bayes: the penalty of a coefficient is the variance of the noise over the variance
        of coefficients about those of the type, `spread` squared; the level's is smaller. The noise
        is the residual of a first solution, with a penalty that suits most series.
        """
        relative = np.ones(prior.shape[1])
        relative[0] = _LEVEL_SHARE
        right = (sums.moment - (sums.normal @ prior[:, :, None])[:, :, 0])[:, :, None]
        step = np.linalg.solve(sums.normal + np.diag(_FIRST_PENALTY * relative), right)
        noise = sums.residual(prior + step[:, :, 0])
        typical = np.median(noise / np.maximum(sums.total, 1.0)) if len(noise) else 0.0
        noise = (noise + _NOISE_DAYS * typical) / (sums.total + _NOISE_DAYS)
        penalty = np.clip(noise / self.spread**2, *_PENALTY)
        step = np.linalg.solve(sums.normal + penalty[:, None, None] * np.diag(relative), right)
        return np.asarray(prior + step[:, :, 0], dtype=np.float64)


@dataclass(frozen=True, eq=False)
class _Sums:
    """Sufficient statistics of weighted least squares.

    Weighted sums over days of ``x x'`` (N, F, F), ``x y`` (N, F), ``y y`` (N,) and 1 (N,).
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
        """The sums with ``y`` in units (N,) of each series."""
        return _Sums(self.normal, self.moment / unit[:, None], self.square / unit**2, self.total)

    def only(self, series: BoolArray) -> _Sums:
        return _Sums(
            self.normal[series], self.moment[series], self.square[series], self.total[series]
        )

    def residual(self, coefficients: FloatArray) -> FloatArray:
        """(N,) weighted sum of the squared errors of ``coefficients`` (N, F)."""
        product = (self.normal @ coefficients[:, :, None])[:, :, 0]
        # Rounding may leave less than 0 where the fit is perfect, hence the floor.
        explained = 2.0 * (coefficients * self.moment).sum(axis=1) - (coefficients * product).sum(
            axis=1
        )
        return np.asarray(np.maximum(self.square - explained, 0.0), dtype=np.float64)


def _level(y: FloatArray, weight: FloatArray, measured: FloatArray) -> FloatArray:
    """(N,) [kg] discounted mean use of a day; for series never measured the mean of the others."""
    level = (weight * y).sum(axis=0) / np.maximum(weight.sum(axis=0), 1e-12)
    known = measured > 0
    others = level[known].mean() if known.any() else 0.0
    return np.where(known, level, others)


def _unit(
    x: FloatArray, y: FloatArray, weight: FloatArray, shape: FloatArray, level: FloatArray
) -> FloatArray:
    """(N,) [kg] scale at which a series' use fits the shape of its type, > 0.

    Unlike the mean, it does not depend on the season in which the series was measured.
    """
    typical = np.maximum((x @ shape[:, :, None])[:, :, 0].T, 0.05)
    unit = (weight * y).sum(axis=0) / np.maximum((weight * typical).sum(axis=0), 1e-12)
    measured = weight.sum(axis=0) > 0
    unit = np.where(measured, unit, level)
    return np.asarray(np.where(unit > 0, unit, 1.0), dtype=np.float64)


def regressors(view: View, first: int, temperature: FloatArray) -> FloatArray:
    """(N, days, F) regressors of the days from ``first`` on, given their temperatures (days, N).

    Level, weekdays, holidays, season and heating degrees, all of about unit size.
    """
    days, n = temperature.shape
    felt = temperature.copy()
    for day in range(1, days):
        felt[day] = _INERTIA * felt[day - 1] + (1 - _INERTIA) * temperature[day]
    week = view.weekday(first, days)
    shared = [
        np.ones(days),
        # Less their mean over a week, so that the level is a week's mean; Sunday follows from the
        # other six.
        *[(week == k) - 1 / 7 for k in range(6)],
        view.holiday(first, days).astype(np.float64),
    ]
    angle = 2 * np.pi * view.day_of_year(first, days)
    shared += [0.5 * np.cos(angle), 0.5 * np.sin(angle)]
    own = [np.maximum(base - felt, 0.0).T / 10.0 for base in _HEATING_BASES]
    every_series = np.broadcast_to(np.stack(shared, axis=1), (n, days, len(shared)))
    return np.concatenate([every_series, np.stack(own, axis=2)], axis=2)


@dataclass(frozen=True)
class RidgeModel:
    """The ridge with the quantiles of its recent errors, shrunk to those of all series."""

    ridge: Ridge = field(default_factory=Ridge)
    name: str = "ridge"

    def fit(self, view: View, days: int) -> RidgeModel:  # noqa: ARG002
        """Nothing is stored: the ridge is solved anew every morning."""
        return self

    def __call__(self, view: View, days: int) -> FloatArray:
        """See `FittedModel`."""
        return self.on(self.ridge(view, days), view, days)

    def on(self, base: RidgeForecast, view: View, days: int) -> FloatArray:  # noqa: ARG002
        """The same forecast, given the ridge's ``base`` of that view."""
        quantiles = base.ahead[:, :, None] + self.spread_kg(base)[:, None, :]
        return np.maximum(np.sort(quantiles, axis=2), 0.0)

    def spread_kg(self, base: RidgeForecast) -> FloatArray:
        """(N, Q) [kg] quantiles of the error of a day."""
        error = base.error[-_SPREAD_DAYS:] / base.scale
        own = (~np.isnan(error)).sum(axis=0)
        pooled = error[~np.isnan(error)]
        shared = _NORMAL_SPREAD * normal_scores(QUANTILES)
        if len(pooled) > 50:
            shared = np.quantile(pooled, QUANTILES)
        share = np.where(own >= 14, own / (own + 28.0), 0.0)[:, None]
        # Chosen, not weighted by 0: the quantiles of a series without errors are NaN.
        spread = np.where(share > 0, share * column_quantiles(error) + (1 - share) * shared, shared)
        return np.asarray(base.scale[:, None] * spread, dtype=np.float64)


def normal_scores(q: FloatArray) -> FloatArray:
    """Standard normal quantiles, to the four digits that a spread needs (Tukey's lambda, 0.14)."""
    return np.asarray(4.91 * (q**0.14 - (1 - q) ** 0.14), dtype=np.float64)
