"""Series of a few weeks: what their peers agree on is taken from them, what they differ in is
read from few days.
"""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lmrs_rl.domain.arrays import FloatArray, IntArray
from lmrs_rl.forecast.models.ridge import Ridge
from lmrs_rl.forecast.models.short_histories import (
    LEAST_DEVIATION,
    LEAST_PEERS,
    LEVEL_DOUBT,
    YOUNG_DAYS,
    ShortHistories,
    posterior_mean,
    prior_covariance,
    with_shrunk_coefficients,
)
from tests.forecast.stand_in_models import panel

SUNDAYS: FloatArray = np.asarray(np.linspace(-0.9, 0.1, 8), dtype=np.float64)
"""What peers use on Sundays over a weekday's."""

PEERS: FloatArray = np.asarray(
    np.stack([np.ones(8), np.zeros(8), SUNDAYS], axis=1), dtype=np.float64
)
"""Level, Tuesday, Sunday: all peers agree on Tuesdays."""


def week(count: int) -> FloatArray:
    """(count, 3) regressors of days from a Monday on: level, Tuesday, Sunday."""
    day = np.arange(count) % 7
    return np.asarray(np.stack([np.ones(count), day == 1, day == 6], axis=1), dtype=np.float64)


def days_of(y: FloatArray, weight: FloatArray | None = None) -> ShortHistories:
    """One series with ``y`` (days,)."""
    return ShortHistories(
        week(len(y))[None], y[:, None], np.ones((len(y), 1)) if weight is None else weight[:, None]
    )


def said(y: FloatArray, noise: float = 0.01, weight: FloatArray | None = None) -> FloatArray:
    return np.asarray(posterior_mean(days_of(y, weight), PEERS, noise)[0], dtype=np.float64)


def test_two_weeks_tell_the_sunday_that_peers_differ_in() -> None:
    found = said(week(14) @ np.array([1.0, 0.0, -0.8]))
    assert found[2] == pytest.approx(-0.8, abs=0.03)


def test_a_tuesday_that_peers_agree_on_is_noise() -> None:
    found = said(week(14) @ np.array([1.0, 0.3, -0.4]))
    assert abs(found[1]) < 0.05


def test_noise_without_bounds_leaves_the_peers_mean_and_noise_of_zero_the_days_own() -> None:
    truth = np.array([1.5, 0.0, -0.7])
    np.testing.assert_allclose(said(week(14) @ truth, noise=1e9), PEERS.mean(axis=0), atol=1e-6)
    np.testing.assert_allclose(said(week(70) @ truth, noise=0.0), truth, atol=0.01)


def test_one_coefficient_by_hand() -> None:
    """Peers at 1, a day at 1: the mean stays; the covariance of equal peers is the doubt about
    the level and the least deviation.
    """
    peers = np.ones((6, 1))
    assert prior_covariance(peers)[0, 0] == pytest.approx(LEVEL_DOUBT**2 + LEAST_DEVIATION**2)
    one = ShortHistories(np.ones((1, 1, 1)), np.ones((1, 1)), np.ones((1, 1)))
    assert posterior_mean(one, peers, 0.1)[0, 0] == pytest.approx(1.0)


def test_days_without_weight_say_nothing() -> None:
    y = week(21) @ np.array([1.0, 0.0, -0.8])
    weight = np.where(np.arange(21) < 7, 0.0, 1.0)
    wrong = np.where(weight > 0, y, 99.0)
    np.testing.assert_allclose(said(wrong, weight=weight), said(y, weight=weight), rtol=1e-12)


@given(st.integers(0, 2**32 - 1))
def test_the_order_of_days_does_not_matter(seed: int) -> None:
    rng = np.random.default_rng(seed)
    y, x, order = rng.uniform(0, 2, 14), week(14), rng.permutation(14)
    one = posterior_mean(ShortHistories(x[None], y[:, None], np.ones((14, 1))), PEERS, 0.05)
    other = posterior_mean(
        ShortHistories(x[order][None], y[order][:, None], np.ones((14, 1))), PEERS, 0.05
    )
    np.testing.assert_allclose(one, other, atol=1e-8)


def flock(
    peers: int, measured: int, kind: IntArray | None = None
) -> tuple[ShortHistories, FloatArray, FloatArray, IntArray]:
    """``peers`` grown series and one that has ``measured`` days, none with a Sunday like the
    others', coefficients not yet drawn to peers.
    """
    count = YOUNG_DAYS + 7
    truth = np.concatenate([PEERS[:peers], np.array([[1.0, 0.0, -0.6]])])
    weight = np.ones((count, peers + 1))
    weight[: count - measured, -1] = 0.0
    x = np.broadcast_to(week(count), (peers + 1, count, 3))
    seen = np.append(np.full(peers, float(count)), float(measured))
    coefficients = truth.copy()
    coefficients[-1] = (1.0, 0.4, 0.0)
    return (
        ShortHistories(x, (week(count) @ truth.T), weight),
        coefficients,
        seen,
        np.zeros(peers + 1, dtype=np.int64) if kind is None else kind,
    )


@pytest.mark.parametrize(
    ("peers", "measured", "drawn"),
    [
        (LEAST_PEERS, 14, True),
        (LEAST_PEERS - 1, 14, False),
        (LEAST_PEERS, YOUNG_DAYS - 1, True),
        (LEAST_PEERS, YOUNG_DAYS, False),
        (LEAST_PEERS, 1, True),
        (LEAST_PEERS, 0, False),
    ],
)
def test_who_is_young_and_how_many_peers_it_takes(peers: int, measured: int, drawn: bool) -> None:
    days, coefficients, seen, kind = flock(peers, measured)
    found = with_shrunk_coefficients(days, coefficients, seen, kind)
    assert np.array_equal(found[:-1], coefficients[:-1])
    assert (not np.array_equal(found[-1], coefficients[-1])) == drawn


def test_peers_of_the_own_type_speak_alone_where_they_are_enough() -> None:
    kind = np.array([0] * LEAST_PEERS + [1] * (8 - LEAST_PEERS) + [0])
    days, coefficients, seen, _ = flock(8, 14, kind)
    strange = coefficients.copy()
    strange[LEAST_PEERS:8, 2] = 0.7
    own = with_shrunk_coefficients(days, coefficients, seen, kind)[-1]
    assert np.array_equal(with_shrunk_coefficients(days, strange, seen, kind)[-1], own)
    few = np.where(np.arange(9) < LEAST_PEERS - 1, 0, 1)
    few[-1] = 0
    assert not np.array_equal(
        with_shrunk_coefficients(days, strange, seen, few)[-1],
        with_shrunk_coefficients(days, coefficients, seen, few)[-1],
    )


def test_a_ridge_of_fourteen_days_knows_the_weekend_of_a_new_tank() -> None:
    """Peers' weekends differ, their weekdays do not; the new tank's days are noisy by a tenth,
    its weekends at a fifth.
    """
    rng, count, n = np.random.default_rng(5), 400, 12
    weekend = (np.arange(count + 7) % 7 >= 5)[:, None]
    share = np.append(np.linspace(0.1, 0.9, n - 1), 0.2)
    mean = 100.0 * np.where(weekend, share, 1.0)
    use = mean * np.exp(0.1 * rng.normal(size=mean.shape))
    use[: count - 14, -1] = np.nan
    known = panel(count + 7, tuple(f"t{k}" for k in range(n)), use=use).known_at(count)
    ahead = Ridge()(known, 7).ahead[-1]
    np.testing.assert_allclose(ahead, mean[count:, -1], rtol=0.12)
