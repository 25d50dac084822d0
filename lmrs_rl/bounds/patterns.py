"""From patterns of the relaxed program to real ones, which show how tight it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from lmrs_rl.bounds.pricing import BASE, Segment, segment_km
from lmrs_rl.bounds.segments import Relaxation, SegmentKind
from lmrs_rl.domain.arrays import FloatArray


def real_patterns(
    relaxation: Relaxation, runs: Sequence[Segment], price: FloatArray
) -> list[Segment]:
    """Each run with each customer at most once a trip and no drop over its limit.

    What that frees goes to the dearest customers; once more with all kg given out from the dearest
    customer on.
    """
    return [
        _real(relaxation.kinds[run.kind], run, price, keep) for run in runs for keep in (1.0, 0.0)
    ]


def _real(kind: SegmentKind, run: Segment, price: FloatArray, keep: float) -> Segment:
    visits, kg = _once_a_trip(run)
    most = np.array([kind.most_kg[visit] if visit != BASE else 0.0 for visit in visits])
    given = np.minimum(keep * np.array(kg), most)
    left = kind.payload_kg - float(given.sum())
    drops = [k for k, visit in enumerate(visits) if visit != BASE]
    for k in sorted(drops, key=lambda k: -float(price[kind.customer[visits[k]]])):
        more = max(0.0, min(left, float(most[k] - given[k])))
        given[k] += more
        left -= more
    first, last = (
        int(np.flatnonzero(kind.start == run.start)[0]),
        int(np.flatnonzero(kind.end == run.end)[0]),
    )
    return replace(
        run,
        km=segment_km(kind, first, last, tuple(visits)),
        visits=tuple(visits),
        kg=tuple(given.tolist()),
    )


def _once_a_trip(run: Segment) -> tuple[list[int], list[float]]:
    """Visits and kg without those to a customer that the trip has visited before."""
    visits: list[int] = []
    kept: list[float] = []
    seen: set[int] = set()
    for visit, kg in zip(run.visits, run.kg, strict=True):
        if visit in seen:
            continue
        if visit == BASE:
            seen.clear()
        else:
            seen.add(visit)
        visits.append(visit)
        kept.append(kg)
    return visits, kept
