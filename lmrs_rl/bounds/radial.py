"""The radial bound: a kg costs at least its share of a round trip with a full truck.

Haimovich & Rinnooy Kan 1985 (doi:10.1287/moor.10.4.527), for several loading sites: from the
nearest site out, to the nearest site back. What was on board at the start is free here: first
segments do not count.
"""

from __future__ import annotations

import numpy as np

from lmrs_rl.bounds.pricing import Segment, segment_km
from lmrs_rl.bounds.segments import Relaxation
from lmrs_rl.domain.arrays import FloatArray


def radial_prices(relaxation: Relaxation, customers: int) -> FloatArray:
    """(n,) [km/kg] round trip over payload of the cheapest kind of segment; 0 without any."""
    price = np.full(customers, np.inf)
    for kind in (kind for kind in relaxation.kinds if not kind.first):
        # The last end is the base. A segment that ends there is followed by a drive to a site, or
        # its vehicle has driven from there to its first site: no shorter than to the nearest site.
        km = kind.km_out.min(axis=0) + kind.km_back[:, :-1].min(axis=1)
        price[kind.customer] = np.minimum(price[kind.customer], km / kind.payload_kg)
    return np.where(np.isfinite(price), price, 0.0)


def single_customer_segments(relaxation: Relaxation) -> list[Segment]:
    """For each kind and customer, the segment that visits that customer alone.

    It goes out from a site and back to the same one with as much as a trip can drop: the columns
    that the restricted master starts with, so that it always has a solution.
    """
    segments = []
    for number, kind in ((k, kind) for k, kind in enumerate(relaxation.kinds) if not kind.first):
        back = np.flatnonzero(np.isin(kind.end, kind.start))
        site = np.argmin(kind.km_out + kind.km_back[:, back].T, axis=0)
        for i, s in enumerate(site.tolist()):
            node, kg = int(kind.start[s]), float(kind.units[i] * kind.step_kg)
            segments.append(
                Segment(number, node, node, segment_km(kind, s, int(back[s]), (i,)), (i,), (kg,))
            )
    return segments
