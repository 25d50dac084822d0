"""Sequential halving, by hand."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lmrs_rl.domain import InputError
from lmrs_rl.lookahead.halving import Round, halving


def spent(rounds: tuple[Round, ...]) -> int:
    before = [0, *(each.samples for each in rounds)]
    return sum(
        each.entrants * (each.samples - had) for each, had in zip(rounds, before, strict=False)
    )


def test_eight_entrants_share_each_third_of_the_budget() -> None:
    # Three rounds of 16 rolls: 8 * 2, then 4 * 4, then 2 * 8; what they had before stays.
    rounds = halving(8, 48, 100)
    assert rounds == (Round(8, 2), Round(4, 6), Round(2, 14))
    assert spent(rounds) == 48


def test_an_odd_half_is_rounded_up() -> None:
    # Three rounds of 10: 5 * 2, then 3 * 3 (one is left over), then 2 * 5.
    assert halving(5, 30, 100) == (Round(5, 2), Round(3, 5), Round(2, 10))


def test_nobody_has_more_samples_than_there_are() -> None:
    assert halving(8, 48, 5) == (Round(8, 2), Round(4, 5), Round(2, 5))


def test_one_entrant_needs_no_round() -> None:
    assert halving(1, 0, 1) == ()


def test_the_least_budget_is_one_sample_for_each_in_each_round() -> None:
    assert halving(4, 8, 9) == (Round(4, 1), Round(2, 3))
    with pytest.raises(InputError, match="budget: got 7; wanted at least 8"):
        halving(4, 7, 9)


@pytest.mark.parametrize(("entrants", "samples", "told"), [(0, 1, "entrants"), (2, 0, "samples")])
def test_nothing_to_choose_from_is_refused(entrants: int, samples: int, told: str) -> None:
    with pytest.raises(InputError, match=told):
        halving(entrants, 100, samples)


@given(st.integers(2, 70), st.integers(0, 300), st.integers(1, 40))
def test_rounds_halve_and_never_spend_more_than_the_budget(
    entrants: int, more: int, samples: int
) -> None:
    budget = entrants * (entrants - 1).bit_length() + more
    rounds = halving(entrants, budget, samples)
    assert rounds[0].entrants == entrants
    assert rounds[-1].entrants == 2
    assert all(after.entrants == -(-before.entrants // 2) for before, after in pairwise(rounds))
    assert all(1 <= each.samples <= samples for each in rounds)
    assert spent(rounds) <= budget
