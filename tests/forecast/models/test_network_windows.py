"""Inputs of the quantile network by hand."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from lmrs_rl.domain.arrays import FloatArray
from lmrs_rl.forecast.models.network_windows import (
    AHEAD_FEATURES,
    Prior,
    Windows,
    known_kind,
    make_windows,
)
from lmrs_rl.forecast.panel import Panel, Shutdowns
from tests.forecast.small_panels import small_panel

NAN = float("nan")


def told(use: FloatArray, **changes: Any) -> Panel:
    """One column a series from Monday, January 2nd 2023 on, of 300 kg each, at 12 degrees."""
    days, n = use.shape
    parts: dict[str, Any] = {
        "use": use,
        "capacity": np.full(n, 300.0),
        "customer_type": np.zeros(n, dtype=np.int64),
        "temperature": np.full((days, n), 12.0),
        "issued": np.full((days, 7, n), 12.0),
        "holidays": (),
        "shutdowns": Shutdowns.none(),
    }
    return replace(small_panel(n, days), **(parts | changes))


PRIOR = Prior(np.array([0.1]), np.array([5.0]))
"""Of all types a tenth of the capacity a day, 5 kg without one."""


def windows(panel: Panel, days: int = 3, **more: Any) -> Windows:
    return make_windows(panel.known_at(panel.days), days, PRIOR, **more)


def past_of(found: Windows, series: int = 0) -> FloatArray:
    """42 days of five figures."""
    return np.asarray(found.past[series].reshape(42, 5), dtype=np.float64)


def test_the_level_of_the_weeks_is_drawn_to_that_of_the_year_and_that_to_the_prior() -> None:
    """8 days of 20 kg and then 42 of 10 kg; the prior of 30 kg weighs 3 days, the year 7."""
    use = np.full((50, 1), 10.0)
    use[:8] = 20.0
    year = (8 * 20 + 42 * 10 + 3 * 30) / (50 + 3)
    found = windows(told(use))
    assert found.scale[0] == pytest.approx((42 * 10 + 7 * year) / (42 + 7))
    # Days that were not measured have no weight.
    use[[0, -1]] = NAN
    year = (7 * 20 + 41 * 10 + 3 * 30) / (48 + 3)
    assert windows(told(use)).scale[0] == pytest.approx((41 * 10 + 7 * year) / (41 + 7))


def test_days_of_a_stop_in_the_last_weeks_do_not_count_for_the_level() -> None:
    use, odd = np.full((50, 1), 10.0), np.full((50, 1), 10.0)
    odd[45:47] = 0.0
    use[45:47] = NAN
    stop = Shutdowns(np.array([0]), np.array([45]), np.array([46]), np.array([0]))
    assert windows(told(odd, shutdowns=stop)).scale[0] == windows(told(use)).scale[0]


def test_a_series_without_use_or_prior_has_a_tiny_level() -> None:
    none = Prior(np.array([0.0]), np.array([0.0]))
    found = make_windows(told(np.zeros((50, 1))).known_at(50), 1, none)
    assert found.scale.tolist() == [1e-9]
    assert np.isfinite(found.static).all()


def test_a_day_of_the_past_in_five_figures() -> None:
    """Of 50 days the network sees the last 42, from row 8 on. Row 20 was a stop, row 30 was not
    measured, row 40 a holiday of 22 degrees.
    """
    use = np.full((50, 2), 10.0)
    use[30, 0] = NAN
    temperature = np.full((50, 2), 12.0)
    temperature[40, 0] = 22.0
    panel = told(
        use,
        temperature=temperature,
        holidays=(np.datetime64("2023-01-02") + 40,),
        shutdowns=Shutdowns(np.array([0]), np.array([20]), np.array([20]), np.array([0])),
    )
    found = windows(panel)
    seen, other = past_of(found), past_of(found, 1)
    level = np.arcsinh(10.0 / found.scale)
    usual = [level[0], 1, 0, 0, 1.2]
    np.testing.assert_allclose(seen[0], usual, rtol=1e-6)
    np.testing.assert_allclose(seen[20 - 8], [level[0], 1, 1, 0, 1.2], rtol=1e-6)
    np.testing.assert_allclose(seen[30 - 8], [0, 0, 0, 0, 1.2], rtol=1e-6)
    np.testing.assert_allclose(seen[40 - 8], [level[0], 1, 0, 1, 2.2], rtol=1e-6)
    np.testing.assert_allclose(seen[41], usual, rtol=1e-6)
    np.testing.assert_allclose(other[20 - 8], [level[1], 1, 0, 0, 1.2], rtol=1e-6)
    np.testing.assert_allclose(other[40 - 8], [level[1], 1, 0, 1, 1.2], rtol=1e-6)


def test_temperatures_not_measured_are_those_of_the_climate() -> None:
    temperature = np.full((10, 1), 8.0)
    temperature[4] = NAN
    seen = past_of(windows(told(np.full((10, 1), 1.0), temperature=temperature)))
    # Ten days are too few for a wave: their mean, also before the first of them.
    np.testing.assert_allclose(seen[:, 4], 0.8, rtol=1e-6)


def test_a_day_ahead_in_all_its_figures() -> None:
    """The 51st day is a Tuesday, February 21st, the next one a holiday in a stop.

    It froze for the last week but one by 0 degrees, the last week had 7, and 1 and 12 degrees are
    ahead; 12 degrees before. Use was the number of the week, counted back.
    """
    use = np.zeros((50, 1))
    for back in range(1, 8):
        use[max(0, 50 - 7 * back) : 50 - 7 * (back - 1)] = back
    temperature = np.full((50, 1), 12.0)
    temperature[36:43], temperature[43:] = 0.0, 7.0
    issued = np.full((50, 7, 1), 12.0)
    issued[-1, 0] = 1.0
    use[50 - 14] = NAN  # two weeks before the first day ahead
    panel = told(
        use,
        temperature=temperature,
        issued=issued,
        holidays=(np.datetime64("2023-02-22"),),
        shutdowns=Shutdowns(np.array([0]), np.array([51]), np.array([60]), np.array([0])),
    )
    found = windows(panel, days=9)
    ahead = found.ahead[0]
    assert ahead.shape == (9, AHEAD_FEATURES)
    lag = np.arcsinh(np.arange(1, 7) / found.scale[0])
    # Mean degrees below 17 and below 8 of the 42 days: 28 of 5 and 0, 7 of 17 and 8, 7 of 10 and 1.
    mean_17, mean_8 = (28 * 5 + 7 * 17 + 7 * 10) / 420, (7 * 8 + 7 * 1) / 420
    for day, (weekday, off, degrees) in enumerate(((1, False, 1.0), (2, True, 12.0))):
        week = np.arange(7) == weekday
        angle = 2 * np.pi * (51 + day) / 365.25
        warm = max(17 - degrees, 0) / 10, max(8 - degrees, 0) / 10
        expected = [
            *week,
            off,
            np.cos(angle),
            np.sin(angle),
            (day + 1) / 7,
            off,
            (degrees - 7) / 10,
            warm[0],
            warm[0] - mean_17,
            warm[1],
            warm[1] - mean_8,
        ]
        for back in range(6):
            gap = back == 1 and day == 0
            expected += [0.0 if gap else lag[back], not gap]
        np.testing.assert_allclose(ahead[day], expected, rtol=1e-5, atol=1e-6)
    # Beyond a week ahead the same weekday a week before is not known yet; six weeks before is.
    assert ahead[7, -12:].tolist()[:2] == [0.0, 0.0]
    assert ahead[7, -11::2].tolist() == [0, 1, 0, 1, 1, 1]
    assert ahead[6, -11::2].tolist() == [1] * 6
    assert ahead[8, -11::2].tolist() == [0, 1, 1, 1, 1, 1]


def test_a_short_history_has_no_lags_before_its_first_day() -> None:
    found = windows(told(np.full((8, 1), 3.0)), days=2)
    # Rows 1 and 2 a week before.
    assert found.ahead[0, :, -11::2].tolist() == [[1, 0, 0, 0, 0, 0]] * 2
    first = windows(told(np.full((6, 1), 3.0)), days=2)
    assert first.ahead[0, :, -11::2].tolist() == [[0] * 6, [1, 0, 0, 0, 0, 0]]


def test_what_does_not_change_from_day_to_day() -> None:
    """Days of stock, whether the capacity is known, days measured, level over what is expected."""
    use = np.full((50, 3), 10.0)
    use[:8, 0] = NAN
    found = windows(told(use, capacity=np.array([300.0, 0.0, 0.5])))
    scale = found.scale
    # Without a capacity 5 kg are expected.
    expected = [
        [np.log(300 / scale[0]) / 3, 1, np.log(43) / 6, np.log(scale[0] / 30) / 3],
        [0, 0, np.log(51) / 6, np.log(scale[1] / 5) / 3],
        [np.log(0.5 / scale[2]) / 3, 1, np.log(51) / 6, np.log(scale[2] / 0.05) / 3],
    ]
    np.testing.assert_allclose(found.static, expected, rtol=1e-5)


def test_a_level_over_next_to_nothing_expected_is_cut_at_a_thousand() -> None:
    none = Prior(np.array([0.0]), np.array([0.0]))
    found = make_windows(told(np.full((50, 1), 10.0)).known_at(50), 1, none)
    assert found.static[0, 3] == pytest.approx(np.log(1000) / 3, rel=1e-4)


def test_only_visible_days_are_seen() -> None:
    use = np.full((50, 3), 10.0)
    cut = use.copy()
    cut[:40, 0] = cut[:, 1] = NAN
    mine = windows(told(use), visible_days=np.array([10, 0, 50]))
    other = windows(told(cut))
    for name in ("past", "ahead", "static", "scale"):
        assert np.array_equal(getattr(mine, name), getattr(other, name)), name


def test_only_the_last_year_makes_the_level() -> None:
    """364 days are whole weeks; the day before them does not count."""
    use = np.full((366, 1), 10.0)
    use[:2] = 1e6
    assert windows(told(use)).scale[0] == windows(told(use[2:])).scale[0]
    assert windows(told(use[1:])).scale[0] == windows(told(use[2:])).scale[0]
    assert np.log1p(364) / 6 == pytest.approx(windows(told(use)).static[0, 2])
    use[2] = 1e6
    assert windows(told(use)).scale[0] > 100


def test_windows_are_joined_in_order() -> None:
    one, two = (windows(told(np.full((50, n), 10.0 * n)), days=2) for n in (1, 2))
    both = Windows.join([one, two])
    for name in ("past", "ahead", "static", "kind", "product", "scale"):
        assert np.array_equal(getattr(both, name)[:1], getattr(one, name))
        assert np.array_equal(getattr(both, name)[1:], getattr(two, name))


def test_an_unknown_type_is_taken_for_the_mean_of_all() -> None:
    assert known_kind(np.array([0, 1, 2, 3]), 2).tolist() == [1, 2, 0, 0]


def test_a_prior_is_a_share_of_the_capacity_or_the_level_of_the_type() -> None:
    prior = Prior(np.array([0.1, 0.2, 0.3]), np.array([5.0, 6.0, 7.0]))
    panel = told(
        np.zeros((1, 6)),
        capacity=np.array([100.0, 100, 100, NAN, 0, 0.5]),
        customer_type=np.array([0, 1, 2, 1, 9, 0]),
    )
    np.testing.assert_allclose(prior.of(panel.known_at(1)), [20, 30, 10, 7, 5, 0.1])


def test_a_prior_is_learned_from_the_means_of_series() -> None:
    """Type 0: 10 and 30 kg of 100 and 200 kg; type 2: 8 kg without a capacity; type 1: none."""
    use = np.array([[9.0, 30, NAN, 8], [11.0, NAN, NAN, 8]])
    panel = told(use, capacity=np.array([100.0, 200, 100, 0]), customer_type=np.array([0, 0, 1, 2]))
    found = Prior.learn(panel.known_at(2))
    np.testing.assert_allclose(found.share, [0.125, 0.125, 0.125, 0.125])
    np.testing.assert_allclose(found.level, [16, 20, 16, 8])


def test_a_prior_is_that_of_the_last_year() -> None:
    use = np.full((366, 1), 30.0)
    use[:2] = 1e6
    assert Prior.learn(told(use).known_at(366)).level.tolist() == [30.0, 30.0]
    use[2] = 30.0 + 364
    assert Prior.learn(told(use).known_at(366)).level.tolist() == [31.0, 31.0]


def test_without_a_measured_day_a_prior_is_a_tenth_of_the_capacity_and_no_use() -> None:
    found = Prior.learn(told(np.full((3, 2), NAN), customer_type=np.array([0, 2])).known_at(3))
    assert found.share.tolist() == [0.1] * 4
    assert found.level.tolist() == [0.0] * 4
