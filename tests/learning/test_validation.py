"""A policy against the baseline, by hand."""

from __future__ import annotations

import numpy as np
import pytest

from lmrs_rl.learning.rollout import EpisodeResult
from lmrs_rl.learning.validation import validation_result


def episode(
    cost: float, stockouts: float = 0.0, nearly: float = 0.0, km: float = 0.0
) -> EpisodeResult:
    """Ten days of two tanks."""
    figures = {
        "reward_eur": -cost,
        "stockouts_eur": stockouts,
        "lost_sales_eur": 0.0,
        "nearly_dry": nearly,
        "km": km,
    }
    return EpisodeResult(1, 2, 10, figures)


def test_costs_are_relative_to_the_baseline_world_by_world() -> None:
    # Of 1000: 10 % less, of 3000: 30 % more.
    found = validation_result(
        [episode(900, km=40), episode(3900, km=60)], [episode(1000, km=20), episode(3000, km=0)]
    )
    assert found.cost == pytest.approx(0.1)
    # Values -0.1 and 0.3 have the standard deviation 0.4 / sqrt(2), over sqrt(2) worlds.
    assert found.error == pytest.approx(0.2)
    assert (found.smoothed, found.smoothed_error) == (found.cost, found.error)
    assert found.total == pytest.approx(4800 / 4000 - 1)
    # 20 and 60 km more in 20 tank-days each.
    assert found.figures["km"] == pytest.approx(2.0)


def test_stockouts_are_smoothed_for_both() -> None:
    # Half of 400 EUR of stock-outs becomes half of two nearly dry days at 100 EUR: 300 less.
    one = [episode(1000, stockouts=400, nearly=2)]
    base = [episode(1000, nearly=4)]  # half of four days at 100 EUR more: 1200
    found = validation_result(one, base, weight=0.5, price=100.0)
    assert found.cost == 0
    assert found.smoothed == pytest.approx(900 / 1200 - 1)
    assert np.isnan(found.error)
    assert np.isnan(found.smoothed_error)
