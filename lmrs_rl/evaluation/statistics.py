"""Bootstrap intervals for paired comparisons: the same scenarios under two dispatchers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lmrs_rl.domain import InputError
from lmrs_rl.domain.arrays import FloatArray, IntArray

_SAMPLES = 2000
"""Bootstrap samples; a thousand or more are usual for 95 % intervals (Efron & Tibshirani 1993)."""
_LEVEL = 0.95


@dataclass(frozen=True)
class ConfidenceInterval:
    """An estimate with its 95 % bootstrap interval.

    The bounds are NaN where there are too few scenarios for an interval.
    """

    estimate: float
    low: float
    high: float


def resampled(groups: IntArray, rng: np.random.Generator, samples: int = _SAMPLES) -> FloatArray:
    """Draw bootstrap samples of scenarios, stratified by group.

    All dispatchers and figures use the same samples: what they have in common cancels in ratios
    and differences (paired bootstrap).

    Parameters
    ----------
    groups : (m,) number of each scenario's group; each sample keeps the groups' sizes
    rng : of the draws
    samples : how many

    Returns
    -------
    FloatArray
        (samples, m) how often each scenario is drawn in each sample.

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
        # Not by plain indexing, which counts a scenario once however often it is in a sample.
        np.add.at(counts, (rows, members[drawn.ravel()]), 1.0)
    return counts


def quotient(over: FloatArray, under: FloatArray) -> FloatArray:
    """``over / under`` entry by entry; 0 over 0 is NaN, anything else over 0 infinite."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(over / under, dtype=np.float64)


def ratio(a: FloatArray, b: FloatArray) -> FloatArray:
    """``a / b``, exactly 1 where both are equal; 0 over 0 is NaN, anything else over 0 infinite."""
    return np.where((a == b) & (b != 0), 1.0, quotient(a, b))


def interval(estimate: float, samples: FloatArray, enough: bool = True) -> ConfidenceInterval:
    """The estimate with its bootstrap interval by the percentile method.

    Samples that are NaN (0 over 0) are ignored; infinite ones count, so a bound may be infinite.

    Parameters
    ----------
    estimate : from all scenarios
    samples : its bootstrap samples
    enough : whether there are enough scenarios for an interval
    """
    known = samples[~np.isnan(samples)]
    if not enough or not len(known):
        return ConfidenceInterval(float(estimate), float("nan"), float("nan"))
    tail = (1 - _LEVEL) / 2
    # "lower" and "higher" return samples themselves: interpolating next to infinity gives NaN.
    low = float(np.quantile(known, tail, method="lower"))
    high = float(np.quantile(known, 1 - tail, method="higher"))
    return ConfidenceInterval(float(estimate), low, high)
