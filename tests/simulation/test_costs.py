"""Costs of a day in the tiny world, by hand."""

from __future__ import annotations

import numpy as np
import pytest

from lmrs_rl.domain import CallInOrders
from lmrs_rl.simulation.costs import day_costs, driven_km, stockout_days
from lmrs_rl.simulation.prices import StockPrices
from lmrs_rl.stock import execute
from lmrs_rl.worlds.parameters import Cost
from tests import tiny

COST = Cost(stockout_per_tank_day=1000.0, lost_per_kg=2.0, stock_value=1.0)
PRICES = StockPrices(np.array([0.1, 0.2]), np.array([[0.01]]))


def test_a_trip_and_its_worth() -> None:
    network, before = tiny.network(), tiny.snapshot()
    executed, after = execute(network, before, [tiny.trip()], tiny.use_kg(24), CallInOrders.none())
    costs = day_costs(network, COST, PRICES, before, executed, after)
    # 60 km at 1; 200 min at 0.5. A gains 400 - 240 kg, B 600 - 120 kg; nothing stays on board.
    assert (costs.distance, costs.time, costs.nights) == (60.0, 100.0, 0.0)
    assert costs.stock == pytest.approx(160 * 0.1 + 480 * 0.2)
    assert (costs.stockouts, costs.lost_sales) == (0.0, 0.0)
    assert costs.total == pytest.approx(160 - 112)
    assert driven_km(network, [tiny.trip()]) == 60.0


def test_a_dry_tank_costs_its_day_and_each_kg() -> None:
    network, before = tiny.network(), tiny.snapshot()
    use = tiny.use_kg(72)
    executed, after = execute(network, before, [], use, CallInOrders.none())
    costs = day_costs(network, COST, PRICES, before, executed, after)
    # A's 580 kg last 58 h of 72: 140 kg missing, on the third day; B's 400 kg last 80 h.
    assert costs.stockouts == 1000.0
    assert costs.lost_sales == pytest.approx(2 * 140)
    assert costs.stock == pytest.approx(-580 * 0.1 - 360 * 0.2)


def test_product_that_stays_on_board_is_worth_its_fetching() -> None:
    network, before = tiny.network(), tiny.snapshot()
    executed, after = execute(
        network, before, [tiny.trip(loaded_kg=1500.0)], tiny.use_kg(24), CallInOrders.none()
    )
    costs = day_costs(network, COST, PRICES, before, executed, after)
    assert costs.stock == pytest.approx(160 * 0.1 + 480 * 0.2 + 500 * 0.01)


def test_product_on_its_way_is_worth_what_it_is_worth_there() -> None:
    network, before = tiny.network(), tiny.snapshot()
    executed, after = execute(
        network, before, [tiny.trip(start_min=1380)], tiny.use_kg(24), CallInOrders.none()
    )
    # Starts at 23:00, drops from midnight on: all of it is under way.
    assert len(after.in_transit) == 2
    assert day_costs(network, COST, PRICES, before, executed, after).stock == pytest.approx(
        160 * 0.1 + 480 * 0.2
    )


def test_days_with_a_stockout_are_counted_for_each_tank() -> None:
    unmet = np.zeros((48, 2))
    unmet[[3, 5, 30], 0] = 1.0  # twice on the first day, once on the second
    unmet[47, 1] = 1e-9  # rounding
    assert stockout_days(unmet).tolist() == [2.0, 0.0]
    assert stockout_days(unmet[:31]).tolist() == [2.0, 0.0]  # a part of a day counts
