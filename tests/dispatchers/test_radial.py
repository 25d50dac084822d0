"""The radial price, by hand."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
import pytest

from lmrs_rl.dispatchers import radial_price
from tests import tiny
from tests.routing.cases import with_columns


def test_by_hand() -> None:
    # Plant to A and back: 60 min, 30 km; cost 30 * 1 + 60 * 0.5 = 60; payload 2000 kg.
    # Plant to B and back: 100 min, 50 km; cost 50 + 50 = 100.
    assert radial_price(tiny.network()) == pytest.approx([60 / 2000, 100 / 2000])


def test_a_small_tanker_makes_a_kg_dearer() -> None:
    network = tiny.network()
    small = replace(network, vehicles=replace(network.vehicles, capacity_kg=np.array([300.0])))
    assert radial_price(small)[0] == pytest.approx(60 / 300)


def test_the_way_there_and_the_way_back_both_count() -> None:
    network = tiny.network()
    travel = np.array(network.travel_min)
    travel[tiny.SITE, tiny.A] = 50  # 20 min longer there, at 0.5 a minute
    assert radial_price(replace(network, travel_min=travel))[0] == pytest.approx(70 / 2000)


def test_the_drivers_kilometres_count() -> None:
    network = tiny.network()
    paid = replace(network, drivers=replace(network.drivers, cost_per_km=np.array([2.0])))
    assert radial_price(paid)[0] == pytest.approx((30 * 3 + 60 * 0.5) / 2000)


def test_the_cheapest_vehicle_that_may_come_counts() -> None:
    network = tiny.network()
    two = replace(
        network,
        tanks=replace(network.tanks, vehicle_allowed=np.array([[True, True], [True, False]])),
        call_ins=replace(network.call_ins, vehicle_allowed=np.zeros((0, 2), dtype=bool)),
        sites=replace(network.sites, vehicle_allowed=np.ones((1, 2), dtype=bool)),
        vehicles=replace(
            network.vehicles,
            ids=("truck", "cheap"),
            base_point=np.zeros(2, dtype=np.int64),
            capacity_kg=np.full(2, 2000.0),
            cost_per_km=np.array([1.0, 0.1]),
            product_allowed=np.ones((2, 1), dtype=bool),
        ),
        drivers=replace(network.drivers, vehicle_allowed=np.ones((1, 2), dtype=bool)),
    )
    assert radial_price(two) == pytest.approx([(3 + 30) / 2000, 100 / 2000])
    # Without a driver the cheap one stays at home.
    nobody = replace(two, drivers=replace(two.drivers, vehicle_allowed=np.array([[True, False]])))
    assert radial_price(nobody)[0] == pytest.approx(60 / 2000)


@pytest.mark.parametrize("part", ["tank", "site", "product", "driver"])
def test_where_none_can_bring_any_there_is_no_price(part: str) -> None:
    network, no = tiny.network(), np.zeros((1, 1), dtype=bool)
    closed = {
        "tank": lambda: replace(
            network, tanks=replace(network.tanks, vehicle_allowed=np.zeros((2, 1), dtype=bool))
        ),
        "site": lambda: replace(network, sites=replace(network.sites, vehicle_allowed=no)),
        "product": lambda: replace(network, sites=replace(network.sites, product_offered=no)),
        "driver": lambda: replace(network, drivers=replace(network.drivers, vehicle_allowed=no)),
    }[part]()
    assert radial_price(closed).tolist() == [0, 0]


def test_a_network_without_tanks_has_no_prices() -> None:
    tanks = tiny.network().tanks
    none = {each.name: getattr(tanks, each.name)[:0] for each in fields(tanks)}
    assert radial_price(with_columns(tiny.network(), tanks=none)).shape == (0,)
