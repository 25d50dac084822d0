"""Inputs of the boosted trees by hand, the windows they learn from, and what becomes of their word.

The columns of the trees' inputs cannot be seen from outside, hence private functions.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lmrs_rl.domain import InputError
from lmrs_rl.domain.arrays import FloatArray
from lmrs_rl.forecast.models.boosted import (
    _FEATURES,
    _LEARNED,
    BoostedModel,
    FittedBoosted,
    _calendar_and_weather,
    _days_since,
    _expected_use,
    _features,
    _fill_quantiles,
    _recent_errors,
    _recent_use,
    _same_weekday,
    _spells,
)
from lmrs_rl.forecast.models.persistence import chance_of_use, faded_error
from lmrs_rl.forecast.models.protocol import QUANTILES
from lmrs_rl.forecast.models.ridge import Ridge, RidgeForecast, normal_scores
from lmrs_rl.forecast.panel import Panel, Shutdowns, View
from tests.forecast.small_panels import small_panel
from tests.forecast.stand_in_models import panel as stand_in_panel

NAN = float("nan")


def base(error: FloatArray, ahead: float = 30.0, days: int = 3) -> RidgeForecast:
    """A ridge that expected 10, 11, 12 kg and so on, with a scale of 4 kg and a level of 20 kg."""
    count, n = error.shape
    return RidgeForecast(
        np.full((n, days), ahead),
        np.repeat(10.0 + np.arange(count)[:, None], n, axis=1),
        error,
        np.full(n, 4.0),
        np.full(n, 20.0),
        np.full(n, float(count)),
    )


def column(*values: float) -> FloatArray:
    return np.array(values)[:, None]


def view_of(use: FloatArray, **changes: Any) -> View:
    days, n = use.shape
    parts: dict[str, Any] = {"use": use, "shutdowns": Shutdowns.none()}
    return replace(small_panel(n, days), **(parts | changes)).known_at(days)


def test_errors_are_means_of_the_latest_measured_days_in_units_of_the_scale() -> None:
    """28 days, the older three weeks of -8 kg, the last one of 0, 0, 0, 0, 4, missing, 8 kg."""
    error = column(999.0, *[-8.0] * 21, 0, 0, 0, 0, 4, NAN, 8)
    found = {name: np.ravel(value) for name, value in _recent_errors(base(error), 1).items()}
    assert found["error_1"] == pytest.approx([2.0])
    assert found["error_3"] == pytest.approx([1.5])
    assert found["error_7"] == pytest.approx([3 / 6])
    assert found["error_28"] == pytest.approx([(-42 + 3) / 27])
    assert found["spread_7"] == pytest.approx([3 / 6])
    assert found["spread_28"] == pytest.approx([(42 + 3) / 27])
    # The same weekday a week, two and three before: all three of -8 kg but the first.
    assert found["error_same_weekday"] == pytest.approx([(0 - 2 - 2) / 3])


def test_the_same_weekday_is_that_of_the_last_three_weeks() -> None:
    error = np.arange(21.0)[:, None]
    # Tomorrow: rows 14, 7 and 0; in seven days rows 20, 13 and 6; then the same again.
    assert _same_weekday(error, 9)[0].tolist() == [7, 8, 9, 10, 11, 12, 13, 7, 8]
    # Of ten days: rows 3 .. 9, and rows 0 .. 2 a week earlier on the last three.
    assert _same_weekday(error[:10], 7)[0].tolist() == [3, 4, 5, 6, 3.5, 4.5, 5.5]
    # Of two days only those of the last two weekdays of the week.
    assert _same_weekday(error[:2] + 5, 7)[0].tolist() == [0, 0, 0, 0, 0, 5, 6]
    # What was not measured does not count.
    error[14] = NAN
    assert _same_weekday(error, 1)[0].tolist() == [3.5]


def test_a_fourth_week_back_is_not_looked_at() -> None:
    error = np.zeros((28, 1))
    error[0] = 99.0
    assert _same_weekday(error, 1)[0].tolist() == [0.0]


def test_days_since_something_happened() -> None:
    happened = np.array([[1, 0, 0, 0, 1], [0, 0, 1, 0, 1], [0, 1, 0, 0, 0]], dtype=bool)
    assert _days_since(happened).tolist() == [2, 0, 1, 3, 1]
    assert _days_since(np.zeros((0, 2), dtype=bool)).tolist() == [0, 0]


def test_recent_use_by_hand() -> None:
    """Use of 8 weeks: 60 kg on the first day, four weeks without any, 20 days of 30 kg, and a last
    week of 0, 0, 40, 40, 0, 10, missing.
    """
    use = column(999.0, 60, *[0.0] * 28, *[30.0] * 20, 0, 0, 40, 40, 0, 10, NAN)
    view = view_of(use, capacity=np.array([600.0]), product=np.array([3]))
    found = _recent_use(view, base(np.zeros((57, 1))))
    got = {name: float(np.ravel(value)[0]) for name, value in found.items()}
    assert got == pytest.approx(
        {
            "zeros_7": 3 / 7,
            "zeros_28": 4 / 28,
            "days_since_use": 1,
            "days_since_zero": 2,
            "use_1": 0.0,  # not measured
            "use_when_on": (60 + 20 * 30 + 90) / 24 / 20,
            # On after the first day, off, on, off, on; a missing day is none without use.
            "switches_28": 5,
            "measured": 57,
            "cover_days": 600 / 20,
            "customer_type": 0,
            "product": 3,
        }
    )


def test_a_history_counts_up_to_400_days_and_yesterday_alone_is_use_1() -> None:
    use = np.array([[5.0, 1], [30.0, 2]])
    told = replace(base(np.zeros((2, 2))), measured=np.array([400.5, 399.5]))
    found = _recent_use(view_of(use), told)
    assert found["measured"].ravel().tolist() == [400.0, 399.5]
    assert found["use_1"].ravel().tolist() == [1.5, 0.1]


def test_a_little_use_is_use() -> None:
    found = _recent_use(view_of(column(0, 0.5, 0)), base(np.zeros((3, 1))))
    assert found["days_since_use"].tolist() == [[1.0]]
    assert found["use_when_on"].tolist() == [[0.5 / 20]]


def test_use_of_the_first_morning() -> None:
    found = _recent_use(view_of(np.zeros((0, 2))), base(np.zeros((0, 2))))
    for name in ("zeros_7", "zeros_28", "switches_28", "days_since_use", "use_1", "use_when_on"):
        assert np.ravel(found[name]).tolist() == [0.0, 0.0], name


def test_expected_use_is_told_in_levels_and_against_the_last_week() -> None:
    """The last seven of nine days had 12 to 18 kg expected, 15 on average; ahead it is 30."""
    found = _expected_use(base(np.zeros((9, 1))))
    assert found["base"].tolist() == [[1.5] * 3]
    np.testing.assert_allclose(found["expected_change"], [[(30 - 15) / 20] * 3])
    first = _expected_use(base(np.zeros((0, 1))))
    assert np.ravel(first["expected_change"]).tolist() == [0.0]
    # A level of zero is none to divide by.
    none = replace(base(np.zeros((0, 1)), ahead=0.0), level=np.zeros(1))
    assert _expected_use(none)["base"].tolist() == [[0.0] * 3]


def test_calendar_and_weather_by_hand() -> None:
    """Five days from Monday on, of 2, 4, 6, 8 degrees and one not measured; 20 degrees ahead.

    A missing temperature counts as 0: (6 + 8 + 0) / 3 before.
    """
    temperature, issued = column(2, 4, 6, 8, NAN), np.full((5, 7, 1), 20.0)
    stop = Shutdowns(np.array([0]), np.array([6]), np.array([9]), np.array([0]))
    view = view_of(
        np.ones((5, 1)),
        temperature=temperature,
        issued=issued,
        shutdowns=stop,
        holidays=(np.datetime64("2023-01-07"),),
    )
    found = _calendar_and_weather(view, 3)
    assert found["lead"].tolist() == [1, 2, 3]
    assert found["weekday"].tolist() == [5, 6, 0]
    assert found["holiday"].tolist() == [True, False, False]
    assert found["stopped"].tolist() == [[False, True, True]]
    angle = 2 * np.pi * np.array([6, 7, 8]) / 365.25
    np.testing.assert_allclose(found["season_cos"], np.cos(angle))
    np.testing.assert_allclose(found["season_sin"], np.sin(angle))
    assert found["temperature"].tolist() == [[20.0] * 3]
    np.testing.assert_allclose(found["warming"], [[20 - 14 / 3] * 3])


@pytest.mark.parametrize(("days", "warming"), [(2, 0.0), (3, 14.0)])
def test_warming_needs_three_days_before(days: int, warming: float) -> None:
    """Before, it is told against the days ahead themselves."""
    view = view_of(
        np.ones((days, 1)),
        temperature=np.full((days, 1), 6.0),
        issued=np.full((days, 7, 1), 20.0),
    )
    np.testing.assert_allclose(_calendar_and_weather(view, 2)["warming"], [[warming] * 2])


def test_spells_are_told_in_units_of_the_scale() -> None:
    error = column(2, -11, 3, 4)
    told = base(error)
    chance, amount = chance_of_use(told, 3)
    found = _spells(told, 3)
    assert np.array_equal(found["chance_of_use"], chance)
    np.testing.assert_allclose(found["gap_to_use"], [[(amount[0] - 1) * 30 / 4] * 3])
    assert found["gap_to_none"].tolist() == [[7.5] * 3]
    np.testing.assert_allclose(found["faded_error"], faded_error(told, 3) / 4)


def test_columns_are_in_the_order_of_their_names() -> None:
    view = small_panel().known_at(100)
    told = Ridge()(view, 5)
    x = _features(view, told, 5)
    assert x.shape == (4, 5, len(_FEATURES))
    assert x[2, :, _FEATURES.index("lead")].tolist() == [1, 2, 3, 4, 5]
    assert x[:, 0, _FEATURES.index("product")].tolist() == view.past.product.tolist()
    np.testing.assert_allclose(
        x[:, :, _FEATURES.index("gap_to_none")], told.ahead / told.scale[:, None]
    )


def test_quantiles_between_learned_ones_are_linear_in_normal_scores() -> None:
    """Twice the score below the median, three times above it, and so on beyond the last."""
    levels = np.array([0.1, 0.5, 0.9])
    score = normal_scores(levels)
    learned = np.where(score > 0, 3.0, 2.0) * score
    found = _fill_quantiles(np.array([learned, learned + 1]), levels, QUANTILES)
    wanted = normal_scores(QUANTILES)
    expected = np.where(QUANTILES > 0.5, 3.0, 2.0) * wanted
    np.testing.assert_allclose(found, [expected, expected + 1], atol=1e-12)


def steady(days: int, n: int = 2) -> Panel:
    """A panel without gaps and stops."""
    rng = np.random.default_rng(5)
    panel = small_panel(n, days)
    return replace(panel, use=rng.uniform(50, 100, (days, n)), shutdowns=Shutdowns.none())


@pytest.mark.parametrize(
    ("origin", "past_days", "mornings"),
    [(32, 1100, 0), (33, 1100, 1), (36, 1100, 4), (60, 12, 8), (60, 5, 1), (60, 4, 0)],
)
def test_windows_begin_after_four_weeks_and_end_before_the_morning(
    origin: int, past_days: int, mornings: int
) -> None:
    """Five days ahead of two series: ten rows a morning, the last of them five days ago."""
    model = BoostedModel(past_days=past_days)
    x, y = model._windows(steady(70).known_at(origin), 5)
    assert x.shape == (10 * mornings, len(_FEATURES))
    assert y.shape == (10 * mornings,)


def test_a_window_holds_what_was_known_and_what_came() -> None:
    panel = steady(70)
    x, y = BoostedModel()._windows(panel.known_at(40), 5)
    for at, origin in ((0, 28), (7, 35)):
        then = panel.known_at(origin)
        told = Ridge()(then, 5)
        rows = slice(10 * at, 10 * at + 10)
        came = (panel.use[origin : origin + 5].T - told.ahead) / told.scale[:, None]
        np.testing.assert_allclose(y[rows], came.ravel())
        np.testing.assert_allclose(x[rows], _features(then, told, 5).reshape(10, -1))


def test_as_many_mornings_are_taken_as_the_rows_need() -> None:
    view = steady(50).known_at(50)  # 18 mornings, of ten rows
    for rows, taken in ((90, 90), (91, 91), (100, 100), (10**6, 180)):
        assert len(BoostedModel(rows=rows)._windows(view, 5)[1]) == taken, rows
    # Eight mornings at least, of whose rows the wanted number is drawn.
    assert len(BoostedModel(rows=25)._windows(view, 5)[1]) == 25
    _, eight = BoostedModel(rows=80)._windows(view, 5)
    _, drawn = BoostedModel(rows=79)._windows(view, 5)
    assert len(eight) == 80
    assert np.flatnonzero(~np.isin(eight, drawn)).size == 1
    # In the order of the mornings, and another choice by another seed.
    assert drawn.tolist() == eight[np.isin(eight, drawn)].tolist()
    _, other = BoostedModel(rows=40, seed=1)._windows(view, 5)
    assert not np.array_equal(other, BoostedModel(rows=40)._windows(view, 5)[1])


@pytest.mark.parametrize(("measured", "rows"), [(13, 5), (14, 10)])
def test_a_series_is_learned_from_after_two_weeks(measured: int, rows: int) -> None:
    panel = steady(33)
    use = panel.use.copy()
    use[: 28 - measured, 1] = NAN
    _, y = BoostedModel()._windows(replace(panel, use=use).known_at(33), 5)
    assert len(y) == rows


def test_days_not_measured_are_not_learned_from_and_outliers_are_cut() -> None:
    panel = steady(33)
    use = panel.use.copy()
    use[29, 0] = NAN
    use[30, 1] = 1e9
    _, y = BoostedModel()._windows(replace(panel, use=use).known_at(33), 5)
    assert len(y) == 9
    assert y.max() == 30.0


def test_without_series_there_are_no_windows() -> None:
    none = stand_in_panel(60, (), shutdowns=Shutdowns.none())
    x, y = BoostedModel()._windows(none.known_at(60), 7)
    assert x.shape == (0, len(_FEATURES))
    assert y.shape == (0,)


def lightgbm() -> Any:
    return pytest.importorskip("lightgbm", reason="lightgbm is not installed")


@pytest.mark.parametrize(("rows", "models"), [(499, 0), (500, 7)])
def test_five_hundred_rows_are_enough_to_learn(rows: int, models: int) -> None:
    lightgbm()
    fitted = BoostedModel(trees=1, rows=rows).fit(steady(60, 10).known_at(60), 5)
    assert len(fitted.models) == models


def test_every_level_has_trees_of_its_own_all_small_and_slow() -> None:
    """A leaf holds a hundredth of the rows at least. LightGBM writes what it was told."""
    lightgbm()
    fitted = BoostedModel(trees=2, rows=2500).fit(steady(60, 20).known_at(60), 5)
    for level, text in zip((0.025, 0.1, 0.25, 0.5, 0.75, 0.9, 0.975), fitted.models, strict=True):
        told = dict(line[1:-1].split(": ", 1) for line in text.splitlines() if line[:1] == "[")
        assert float(told["alpha"]) == pytest.approx(level)
        assert (told["objective"], told["num_iterations"]) == ("quantile", "2")
        assert (told["num_leaves"], told["learning_rate"]) == ("8", "0.05")
        assert (told["min_data_in_leaf"], told["lambda_l2"]) == ("25", "1")
        assert (told["feature_fraction"], told["bagging_fraction"]) == ("0.8", "0.8")
        assert (told["bagging_freq"], told["max_bin"], told["seed"]) == ("1", "63", "0")
        # The same bits every time, on every machine.
        assert (told["num_threads"], told["deterministic"]) == ("1", "1")
        assert told["force_row_wise"] == "1"


@pytest.mark.parametrize(("least", "rows", "leaf"), [(200, 600, "20"), (7, 600, "7")])
def test_a_leaf_holds_no_fewer_rows_than_twenty_or_than_asked_for(
    least: int, rows: int, leaf: str
) -> None:
    lightgbm()
    fitted = BoostedModel(trees=1, rows=rows, least_leaf=least).fit(steady(60, 10).known_at(60), 5)
    assert f"[min_data_in_leaf: {leaf}]" in fitted.models[0]


def test_with_nothing_learned_errors_are_normal() -> None:
    lightgbm()
    view = steady(40).known_at(40)
    told = Ridge()(view, 3)
    found = FittedBoosted(Ridge(), ())(view, 3)
    for k in range(2):
        expected = told.ahead[k][:, None] + told.scale[k] * 1.25 * normal_scores(QUANTILES)
        np.testing.assert_allclose(found[k], np.maximum(expected, 0.0))


def always(value: float) -> str:
    """Trees that say the same of everything."""
    gbm = lightgbm()
    rows = np.random.default_rng(0).random((60, len(_FEATURES)))
    data = gbm.Dataset(rows, np.full(60, value), params={"verbosity": -1})
    settings = {"objective": "l2", "verbosity": -1, "num_threads": 1}
    return str(gbm.train(settings, data, num_boost_round=1).model_to_string())


def test_what_trees_say_is_sorted_in_units_of_the_scale_and_not_below_zero() -> None:
    """The levels say the scores of their opposites: sorted, they are those of a normal error."""
    scores = normal_scores(_LEARNED)
    fitted = FittedBoosted(Ridge(), tuple(always(float(each)) for each in scores[::-1]))
    view = steady(40).known_at(40)
    told = Ridge()(view, 3)
    wide = replace(told, scale=np.array([1.0, 1000.0]))
    found = fitted.on(wide, view, 3)
    for k in range(2):
        expected = told.ahead[k][:, None] + wide.scale[k] * normal_scores(QUANTILES)
        np.testing.assert_allclose(found[k], np.maximum(expected, 0.0), rtol=1e-5, atol=1e-4)
    assert np.array_equal(fitted(view, 3), fitted.on(told, view, 3))


def test_the_same_is_read_back_from_a_folder(tmp_path: Path) -> None:
    lightgbm()
    view = steady(60, 10).known_at(60)
    ridge = Ridge(memory_days=99.0)
    fitted = BoostedModel(ridge, trees=2, rows=600).fit(view, 5)
    fitted.save(tmp_path)
    loaded = FittedBoosted.load(tmp_path)
    assert loaded.models == fitted.models
    assert loaded.ridge == ridge
    assert np.array_equal(loaded(view, 5), fitted(view, 5))
    about = tmp_path / "boosted.json"
    about.write_text(about.read_text().replace('"use_1"', '"use_2"'), encoding="utf-8")
    with pytest.raises(InputError, match=r"boosted\.json: got other features.*fit the model again"):
        FittedBoosted.load(tmp_path)


def test_a_model_that_learned_nothing_is_read_back_so(tmp_path: Path) -> None:
    lightgbm()
    FittedBoosted(Ridge(), ()).save(tmp_path)
    assert FittedBoosted.load(tmp_path).models == ()
    assert [path.name for path in tmp_path.iterdir()] == ["boosted.json"]
