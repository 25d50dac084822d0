"""Prices of a stock-out and the front."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lmrs_rl.dispatchers import FixedDispatcher, FixedParameters
from lmrs_rl.domain import OrderParameters
from lmrs_rl.evaluation.front import curves
from lmrs_rl.evaluation.sweep import PricedDispatcher, cost_at, pareto
from lmrs_rl.forecast import KnownUse
from tests import tiny
from tests.evaluation.grids import row
from tests.seer import Seer


def at(price: float, **parameters: float) -> OrderParameters:
    network, snapshot = tiny.network(), tiny.snapshot()
    dispatcher = PricedDispatcher(FixedDispatcher(FixedParameters(**parameters)), price)
    return dispatcher(network, snapshot, KnownUse(tiny.days())(network, snapshot))


def test_a_price_scales_the_penalty_and_the_odds_of_the_quantile() -> None:
    found = at(3.0, alpha=100.0, z=0.5)
    assert found.alpha.tolist() == [300.0, 300.0]
    # Odds of 1 become 3: three quarters.
    assert found.z.tolist() == [0.75, 0.75]


def test_the_date_and_the_plans_are_handed_on() -> None:
    seer, date = Seer(FixedDispatcher(FixedParameters())), np.datetime64("2024-01-01")
    network, snapshot = tiny.network(), tiny.snapshot()
    PricedDispatcher(seer, 3.0).at(date, ())(
        network, snapshot, KnownUse(tiny.days())(network, snapshot)
    )
    assert seer.shown == [(date, ())]


def test_the_price_as_it_is_changes_nothing() -> None:
    parameters = FixedParameters(alpha=0.1, z=0.3)
    network, snapshot = tiny.network(), tiny.snapshot()
    plain = FixedDispatcher(parameters)(network, snapshot, KnownUse(tiny.days())(network, snapshot))
    found = at(1.0, alpha=0.1, z=0.3)
    assert found.z.tobytes() == plain.z.tobytes()
    assert found.alpha.tobytes() == plain.alpha.tobytes()


def test_quantiles_stay_inside() -> None:
    assert at(1e5, z=0.9).z.max() < 1
    assert at(1e-5, z=0.1).z.min() > 0


def test_the_front_by_hand() -> None:
    cost, dry = np.array([10.0, 8.0, 9.0, 8.0]), np.array([0.0, 4.0, 4.0, 6.0])
    assert pareto(cost, dry).tolist() == [True, True, False, False]
    # Half-way between (0, 10) and (4, 8).
    assert cost_at(2.0, cost, dry) == 9.0
    assert math.isnan(cost_at(5.0, cost, dry))


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), min_size=1, max_size=10))
def test_there_is_a_front_and_nobody_beats_it(points: list[tuple[int, int]]) -> None:
    cost, dry = np.array(points, dtype=np.float64).T
    front = pareto(cost, dry)
    assert front.any()
    for k in np.flatnonzero(front):
        assert not np.any((cost <= cost[k]) & (dry <= dry[k]) & ((cost < cost[k]) | (dry < dry[k])))


def test_curves_compare_at_the_service_of_the_judge() -> None:
    def runs(agent: str, points: dict[float, tuple[float, float]]) -> list:  # type: ignore[type-arg]
        zero = {"cost_time": 0.0, "cost_nights": 0.0, "cost_stock": 0.0, "tank_days": 1000.0}
        return [
            row(agent, price=p, also=zero, cost_distance=1000 * cost, stockout_tank_days=dry)
            for p, (cost, dry) in points.items()
        ]

    rows = [
        *runs("extended", {0.1: (8.0, 9.0), 1.0: (10.0, 2.0)}),
        *runs("new", {0.1: (7.0, 4.0), 1.0: (9.0, 0.0)}),
    ]
    extended, new = curves(rows, "extended")
    assert extended.cost_at_equal_service == 10.0
    # Its front at 2 stock-outs lies half-way between (0, 9) and (4, 7).
    assert new.cost_at_equal_service == 8.0
    assert [point.driving for point in new.points] == pytest.approx([7.0, 9.0])
