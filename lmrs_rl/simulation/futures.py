"""Futures drawn from a morning's forecast and from nothing else."""

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

LEVELS = (np.arange(20) + 0.5) / 20
"""Quantile levels at which single days of a forecast without daily quantiles are read."""
DRAWS = 100
"""Draws that join the days of such a forecast."""


@dataclass(frozen=True, eq=False)
class TruncatedForecast:
    """A `Forecaster` of later mornings that knows no more than ``forecast``: what is left of it.
    Its last day goes on for ever.
    """

    forecast: DailyForecast

    def __call__(self, network: Network, snapshot: Snapshot) -> DailyForecast:  # noqa: ARG002
        since = (snapshot.time_min - self.forecast.start_min) // MINUTES_PER_DAY
        return truncated(self.forecast, min(since, self.forecast.days - 1), snapshot.time_min)


def truncated(forecast: DailyForecast, days: int, now_min: int) -> DailyForecast:
    """What is left of ``forecast`` at ``now_min``, without its first ``days`` days."""
    f = forecast
    return DailyForecast.trusted(
        now_min, f.quantiles, f.daily_kg[:, days:], f.ranks[:, :, days:], f.profile
    )


@dataclass(frozen=True, eq=False)
class Futures:
    """Sample paths of the coming days, and the forecasts of their mornings.

    Attributes
    ----------
    use_kg : (paths, days, 24, n) [kg] what each tank's customer wants in each hour
    forecasts : of the morning of each day; the first is the forecast that the paths were drawn
        from
    daily : that forecast by days
    """

    use_kg: FloatArray
    forecasts: tuple[Forecast, ...]
    daily: DailyForecast

    @property
    def days(self) -> int:
        """How many are drawn."""
        return int(self.use_kg.shape[1])

    def __call__(self, network: Network, snapshot: Snapshot) -> Forecast:
        """The forecast of an imagined morning: a `Forecaster`."""
        day = (snapshot.time_min - self.daily.start_min) // MINUTES_PER_DAY
        if day < self.days:
            return self.forecasts[day]
        return TruncatedForecast(self.daily)(network, snapshot)

    def world(self, state: DecisionState, path: int, cost: Cost, prices: StockPrices) -> World:
        """The world in which ``path`` happens from ``state`` on, the state being its day 0.

        Only what is known on the morning is in it: its network (closures announced later are not),
        its snapshot (with breakdowns known by then). Nobody calls in on imagined days.
        """
        use_kg = self.use_kg[path].reshape(-1, self.use_kg.shape[-1])
        days = Days(f"future {path}", state.snapshot, use_kg, CallInOrders.none())
        outages = Outages.none(state.network.n_tanks)
        return World(state.network, days, outages, self, cost, prices, state.date)


def draw_futures(forecast: Forecast, paths: int, days: int, rng: np.random.Generator) -> Futures:
    """``paths`` futures of ``days`` days, all tanks and days of a path drawn together.

    Later mornings know of a path no more than today: their forecast is what is left of today's,
    the first day taken off each time. To forecast anew on every imagined morning would cost more
    than it tells. A customer's use is spread over the hours by the forecast's profile, evenly where
    it has none.

    Raises
    ------
    InputError
        For no days or more than the forecast has: nothing is known of those beyond.
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
    """``world`` with consumption drawn from the forecast of ``state``, for as many days as that
    has; later mornings know no more of it.

    Breakdowns, closures and call-in orders that are not known on that morning do not come.
    """
    futures = draw_futures(state.forecast, 1, state.forecast.days, rng)
    drawn = futures.world(state, 0, world.cost, world.prices)
    return replace(
        drawn,
        network=world.network,
        days=replace(drawn.days, start=state.stock),
        outages=known_at(world.outages, state.snapshot.time_min),
        seed=world.seed,
    )


def known_at(outages: Outages, time_min: int) -> Outages:
    """Those of ``outages`` that are known at ``time_min``."""
    return replace(
        outages,
        breakdowns=_rows_known(outages.breakdowns, time_min),
        closures=_rows_known(outages.closures, time_min),
    )


def _rows_known(table: Rows, time_min: int) -> Rows:
    rows = table.known_min <= time_min
    return replace(table, **{each.name: getattr(table, each.name)[rows] for each in fields(table)})


def hourly_shares(forecast: Forecast) -> FloatArray:
    """(n, 24) or (1, 24) share of a day's use in each hour from the moment of the forecast on."""
    profile = forecast.profile if isinstance(forecast, DailyForecast) else None
    if profile is None:
        return np.full((1, HOURS_PER_DAY), 1.0 / HOURS_PER_DAY)
    first = forecast.start_min // MINUTES_PER_HOUR % HOURS_PER_DAY
    return np.asarray(np.roll(profile, -first, axis=1), dtype=np.float64)


def as_daily(forecast: Forecast) -> DailyForecast:
    """The forecast by days. One of cumulative quantiles is read at `LEVELS`; a future keeps its
    quantile from day to day, as it does there.
    """
    if isinstance(forecast, DailyForecast):
        return forecast
    by_level = np.stack([forecast.quantile(float(q)) for q in LEVELS], axis=2)  # (n, days, Q)
    daily_kg = np.maximum.accumulate(np.maximum(by_level, 0.0), axis=2).astype(np.float32)
    shared = ((np.arange(DRAWS) + 0.5) / DRAWS).astype(np.float32)
    return DailyForecast(
        forecast.start_min,
        LEVELS,
        daily_kg,
        np.broadcast_to(shared[:, None, None], (DRAWS, *by_level.shape[:2])),
    )
