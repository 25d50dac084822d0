"""Kinds of segments and the nodes that they connect, by hand.

The tiny network: base 0, plant 5, A 20 and B 30 km along a line.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from lmrs_rl.bounds.segments import Relaxation, relax, shortest_km
from lmrs_rl.domain import LoadingSites, Network
from lmrs_rl.domain.arrays import always_open
from tests import tiny
from tests.bounds import cases


def relaxed(
    net: Network,
    most: Any = (2000.0, 2000.0),
    *,
    wanted: Any = (True, True),
    steps: int = 100,
    load: Any = None,
    product: Any = None,
) -> Relaxation:
    v = len(net.vehicles)
    load_kg = np.zeros(v) if load is None else np.array(load)
    load_product = np.zeros(v, dtype=np.int64) if product is None else np.array(product)
    return relax(net, np.array(wanted), np.array(most), steps, load_kg, load_product)


def test_shortest_ways_lead_through_any_points() -> None:
    km = np.array([[3.0, 1.0, 9.0], [9.0, 3.0, 1.0], [1.0, 9.0, 3.0]])
    # A ring of 1 km a leg; at a place nothing is driven.
    assert shortest_km(km).tolist() == [[0.0, 1.0, 2.0], [2.0, 0.0, 1.0], [1.0, 2.0, 0.0]]
    assert km[0, 0] == 3.0


def test_a_kind_of_segments_knows_its_ways() -> None:
    relaxation = relaxed(tiny.network(), (500.0, 9000.0))
    assert relaxation.node_point.tolist() == [tiny.SITE, tiny.BASE]
    assert relaxation.moves.tolist() == [[0, 1], [1, 0]]
    assert relaxation.move_km.tolist() == [5.0, 5.0]
    (kind,) = relaxation.kinds
    assert not kind.first
    assert (kind.payload_kg, kind.step_kg) == (2000.0, 20.0)
    assert kind.customer.tolist() == [0, 1]
    # No more than a payload, in whole steps.
    assert kind.most_kg.tolist() == [500.0, 2000.0]
    assert kind.units.tolist() == [25, 100]
    assert (kind.start.tolist(), kind.end.tolist()) == ([0], [0, 1])
    assert kind.km_out.tolist() == [[15.0, 25.0]]
    assert kind.km_back.tolist() == [[15.0, 20.0], [25.0, 30.0]]
    assert kind.km_between.tolist() == [[0.0, 10.0], [10.0, 0.0]]
    assert kind.km_to_base.tolist() == kind.km_from_base.tolist() == [20.0, 30.0]


def test_ways_there_and_back_may_differ() -> None:
    km = np.array(tiny.network().distance_km)
    km[tiny.A, tiny.BASE], km[tiny.BASE, tiny.A] = 18.0, 19.0
    km[tiny.BASE, tiny.SITE] = 4.0
    relaxation = relaxed(replace(tiny.network(), distance_km=km))
    (kind,) = relaxation.kinds
    assert kind.km_to_base.tolist() == [18.0, 28.0]
    # To B by way of A.
    assert kind.km_from_base.tolist() == [19.0, 29.0]
    # Plant to base and base to plant; from A to the plant 15 km.
    assert relaxation.move_km.tolist() == [5.0, 4.0]


@pytest.mark.parametrize(
    ("most", "units"), [(1.0, 1), (20.0, 1), (20.01, 2), (60.0, 3), (1999.0, 100), (1e9, 100)]
)
def test_the_most_a_trip_drops_is_rounded_up_to_steps(most: float, units: int) -> None:
    (kind,) = relaxed(tiny.network(), (most, 1.0)).kinds
    assert kind.units.tolist() == [units, 1]


def test_whole_steps_stay_whole_where_the_division_does_not() -> None:
    # 2000 / 7 is no number of finitely many digits: three steps are three all the same.
    (kind,) = relaxed(tiny.network(), (3 * (2000.0 / 7), 1.0), steps=7).kinds
    assert kind.units.tolist() == [3, 1]


def test_customers_without_deliveries_are_left_out() -> None:
    (kind,) = relaxed(tiny.network(), wanted=(False, True)).kinds
    assert kind.customer.tolist() == [1]
    assert kind.km_out.tolist() == [[25.0]]
    assert relaxed(tiny.network(), wanted=(False, False)).kinds == ()


def test_what_is_on_board_makes_a_first_segment_from_the_base() -> None:
    normal, first = relaxed(tiny.network(), load=[500.0]).kinds
    assert (normal.first, first.first) == (False, True)
    assert (first.payload_kg, first.step_kg) == (500.0, 5.0)
    assert (first.start.tolist(), first.end.tolist()) == ([1], [0, 1])
    assert first.km_out.tolist() == [[20.0, 30.0]]
    assert first.most_kg.tolist() == [500.0, 500.0]


def test_what_is_on_board_keeps_to_the_rights_of_its_vehicle() -> None:
    # Both have the type of the larger one; the smaller one may not come to A.
    net = cases.with_vehicles(2000.0, 1000.0, allowed=[[True, False], [True, True]])
    kinds = relaxed(net, load=[0.0, 500.0]).kinds
    assert [(kind.first, kind.customer.tolist()) for kind in kinds] == [
        (False, [0, 1]),
        (True, [1]),
    ]


def two_products(offered: Any) -> Network:
    return cases.network(
        ("gas", "air"),
        tanks={"product": [0, 1]},
        sites={"product_offered": np.array([offered])},
        vehicles={"product_allowed": np.ones((1, 2), dtype=bool)},
    )


def test_each_product_has_its_kind_where_it_is_offered() -> None:
    kinds = relaxed(two_products([True, True])).kinds
    assert [kind.customer.tolist() for kind in kinds] == [[0], [1]]
    (only,) = relaxed(two_products([False, True])).kinds
    assert only.customer.tolist() == [1]
    # What is on board needs no site.
    only, first = relaxed(two_products([False, True]), load=[500.0], product=[0]).kinds
    assert (first.first, first.customer.tolist()) == (True, [0])


def sites_at(*points: int, offered: Any, allowed: Any) -> LoadingSites:
    count = len(points)
    return LoadingSites(
        tuple(f"s{k}" for k in range(count)),
        np.array(points),
        np.array(offered),
        np.zeros(count, dtype=np.int64),
        np.full(count, np.inf),
        np.array(allowed),
        (always_open(),) * count,
    )


def test_sites_of_no_use_are_no_nodes() -> None:
    # The first offers what nobody carries, the second is forbidden, the third serves, the fourth
    # offers both.
    net = replace(
        two_products([True, True]),
        sites=sites_at(
            *(tiny.A, tiny.B, tiny.SITE, tiny.C),
            offered=[[False, True], [True, True], [True, False], [True, True]],
            allowed=[[True], [False], [True], [True]],
        ),
    )
    net = replace(net, vehicles=replace(net.vehicles, product_allowed=np.array([[True, False]])))
    relaxation = relaxed(net)
    assert relaxation.node_point.tolist() == [tiny.SITE, tiny.C, tiny.BASE]
    (kind,) = relaxation.kinds
    assert (kind.start.tolist(), kind.end.tolist()) == ([0, 1], [0, 1, 2])
    assert relaxation.moves.tolist() == [[0, 1], [0, 2], [1, 0], [1, 2], [2, 0], [2, 1]]
    assert relaxation.move_km.tolist() == [30.0, 5.0, 30.0, 35.0, 5.0, 35.0]


def test_each_product_starts_where_it_is_offered() -> None:
    net = replace(
        two_products([True, True]),
        sites=sites_at(
            *(tiny.SITE, tiny.C), offered=[[True, False], [True, True]], allowed=[[True], [True]]
        ),
    )
    gas, air = relaxed(net).kinds
    assert (gas.start.tolist(), air.start.tolist()) == ([0, 1], [1])
    assert gas.end.tolist() == air.end.tolist() == [0, 1, 2]


def payloads(net: Network) -> list[float]:
    """[kg] of the kinds of segments, one for each type of vehicle."""
    return [kind.payload_kg for kind in relaxed(net).kinds]


def test_vehicles_that_another_one_can_stand_for_have_no_kinds() -> None:
    assert payloads(cases.with_vehicles(1000.0, 2000.0)) == [2000.0]
    assert payloads(cases.with_vehicles(2000.0, 2000.0)) == [2000.0]


@pytest.mark.parametrize(
    ("rights", "kinds"),
    [
        ([[True, True], [True, True]], [2000.0]),
        ([[False, True], [True, True]], [2000.0]),  # the smaller one may less
        ([[True, False], [True, True]], [2000.0, 1000.0]),  # it may more
        ([[True, False], [False, True]], [2000.0, 1000.0]),  # each its own
    ],
)
def test_a_vehicle_stands_for_those_of_no_more_rights(rights: Any, kinds: list[float]) -> None:
    assert payloads(cases.with_vehicles(1000.0, 2000.0, allowed=rights)) == kinds


def test_of_equal_payloads_the_one_with_more_rights_stands_for_the_other() -> None:
    net = cases.with_vehicles(2000.0, 2000.0, allowed=[[False, True], [True, True]])
    (kind,) = relaxed(net).kinds
    assert kind.customer.tolist() == [0, 1]


def test_vehicles_of_another_base_are_another_type_with_its_own_nodes() -> None:
    net = cases.with_vehicles(2000.0, 1000.0)
    net = replace(net, vehicles=replace(net.vehicles, base_point=np.array([tiny.BASE, tiny.A])))
    relaxation = relaxed(net)
    assert relaxation.node_point.tolist() == [tiny.SITE, tiny.BASE, tiny.SITE, tiny.A]
    assert relaxation.moves.tolist() == [[0, 1], [1, 0], [2, 3], [3, 2]]
    assert relaxation.move_km.tolist() == [5.0, 5.0, 15.0, 15.0]
    assert [kind.start.tolist() for kind in relaxation.kinds] == [[0], [2]]
    assert [kind.end.tolist() for kind in relaxation.kinds] == [[0, 1], [2, 3]]
    assert relaxation.kinds[1].km_to_base.tolist() == [0.0, 10.0]


@pytest.mark.parametrize("table", ["vehicles", "sites"])
def test_rights_to_products_and_sites_count_as_well(table: str) -> None:
    net = cases.with_vehicles(1000.0, 2000.0)
    if table == "vehicles":
        net = replace(
            net,
            products=("gas", "air"),
            tanks=replace(net.tanks, product=np.array([0, 1])),
            sites=replace(net.sites, product_offered=np.ones((1, 2), dtype=bool)),
            vehicles=replace(net.vehicles, product_allowed=np.array([[True, True], [True, False]])),
        )
        assert sorted(payloads(net)) == [1000.0, 1000.0, 2000.0]
    else:
        net = replace(
            net,
            sites=sites_at(
                *(tiny.SITE, tiny.C),
                offered=[[True], [True]],
                allowed=[[True, True], [True, False]],
            ),
        )
        assert payloads(net) == [2000.0, 1000.0]
