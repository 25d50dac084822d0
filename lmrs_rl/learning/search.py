"""Searches for a vector of least cost under noise, with an ask-and-tell interface.

Candidates come in pairs mirrored around the mean (antithetic): in the difference of a pair the even
terms of the cost cancel, so that it estimates the slope without a bias from curvature.
"""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np

from lmrs_rl.domain.arrays import FloatArray
from lmrs_rl.errors import MissingExtraError

SEARCHES = ("gradient", "sep-cma", "cma")
_ETA = 3.0
"""Exponent of polynomial-decay averaging: iterate t has a weight of about t to this power."""


class Search(Protocol):
    """A search that is asked for candidates and told their costs, in turn."""

    @property
    def mean(self) -> FloatArray:
        """Best estimate (k,) so far."""
        ...

    @property
    def sigma(self) -> float:
        """Standard deviation of the candidates."""
        ...

    def ask(self) -> FloatArray:
        """Draw candidates (2 * pairs, k); rows 2i and 2i + 1 are mirror images."""
        ...

    def tell(self, candidates: FloatArray, costs: FloatArray) -> None:
        """Update the search with the costs (2 * pairs,) of the candidates drawn last."""


class GradientSearch:
    """Stochastic gradient descent on costs, with gradients from mirrored pairs.

    Salimans et al. 2017, doi:10.48550/arXiv.1703.03864; differences are divided by their root mean
    square as in Mania et al. 2018, doi:10.48550/arXiv.1803.07055. A single iterate is mostly noise:
    ``mean`` is an average of all iterates in which later ones weigh more (polynomial-decay
    averaging, Shamir & Zhang 2013, doi:10.48550/arXiv.1212.1824, with `_ETA` as their eta).

    Parameters
    ----------
    start : (k,) first iterate
    sigma : standard deviation of the candidates around the iterate, > 0
    pairs : >= 1
    step : step size, > 0; it decays as 1 / sqrt(1 + generation / step_half_life), independently of
        the budget
    step_half_life : [generations] after which the square of the step size has halved, > 0
    momentum : share of the previous direction, in [0, 1)
    rng : draws the candidates
    """

    def __init__(
        self,
        start: FloatArray,
        sigma: float,
        pairs: int,
        *,
        step: float,
        step_half_life: float,
        momentum: float,
        rng: np.random.Generator,
    ) -> None:
        self.mean: FloatArray = np.array(start, dtype=np.float64)
        self.sigma, self._pairs, self._rng = sigma, pairs, rng
        self._step, self._half_life, self._momentum = step, step_half_life, momentum
        self._iterate = self.mean.copy()
        self._direction = np.zeros(len(self.mean))
        self._generation = 0

    def ask(self) -> FloatArray:
        """Draw candidates, see `Search`."""
        noise = self._rng.standard_normal((self._pairs, len(self._iterate)))
        return mirrored(self._iterate, self._iterate + self.sigma * noise)

    def tell(self, candidates: FloatArray, costs: FloatArray) -> None:
        """Take a step down the estimated slope, see `Search`."""
        gain = costs[1::2] - costs[::2]
        size = float(np.sqrt(np.mean(gain**2)))
        noise = (candidates[::2] - self._iterate) / self.sigma
        slope = np.zeros(len(self._iterate)) if size == 0 else (gain / size) @ noise / self._pairs
        self._direction = self._momentum * self._direction + (1 - self._momentum) * slope
        step = self._step / np.sqrt(1 + self._generation / self._half_life)
        self._iterate = self._iterate + step * self._direction
        self._generation += 1
        # 1 in the first generation, so that the start itself has no part in the average.
        weight = (1 + _ETA) / (self._generation + _ETA)
        self.mean = self.mean + weight * (self._iterate - self.mean)


class CmaSearch:
    """CMA-ES, or its separable form for many dimensions, from the package cmaes.

    Hansen & Ostermeier 2001, doi:10.1162/106365601750190398; mirrored sampling after Brockhoff et
    al. 2010, doi:10.1007/978-3-642-15844-5_2.

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
        """Mean of the search distribution."""
        return np.array(self._cma._mean)  # SepCMA has no public name for it

    @property
    def sigma(self) -> float:
        """Overall standard deviation of the search distribution."""
        return float(self._cma._sigma)

    def ask(self) -> FloatArray:
        """Draw candidates, see `Search`."""
        return mirrored(self.mean, np.stack([self._cma.ask() for _ in range(self._pairs)]))

    def tell(self, candidates: FloatArray, costs: FloatArray) -> None:
        """Update the search distribution, see `Search`."""
        self._cma.tell([(each, float(cost)) for each, cost in zip(candidates, costs, strict=True)])


def mirrored(mean: FloatArray, half: FloatArray) -> FloatArray:
    """Each row of ``half`` (p, k) followed by its mirror image around ``mean`` (k,): (2p, k)."""
    return np.stack([half, 2 * mean - half], axis=1).reshape(2 * len(half), -1)
