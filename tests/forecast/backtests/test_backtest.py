"""Rolling origins: what models see, what is kept, and figures by hand."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
import pytest

from lmrs_rl.domain import InputError
from lmrs_rl.domain.arrays import FloatArray
from lmrs_rl.forecast.backtests.backtest import (
    backtest,
    spread_origins,
    stockout_reliability,
    stocks,
)
from lmrs_rl.forecast.backtests.scores import only, scaled_wql_ratio, scores
from lmrs_rl.forecast.models.protocol import QUANTILES
from lmrs_rl.forecast.panel import Panel, Shutdowns, View

MEDIAN = int(np.abs(QUANTILES - 0.5).argmin())


def panel(use: FloatArray) -> Panel:
    days, n = use.shape
    none = np.zeros(n, dtype=np.int64)
    nothing = np.full((days, n), np.nan)
    ids = tuple(f"s{k}" for k in range(n))
    return Panel(
        ids,
        np.datetime64("2024-01-01"),
        use,
        np.full(n, np.nan),
        none,
        none,
        nothing,
        nothing[:, None, :],
        (),
        Shutdowns.none(),
    )


@dataclass(frozen=True)
class Last:
    """Yesterday's use at every quantile; notes what it was shown."""

    name: str = "last"
    factor: float = 1.0
    fitted_at: list[int] = field(default_factory=list)
    asked_at: list[int] = field(default_factory=list)

    def fit(self, view: View, days: int) -> Last:
        self.fitted_at.append(view.origin)
        return self

    def __call__(self, view: View, days: int) -> FloatArray:
        self.asked_at.append(view.origin)
        assert view.past.days == view.origin
        return np.asarray(
            np.broadcast_to(
                (self.factor * view.past.use[-1])[:, None, None], (view.n, days, len(QUANTILES))
            ),
            dtype=np.float64,
        )


@dataclass(frozen=True)
class Fair(Last):
    """Paths of 0 to 20 kg a day, evenly, beside daily quantiles that say the same."""

    name: str = "fair"

    def __call__(self, view: View, days: int) -> FloatArray:
        return np.broadcast_to(20.0 * QUANTILES, (view.n, days, len(QUANTILES)))

    def sample(self, view: View, days: int, n: int, rng: np.random.Generator) -> FloatArray:
        return rng.uniform(0.0, 20.0, size=(n, view.n, days))


RISING = panel(np.arange(30.0)[:, None] * np.array([1.0, 10.0]))


def test_models_see_the_past_only_and_are_fitted_now_and_then() -> None:
    model = Last()
    backtest(RISING, [model], origins=[5, 10, 12, 20, 25], days=3, refit_every=2)
    assert model.asked_at == [5, 10, 12, 20, 25]
    assert model.fitted_at == [5, 12, 25]


def test_what_is_kept_by_hand() -> None:
    result = backtest(RISING, [Last()], origins=[5, 10], days=2)
    assert result.actual[:, 0].tolist() == [[5, 6], [10, 11]]
    run = result.run("last")
    assert run.predicted.dtype == np.float32
    assert run.predicted[:, 1, :, MEDIAN].tolist() == [[40, 40], [90, 90]]
    assert run.cumulative is None
    assert run.stockout is None
    # Days a week apart differ by 7 and 70, but five days hold no two of them.
    assert np.isnan(result.naive).all()
    assert backtest(RISING, [Last()], origins=[9], days=2).naive.tolist() == [7.0, 70.0]


def test_scores_by_hand() -> None:
    (told,) = scores(backtest(RISING, [Last()], origins=[9], days=2), quantiles=[0.5])
    # Series 0: 8 for 9 and 10 -> errors 1 + 2 over 19; series 1 ten times that over ten times as
    # much.
    assert told.scaled_wql == pytest.approx(3 / 19)
    assert told.wql == told.wape == pytest.approx(33 / 209)
    assert told.mase == pytest.approx(1.5 / 7)
    assert told.rmse == pytest.approx(np.sqrt((1 + 4 + 100 + 400) / 4))
    assert told.coverage[0].band_80 == 0.0
    assert np.isnan(told.ece)


def test_the_ratio_of_two_models() -> None:
    result = backtest(RISING, [Last(), Last("zero", 0.0)], origins=[9, 12, 15], days=2)
    told = scaled_wql_ratio(
        result, "last", "zero", np.random.default_rng(0), quantiles=[0.5], draws=200
    )
    # Errors 1 + 2 at each origin over all use against errors of all use: 9 / (19 + 25 + 31).
    assert told.estimate == pytest.approx(9 / 75)
    assert told.low <= told.estimate <= told.high


def test_a_model_with_paths_is_judged_on_cumulative_use_and_stock_outs() -> None:
    use = np.random.default_rng(3).uniform(0.0, 20.0, size=(400, 20))
    result = backtest(panel(use), [Fair()], origins=range(100, 390, 10), days=7, paths=300)
    (told,) = scores(result)
    assert [each.days for each in told.coverage] == [1, 3, 5, 7]
    for each in told.coverage:
        # 580 windows at least: two standard errors of 0.8 are 0.033, of 0.95 0.018.
        assert each.band_80 == pytest.approx(0.8, abs=0.033)
        assert each.band_95 == pytest.approx(0.95, abs=0.018)
        assert each.plain_80 == pytest.approx(each.band_80, abs=0.001)
    assert told.ece < 0.01
    assert 0.0 < told.brier < 0.1


def test_cumulative_days_stop_where_the_forecast_does() -> None:
    (told,) = scores(backtest(RISING, [Fair()], origins=[9], days=4, paths=10))
    assert [each.days for each in told.coverage] == [1, 3]


def test_paths_are_the_same_in_every_run_and_for_every_model() -> None:
    result = backtest(RISING, [Fair(), Fair("again")], origins=[9, 12], days=2, paths=50)
    first, second = (result.run(name).cumulative for name in ("fair", "again"))
    assert first is not None
    assert np.array_equal(first, second)  # type: ignore[arg-type]


def test_stock_outs_by_hand() -> None:
    # Paths 1 + 1, 3 + 0; truth 2 + 1; stocks 2 and 3.
    paths = np.array([[[1.0, 1.0]], [[3.0, 0.0]]])
    told = stockout_reliability(paths, np.array([[2.0, 1.0]]), np.array([[2.0], [3.0]]))
    # Stock 2: probabilities 0.5, 1 and it happens on both days; stock 3: 0.5, 0.5, on the second
    # day only.
    assert told.brier == pytest.approx((0.25 + 0 + 0.25 + 0.25) / 4)
    assert told.count.sum() == 4


def test_a_day_not_measured_ends_the_judgement_of_its_window() -> None:
    told = stockout_reliability(
        np.ones((2, 1, 3)), np.array([[1.0, np.nan, 1.0]]), np.array([[1.0]])
    )
    assert told.count.sum() == 1


def test_stocks_are_days_of_recent_mean_use() -> None:
    use = np.full((40, 3), np.nan)
    use[:12, 0], use[12:, 0] = 1000.0, 5.0
    use[:, 1] = 0.0
    level = stocks(panel(use).known_at(40), np.array([1.0, 3.0]))
    assert level[:, 0].tolist() == [5.0, 15.0]
    assert np.isnan(level[:, 1:]).all()
    assert np.isnan(stocks(panel(use).known_at(0), np.array([1.0]))).all()


def test_a_day_not_measured_counts_nowhere() -> None:
    use = RISING.use.copy()
    use[10, 0] = np.nan
    (told,) = scores(backtest(panel(use), [Last()], origins=[9], days=2), quantiles=[0.5])
    # Series 0 keeps day 9 only: error 1 over 9; series 1 as before: 30 over 190.
    assert told.scaled_wql == pytest.approx((1 / 9 + 30 / 190) / 2)


def test_only_some_series() -> None:
    result = backtest(RISING, [Fair()], origins=[9], days=2, paths=10)
    part = only(result, np.array([False, True]))
    assert part.ids == ("s1",)
    assert part.actual.tolist() == [[[90.0, 100.0]]]
    assert part.run("fair").predicted.shape == (1, 1, 2, len(QUANTILES))


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"origins": []}, "origins"),
        ({"origins": [9, 9]}, "origins"),
        ({"origins": [-1]}, "origins"),
        ({"origins": [29]}, "origins"),
        ({"days": 0}, "days"),
        ({"refit_every": 0}, "refit_every"),
        ({"paths": 1}, "paths"),
        ({"models": []}, "models"),
        ({"models": [Last(), Last()]}, "models"),
    ],
)
def test_bad_arguments_are_refused(change: dict[str, object], field: str) -> None:
    arguments: dict[str, object] = {
        "models": [Last()],
        "origins": [28],
        "days": 2,
        "refit_every": 1,
        "paths": 2,
    }
    backtest(RISING, **arguments)  # type: ignore[arg-type]
    with pytest.raises(InputError) as told:
        backtest(RISING, **{**arguments, **change})  # type: ignore[arg-type]
    assert told.value.field == field


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (np.zeros((2, 3, len(QUANTILES))), "shape"),
        (np.full((2, 2, len(QUANTILES)), np.nan), "NaN"),
        (np.full((2, 2, len(QUANTILES)), -1.0), "negative"),
        (np.broadcast_to(1 - QUANTILES, (2, 2, len(QUANTILES))), "below"),
    ],
)
def test_an_answer_that_is_no_quantile_forecast_is_refused(answer: FloatArray, told: str) -> None:
    @dataclass(frozen=True)
    class Bad(Last):
        def __call__(self, view: View, days: int) -> FloatArray:
            return answer

    with pytest.raises(InputError, match=told):
        backtest(RISING, [Bad()], origins=[9], days=2)


def test_origins_are_the_last_that_fit() -> None:
    assert spread_origins(RISING, 7, 3, 5) == (13, 18, 23)
    assert spread_origins(RISING, 7, 1, 5) == (23,)
    assert spread_origins(RISING, 7, 23, 1)[0] == 1
    for count, step in ((24, 1), (0, 1), (1, 0)):
        with pytest.raises(InputError, match="origins"):
            spread_origins(RISING, 7, count, step)


def test_a_quantile_that_was_not_forecast_is_refused() -> None:
    result = backtest(RISING, [Last()], origins=[9], days=2)
    for wanted in ([0.55], []):
        with pytest.raises(InputError, match="quantiles"):
            scores(result, quantiles=wanted)
    with pytest.raises(InputError, match="one of last"):
        result.run("first")


def test_scores_of_a_panel_without_any_use_are_nan_not_an_error() -> None:
    (told,) = scores(
        backtest(replace(RISING, use=np.zeros((30, 2))), [Last()], origins=[9], days=2)
    )
    assert np.isnan([told.wql, told.scaled_wql, told.wape, told.mase]).all()
    assert told.rmse == 0.0
