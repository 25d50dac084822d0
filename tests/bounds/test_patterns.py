"""Real patterns made from relaxed segments, by hand: plant, A 15 km and B 25 km from it, base."""

from __future__ import annotations

import numpy as np
import pytest

from lmrs_rl.bounds.patterns import real_patterns
from lmrs_rl.bounds.pricing import BASE, Segment
from lmrs_rl.bounds.segments import Relaxation, relax
from tests import tiny

A, B = 0, 1
PLANT, HOME = 0, 1
A_DEARER, B_DEARER = np.array([2.0, 1.0]), np.array([1.0, 2.0])


def relaxed(most_a: float = 1500.0, most_b: float = 1500.0) -> Relaxation:
    wanted, product = np.ones(2, dtype=bool), np.zeros(1, dtype=np.int64)
    return relax(tiny.network(), wanted, np.array([most_a, most_b]), 10, np.zeros(1), product)


def kept_and_anew(
    visits: tuple[int, ...],
    kg: tuple[float, ...],
    price: np.ndarray = B_DEARER,
    relaxation: Relaxation | None = None,
    end: int = PLANT,
) -> tuple[Segment, Segment]:
    segment = Segment(0, PLANT, end, 999.0, visits, kg)
    kept, anew = real_patterns(relaxation or relaxed(), [segment], price)
    return kept, anew


def test_what_is_left_of_the_payload_goes_to_the_dearest_first() -> None:
    kept, anew = kept_and_anew((A, B), (1000.0, 300.0))
    # 700 kg are left for B. Anew B gets its 1500, A what is left.
    assert kept.kg == (1000.0, 1000.0)
    assert anew.kg == (500.0, 1500.0)
    kept, anew = kept_and_anew((A, B), (1000.0, 300.0), A_DEARER)
    assert kept.kg == (1500.0, 500.0)
    assert anew.kg == (1500.0, 500.0)


def test_each_pattern_is_as_long_as_its_way() -> None:
    for pattern in kept_and_anew((A, B), (1000.0, 300.0)):
        assert (pattern.kind, pattern.start, pattern.end) == (0, PLANT, PLANT)
        assert pattern.km == 15.0 + 10.0 + 25.0
    for pattern in kept_and_anew((A, B), (1000.0, 300.0), end=HOME):
        assert pattern.km == 15.0 + 10.0 + 30.0


def test_no_drop_is_larger_than_a_trip_allows() -> None:
    # Steps of 200 kg: 500 kg were rounded up to 600.
    kept, anew = kept_and_anew((A, B), (600.0, 1400.0), relaxation=relaxed(500.0, 1400.0))
    assert kept.kg == anew.kg == (500.0, 1400.0)


def test_a_trip_visits_each_customer_once() -> None:
    kept, anew = kept_and_anew((A, B, A), (400.0, 600.0, 1000.0))
    assert kept.visits == anew.visits == (A, B)
    assert kept.km == 50.0
    # What the second visit brought is left for B and A.
    assert kept.kg == (500.0, 1500.0)


def test_after_the_base_a_new_trip_begins() -> None:
    kept, anew = kept_and_anew((A, BASE, A, B, A), (400.0, 0.0, 600.0, 300.0, 700.0), A_DEARER)
    assert kept.visits == anew.visits == (A, BASE, A, B)
    # Plant - A - base - A - B - plant.
    assert kept.km == 15.0 + 20.0 + 20.0 + 10.0 + 25.0
    # 700 kg are left, which the first visit of A takes; anew it gets 1500, the second the rest.
    assert kept.kg == (1100.0, 0.0, 600.0, 300.0)
    assert anew.kg == (1500.0, 0.0, 500.0, 0.0)


def test_a_full_payload_leaves_nothing() -> None:
    kept, _ = kept_and_anew((A, B), (1400.0, 600.0))
    assert kept.kg == pytest.approx((1400.0, 600.0))
