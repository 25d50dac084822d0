"""Tables of forecasts: solved once a week, applied every morning."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from lmrs_rl.domain import InputError
from lmrs_rl.domain.arrays import FloatArray
from lmrs_rl.forecast.models.protocol import QUANTILES
from lmrs_rl.forecast.models.ridge import Ridge, RidgeModel, regressors
from lmrs_rl.forecast.panel import Panel, Shutdowns
from lmrs_rl.forecast.weekly_table import FittedRidge, ForecastTable, WeeklyRidge, weekly_table
from tests.forecast.small_panels import small_panel

FIRST, MORNINGS, DAYS = 80, 9, 5


@cache
def table() -> ForecastTable:
    return weekly_table(small_panel(), FIRST, MORNINGS, DAYS, None)


def test_a_model_is_fitted_on_every_seventh_morning_and_asked_on_each() -> None:
    panel, found = small_panel(), table().daily_kg
    assert found.shape == (MORNINGS, 4, DAYS, len(QUANTILES))
    for fit, mornings in ((FIRST, (0, 1, 6)), (FIRST + 7, (7, 8))):
        model = WeeklyRidge().fit(panel.known_at(fit), DAYS)
        for k in mornings:
            expected = model(panel.known_at(FIRST + k), DAYS)
            np.testing.assert_allclose(found[k], expected, rtol=1e-6)


def test_the_clock_starts_on_the_first_morning() -> None:
    assert table().at(FIRST).start_min == 0
    assert table().at(FIRST + 3).start_min == 3 * 1440


def test_a_morning_has_its_own_forecast() -> None:
    at = int(np.abs(QUANTILES - 0.5).argmin())
    for k in (0, MORNINGS - 1):
        found = table().at(FIRST + k).quantile(0.5)
        np.testing.assert_allclose(found, table().daily_kg[k, :, :, at], rtol=1e-5)


@pytest.mark.parametrize("day", [FIRST - 1, FIRST + MORNINGS])
def test_a_morning_outside_the_table_is_refused(day: int) -> None:
    with pytest.raises(InputError, match=f"^day: got {day}; wanted {FIRST} to 88; compute"):
        table().at(day)


def test_the_dependence_is_a_pool_of_a_hundred_draws_that_nothing_changes() -> None:
    assert table().ranks.shape == (100, 4, DAYS)
    assert not table().ranks.flags.writeable
    assert not table().daily_kg.flags.writeable
    assert np.array_equal(table().ranks, weekly_table(small_panel(), FIRST, 1, DAYS, None).ranks)


def test_on_the_morning_of_its_fit_it_says_what_the_ridge_says() -> None:
    """But for the warmth that a building keeps from more than five days before."""
    view = small_panel().known_at(FIRST)
    model = RidgeModel(Ridge(memory_days=50.0))
    found = WeeklyRidge(model).fit(view, DAYS)
    np.testing.assert_allclose(found(view, DAYS), model(view, DAYS), rtol=0.02, atol=0.5)
    assert np.array_equal(found.spread_kg, model.spread_kg(model.ridge(view, DAYS)))


def steady(panel: Panel, spread: FloatArray, **coefficients: float) -> FittedRidge:
    """A model with a level, and what a heating degree below 17 degrees adds to it, times ten."""
    n = len(panel.ids)
    shape = regressors(panel.known_at(0), 0, np.zeros((1, n))).shape
    table = np.zeros((n, shape[2]))
    table[:, 0], table[:, -2] = coefficients.get("level", 0.0), coefficients.get("heating", 0.0)
    return FittedRidge(table, np.broadcast_to(spread, (n, len(QUANTILES))))


RISING: FloatArray = np.asarray(100 * (QUANTILES - 0.5), dtype=np.float64)


def test_quantiles_are_the_expected_use_and_the_spread_not_below_zero() -> None:
    panel = small_panel()
    found = steady(panel, RISING[::-1], level=20.0)(panel.known_at(FIRST), 3)
    for series in range(4):
        for day in range(3):
            np.testing.assert_allclose(found[series, day], np.maximum(20 + RISING, 0.0))


def test_expected_use_below_zero_is_none() -> None:
    panel = small_panel()
    found = steady(panel, RISING, level=-20.0)(panel.known_at(FIRST), 3)
    np.testing.assert_allclose(found[0, 0], np.maximum(RISING, 0.0))


def test_in_a_stop_only_the_spread_is_left() -> None:
    # Tank 0 stops on the days 40 to 45, announced on 35.
    panel = small_panel()
    found = steady(panel, RISING, level=500.0)(panel.known_at(38), 4)
    np.testing.assert_allclose(found[0, 1], 500 + RISING)
    np.testing.assert_allclose(found[0, 2], np.maximum(RISING, 0.0))
    np.testing.assert_allclose(found[1, 2], 500 + RISING)


@pytest.mark.parametrize("missing", [False, True])
def test_a_building_feels_the_days_before_the_morning(missing: bool) -> None:
    """Frost of 0 degrees for 17 days and 17 degrees ahead. The walls keep 0.4 of it a day: 6.8 and
    2.72 degrees below 17 on the first two days. Where some days before were not measured, they are
    taken for as cold as the others.
    """
    panel = small_panel(2, 17)
    cold = np.zeros((17, 2))
    if missing:
        cold[14, 0] = np.nan
    warm = np.full((17, 7, 2), 17.0)
    panel = replace(panel, temperature=cold, issued=warm, shutdowns=Shutdowns.none())
    view = panel.known_at(17)
    found = steady(panel, np.zeros(len(QUANTILES)), heating=10.0)(view, 2)
    np.testing.assert_allclose(found[:, :, 7], [[6.8, 2.72]] * 2, rtol=1e-6)


def test_a_new_tank_is_taken_for_its_peers() -> None:
    """100 kg of the peers instead of the 7 kg of a model that knows nothing of it."""
    panel = small_panel(4, 30)
    use = np.full((30, 4), 100.0)
    use[:, 3] = np.nan
    known = replace(panel, use=use, capacity=np.full(4, np.nan), customer_type=np.zeros(4, int))
    model = steady(panel, np.zeros(len(QUANTILES)), level=100.0)
    coefficients = model.coefficients.copy()
    coefficients[3, 0] = 7.0
    found = FittedRidge(coefficients, model.spread_kg)(known.known_at(30), 2)
    np.testing.assert_allclose(found[:, :, 7], 100.0)


def test_days_before_the_last_five_are_felt_no_more() -> None:
    """Frost until the last five days, of 17 degrees like those ahead: nothing is heated."""
    panel = small_panel(2, 40)
    temperature = np.zeros((40, 2))
    temperature[35:] = 17.0
    known = replace(
        panel,
        temperature=temperature,
        issued=np.full((40, 7, 2), 17.0),
        shutdowns=Shutdowns.none(),
    )
    model = steady(panel, np.zeros(len(QUANTILES)), heating=10.0)
    assert np.all(model(known.known_at(40), 2) == 0.0)
    # One of them was not: of its 17 degrees less, 0.4 is left on each of the five days after it.
    temperature[35] = 0.0
    cold = replace(known, temperature=temperature).known_at(40)
    np.testing.assert_allclose(model(cold, 1)[:, 0, 7], 17 * 0.4**5, rtol=1e-6)


@pytest.mark.parametrize("morning", [0, 2])
def test_the_first_mornings_have_fewer_days_before_them(morning: int) -> None:
    """Frost of all days so far, or none yet; 17 degrees ahead."""
    panel = small_panel(2, 5)
    known = replace(
        panel,
        use=np.full((5, 2), np.nan),
        capacity=np.full(2, np.nan),
        temperature=np.zeros((5, 2)),
        issued=np.full((5, 7, 2), 17.0),
        shutdowns=Shutdowns.none(),
    )
    model = steady(panel, np.zeros(len(QUANTILES)), heating=10.0)
    found = model(known.known_at(morning), 1)[:, 0, 7]
    # Without a forecast on the first morning it is as cold as the climate of 0 degrees.
    np.testing.assert_allclose(found, 17.0 if morning == 0 else 17 * 0.4)
