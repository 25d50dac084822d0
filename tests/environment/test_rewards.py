"""The reward of a day and what explains it, by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from lmrs_rl.domain import Costs, Executed, OrderParameters, Plan
from lmrs_rl.environment.rewards import info_of, reward_of
from lmrs_rl.simulation import DayOutcome, Decision
from lmrs_rl.simulation.costs import DayCosts
from tests import tiny
from tests.routing.cases import order


def outcome() -> DayOutcome:
    """A day with a trip of 1000 kg, two hours of unmet demand and a missed order of two."""
    unmet = np.zeros((24, 2))
    unmet[3, 0], unmet[4, 1] = 7.0, 4.0
    level = np.full((24, 2), 300.0)
    executed = Executed(0, 1440, (tiny.trip(),), level, level, unmet)
    plan = Plan(0, (), (1,), Costs(0, 0, 0, 0))
    orders = order(tiny.TANK_A), order(tiny.TANK_B)
    decision = Decision(OrderParameters.shared(2, x_kg=0.0), orders, plan)
    costs = DayCosts(100.0, 50.0, 30.0, 2000.0, 5.5, 400.0)
    return DayOutcome(0, decision, executed, costs, 60.0, tiny.snapshot())


def test_the_reward_is_the_cost_in_units_of_20_eur_for_each_tank() -> None:
    # 100 + 50 + 30 + 2000 + 5.5 - 400 = 1785.5 EUR.
    assert reward_of(outcome(), 2) == pytest.approx(-1785.5 / 40)
    assert reward_of(outcome(), 5) == pytest.approx(-1785.5 / 100)


def test_the_info_has_every_part_of_the_reward_and_the_figures_of_the_day() -> None:
    found = info_of(outcome())
    assert found == pytest.approx(
        {
            "reward_eur": -1785.5,
            "distance_eur": 100.0,
            "time_eur": 50.0,
            "nights_eur": 30.0,
            "stockouts_eur": 2000.0,
            "lost_sales_eur": 5.5,
            "stock_eur": 400.0,
            "km": 60.0,
            "kg": 1000.0,
            "trips": 1.0,
            "stockout_tank_days": 2.0,
            "unmet_kg": 11.0,
            "orders": 2.0,
            "missed_orders": 1.0,
            "plan_complete": 1.0,
        }
    )
    assert all(type(value) is float for value in found.values())
    cut = Plan(0, (), (), Costs(0, 0, 0, 0), complete=False)
    found = info_of(replace(outcome(), decision=replace(outcome().decision, plan=cut)))
    assert (found["missed_orders"], found["plan_complete"]) == (0, 0)
