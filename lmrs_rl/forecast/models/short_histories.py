"""Series measured for weeks only: their coefficients are drawn towards grown peers' by all that
those show of how coefficients go together.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lmrs_rl.domain.arrays import BoolArray, FloatArray, IntArray

YOUNG_DAYS = 120
"""[days] measured under which a series is young, and from which on it is grown."""

LEAST_PEERS = 5
"""Grown series that a type needs for a prior of its own; below it all grown series stand in, and
below it in all nothing is done.
"""

OWN_VARIANCE, LEAST_DEVIATION = 0.3, 0.02
"""Share of the peers' covariance taken from its diagonal alone, as few peers make a poor
covariance; deviation added to each coefficient.
"""

LEVEL_DOUBT = 0.5
"""Deviation of all coefficients together: the mean of a few days is a doubtful unit."""

NOISE_DAYS = 14.0
"""[days] that the typical noise of the peers counts beside a series' own."""

LEAST_SHARE = 0.1
"""Share of the level under which the noise of a day falls no further with its expected use."""

ROUNDS = 3
"""Solutions, each with the expected use and the noise of the one before."""


@dataclass(frozen=True, eq=False)
class ShortHistories:
    """Measured days of N series: regressors ``x`` (N, days, F), use ``y`` (days, N) in units of
    each level, ``weight`` (days, N), 0 where unknown.
    """

    x: FloatArray
    y: FloatArray
    weight: FloatArray

    def of(self, series: IntArray) -> ShortHistories:
        """Those of some series."""
        return ShortHistories(self.x[series], self.y[:, series], self.weight[:, series])


def with_young(
    days: ShortHistories, coefficients: FloatArray, measured: FloatArray, kind: IntArray
) -> FloatArray:
    """``coefficients`` (N, F) with those of young series replaced by their mean given the days and
    the peers (empirical Bayes).

    The prior of a young series is normal, with mean and covariance of the coefficients of the grown
    series of its customer type. A peer's weekend, say, may be anything, but no Tuesday of theirs
    differs from a Wednesday: two weeks then suffice for a weekend. The noise of a day is in
    proportion to its expected use, so that a quiet Sunday says exactly how quiet Sundays are.

    Parameters
    ----------
    days : the past
    coefficients : (N, F) in units of each level; those of grown series make the prior
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
    """(N, F) coefficients of ``days`` given those of ``peers`` (P, F) and their typical relative
    ``noise`` (a variance).

    A normal prior and normal noise whose variance goes with the square of the expected use: solved
    a few times over, in the form that needs no inverse of the covariance.
    """
    prior = peers.mean(axis=0)
    covariance = prior_covariance(peers)
    found = np.broadcast_to(prior, (days.x.shape[0], len(prior)))
    variance = np.full(len(found), noise + 1e-6)
    error = days.y.T - days.x @ prior
    for _ in range(ROUNDS):
        precision = days.weight.T / (variance[:, None] * _expected(days, found).T ** 2)  # (N, days)
        gain = covariance @ (days.x * precision[:, :, None]).transpose(0, 2, 1)  # (N, F, days)
        found = (
            prior
            + np.linalg.solve(np.eye(len(prior)) + gain @ days.x, gain @ error[:, :, None])[:, :, 0]
        )
        total = days.weight.sum(axis=0)
        variance = (total * _relative_noise(days, found) + NOISE_DAYS * noise) / (
            total + NOISE_DAYS
        ) + 1e-6
    return np.asarray(found, dtype=np.float64)


def prior_covariance(peers: FloatArray) -> FloatArray:
    """(F, F) of the coefficients of ``peers`` (P, F), shrunk to its diagonal, with the doubt
    about the level along their mean.
    """
    prior = peers.mean(axis=0)
    spread = (peers - prior).T @ (peers - prior) / max(len(peers) - 1, 1)
    shrunk = (1 - OWN_VARIANCE) * spread + OWN_VARIANCE * np.diag(np.diag(spread))
    return np.asarray(
        shrunk + LEAST_DEVIATION**2 * np.eye(len(prior)) + LEVEL_DOUBT**2 * np.outer(prior, prior),
        dtype=np.float64,
    )


def _expected(days: ShortHistories, coefficients: FloatArray) -> FloatArray:
    """(days, N) expected use in units of the level, with a floor."""
    return np.asarray(
        np.maximum((days.x @ coefficients[:, :, None])[:, :, 0].T, LEAST_SHARE), dtype=np.float64
    )


def _relative_noise(days: ShortHistories, coefficients: FloatArray) -> FloatArray:
    """(N,) mean square of the error over the expected use."""
    expected = _expected(days, coefficients)
    square = days.weight * ((days.y - expected) / expected) ** 2
    return np.asarray(
        square.sum(axis=0) / np.maximum(days.weight.sum(axis=0), 1e-12), dtype=np.float64
    )
