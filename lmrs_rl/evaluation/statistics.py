"""Paired comparisons: the same scenarios under two dispatchers, with bootstrap intervals."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lmrs_rl.domain import InputError
from lmrs_rl.domain.arrays import FloatArray, IntArray

SAMPLES = 2000
LEVEL = 0.95


@dataclass(frozen=True)
class ConfidenceInterval:
    """An estimate with its 95 % bootstrap interval; bounds are NaN where one scenario is all
    there is.
    """

    estimate: float
    low: float
    high: float


def resampled(groups: IntArray, rng: np.random.Generator, samples: int = SAMPLES) -> FloatArray:
    """How often each of ``m`` scenarios is drawn in each bootstrap sample, (samples, m): within
    each group as many as it has.

    All dispatchers and figures take the same samples, so what they share cancels in differences.

    Raises
    ------
    InputError
        For fewer than one sample.
    """
    if samples < 1:
        raise InputError("samples", samples, "at least 1", "2000 are usual")
    counts = np.zeros((samples, len(groups)))
    for group in np.unique(groups):
        members = np.flatnonzero(groups == group)
        drawn = rng.integers(len(members), size=(samples, len(members)))
        rows = np.repeat(np.arange(samples), len(members))
        np.add.at(counts, (rows, members[drawn.ravel()]), 1.0)
    return counts


def quotient(over: FloatArray, under: FloatArray) -> FloatArray:
    """``over / under`` entry by entry; 0 over 0 is NaN, anything else over 0 infinite."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(over / under, dtype=np.float64)


def ratio(a: FloatArray, b: FloatArray) -> FloatArray:
    """``a / b``, exactly 1 where both are the same; 0 over 0 is NaN, as nothing can be said of
    it, anything else over 0 infinite.
    """
    return np.where((a == b) & (b != 0), 1.0, quotient(a, b))


def interval(estimate: float, samples: FloatArray, enough: bool = True) -> ConfidenceInterval:
    """The estimate and the span of the middle 95 % of its bootstrap samples (percentile method).

    Samples that are NaN (0 over 0) are left out, infinite ones stand: a bound may be infinite.
    """
    known = samples[~np.isnan(samples)]
    if not enough or not len(known):
        return ConfidenceInterval(float(estimate), float("nan"), float("nan"))
    tail = (1 - LEVEL) / 2
    low, high = (
        float(np.quantile(known, tail, method="lower")),
        float(np.quantile(known, 1 - tail, method="higher")),
    )
    return ConfidenceInterval(float(estimate), low, high)
