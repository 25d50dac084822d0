"""Metrics by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lmrs_rl.domain import InputError
from lmrs_rl.forecast.backtests import metrics
from lmrs_rl.forecast.backtests.metrics import Reliability
from lmrs_rl.forecast.models.protocol import QUANTILES

NAN = float("nan")


def test_pinball_by_hand() -> None:
    # y = 10, f = 8: q = 0.9 costs 0.9 * 2; f = 13: (0.9 - 1) * (10 - 13) = 0.3.
    loss = metrics.pinball(np.array([10.0, 10.0]), np.array([[8.0], [13.0]]), np.array([0.9]))
    assert loss[:, 0] == pytest.approx([1.8, 0.3])


def test_quantile_losses_sum_days_and_skip_gaps() -> None:
    # One origin, one series, three days of which one is not measured; twice the loss of the median
    # is the absolute error.
    actual, predicted = np.array([[[10.0, NAN, 4.0]]]), np.array([[[[7.0], [100.0], [5.0]]]])
    loss, size = metrics.quantile_losses(actual, predicted, np.array([0.5]))
    assert loss.tolist() == [[4.0]]
    assert size.tolist() == [[14.0]]


def test_scaled_losses_weigh_series_alike_and_wql_by_size() -> None:
    loss, size = np.array([[1.0, 10.0], [1.0, 30.0]]), np.array([[5.0, 100.0], [5.0, 300.0]])
    # Series: 2 / 10 and 40 / 400; together 42 / 410.
    assert metrics.scaled_quantile_losses(loss, size) == pytest.approx([0.2, 0.1])
    assert metrics.weighted_quantile_loss(loss, size) == pytest.approx(42 / 410)


def test_a_series_of_a_few_grams_is_scaled_like_any_other() -> None:
    loss, size = np.array([[0.001, 0.2]]), np.array([[0.004, 0.5]])
    assert metrics.scaled_quantile_losses(loss, size) == pytest.approx([0.25, 0.4])
    assert metrics.weighted_quantile_loss(loss, size) == pytest.approx(0.201 / 0.504)


def test_a_series_without_use_has_no_scale() -> None:
    assert np.isnan(metrics.scaled_quantile_losses(np.array([[3.0]]), np.array([[0.0]]))[0])
    assert np.isnan(metrics.weighted_quantile_loss(np.array([[3.0]]), np.array([[0.0]])))
    assert np.isnan(metrics.wape(np.zeros((1, 1, 1)), np.ones((1, 1, 1))))


def test_point_errors_by_hand() -> None:
    actual, point = np.array([[[10.0, 20.0], [1.0, NAN]]]), np.array([[[12.0, 17.0], [2.0, 9.0]]])
    assert metrics.wape(actual, point) == pytest.approx(6 / 31)  # (2 + 3 + 1) / (10 + 20 + 1)
    # 4 + 9 + 1 over three days
    assert metrics.rmse(actual, point) == pytest.approx(np.sqrt(14 / 3))
    # Mean errors 2.5 and 1, naive errors 5 and 0.5: (0.5 + 2) / 2.
    assert metrics.mase(actual, point, np.array([5.0, 0.5])) == pytest.approx(1.25)
    # A series whose naive error is 0 or unknown is left out.
    assert metrics.mase(actual, point, np.array([5.0, 0.0])) == pytest.approx(0.5)
    assert metrics.mase(actual, point, np.array([5.0, NAN])) == pytest.approx(0.5)


def test_naive_errors_by_hand() -> None:
    use = np.array([[1.0, 0.0], [2.0, NAN], [5.0, 7.0], [4.0, 3.0]])
    # Season of two days: |5 - 1|, |4 - 2| and |7 - 0|.
    assert metrics.naive_errors(use, season=2) == pytest.approx([3.0, 7.0])
    assert np.isnan(metrics.naive_errors(use[:1], season=2)).all()


def test_the_mean_of_a_quantile_function() -> None:
    # Uniform on [0, 100] by its deciles: 10 .. 90 linear between, constant beyond, symmetrical: 50.
    levels = np.arange(1, 10) / 10
    assert metrics.means_of_quantiles(100 * levels, levels) == pytest.approx(50.0)
    # Levels 0.25 and 0.75 at 0 and 8: a quarter at 0, half between, a quarter at 8.
    assert metrics.means_of_quantiles(
        np.array([0.0, 8.0]), np.array([0.25, 0.75])
    ) == pytest.approx(4.0)


def test_ranks_between_quantiles_beyond_them_and_on_a_tie() -> None:
    q, f = np.array([0.1, 0.5, 0.9]), np.array([2.0, 4.0, 8.0])
    cases = {
        5.0: (0.6, 0.6),
        1.0: (0.0, 0.0),
        9.0: (1.0, 1.0),
        4.0: (0.5, 0.5),
        2.0: (0.0, 0.1),
        8.0: (0.9, 1.0),
    }
    for y, expected in cases.items():
        assert metrics.ranks(np.array(y), f, q) == pytest.approx(expected), y
    # Quantiles are 0 up to the median and 3 at 0.9: zero use ends at 0.7, halfway; 1.5 lies halfway
    # from there to 0.9.
    assert metrics.ranks(np.array(0.0), np.array([0.0, 0.0, 3.0]), q) == pytest.approx((0.0, 0.7))
    assert metrics.ranks(np.array(1.5), np.array([0.0, 0.0, 3.0]), q) == pytest.approx((0.8, 0.8))
    assert metrics.ranks(np.array(0.0), np.zeros(3), q) == pytest.approx((0.0, 1.0))


def test_a_tie_is_found_in_single_precision_too() -> None:
    quantiles = np.full(3, 100.1, dtype=np.float32)
    assert metrics.ranks(np.array(100.1), quantiles, np.array([0.1, 0.5, 0.9])) == pytest.approx(
        (0.0, 1.0)
    )


def test_coverage_by_hand() -> None:
    q, f = np.array([0.1, 0.5, 0.9]), np.array([2.0, 4.0, 8.0])
    share = metrics.covered(np.array([1.9, 2.1, 7.9, 8.1, NAN]), np.tile(f, (5, 1)), q, 0.8)
    assert share[:4].tolist() == [0.0, 1.0, 1.0, 0.0]
    assert np.isnan(share[4])
    # Zero use with rank 0 to 0.7: 0.6 of that stretch lies within 0.1 to 0.9.
    assert metrics.covered(np.array(0.0), np.array([0.0, 0.0, 3.0]), q, 0.8) == pytest.approx(
        0.6 / 0.7
    )


@given(zero=st.floats(0.0, 0.95), seed=st.integers(0, 10**6))
def test_a_perfect_forecast_covers_what_it_says_whatever_the_share_of_zeros(
    zero: float, seed: int
) -> None:
    # Use is 0 with probability `zero`, else uniform on [1, 2]; quantiles of exactly that.
    rng = np.random.default_rng(seed)
    truth = np.where(rng.uniform(size=20000) < zero, 0.0, rng.uniform(1, 2, size=20000))
    predicted = np.where(zero >= QUANTILES, 0.0, 1 + (QUANTILES - zero) / (1 - zero))
    for band in (0.8, 0.95):
        # Worst where zero use ends at 0.1 or just before 0.2 and counts as 0.15: a third of it
        # inside instead of none or half.
        assert np.mean(
            metrics.covered(truth, np.tile(predicted, (20000, 1)), QUANTILES, band)
        ) == pytest.approx(band, abs=0.045)


def test_brier_and_ece_by_hand() -> None:
    # Bin [0.2, 0.3): probabilities 0.2 and 0.25, one event: |0.45 - 1|; bin of 1.0: one forecast,
    # no event: 1.
    told = Reliability.of(np.array([0.2, 0.25, 1.0, 0.5]), np.array([1.0, 0.0, 0.0, NAN]))
    assert told.ece == pytest.approx((0.55 + 1.0) / 3)
    assert told.brier == pytest.approx((0.64 + 0.0625 + 1.0) / 3)


def test_reliabilities_add_up_and_none_adds_nothing() -> None:
    a, b = (
        Reliability.of(np.array([0.1]), np.array([0.0])),
        Reliability.of(np.array([0.9]), np.array([1.0])),
    )
    both = a + b + Reliability.none()
    assert both.count.sum() == 2
    assert both.brier == pytest.approx(0.01)
    assert np.isnan(Reliability.none().ece)
    assert np.isnan(Reliability.none().brier)


def test_the_interval_of_a_ratio_is_paired() -> None:
    # The other model's loss is twice this one's on every window, however windows differ: the ratio
    # is 0.5 in every draw.
    rng = np.random.default_rng(0)
    loss, size = rng.exponential(size=(12, 20)), rng.exponential(size=(12, 20)) + 1
    told = metrics.scaled_loss_interval(
        loss, size, np.random.default_rng(1), against=2 * loss, draws=200
    )
    assert (told.estimate, told.low, told.high) == pytest.approx((0.5, 0.5, 0.5))


def test_the_interval_holds_the_estimate_and_shrinks_with_more_windows() -> None:
    rng = np.random.default_rng(0)
    widths = []
    for origins, series in ((5, 5), (50, 50)):
        loss, size = rng.exponential(size=(origins, series)), np.ones((origins, series))
        told = metrics.scaled_loss_interval(loss, size, np.random.default_rng(1), draws=500)
        assert told.low < told.estimate < told.high
        assert told.estimate == pytest.approx(loss.mean())
        widths.append(told.high - told.low)
    # Ten times as many series and origins: the square root of a hundred.
    assert widths[1] < 0.25 * widths[0]


def test_series_without_use_stay_out_of_the_interval() -> None:
    size = np.array([[1.0, 0.0], [1.0, 0.0]])
    told = metrics.scaled_loss_interval(
        np.array([[0.3, 9.0], [0.3, 9.0]]), size, np.random.default_rng(1), draws=50
    )
    assert (told.estimate, told.low, told.high) == pytest.approx((0.3, 0.3, 0.3))
    nothing = metrics.scaled_loss_interval(
        np.ones((2, 2)), np.zeros((2, 2)), np.random.default_rng(1), draws=50
    )
    assert np.isnan([nothing.estimate, nothing.low, nothing.high]).all()


@pytest.mark.parametrize(("draws", "level"), [(0, 0.9), (1, 0.0), (1, 1.0)])
def test_an_interval_needs_draws_and_a_level(draws: int, level: float) -> None:
    with pytest.raises(InputError, match="draws, level"):
        metrics.scaled_loss_interval(
            np.ones((1, 1)), np.ones((1, 1)), np.random.default_rng(1), draws=draws, level=level
        )
