"""Module 1 made cheap: the ridge solved once a week, its coefficients asked every morning.

Thousands of scenarios need thousands of mornings' forecasts, and a week adds next to nothing to a
year of history. What changes from day to day, weather and announced stops, is looked at every
morning.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from lmrs_rl.domain import DailyForecast, InputError, Network, Snapshot
from lmrs_rl.domain.arrays import MINUTES_PER_DAY, FloatArray
from lmrs_rl.domain.quantile_function import Float32Array, PlacedRanks
from lmrs_rl.forecast.live import BLIND_SEED, morning
from lmrs_rl.forecast.models.cold import with_cold_start
from lmrs_rl.forecast.models.protocol import QUANTILES
from lmrs_rl.forecast.models.ridge import RidgeModel, regressors
from lmrs_rl.forecast.panel import Panel, View
from lmrs_rl.forecast.paths import blind_pool

LEAD_DAYS = 5
"""[days] of measured temperature before a morning: a building feels none older."""
DRAWS = 100
"""Draws of the pool that joins the days: quantiles are read at this resolution every morning, so
half of the usual number.
"""
WEEK = 7


@dataclass(frozen=True)
class WeeklyRidge:
    """The ridge as a model whose fit is kept: coefficients and spread are those of the morning
    it learned on.
    """

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
        lead = min(LEAD_DAYS, view.origin)
        first = view.origin - lead
        measured = view.past.temperature[first:]
        if np.isnan(measured).any():
            measured = np.where(np.isnan(measured), view.climatology(first, lead), measured)
        x = regressors(view, first, np.concatenate([measured, view.temperature_ahead(days)]))[
            :, lead:
        ]
        ahead = np.maximum((x @ self.coefficients[:, :, None])[:, :, 0], 0.0)
        ahead = np.where(view.shutdown(view.origin, days).T, 0.0, ahead)
        quantiles = np.maximum(np.sort(ahead[:, :, None] + self.spread_kg[:, None, :], axis=2), 0.0)
        return with_cold_start(view, quantiles)


@dataclass(frozen=True, eq=False)
class ForecastTable:
    """Forecasts of mornings in a row, all made before the first is asked for; a forecast cube in
    memory.

    Attributes
    ----------
    ids : (n,) tanks
    first_day : row of the panel that is the first morning's day
    first_min : [min] where row 0 starts on the network's clock
    daily_kg : (mornings, n, days, Q) [kg]
    ranks : (draws, n, days)
    profile : (n, 24) or ``None``
    """

    ids: tuple[str, ...]
    first_day: int
    first_min: int
    daily_kg: Float32Array
    ranks: Float32Array
    profile: FloatArray | None

    def at(self, day: int) -> DailyForecast:
        """The forecast on the morning of row ``day`` of the panel (`InputError` for one that is
        not held).
        """
        k = day - self.first_day
        if not 0 <= k < len(self.daily_kg):
            last = self.first_day + len(self.daily_kg) - 1
            raise InputError(
                "day", day, f"{self.first_day} to {last}", "make the table of more mornings"
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
        """The ranks, which are those of every morning."""
        return PlacedRanks.of(QUANTILES, self.ranks).by_tank()

    def __call__(self, network: Network, snapshot: Snapshot) -> DailyForecast:
        return self.at(morning(network, snapshot, self.ids, self.first_min))


def weekly_table(
    panel: Panel, first_day: int, mornings: int, days: int, profile: FloatArray | None
) -> ForecastTable:
    """Forecasts of ``mornings`` from row ``first_day`` of ``panel`` on, where the network's clock
    starts; the model learns on every seventh.

    Each is made from what was known that morning. ``days`` is their length, ``profile`` (n, 24) see
    `DailyForecast`.
    """
    table = np.empty((mornings, len(panel.ids), days, len(QUANTILES)), dtype=np.float32)
    model = WeeklyRidge()
    for k in range(mornings):
        view = panel.known_at(first_day + k)
        if k % WEEK == 0:
            fitted = model.fit(view, days)
        table[k] = fitted(view, days)
    table.setflags(write=False)
    ranks = blind_pool(DRAWS, len(panel.ids), days, np.random.default_rng(BLIND_SEED))
    ranks.setflags(write=False)
    return ForecastTable(panel.ids, first_day, -MINUTES_PER_DAY * first_day, table, ranks, profile)
