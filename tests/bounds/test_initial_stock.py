"""Product that was on board or in transit at the start."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from lmrs_rl.bounds.initial_stock import initial_stock
from lmrs_rl.domain import NO_PRODUCT, Deliveries, InputError, Network
from tests import tiny
from tests.bounds import cases


def three_tankers() -> Network:
    """Two products, of which tank B takes the second."""
    net = cases.with_vehicles(2000.0, 2000.0, 2000.0)
    return replace(
        net,
        products=("gas", "air"),
        tanks=replace(net.tanks, product=np.array([0, 1])),
        sites=replace(net.sites, product_offered=np.ones((1, 2), dtype=bool)),
        vehicles=replace(net.vehicles, product_allowed=np.ones((3, 2), dtype=bool)),
    )


def test_there_is_none_without_a_snapshot() -> None:
    stock = initial_stock(three_tankers(), None)
    assert stock.load_kg.tolist() == [0.0, 0.0, 0.0]
    assert stock.load_product.tolist() == [NO_PRODUCT] * 3
    assert stock.free_kg.tolist() == stock.all_kg.tolist() == [0.0, 0.0]


@pytest.mark.parametrize(("kg", "segment"), [(0.99, False), (1.0, True)])
def test_traces_on_board_are_free_and_give_no_segment(kg: float, segment: bool) -> None:
    net = three_tankers()
    stock = initial_stock(net, cases.start(net, [500.0, kg, 0.0], [0, 1, NO_PRODUCT]))
    assert stock.load_kg.tolist() == [500.0, kg if segment else 0.0, 0.0]
    assert stock.load_product.tolist() == [0, 1, NO_PRODUCT]
    assert stock.free_kg.tolist() == [0.0, 0.0 if segment else kg]
    assert stock.all_kg.tolist() == [500.0, kg]


def test_what_is_in_transit_counts_for_its_tanks_product_and_is_free() -> None:
    net = three_tankers()
    way = Deliveries(
        np.array([1, 1, 0]), np.array([30, 40, 50]), np.array([70.0, 5.0, 8.0]), np.array([1, 1, 0])
    )
    start = replace(cases.start(net, [500.0, 300.0, 200.0], [0, 1, 0]), in_transit=way)
    stock = initial_stock(net, start)
    assert stock.free_kg.tolist() == [8.0, 75.0]
    assert stock.all_kg.tolist() == [708.0, 375.0]


def test_a_snapshot_of_another_network_is_refused() -> None:
    with pytest.raises(InputError, match="level_kg"):
        initial_stock(three_tankers(), tiny.snapshot(3))
