"""Futures that may happen, drawn from a morning's forecast: for looking ahead without knowing
better.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import TypeVar

import numpy as np

from lmrs_rl.domain import DailyForecast, InputError, Network, Snapshot
from lmrs_rl.domain.arrays import HOURS_PER_DAY, MINUTES_PER_DAY
from lmrs_rl.environment.simulation import Morning, Simulated
from lmrs_rl.worlds.scenario import Breakdowns, Closures

Outages = TypeVar("Outages", Breakdowns, Closures)


@dataclass(frozen=True, eq=False)
class Fading:
    """What is left of one morning's forecast on the mornings after; its last day goes on for
    ever.
    """

    forecast: DailyForecast

    def __call__(self, network: Network, snapshot: Snapshot) -> DailyForecast:  # noqa: ARG002
        since = (snapshot.time_min - self.forecast.start_min) // MINUTES_PER_DAY
        return faded(self.forecast, min(since, self.forecast.days - 1), snapshot.time_min)


def faded(forecast: DailyForecast, gone: int, now_min: int) -> DailyForecast:
    """What is left of ``forecast`` at ``now_min``, without its first ``gone`` days."""
    f = forecast
    return DailyForecast.trusted(
        now_min, f.quantiles, f.daily_kg[:, gone:], f.ranks[:, :, gone:], f.profile
    )


def imagined(world: Simulated, morning: Morning, rng: np.random.Generator) -> Simulated:
    """The scenario with consumption drawn from the forecast of ``morning`` for as many days as that
    has; later mornings know no more of it.

    Breakdowns, closures and call-in orders that are not known on ``morning`` do not come.

    Raises
    ------
    InputError
        For a forecast that is not of daily quantiles.
    """
    forecast, scenario = morning.forecast, world.scenario
    if not isinstance(forecast, DailyForecast):
        raise InputError(
            "forecast",
            type(forecast).__name__,
            "a DailyForecast",
            "ask for what really happens, without a seed",
        )
    use = np.array(scenario.days.use_kg)
    day_kg = forecast.paths(1, rng)[0]  # (n, days)
    hourly = day_kg.T[:, None, :] * scenario.profile.T[None, :, :]
    first = HOURS_PER_DAY * morning.day
    left = use[first:]
    hourly = hourly.reshape(-1, use.shape[1])[: len(left)]
    left[: len(hourly)] = hourly
    now = morning.snapshot.time_min
    called = scenario.days.call_in_orders
    days = replace(
        scenario.days,
        use_kg=use,
        call_in_orders=called.take(np.flatnonzero(called.announced_min <= now)),
    )
    known = replace(
        scenario,
        days=days,
        breakdowns=_known(scenario.breakdowns, now),
        closures=_known(scenario.closures, now),
    )
    return replace(world, scenario=known, forecaster=Fading(forecast))


def _known(outages: Outages, now_min: int) -> Outages:
    """Those of ``outages`` that are known at ``now_min``."""
    rows = outages.known_min <= now_min
    return replace(
        outages, **{each.name: getattr(outages, each.name)[rows] for each in fields(outages)}
    )
