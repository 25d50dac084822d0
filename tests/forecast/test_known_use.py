"""The forecaster that reads the truth."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from lmrs_rl.domain import CallInOrders, Days, InputError
from lmrs_rl.forecast import Forecaster, KnownUse
from tests import tiny


def test_it_forecasts_the_use_to_come() -> None:
    forecast = KnownUse(tiny.days(), hours=48)(tiny.network(), tiny.snapshot())
    assert forecast.hours == 48
    assert forecast.quantiles.tolist() == [0.5]
    np.testing.assert_array_equal(forecast.cumulative_kg[0, 0], 10 * np.arange(49))
    np.testing.assert_array_equal(forecast.cumulative_kg[0, 1], 5 * np.arange(49))


def test_it_leaves_no_doubt() -> None:
    forecaster: Forecaster = KnownUse(tiny.days(2), hours=60)
    forecast = forecaster(tiny.network(), tiny.snapshot())
    for made in (forecast.quantile(0.9), *forecast.paths(3, np.random.default_rng(1))):
        np.testing.assert_array_equal(made, [[240, 240], [120, 120]])
    np.testing.assert_array_equal(forecast.stockout_probability([241, 240]), [[0, 1], [0, 1]])


def test_a_later_morning_sees_its_own_hours() -> None:
    days = tiny.days(2)
    use = np.array(days.use_kg)
    use[24, 0] = 77  # the first hour of the second day
    forecast = KnownUse(replace(days, use_kg=use))(
        tiny.network(), replace(tiny.snapshot(), time_min=1440)
    )
    assert forecast.start_min == 1440
    assert forecast.cumulative_kg[0, 0, :3].tolist() == [0, 77, 87]


def test_nothing_is_used_after_the_end() -> None:
    last = KnownUse(tiny.days(2))(
        tiny.network(), replace(tiny.snapshot(), time_min=1440)
    ).cumulative_kg[0]
    assert last[:, 24].tolist() == last[:, 336].tolist() == [240, 120]
    beyond = KnownUse(tiny.days(2))(tiny.network(), replace(tiny.snapshot(), time_min=2 * 1440))
    assert beyond.cumulative_kg.sum() == 0


@pytest.mark.parametrize("time_min", [-60, 30])
def test_a_morning_off_the_days_hours_is_refused(time_min: int) -> None:
    with pytest.raises(InputError, match="time_min"):
        KnownUse(tiny.days())(tiny.network(), replace(tiny.snapshot(), time_min=time_min))


def test_at_least_an_hour_is_forecast() -> None:
    with pytest.raises(InputError, match="hours"):
        KnownUse(tiny.days(), hours=0)
    assert KnownUse(tiny.days(), hours=1)(tiny.network(), tiny.snapshot()).hours == 1


def test_days_of_another_network_are_refused() -> None:
    other = Days("three tanks", tiny.snapshot(tanks=3), np.zeros((24, 3)), CallInOrders.none())
    with pytest.raises(InputError, match="3 tanks"):
        KnownUse(other)(tiny.network(), tiny.snapshot())
