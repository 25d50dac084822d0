"""New tanks: quantiles of their peers, around a level that is shrunk to the peers' levels."""

from __future__ import annotations

import numpy as np

from lmrs_rl.domain.arrays import BoolArray, FloatArray
from lmrs_rl.forecast.models.empirical import measured_mean
from lmrs_rl.forecast.models.protocol import QUANTILES
from lmrs_rl.forecast.models.ridge import normal_scores
from lmrs_rl.forecast.panel import View

FULL_HISTORY = 18
"""[days] measured from which on a series' own forecast stands alone."""

LEVEL_DAYS = 3.0
"""[days] measured at which a tank's own level weighs as much as its peers'."""

OWN_CENTRE, CENTRE_SHARE = 3, 0.8
"""After so many measured days the median has moved by this share from the peers' to the model's
own, in logarithms: both are estimates, and their average is better than either."""

_LOOK_BACK = 56
"""[days] of the past that a level is the mean of."""

_LEAST_PEERS = 3
"""Peers of the same customer type that are needed; below, all grown series are peers."""
_DEFAULT_SHARE = 0.1
"""[1/day] share of its capacity that a tank uses, for want of any peer."""


def with_cold_start(view: View, quantiles: FloatArray) -> FloatArray:
    """``quantiles`` (N, days, Q) with those of series with a short history replaced.

    Short are histories of fewer than `FULL_HISTORY` measured days. A new tank's level (mean daily
    use) is that of its peers, of the same customer type and scaled by capacity where known, moved
    towards its own mean of m days by m / (m + 3), in logarithms, since levels differ by factors.
    The quantiles are those of its peers relative to their levels, widened by the uncertainty of the
    level: squared deviations add up. Their median moves to the model's own within days, all
    quantiles by `FULL_HISTORY` days.
    """
    use = view.past.use
    measured = (~np.isnan(use)).sum(axis=0)
    new = np.flatnonzero(measured < FULL_HISTORY)
    if not len(new):
        return quantiles
    level = measured_mean(use[-_LOOK_BACK:])
    grown: BoolArray = np.asarray((measured >= FULL_HISTORY) & (level > 0))
    result = quantiles.copy()
    for k in new.tolist():
        result[k] = _one_series(view, quantiles, k, level, grown, int(measured[k]))
    return result


def _one_series(
    view: View, quantiles: FloatArray, k: int, level: FloatArray, grown: BoolArray, measured: int
) -> FloatArray:
    """Quantiles (days, Q) [kg] of the new series ``k``, see `with_cold_start`."""
    peers = grown & (view.past.customer_type == view.past.customer_type[k])
    if peers.sum() < _LEAST_PEERS:
        peers = grown
    if not peers.any():
        return _without_peers(view, quantiles[k], k, level[k], measured)
    log_level, uncertainty = _log_level(view.past.capacity, level, peers, k, measured)
    shape = quantiles[peers] / level[peers][:, None, None]  # (peers, days, Q)
    cold = _widened(shape.mean(axis=0), uncertainty) * np.exp(log_level)
    cold = _centred(cold, quantiles[k], CENTRE_SHARE * min(measured / OWN_CENTRE, 1.0))
    share = measured / FULL_HISTORY
    return np.asarray(share * quantiles[k] + (1 - share) * cold, dtype=np.float64)


def _log_level(
    capacity: FloatArray, level: FloatArray, peers: BoolArray, k: int, measured: int
) -> tuple[float, float]:
    """Logarithm of the level [kg] of series ``k``, and its standard deviation."""
    # Scaled by capacity only where all have one: shares and kg must not be mixed.
    sized = not np.isnan(capacity[k]) and bool(np.all(capacity[peers] > 0))
    log_peers = np.log(level[peers] / capacity[peers]) if sized else np.log(level[peers])
    centre = log_peers.mean() + (np.log(capacity[k]) if sized else 0.0)
    # Few peers agree by chance: their spread is taken a little wider than it looks.
    spread = 1.2 * log_peers.std() + 0.1
    # A level of 0 has no logarithm, so the peers' stands in for it.
    own = measured / (measured + LEVEL_DAYS) if level[k] > 0 else 0.0
    estimate = centre + own * (np.log(level[k]) - centre) if own else centre
    return estimate, spread * np.sqrt(1 - own)


def _widened(typical: FloatArray, uncertainty: float) -> FloatArray:
    """Quantiles (days, Q) per unit of level, widened by a lognormal uncertainty of the level."""
    middle = typical[:, len(QUANTILES) // 2][:, None]
    factor = np.exp(uncertainty * normal_scores(QUANTILES))
    wide = np.where(
        QUANTILES >= 0.5,
        middle + np.hypot(typical - middle, middle * (factor - 1)),
        middle - np.hypot(middle - typical, middle * (1 - factor)),
    )
    return np.asarray(np.maximum(np.sort(wide, axis=1), 0.0), dtype=np.float64)


def _centred(cold: FloatArray, own: FloatArray, share: float) -> FloatArray:
    """``cold`` (days, Q) scaled day by day so that its median moves to that of ``own``.

    It moves by ``share`` in [0, 1] of the distance in logarithms; medians of 0 stay.
    """
    middle, wanted = cold[:, len(QUANTILES) // 2], own[:, len(QUANTILES) // 2]
    both = (middle > 0) & (wanted > 0)
    ratio = np.where(both, np.where(both, wanted, 1.0) / np.where(both, middle, 1.0), 1.0) ** share
    return np.asarray(cold * np.clip(ratio, 0.2, 5.0)[:, None], dtype=np.float64)


def _without_peers(
    view: View, quantiles: FloatArray, k: int, level: float, measured: int
) -> FloatArray:
    """The model's own quantiles; for a tank never measured, a tenth of its capacity a day.

    The latter is the median of a lognormal distribution with a spread of a factor e.
    """
    capacity = float(view.past.capacity[k])
    if measured or np.isnan(capacity) or level > 0:
        return quantiles
    kg = _DEFAULT_SHARE * capacity * np.exp(normal_scores(QUANTILES))
    return np.broadcast_to(kg, quantiles.shape).copy()
