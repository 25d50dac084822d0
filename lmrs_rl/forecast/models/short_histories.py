"""Shrink the coefficients of short series to the mean and covariance of those of long ones."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lmrs_rl.domain.arrays import BoolArray, FloatArray, IntArray

YOUNG_DAYS = 120
"""[days] measured below which a series is young, and from which on it is grown."""

LEAST_PEERS = 5
"""Grown series that a type needs for a prior of its own.

Below, all grown series stand in; with fewer in all, nothing is done."""

_DIAGONAL_SHARE, LEAST_DEVIATION = 0.3, 0.02
"""Weight of the diagonal in the peers' covariance, since few peers give a poor estimate of it;
standard deviation added to each coefficient.
"""

LEVEL_DOUBT = 0.5
"""Standard deviation of a common factor of all coefficients: the mean of a few days is an uncertain
unit."""

_NOISE_DAYS = 14.0
"""[days] Weight of the typical noise of the peers beside the days of a series."""

_LEAST_SHARE = 0.1
"""Share of the level below which the noise of a day falls no further with its expected use."""

_ROUNDS = 3
"""Number of solutions, each with the expected use and the noise of the one before."""


@dataclass(frozen=True, eq=False)
class ShortHistories:
    """Measured days of N series.

    Attributes
    ----------
    x : (N, days, F) regressors
    y : (days, N) use in units of each series
    weight : (days, N) 0 where not known
    """

    x: FloatArray
    y: FloatArray
    weight: FloatArray

    def of(self, series: IntArray) -> ShortHistories:
        """The histories of some series."""
        return ShortHistories(self.x[series], self.y[:, series], self.weight[:, series])


def with_shrunk_coefficients(
    days: ShortHistories, coefficients: FloatArray, measured: FloatArray, kind: IntArray
) -> FloatArray:
    """``coefficients`` (N, F) with those of young series replaced by posterior means.

    Empirical Bayes: the prior of a young series is normal, with the mean and covariance of the
    coefficients of the grown series of its customer type. If, for example, weekends differ widely
    among its peers, but Tuesdays never differ from Wednesdays, then two weeks of data suffice for a
    good estimate of its weekends. The noise of a day is proportional to its expected use, so that a
    quiet Sunday is precise information about Sundays.

    Parameters
    ----------
    days : the past
    coefficients : (N, F) in units of each series; those of grown series make the prior
    measured : (N,) number of days measured
    kind : (N,) customer types
    """
    grown = np.flatnonzero((measured >= YOUNG_DAYS) & (coefficients[:, 0] > 0))
    young = np.flatnonzero((measured > 0) & (measured < YOUNG_DAYS))
    if len(grown) < LEAST_PEERS or not len(young):
        return coefficients
    own = coefficients[grown]
    noise = _relative_noise(days.of(grown), own)
    result = coefficients.copy()
    for each in np.unique(kind[young]):
        mine: BoolArray = kind[grown] == each
        peers = mine if mine.sum() >= LEAST_PEERS else np.ones(len(grown), dtype=np.bool_)
        some = young[kind[young] == each]
        result[some] = posterior_mean(days.of(some), own[peers], float(np.median(noise[peers])))
    return result


def posterior_mean(days: ShortHistories, peers: FloatArray, noise: float) -> FloatArray:
    """(N, F) posterior mean of the coefficients, with the prior of ``peers`` (P, F).

    ``noise`` is the peers' typical relative noise, a variance. Prior and noise are normal, and the
    variance of the noise is proportional to the square of the expected use. That depends on the
    solution, so it is solved a few times, in the form that needs no inverse of the covariance.
    """
    prior = peers.mean(axis=0)
    covariance = prior_covariance(peers)
    found = np.broadcast_to(prior, (days.x.shape[0], len(prior)))
    # The 1e-6 keeps the precision finite where the peers are fitted without any error.
    variance = np.full(len(found), noise + 1e-6)
    error = days.y.T - days.x @ prior
    for _ in range(_ROUNDS):
        precision = days.weight.T / (variance[:, None] * _expected(days, found).T ** 2)  # (N, days)
        gain = covariance @ (days.x * precision[:, :, None]).transpose(0, 2, 1)  # (N, F, days)
        left, right = np.eye(len(prior)) + gain @ days.x, gain @ error[:, :, None]
        found = prior + np.linalg.solve(left, right)[:, :, 0]
        total = days.weight.sum(axis=0)
        shrunk = total * _relative_noise(days, found) + _NOISE_DAYS * noise
        variance = shrunk / (total + _NOISE_DAYS) + 1e-6
    return np.asarray(found, dtype=np.float64)


def prior_covariance(peers: FloatArray) -> FloatArray:
    """(F, F) covariance of the coefficients of ``peers`` (P, F), shrunk to its diagonal.

    The uncertainty of the unit is added along their mean.
    """
    prior = peers.mean(axis=0)
    spread = (peers - prior).T @ (peers - prior) / max(len(peers) - 1, 1)
    shrunk = (1 - _DIAGONAL_SHARE) * spread + _DIAGONAL_SHARE * np.diag(np.diag(spread))
    return np.asarray(
        shrunk + LEAST_DEVIATION**2 * np.eye(len(prior)) + LEVEL_DOUBT**2 * np.outer(prior, prior),
        dtype=np.float64,
    )


def _expected(days: ShortHistories, coefficients: FloatArray) -> FloatArray:
    """(days, N) expected use in units of each series, with a floor."""
    use = (days.x @ coefficients[:, :, None])[:, :, 0].T
    return np.asarray(np.maximum(use, _LEAST_SHARE), dtype=np.float64)


def _relative_noise(days: ShortHistories, coefficients: FloatArray) -> FloatArray:
    """(N,) mean square of the error over the expected use."""
    expected = _expected(days, coefficients)
    square = days.weight * ((days.y - expected) / expected) ** 2
    total = np.maximum(days.weight.sum(axis=0), 1e-12)
    return np.asarray(square.sum(axis=0) / total, dtype=np.float64)
