"""Dependence between days (rank copula): sample paths from past out-of-sample ranks.

A rank (probability integral transform) says where in its forecast distribution a day's use fell.
Vectors of ranks over the days of a past forecast, pushed through today's quantile functions, give
sample paths whose days depend on each other as they did in the past (the idea of the Schaake
shuffle, Clark et al. 2004, doi:10.1175/1525-7541(2004)005<0243:TSSAMF>2.0.CO;2).
"""

from __future__ import annotations

import numpy as np

from lmrs_rl.domain import InputError
from lmrs_rl.domain.arrays import BoolArray, FloatArray, IntArray, integers
from lmrs_rl.domain.quantile_function import Float32Array, push_ranks, with_tails

__all__ = ["default_rank_pool", "pit_values", "push_ranks", "rank_pool", "uniform_margins"]

_DEFAULT_CORRELATION = 0.5
"""Correlation of the normal scores of two days of one tank, for want of past forecasts."""


def pit_values(
    quantiles: FloatArray,
    predicted: FloatArray,
    actual: FloatArray,
    rng: np.random.Generator,
    *,
    window: bool = False,
) -> FloatArray:
    """Ranks (...) in [0, 1] of the measured use in its forecast distributions.

    Where the quantile function is flat (an atom, such as days without use) or ends, the rank is
    drawn uniformly from the levels that share the value: the randomised transform of Czado,
    Gneiting & Held 2009, doi:10.1111/j.1541-0420.2009.01191.x. So ranks are uniform whenever the
    forecast is calibrated.

    Parameters
    ----------
    quantiles : (Q,) levels
    predicted : (..., Q) [kg] forecast quantiles
    actual : (...) [kg] measured use; NaN gives NaN
    rng : of the draws
    window : the last axis is the days of a forecast, and one draw serves them all. With a draw for
        each day, a week without any use would come back as a week with some
    """
    levels, knots = with_tails(np.asarray(quantiles, dtype=np.float64), predicted)
    ends = np.concatenate([[0.0], levels, [1.0]])
    y = np.asarray(actual, dtype=np.float64)[..., None]
    below, upto = np.sum(knots < y, axis=-1), np.sum(knots <= y, axis=-1)
    atom = upto > below
    # The rank lies between the levels `low` and `high`. On an atom these are its first and last
    # level, or 0 and 1 where it reaches an end; elsewhere those around the value.
    low = np.where(atom & (below > 0), below + 1, below)
    high = np.where(atom & (upto < len(levels)), upto, upto + 1)
    outside = (below == upto) & ((below == 0) | (below == len(levels)))
    inner = np.clip(below, 1, len(levels) - 1)[..., None]
    left = np.take_along_axis(knots, inner - 1, axis=-1)[..., 0]
    right = np.take_along_axis(knots, inner, axis=-1)[..., 0]
    within = (y[..., 0] - left) / np.where(right > left, right - left, 1.0)
    draw = rng.random((*below.shape[:-1], 1) if window else below.shape)
    share = np.where(atom | outside, draw, np.clip(within, 0.0, 1.0))
    rank = ends[low] + share * (ends[high] - ends[low])
    unknown = np.isnan(y[..., 0]) | np.isnan(knots).any(axis=-1)
    return np.asarray(np.where(unknown, np.nan, rank), dtype=np.float64)


def rank_pool(
    pit: FloatArray, type_of: IntArray, size: int, rng: np.random.Generator, *, own: float = 0.5
) -> Float32Array:
    """A pool of rank vectors (size, N, days) drawn from past ones; vectors are never split.

    A share ``own`` of the draws are the series' own vectors, the others are of series of its type.
    A series without any takes all from its type, a type without any from all series, and where
    there is none at all `default_rank_pool` stands in. The series of a draw share the origin as far
    as they have it, so that common causes (weather) still strike them together.

    Parameters
    ----------
    pit : (origins, N, days) ranks in [0, 1] from `pit_values`, NaN where not known; a vector with a
        gap is not used
    type_of : (N,) customer type of each series
    size : number of draws, >= 1
    rng : of the draws
    own : share in [0, 1]
    """
    if size < 1:
        raise InputError("size", size, "at least 1 draw", "200 draws are a good start")
    if not 0 <= own <= 1:
        raise InputError(
            "own", own, "a share in [0, 1]", "0.5 takes half of the draws from the series' own past"
        )
    origins, n, days = pit.shape
    types, type_number = np.unique(integers("type_of", type_of, (n,)), return_inverse=True)
    whole: BoolArray = np.asarray(~np.isnan(pit).any(axis=2))
    if not whole.any() or not days:
        return default_rank_pool(size, n, days, rng)
    has_own = whole.any(axis=0)
    lenders = (type_number == np.arange(len(types))[:, None]) & has_own  # (types, N)
    lenders |= ~lenders.any(axis=1, keepdims=True) & has_own
    draw = np.arange(size)[:, None]
    peer = _choose(lenders, np.broadcast_to(type_number, (size, n)), rng)
    series = np.where((draw < round(own * size)) & has_own, np.arange(n), peer)
    # All origins come up equally often, give or take one, which is less noisy than drawing each.
    common = np.broadcast_to(rng.permutation(origins)[draw % origins], (size, n))
    origin = np.where(whole[common, series], common, _choose(whole.T, series, rng))
    return np.asarray(pit[origin, series], dtype=np.float32)


def default_rank_pool(size: int, n: int, days: int, rng: np.random.Generator) -> Float32Array:
    """Rank vectors (size, n, days) for want of past forecasts.

    They are uniform, with a correlation of 0.5 between the normal scores of a tank's days. That is
    a guess on the safe side: taking errors of successive days as independent makes the spread of
    their sum far too small.
    """
    common, each = rng.standard_normal((size, n, 1)), rng.standard_normal((size, n, days))
    scores = np.sqrt(_DEFAULT_CORRELATION) * common + np.sqrt(1 - _DEFAULT_CORRELATION) * each
    return uniform_margins(scores)


def uniform_margins(pool: FloatArray | Float32Array) -> Float32Array:
    """The pool (S, N, days) with the values of each series and day made uniform.

    They are replaced by (0.5, 1.5, .. S - 0.5) / S in their order, ties in the order of draws.
    Paths then have exactly the quantiles of the forecast as margins, with the same dependence.
    """
    # Sorted twice: the order of the order is the place of each value.
    order = np.argsort(np.argsort(pool, axis=0, kind="stable"), axis=0, kind="stable")
    return np.asarray((order + 0.5) / len(pool), dtype=np.float32)


def _choose(allowed: BoolArray, row: IntArray, rng: np.random.Generator) -> IntArray:
    """For each ``row`` (S, N) one of the columns ``allowed`` in it, uniformly at random."""
    count = allowed.sum(axis=1)
    # The columns allowed come first, so any number below their count picks one of them.
    allowed_first = np.argsort(~allowed, axis=1, kind="stable")
    drawn = (rng.random(row.shape) * count[row]).astype(np.int64)
    return np.asarray(allowed_first[row, drawn], dtype=np.int64)
