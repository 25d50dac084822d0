"""New tanks: peers by metadata, a level shrunk towards theirs, and the doubt about the level in
the quantiles.
"""

from __future__ import annotations

import numpy as np

from lmrs_rl.domain.arrays import BoolArray, FloatArray
from lmrs_rl.forecast.models.empirical import measured_mean
from lmrs_rl.forecast.models.protocol import QUANTILES
from lmrs_rl.forecast.models.ridge import normal_scores
from lmrs_rl.forecast.panel import View

FULL_HISTORY = 18
"""[days] measured from which on a series speaks for itself."""

LEVEL_DAYS = 3.0
"""[days] measured that say as much of a tank's level as its peers do."""

OWN_CENTRE, CENTRE_SHARE = 3, 0.8
"""[days] measured from which on this share of the distance from the peers' median to the model's
own is gone: two estimates, better averaged than either alone."""

LOOK_BACK = 56
"""[days] whose measured ones make a level."""


def with_cold_start(view: View, quantiles: FloatArray) -> FloatArray:
    """``quantiles`` (N, days, Q) with those of series measured on fewer than `FULL_HISTORY` days
    replaced.

    A new tank's level (mean use of a day) is that of its peers, of the same customer type and
    scaled by capacity where known, moved towards its own mean of m days by m / (m + 3); in
    logarithms, since levels differ by factors. The quantiles are those of its peers relative to
    their levels, widened by the spread of the levels that is left: deviations of both are added as
    squares. Their middle moves towards the series' own median within days, all of them pass over
    into its own by `FULL_HISTORY` days.
    """
    use = view.past.use
    measured = (~np.isnan(use)).sum(axis=0)
    new = np.flatnonzero(measured < FULL_HISTORY)
    if not len(new):
        return quantiles
    level = measured_mean(use[-LOOK_BACK:])
    grown: BoolArray = np.asarray((measured >= FULL_HISTORY) & (level > 0))
    result = quantiles.copy()
    for k in new.tolist():
        result[k] = _one(view, quantiles, k, level, grown, int(measured[k]))
    return result


def _one(
    view: View, quantiles: FloatArray, k: int, level: FloatArray, grown: BoolArray, measured: int
) -> FloatArray:
    peers = grown & (view.past.customer_type == view.past.customer_type[k])
    if peers.sum() < 3:
        peers = grown
    if not peers.any():
        return _blind(view, quantiles[k], k, level[k], measured)
    capacity = view.past.capacity
    sized = not np.isnan(capacity[k]) and bool(np.all(capacity[peers] > 0))
    log_level = np.log(level[peers] / capacity[peers]) if sized else np.log(level[peers])
    centre = log_level.mean() + (np.log(capacity[k]) if sized else 0.0)
    spread = 1.2 * log_level.std() + 0.1
    own = measured / (measured + LEVEL_DAYS) if level[k] > 0 else 0.0
    guess = centre + own * (np.log(level[k]) - centre) if own else centre
    doubt = spread * np.sqrt(1 - own)
    shape = quantiles[peers] / level[peers][:, None, None]  # (peers, days, Q)
    typical = shape.mean(axis=0)
    middle = typical[:, len(QUANTILES) // 2]
    factor = np.exp(doubt * normal_scores(QUANTILES))
    wide = np.where(
        QUANTILES >= 0.5,
        middle[:, None] + np.hypot(typical - middle[:, None], middle[:, None] * (factor - 1)),
        middle[:, None] - np.hypot(middle[:, None] - typical, middle[:, None] * (1 - factor)),
    )
    cold = np.maximum(np.sort(wide, axis=1), 0.0) * np.exp(guess)
    cold = _centred(cold, quantiles[k], CENTRE_SHARE * min(measured / OWN_CENTRE, 1.0))
    share = measured / FULL_HISTORY
    return np.asarray(share * quantiles[k] + (1 - share) * cold, dtype=np.float64)


def _centred(cold: FloatArray, own: FloatArray, trust: float) -> FloatArray:
    """``cold`` (days, Q) scaled day by day so that its median is that of ``own``, as far as
    ``trust`` in [0, 1] goes; medians of 0 stay.
    """
    middle, wanted = cold[:, len(QUANTILES) // 2], own[:, len(QUANTILES) // 2]
    both = (middle > 0) & (wanted > 0)
    ratio = np.where(both, np.where(both, wanted, 1.0) / np.where(both, middle, 1.0), 1.0) ** trust
    return np.asarray(cold * np.clip(ratio, 0.2, 5.0)[:, None], dtype=np.float64)


def _blind(view: View, quantiles: FloatArray, k: int, level: float, measured: int) -> FloatArray:
    """Without any peer: the model's own word, and for a tank never measured a tenth of its
    capacity a day, give or take.
    """
    capacity = float(view.past.capacity[k])
    if measured or np.isnan(capacity) or level > 0:
        return quantiles
    return np.broadcast_to(
        0.1 * capacity * np.exp(normal_scores(QUANTILES)), quantiles.shape
    ).copy()
