"""Patterns without the relaxations, which show how tight the relaxed linear program is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from lmrs_rl.bounds.pricing import BASE, Segment, segment_km
from lmrs_rl.bounds.segments import Relaxation, SegmentKind
from lmrs_rl.domain.arrays import FloatArray


def real_patterns(
    relaxation: Relaxation, segments: Sequence[Segment], price: FloatArray
) -> list[Segment]:
    """Two real patterns from each segment: every customer at most once a trip, no drop too large.

    The first keeps the drops, as far as they are real, and gives what is left of the payload to
    the customers with the highest ``price`` (n,) [km/kg]. The second gives out the whole payload
    anew from the highest price on.
    """
    return [
        _real(relaxation.kinds[segment.kind], segment, price, keep)
        for segment in segments
        for keep in (1.0, 0.0)
    ]


def _real(kind: SegmentKind, segment: Segment, price: FloatArray, keep: float) -> Segment:
    """A real pattern with a share ``keep`` of the drops, the rest by falling price."""
    visits, kg = _without_repeats(segment)
    most = np.array([kind.most_kg[visit] if visit != BASE else 0.0 for visit in visits])
    # What a trip can drop was rounded up to whole steps, so a relaxed drop may be too large.
    given = np.minimum(keep * np.array(kg), most)
    left = kind.payload_kg - float(given.sum())
    drops = [k for k, visit in enumerate(visits) if visit != BASE]
    for k in sorted(drops, key=lambda k: -float(price[kind.customer[visits[k]]])):
        more = max(0.0, min(left, float(most[k] - given[k])))
        given[k] += more
        left -= more
    first = int(np.flatnonzero(kind.start == segment.start)[0])
    last = int(np.flatnonzero(kind.end == segment.end)[0])
    return replace(
        segment,
        km=segment_km(kind, first, last, tuple(visits)),
        visits=tuple(visits),
        kg=tuple(given.tolist()),
    )


def _without_repeats(segment: Segment) -> tuple[list[int], list[float]]:
    """Visits and their kg without those to a customer that the trip has visited before.

    A new trip begins at the base.
    """
    visits: list[int] = []
    kept: list[float] = []
    seen: set[int] = set()
    for visit, kg in zip(segment.visits, segment.kg, strict=True):
        if visit in seen:
            continue
        if visit == BASE:
            seen.clear()
        else:
            seen.add(visit)
        visits.append(visit)
        kept.append(kg)
    return visits, kept
