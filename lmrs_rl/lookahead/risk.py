"""Stock-out probabilities of a day, which replace the stock-outs of a sampled day.

A stock-out is rare and expensive. A few sampled days either miss it or contain it by chance; its
probability, given the levels of the morning and the drops of the day, has the variance of thousands
of samples (conditioning, also called Rao-Blackwellisation: Asmussen & Glynn 2007, Stochastic
Simulation, section V.4, doi:10.1007/978-0-387-69033-9).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lmrs_rl.domain import DailyForecast, Executed, Snapshot
from lmrs_rl.domain.arrays import HOURS_PER_DAY, MINUTES_PER_HOUR, FloatArray
from lmrs_rl.domain.quantile_function import with_tails
from lmrs_rl.simulation.futures import Futures, as_daily, hourly_shares


@dataclass(frozen=True, eq=False)
class DayRisk:
    """Distribution of each tank's consumption on the first day of a forecast.

    Attributes
    ----------
    levels : (K,) increasing, in (0, 1)
    knots_kg : (n, K) [kg] quantiles of the day's consumption at these levels, non-decreasing
    used_share : (24, n) cumulative share of it that is consumed by the end of each hour
    """

    levels: FloatArray
    knots_kg: FloatArray
    used_share: FloatArray

    @classmethod
    def of(cls, forecast: DailyForecast, shares: FloatArray) -> DayRisk:
        """The risk of a forecast's first day.

        ``shares`` (n, 24) or (1, 24) split the day's consumption into hours, from the start of the
        forecast on.
        """
        levels, knots = with_tails(forecast.quantiles, forecast.daily_kg[:, 0])
        used = np.broadcast_to(np.cumsum(shares, axis=1), (forecast.n_tanks, HOURS_PER_DAY)).T
        return cls(levels, np.maximum.accumulate(knots, axis=1), used)

    def stockout_probability(self, before: Snapshot, executed: Executed) -> FloatArray:
        """Probability (n,) of a stock-out at each tank on the day ``executed`` from ``before`` on.

        A tank is out of stock once consumption exceeds its initial level and the drops so far;
        drops count from their hour on, as when days are executed.
        """
        supply = before.level_kg + np.cumsum(_dropped(before, executed), axis=0)  # (24, n)
        # A day's consumption up to the least of supply / share over the hours leaves no hour short.
        with np.errstate(divide="ignore", invalid="ignore"):
            served = np.where(self.used_share > 0, supply / self.used_share, np.inf)
        return 1.0 - self.cdf(served.min(axis=0))

    def cdf(self, kg: FloatArray) -> FloatArray:
        """Probability (n,) that each tank consumes at most ``kg`` (n,) on the day.

        The distribution function is linear between knots, 0 below and 1 above them.
        """
        each, last = np.arange(len(kg)), len(self.levels) - 1
        # The tolerance puts a value that equals a knot but for rounding at the knot.
        under = np.sum(self.knots_kg <= kg[:, None] * (1 + 1e-9), axis=1)
        low = np.clip(under - 1, 0, last - 1)
        left, right = self.knots_kg[each, low], self.knots_kg[each, low + 1]
        within = np.clip((kg - left) / np.where(right > left, right - left, 1.0), 0.0, 1.0)
        inside = self.levels[low] + within * (self.levels[low + 1] - self.levels[low])
        return np.where(under == 0, 0.0, np.where(under > last, 1.0, inside))


def day_risks(futures: Futures) -> tuple[DayRisk, ...]:
    """The risk of each day of ``futures``, from the forecast of its morning."""
    shares = hourly_shares(futures.forecasts[0])
    daily = (futures.daily, *(as_daily(each) for each in futures.forecasts[1:]))
    return tuple(DayRisk.of(each, shares) for each in daily)


def _dropped(before: Snapshot, executed: Executed) -> FloatArray:
    """Quantity (24, n) [kg] dropped in each hour by trips of the day and by those under way."""
    n, transit = len(before.level_kg), before.in_transit
    kg = np.zeros((HOURS_PER_DAY, n))
    # Customers from n on are call-in customers, which have no tank.
    stops = [
        stop
        for trip in executed.trips
        for stop in trip.stops
        if stop.kind == "drop" and stop.place < n
    ]
    minute = np.array(
        [*(stop.arrival_min for stop in stops), *transit.arrival_min.tolist()], dtype=np.int64
    )
    tank = np.array([*(stop.place for stop in stops), *transit.tank.tolist()], dtype=np.int64)
    amount = np.array([*(stop.kg for stop in stops), *transit.kg.tolist()], dtype=np.float64)
    hour = np.maximum((minute - executed.from_min) // MINUTES_PER_HOUR, 0)
    today = hour < HOURS_PER_DAY
    # Several drops at a tank in one hour add up; indexing with `+=` would count one of them.
    np.add.at(kg, (hour[today], tank[today]), amount[today])
    return kg
