"""The cheapest segments at given prices, by hand.

The tiny network: base 0, plant 5, A 20 and B 30 km along a line. Nodes: plant 0, base 1.
"""

from __future__ import annotations

from dataclasses import astuple, replace
from typing import Any

import numpy as np
import pytest

from lmrs_rl.bounds.pricing import (
    BASE,
    _prune,
    cheapest_segments,
    memory_of,
    segment_km,
)
from lmrs_rl.bounds.segments import SegmentKind, relax
from lmrs_rl.domain import Network
from tests import tiny
from tests.bounds import cases

A, B = 0, 1
PLANT, HOME = 0, 1


def kind_of(
    net: Network | None = None, most: Any = (2000.0, 2000.0), steps: int = 10, load: float = 0.0
) -> SegmentKind:
    """The last kind of segments: the first one, where something is on board."""
    net = tiny.network() if net is None else net
    wanted, product = np.ones(len(most), dtype=bool), np.zeros(1, dtype=np.int64)
    return relax(net, wanted, np.array(most), steps, np.array([load]), product).kinds[-1]


def cheapest(
    kind: SegmentKind, price: Any, potential: Any = (0.0, 0.0), neighbours: int = 9
) -> tuple[list[tuple[Any, ...]], float, float]:
    """Start, end, km, visits and kg of the segments, excess and most saved."""
    found, excess, saved = cheapest_segments(
        7, kind, memory_of(kind, neighbours), np.array(price), np.array(potential)
    )
    assert all(segment.kind == 7 for segment in found)
    return [astuple(segment)[1:] for segment in found], excess, saved


def approx(*numbers: float) -> Any:
    return pytest.approx(numbers)


def test_no_segment_pays_at_low_prices() -> None:
    for price in ((0.0, 0.0), (0.0149, 0.0249), (0.015, 0.025)):
        # A full truck to A is worth 30 km at 0.015, one to B 50 km at 0.025.
        assert cheapest(kind_of(), price) == ([], 0.0, 0.0)


def test_the_best_segment_to_each_last_customer_is_found() -> None:
    found, excess, saved = cheapest(kind_of(), (0.02, 0.03))
    # 30 - 40 and 50 - 60.
    assert found == [
        (PLANT, PLANT, 30.0, (A,), (2000.0,)),
        (PLANT, PLANT, 50.0, (B,), (2000.0,)),
    ]
    # A price lower by 10 km over 2000 kg leaves nothing negative.
    assert (excess, saved) == approx(0.005, 10.0)


def test_segments_share_the_payload_as_trips_allow() -> None:
    # 1000 kg each: 50 km for 20 + 40; either alone does not pay.
    found, excess, saved = cheapest(kind_of(most=(1000.0, 1000.0)), (0.02, 0.04))
    assert found == [
        (PLANT, PLANT, 50.0, (B, A), (1000.0, 1000.0)),
        (PLANT, PLANT, 50.0, (A, B), (1000.0, 1000.0)),
    ]
    assert (excess, saved) == approx(0.005, 10.0)


def test_the_dearest_kg_come_first_where_the_payload_is_short() -> None:
    # 1600 kg of B, which is dearer, and 400 of A: 50 - 80 - 8.
    found, _, saved = cheapest(kind_of(most=(2000.0, 1600.0)), (0.02, 0.05))
    assert found == [
        (PLANT, PLANT, 50.0, (B, A), (1600.0, 400.0)),
        (PLANT, PLANT, 50.0, (A, B), (400.0, 1600.0)),
    ]
    assert saved == pytest.approx(38.0)


def test_the_excess_is_that_of_the_worst_quantity() -> None:
    # Per kg, A alone is worst: 30 km for 600 kg at 0.07, 12 km too much, 0.02 a kg. With B, 1400 kg
    # for 20 km more at 0.02, it is 20 km, but only 0.01 a kg.
    found, excess, saved = cheapest(kind_of(most=(600.0, 1400.0)), (0.07, 0.02))
    assert found[0] == (PLANT, PLANT, 50.0, (B, A), (1400.0, 600.0))
    assert (excess, saved) == approx(0.02, 20.0)


def test_only_negative_segments_are_given() -> None:
    # To B it is 50 - 50.
    found, _, _ = cheapest(kind_of(most=(200.0, 2000.0)), (0.0, 0.025))
    assert found == []
    found, _, _ = cheapest(kind_of(most=(200.0, 2000.0)), (0.0, 0.026))
    # B alone and, with one step for A at no price, by way of A.
    assert (B,) in [visits for _, _, _, visits, _ in found]


def test_from_a_base_next_door_a_load_lasts_for_several_trips() -> None:
    at_a = cases.network(vehicles={"base_point": [tiny.A]})
    found, excess, saved = cheapest(kind_of(at_a, most=(500.0, 500.0), steps=4), (0.05, 0.0))
    trips = (A, BASE, A, BASE, A, BASE, A)
    # 15 km from the plant; the same way back, or none at the base, which is not asked for here.
    assert found[0][3:] == (trips, (500.0, 0.0, 500.0, 0.0, 500.0, 0.0, 500.0))
    assert found[0][:3] == (PLANT, HOME, 15.0)
    assert (excess, saved) == approx(85 / 2000, 85.0)


def test_by_way_of_the_base_a_customer_comes_again() -> None:
    # The base lies 1 km from A and B, which are 50 km from each other and 10 from the plant.
    km = np.array(tiny.network().distance_km)
    km[:] = 50.0
    for there, back, far in (
        (tiny.BASE, tiny.A, 1.0),
        (tiny.BASE, tiny.B, 2.0),
        (tiny.SITE, tiny.A, 10.0),
        (tiny.SITE, tiny.B, 10.0),
        (tiny.SITE, tiny.BASE, 30.0),
    ):
        km[there, back] = km[back, there] = far
    kind = kind_of(replace(tiny.network(), distance_km=km), most=(1000.0, 1000.0), steps=2)
    # Back to the plant at no potential, home forbidden by a potential of 100.
    found, _, saved = cheapest(kind, (0.03, 0.02), (0.0, 100.0))
    # 10 + 1 + 1 + 10 km for 60, by way of B 10 + 3 + 10 for 50.
    assert found[0] == (PLANT, PLANT, 22.0, (A, BASE, A), (1000.0, 0.0, 1000.0))
    assert found[1][3] in ((A, BASE, B), (A, B))
    assert saved == pytest.approx(38.0)


@pytest.mark.parametrize(("home", "end", "km"), [(-4.0, PLANT, 30.0), (-6.0, HOME, 35.0)])
def test_a_segment_ends_where_potentials_make_it_cheapest(home: float, end: int, km: float) -> None:
    # Back to the plant 15 km, home 20 km less 4 or 6.
    found, _, saved = cheapest(kind_of(), (0.02, 0.0), (0.0, home))
    assert found[0] == (PLANT, end, km, (A,), (2000.0,))
    assert saved == pytest.approx(10.0 if end == PLANT else 40.0 - 29.0)


def test_the_potential_of_the_start_is_gained() -> None:
    # To the plant and from it again the potentials cancel; home they do not.
    found, _, saved = cheapest(kind_of(), (0.0, 0.0), (36.0, 0.0))
    assert found[0][:3] == (PLANT, HOME, 35.0)
    # 35 - 36 with a drop worth nothing.
    assert saved == pytest.approx(1.0)


def test_first_segments_start_at_the_base_with_what_is_on_board() -> None:
    # 500 kg: 20 km to A, 15 to the plant.
    found, excess, saved = cheapest(kind_of(load=500.0), (0.08, 0.0))
    assert found[0] == (HOME, PLANT, 35.0, (A,), (500.0,))
    assert (excess, saved) == approx(0.01, 5.0)


def test_without_memory_a_customer_may_come_again_after_another() -> None:
    # 500 kg a visit at 0.05: A, B, A, B are 70 km for 100. Remembered, A and B are 50 for 50.
    kind = kind_of(most=(500.0, 500.0), steps=4)
    found, excess, saved = cheapest(kind, (0.05, 0.05), neighbours=0)
    assert found[1] == (PLANT, PLANT, 70.0, (A, B, A, B), (500.0,) * 4)
    # Per kg A, B, A is worst: 50 km for 75, with 1500 kg.
    assert (excess, saved) == approx(25 / 1500, 30.0)
    assert cheapest(kind, (0.05, 0.05), neighbours=1) == ([], 0.0, 0.0)


def three() -> SegmentKind:
    """A 20, B 30 and C 35 km along the line."""
    return kind_of(tiny.network(call_ins=1), (2000.0,) * 3)


def test_a_memory_keeps_the_neighbours_that_were_visited() -> None:
    # The nearest of A is B, of B it is C, of C it is B: bit 0 of a memory says whether it was
    # visited. Rows: from A, B, C; columns: to A, B, C; memory 0 and 1.
    assert memory_of(three(), 1).tolist() == [
        [[-1, -1], [0, -1], [0, 1]],  # B remembered at A is remembered at C
        [[1, 1], [-1, -1], [1, -1]],
        [[0, 1], [1, -1], [-1, -1]],
    ]


def test_without_neighbours_only_the_place_itself_is_remembered() -> None:
    assert memory_of(three(), 0).tolist() == [
        [[-1], [0], [0]],
        [[0], [-1], [0]],
        [[0], [0], [-1]],
    ]


def test_with_all_neighbours_nobody_comes_again() -> None:
    after = memory_of(three(), 9)
    assert after.shape == (3, 3, 4)
    # At A bits 0 and 1 are B and C; at B they are C and A; at C they are B and A.
    assert after[0].tolist() == [[-1] * 4, [2, -1, 3, -1], [2, 3, -1, -1]]
    assert after[1].tolist() == [[1, 3, -1, -1], [-1] * 4, [1, -1, 3, -1]]
    assert after[2].tolist() == [[2, 3, -1, -1], [1, -1, 3, -1], [-1] * 4]


def test_neighbours_are_the_nearest_there_and_back() -> None:
    # From A to B 1 km and back 30, to C 15 km each way: C is nearer to A.
    kind = replace(
        three(),
        km_between=np.array([[0.0, 1.0, 15.0], [30.0, 0.0, 5.0], [15.0, 5.0, 0.0]]),
    )
    # At A and at B it is C that is remembered, so that C keeps A from C, not from B.
    after = memory_of(kind, 1)
    assert after[0].tolist() == [[-1, -1], [0, 1], [0, -1]]


def test_states_that_cost_no_less_with_more_memory_are_removed() -> None:
    none = np.inf
    layer, low = np.array([[5.0, 4.0, 6.0, 7.0], [1.0, 1.0, none, 0.5]]), np.full((2, 4), none)
    _prune(layer, low)
    assert layer.tolist() == [[5.0, 4.0, none, none], [1.0, none, none, 0.5]]
    assert low.tolist() == [[5.0, 4.0, 5.0, 4.0], [1.0, 1.0, 1.0, 0.5]]
    # With more steps delivered it takes less than before.
    layer = np.array([[5.0, 3.0, 4.5, none], [0.9, none, none, 0.4]])
    _prune(layer, low)
    assert layer.tolist() == [[none, 3.0, 4.5, none], [0.9, none, none, 0.4]]
    assert low.tolist() == [[5.0, 3.0, 4.5, 3.0], [0.9, 0.9, 0.9, 0.4]]


def test_a_segment_is_as_long_as_its_legs() -> None:
    km = np.array(tiny.network().distance_km)
    km[tiny.A, tiny.BASE], km[tiny.BASE, tiny.A] = 19.0, 18.0
    km[tiny.A, tiny.B], km[tiny.B, tiny.A] = 9.0, 8.0
    kind = kind_of(replace(tiny.network(), distance_km=km))
    assert segment_km(kind, 0, 0, (A,)) == 30.0
    assert segment_km(kind, 0, 1, (A,)) == 15.0 + 19.0
    assert segment_km(kind, 0, 0, (A, B, A)) == pytest.approx(15 + 9 + 8 + 15)
    # B to the base by way of A, 27 km.
    assert segment_km(kind, 0, 0, (B, BASE, A)) == pytest.approx(24 + 27 + 18 + 15)
