"""Scores by hand: bands with ties, what is kept of a run, and its way into files."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from lmrs_rl.domain import InputError
from lmrs_rl.domain.arrays import FloatArray
from lmrs_rl.forecast.backtests.backtest import BacktestResult, ModelRun
from lmrs_rl.forecast.backtests.metrics import Reliability
from lmrs_rl.forecast.backtests.scores import (
    Coverage,
    coverage,
    only,
    scaled_wql_ratio,
    scores,
)
from lmrs_rl.forecast.models.protocol import QUANTILES

Q: FloatArray = np.array([0.025, 0.1, 0.5, 0.9, 0.975])
NAN = float("nan")


def bands(actual: list[float], predicted: list[float]) -> Coverage:
    """Coverage of single days by the same quantiles."""
    told = np.broadcast_to(np.array(predicted, dtype=np.float32), (1, len(actual), 1, 5))
    return coverage(told, np.array(actual)[None, :, None], Q, 1)


def test_bands_hold_what_lies_between_their_quantiles() -> None:
    """The inner band is from 2 to 8, the outer one from 1 to 9; a gap counts nowhere."""
    found = bands([5.0, 1.5, 0.5, 8.5, 2.0, NAN], [1, 2, 5, 8, 9])
    assert (found.band_80, found.band_95) == pytest.approx((2 / 5, 4 / 5))
    assert (found.plain_80, found.plain_95) == pytest.approx((2 / 5, 4 / 5))
    assert found.days == 1


def test_the_ends_of_a_band_are_inside_by_plain_count() -> None:
    found = bands([2.0, 8.0, 1.0, 9.0], [1, 2, 5, 8, 9])
    assert (found.plain_80, found.plain_95) == (0.5, 1.0)


@pytest.mark.parametrize(
    ("actual", "inner", "outer"),
    [(1.5, 0, 0), (2.0, 0, 1), (3.5, 0, 1), (4.0, 1, 1), (12.0, 1, 1), (12.5, 0, 1), (14.5, 0, 0)],
)
def test_bands_end_at_their_own_quantiles_among_many(
    actual: float, inner: float, outer: float
) -> None:
    """The levels 0.01, 0.025, 0.05, 0.1 .. 0.9, 0.95, 0.975 and 0.99 stand for 1 to 15 kg."""
    told = np.arange(1, 16, dtype=np.float32)[None, None, None]
    found = coverage(told, np.array([[[actual]]]), QUANTILES, 1)
    assert (found.plain_80, found.plain_95) == (inner, outer)
    assert (found.band_80, found.band_95) == (inner, outer)


def test_days_without_use_share_ties_but_not_by_plain_count() -> None:
    """Zero use reaches up to the rank 0.7, between 0.5 and 0.9: of it 0.6 lies over 0.1, 0.675 over
    0.025.
    """
    found = bands([0.0], [0, 0, 0, 3, 5])
    assert found.band_80 == pytest.approx(0.6 / 0.7)
    assert found.band_95 == pytest.approx(0.675 / 0.7)
    assert (found.plain_80, found.plain_95) == (1.0, 1.0)


def test_a_tie_is_one_in_the_precision_of_the_quantiles() -> None:
    # 0.1 is more in single than in double precision, 0.3 as well.
    assert bands([0.1], [0, 0.1, 0.2, 0.3, 0.4]).plain_80 == 1.0
    assert bands([0.7], [0, 0.1, 0.2, 0.7, 0.9]).plain_80 == 1.0


def test_without_a_measured_day_there_is_no_coverage() -> None:
    found = bands([NAN, NAN], [1, 2, 5, 8, 9])
    assert np.isnan([found.band_80, found.band_95, found.plain_80, found.plain_95]).all()


def run(name: str, factor: float = 1.0, *, cumulative: bool = False) -> ModelRun:
    """Two origins, two series, seven days; quantiles of a day are 8, 9, 10, 11 and 12 kg times the
    factor, of a sum over days as many times that.
    """
    day = np.array([8, 9, 10, 11, 12], dtype=np.float32) * np.float32(factor)
    predicted = np.broadcast_to(day, (2, 2, 7, 5))
    total = predicted * np.arange(1, 8, dtype=np.float32)[:, None]
    return ModelRun(
        name,
        predicted,
        total if cumulative else None,
        Reliability.of(np.array([0.2, 0.4]), np.array([0.0, 1.0])) if cumulative else None,
        fits=2,
        fit_s=3.0,
        predict_s=5.0,
        sample_s=7.0,
    )


def result(*runs: ModelRun, use: float = 10.0) -> BacktestResult:
    return BacktestResult(
        ("a", "b"),
        np.array([0, 1]),
        np.datetime64("2024-01-01"),
        np.array([9, 12]),
        Q,
        np.full((2, 2, 7), use),
        np.array([2.0, 4.0]),
        runs,
    )


def test_times_are_for_each_fit_and_each_origin() -> None:
    (told,) = scores(result(run("one")))
    assert (told.fit_s, told.predict_s, told.sample_s) == (1.5, 2.5, 3.5)
    (never,) = scores(result(replace(run("one"), fits=0)))
    assert never.fit_s == 3.0


def test_points_are_the_median_and_the_mean() -> None:
    """13 kg a day against a median of 10 kg: 3 / 13, and 3 over 2 and 4 kg. The quantiles are
    symmetrical, so their mean is 10 kg too.
    """
    (told,) = scores(result(run("one"), use=13.0))
    assert told.wape == pytest.approx(3 / 13)
    assert told.mase == pytest.approx((3 / 2 + 3 / 4) / 2)
    assert told.rmse == pytest.approx(3.0)


def test_losses_are_over_the_quantiles_asked_for() -> None:
    """At 13 kg a quantile q of f kg costs 2 q (13 - f): 3 for the median of 10 kg, 3.6 for the 11
    kg of the level 0.9.
    """
    for wanted, cost in (([0.5], 3.0), ([0.9], 3.6), ([0.9, 0.5], 3.3)):
        (told,) = scores(result(run("one"), use=13.0), quantiles=wanted)
        assert told.wql == told.scaled_wql == pytest.approx(cost / 13)
    (told,) = scores(result(run("one"), use=13.0))
    every = 2 * (Q * (13 - np.arange(8, 13))).mean()
    assert told.wql == pytest.approx(every / 13)


def test_sums_are_judged_as_far_as_forecasts_reach() -> None:
    told = scores(result(run("paths", cumulative=True), run("none"), use=10.0))
    assert [each.days for each in told[0].coverage] == [1, 3, 5, 7]
    assert [each.days for each in told[1].coverage] == [1, 3, 5, 7]
    assert all(each.band_80 == each.plain_95 == 1.0 for each in told[0].coverage)
    for each in told[1].coverage[1:]:
        assert np.isnan([each.band_80, each.band_95, each.plain_80, each.plain_95]).all()
    # 11.5 kg a day lie over the inner band on every day and in every sum.
    (over,) = scores(result(run("paths", cumulative=True), use=11.5))
    assert [(each.band_80, each.band_95) for each in over.coverage] == [(0.0, 1.0)] * 4


def test_a_sum_is_of_the_days_up_to_its_last_one() -> None:
    """Three days of 10 kg, then days of 20 kg: only the sum over three is as forecast."""
    told = result(run("paths", cumulative=True))
    actual = told.actual.copy()
    actual[:, :, 3:] = 20.0
    (found,) = scores(replace(told, actual=actual))
    assert [each.band_95 for each in found.coverage] == [pytest.approx(3 / 7), 1.0, 0.0, 0.0]


def test_stock_outs_are_those_of_the_run() -> None:
    with_paths, without = scores(result(run("paths", cumulative=True), run("none")))
    assert with_paths.brier == pytest.approx((0.04 + 0.36) / 2)
    assert with_paths.ece == pytest.approx((0.2 + 0.6) / 2)
    assert np.isnan([without.brier, without.ece]).all()


def test_a_flat_row_names_days_of_sums() -> None:
    (told,) = scores(result(run("paths", cumulative=True), use=11.5))
    flat = told.as_dict()
    assert list(flat)[:6] == ["name", "wql", "scaled_wql", "wape", "mase", "rmse"]
    assert list(flat)[-5:] == ["brier", "ece", "fit_s", "predict_s", "sample_s"]
    assert list(flat)[6:10] == [
        "coverage_80",
        "coverage_95",
        "plain_coverage_80",
        "plain_coverage_95",
    ]
    assert "coverage_80_days_3" in flat
    assert "plain_coverage_95_days_5" in flat
    assert (flat["coverage_80_days_3"], flat["plain_coverage_95_days_3"]) == (0.0, 1.0)
    assert (flat["coverage_95"], flat["plain_coverage_80"]) == (1.0, 0.0)
    assert flat["name"] == "paths"
    assert flat["sample_s"] == 3.5
    assert len(flat) == 6 + 4 * 4 + 5


@pytest.mark.parametrize("wanted", [[0.5, 0.6], [0.5 + 2e-9], [0.0]])
def test_a_quantile_that_was_not_forecast_is_named(wanted: list[float]) -> None:
    with pytest.raises(InputError, match=rf"^quantiles: got {wanted[-1]}; wanted one of \[0\.025"):
        scores(result(run("one")), quantiles=wanted)


def test_no_quantile_is_none() -> None:
    with pytest.raises(InputError, match=r"^quantiles: got none.*choose from \[0\.025"):
        scores(result(run("one")), quantiles=[])


def test_a_rounded_quantile_is_meant() -> None:
    (told,) = scores(result(run("one"), use=13.0), quantiles=[0.1 + 0.8])
    assert told.wql == pytest.approx(3.6 / 13)


def test_a_ratio_is_of_one_models_loss_to_the_others() -> None:
    """At 13 kg, 3 kg of the median's error for one, 8 kg for the other of half as much."""
    both = result(run("one"), run("half", 0.5), use=13.0)
    for seed in (0, 1):
        told = scaled_wql_ratio(
            both, "one", "half", np.random.default_rng(seed), quantiles=[0.5], draws=20
        )
        assert (told.estimate, told.low, told.high) == pytest.approx((3 / 8,) * 3)
    with pytest.raises(InputError, match="one of one, half"):
        scaled_wql_ratio(both, "one", "third", np.random.default_rng(0))


def test_some_series_keep_their_figures_and_lose_stock_outs() -> None:
    told = result(run("paths", cumulative=True), run("none"))
    part = only(told, np.array([False, True]))
    assert part.ids == ("b",)
    assert part.customer_type.tolist() == [1]
    assert part.naive.tolist() == [4.0]
    assert part.actual.shape == (2, 1, 7)
    first, second = part.runs
    assert first.predicted.shape == (2, 1, 7, 5)
    assert first.cumulative is not None
    assert first.cumulative.shape == (2, 1, 7, 5)
    assert second.cumulative is None
    assert first.stockout is None
