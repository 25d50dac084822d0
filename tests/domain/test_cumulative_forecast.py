"""Forecasts of cumulative quantiles: every refusal, and what they answer."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from lmrs_rl.domain import CumulativeForecast, InputError

LOW = [0.0, 1.0, 2.0]
HIGH = [0.0, 3.0, 6.0]


def two(quantiles: Any = (0.25, 0.75), cumulative: Any = ((LOW,), (HIGH,))) -> CumulativeForecast:
    return CumulativeForecast(0, quantiles, cumulative)


@pytest.mark.parametrize(
    "bad", [(), (0.0, 0.5), (0.5, 1.0), (0.5, 0.5), (0.75, 0.25), (np.nan, 0.5)]
)
def test_bad_quantiles_are_refused(bad: tuple[float, ...]) -> None:
    with pytest.raises(InputError, match=r"forecast\.quantiles"):
        two(quantiles=bad)


@pytest.mark.parametrize(
    "bad",
    [
        (((LOW,),)),  # one matrix for two quantiles
        (LOW, HIGH),  # no tanks
        (([0.0],), ([0.0],)),  # no hour
        (([1.0, 1.0],), ([1.0, 1.0],)),  # does not start at 0
        (([0.0, 2.0, 1.0],), ([0.0, 3.0, 6.0],)),  # falls with the hour
        ((HIGH,), (LOW,)),  # falls with the quantile
        (([0.0, np.nan],), ([0.0, 1.0],)),
        (([0.0, 1.0],), ([0.0, np.inf],)),
    ],
)
def test_bad_consumption_is_refused(bad: Any) -> None:
    with pytest.raises(InputError, match=r"forecast\.cumulative_kg"):
        two(cumulative=bad)


def test_the_shortest_forecast_is_an_hour() -> None:
    assert two(cumulative=(([0.0, 0.0],), ([0.0, 0.0],))).hours == 1


@pytest.mark.parametrize(
    ("q", "kg"), [(0.25, 2), (0.5, 4), (0.7, 5.6), (0.75, 6), (0.9, 6), (0.01, 2)]
)
def test_quantiles_between_are_linear_and_outside_are_the_outermost(q: float, kg: float) -> None:
    assert two().cumulative(q)[0, -1] == pytest.approx(kg)


def test_a_single_quantile_is_every_quantile() -> None:
    assert CumulativeForecast(0, np.array([0.5]), np.array([[LOW]])).cumulative(0.9).tolist() == [
        LOW
    ]


def test_each_tank_may_ask_for_its_own_quantile() -> None:
    both = two(cumulative=((LOW, LOW), (HIGH, HIGH)))
    assert both.cumulative([0.25, 0.75])[:, -1].tolist() == [2, 6]


@pytest.mark.parametrize("bad", [0.0, 1.0, -0.5, np.nan, [0.5, 1.0], [0.5, 0.5, 0.5]])
def test_a_quantile_outside_is_refused(bad: Any) -> None:
    with pytest.raises(InputError, match="q: got"):
        two(cumulative=((LOW, LOW), (HIGH, HIGH))).cumulative(bad)


def three_days() -> CumulativeForecast:
    """One tank: 24, 24, 0 kg a day at the quantile 0.25, 48, 0, 24 kg a day at 0.75."""
    by_day = np.array([[0, 24, 48, 48], [0, 48, 48, 72.0]])
    by_hour = [np.interp(np.arange(73), [0, 24, 48, 72], row) for row in by_day]
    return CumulativeForecast(0, np.array([0.25, 0.75]), np.array(by_hour)[:, None])


def test_whole_days_are_counted() -> None:
    assert (two().hours, two().days, two().n_tanks) == (2, 0, 1)
    assert (three_days().hours, three_days().days) == (72, 3)
    assert two().quantile(0.5).shape == (1, 0)


def test_paths_keep_their_quantile_for_ever() -> None:
    paths = three_days().paths(4000, np.random.default_rng(1))
    first = paths[:, 0, 0]
    # The first day runs from 24 to 48 kg with the level; by its end and by the second's, 48 kg are
    # used at most.
    np.testing.assert_allclose(paths[:, 0, 1], 48 - first)
    np.testing.assert_allclose(paths[:, 0, 2], first - 24)
    # Half of the levels lie outside 0.25 to 0.75, where a path is the outermost one.
    assert np.mean(first == 24) == pytest.approx(0.25, abs=0.03)
    assert np.mean(first == 48) == pytest.approx(0.25, abs=0.03)


def test_quantiles_of_single_days_are_those_of_the_paths() -> None:
    # The second day's use falls with the level: its quantile 0.75 is that of the path at 0.25.
    np.testing.assert_allclose(three_days().quantile(0.75), [[48, 24, 24]], atol=0.2)
    np.testing.assert_allclose(three_days().quantile(0.5), [[36, 12, 12]], atol=0.2)


@pytest.mark.parametrize(
    ("kg", "probability"), [(0, 1), (24, 1), (24.001, 0.75), (36, 0.5), (48, 0.25), (48.001, 0)]
)
def test_stockout_probability_reads_the_level_at_which_the_tank_is_dry(
    kg: float, probability: float
) -> None:
    assert three_days().stockout_probability([kg])[0, 0] == pytest.approx(probability, abs=1e-4)


def test_a_day_without_doubt_empties_a_tank_or_does_not() -> None:
    sure = CumulativeForecast(0, np.array([0.5]), np.arange(49.0)[None, None])
    assert sure.stockout_probability([25]).tolist() == [[0, 1]]
    assert sure.stockout_probability([48]).tolist() == [[0, 1]]
    assert sure.quantile(0.9).tolist() == [[24, 24]]


@pytest.mark.parametrize("bad", [[np.nan], [1.0, 2.0], 5.0])
def test_levels_of_other_tanks_are_refused(bad: Any) -> None:
    with pytest.raises(InputError, match="levels"):
        three_days().stockout_probability(bad)


def test_no_path_is_refused() -> None:
    with pytest.raises(InputError, match="n: got 0"):
        three_days().paths(0, np.random.default_rng(1))
