"""Numbers to tune and back."""

from __future__ import annotations

from dataclasses import fields

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lmrs_rl.dispatchers import FixedParameters
from lmrs_rl.domain import InputError
from lmrs_rl.learning.ranges import RANGES, parameters_at, ranges_of, shares_of


def test_the_six_of_the_source_and_two_more() -> None:
    assert [each.name for each in RANGES["tuned"]] == ["x_share", "a", "b", "alpha", "beta", "z"]
    assert [each.name for each in RANGES["extended"]][6:] == ["value_multiplier", "q_min_floor"]
    with pytest.raises(InputError, match="'best'; wanted one of tuned, extended"):
        ranges_of("best")


@given(st.lists(st.floats(0, 1), min_size=8, max_size=8))
def test_every_place_of_the_ranges_is_a_legal_choice_and_comes_back(shares: list[float]) -> None:
    ranges = RANGES["extended"]
    found = parameters_at(ranges, np.array(shares), FixedParameters())
    # Four digits are kept: of a share that is at most 1e-4 of the value over the range.
    assert shares_of(ranges, found) == pytest.approx(shares, abs=6e-4)


def test_what_is_not_tuned_stays() -> None:
    start = FixedParameters(value_multiplier=0.7, call_in_penalty=5.0)
    found = parameters_at(RANGES["tuned"], np.full(6, 0.5), start)
    assert (found.value_multiplier, found.call_in_penalty) == (0.7, 5.0)
    # Half-way between 30 and 30000, in equal factors.
    assert found.alpha == pytest.approx(948.7)
    assert {each.name for each in RANGES["extended"]} <= {
        each.name for each in fields(FixedParameters)
    }


def test_a_number_out_of_range_counts_as_the_nearest() -> None:
    assert shares_of(RANGES["tuned"], FixedParameters(alpha=1e6, a=-1.0))[[1, 3]].tolist() == [
        0.0,
        1.0,
    ]
