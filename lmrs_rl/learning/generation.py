"""A generation of the evolution strategy: what it cost, and how candidates are compared."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lmrs_rl.domain.arrays import FloatArray
from lmrs_rl.learning.rollout import EpisodeResult
from lmrs_rl.learning.settings import EvolutionSettings


@dataclass(frozen=True)
class Generation:
    """Result of a generation.

    Attributes
    ----------
    number : from 0
    seeds : of the worlds
    costs : (2 * pairs,) costs that the search receives
    noise : standard error of a pair's difference, mean over the pairs; NaN for a single world
    figures : see `mean_figures`
    seconds : [s] of wall-clock time
    """

    number: int
    seeds: tuple[int, ...]
    costs: tuple[float, ...]
    noise: float
    figures: dict[str, float]
    seconds: float


def costs_over_baseline(
    results: Sequence[Sequence[EpisodeResult]], settings: EvolutionSettings
) -> tuple[FloatArray, float]:
    """Mean cost of each candidate relative to the baseline, and the noise of a pair.

    ``results`` has a row for each world: the baseline's episode first, then the candidates'.
    """
    bound = settings.clip_relative_cost
    relative = np.clip(
        [[each.relative_cost(row[0]) for each in row[1:]] for row in results], -bound, bound
    )
    pairs = relative[:, 1::2] - relative[:, ::2]
    noise = float("nan")
    if len(pairs) > 1:
        noise = float(pairs.std(axis=0, ddof=1).mean() / np.sqrt(len(pairs)))
    return relative.mean(axis=0), noise


def costs_of_pairs(
    results: Sequence[Sequence[EpisodeResult]], settings: EvolutionSettings
) -> tuple[FloatArray, float]:
    """Mean cost of each candidate relative to the mean of its pair, and the noise of a pair.

    ``results`` has a row for each world with the two episodes of the pair that ran there.
    """
    bound = settings.clip_relative_cost
    # Each of the two lies half their difference from the mean of the pair.
    half = np.clip(
        [row[0].relative_difference(row[1]) / 2 for row in results], -bound, bound
    ).reshape(settings.pairs, -1)
    mean, worlds = half.mean(axis=1), half.shape[1]
    noise = float("nan")
    if worlds > 1:
        noise = float(2 * half.std(axis=1, ddof=1).mean() / np.sqrt(worlds))
    return np.stack([mean, -mean], axis=1).ravel(), noise


def mean_figures(results: Sequence[Sequence[EpisodeResult]], own: bool) -> dict[str, float]:
    """Mean figures of the candidates per tank and day.

    They are absolute where each pair has its ``own`` worlds, else relative to the baseline's.
    """
    if own:
        each = [
            {name: value / (one.tanks * one.days) for name, value in one.figures.items()}
            for row in results
            for one in row
        ]
    else:
        each = [one.daily_differences(row[0]) for row in results for one in row[1:]]
    return {name: float(np.mean([figures[name] for figures in each])) for name in each[0]}


def fingerprint(vector: FloatArray) -> str:
    """Short hash of a vector, different for vectors that differ in a bit."""
    return hashlib.sha256(np.ascontiguousarray(vector, dtype=np.float64).tobytes()).hexdigest()[:16]
