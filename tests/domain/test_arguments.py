"""Whole numbers from users."""

from __future__ import annotations

import numpy as np
import pytest

from lmrs_rl.domain.arguments import whole_number
from lmrs_rl.errors import InputError


def days(value: object, most: int | None = 9) -> int:
    return whole_number("days", value, 2, most, "2 to 9 days", "choose fewer")


@pytest.mark.parametrize("value", [2, 9, np.int64(5), np.int32(2)])
def test_whole_numbers_up_to_both_limits_are_taken_as_ints(value: object) -> None:
    assert days(value) == value
    assert type(days(value)) is int


@pytest.mark.parametrize("value", [1, 10, -5])
def test_a_number_out_of_range_is_refused_as_it_is(value: int) -> None:
    with pytest.raises(InputError, match=f"^days: got {value}; wanted 2 to 9 days; choose fewer"):
        days(value)


@pytest.mark.parametrize("value", [True, 3.0, "3", None, np.float64(3), np.True_])
def test_what_is_no_whole_number_is_refused_as_it_was_written(value: object) -> None:
    with pytest.raises(InputError) as told:
        days(value)
    assert str(told.value).startswith(f"days: got {value!r};")


def test_without_a_most_there_is_none() -> None:
    assert days(10**6, None) == 10**6
    with pytest.raises(InputError, match="days"):
        days(1, None)
