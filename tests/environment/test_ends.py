"""Neither filling up nor draining the tanks at the end of an episode pays, on average over
worlds.
"""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.environment_ends import Ends, ends


@pytest.fixture(scope="module")
def played() -> list[Ends]:
    return [
        ends(world, 1_000_020 + k, (12, 20), days=14, last=4)
        for k, world in enumerate(("calm", "tight", "uncertain", "multi-site"))
    ]


@pytest.mark.heavy
def test_filling_up_at_the_end_does_not_pay(played: list[Ends]) -> None:
    assert np.mean([(each.fill - each.on) / each.on for each in played]) > -0.02


@pytest.mark.heavy
def test_draining_at_the_end_does_not_pay(played: list[Ends]) -> None:
    assert np.mean([(each.drain - each.on) / each.on for each in played]) > 0.1


@pytest.mark.heavy
def test_deliveries_under_the_baseline_cost_about_what_stock_is_worth(played: list[Ends]) -> None:
    from lmrs_rl.worlds.parameters import Cost

    assert np.mean([each.cost_over_worth for each in played]) == pytest.approx(
        Cost().stock_value, rel=0.15
    )
