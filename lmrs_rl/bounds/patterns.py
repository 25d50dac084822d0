"""From patterns of the relaxed program to real ones, which show how tight it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from lmrs_rl.bounds.pricing import BASE, Run, run_km
from lmrs_rl.bounds.runs import Relaxation, RunKind
from lmrs_rl.domain.arrays import FloatArray


def real_patterns(relaxation: Relaxation, runs: Sequence[Run], price: FloatArray) -> list[Run]:
    """Each run with each customer at most once a trip and no drop over its limit; what that frees goes to the dearest customers."""
    return [_real(relaxation.kinds[run.kind], run, price) for run in runs]


def _real(kind: RunKind, run: Run, price: FloatArray) -> Run:
    visits: list[int] = []
    seen: set[int] = set()
    for visit in run.visits:
        if visit == BASE:
            seen.clear()
        if visit not in seen:
            visits.append(visit)
        if visit != BASE:
            seen.add(visit)
    kg, left = [0.0] * len(visits), kind.payload_kg
    for k in sorted(range(len(visits)), key=lambda k: -float(price[kind.customer[visits[k]]])):
        if visits[k] != BASE:
            kg[k] = min(left, float(kind.most_kg[visits[k]]))
            left -= kg[k]
    first, last = int(np.flatnonzero(kind.start == run.start)[0]), int(np.flatnonzero(kind.end == run.end)[0])
    return replace(run, km=run_km(kind, first, last, tuple(visits)), visits=tuple(visits), kg=tuple(kg))
