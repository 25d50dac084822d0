"""Bootstrap and ratios, by hand and by their invariants."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lmrs_rl.domain import InputError
from lmrs_rl.evaluation.statistics import interval, quotient, ratio, resampled


@given(st.lists(st.integers(0, 3), min_size=1, max_size=12), st.integers(0, 99))
def test_each_group_is_drawn_as_often_as_it_has_members(groups: list[int], seed: int) -> None:
    world = np.array(groups)
    counts = resampled(world, np.random.default_rng(seed), samples=20)
    assert counts.shape == (20, len(groups))
    for group in set(groups):
        assert (counts[:, world == group].sum(axis=1) == groups.count(group)).all()


def test_no_samples_are_refused() -> None:
    assert len(resampled(np.zeros(2, dtype=np.int64), np.random.default_rng(0), samples=1)) == 1
    with pytest.raises(InputError, match="samples"):
        resampled(np.zeros(2, dtype=np.int64), np.random.default_rng(0), samples=0)


def test_the_same_over_the_same_is_one_but_of_nothing_over_nothing_nothing_is_known() -> None:
    a = np.array([0.0, 3.0, 0.1, 2.0])
    assert ratio(a, a).tolist() == pytest.approx([math.nan, 1.0, 1.0, 1.0], abs=0, nan_ok=True)
    assert ratio(np.array([1.0]), np.array([0.0])).tolist() == [math.inf]
    assert math.isnan(float(quotient(np.zeros(1), np.zeros(1))[0]))


def test_the_interval_holds_the_middle_95_percent() -> None:
    # Of 0 to 1000, 25 lie under 25 and 25 over 975.
    found = interval(500.0, np.arange(1001.0))
    assert (found.estimate, found.low, found.high) == (500.0, 25.0, 975.0)


def test_infinite_samples_make_an_infinite_bound_and_no_nan() -> None:
    found = interval(1.0, np.array([1.0] * 50 + [math.inf] * 50))
    assert (found.low, found.high) == (1.0, math.inf)


def test_samples_of_nothing_over_nothing_are_left_out() -> None:
    # Half of the samples have no stock-out of either: the bounds are those of the other half.
    found = interval(
        2.0, ratio(np.array([0.0] * 50 + [2.0] * 50), np.array([0.0] * 50 + [1.0] * 50))
    )
    assert (found.low, found.high) == (2.0, 2.0)


def test_one_scenario_has_no_interval() -> None:
    found = interval(1.0, np.ones(10), enough=False)
    assert math.isnan(found.low)
    assert math.isnan(found.high)


def test_the_interval_covers_the_mean_about_as_often_as_it_says() -> None:
    rng, hits = np.random.default_rng(3), 0
    for _ in range(200):
        values = rng.normal(10.0, 2.0, 30)
        counts = resampled(np.zeros(30, dtype=np.int64), rng, samples=400)
        found = interval(values.mean(), counts @ values / 30)
        hits += found.low <= 10.0 <= found.high
    # 95 % of 200 are 190; 175 are four standard errors (3.1) and the method's own few per cent
    # less.
    assert 175 <= hits <= 200
