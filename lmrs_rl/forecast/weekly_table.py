"""Cheap forecasts for training: the ridge is solved once a week and applied every morning.

Training takes the forecasts of thousands of scenarios, and a week adds next to nothing to a year of
history. What changes from day to day, weather and announced shutdowns, enters every morning.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from lmrs_rl.domain import DailyForecast, InputError, Network, Snapshot
from lmrs_rl.domain.arrays import MINUTES_PER_DAY, FloatArray
from lmrs_rl.domain.quantile_function import Float32Array, PlacedRanks
from lmrs_rl.forecast.live import DEFAULT_RANKS_SEED, morning
from lmrs_rl.forecast.models.cold import with_cold_start
from lmrs_rl.forecast.models.protocol import QUANTILES
from lmrs_rl.forecast.models.ridge import RidgeModel, regressors
from lmrs_rl.forecast.panel import Panel, View
from lmrs_rl.forecast.paths import default_rank_pool

_LEAD_DAYS = 5
"""[days] of measured temperature before a morning: older ones no longer matter to a building."""
_DRAWS = 100
"""Number of rank vectors in the pool of the dependence between days.

Half of the usual number, since all of them are read every morning."""
WEEK = 7


@dataclass(frozen=True)
class WeeklyRidge:
    """The ridge as a model whose coefficients and spread stay those of the morning of its fit."""

    ridge: RidgeModel = field(default_factory=RidgeModel)
    name: str = "weekly ridge"

    def fit(self, view: View, days: int) -> FittedRidge:
        """Solve the ridge on what ``view`` knows."""
        base = self.ridge.ridge(view, days)
        return FittedRidge(base.coefficients, self.ridge.spread_kg(base))


@dataclass(frozen=True, eq=False)
class FittedRidge:
    """Coefficients (N, F) [kg] of the regressors and quantiles (N, Q) [kg] of a day's error."""

    coefficients: FloatArray
    spread_kg: FloatArray

    def __call__(self, view: View, days: int) -> FloatArray:
        """See `FittedModel`."""
        lead = min(_LEAD_DAYS, view.origin)
        first = view.origin - lead
        measured = view.past.temperature[first:]
        if np.isnan(measured).any():
            measured = np.where(np.isnan(measured), view.climatology(first, lead), measured)
        temperature = np.concatenate([measured, view.temperature_ahead(days)])
        x = regressors(view, first, temperature)[:, lead:]
        ahead = np.maximum((x @ self.coefficients[:, :, None])[:, :, 0], 0.0)
        ahead = np.where(view.shutdown(view.origin, days).T, 0.0, ahead)
        quantiles = np.maximum(np.sort(ahead[:, :, None] + self.spread_kg[:, None, :], axis=2), 0.0)
        return with_cold_start(view, quantiles)


@dataclass(frozen=True, eq=False)
class ForecastTable:
    """Precomputed forecasts of successive mornings: a forecast cube in memory.

    Attributes
    ----------
    ids : (n,) tanks
    first_day : the panel's row of the first morning's day
    first_min : [min] start of row 0 on the network's clock
    daily_kg : (mornings, n, days, Q) [kg] quantiles of daily use
    ranks : (draws, n, days) pool of rank vectors, the same for all mornings
    profile : (n, 24) hourly profile or ``None``
    """

    ids: tuple[str, ...]
    first_day: int
    first_min: int
    daily_kg: Float32Array
    ranks: Float32Array
    profile: FloatArray | None

    def at(self, day: int) -> DailyForecast:
        """The forecast on the morning of row ``day`` of the panel (`InputError` without one)."""
        k = day - self.first_day
        if not 0 <= k < len(self.daily_kg):
            last = self.first_day + len(self.daily_kg) - 1
            raise InputError(
                "day", day, f"{self.first_day} to {last}", "compute the table for more mornings"
            )
        return DailyForecast.trusted(
            self.first_min + MINUTES_PER_DAY * day,
            QUANTILES,
            self.daily_kg[k],
            self.ranks,
            self.profile,
            self._placed,
        )

    @cached_property
    def _placed(self) -> PlacedRanks:
        """The ranks located among the quantiles, once for all mornings."""
        return PlacedRanks.of(QUANTILES, self.ranks).by_tank()

    def __call__(self, network: Network, snapshot: Snapshot) -> DailyForecast:
        return self.at(morning(network, snapshot, self.ids, self.first_min))


def weekly_table(
    panel: Panel, first_day: int, mornings: int, days: int, profile: FloatArray | None
) -> ForecastTable:
    """Forecasts of successive mornings, by a model that learns on every seventh of them.

    Each is made from what was known that morning.

    Parameters
    ----------
    panel : histories of the tanks
    first_day : row of the first morning's day, where the network's clock starts
    mornings : number of mornings
    days : [days] length of each forecast
    profile : (n, 24) hourly profile, see `DailyForecast`
    """
    table = np.empty((mornings, len(panel.ids), days, len(QUANTILES)), dtype=np.float32)
    model = WeeklyRidge()
    for week in range(0, mornings, WEEK):
        fitted = model.fit(panel.known_at(first_day + week), days)
        for k in range(week, min(week + WEEK, mornings)):
            table[k] = fitted(panel.known_at(first_day + k), days)
    # Forecasts are views of these arrays, neither checked nor copied.
    table.setflags(write=False)
    ranks = default_rank_pool(
        _DRAWS, len(panel.ids), days, np.random.default_rng(DEFAULT_RANKS_SEED)
    )
    ranks.setflags(write=False)
    return ForecastTable(panel.ids, first_day, -MINUTES_PER_DAY * first_day, table, ranks, profile)
