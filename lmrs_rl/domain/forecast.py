"""A forecast of what tanks will use, as a distribution of cumulative consumption."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from lmrs_rl.domain.arrays import FloatArray, floats
from lmrs_rl.domain.errors import InputError
from lmrs_rl.domain.network import _set


@dataclass(frozen=True, eq=False)
class Forecast:
    """Quantiles of the cumulative consumption of every tank, hour by hour.

    Cumulative quantiles are kept, not hourly ones: the sum of quantiles is not the quantile of a sum.

    Attributes
    ----------
    start_min : [min] the moment of the forecast, on the network's clock
    quantiles : (Q,) increasing, in (0, 1)
    cumulative_kg : (Q, n, H + 1) [kg] consumption from ``start_min`` to the end of each hour; 0 at hour 0, never
        decreasing in the hour or the quantile
    """

    start_min: int
    quantiles: FloatArray
    cumulative_kg: FloatArray

    def __post_init__(self) -> None:
        q = np.size(self.quantiles)
        _set(self, "quantiles", floats("forecast.quantiles", self.quantiles, (q,)))
        if q == 0 or np.any(self.quantiles <= 0) or np.any(self.quantiles >= 1) or np.any(np.diff(self.quantiles) <= 0):
            raise InputError("forecast.quantiles", self.quantiles.tolist(), "increasing numbers in (0, 1)", "sort them and drop the extremes")
        shape = np.shape(self.cumulative_kg)
        if len(shape) != 3 or shape[0] != q or shape[2] < 2:
            raise InputError("forecast.cumulative_kg", f"shape {shape}", f"shape ({q}, tanks, hours + 1)", "give one matrix a quantile")
        _set(self, "cumulative_kg", floats("forecast.cumulative_kg", self.cumulative_kg, shape))
        c = self.cumulative_kg
        if np.any(c[:, :, 0] != 0):
            raise InputError("forecast.cumulative_kg", "a first column that is not 0", "consumption since the start", "prepend the hour 0")
        if np.any(np.diff(c, axis=2) < 0) or np.any(np.diff(c, axis=0) < 0):
            raise InputError("forecast.cumulative_kg", "a decrease", "no decrease in hour or quantile", "sort quantiles, clip negative use")

    @property
    def hours(self) -> int:
        """Length of the forecast [h]."""
        return int(self.cumulative_kg.shape[2]) - 1

    def cumulative(self, q: ArrayLike) -> FloatArray:
        """Quantile ``q`` of the consumption up to each hour, (n, H + 1) [kg].

        ``q`` is one number or one for each tank, in (0, 1). Between the quantiles held it is interpolated linearly,
        beyond the outermost it is that one.
        """
        n = self.cumulative_kg.shape[1]
        wanted = np.broadcast_to(np.asarray(q, dtype=np.float64), (n,))
        if not np.all((wanted > 0) & (wanted < 1)):
            raise InputError("q", f"{q!r:.60}", "numbers in (0, 1)", "0.5 is the median")
        high = np.clip(np.searchsorted(self.quantiles, wanted), 1, max(len(self.quantiles) - 1, 1))
        low = high - 1
        high = np.minimum(high, len(self.quantiles) - 1)
        span = self.quantiles[high] - self.quantiles[low]
        share = np.clip((wanted - self.quantiles[low]) / np.where(span > 0, span, 1.0), 0.0, 1.0)[:, None]
        each = np.arange(n)
        lower, upper = self.cumulative_kg[low, each], self.cumulative_kg[high, each]
        return np.asarray(lower + share * (upper - lower), dtype=np.float64)
