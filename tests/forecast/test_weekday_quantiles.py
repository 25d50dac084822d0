"""Weekday means and empirical quantiles of their cumulative errors."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lmrs_rl.domain import CumulativeForecast, InputError
from lmrs_rl.domain.arrays import FloatArray
from lmrs_rl.forecast import Forecaster, WeekdayQuantiles
from tests import tiny


def forecast(first: FloatArray | list[float], **settings: Any) -> CumulativeForecast:
    """From a history of tank A; tank B has none."""
    history = np.full((len(first), 2), np.nan)
    history[:, 0] = first
    return WeekdayQuantiles(**settings)(
        tiny.network(), replace(tiny.snapshot(), history_kg=history)
    )


def by_day(made: CumulativeForecast, quantile: int = 0, tank: int = 0) -> FloatArray:
    return made.cumulative_kg[quantile, tank, 24::24]


def test_a_week_that_repeats_is_forecast_exactly() -> None:
    week = np.array([0, 10, 20, 30, 40, 50, 60.0])
    made = forecast(np.tile(week, 4), hours=14 * 24)
    for quantile in range(len(made.quantiles)):
        np.testing.assert_allclose(by_day(made, quantile), np.cumsum(np.tile(week, 2)), atol=1e-9)


def test_weekdays_are_counted_back_from_now() -> None:
    # 17 days: the last one was the third day of the week, so tomorrow is the fourth.
    week = np.array([0, 10, 20, 30, 40, 50, 60.0])
    made = forecast(np.tile(week, 3)[:17], hours=24)
    assert by_day(made)[0] == pytest.approx(30)


def test_within_a_day_use_is_even() -> None:
    made = forecast([24.0] * 14, hours=30)
    np.testing.assert_allclose(made.cumulative_kg[0, 0], np.arange(31))


def test_one_day_ahead_quantiles_are_those_of_errors_left_out_of_their_mean() -> None:
    # Every weekday saw 90, 110 (in turn): the mean is 100; without itself it is the other one, so
    # errors are -20 and +20.
    history = np.concatenate([np.full(7, 90.0), np.full(7, 110.0)])
    made = forecast(history, hours=24, quantiles=(0.25, 0.5, 0.75))
    errors = [-20.0] * 7 + [20.0] * 7
    np.testing.assert_allclose(
        made.cumulative_kg[:, 0, 24], 100 + np.quantile(errors, [0.25, 0.5, 0.75])
    )


def test_quantiles_are_of_the_sum_not_sums_of_quantiles() -> None:
    # Uses of 10 and 30 alternate: errors of one sign are always followed by the other, so two days
    # hardly vary, and the quantiles of two days lie closer together than those of one day.
    made = forecast(np.tile([10.0, 30.0], 14), hours=48, quantiles=(0.1, 0.9))
    low, high = by_day(made, 0), by_day(made, 1)
    assert high[0] - low[0] > 20
    assert high[1] - low[1] < 10


def test_errors_that_last_widen_the_forecast_in_proportion() -> None:
    # Two weeks of 90, then two weeks of 110: the error of 7 days is 7 times that of one.
    history = np.repeat([90.0, 110.0], 14)
    made = forecast(history, hours=7 * 24, quantiles=(0.01, 0.99))
    spread = by_day(made, 1) - by_day(made, 0)
    assert spread[6] == pytest.approx(7 * spread[0], rel=0.02)


def test_beyond_half_the_history_the_spread_grows_with_the_square_root() -> None:
    rng = np.random.default_rng(1)
    made = forecast(rng.uniform(50, 150, 8), hours=16 * 24, quantiles=(0.1, 0.9))
    spread = by_day(made, 1) - by_day(made, 0)
    assert spread[15] == pytest.approx(2 * spread[3])


def test_cold_start_is_a_share_of_the_capacity() -> None:
    made = forecast(np.zeros(0), hours=48, cold_share_per_day=0.2)
    np.testing.assert_allclose(by_day(made, tank=1), [200, 400])
    np.testing.assert_allclose(made.cumulative_kg[0], made.cumulative_kg[-1])


def test_a_tank_without_a_measured_day_starts_cold_beside_one_with_history() -> None:
    made = forecast([24.0] * 14, hours=24, cold_share_per_day=0.2)
    assert by_day(made, tank=0)[0] == pytest.approx(24)
    assert by_day(made, tank=1)[0] == pytest.approx(200)


def test_days_not_measured_do_not_count() -> None:
    history = np.tile([0, 10, 20, 30, 40, 50, 60.0], 4)
    history[[2, 9]] = np.nan
    np.testing.assert_allclose(
        by_day(forecast(history, hours=7 * 24)), np.cumsum(history[-7:]), atol=1e-9
    )


def test_a_weekday_measured_once_takes_the_mean_of_all_days() -> None:
    # 8 days: the weekday of tomorrow was seen once (row 1); all days have the mean 45.
    history = [10.0, 80.0, 45.0, 45.0, 45.0, 45.0, 45.0, 45.0]
    assert by_day(forecast(history, hours=24, quantiles=(0.5,)))[0] == pytest.approx(45)


def test_a_single_day_is_taken_for_every_day() -> None:
    np.testing.assert_allclose(by_day(forecast([24.0], hours=48)), [24, 48])


def test_quantiles_cover_what_they_say() -> None:
    # Independent uniform days: with 6 weeks of history the 0.9 quantile of 3 days covers 80 to 97 %
    # of 200 futures.
    rng = np.random.default_rng(5)
    covered = 0
    for _ in range(200):
        days = rng.uniform(0, 100, 45)
        covered += days[42:].sum() <= by_day(forecast(days[:42], hours=72, quantiles=(0.9,)))[2]
    assert 160 <= covered <= 194


@given(
    st.lists(st.one_of(st.floats(0, 1e5), st.just(float("nan"))), max_size=50), st.integers(1, 500)
)
def test_any_history_gives_a_forecast(history: list[float], hours: int) -> None:
    # A Forecast refuses what is negative or not monotone.
    assert forecast(history, hours=hours).hours == hours


@pytest.mark.parametrize(
    "bad",
    [
        {"quantiles": ()},
        {"quantiles": (0.0, 0.5)},
        {"quantiles": (0.5, 1.0)},
        {"quantiles": (0.5, 0.5)},
        {"quantiles": (float("nan"),)},
        {"hours": 0},
        {"cold_share_per_day": -0.01},
        {"cold_share_per_day": 1.01},
        {"cold_share_per_day": float("nan")},
    ],
)
def test_bad_settings_are_refused(bad: dict[str, Any]) -> None:
    with pytest.raises(InputError, match=next(iter(bad))):
        WeekdayQuantiles(**bad)


def test_the_nearest_good_settings_pass() -> None:
    WeekdayQuantiles(quantiles=(0.001, 0.999), hours=1, cold_share_per_day=0)
    WeekdayQuantiles(cold_share_per_day=1)


def test_it_is_a_forecaster() -> None:
    forecaster: Forecaster = WeekdayQuantiles(hours=72)
    made = forecaster(tiny.network(), replace(tiny.snapshot(), history_kg=np.full((14, 2), 24.0)))
    np.testing.assert_allclose(made.paths(2, np.random.default_rng(1)), np.full((2, 2, 3), 24.0))


def test_a_history_of_another_network_is_refused() -> None:
    with pytest.raises(InputError, match="3 tanks"):
        WeekdayQuantiles()(tiny.network(), tiny.snapshot(tanks=3))
