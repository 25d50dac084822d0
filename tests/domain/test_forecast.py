"""Levels that may be asked for, and quantiles of sorted draws."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from lmrs_rl.domain.forecast import (
    count_of_paths,
    of_sorted,
    quantile_levels,
    wanted_level,
    wanted_levels,
)
from lmrs_rl.errors import InputError


def test_increasing_levels_inside_zero_and_one_are_taken() -> None:
    assert quantile_levels("q", [0.001, 0.5, 0.999]).tolist() == [0.001, 0.5, 0.999]
    assert quantile_levels("q", [0.5]).tolist() == [0.5]


@pytest.mark.parametrize(
    "levels", [[], [0.0, 0.5], [-0.1, 0.5], [0.5, 1.0], [0.5, 1.1], [0.5, 0.5], [0.6, 0.5]]
)
def test_other_levels_are_refused_by_their_field(levels: list[float]) -> None:
    with pytest.raises(InputError, match=r"forecast\.quantiles.*increasing numbers in \(0, 1\)"):
        quantile_levels("forecast.quantiles", levels)


def test_levels_that_are_no_list_are_refused() -> None:
    with pytest.raises(InputError, match="shape"):
        quantile_levels("q", [[0.1, 0.9]])


def test_one_level_is_for_all_tanks_and_several_are_one_each() -> None:
    assert wanted_level(0.3, 3).tolist() == [0.3, 0.3, 0.3]
    assert wanted_level([0.1, 0.2, 0.9], 3).tolist() == [0.1, 0.2, 0.9]
    assert wanted_levels(0.3, 2).tolist() == [0.3, 0.3]
    assert wanted_levels([0.1, 0.2], 2).tolist() == [0.1, 0.2]


def test_a_table_of_levels_stays_as_it_is() -> None:
    table = [[0.1, 0.2], [0.3, 0.4], [0.5, 0.6]]
    assert wanted_levels(table, 2).tolist() == table


@pytest.mark.parametrize(
    "q", [0.0, 1.0, -0.1, 1.1, float("nan"), [0.5], [0.5] * 3, [0.5, 0.0], [0.5, 1.0]]
)
def test_a_level_outside_zero_and_one_or_for_other_tanks_is_refused(q: Any) -> None:
    for check in (wanted_level, wanted_levels):
        with pytest.raises(InputError, match=r"^q: .*a number in \(0, 1\), or 2 of them"):
            check(q, 2)


@pytest.mark.parametrize("q", [[[0.5, 1.0]], [[0.5, 0.5, 0.5]], [[0.5, 0.5], [0.5, 0.0]]])
def test_a_table_with_a_level_that_is_none_or_of_other_tanks_is_refused(
    q: list[list[float]],
) -> None:
    with pytest.raises(InputError, match=r"^q: "):
        wanted_levels(q, 2)


@pytest.mark.parametrize(
    ("q", "kg"),
    [
        # The four draws stand for the levels 1/8, 3/8, 5/8 and 7/8.
        (0.125, 10),
        (0.375, 20),
        (0.625, 40),
        (0.875, 80),
        (0.25, 15),
        (0.5, 30),
        (0.8125, 70),
        # Beyond the outermost there is no more to be known.
        (0.01, 10),
        (0.99, 80),
    ],
)
def test_a_quantile_lies_between_the_draws_around_it(q: float, kg: float) -> None:
    draws = np.array([10.0, 20, 40, 80]).reshape(1, 1, 4)
    assert of_sorted(draws, np.array([q])).tolist() == [[pytest.approx(kg)]]


def test_every_tank_has_its_level_and_every_day_its_draws() -> None:
    draws = np.array([[[0.0, 10], [20, 30]], [[40.0, 50], [60, 80]]])  # tank, day, draw
    # The median of two draws is their mean; 0.75 is the upper one.
    assert of_sorted(draws, np.array([0.5, 0.75])).tolist() == [[5, 25], [50, 80]]
    both = of_sorted(draws, np.array([[0.5, 0.75], [0.25, 0.5]]))
    assert both.tolist() == [[[5, 25], [50, 80]], [[0, 20], [45, 70]]]


def test_at_least_one_path_is_drawn() -> None:
    assert count_of_paths(1) == 1
    with pytest.raises(InputError, match="n: got 0; wanted at least 1 path"):
        count_of_paths(0)
