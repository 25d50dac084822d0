"""What may happen after a morning, drawn from its forecast and from nothing else."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lmrs_rl.domain import DailyForecast, Forecast, InputError
from lmrs_rl.domain.arrays import HOURS_PER_DAY, MINUTES_PER_DAY, MINUTES_PER_HOUR, FloatArray
from lmrs_rl.environment.imagined import faded
from lmrs_rl.lookahead.risk import DayRisk

LEVELS = (np.arange(20) + 0.5) / 20
"""Quantile levels at which single days of a forecast without daily quantiles are read."""
DRAWS = 100
"""Draws that join the days of such a forecast."""


@dataclass(frozen=True, eq=False)
class Futures:
    """Sample paths of the days to come, and what is foretold on their mornings.

    Attributes
    ----------
    use_kg : (paths, days, 24, n) [kg] what each tank's customer wants in each hour
    forecasts : of the morning of each day; the first is the forecast that the paths were drawn from
    risks : the first day of each of them
    """

    use_kg: FloatArray
    forecasts: tuple[Forecast, ...]
    risks: tuple[DayRisk, ...]

    @property
    def days(self) -> int:
        """How many are drawn."""
        return int(self.use_kg.shape[1])


def draw_futures(forecast: Forecast, paths: int, days: int, rng: np.random.Generator) -> Futures:
    """``paths`` futures of ``days`` days, all tanks and days of a path drawn together.

    Later mornings know of a path no more than today: their forecast is what is left of today's, the
    first day taken off each time. To forecast anew on every imagined morning would cost more than
    it tells. A customer's use is spread over the hours by the forecast's profile, evenly where it
    has none.

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
    later = [faded(daily, k, now + MINUTES_PER_DAY * k) for k in range(1, days)]
    risks = tuple(DayRisk.of(each, shares) for each in (daily, *later))
    return Futures(np.asarray(use_kg, dtype=np.float64), (forecast, *later), risks)


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
