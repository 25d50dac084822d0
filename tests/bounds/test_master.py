"""The restricted master beside linear programs solved by hand.

Plant (node 0) and base (node 1) 5 km apart; from the plant A is 15 km, B 25 km away.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from lmrs_rl.bounds.demand import DeliveredQuantities
from lmrs_rl.bounds.master import Master, Prices
from lmrs_rl.bounds.pricing import BASE, Segment
from lmrs_rl.bounds.segments import relax
from tests import tiny

A, B = 0, 1
PLANT, HOME = 0, 1
LOADED, FIRST = 0, 1
"""Kinds of segments: after a loading, and with what was on board."""


def solved(
    kg: Any, *segments: Segment, free: float = 0.0, load: float = 0.0, product: Any = (0, 0)
) -> Prices:
    relaxation = relax(
        tiny.network(),
        np.ones(2, dtype=bool),
        np.full(2, 2000.0),
        10,
        np.array([load]),
        np.zeros(1, dtype=np.int64),
    )
    demand = DeliveredQuantities(np.array(kg), np.array(product), np.array([free]))
    master = Master(relaxation, demand)
    master.add(segments)
    prices = master.solve()
    assert prices is not None
    return prices


TO_A = Segment(LOADED, PLANT, PLANT, 30.0, (A,), (1000.0,))
TO_B = Segment(LOADED, PLANT, PLANT, 50.0, (B,), (2000.0,))
TO_BOTH = Segment(LOADED, PLANT, PLANT, 50.0, (A, B), (1000.0, 1000.0))


def test_demand_is_covered_at_the_price_of_its_segments() -> None:
    # One and a half runs to A, half a run to B.
    prices = solved([1500.0, 1000.0], TO_A, TO_B)
    assert prices.km == pytest.approx(45.0 + 25.0)
    assert prices.price.tolist() == pytest.approx([0.03, 0.025])
    assert prices.first_saving.tolist() == [0.0]
    assert len(prices.potential) == 2


def test_segments_may_bring_more_than_is_wanted() -> None:
    # One run to both for 1000 kg at B brings A twice what it wants: that costs nothing.
    prices = solved([500.0, 1000.0], TO_A, TO_BOTH)
    assert prices.km == pytest.approx(50.0)
    assert prices.price.tolist() == pytest.approx([0.0, 0.05])


def test_what_is_not_wanted_has_no_price() -> None:
    prices = solved([0.0, 1000.0], TO_BOTH)
    assert prices.km == pytest.approx(50.0)
    assert prices.price.tolist() == pytest.approx([0.0, 0.05])


def test_free_kg_save_the_dearest_and_no_more_than_is_wanted() -> None:
    # 500 kg for A save 15 km, for B 12.5.
    assert solved([1500.0, 1000.0], TO_A, TO_B, free=500.0).km == pytest.approx(55.0)
    # 1500 kg for A, 500 for B.
    assert solved([1500.0, 1000.0], TO_A, TO_B, free=2000.0).km == pytest.approx(12.5)
    assert solved([1500.0, 1000.0], TO_A, TO_B, free=9000.0).km == pytest.approx(0.0)


def test_free_kg_are_of_one_product() -> None:
    # B's product is another one.
    found = solved([1500.0, 1000.0], TO_A, TO_B, free=9000.0, product=(0, 1))
    assert found.km == pytest.approx(25.0)


def test_visits_of_one_customer_add_up() -> None:
    twice = Segment(LOADED, PLANT, PLANT, 70.0, (A, BASE, A), (400.0, 0.0, 600.0))
    assert solved([1000.0, 0.0], twice).km == pytest.approx(70.0)


def test_a_segment_that_ends_elsewhere_needs_a_way_back() -> None:
    # 15 + 20 km, and 5 from the base back to the plant.
    one_way = Segment(LOADED, PLANT, HOME, 35.0, (A,), (1000.0,))
    prices = solved([1000.0, 0.0], one_way)
    assert prices.km == pytest.approx(40.0)
    # Its reduced cost is 0, and that of the move back as well.
    plant, home = prices.potential
    assert 35.0 - 1000 * prices.price[A] - plant + home == pytest.approx(0.0)
    assert 5.0 - home + plant == pytest.approx(0.0)
    # Twice as much, twice the way.
    assert solved([2000.0, 0.0], one_way).km == pytest.approx(80.0)


def test_a_first_segment_is_driven_once() -> None:
    # A made-up way of 5 km to the plant, from where it is 5 km to the base.
    cheap = Segment(FIRST, HOME, PLANT, 5.0, (A,), (500.0,))
    one, two = (solved([kg, 0.0], TO_A, cheap, load=500.0) for kg in (500.0, 2500.0))
    # 10 km for 500 kg instead of 15.
    assert one.km == pytest.approx(10.0)
    assert two.km == pytest.approx(10.0 + 60.0)
    assert two.price[A] == pytest.approx(0.03)
    # Another one would save 15 - 10 km.
    assert two.first_saving.tolist() == pytest.approx([0.0, 5.0])
    # Half of one is enough, so that another one would save nothing.
    half = solved([250.0, 0.0], TO_A, cheap, load=500.0)
    assert half.first_saving.tolist() == pytest.approx([0.0, 0.0])
    assert half.price[A] == pytest.approx(10.0 / 500)


def test_segments_may_be_added_later() -> None:
    relaxation = relax(
        tiny.network(),
        np.ones(2, dtype=bool),
        np.full(2, 2000.0),
        10,
        np.zeros(1),
        np.zeros(1, dtype=np.int64),
    )
    demand = DeliveredQuantities(
        np.array([1000.0, 1000.0]), np.zeros(2, dtype=np.int64), np.zeros(1)
    )
    master = Master(relaxation, demand)
    master.add([TO_A, TO_B])
    first = master.solve()
    master.add([TO_BOTH])
    second = master.solve()
    assert first is not None
    assert second is not None
    assert [first.km, second.km] == pytest.approx([55.0, 50.0])
