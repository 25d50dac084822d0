"""Sample paths of consumption (futures), drawn from a morning's forecast alone."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import TypeVar

import numpy as np

from lmrs_rl.domain import (
    CallInOrders,
    DailyForecast,
    Days,
    Forecast,
    InputError,
    Network,
    Snapshot,
)
from lmrs_rl.domain.arrays import HOURS_PER_DAY, MINUTES_PER_DAY, MINUTES_PER_HOUR, FloatArray
from lmrs_rl.simulation.prices import StockPrices
from lmrs_rl.simulation.state import DecisionState
from lmrs_rl.simulation.world import World
from lmrs_rl.worlds.outages import Breakdowns, Closures, Outages
from lmrs_rl.worlds.parameters import Cost

Rows = TypeVar("Rows", Breakdowns, Closures)

_LEVELS = (np.arange(20) + 0.5) / 20
"""Quantile levels at which a forecast of cumulative consumption is read day by day."""
_DRAWS = 100
"""Joint draws of the days of such a forecast: enough that each level is met several times."""


@dataclass(frozen=True, eq=False)
class TruncatedForecast:
    """A `Forecaster` for later mornings that returns the rest of an earlier ``forecast``.

    After its end the last day of the forecast is repeated.
    """

    forecast: DailyForecast

    def __call__(self, network: Network, snapshot: Snapshot) -> DailyForecast:  # noqa: ARG002
        elapsed = (snapshot.time_min - self.forecast.start_min) // MINUTES_PER_DAY
        return truncated(self.forecast, min(elapsed, self.forecast.days - 1), snapshot.time_min)


def truncated(forecast: DailyForecast, days: int, now_min: int) -> DailyForecast:
    """``forecast`` without its first ``days`` days, starting at ``now_min``."""
    f = forecast
    # Slices of arrays that were checked already need no second check.
    return DailyForecast.trusted(
        now_min, f.quantiles, f.daily_kg[:, days:], f.ranks[:, :, days:], f.profile
    )


@dataclass(frozen=True, eq=False)
class Futures:
    """Sample paths of the coming days, and the forecasts of their mornings.

    Attributes
    ----------
    use_kg : (paths, days, 24, n) [kg] demand at each tank in each hour
    forecasts : one for the morning of each day; the paths were drawn from the first
    daily : the first forecast by days
    """

    use_kg: FloatArray
    forecasts: tuple[Forecast, ...]
    daily: DailyForecast

    @property
    def days(self) -> int:
        """Number of days of each path."""
        return int(self.use_kg.shape[1])

    def __call__(self, network: Network, snapshot: Snapshot) -> Forecast:
        """The forecast of a simulated morning: futures are a `Forecaster`."""
        day = (snapshot.time_min - self.daily.start_min) // MINUTES_PER_DAY
        if day < self.days:
            return self.forecasts[day]
        return TruncatedForecast(self.daily)(network, snapshot)

    def world(self, state: DecisionState, path: int, cost: Cost, prices: StockPrices) -> World:
        """The world in which demand follows ``path`` from ``state`` on, which is its day 0.

        It holds only what is known on the morning: the network without closures announced later,
        and the snapshot with the breakdowns known by then. There are no call-in orders, since none
        is known yet.
        """
        use_kg = self.use_kg[path].reshape(-1, self.use_kg.shape[-1])
        days = Days(f"future {path}", state.snapshot, use_kg, CallInOrders.none())
        outages = Outages.none(state.network.n_tanks)
        return World(state.network, days, outages, self, cost, prices, state.date)


def draw_futures(forecast: Forecast, paths: int, days: int, rng: np.random.Generator) -> Futures:
    """Draw ``paths`` futures of ``days`` days, jointly over all tanks and days of a path.

    Later mornings know no more of a path than today: their forecast is the rest of today's
    forecast. A new forecast on every simulated morning would cost more than it adds. A day's
    consumption is spread over its hours by the forecast's profile, or evenly without one.

    Raises
    ------
    InputError
        For a number of days below 1 or beyond the end of the forecast.
    """
    if not 1 <= days <= forecast.days:
        raise InputError(
            "days",
            days,
            f"1 to the {forecast.days} days of the forecast",
            "look less far ahead or forecast further",
        )
    drawn = forecast.paths(paths, rng)[:, :, :days]  # (paths, n, days)
    shares = hourly_shares(forecast)  # (n or 1, 24)
    use_kg = drawn.transpose(0, 2, 1)[:, :, None, :] * shares.T[None, None]
    daily, now = as_daily(forecast), forecast.start_min
    later = [truncated(daily, k, now + MINUTES_PER_DAY * k) for k in range(1, days)]
    return Futures(np.asarray(use_kg, dtype=np.float64), (forecast, *later), daily)


def imagined(world: World, state: DecisionState, rng: np.random.Generator) -> World:
    """``world`` with consumption drawn from the forecast of ``state``, over its whole horizon.

    Breakdowns, closures and call-in orders that are not known on that morning do not occur.
    """
    futures = draw_futures(state.forecast, 1, state.forecast.days, rng)
    drawn = futures.world(state, 0, world.cost, world.prices)
    # The state's network and snapshot have the known outages in them. Here these stay apart, as in
    # ``world`` itself, and every morning applies them anew.
    return replace(
        drawn,
        network=world.network,
        days=replace(drawn.days, start=state.stock),
        outages=known_at(world.outages, state.snapshot.time_min),
        seed=world.seed,
    )


def known_at(outages: Outages, time_min: int) -> Outages:
    """The part of ``outages`` that is known at ``time_min``."""
    return replace(
        outages,
        breakdowns=_rows_known(outages.breakdowns, time_min),
        closures=_rows_known(outages.closures, time_min),
    )


def _rows_known(table: Rows, time_min: int) -> Rows:
    rows = table.known_min <= time_min
    return replace(table, **{each.name: getattr(table, each.name)[rows] for each in fields(table)})


def hourly_shares(forecast: Forecast) -> FloatArray:
    """Shares (n, 24) or (1, 24) of a day's consumption by hour, from the forecast's start on."""
    profile = forecast.profile if isinstance(forecast, DailyForecast) else None
    if profile is None:
        return np.full((1, HOURS_PER_DAY), 1.0 / HOURS_PER_DAY)
    # The profile begins at hour 0 of the network's clock, a forecast at any hour.
    first = forecast.start_min // MINUTES_PER_HOUR % HOURS_PER_DAY
    return np.asarray(np.roll(profile, -first, axis=1), dtype=np.float64)


def as_daily(forecast: Forecast) -> DailyForecast:
    """The forecast as daily quantiles.

    Cumulative quantiles are read day by day at `_LEVELS`. Every draw keeps its quantile level from
    day to day, as paths of a cumulative forecast do.
    """
    if isinstance(forecast, DailyForecast):
        return forecast
    by_level = np.stack([forecast.quantile(float(q)) for q in _LEVELS], axis=2)  # (n, days, Q)
    # A `DailyForecast` refuses numbers below 0 and quantiles that fall, even by a last digit.
    daily_kg = np.maximum.accumulate(np.maximum(by_level, 0.0), axis=2).astype(np.float32)
    shared = ((np.arange(_DRAWS) + 0.5) / _DRAWS).astype(np.float32)
    ranks = np.broadcast_to(shared[:, None, None], (_DRAWS, *by_level.shape[:2]))
    return DailyForecast(forecast.start_min, _LEVELS, daily_kg, ranks)
