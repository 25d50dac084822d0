"""Quantiles of samples with gaps, and what stands in for a series without a history."""

from __future__ import annotations

import numpy as np
import pytest

from lmrs_rl.domain.arrays import FloatArray
from lmrs_rl.forecast.models.empirical import (
    column_quantiles,
    measured_mean,
    monotone_quantiles,
    peer_quantiles,
)
from lmrs_rl.forecast.models.protocol import QUANTILES
from lmrs_rl.forecast.panel import Shutdowns, View
from tests.forecast.stand_in_models import panel

NAN = float("nan")
LEVELS: FloatArray = np.array([0.0, 0.25, 0.5, 0.9, 1.0])


def test_quantiles_of_a_column_are_linear_between_its_measured_values() -> None:
    """Of 1, 2, 4 the positions are twice the level: 0, 0.5, 1, 1.8 and 2."""
    found = column_quantiles(np.array([[4.0, 7.0], [NAN, NAN], [1.0, NAN], [2.0, NAN]]), LEVELS)
    assert found[0] == pytest.approx([1, 1.5, 2, 3.6, 4])
    assert found[1].tolist() == [7.0] * 5


def test_a_column_without_a_value_has_no_quantiles() -> None:
    found = column_quantiles(np.array([[NAN, 3.0], [NAN, 5.0]]), LEVELS)
    assert np.isnan(found[0]).all()
    assert found[1] == pytest.approx([3, 3.5, 4, 4.8, 5])
    nothing = column_quantiles(np.zeros((0, 3)))
    assert nothing.shape == (3, len(QUANTILES))
    assert np.isnan(nothing).all()


def test_quantiles_do_not_fall_by_rounding() -> None:
    rng = np.random.default_rng(0)
    sample = rng.uniform(0, 1, (8, 2000))
    close = np.sort(np.concatenate([np.arange(1, 7) / 7, np.nextafter(np.arange(1, 7) / 7, 0)]))
    found = column_quantiles(sample, close)
    assert np.all(np.diff(found, axis=1) >= 0)
    np.testing.assert_allclose(found, np.quantile(sample, close, axis=0).T, rtol=1e-12)


def test_quantiles_are_made_to_rise_from_zero() -> None:
    assert monotone_quantiles(np.array([[-1.0, 3, 2, 5], [1, 0, -1, 1]])).tolist() == [
        [0, 3, 3, 5],
        [1, 1, 1, 1],
    ]


def test_a_mean_is_over_measured_days_and_zero_without_any() -> None:
    use = np.array([[1.0, NAN, NAN], [4.0, NAN, 6.0]])
    assert measured_mean(use).tolist() == [2.5, 0.0, 6.0]
    assert measured_mean(np.zeros((0, 2))).tolist() == [0.0, 0.0]


def asked(use: FloatArray, capacity: list[float]) -> View:
    ids = tuple(f"t{k}" for k in range(len(capacity)))
    told = panel(len(use), ids, use=use, capacity=np.array(capacity), shutdowns=Shutdowns.none())
    return told.known_at(len(use))


def test_a_series_uses_the_share_of_its_capacity_that_others_do() -> None:
    """The first used 1 to 5 kg of 10; one of 50 kg uses five times as much, one without a
    capacity as much in kg; 0 is no capacity.
    """
    use = np.full((5, 4), NAN)
    use[:, 0] = [3, 1, 5, 2, 4]
    first = np.quantile([1.0, 2, 3, 4, 5], QUANTILES)
    found = peer_quantiles(asked(use, [10.0, 50.0, NAN, 0.0]))
    np.testing.assert_allclose(found, [first, 5 * first, first, first], rtol=1e-12)


def test_where_no_measured_series_has_a_capacity_use_itself_stands_in() -> None:
    use = np.array([[1.0, NAN], [3.0, NAN]])
    found = peer_quantiles(asked(use, [NAN, 50.0]))
    np.testing.assert_allclose(found[1], np.quantile([1.0, 3.0], QUANTILES))


def test_shares_of_all_measured_series_are_one_sample() -> None:
    # 10 of 100 kg and 80 of 200 kg: shares of 0.1 and 0.4.
    found = peer_quantiles(asked(np.array([[10.0, 80.0]]), [100.0, 200.0]))
    np.testing.assert_allclose(found[0], 100 * np.quantile([0.1, 0.4], QUANTILES), rtol=1e-12)


def test_only_recent_days_count_unless_none_of_them_was_measured() -> None:
    use = np.full((57, 1), 2.0)
    use[0] = 9.0
    assert peer_quantiles(asked(use, [10.0]))[0] == pytest.approx(np.full(len(QUANTILES), 2.0))
    old = np.full((57, 1), NAN)
    old[0] = 9.0
    assert peer_quantiles(asked(old, [10.0]))[0] == pytest.approx(np.full(len(QUANTILES), 9.0))
    old[1] = 2.0
    assert peer_quantiles(asked(old, [10.0]))[0] == pytest.approx(np.full(len(QUANTILES), 2.0))


def test_where_nothing_was_measured_use_is_exponential_with_a_share_of_the_capacity() -> None:
    """The exponential distribution of mean m has the quantile -m log(1 - q); the tank without a
    capacity is taken for the typical one, of 300 kg.
    """
    found = peer_quantiles(asked(np.full((3, 4), NAN), [100.0, NAN, 400.0, 300.0]))
    for row, capacity in zip(found, (100, 300, 400, 300), strict=True):
        np.testing.assert_allclose(row, -0.1 * capacity * np.log(1 - QUANTILES))
    assert np.all(peer_quantiles(asked(np.full((3, 2), NAN), [NAN, NAN])) == 0)
