"""Inputs of the quantile network: what is known of each series on a morning, as arrays."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lmrs_rl.domain.arrays import FloatArray, IntArray
from lmrs_rl.domain.quantile_function import Float32Array
from lmrs_rl.forecast.models.empirical import COLD_SHARE
from lmrs_rl.forecast.panel import View

CONTEXT = 42
"""[days] of the past that the network looks at."""
_YEAR_DAYS = 364
"""[days] Whole weeks of a year, for a series' level."""
WEEK = 7
_LAGS = CONTEXT // WEEK
_HEATING_BASES = (17.0, 8.0)
"""[deg C] A building is heated below these: knees of the degree-day curve, as for the ridge."""
PAST_CHANNELS = 5
AHEAD_FEATURES = WEEK + 4 + 2 + 2 * len(_HEATING_BASES) + 2 * _LAGS
"""Calendar (weekday, holiday, season, lead), shutdown and temperature, heating degrees, lags."""
STATIC_FEATURES = 4

_YEAR_WEIGHT, _PRIOR_WEIGHT = 7.0, 3.0
"""[days] Weight of the year's level beside the last weeks', and of the prior beside the year's."""


@dataclass(frozen=True, eq=False)
class Prior:
    """Expected use of a series, given its customer type.

    Entry 0 is for all types together, entry t + 1 for type t.

    Attributes
    ----------
    share : (T + 1,) [1/day] mean use as a share of capacity
    level : (T + 1,) [kg/day] mean use, for series without a known capacity
    """

    share: FloatArray
    level: FloatArray

    def of(self, view: View) -> FloatArray:
        """(N,) [kg/day] expected use of the view's series."""
        kind = known_kind(view.past.customer_type, len(self.share) - 1)
        capacity = view.past.capacity
        return np.asarray(
            np.where(capacity > 0, capacity * self.share[kind], self.level[kind]), dtype=np.float64
        )

    @staticmethod
    def learn(view: View) -> Prior:
        """The prior of the last year of ``view``.

        Its share is `empirical.COLD_SHARE` where no series has a measured day.
        """
        use = view.past.use[-_YEAR_DAYS:]
        count = (~np.isnan(use)).sum(axis=0)
        mean = np.where(count > 0, np.nansum(use, axis=0) / np.maximum(count, 1), np.nan)
        share = mean / np.where(view.past.capacity > 0, view.past.capacity, np.nan)
        return Prior(
            _by_type(share, view.past.customer_type, COLD_SHARE),
            _by_type(mean, view.past.customer_type, 0.0),
        )


@dataclass(frozen=True, eq=False)
class Windows:
    """Inputs of ``W`` windows, all of about unit size.

    Attributes
    ----------
    past : (W, CONTEXT * PAST_CHANNELS) of each day: scaled use, whether measured, whether in a
        shutdown, whether a holiday, temperature
    ahead : (W, days, AHEAD_FEATURES) calendar, shutdowns, weather and the use of the same weekday 1
        to 6 weeks before
    static : (W, STATIC_FEATURES) capacity and the length of the history
    kind, product : (W,) customer type and product
    scale : (W,) [kg/day] divisor of use, > 0
    """

    past: Float32Array
    ahead: Float32Array
    static: Float32Array
    kind: IntArray
    product: IntArray
    scale: FloatArray

    @staticmethod
    def join(parts: list[Windows]) -> Windows:
        """The windows of all ``parts``, in order."""
        fields = ("past", "ahead", "static", "kind", "product", "scale")
        return Windows(
            *(np.concatenate([getattr(part, name) for part in parts]) for name in fields)
        )


def make_windows(
    view: View, days: int, prior: Prior, visible_days: IntArray | None = None
) -> Windows:
    """One window for each of the N series of ``view``.

    Parameters
    ----------
    view : what is known on the morning
    days : [days] ahead
    prior : expected use by customer type
    visible_days : (N,) number of latest days of each series that may be seen, as if it had begun
        only then; ``None`` shows all
    """
    use = _last_rows(view.past.use, _YEAR_DAYS)
    if visible_days is not None:
        use = np.where(np.arange(_YEAR_DAYS, 0, -1)[:, None] <= visible_days, use, np.nan)
    # This may lie before the panel's first day, where calendar and shutdowns are defined as well.
    first = view.origin - CONTEXT
    stopped = view.shutdown(first, CONTEXT + days)
    expected = prior.of(view)
    scale, count = _scale(use, stopped[:CONTEXT], expected)
    # arcsinh is linear near 0 and logarithmic beyond: days without use stay 0, outliers stay small.
    context = np.arcsinh(use[-CONTEXT:] / scale)
    temperature = _temperature(view, first, days)
    past = [
        context,
        ~np.isnan(context),
        stopped[:CONTEXT],
        np.repeat(view.holiday(first, CONTEXT)[:, None], view.n, axis=1),
        temperature[:CONTEXT] / 10.0,
    ]
    capacity = np.where(view.past.capacity > 0, view.past.capacity, np.nan)
    log_days_of_stock = np.nan_to_num(np.log(capacity / scale), nan=0.0)
    static = [
        log_days_of_stock / 3.0,
        ~np.isnan(capacity),
        np.log1p(count) / 6.0,
        # The floor keeps the logarithm below that of 1000 where hardly any use is expected.
        np.log(scale / np.maximum(expected, 1e-9 + 1e-3 * scale)) / 3.0,
    ]
    return Windows(
        np.nan_to_num(np.stack(past, axis=2))
        .transpose(1, 0, 2)
        .reshape(view.n, -1)
        .astype(np.float32),
        _ahead(view, days, stopped[CONTEXT:], temperature, context),
        np.stack(static, axis=1).astype(np.float32),
        view.past.customer_type,
        view.past.product,
        scale,
    )


def known_kind(kind: IntArray, count: int) -> IntArray:
    """Row of each type in a table of ``count`` known types: t + 1, or 0 for an unknown type."""
    return np.where(kind < count, kind + 1, 0)


def _scale(
    use: FloatArray, stopped: NDArray[np.bool_], expected: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """(N,) [kg/day] level of each series, and (N,) its number of measured days.

    The mean of the last weeks is shrunk to that of the year, and that to the prior.
    """
    known = ~np.isnan(use)
    known[-CONTEXT:] &= ~stopped
    amount = np.where(known, use, 0.0)
    days = known.sum(axis=0)
    year = (amount.sum(axis=0) + _PRIOR_WEIGHT * expected) / (days + _PRIOR_WEIGHT)
    recent, count = amount[-CONTEXT:].sum(axis=0), known[-CONTEXT:].sum(axis=0)
    scale = (recent + _YEAR_WEIGHT * year) / (count + _YEAR_WEIGHT)
    positive = np.asarray(np.where(scale > 0, scale, 1e-9), dtype=np.float64)
    return positive, days.astype(np.float64)


def _temperature(view: View, first: int, days: int) -> FloatArray:
    """(CONTEXT + days, N) [deg C] measured temperatures, then those forecast now.

    Gaps are filled with the climatology known now.
    """
    measured = _last_rows(view.past.temperature, CONTEXT)
    gaps = np.isnan(measured)
    filled = np.where(gaps, view.climatology(first, CONTEXT), measured) if gaps.any() else measured
    return np.concatenate([filled, view.temperature_ahead(days)])


def _ahead(
    view: View, days: int, stopped: NDArray[np.bool_], temperature: FloatArray, context: FloatArray
) -> Float32Array:
    """(N, days, AHEAD_FEATURES), see `Windows`."""
    n = view.n
    week = view.weekday(view.origin, days)
    angle = 2 * np.pi * view.day_of_year(view.origin, days)
    shared = [
        *(week == k for k in range(WEEK)),
        view.holiday(view.origin, days),
        np.cos(angle),
        np.sin(angle),
        np.arange(1, days + 1) / WEEK,
    ]
    own = [
        stopped,
        (temperature[CONTEXT:] - temperature[CONTEXT - WEEK : CONTEXT].mean(axis=0)) / 10.0,
    ]
    for base in _HEATING_BASES:
        degrees = np.maximum(base - temperature, 0.0) / 10.0
        own += [degrees[CONTEXT:], degrees[CONTEXT:] - degrees[:CONTEXT].mean(axis=0)]
    for back in range(1, _LAGS + 1):
        row = CONTEXT + np.arange(days) - WEEK * back
        lag = np.where(
            ((row >= 0) & (row < CONTEXT))[:, None], context[np.clip(row, 0, CONTEXT - 1)], np.nan
        )
        own += [np.nan_to_num(lag), ~np.isnan(lag)]
    every = np.broadcast_to(np.stack(shared, axis=1), (n, days, len(shared)))
    return np.concatenate([every, np.stack(own, axis=2).transpose(1, 0, 2)], axis=2).astype(
        np.float32
    )


def _last_rows(values: FloatArray, rows: int) -> FloatArray:
    """The last ``rows`` rows, NaN before the first."""
    missing = max(0, rows - len(values))
    return np.concatenate(
        [np.full((missing, values.shape[1]), np.nan), values[max(0, len(values) - rows) :]]
    )


def _by_type(value: FloatArray, kind: IntArray, otherwise: float) -> FloatArray:
    """(T + 1,) mean of the known values over all types, then over each type.

    A type without values takes the mean of all; ``otherwise`` stands in where there are none.
    """
    known = ~np.isnan(value)
    overall = value[known].mean() if known.any() else otherwise
    types = int(kind.max()) + 1 if len(kind) else 0
    found = [value[known & (kind == t)] for t in range(types)]
    return np.array([overall, *(part.mean() if len(part) else overall for part in found)])
