"""A forecast of what tanks will use, as a joint distribution over the days to come."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from lmrs_rl.domain.arrays import FloatArray, floats
from lmrs_rl.errors import InputError


@dataclass(frozen=True, eq=False)
class Forecast(ABC):
    """What ``n`` tanks will use in the ``days`` whole days and ``hours`` hours from ``start_min``
    on.

    Days count from ``start_min``: the first ends 24 hours later. Consumption up to some moment is
    given by `cumulative`, `paths` or `stockout_probability`; the sum of daily quantiles is not a
    quantile of the sum.

    Two kinds: `DailyForecast` holds daily quantiles and the dependence between days (a rank
    copula), `CumulativeForecast` holds cumulative quantiles as they are. A quantile level ``q`` is
    one number or one for each tank (n,), in (0, 1); others are refused (`InputError`). `cumulative`
    takes several of them at once, (k, n), which is faster than one after the other.

    Attributes
    ----------
    start_min : [min] the moment of the forecast, on the network's clock
    """

    start_min: int

    @property
    @abstractmethod
    def n_tanks(self) -> int:
        """Number of tanks."""

    @property
    @abstractmethod
    def hours(self) -> int:
        """Length of the forecast [h]."""

    @property
    @abstractmethod
    def days(self) -> int:
        """Whole days covered."""

    @abstractmethod
    def quantile(self, q: ArrayLike) -> FloatArray:
        """Quantile ``q`` of the use of each single day, (n, days) [kg]."""

    @abstractmethod
    def paths(self, n: int, rng: np.random.Generator) -> FloatArray:
        """``n`` possible futures, (n, tanks, days) [kg] of use a day, >= 0, joint over the days."""

    @abstractmethod
    def cumulative(self, q: ArrayLike) -> FloatArray:
        """Quantile ``q`` of the use from the start to the end of each hour, (n, hours + 1) [kg]; 0
        at hour 0, never falling.

        For ``q`` (k, n) it is (k, n, hours + 1).
        """

    @abstractmethod
    def stockout_probability(self, levels: ArrayLike) -> FloatArray:
        """Probability that ``levels`` (n,) [kg] are used up by the end of each day without a
        delivery, (n, days).
        """


def quantile_levels(field: str, value: ArrayLike) -> FloatArray:
    """Quantile levels (Q,), increasing, in (0, 1); others are refused (`InputError`)."""
    levels = floats(field, value, (np.size(value),))
    if (
        levels.size == 0
        or np.any(levels <= 0)
        or np.any(levels >= 1)
        or np.any(np.diff(levels) <= 0)
    ):
        raise InputError(
            field,
            levels.tolist(),
            "increasing numbers in (0, 1)",
            "sort them and drop the extremes",
        )
    return levels


def wanted_level(q: ArrayLike, n: int) -> FloatArray:
    """``q`` as one level for each tank (n,); refused outside (0, 1) (`InputError`)."""
    given = np.asarray(q, dtype=np.float64)
    if given.shape not in ((), (n,)) or not np.all((given > 0) & (given < 1)):
        raise InputError(
            "q", f"{q!r:.60}", f"a number in (0, 1), or {n} of them", "0.5 is the median"
        )
    return np.broadcast_to(given, (n,))


def wanted_levels(q: ArrayLike, n: int) -> FloatArray:
    """`wanted_level`, or several for each tank (k, n) as they are."""
    if np.ndim(q) != 2:
        return wanted_level(q, n)
    given = np.asarray(q, dtype=np.float64)
    wanted_level(given.ravel(), given.shape[0] * n)
    return given


def of_sorted(values: np.ndarray, q: FloatArray) -> FloatArray:
    """Quantile ``q`` (..., n) of draws ``values`` (n, days, S) sorted along the last axis, (..., n,
    days).

    The k-th of S draws stands for the level (k - 0.5) / S, linear between (definition 5 of Hyndman
    & Fan 1996, doi:10.1080/00031305.1996.10473566).
    """
    size = values.shape[-1]
    at = np.clip(q * size - 0.5, 0, size - 1)
    low = np.floor(at).astype(np.int64)
    each = np.arange(len(values))
    lower = values[each, :, low].astype(np.float64)
    upper = values[each, :, np.minimum(low + 1, size - 1)]
    return np.asarray(lower + (at - low)[..., None] * (upper - lower), dtype=np.float64)


def count_of_paths(n: int) -> int:
    """``n`` itself; refused under 1 (`InputError`)."""
    if n < 1:
        raise InputError("n", n, "at least 1 path", "200 are a good start")
    return n
