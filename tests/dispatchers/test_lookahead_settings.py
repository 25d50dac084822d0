"""Settings of a look-ahead are refused outside of their ranges, and taken at both ends."""

from __future__ import annotations

import pytest

from lmrs_rl.dispatchers.lookahead_settings import LookAheadSettings
from lmrs_rl.domain import InputError


def settings(**changes: float) -> LookAheadSettings:
    """Settings with a budget that is large enough for any number of candidates."""
    return LookAheadSettings(**{"budget": 100_000, **changes})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("name", "least", "most", "under", "over"),
    [
        ("candidates", 2, 1000, 0, 1001),  # two of them are the base's: see below for one
        ("seeds", 1, 16, 0, 17),
        ("days", 1, 1000, 0, 1001),
        ("paths", 1, 100_000, 0, 100_001),
        ("step", 0.0, 1.0, -0.01, 1.01),
        ("spread", 0.0, 1.0, -0.01, 1.01),
        ("tank_spread", 0.0, 1.0, -0.01, 1.01),
        ("caution", 1.0, 100.0, 0.99, 100.01),
    ],
)
def test_both_ends_are_taken_and_what_is_beyond_is_refused(
    name: str, least: float, most: float, under: float, over: float
) -> None:
    for good in (least, most):
        assert getattr(settings(**{name: good}), name) == good
    for bad in (under, over):
        with pytest.raises(InputError, match=f"^{name}: got {bad}; wanted "):
            settings(**{name: bad})


def test_one_candidate_needs_no_budget_and_no_more_seeds() -> None:
    assert settings(candidates=1, seeds=1, budget=0).budget == 0
    with pytest.raises(InputError, match="seeds: got 2; wanted 1 to 1"):
        settings(candidates=1, seeds=2)


@pytest.mark.parametrize(("candidates", "least"), [(2, 2), (3, 6), (4, 8), (5, 15), (16, 64)])
def test_the_budget_lets_each_candidate_be_rolled_in_each_round(
    candidates: int, least: int
) -> None:
    # Rounds of halving: one for two candidates, two for three and four, three for five.
    assert settings(candidates=candidates, seeds=1, budget=least).budget == least
    with pytest.raises(InputError, match=f"budget: got {least - 1}; wanted at least {least} for"):
        settings(candidates=candidates, seeds=1, budget=least - 1)


def test_the_settings_that_ship_are_16_candidates_within_their_budget() -> None:
    found = LookAheadSettings()
    assert (found.candidates, found.seeds, found.days, found.paths) == (16, 2, 4, 30)
    assert (found.step, found.spread, found.tank_spread) == (0.5, 0.3, 0.5)
    assert (found.caution, found.budget) == (4.0, 128)
