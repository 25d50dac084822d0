"""Ranks of past days, pools drawn from them, and paths pushed through quantile functions."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from lmrs_rl.domain import InputError
from lmrs_rl.domain.arrays import FloatArray
from lmrs_rl.domain.quantile_function import Float32Array
from lmrs_rl.forecast.models.protocol import QUANTILES
from lmrs_rl.forecast.paths import (
    default_rank_pool,
    pit_values,
    push_ranks,
    rank_pool,
    uniform_margins,
)

THREE = np.array([0.25, 0.5, 0.75])
TENS = np.array([[[10.0, 20.0, 40.0]]])
"""One tank, one day."""


def rng() -> np.random.Generator:
    return np.random.default_rng(7)


def pushed(u: float, kg: FloatArray = TENS) -> float:
    return float(push_ranks(THREE, kg, np.array([[[u]]]))[0, 0, 0])


def pit_of(kg: float, predicted: FloatArray = TENS[0, 0], draws: int = 1) -> FloatArray:
    return pit_values(THREE, np.tile(predicted, (draws, 1)), np.full(draws, kg), rng())


@pytest.mark.parametrize(("u", "kg"), [(0.25, 10), (0.375, 15), (0.5, 20), (0.6, 28), (0.75, 40)])
def test_ranks_between_quantiles_are_linear(u: float, kg: float) -> None:
    assert pushed(u) == pytest.approx(kg, rel=1e-6)


def test_the_upper_tail_is_exponential_at_its_knots() -> None:
    # From 20 at 0.5 to 40 at 0.75 the excess probability halves: the scale is 20 / ln 2. At 0.75 +
    # 0.9 * 0.25 it is a tenth.
    assert pushed(0.975) == pytest.approx(40 + 20 / np.log(2) * np.log(10), rel=1e-5)


def test_the_tails_end() -> None:
    assert pushed(1.0) == pushed(1 - 0.25 * 0.03) < 200
    assert pushed(0.0) == 0.0  # 10 kg less 3.5 scales of 10 / ln 2


def test_a_single_quantile_is_every_rank() -> None:
    for u in (0.0, 0.3, 1.0):
        assert push_ranks(np.array([0.5]), np.array([[[7.0]]]), np.array([[[u]]])).item() == 7.0


levels = st.lists(st.integers(1, 999), min_size=1, max_size=12, unique=True).map(
    lambda k: np.sort(np.array(k)) / 1000
)


@given(levels, st.data())
def test_paths_rise_with_the_rank_and_are_never_negative(quantiles: FloatArray, data: Any) -> None:
    kg = np.sort(
        data.draw(arrays(np.float64, (2, 3, len(quantiles)), elements=st.floats(0, 1e5))), axis=-1
    )
    u = np.linspace(0, 1, 257)[:, None, None] * np.ones((2, 3))
    path = push_ranks(quantiles, kg, u)
    assert np.all(path >= 0)
    assert np.all(np.diff(path, axis=0) >= 0)


@given(levels, st.data())
def test_a_rank_at_a_quantile_is_that_quantile(quantiles: FloatArray, data: Any) -> None:
    kg = np.sort(
        data.draw(arrays(np.float64, (1, 2, len(quantiles)), elements=st.floats(0, 1e5))), axis=-1
    )
    ranks = np.broadcast_to(quantiles[:, None, None], (len(quantiles), 1, 2))
    np.testing.assert_allclose(
        push_ranks(quantiles, kg, ranks)[:, 0].T, kg[0], rtol=1e-4, atol=0.02
    )


@given(arrays(np.float64, (2, 2, len(QUANTILES)), elements=st.floats(0, 1e4)))
def test_uniform_ranks_give_back_the_quantiles(kg: FloatArray) -> None:
    kg = np.sort(kg, axis=-1)
    u = (np.arange(4000) + 0.5)[:, None, None] / 4000 * np.ones((2, 2))
    made = np.quantile(push_ranks(QUANTILES, kg, u), QUANTILES, axis=0)
    # Each quantile lies between those of levels a draw lower and higher.
    wide = push_ranks(
        QUANTILES,
        kg,
        np.concatenate([QUANTILES - 6e-4, QUANTILES + 6e-4])[:, None, None] * np.ones((2, 2)),
    )
    assert np.all(made >= wide[: len(QUANTILES)] - 1e-3)
    assert np.all(made <= wide[len(QUANTILES) :] + 1e-3)


@pytest.mark.parametrize(("kg", "u"), [(10, 0.25), (15, 0.375), (20, 0.5), (28, 0.6), (40, 0.75)])
def test_the_rank_of_a_day_undoes_the_push(kg: float, u: float) -> None:
    assert pit_of(kg)[0] == pytest.approx(u)


def test_days_outside_rank_outside_the_outermost_knots() -> None:
    assert np.all(pit_of(1e6, draws=50) >= 1 - 0.25 * 0.03)
    far = np.array([1000.0, 1001.0, 1002.0])
    assert np.all(pit_of(0.0, far, draws=50) <= 0.25 * 0.03)


def test_an_atom_shares_its_levels_evenly() -> None:
    # No use up to the level 0.5: a day without use ranks anywhere from 0 to 0.5.
    u = pit_of(0.0, np.array([0.0, 0.0, 8.0]), draws=4000)
    assert u.min() < 0.01
    assert 0.49 < u.max() <= 0.5
    assert u.mean() == pytest.approx(0.25, abs=0.01)


def test_a_sure_forecast_that_holds_ranks_anywhere() -> None:
    u = pit_of(5.0, np.array([5.0, 5.0, 5.0]), draws=4000)
    assert (u.min() < 0.01, u.max() > 0.99) == (True, True)


def test_ranks_of_an_intermittent_series_are_uniform_when_the_forecast_is_right() -> None:
    # 60 % of days without use, the others uniform on 0..100: the quantiles of that law.
    law = np.maximum((QUANTILES - 0.6) / 0.4 * 100, 0)
    draw = np.random.default_rng(1).random(20000)
    use = np.maximum((draw - 0.6) / 0.4 * 100, 0)
    u = pit_values(QUANTILES, np.broadcast_to(law, (20000, len(QUANTILES))), use, rng())
    np.testing.assert_allclose(
        np.quantile(u, [0.1, 0.3, 0.5, 0.65, 0.8, 0.95]),
        [0.1, 0.3, 0.5, 0.65, 0.8, 0.95],
        atol=0.015,
    )


def test_days_not_measured_have_no_rank() -> None:
    u = pit_values(THREE, np.array([[10.0, 20, 40], [np.nan] * 3]), np.array([np.nan, 3.0]), rng())
    assert np.isnan(u).all()


def vectors(series: int, origins: int = 4, days: int = 3) -> FloatArray:
    """(origins, series, days) each value tells its origin and series: (10 series + origin) /
    1000, a day adds 1e-4.
    """
    o, s, d = np.ogrid[:origins, :series, :days]
    return np.asarray((10 * s + o) / 1000 + d * 1e-4)


def series_of(pool: Float32Array) -> FloatArray:
    return np.asarray(np.round(pool[..., 0] * 1000).astype(int) // 10)


def test_half_the_draws_are_own_and_half_of_the_type() -> None:
    pool = rank_pool(vectors(4), np.array([0, 0, 1, 1]), 400, rng())
    assert pool.dtype == np.float32
    who = series_of(pool)
    # Half of the type's draws are of the tank itself again.
    assert np.mean(who[:, 0] == 0) == pytest.approx(0.75, abs=0.06)
    assert set(who[:, 0]) == {0, 1}
    assert set(who[:, 3]) == {2, 3}


@pytest.mark.parametrize(("own", "expected"), [(0.0, 0.5), (1.0, 1.0)])
def test_the_own_share_is_kept_at_its_limits(own: float, expected: float) -> None:
    who = series_of(rank_pool(vectors(2), np.zeros(2, dtype=int), 300, rng(), own=own))
    assert np.mean(who[:, 0] == 0) == pytest.approx(expected, abs=0.08 if own == 0 else 0)


def test_vectors_stay_whole_over_the_days() -> None:
    pool = rank_pool(vectors(3), np.zeros(3, dtype=int), 100, rng())
    np.testing.assert_allclose(np.diff(pool, axis=2), 1e-4, atol=1e-7)


def test_series_of_a_draw_share_the_origin() -> None:
    pool = rank_pool(vectors(3), np.arange(3), 8, rng())
    origin = np.round(pool[..., 0] * 1000).astype(int) % 10
    assert np.all(origin == origin[:, :1])
    assert sorted(origin[:4, 0]) == sorted(origin[4:, 0]) == [0, 1, 2, 3]


def test_a_vector_with_a_gap_is_not_used() -> None:
    pit = vectors(1)
    pit[:3, 0, 1] = np.nan
    np.testing.assert_allclose(rank_pool(pit, np.zeros(1, dtype=int), 50, rng())[..., 0], 0.003)


def test_a_new_tank_takes_from_its_type_and_a_new_type_from_all() -> None:
    pit = vectors(4)
    pit[:, [1, 3]] = np.nan
    who = series_of(rank_pool(pit, np.array([0, 0, 1, 2]), 200, rng()))
    assert set(who[:, 1]) == {0}
    assert set(who[:, 3]) == {0, 2}


@given(
    st.integers(1, 5),
    st.integers(1, 4),
    st.integers(1, 3),
    st.integers(1, 20),
    st.floats(0, 1),
    st.integers(0, 2**32 - 1),
    st.data(),
)
def test_every_draw_is_a_whole_past_vector(
    origins: int, n: int, days: int, size: int, own: float, seed: int, data: Any
) -> None:
    random = np.random.default_rng(seed)
    pit = random.random((origins, n, days))
    pit[random.random(pit.shape) < data.draw(st.sampled_from([0, 0.3]))] = np.nan
    pool = rank_pool(pit, random.integers(0, 3, n), size, random, own=own)
    assert pool.shape == (size, n, days)
    whole = pit.reshape(-1, days)[~np.isnan(pit).any(axis=2).ravel()].astype(np.float32)
    if len(whole):
        assert {tuple(v) for v in pool.reshape(-1, days)} <= {tuple(v) for v in whole}


@pytest.mark.parametrize("pit", [np.zeros((0, 2, 3)), np.full((4, 2, 3), np.nan)])
def test_without_any_past_the_pool_is_uniform_and_days_hang_together(pit: FloatArray) -> None:
    pool = rank_pool(pit, np.zeros(2, dtype=int), 1000, rng())
    np.testing.assert_array_equal(
        np.sort(pool[:, 1, 2]), ((np.arange(1000) + 0.5) / 1000).astype(np.float32)
    )
    assert 0.4 < np.corrcoef(pool[:, 0, 0], pool[:, 0, 2])[0, 1] < 0.56
    assert abs(np.corrcoef(pool[:, 0, 0], pool[:, 1, 0])[0, 1]) < 0.1


def test_the_default_pool_is_the_same_for_the_same_stream() -> None:
    np.testing.assert_array_equal(
        default_rank_pool(9, 2, 3, rng()), default_rank_pool(9, 2, 3, rng())
    )


def test_paths_from_past_ranks_cover_sums_of_days_as_daily_quantiles_alone_cannot() -> None:
    # Errors of a day carry on by 0.8 to the next: sums of 7 days spread 2.2 times as wide as those
    # of independent days.
    days, law = 7, np.quantile(rng().standard_normal(200_000), QUANTILES)
    kg = np.broadcast_to(100 + 10 * law, (60, days, len(QUANTILES)))
    pit = pit_values(
        QUANTILES, np.broadcast_to(kg, (20, *kg.shape)), windows(20, 60, days, seed=1), rng()
    )
    pool = rank_pool(pit, np.arange(60) % 2, 400, rng())
    total = windows(50, 60, days, seed=2).sum(axis=2)

    def coverage(ranks: Float32Array) -> float:
        low, high = np.quantile(push_ranks(QUANTILES, kg, ranks).sum(axis=2), [0.1, 0.9], axis=0)
        return float(np.mean((low <= total) & (total <= high)))

    assert coverage(pool) == pytest.approx(0.8, abs=0.03)
    assert coverage(rng().permuted(pool, axis=0)) < 0.5


def windows(origins: int, n: int, days: int, seed: int) -> FloatArray:
    """(origins, n, days) [kg] 100 and a stationary AR(1) error with the standard deviation 10."""
    noise = np.random.default_rng(seed).standard_normal((days, origins, n))
    error = [noise[0]]
    for each in noise[1:]:
        error.append(0.8 * error[-1] + 0.6 * each)
    return np.asarray(100 + 10 * np.stack(error, axis=2))


def test_uniform_margins_keep_the_order() -> None:
    made = uniform_margins(np.array([[[0.9]], [[0.1]], [[0.2]], [[0.2]]]))
    np.testing.assert_allclose(made[:, 0, 0], [0.875, 0.125, 0.375, 0.625])


@pytest.mark.parametrize(
    ("bad", "field"),
    [
        ({"size": 0}, "size"),
        ({"own": -0.01}, "own"),
        ({"own": 1.01}, "own"),
        ({"own": float("nan")}, "own"),
    ],
)
def test_bad_settings_are_refused(bad: dict[str, Any], field: str) -> None:
    with pytest.raises(InputError, match=field):
        rank_pool(
            vectors(1), np.zeros(1, dtype=int), bad.get("size", 5), rng(), own=bad.get("own", 0.5)
        )


def test_types_of_other_series_are_refused() -> None:
    with pytest.raises(InputError, match="type_of"):
        rank_pool(vectors(2), np.zeros(3, dtype=int), 5, rng())
