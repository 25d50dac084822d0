"""From a few quantiles to a whole quantile function, and ranks pushed through it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lmrs_rl.domain.arrays import FloatArray

Float32Array = NDArray[np.float32]

TAIL = np.array([0.03, 0.1, 0.3])
"""Knots of a tail, as shares of the probability beyond the outermost quantile; beyond the last
one the tail is flat.
"""

BINS = 4096
"""Bins in which the knots are looked up; a power of two, so that multiplying by it rounds
nothing.
"""


def with_tails(
    quantiles: FloatArray, kg: FloatArray | Float32Array
) -> tuple[FloatArray, FloatArray]:
    """Levels (Q + 6,) and knots (..., Q + 6) [kg] >= 0 of quantile functions held as ``kg`` (...,
    Q) at ``quantiles`` (Q,).

    Beyond the outermost quantiles the tails are exponential through the outermost two (mean excess
    constant: a generalised Pareto tail of shape 0, Pickands 1975, doi:10.1214/aos/1176343003), bent
    into three straight pieces; a single quantile has no tails. The lower tail ends at 0.
    """
    x = np.asarray(kg, dtype=np.float64)
    low, high = quantiles[0], 1 - quantiles[-1]
    scale_low = scale_high = np.zeros(x.shape[:-1])
    if len(quantiles) > 1:
        scale_low = (x[..., 1] - x[..., 0]) / np.log(quantiles[1] / low)
        scale_high = (x[..., -1] - x[..., -2]) / np.log((1 - quantiles[-2]) / high)
    excess = -np.log(TAIL)
    below = x[..., :1] - scale_low[..., None] * excess
    beyond = x[..., -1:] + scale_high[..., None] * excess[::-1]
    return _levels(quantiles), np.maximum(np.concatenate([below, x, beyond], axis=-1), 0.0)


def _levels(quantiles: FloatArray) -> FloatArray:
    """(Q + 6,) levels of the knots of `with_tails`."""
    return np.concatenate([quantiles[0] * TAIL, quantiles, 1 - (1 - quantiles[-1]) * TAIL[::-1]])


def push_ranks(
    quantiles: FloatArray, kg: FloatArray | Float32Array, ranks: FloatArray | Float32Array
) -> FloatArray:
    """What ranks in [0, 1] mean in kg: (S, n, D) from ``kg`` (n, D, Q) at ``quantiles`` (Q,) and
    ``ranks`` (S, n, D).

    Linear between the knots of `with_tails`, never negative, never falling in the rank.
    """
    return np.asarray(PlacedRanks.of(quantiles, ranks).pushed(quantiles, kg), dtype=np.float64)


@dataclass(frozen=True, eq=False)
class PlacedRanks:
    """Ranks looked up among the levels of `with_tails`: two thirds of the work of `push_ranks`,
    done once for ranks that are used every morning.

    Attributes
    ----------
    cell : (S, n, D) cell of each rank, counted through the cells of all tanks and days
    beyond : (S, n, D) how far the rank lies over the cell's first level
    """

    cell: NDArray[np.int64]
    beyond: Float32Array

    @classmethod
    def of(cls, quantiles: FloatArray, ranks: FloatArray | Float32Array) -> PlacedRanks:
        """Of ``ranks`` (S, n, D) among the levels of functions held at ``quantiles`` (Q,)."""
        levels = _levels(quantiles)
        # In single precision like the edges, so that no rank lies under the start of its cell.
        beyond = np.clip(ranks, levels[0], levels[-1], dtype=np.float32)
        cell = _cells(levels[1:-1].astype(np.float32), beyond)
        beyond -= levels[:-1].astype(np.float32).take(cell)
        cell += (len(levels) - 1) * np.arange(ranks[0].size).reshape(ranks.shape[1:])
        return cls(cell, beyond)

    def by_tank(self) -> PlacedRanks:
        """The same as (n, D, S)."""
        return PlacedRanks(
            np.ascontiguousarray(self.cell.transpose(1, 2, 0)),
            np.ascontiguousarray(self.beyond.transpose(1, 2, 0)),
        )

    def pushed(self, quantiles: FloatArray, kg: FloatArray | Float32Array) -> Float32Array:
        """`push_ranks` in the precision that it computes in, in the shape of ``cell``."""
        levels, knots = with_tails(quantiles, kg)
        single = np.asarray(knots, dtype=np.float32)
        slope = np.asarray(np.diff(knots, axis=-1) / np.diff(levels), dtype=np.float32).ravel()
        pushed = self.beyond * slope.take(self.cell)  # take is twice as fast as brackets
        pushed += single[..., :-1].ravel().take(self.cell)
        # Rounding may lift the end of a cell over the start of the next.
        return np.asarray(
            np.minimum(pushed, single[..., 1:].ravel().take(self.cell), out=pushed),
            dtype=np.float32,
        )


def _cells(edges: Float32Array, u: Float32Array) -> NDArray[np.int64]:
    """How many of the increasing ``edges`` are at or under each ``u`` in [0, 1]:
    ``searchsorted``, ten times faster by a table of bins.
    """
    in_bin = np.bincount(np.asarray(edges * np.float32(BINS), dtype=np.int64), minlength=BINS + 1)
    before = np.concatenate([[0], np.cumsum(in_bin)[:-1]])
    # 16 bits hold all bins, of which 4096 is the last.
    cell = before.take((u * np.float32(BINS)).astype(np.int16))
    # Left to pass are the edges in a rank's own bin: as many rounds as a bin has edges at most.
    padded = np.append(edges, np.float32(np.inf))
    for _ in range(int(in_bin.max(initial=0))):
        cell += u >= padded.take(cell)
    return np.asarray(cell, dtype=np.int64)
