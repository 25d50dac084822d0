"""Futures are drawn from the forecast and from nothing else."""

from __future__ import annotations

import numpy as np
import pytest

from lmrs_rl.domain import CumulativeForecast, DailyForecast, InputError
from lmrs_rl.lookahead.futures import as_daily, draw_futures, hourly_shares
from tests import tiny
from tests.environment.small import first_morning

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
