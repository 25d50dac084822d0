"""Persistence from the latest days: spells without use that go on, errors that fade."""

from __future__ import annotations

import numpy as np

from lmrs_rl.domain.arrays import BoolArray, FloatArray
from lmrs_rl.forecast.models.ridge import RidgeForecast

OFF_SHARE = 0.12
"""Use below this share of what the ridge expects counts as none."""

_PEER_DAYS = 10.0
"""[days] Weight of the rates of all series beside a series' own days in a state."""

FADING = 0.3
"""Prior of the correlation of an error with that of the day before."""
_PEER_LAGS = 20.0
"""Number of pairs of days at which a series' own correlation weighs as much as that prior."""
_PEER_USES = 3.0
"""Days with use at which a series' own amount weighs as much as the ridge's expectation."""


def chance_of_use(base: RidgeForecast, days: int) -> tuple[FloatArray, FloatArray]:
    """(N, days) probability of any use, and (N,) use on days with use over the ridge's expectation.

    A Markov chain of two states, with use and without. Its transition rates are those of the
    series' recent days, shrunk to those of all series. From the state of the last measured day the
    probability converges to the long-run share (the powers of the chain in closed form).
    """
    n = base.error.shape[1]
    # In a shutdown nothing is expected, so its days tell nothing about spells.
    expected = base.fitted > 0
    measured = expected & ~np.isnan(base.error)
    ratio = np.where(
        measured,
        1.0 + np.where(measured, base.error, 0.0) / np.where(expected, base.fitted, 1.0),
        np.nan,
    )
    used: BoolArray = np.asarray(measured & (ratio >= OFF_SHARE))
    pair = measured[1:] & measured[:-1]
    stop = _rate(pair & used[:-1] & ~used[1:], pair & used[:-1])
    start = _rate(pair & ~used[:-1] & used[1:], pair & ~used[:-1])
    long_run = start / np.maximum(start + stop, 1e-9)
    now = _last_known(used.astype(np.float64), measured, long_run)
    fade = (1.0 - start - stop)[:, None] ** np.arange(1, days + 1)
    chance = np.clip(long_run[:, None] + (now - long_run)[:, None] * fade, 0.0, 1.0)
    on = used.sum(axis=0)
    total = np.where(used, ratio, 0.0).sum(axis=0)
    amount = np.asarray((total + _PEER_USES) / (on + _PEER_USES)).reshape(n)
    return np.asarray(chance), amount


def faded_error(base: RidgeForecast, days: int) -> FloatArray:
    """(N, days) [kg] what is left of the last error on each day ahead.

    Errors relative to the expected use are taken as a first-order autoregression.
    """
    expected = base.fitted > 0
    relative = np.where(
        expected & ~np.isnan(base.error), base.error / np.where(expected, base.fitted, 1.0), np.nan
    )
    # Use is never negative, so no error is below -1; above, a single outlier must not rule.
    relative = np.clip(relative, -1.0, 2.0)
    known = ~np.isnan(relative)
    value = np.where(known, relative, 0.0)
    pair = known[1:] & known[:-1]
    product = (value[1:] * value[:-1] * pair).sum(axis=0)
    square = (value[:-1] ** 2 * pair).sum(axis=0)
    # Without any error the 1e-9 leaves the prior as correlation, where 0 / 0 would be NaN.
    typical = square / np.maximum(pair.sum(axis=0), 1) + 1e-9
    correlation = (product + _PEER_LAGS * FADING * typical) / (square + _PEER_LAGS * typical)
    fade = np.clip(correlation, 0.0, 0.95)[:, None] ** np.arange(1, days + 1)
    last = value[-1] if len(value) else np.zeros(base.error.shape[1])
    return np.asarray(last[:, None] * fade * base.ahead, dtype=np.float64)


def _rate(happened: BoolArray, chances: BoolArray) -> FloatArray:
    """(N,) share of the chances on which it happened, shrunk to that of all series.

    In [0.01, 0.99], so that no state is for ever.
    """
    count, total = happened.sum(axis=0), chances.sum(axis=0)
    # One half where no series had a chance.
    shared = (count.sum() + 0.5) / (total.sum() + 1.0)
    rate = (count + _PEER_DAYS * shared) / (total + _PEER_DAYS)
    return np.asarray(np.clip(rate, 0.01, 0.99), dtype=np.float64)


def _last_known(value: FloatArray, known: BoolArray, otherwise: FloatArray) -> FloatArray:
    """(N,) last known value of each column in the last week, ``otherwise`` where there is none."""
    result = otherwise.copy()
    for row in range(max(0, len(value) - 7), len(value)):
        result = np.where(known[row], value[row], result)
    return result
