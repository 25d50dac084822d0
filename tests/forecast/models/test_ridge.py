"""The ridge learns the shape of a young series from its peers."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from lmrs_rl.domain.arrays import FloatArray
from lmrs_rl.forecast.models.protocol import QUANTILES
from lmrs_rl.forecast.models.ridge import (
    Ridge,
    RidgeForecast,
    RidgeModel,
    normal_scores,
    regressors,
)
from lmrs_rl.forecast.panel import Shutdowns, View
from tests.forecast.small_panels import small_panel

DAYS = 161
"""[days] of history, from a Monday on; the last one is a Sunday."""


def weekend_share(peers: int) -> float:
    """Weekend use over weekday use as forecast for a new series: ``peers`` of its type rest at
    weekends, one of another type does not.
    """
    n = peers + 2
    panel = small_panel(n, DAYS)
    use = np.full((DAYS, n), 100.0)
    use[:, : peers + 1][np.arange(DAYS) % 7 >= 5] = 0.0
    # Measured on the weekdays of its last week alone, it says nothing of weekends itself.
    use[: DAYS - 7, peers] = use[DAYS - 2 :, peers] = np.nan
    none = np.zeros(0, dtype=np.int64)
    view = replace(
        panel,
        use=use,
        customer_type=(np.arange(n) > peers).astype(np.int64),
        temperature=np.full_like(panel.temperature, np.nan),
        issued=np.zeros((DAYS, 0, n)),
        holidays=(),
        shutdowns=Shutdowns(none, none, none, none),
    ).known_at(DAYS)
    ahead = Ridge()(view, 7).ahead[peers]
    return float(ahead[5:].mean() / ahead[:5].mean())


@pytest.mark.parametrize("peers", [3, 4])
def test_three_peers_of_its_type_are_enough_for_a_shape_of_its_own(peers: int) -> None:
    assert weekend_share(peers) < 0.2


def test_with_fewer_peers_all_grown_series_give_the_shape() -> None:
    assert weekend_share(2) > 0.3


def alone(use: list[float] | FloatArray, **changes: Any) -> View:
    """One series from a Monday on, without weather, holidays and stops."""
    column = np.asarray(use, dtype=np.float64).reshape(len(use), -1)
    days, n = column.shape
    parts: dict[str, Any] = {
        "use": column,
        "temperature": np.full((days, n), np.nan),
        "issued": np.zeros((days, 0, n)),
        "holidays": (),
        "shutdowns": Shutdowns.none(),
        "customer_type": np.zeros(n, dtype=np.int64),
    }
    return replace(small_panel(n, days), **(parts | changes)).known_at(days)


@pytest.mark.parametrize("kg", [1000.0, 0.1])
def test_a_series_that_always_uses_the_same_goes_on_so(kg: float) -> None:
    """Its error is 0, but its scale is a fiftieth of the level."""
    found = Ridge()(alone([kg] * 30), 9)
    np.testing.assert_allclose(found.ahead, np.full((1, 9), kg))
    np.testing.assert_allclose(found.fitted, np.full((30, 1), kg))
    np.testing.assert_allclose(found.error, 0.0, atol=1e-9 * kg)
    assert found.scale[0] == pytest.approx(0.02 * kg)
    assert found.level[0] == pytest.approx(kg)
    assert found.measured.tolist() == [30.0]
    np.testing.assert_allclose(found.coefficients, [[kg] + [0.0] * 11], atol=1e-9 * kg)


def test_a_series_that_never_used_anything_goes_on_so() -> None:
    found = Ridge()(alone([0.0] * 30), 3)
    # A flat level of 1 kg is where the search sets out; thirty days leave next to nothing of it.
    assert np.all((found.ahead >= 0) & (found.ahead < 1e-3))
    assert found.scale[0] == pytest.approx(0.02)  # of a unit of 1 kg, for want of another


def test_the_scale_of_the_smallest_use_is_still_above_zero() -> None:
    assert Ridge()(alone([1e-11] * 30), 1).scale[0] == pytest.approx(1e-9, rel=0.01)


def test_the_level_is_a_mean_that_halves_the_weight_every_memory() -> None:
    """With a half life of a day 4, 2 and 1 kg weigh 1/4, 1/2 and 1."""
    assert Ridge(memory_days=1.0)(alone([4.0, 2, 1]), 1).level[0] == pytest.approx(12 / 7)
    # A day that was not measured has no weight.
    assert Ridge(memory_days=1.0)(alone([4.0, np.nan, 1]), 1).level[0] == pytest.approx(1.6)


def test_a_series_never_measured_has_the_mean_level_of_the_others() -> None:
    use = np.tile([10.0, 40.0, np.nan], (20, 1))
    found = Ridge()(alone(use), 2)
    np.testing.assert_allclose(found.level, [10.0, 40.0, 25.0])
    np.testing.assert_allclose(found.ahead[2], [25.0, 25.0])
    assert found.measured.tolist() == [20.0, 20.0, 0.0]


def test_a_level_of_zero_is_a_level() -> None:
    found = Ridge()(alone(np.tile([10.0, 0.0, np.nan], (20, 1))), 2)
    np.testing.assert_allclose(found.level, [10.0, 0.0, 5.0])


def test_without_any_day_nothing_is_expected() -> None:
    found = Ridge()(alone(np.full((5, 2), np.nan)), 2)
    assert found.level.tolist() == [0.0, 0.0]
    assert found.measured.tolist() == [0.0, 0.0]


def test_in_a_stop_nothing_is_expected_and_nothing_learned() -> None:
    """Days 10 to 12 of the past with strange use, and the second day ahead."""
    use = np.full(30, 50.0)
    use[10:13] = 9999.0
    stops = Shutdowns(*(np.array(each) for each in ([0, 0], [10, 31], [12, 31], [0, 5])))
    found = Ridge()(alone(use, shutdowns=stops), 3)
    np.testing.assert_allclose(found.ahead[0], [50, 0, 50])
    assert np.flatnonzero(np.isnan(found.error[:, 0])).tolist() == [10, 11, 12]
    assert found.fitted[10:13, 0].tolist() == [0.0] * 3
    assert found.measured[0] == 27
    assert found.level[0] == pytest.approx(50.0)


def test_days_before_the_longest_past_are_forgotten() -> None:
    use = np.full(60, 50.0)
    use[:20] = 9999.0
    found = Ridge(longest_days=40)(alone(use), 2)
    assert found.measured[0] == 40
    np.testing.assert_allclose(found.ahead, 50.0)
    assert found.fitted.shape == (40, 1)
    # Only the latest errors are kept, the oldest first.
    late = np.full(60, 50.0)
    late[-1] = np.nan
    kept = Ridge(recent_days=10)(alone(late), 2)
    assert kept.fitted.shape == kept.error.shape == (10, 1)
    assert np.isnan(kept.error[:, 0]).tolist() == [False] * 9 + [True]


def test_the_scale_is_the_discounted_mean_size_of_the_errors() -> None:
    rng = np.random.default_rng(8)
    use = rng.uniform(0, 100, 50)
    use[20] = np.nan
    found = Ridge(memory_days=10.0)(alone(use), 1)
    size = np.abs(found.error[:, 0])
    known = ~np.isnan(size)
    weight = 0.5 ** (np.arange(49, -1, -1) / 10.0)
    assert found.scale[0] == pytest.approx(np.average(size[known], weights=weight[known]))


def test_coefficients_times_regressors_are_the_expected_use() -> None:
    panel = replace(small_panel(days=100), shutdowns=Shutdowns.none())
    view = panel.known_at(100)
    found = Ridge()(view, 5)
    temperature = np.concatenate([panel.temperature, view.temperature_ahead(5)])
    x = regressors(view, 0, temperature)[:, 100:]
    expected = (x @ found.coefficients[:, :, None])[:, :, 0]
    np.testing.assert_allclose(found.ahead, np.maximum(expected, 0.0), rtol=1e-9)


def test_the_factor_of_a_morning_is_use_over_usual_use_before_it() -> None:
    """Days halve in a day, the usual 4 kg weigh as two of them at once. Before the first day
    nothing is known. Then 8 of 4 kg: (8 / 2 + 8) / (4 / 2 + 8) with a day's age of one; then 6 kg
    more, of 4.
    """
    ridge = Ridge(level_days=1.0, level_prior=2.0)
    y, usual, ones = np.array([[8.0], [6.0]]), np.full((2, 1), 4.0), np.ones((2, 1))
    # Counted at the end of the day: it has lost half of its weight by the next morning.
    expected = [1.0, (8 / 2 + 8) / (4 / 2 + 8), (8 / 4 + 6 / 2 + 8) / (4 / 4 + 4 / 2 + 8)]
    np.testing.assert_allclose(ridge._drift(y, usual, ones)[:, 0], expected)


def test_the_usual_use_beside_it_is_a_discounted_mean() -> None:
    # 4 kg with a weight of 1 and 8 kg with one of 3: 7 kg, twice.
    ridge = Ridge(level_days=1.0, level_prior=2.0)
    found = ridge._drift(np.array([[8.0], [6.0]]), np.array([[4.0], [8.0]]), np.array([[1.0], [3]]))
    assert found[1, 0] == pytest.approx((8 / 2 + 14) / (4 / 2 + 14))


def test_the_factor_stays_within_bounds_and_at_one_where_nothing_is_used() -> None:
    ridge = Ridge(level_days=1.0, level_prior=1e-6)
    y = np.array([[900.0, 0.0, 0.0]])
    found = ridge._drift(y, np.array([[1.0, 1.0, 0.0]]), np.ones((1, 3)))
    np.testing.assert_allclose(found, [[1.0, 1.0, 1.0], [3.0, 0.3, 1.0]], rtol=1e-5)


def by_least_squares(
    x: FloatArray, y: FloatArray, weight: FloatArray, prior: FloatArray, spread: float
) -> FloatArray:
    """(N, F) solutions as documented, each as ordinary least squares with the penalties as rows."""
    share = np.ones(prior.shape[1])
    share[0] = 0.04

    def solved(k: int, penalty: float) -> FloatArray:
        root = np.sqrt(weight[:, k])
        rows = np.concatenate([x[k] * root[:, None], np.diag(np.sqrt(penalty * share))])
        right = np.concatenate([y[:, k] * root, np.sqrt(penalty * share) * prior[k]])
        return np.asarray(np.linalg.lstsq(rows, right, rcond=None)[0])

    total = weight.sum(axis=0)
    noise = np.array(
        [(weight[:, k] * (y[:, k] - x[k] @ solved(k, 5.0)) ** 2).sum() for k in range(len(prior))]
    )
    noise = (noise + 14 * np.median(noise / total)) / (total + 14)
    penalty = np.clip(noise / spread**2, 0.2, 20.0)
    return np.array([solved(k, penalty[k]) for k in range(len(prior))])


@pytest.mark.parametrize(
    ("days", "n", "spread"), [(90, 3, 0.25), (90, 3, 0.01), (90, 3, 9.0), (150, 1, 0.25)]
)
def test_coefficients_are_those_of_a_penalised_regression(days: int, n: int, spread: float) -> None:
    """Young series lean on a flat level, a grown one on its own first solution. The prior of the
    level is so strong that the latest days do not move it.
    """
    panel = replace(small_panel(n, days), shutdowns=Shutdowns.none())
    use = panel.use.copy()
    use[:, -1] = use[:, -1] * 0.2 + 5.0  # no days without use, which would be cut at 0
    view = replace(panel, use=use).known_at(days)
    ridge = Ridge(spread=spread, level_prior=1e12, memory_days=60.0)
    temperature = np.concatenate([panel.temperature, view.temperature_ahead(1)])
    x = regressors(view, 0, temperature)[:, :days]
    known = ~np.isnan(use)
    y, weight = np.where(known, use, 0.0), known * 0.5 ** (np.arange(days)[::-1, None] / 60.0)
    flat = np.zeros((n, x.shape[2]))
    flat[:, 0] = 1.0
    level = (weight * y).sum(axis=0) / weight.sum(axis=0)
    shape = flat if days < 120 else by_least_squares(x, y / level, weight, flat, spread)
    typical = np.maximum((x @ shape[:, :, None])[:, :, 0].T, 0.05)
    unit = (weight * y).sum(axis=0) / (weight * typical).sum(axis=0)
    expected = by_least_squares(x, y / unit, weight, shape, spread) * unit[:, None]
    found = ridge(view, 1).coefficients
    np.testing.assert_allclose(found, expected, rtol=1e-6, atol=1e-6 * level.max())


def test_regressors_by_hand() -> None:
    """From a Monday on, 0, 10 and 20 degrees: walls keep 0.4 of the day before."""
    view = alone([1.0], holidays=(np.datetime64("2023-01-03"),))
    x = regressors(view, 0, np.array([[0.0], [10.0], [20.0]]))
    assert x.shape == (1, 3, 12)
    felt = [0.0, 6.0, 14.4]
    for day in range(3):
        week = np.full(6, -1 / 7)
        week[day] += 1
        angle = 2 * np.pi * (day + 1) / 365.25  # January 2nd is one day into the year
        expected = [
            1.0,
            *week,
            float(day == 1),
            0.5 * np.cos(angle),
            0.5 * np.sin(angle),
            max(17 - felt[day], 0) / 10,
            max(8 - felt[day], 0) / 10,
        ]
        np.testing.assert_allclose(x[0, day], expected, atol=1e-12)
    # Sunday follows from the other six.
    assert regressors(view, 6, np.array([[0.0]]))[0, 0, 1:7].tolist() == [-1 / 7] * 6


def errors_of(error: FloatArray, scale: float = 2.0) -> RidgeForecast:
    """A ridge that expects 10 kg, and its ``error`` (days, N) [kg]."""
    n = error.shape[1]
    return RidgeForecast(
        np.full((n, 2), 10.0),
        np.full(error.shape, 10.0),
        error,
        np.full(n, scale),
        np.full(n, 10.0),
        np.full(n, 99.0),
    )


NORMAL = 1.25 * normal_scores(QUANTILES)
"""Quantiles of a normal error whose mean size is 1."""


@pytest.mark.parametrize(("own", "share"), [(13, 0.0), (14, 1 / 3), (28, 1 / 2)])
def test_own_errors_count_from_two_weeks_on(own: int, share: float) -> None:
    """All of 4 kg, twice the scale; beside them 28 of a normal error."""
    error = np.full((56, 1), np.nan)
    error[-own:] = 4.0
    found = RidgeModel().spread_kg(errors_of(error))[0]
    np.testing.assert_allclose(found, 2 * (share * 2.0 + (1 - share) * NORMAL), atol=1e-12)


@pytest.mark.parametrize(("count", "pooled"), [(50, False), (51, True)])
def test_more_than_fifty_errors_of_all_series_replace_the_normal_ones(
    count: int, pooled: bool
) -> None:
    """Ten series of few errors, for each of which those of all stand."""
    error = np.full((10, 10), np.nan)
    error.ravel()[:count] = np.arange(count)
    expected = np.quantile(np.arange(count) / 2.0, QUANTILES) if pooled else NORMAL
    found = RidgeModel().spread_kg(errors_of(error))
    np.testing.assert_allclose(found, np.broadcast_to(2 * expected, (10, 15)))


def test_errors_older_than_eight_weeks_do_not_count() -> None:
    error = np.full((60, 1), np.nan)
    error[:4] = 1e6
    error[4:17] = 4.0  # thirteen
    np.testing.assert_allclose(RidgeModel().spread_kg(errors_of(error))[0], 2 * NORMAL)
    error[17] = 4.0
    assert RidgeModel().spread_kg(errors_of(error))[0, 7] == pytest.approx(2 * 2.0 / 3)


def test_quantiles_are_expected_use_and_error_not_below_zero() -> None:
    base = errors_of(np.full((1, 1), np.nan), scale=8.0)
    found = RidgeModel().on(base, alone([1.0]), 2)
    np.testing.assert_allclose(found[0], np.tile(np.maximum(10 + 8 * NORMAL, 0.0), (2, 1)))
    assert found[0, 0, 0] == 0.0


@pytest.mark.parametrize(
    ("q", "score"), [(0.5, 0.0), (0.9, 1.2816), (0.975, 1.96), (0.99, 2.3263), (0.01, -2.3263)]
)
def test_normal_scores_are_those_of_the_tables(q: float, score: float) -> None:
    assert normal_scores(np.array([q]))[0] == pytest.approx(score, abs=0.006)
