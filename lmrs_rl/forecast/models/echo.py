"""What the latest days say of the days ahead: spells of no use that go on, errors that fade."""

from __future__ import annotations

import numpy as np

from lmrs_rl.domain.arrays import BoolArray, FloatArray
from lmrs_rl.forecast.models.ridge import Base

OFF_SHARE = 0.12
"""Use under this share of what the ridge expects is none."""

PEER_DAYS = 10.0
"""Days of each state that the rates of all series count beside a series' own."""

FADING = 0.3
"""Correlation of a day's error with the day before's, as which `PEER_LAGS` pairs of days count."""
PEER_LAGS = 20.0


def chance_of_use(base: Base, days: int) -> tuple[FloatArray, FloatArray]:
    """(N, days) probability that a day has use at all, and (N,) typical use on days with use over
    what the ridge expects of them.

    A chain of two states, with use and without: the rates of passing from one to the other are
    those of the series' recent days, drawn to all series'; from the state of the last measured day
    they run into the long-run share (a Markov chain's powers in closed form).
    """
    n = base.error.shape[1]
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
    usual = start / np.maximum(start + stop, 1e-9)
    now = _last(used.astype(np.float64), measured, usual)
    fade = (1.0 - start - stop)[:, None] ** np.arange(1, days + 1)
    on = used.sum(axis=0)
    total = np.where(used, ratio, 0.0).sum(axis=0)
    return np.asarray(
        np.clip(usual[:, None] + (now - usual)[:, None] * fade, 0.0, 1.0)
    ), np.asarray((total + 3.0) / (on + 3.0)).reshape(n)


def faded_error(base: Base, days: int) -> FloatArray:
    """(N, days) [kg] what is left on each day ahead of the last error, relative to what was
    expected, as a first-order autoregression has it.
    """
    expected = base.fitted > 0
    relative = np.where(
        expected & ~np.isnan(base.error), base.error / np.where(expected, base.fitted, 1.0), np.nan
    )
    relative = np.clip(relative, -1.0, 2.0)
    known = ~np.isnan(relative)
    value = np.where(known, relative, 0.0)
    pair = known[1:] & known[:-1]
    product, square = (
        (value[1:] * value[:-1] * pair).sum(axis=0),
        (value[:-1] ** 2 * pair).sum(axis=0),
    )
    typical = square / np.maximum(pair.sum(axis=0), 1) + 1e-9
    persistence = np.clip(
        (product + PEER_LAGS * FADING * typical) / (square + PEER_LAGS * typical), 0.0, 0.95
    )
    last = value[-1] if len(value) else np.zeros(base.error.shape[1])
    return np.asarray(
        last[:, None] * persistence[:, None] ** np.arange(1, days + 1) * base.ahead,
        dtype=np.float64,
    )


def _rate(happened: BoolArray, chances: BoolArray) -> FloatArray:
    """(N,) share of the chances on which it happened, drawn to that of all series; in [0.01,
    0.99].
    """
    count, total = happened.sum(axis=0), chances.sum(axis=0)
    shared = (count.sum() + 0.5) / (total.sum() + 1.0)
    return np.asarray(
        np.clip((count + PEER_DAYS * shared) / (total + PEER_DAYS), 0.01, 0.99), dtype=np.float64
    )


def _last(value: FloatArray, known: BoolArray, otherwise: FloatArray) -> FloatArray:
    """(N,) the last known row of each column of the last week."""
    result = otherwise.copy()
    for row in range(max(0, len(value) - 7), len(value)):
        result = np.where(known[row], value[row], result)
    return result
