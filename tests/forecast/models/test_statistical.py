"""Models of statsforecast: what the wrapper adds, and what it does where the library cannot."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
import pytest

from lmrs_rl.domain import InputError
from lmrs_rl.domain.arrays import FloatArray
from lmrs_rl.errors import MissingExtraError
from lmrs_rl.forecast.models import statistical
from lmrs_rl.forecast.models.protocol import QUANTILES
from lmrs_rl.forecast.models.seasonal_naive import SeasonalNaive
from lmrs_rl.forecast.models.statistical import LONGEST_GAP, Statistical
from tests.forecast.small_panels import small_panel, with_use

library = pytest.importorskip("statsforecast.models", reason="statsforecast is not installed")
MEDIAN = int(np.flatnonzero(QUANTILES == 0.5)[0])


def steady(days: int = 120) -> FloatArray:
    rng = np.random.default_rng(5)
    return np.asarray(
        100.0 + 30.0 * (np.arange(days)[:, None] % 7 < 5) + rng.normal(0, 5, (days, 4))
    )


def forecast(
    kind: statistical.Kind, use: FloatArray, days: int = 7
) -> statistical.StatisticalForecast:
    view = with_use(small_panel(days=len(use)), use).known_at(len(use))
    return Statistical(kind).fit(view, days).forecast(view, days)


def test_autoets_is_the_librarys_own_with_a_week_as_season() -> None:
    use = steady()
    said = library.AutoETS(season_length=7).forecast(y=use[:, 0], h=7, level=[80, 95])
    found = forecast("AutoETS", use).quantiles[0]
    np.testing.assert_allclose(found[:, MEDIAN], said["mean"])
    np.testing.assert_allclose(found[:, [3, 11]], np.stack([said["lo-80"], said["hi-80"]], axis=1))
    np.testing.assert_allclose(found[:, [1, 13]], np.stack([said["lo-95"], said["hi-95"]], axis=1))


def test_interval_ends_are_the_quantiles_of_the_contract() -> None:
    ends = sorted(
        [50 - level / 2 for level in statistical.LEVELS]
        + [50.0]
        + [50 + level / 2 for level in statistical.LEVELS]
    )
    np.testing.assert_allclose(ends, 100 * QUANTILES)


@pytest.mark.parametrize("kind", ["AutoETS", "DynamicOptimizedTheta"])
def test_a_weekly_rhythm_is_found(kind: statistical.Kind) -> None:
    result = forecast(kind, steady(119))  # day 0 ahead is a Monday again
    assert np.all(
        result.quantiles[:, :5, MEDIAN].mean(axis=1)
        > result.quantiles[:, 5:, MEDIAN].mean(axis=1) + 20
    )
    assert result.failures == {}


@pytest.mark.parametrize("kind", statistical.INTERMITTENT)
def test_an_intermittent_series_has_its_share_of_days_without_use(kind: statistical.Kind) -> None:
    use = np.where(np.random.default_rng(6).random((200, 4)) < 0.3, 50.0, 0.0)
    found = forecast(kind, use).quantiles
    assert np.all(found[:, :, QUANTILES <= 0.6] == 0.0)
    assert np.all(found[:, :, QUANTILES >= 0.8] > 0.0)


@pytest.mark.parametrize("kind", statistical.INTERMITTENT)
def test_quantiles_of_an_intermittent_series_are_scaled_to_the_librarys_mean(
    kind: statistical.Kind,
) -> None:
    use = np.where(np.random.default_rng(6).random((100, 4)) < 0.5, 50.0, 10.0)
    mean = getattr(library, kind)().forecast(y=use[:, 0], h=1)["mean"][0]
    assert forecast(kind, use, 1).quantiles[0, 0, -1] == pytest.approx(
        50.0 * mean / use[:, 0].mean()
    )


@pytest.mark.heavy
def test_days_not_measured_are_interpolated() -> None:
    use = steady()
    gaps = use.copy()
    gaps[50, 0] = np.nan
    filled = use.copy()
    filled[50, 0] = (use[49, 0] + use[51, 0]) / 2
    np.testing.assert_allclose(
        forecast("AutoETS", gaps).quantiles, forecast("AutoETS", filled).quantiles
    )


@pytest.mark.heavy
def test_days_missing_at_the_end_are_forecast_too() -> None:
    """Three days missing and 4 asked are the last 4 of 7 days ahead."""
    use = steady()
    cut = use.copy()
    cut[-3:] = np.nan
    np.testing.assert_allclose(
        forecast("AutoETS", cut, 4).quantiles, forecast("AutoETS", use[:-3], 7).quantiles[:, 3:]
    )


@pytest.mark.parametrize(("gap", "able"), [(LONGEST_GAP, True), (LONGEST_GAP + 1, False)])
def test_a_series_not_measured_for_long_is_left_to_the_seasonal_naive(gap: int, able: bool) -> None:
    use = steady()
    use[-gap:, 2] = np.nan
    result = forecast("DynamicOptimizedTheta", use)
    assert result.failures == ({} if able else {"tank 2": f"not measured for {gap} days"})
    naive = SeasonalNaive()(with_use(small_panel(days=120), use).known_at(120), 7)
    assert np.array_equal(result.quantiles[2], naive[2]) is not able


def test_series_too_short_for_the_library_are_told_with_its_reason() -> None:
    use = steady(30)
    use[:28, 0] = np.nan  # two days left
    use[:, 3] = np.nan
    result = forecast("AutoETS", use)
    assert result.failures == {
        "tank 0": "NotImplementedError: tiny datasets",
        "tank 3": "no measured day",
    }
    naive = SeasonalNaive()(with_use(small_panel(days=30), use).known_at(30), 7)
    assert np.array_equal(result.quantiles[[0, 3]], naive[[0, 3]])


class Broken:
    """A library whose model says NaN for one series and raises a bare Exception for another."""

    class AutoETS:
        def __init__(self, season_length: int) -> None:
            pass

        def forecast(self, y: FloatArray, h: int, level: list[int]) -> dict[str, Any]:
            if y[0] > 1000:
                raise Exception("no model able to be fitted")
            found = {
                "mean": np.full(h, 5.0),
                **{f"{side}-{x}": np.full(h, 5.0) for x in level for side in ("lo", "hi")},
            }
            if y[0] > 500:
                found["hi-95"][-1] = np.nan
            return found


def test_no_number_and_no_model_are_counted_and_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    use = steady()
    use[:, 1] += 600
    use[:, 2] += 1600
    monkeypatch.setattr(statistical, "_library", lambda: Broken)
    result = forecast("AutoETS", use)
    assert result.failures == {
        "tank 1": "numbers that are not finite",
        "tank 2": "Exception: no model able to be fitted",
    }
    assert np.all(result.quantiles[[0, 3]] == 5.0)
    assert np.all(np.isfinite(result.quantiles))
    assert np.all(result.quantiles[1] > 100)


def test_an_unknown_kind_is_refused() -> None:
    with pytest.raises(InputError, match="one of AutoETS"):
        Statistical("AutoARIMA")  # type: ignore[arg-type]


def test_without_the_library_the_error_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "statsforecast", None)
    with pytest.raises(MissingExtraError, match=r"lmrs-rl\[forecast\]"):
        Statistical("AutoETS").fit(small_panel().known_at(100), 7)


def test_no_process_and_no_setting_is_left_behind() -> None:
    before = np.geterr()
    forecast("AutoETS", steady(30))
    assert np.geterr() == before
