"""Futures are drawn from the forecast and from nothing else."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from lmrs_rl.domain import CumulativeForecast, DailyForecast, InputError
from lmrs_rl.simulation import run
from lmrs_rl.simulation.futures import (
    TruncatedForecast,
    as_daily,
    draw_futures,
    hourly_shares,
    imagined,
)
from lmrs_rl.worlds import Breakdowns, Closures
from tests import tiny
from tests.environment.small import PLANNER, first_morning, small_scenario, small_world

DAY = 1440


def known(days: int = 5) -> CumulativeForecast:
    """The tiny world's future without doubt."""
    return CumulativeForecast(
        0, np.array([0.5]), tiny.USE_KG_PER_H[None, :, None] * np.arange(24 * days + 1)
    )


def test_a_day_of_a_path_is_that_of_the_forecasts_path() -> None:
    forecast = first_morning().forecast
    futures = draw_futures(forecast, 4, 3, np.random.default_rng(7))
    paths = forecast.paths(4, np.random.default_rng(7))
    assert futures.use_kg.shape == (4, 3, 24, forecast.n_tanks)
    assert futures.use_kg.sum(axis=2) == pytest.approx(paths[:, :, :3].transpose(0, 2, 1))


def test_hours_follow_the_profile_from_the_moment_of_the_forecast_on() -> None:
    # All use in the hour from 6 to 7; at 4 in the morning that is the third hour to come.
    profile = np.zeros((1, 24))
    profile[0, 6] = 1.0
    daily = np.full((1, 2, 1), 12.0, dtype=np.float32)
    forecast = DailyForecast(
        4 * 60, np.array([0.5]), daily, np.full((1, 1, 2), 0.5, dtype=np.float32), profile
    )
    assert np.flatnonzero(hourly_shares(forecast)[0]).tolist() == [2]
    futures = draw_futures(forecast, 1, 2, np.random.default_rng(0))
    assert futures.use_kg[0, 1, :, 0].tolist() == [0, 0, 12.0, *[0] * 21]


def test_later_mornings_know_what_is_left_of_the_first_ones_forecast() -> None:
    forecast = first_morning().forecast
    futures = draw_futures(forecast, 1, 3, np.random.default_rng(0))
    assert futures.forecasts[0] is forecast
    for k, later in enumerate(futures.forecasts):
        assert later.start_min == forecast.start_min + DAY * k
        assert later.days == forecast.days - k
        assert later.quantile(0.9) == pytest.approx(forecast.quantile(0.9)[:, k:])


def test_cumulative_quantiles_are_read_by_days() -> None:
    # A uses 240 kg a day, B 120, for sure.
    daily = as_daily(known())
    assert daily.quantile(0.3) == pytest.approx(np.tile([[240.0], [120.0]], (1, 5)))
    futures = draw_futures(known(), 2, 2, np.random.default_rng(0))
    assert futures.use_kg == pytest.approx(np.broadcast_to(tiny.USE_KG_PER_H, (2, 2, 24, 2)))


def test_a_future_of_cumulative_quantiles_keeps_its_quantile() -> None:
    # Either 24 or 72 kg a day for ever: two days at the median of the sum are 96 = 2 * 48, at 0.9
    # nearly 2 * 72.
    hours = np.arange(49.0)
    both = CumulativeForecast(0, np.array([0.1, 0.9]), np.stack([hours, 3 * hours])[:, None])
    assert as_daily(both).cumulative(0.5)[0, 48] == pytest.approx(96.0, rel=0.02)
    assert as_daily(both).cumulative(0.88)[0, 48] == pytest.approx(
        both.cumulative(0.88)[0, 48], rel=0.03
    )


def test_nothing_is_drawn_beyond_the_forecast() -> None:
    assert draw_futures(known(5), 1, 5, np.random.default_rng(0)).days == 5
    with pytest.raises(InputError, match="days: got 6; wanted 1 to the 5"):
        draw_futures(known(5), 1, 6, np.random.default_rng(0))
    with pytest.raises(InputError, match="days: got 0"):
        draw_futures(known(5), 1, 0, np.random.default_rng(0))


def test_the_past_stays_and_the_future_is_drawn_from_the_forecast() -> None:
    world = small_world()
    later = run(world, PLANNER, days=1).end
    drawn = imagined(world, later, np.random.default_rng(0)).days
    assert drawn.start is later.stock
    truth = world.days.use_kg[24:]
    assert not np.array_equal(drawn.use_kg[: len(truth)], truth)
    path = later.forecast.paths(1, np.random.default_rng(0))[0]
    assert drawn.use_kg[:24].sum(axis=0) == pytest.approx(path[:, 0])
    assert np.array_equal(drawn.use_kg[:24], path[:, 0] * small_scenario().profile.T)


def test_later_mornings_know_no_more_than_the_first() -> None:
    world, morning = small_world(), first_morning()
    assert isinstance(morning.forecast, DailyForecast)
    truncated = TruncatedForecast(morning.forecast)
    drawn = imagined(world, morning, np.random.default_rng(0)).forecaster
    for forecaster in (truncated, drawn):
        third = forecaster(morning.network, replace(morning.snapshot, time_min=2 * DAY))
        assert third.start_min == 2 * DAY
        assert third.quantile(0.5)[:, 0] == pytest.approx(morning.forecast.quantile(0.5)[:, 2])
        last = forecaster(morning.network, replace(morning.snapshot, time_min=30 * DAY))
        assert last.days == 1
        assert world.forecaster is not forecaster


def test_what_nobody_knows_yet_does_not_happen() -> None:
    world, morning = small_world(), first_morning()
    now = morning.snapshot.time_min
    at = {
        "from_min": np.array([now, now + 2880]),
        "to_min": np.array([now + 1440, now + 4320]),
        "known_min": np.array([now, now + 1]),
    }
    outages = replace(
        world.outages,
        breakdowns=Breakdowns(**at, vehicle=np.array([0, 0])),
        closures=Closures(**at, site=np.array([0, 0])),
    )
    drawn = imagined(replace(world, outages=outages), morning, np.random.default_rng(0)).outages
    assert drawn.breakdowns.from_min.tolist() == drawn.closures.from_min.tolist() == [now]


def test_a_forecast_that_is_not_daily_is_read_by_days() -> None:
    # Every tank uses 12 kg a day for sure, for two days.
    morning = first_morning()
    n = morning.network.n_tanks
    known = CumulativeForecast(0, np.array([0.5]), np.tile(0.5 * np.arange(49), (1, n, 1)))
    drawn = imagined(small_world(), replace(morning, forecast=known), np.random.default_rng(0))
    assert drawn.days.use_kg == pytest.approx(np.full((48, n), 0.5))
    tomorrow = drawn.forecaster(morning.network, replace(morning.snapshot, time_min=DAY))
    assert isinstance(tomorrow, DailyForecast)
    assert tomorrow.days == 1
    assert tomorrow.quantile(0.5)[:, 0] == pytest.approx(np.full(n, 12.0))
