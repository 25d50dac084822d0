"""Searches for the vector with the least cost when costs are noisy: ask for candidates, tell what
they cost.

Candidates come in pairs mirrored around the mean (antithetic): what a pair's difference says of the
slope does not depend on how the cost bends.
"""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np

from lmrs_rl.domain import InputError
from lmrs_rl.domain.arrays import FloatArray
from lmrs_rl.errors import MissingExtraError

SEARCHES = ("gradient", "sep-cma", "cma")
LATER_COUNTS = 3.0
"""The weight of a place in the mean grows with this power of its number."""


class Search(Protocol):
    """Two calls in turn."""

    @property
    def mean(self) -> FloatArray:
        """(k,) the best guess so far."""

    @property
    def sigma(self) -> float:
        """How far from its middle candidates are drawn."""

    def ask(self) -> FloatArray:
        """(2 * pairs, k) candidates; rows 2i and 2i + 1 are mirrored around the middle of the
        search.
        """

    def tell(self, candidates: FloatArray, costs: FloatArray) -> None:
        """What the candidates asked for last cost, (2 * pairs,)."""


class GradientSearch:
    """Goes down the slope that the pairs' differences show; its ``mean`` is that of its places so
    far, the later ones weighing more.

    Salimans et al. 2017, doi:10.48550/arXiv.1703.03864; differences are divided by their root mean
    square as in Mania et al. 2018, doi:10.48550/arXiv.1803.07055. A place is mostly noise, the mean
    of many is not: averaged as in Shamir & Zhang 2013, doi:10.48550/arXiv.1212.1824, with
    `LATER_COUNTS` as their eta.

    Parameters
    ----------
    start : (k,)
    sigma : of the candidates around the mean, > 0
    pairs : >= 1
    step : times the estimated direction, > 0; falls as 1 / sqrt(1 + generation / halfway), whatever
        the budget
    halfway : [generations], > 0
    momentum : share of the direction before, in [0, 1)
    rng : draws the candidates
    """

    def __init__(
        self,
        start: FloatArray,
        sigma: float,
        pairs: int,
        *,
        step: float,
        halfway: float,
        momentum: float,
        rng: np.random.Generator,
    ) -> None:
        self.mean: FloatArray = np.array(start, dtype=np.float64)
        self._at = self.mean.copy()
        self.sigma, self._pairs, self._step, self._halfway, self._momentum, self._rng = (
            sigma,
            pairs,
            step,
            halfway,
            momentum,
            rng,
        )
        self._direction = np.zeros(len(self.mean))
        self._generation = 0

    def ask(self) -> FloatArray:
        """See `Search`."""
        return mirrored(
            self._at,
            self._at + self.sigma * self._rng.standard_normal((self._pairs, len(self._at))),
        )

    def tell(self, candidates: FloatArray, costs: FloatArray) -> None:
        """See `Search`."""
        gain = costs[1::2] - costs[::2]
        size = float(np.sqrt(np.mean(gain**2)))
        noise = (candidates[::2] - self._at) / self.sigma
        slope = np.zeros(len(self._at)) if size == 0 else (gain / size) @ noise / self._pairs
        self._direction = self._momentum * self._direction + (1 - self._momentum) * slope
        self._at = (
            self._at + self._step / np.sqrt(1 + self._generation / self._halfway) * self._direction
        )
        self._generation += 1
        self.mean = self.mean + (1 + LATER_COUNTS) / (self._generation + LATER_COUNTS) * (
            self._at - self.mean
        )


class CmaSearch:
    """CMA-ES (Hansen & Ostermeier 2001, doi:10.1162/106365601750190398) or its separable form for
    many numbers, from the package cmaes.

    Mirrored sampling after Brockhoff et al. 2010, doi:10.1007/978-3-642-15844-5_2.

    Parameters
    ----------
    kind : "cma" or "sep-cma"
    start, sigma, pairs : see `GradientSearch`
    seed : of the candidates
    """

    def __init__(self, kind: str, start: FloatArray, sigma: float, pairs: int, seed: int) -> None:
        try:
            from cmaes import CMA, SepCMA
        except ImportError as error:
            raise MissingExtraError("cmaes", "train") from error
        self._pairs = pairs
        make = CMA if kind == "cma" else SepCMA
        self._cma: Any = make(
            mean=np.array(start, dtype=np.float64),
            sigma=sigma,
            population_size=2 * pairs,
            seed=seed,
        )

    @property
    def mean(self) -> FloatArray:
        """See `Search`."""
        return np.array(self._cma._mean)  # SepCMA has no public name for it

    @property
    def sigma(self) -> float:
        """See `Search`."""
        return float(self._cma._sigma)

    def ask(self) -> FloatArray:
        """See `Search`."""
        return mirrored(self.mean, np.stack([self._cma.ask() for _ in range(self._pairs)]))

    def tell(self, candidates: FloatArray, costs: FloatArray) -> None:
        """See `Search`."""
        self._cma.tell([(each, float(cost)) for each, cost in zip(candidates, costs, strict=True)])


def mirrored(mean: FloatArray, half: FloatArray) -> FloatArray:
    """(2p, k): each row of ``half`` (p, k) followed by its mirror image around ``mean`` (k,)."""
    return np.stack([half, 2 * mean - half], axis=1).reshape(2 * len(half), -1)
