"""Shares of a day's use by hour."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lmrs_rl.domain import InputError
from lmrs_rl.domain.arrays import FloatArray
from lmrs_rl.forecast.hourly import flat_profile, hourly_profile


def busy(hour: int, days: int, kg: float = 24.0) -> FloatArray:
    """(24 days, 1) use of ``kg`` in one hour of each day."""
    return np.tile(np.where(np.arange(24) == hour, kg, 0.0), days)[:, None]


def test_a_tank_alone_has_its_own_shares() -> None:
    np.testing.assert_allclose(hourly_profile(busy(8, 3))[0], np.arange(24) == 8)


def test_hours_are_of_the_clock() -> None:
    # Row 0 is 22:00, so the third row is midnight.
    use = np.zeros((48, 1))
    use[[2, 26]] = 5
    np.testing.assert_allclose(hourly_profile(use, first_hour=22)[0], np.arange(24) == 0)


def test_own_shares_weigh_with_the_days_measured() -> None:
    # 14 days and a prior of 14: half its own, half the mean of both tanks.
    use = np.concatenate([busy(8, 14), busy(9, 14)], axis=1)
    made = hourly_profile(use, prior_days=14)
    np.testing.assert_allclose(made[0, [8, 9]], [0.75, 0.25])
    np.testing.assert_allclose(made[1, [8, 9]], [0.25, 0.75])


@pytest.mark.parametrize(
    "unknown",
    [
        np.full(48, np.nan),
        np.zeros(48),
        np.concatenate([[np.nan], np.ones(23), [np.nan], np.ones(23)]),
    ],
)
def test_a_tank_without_own_shares_takes_those_of_all(unknown: FloatArray) -> None:
    # Never measured, never used, or an hour of the clock never measured.
    use = np.concatenate([busy(8, 2), unknown[:, None]], axis=1)
    np.testing.assert_allclose(hourly_profile(use)[1], np.arange(24) == 8)


def test_without_any_measurement_the_profile_is_flat() -> None:
    np.testing.assert_array_equal(hourly_profile(np.zeros((0, 2))), flat_profile(2))
    np.testing.assert_allclose(flat_profile(2).sum(axis=1), 1)


@given(st.integers(0, 100), st.integers(1, 4), st.integers(0, 23), st.integers(0, 2**32 - 1))
def test_shares_always_sum_to_one(hours: int, n: int, first_hour: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    use = np.where(rng.random((hours, n)) < 0.2, np.nan, rng.gamma(0.3, 10, (hours, n)))
    made = hourly_profile(use, first_hour)
    assert np.all(made >= 0)
    np.testing.assert_allclose(made.sum(axis=1), 1)


@pytest.mark.parametrize(
    ("bad", "field"),
    [
        ({"first_hour": -1}, "first_hour"),
        ({"first_hour": 24}, "first_hour"),
        ({"prior_days": 0}, "prior_days"),
        ({"prior_days": np.inf}, "prior_days"),
        ({"use_kg": np.full((2, 1), -1.0)}, "use_kg"),
        ({"use_kg": np.full((2, 1), np.inf)}, "use_kg"),
        ({"use_kg": np.zeros(24)}, "use_kg"),
    ],
)
def test_bad_input_is_refused(bad: dict[str, Any], field: str) -> None:
    with pytest.raises(InputError, match=field):
        hourly_profile(**({"use_kg": busy(8, 1)} | bad))


def test_the_nearest_good_settings_pass() -> None:
    hourly_profile(busy(8, 1), 23, prior_days=1e-9)
