"""What bringing a kg costs, by hand in the tiny world."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from lmrs_rl.simulation.prices import StockPrices, delivery_price, fetching_price
from lmrs_rl.worlds.parameters import Cost
from tests import tiny

# A: base - plant - A - base is 40 km and 80 min, handling 20 + 30 min: 40 + 130 / 2 = 105 for 2000
# kg. A typical drop is 70 % of 900 kg; the stop's set-up of 30 min costs 15, and A lies on the way
# to B: no detour.
PRICE_A = 105 / 2000 + 15 * (1 / 630 - 1 / 2000)
# B: 60 km, 120 + 50 min: 145. On a trip to A, B is 10 + 25 - 15 = 20 km more, 40 min at 2 min/km:
# 15 + 20 + 20 = 55.
PRICE_B = 145 / 2000 + 55 * (1 / 630 - 1 / 2000)


def test_by_hand() -> None:
    assert delivery_price(tiny.network()) == pytest.approx([PRICE_A, PRICE_B])


def test_a_tank_that_takes_a_truckload_bears_no_stop_of_its_own() -> None:
    network = tiny.network()
    large = replace(network, tanks=replace(network.tanks, capacity_kg=np.array([1000.0, 4000.0])))
    assert delivery_price(large)[1] == pytest.approx(145 / 2000)


def test_a_tank_that_no_vehicle_serves_has_no_price() -> None:
    network = tiny.network()
    cut = replace(
        network, tanks=replace(network.tanks, vehicle_allowed=np.array([[True], [False]]))
    )
    # A has nobody to share its trip with; it never had a detour.
    assert delivery_price(cut) == pytest.approx([PRICE_A, 0.0])


def test_fetching_is_the_way_to_the_site_and_back() -> None:
    # 10 km and 20 min for 2000 kg.
    assert fetching_price(tiny.network()).tolist() == [[pytest.approx(20 / 2000)]]


def test_worth_of_all_stock() -> None:
    network = tiny.network()
    prices = StockPrices.of(network, Cost(stock_value=2.0))
    snapshot = replace(tiny.snapshot(), load_kg=np.array([100.0]), load_product=np.array([0]))
    assert prices.inventory_value(network, snapshot) == pytest.approx(
        2 * (580 * PRICE_A + 400 * PRICE_B + 100 * 0.01)
    )
