"""Forecasts: every refusal, and how quantiles are read between those held."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from lmrs_rl.domain import Forecast, InputError

LOW = [0.0, 1.0, 2.0]
HIGH = [0.0, 3.0, 6.0]


def two(quantiles: Any = (0.25, 0.75), cumulative: Any = ((LOW,), (HIGH,))) -> Forecast:
    return Forecast(0, quantiles, cumulative)


@pytest.mark.parametrize("bad", [(), (0.0, 0.5), (0.5, 1.0), (0.5, 0.5), (0.75, 0.25), (np.nan, 0.5)])
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


@pytest.mark.parametrize(("q", "kg"), [(0.25, 2), (0.5, 4), (0.7, 5.6), (0.75, 6), (0.9, 6), (0.01, 2)])
def test_quantiles_between_are_linear_and_outside_are_the_outermost(q: float, kg: float) -> None:
    assert two().cumulative(q)[0, -1] == pytest.approx(kg)


def test_a_single_quantile_is_every_quantile() -> None:
    assert Forecast(0, np.array([0.5]), np.array([[LOW]])).cumulative(0.9).tolist() == [LOW]


def test_each_tank_may_ask_for_its_own_quantile() -> None:
    both = two(cumulative=((LOW, LOW), (HIGH, HIGH)))
    assert both.cumulative([0.25, 0.75])[:, -1].tolist() == [2, 6]


@pytest.mark.parametrize("bad", [0.0, 1.0, -0.5, np.nan, [0.5, 1.0]])
def test_a_quantile_outside_is_refused(bad: Any) -> None:
    with pytest.raises(InputError, match="q: got"):
        two(cumulative=((LOW, LOW), (HIGH, HIGH))).cumulative(bad)
