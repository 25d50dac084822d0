"""Last week again, by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from lmrs_rl.domain.arrays import FloatArray
from lmrs_rl.forecast.models.empirical import (
    COLD_SHARE,
    RECENT_DAYS,
    column_quantiles,
    monotone_quantiles,
    peer_quantiles,
)
from lmrs_rl.forecast.models.protocol import QUANTILES
from lmrs_rl.forecast.models.seasonal_naive import SHRINK, SeasonalNaive
from lmrs_rl.forecast.panel import Panel, Shutdowns

MEDIAN = int(np.flatnonzero(QUANTILES == 0.5)[0])


def panel(use: FloatArray, capacity: FloatArray | None = None) -> Panel:
    days, n = use.shape
    nothing = np.full((days, n), np.nan)
    size = np.full(n, np.nan) if capacity is None else capacity
    kinds = np.zeros(n, dtype=np.int64)
    return Panel(
        tuple(f"{k}" for k in range(n)),
        np.datetime64("2024-01-01"),
        use,
        size,
        kinds,
        kinds,
        nothing,
        np.zeros((days, 0, n)),
        (),
        Shutdowns.none(),
    )


def forecast(use: FloatArray, days: int = 7, capacity: FloatArray | None = None) -> FloatArray:
    view = panel(use, capacity).known_at(len(use))
    return SeasonalNaive().fit(view, days)(view, days)


def test_the_median_is_last_weeks_value() -> None:
    rng = np.random.default_rng(0)
    use = rng.uniform(50, 60, (40, 2))
    np.testing.assert_allclose(forecast(use)[:, :, MEDIAN], use[-7:].T)


def test_the_second_week_copies_the_same_days_and_spreads_by_the_square_root_of_two() -> None:
    use = np.random.default_rng(0).uniform(500, 560, (70, 2))
    result = forecast(use, 14)
    np.testing.assert_allclose(result[:, 7:, MEDIAN], result[:, :7, MEDIAN])
    spread = result - result[:, :, [MEDIAN]]
    np.testing.assert_allclose(spread[:, 7:], np.sqrt(2) * spread[:, :7])


def test_a_missing_day_is_copied_from_the_week_before() -> None:
    use = np.repeat(np.arange(1.0, 36.0)[:, None], 1, axis=1)
    use[-7] = np.nan  # the day that tomorrow would copy
    assert forecast(use)[0, :2, MEDIAN].tolist() == [22.0, 30.0]


def test_a_weekday_not_measured_for_eight_weeks_takes_the_mean_of_the_last_28_measured_days() -> (
    None
):
    use = np.full((70, 1), np.nan)
    use[:, 0] = np.where(np.arange(70) % 7 == 0, np.nan, 10.0)
    use[-1] = 38.0
    result = forecast(use)
    assert result[0, 0, MEDIAN] == pytest.approx((27 * 10.0 + 38.0) / 28)
    assert result[0, 1, MEDIAN] == 10.0


def test_quantiles_are_those_of_past_residuals_of_both_signs_shrunk_to_all_series() -> None:
    """One series, which is its own panel: shrinking changes nothing but the level that residuals
    are scaled by and back.
    """
    # Residuals are 6 and -6, evenly.
    use = 500.0 + np.where(np.arange(28) // 7 % 2, 3.0, -3.0)[:, None]
    spread = forecast(use)[0, 0] - forecast(use)[0, 0, MEDIAN]
    np.testing.assert_allclose(spread[[0, 1, -2, -1]], [-6.0, -6.0, 6.0, 6.0])


def test_a_series_with_few_residuals_takes_the_spread_of_the_others() -> None:
    rng = np.random.default_rng(1)
    use = rng.uniform(90, 110, (60, 5))
    use[:-8, 0] = np.nan
    use[-8:, 0] = 100.0  # one residual, of zero
    result = forecast(use)
    own, others = (result[k, 0, -1] - result[k, 0, MEDIAN] for k in (0, 1))
    assert own == pytest.approx(others * SHRINK / (SHRINK + 1), rel=0.25)


def test_a_noisier_series_is_forecast_wider() -> None:
    rng = np.random.default_rng(2)
    use = np.stack([rng.uniform(99, 101, 84), rng.uniform(50, 150, 84)], axis=1)
    result = forecast(use)
    width = result[:, 0, -1] - result[:, 0, 0]
    assert width[0] < 20
    assert width[1] > 100


def test_a_new_series_uses_the_panels_share_of_its_own_capacity() -> None:
    use = np.full((30, 3), 10.0)
    use[:, 2] = np.nan
    result = forecast(use, capacity=np.array([100.0, 100.0, 500.0]))
    np.testing.assert_allclose(result[2], 50.0)


def test_a_new_series_without_capacity_uses_the_panels_mean() -> None:
    use = np.full((30, 3), 10.0)
    use[:, 2] = np.nan
    np.testing.assert_allclose(forecast(use, capacity=np.array([100.0, 100.0, np.nan]))[2], 10.0)


def test_peers_are_those_of_the_last_weeks() -> None:
    use = np.full((RECENT_DAYS + 10, 2), 1000.0)
    use[-RECENT_DAYS:] = 10.0
    use[:, 1] = np.nan
    view = panel(use, np.array([100.0, 100.0])).known_at(len(use))
    np.testing.assert_allclose(peer_quantiles(view), 10.0)


def test_with_nothing_measured_use_is_exponential_about_a_share_of_the_capacity() -> None:
    view = panel(np.full((5, 3), np.nan), np.array([100.0, 300.0, np.nan])).known_at(5)
    found = peer_quantiles(view)
    np.testing.assert_allclose(
        found[:, MEDIAN], np.log(2) * COLD_SHARE * np.array([100.0, 300.0, 200.0])
    )


def test_column_quantiles_are_numpys_without_the_nans() -> None:
    rng = np.random.default_rng(3)
    sample = rng.normal(size=(50, 6))
    sample[rng.random((50, 6)) < 0.3] = np.nan
    sample[1:, 4] = np.nan
    sample[0, 4], sample[:, 5] = 2.5, np.nan
    found = column_quantiles(sample)
    for k in range(5):
        np.testing.assert_allclose(
            found[k], np.quantile(sample[~np.isnan(sample[:, k]), k], QUANTILES)
        )
    assert np.isnan(found[5]).all()
    assert np.isnan(column_quantiles(np.zeros((0, 2)))).all()


def test_tidy_lifts_what_falls_or_is_negative() -> None:
    assert monotone_quantiles(np.array([-1.0, 3.0, 2.0, 4.0])).tolist() == [0.0, 3.0, 3.0, 4.0]


def test_the_order_of_series_does_not_matter() -> None:
    use = np.random.default_rng(4).uniform(0, 10, (60, 4))
    view = panel(use)
    turned = replace(view, use=use[:, ::-1])
    np.testing.assert_allclose(
        SeasonalNaive()(view.known_at(60), 7)[::-1], SeasonalNaive()(turned.known_at(60), 7)
    )
