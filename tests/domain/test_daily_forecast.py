"""Forecasts of daily quantiles joined by ranks: every refusal, hand-solved answers, and their
agreement with each other.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lmrs_rl.domain import DailyForecast, Forecast, InputError
from lmrs_rl.domain.arrays import FloatArray
from lmrs_rl.domain.daily_forecast import draws
from lmrs_rl.domain.quantile_function import PlacedRanks

QUARTILES = np.array([0.25, 0.5, 0.75])
DAILY = np.array([[[10, 20, 40], [0, 24, 48]]])
"""One tank, two days."""
RANKS = np.array([0.25, 0.5, 0.75, 0.5])[:, None, None] * np.ones((1, 2))
"""Four futures that keep their level: 10 + 0, 20 + 24 (twice), 40 + 48 kg."""


def one(
    daily_kg: Any = DAILY,
    ranks: Any = RANKS,
    profile: Any = None,
    start_min: int = 0,
    quantiles: Any = QUARTILES,
) -> DailyForecast:
    return DailyForecast(start_min, quantiles, daily_kg, ranks, profile)


def rng() -> np.random.Generator:
    return np.random.default_rng(3)


def test_it_is_a_forecast_of_whole_days() -> None:
    made: Forecast = one()
    assert (made.n_tanks, made.days, made.hours) == (1, 2, 48)


def test_daily_quantiles_are_those_held_and_linear_between() -> None:
    np.testing.assert_allclose(one().quantile(0.5), [[20, 24]])
    np.testing.assert_allclose(one().quantile(0.6), [[28, 33.6]], rtol=1e-6)


def test_each_tank_may_ask_for_its_own_quantile() -> None:
    both = one(np.repeat(DAILY, 2, axis=0), np.repeat(RANKS, 2, axis=1))
    np.testing.assert_allclose(both.quantile([0.25, 0.75]), [[10, 0], [40, 48]])
    np.testing.assert_allclose(
        both.cumulative([0.25, 0.75])[:, 48], both.cumulative(0.5)[:, 48] + [-17, 22]
    )


def test_paths_are_draws_of_the_pool_pushed_through_the_quantiles() -> None:
    paths = one().paths(8, rng())
    assert sorted(paths[:, 0].tolist()) == [[10, 0]] * 2 + [[20, 24]] * 4 + [[40, 48]] * 2


def test_cumulative_quantiles_are_of_sums_not_sums_of_quantiles() -> None:
    # High days are followed by low ones: always 10 + 48 or 40 + 0 kg, or the middle, 44.
    crossed = np.array([[[0.25, 0.75]], [[0.5, 0.5]], [[0.75, 0.25]]])
    made = one(ranks=crossed)
    np.testing.assert_allclose(
        [made.cumulative(q)[0, 48] for q in (1 / 6, 0.5, 5 / 6)], [40, 44, 58], rtol=1e-6
    )
    assert made.quantile(5 / 6).sum() > 88


def test_cumulative_quantiles_lie_linear_between_draws_and_end_at_the_outermost() -> None:
    # Sums of two days: 10, 44, 44, 88 kg at the levels 1/8, 3/8, 5/8, 7/8.
    at = {1 / 8: 10, 0.25: 27, 3 / 8: 44, 0.6: 44, 0.75: 66, 7 / 8: 88, 0.99: 88, 0.01: 10}
    for q, kg in at.items():
        assert one().cumulative(q)[0, 48] == pytest.approx(kg), q


def test_use_is_even_within_a_day_unless_told() -> None:
    made = one().cumulative(0.5)[0]
    np.testing.assert_allclose(made, np.interp(np.arange(49), [0, 24, 48], [0, 20, 44]))


def test_the_profile_spreads_a_day_over_its_hours() -> None:
    profile = np.zeros((1, 24))
    profile[0, [8, 9]] = 0.75, 0.25
    made = one(profile=profile).cumulative(0.5)[0]
    np.testing.assert_allclose(made[[8, 9, 10, 24, 32, 33, 48]], [0, 15, 20, 20, 20, 38, 44])


def test_the_profile_is_of_the_clock_wherever_the_day_starts() -> None:
    profile = np.zeros((1, 24))
    profile[0, [5, 8]] = 0.25, 0.75
    # 6:00, so 8:00 is the third hour and 5:00 the last
    made = one(profile=profile, start_min=6 * 60).cumulative(0.5)[0]
    np.testing.assert_allclose(made[[2, 3, 23, 24]], [0, 15, 15, 20])


@pytest.mark.parametrize(
    ("kg", "expected"),
    [
        (10, [1, 1]),
        (10.01, [0.75, 0.75]),
        (40, [0.25, 0.75]),
        (44.01, [0, 0.25]),
        (88.01, [0, 0]),
        (0, [1, 1]),
    ],
)
def test_stockout_probability_is_the_share_of_futures_that_use_the_level_up(
    kg: float, expected: list[float]
) -> None:
    np.testing.assert_allclose(one().stockout_probability([kg]), [expected])


def test_one_draw_leaves_no_doubt() -> None:
    sure = one(ranks=np.full((1, 1, 2), 0.5))
    np.testing.assert_allclose(sure.paths(3, rng()), np.tile([20, 24], (3, 1, 1)))
    assert sure.cumulative(0.01)[0, 48] == sure.cumulative(0.99)[0, 48] == 44
    assert sure.stockout_probability([44]).tolist() == [[0, 1]]


@given(
    st.integers(0, 2**32 - 1),
    st.integers(1, 4),
    st.integers(1, 8),
    st.integers(1, 30),
    st.booleans(),
)
def test_any_forecast_agrees_with_itself(
    seed: int, n: int, days: int, size: int, profiled: bool
) -> None:
    random = np.random.default_rng(seed)
    profile = random.dirichlet(np.ones(24), n) if profiled else None
    daily = np.sort(random.gamma(0.5, 100, (n, days, 3)), axis=2)
    made = one(daily, random.random((size, n, days)), profile, int(random.integers(0, 5000)))
    low, high = made.cumulative(0.2), made.cumulative(0.8)
    assert np.all(low <= high)
    assert np.all(low[:, 0] == 0)
    assert np.all(np.diff(high, axis=1) >= 0)
    total = np.cumsum(made.paths(size, rng()), axis=2)
    np.testing.assert_allclose(
        made.cumulative(0.8)[:, 24::24],
        np.quantile(total, 0.8, axis=0, method="hazen"),
        rtol=1e-4,
        atol=1e-3,
    )
    level = random.uniform(0, 500, n)
    np.testing.assert_allclose(
        made.stockout_probability(level), np.mean(total >= level[:, None], axis=0), atol=1.01 / size
    )


def test_uniform_ranks_give_paths_with_the_daily_quantiles() -> None:
    ranks = np.random.default_rng(2).permuted(
        np.tile((np.arange(500) + 0.5)[:, None, None] / 500, (1, 1, 2)), axis=0
    )
    made = one(ranks=ranks)
    np.testing.assert_allclose(
        np.quantile(made.paths(500, rng()), [0.3, 0.6], axis=0)[:, 0],
        [made.quantile(q)[0] for q in (0.3, 0.6)],
        atol=0.3,
    )


@given(st.integers(1, 20), st.integers(1, 100), st.integers(0, 1000))
def test_draws_go_through_the_whole_pool_before_any_comes_again(
    size: int, n: int, seed: int
) -> None:
    count = np.bincount(draws(size, n, np.random.default_rng(seed)), minlength=size)
    assert count.sum() == n
    assert count.max() - count.min() <= 1


def test_the_same_stream_draws_the_same_paths_and_another_others() -> None:
    made = one(ranks=rng().random((50, 1, 2)))
    np.testing.assert_array_equal(made.paths(10, rng()), made.paths(10, rng()))
    assert np.any(made.paths(10, rng()) != made.paths(10, np.random.default_rng(4)))


def test_it_is_kept_in_single_precision_and_cannot_be_changed() -> None:
    daily = np.array(DAILY, dtype=np.float64)
    made = one(daily)
    daily[:] = 0
    assert made.daily_kg.dtype == made.ranks.dtype == np.float32
    assert made.daily_kg[0, 0, 0] == 10
    for array in (made.daily_kg, made.ranks, made.quantiles):
        with pytest.raises(ValueError, match="read-only"):
            array[:] = 1


def test_numbers_that_cannot_be_changed_are_kept_in_single_precision_too() -> None:
    daily = np.array(DAILY, dtype=np.float64)
    daily.setflags(write=False)
    assert one(daily).daily_kg.dtype == np.float32
    single = daily.astype(np.float32)
    single.setflags(write=False)
    assert one(single).daily_kg is single


def test_a_trusted_forecast_answers_as_a_checked_one() -> None:
    made = one(profile=np.full((1, 24), 1 / 24))
    again = DailyForecast.trusted(
        made.start_min, made.quantiles, made.daily_kg, made.ranks, made.profile
    )
    np.testing.assert_array_equal(made.cumulative(0.7), again.cumulative(0.7))
    np.testing.assert_array_equal(made.paths(3, rng()), again.paths(3, rng()))


def shares(sum_to: float) -> FloatArray:
    return np.full((1, 24), sum_to / 24)


@pytest.mark.parametrize(
    ("bad", "field"),
    [
        ({"quantiles": np.array([0.5, 0.25, 0.75])}, "quantiles"),
        ({"quantiles": np.array([0.25, 0.75])}, "daily_kg"),
        ({"daily_kg": DAILY[0]}, "daily_kg"),  # no days
        ({"daily_kg": DAILY[:, :0]}, "daily_kg"),
        ({"daily_kg": DAILY[:, :, ::-1]}, "daily_kg"),  # falls with the quantile
        ({"daily_kg": DAILY - 0.01}, "daily_kg"),
        ({"daily_kg": np.where(DAILY == 40, np.nan, DAILY)}, "daily_kg"),
        ({"daily_kg": np.where(DAILY == 40, np.inf, DAILY)}, "daily_kg"),
        ({"daily_kg": np.where(DAILY == 48, 1e39, DAILY)}, "daily_kg"),  # no float32
        ({"ranks": RANKS[:0]}, "ranks"),
        ({"ranks": RANKS[:, :, :1]}, "ranks"),
        ({"ranks": RANKS + 0.26}, "ranks"),
        ({"ranks": RANKS - 0.26}, "ranks"),
        ({"ranks": RANKS * np.nan}, "ranks"),
        ({"profile": shares(1)[:, :23]}, "profile"),
        ({"profile": shares(0.99)}, "profile"),
        ({"profile": np.where(np.arange(24) == 0, -0.1, 1.1 / 23)[None]}, "profile"),
        ({"start_min": 0.5}, "start_min"),
    ],
)
def test_bad_input_is_refused(bad: dict[str, Any], field: str) -> None:
    with pytest.raises(InputError, match=rf"forecast\.{field}"):
        one(**bad)


def test_the_nearest_good_input_passes() -> None:
    one(np.zeros_like(DAILY), RANKS + 0.25, shares(1 + 1e-7))
    one(DAILY, RANKS - 0.25)


@pytest.mark.parametrize("bad", [0.0, 1.0, np.nan, [0.5, 0.5]])
def test_a_quantile_outside_is_refused(bad: Any) -> None:
    for ask in (one().cumulative, one().quantile):
        with pytest.raises(InputError, match="q: got"):
            ask(bad)


def test_no_path_and_levels_of_other_tanks_are_refused() -> None:
    with pytest.raises(InputError, match="n: got 0"):
        one().paths(0, rng())
    with pytest.raises(InputError, match="levels"):
        one().stockout_probability([1.0, 2.0])


def test_several_levels_at_once_are_each_by_itself() -> None:
    two = DailyForecast(
        0, QUARTILES, np.repeat(DAILY, 2, axis=0), np.repeat(RANKS[:, :1], 2, axis=1)
    )
    levels = np.array([[0.1, 0.7], [0.5, 0.9], [0.8, 0.2]])
    np.testing.assert_array_equal(two.cumulative(levels), [two.cumulative(each) for each in levels])


@pytest.mark.parametrize(
    "bad", [np.full((2, 3), 0.5), np.full((2, 1, 1), 0.5), np.array([[0.5], [1.0]])]
)
def test_several_levels_of_other_tanks_or_beyond_the_ends_are_refused(bad: FloatArray) -> None:
    with pytest.raises(InputError, match="q:"):
        one().cumulative(bad)


def test_ranks_placed_before_change_nothing() -> None:
    made = one()
    again = DailyForecast.trusted(
        0,
        made.quantiles,
        made.daily_kg,
        made.ranks,
        None,
        PlacedRanks.of(made.quantiles, made.ranks).by_tank(),
    )
    for q in (0.1, 0.6):
        np.testing.assert_array_equal(again.cumulative(q), made.cumulative(q))
