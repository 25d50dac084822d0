"""The radial bound's prices and the segments to one customer, by hand.

The tiny network: base 0, plant 5, A 20 and B 30 km along a line.
"""

from __future__ import annotations

from dataclasses import astuple, replace
from typing import Any

import numpy as np
import pytest

from lmrs_rl.bounds.radial import radial_prices, single_customer_segments
from lmrs_rl.bounds.segments import Relaxation, relax
from lmrs_rl.domain import LoadingSites, Network
from lmrs_rl.domain.arrays import always_open
from tests import tiny
from tests.bounds import cases


def relaxed(net: Network, most: Any = (2000.0, 2000.0), load: Any = None) -> Relaxation:
    v = len(net.vehicles)
    on_board = np.zeros(v) if load is None else np.array(load)
    return relax(
        net, np.array(most) > 0, np.array(most), 100, on_board, np.zeros(v, dtype=np.int64)
    )


def two_sites(first: int, second: int) -> Network:
    sites = LoadingSites(
        ("plant", "depot"),
        np.array([first, second]),
        np.ones((2, 1), dtype=bool),
        np.zeros(2, dtype=np.int64),
        np.full(2, np.inf),
        np.ones((2, 1), dtype=bool),
        (always_open(), always_open()),
    )
    return replace(tiny.network(), sites=sites)


def test_a_kg_costs_its_share_of_a_full_round_trip() -> None:
    price = radial_prices(relaxed(tiny.network()), 2)
    assert price.tolist() == pytest.approx([30 / 2000, 50 / 2000])


def test_the_way_home_to_the_base_is_no_way_back_to_a_site() -> None:
    at_a = cases.network(vehicles={"base_point": [tiny.A]})
    assert radial_prices(relaxed(at_a), 2).tolist() == pytest.approx([30 / 2000, 50 / 2000])


def test_customers_that_nobody_loads_for_cost_nothing() -> None:
    closed = cases.with_vehicles(2000.0, allowed=[[True], [False]])
    assert radial_prices(relaxed(closed), 2).tolist() == pytest.approx([0.015, 0.0])
    # What is on board reaches B, but first segments do not count.
    no_site = cases.network(sites={"vehicle_allowed": np.zeros((1, 1), dtype=bool)})
    assert radial_prices(relaxed(no_site, load=[500.0]), 2).tolist() == [0.0, 0.0]


def test_the_cheapest_kind_of_segment_counts() -> None:
    # The larger one may not come to A.
    net = cases.with_vehicles(1000.0, 2000.0, allowed=[[True, False], [True, True]])
    assert radial_prices(relaxed(net), 2).tolist() == pytest.approx([30 / 1000, 50 / 2000])


def test_the_nearest_site_out_and_the_nearest_back_count() -> None:
    # The plant at 5 km for A; the depot at 35 km for B, 10 km there and back.
    net = replace(two_sites(tiny.SITE, tiny.C), **line_with_c())
    assert radial_prices(relaxed(net), 2).tolist() == pytest.approx([30 / 2000, 10 / 2000])
    # One way from the plant to A and on to the depot.
    km = np.array(line_with_c()["distance_km"])
    km[tiny.SITE, tiny.A], km[tiny.A, tiny.C] = 1.0, 2.0
    net = replace(net, distance_km=km)
    assert radial_prices(relaxed(net), 2)[0] == pytest.approx(3 / 2000)


def line_with_c() -> dict[str, Any]:
    return {"distance_km": np.abs(np.subtract.outer(tiny.LINE_MIN, tiny.LINE_MIN)) / 2.0}


def test_each_customer_has_a_segment_from_a_site_and_back() -> None:
    # As much as a trip drops: 500 kg to A, a full payload to B.
    segments = single_customer_segments(relaxed(tiny.network(), (500.0, 5000.0)))
    assert [astuple(each) for each in segments] == [
        (0, 0, 0, 30.0, (0,), (500.0,)),
        (0, 0, 0, 50.0, (1,), (2000.0,)),
    ]


def test_a_segment_returns_to_the_best_site_it_started_from() -> None:
    net = replace(two_sites(tiny.SITE, tiny.C), **line_with_c())
    a, b = single_customer_segments(relaxed(net))
    # Nodes: plant 0, depot 1, base 2.
    assert (a.start, a.end, a.km) == (0, 0, 30.0)
    assert (b.start, b.end, b.km) == (1, 1, 10.0)


def test_first_segments_are_none_of_them() -> None:
    # The larger one, with product on board, may not come to A: kinds 0 and 1 are its own, its first
    # segment among them; the smaller one's is kind 2.
    net = cases.with_vehicles(1000.0, 2000.0, allowed=[[True, False], [True, True]])
    relaxation = relaxed(net, load=[0.0, 500.0])
    assert [kind.first for kind in relaxation.kinds] == [False, True, False]
    segments = single_customer_segments(relaxation)
    assert [(s.kind, s.visits, s.km) for s in segments] == [
        (0, (0,), 50.0),
        (2, (0,), 30.0),
        (2, (1,), 50.0),
    ]
