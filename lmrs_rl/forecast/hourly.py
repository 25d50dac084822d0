"""Hourly profiles: how a day's use is distributed over its hours."""

from __future__ import annotations

import numpy as np

from lmrs_rl.domain import InputError
from lmrs_rl.domain.arrays import HOURS_PER_DAY, FloatArray

_PRIOR_DAYS = 14.0
"""[days] of measurement at which a tank's own shares weigh as much as those of all tanks."""


def flat_profile(n: int) -> FloatArray:
    """(n, 24) profile with the same share in every hour."""
    return np.full((n, HOURS_PER_DAY), 1.0 / HOURS_PER_DAY)


def hourly_profile(
    use_kg: FloatArray, first_hour: int = 0, *, prior_days: float = _PRIOR_DAYS
) -> FloatArray:
    """Share of a day's use in each hour of the day, (n, 24), each row summing to 1.

    A tank's own shares, from its mean use in each hour of the day, weigh ``m / (m + prior_days)``
    with ``m`` days of measurement; the rest is the mean of all tanks' own shares, flat where no
    tank has any. A tank has own shares when each hour of the day was measured and something was
    used.

    Parameters
    ----------
    use_kg : (H, n) [kg] >= 0 in each hour, NaN where not measured
    first_hour : 0 to 23, the hour of the day of row 0
    prior_days : [days] weight of the shares of all tanks, > 0

    Raises
    ------
    InputError
        For negative use, or settings out of range.
    """
    if not 0 <= first_hour < HOURS_PER_DAY:
        raise InputError("first_hour", first_hour, "0 to 23", "give the hour of the clock")
    if not 0 < prior_days < np.inf:
        raise InputError("prior_days", prior_days, "days, more than 0", "14 is a good start")
    use = np.asarray(use_kg, dtype=np.float64)
    if use.ndim != 2:
        raise InputError(
            "use_kg", f"shape {use.shape}", "shape (hours, tanks)", "give one row an hour"
        )
    if np.any(use < 0) or np.any(np.isinf(use)):
        raise InputError(
            "use_kg",
            "a negative or infinite entry",
            "kg, or NaN where not measured",
            "book refills as deliveries",
        )
    clock = (first_hour + np.arange(len(use))) % HOURS_PER_DAY
    is_hour = (clock == np.arange(HOURS_PER_DAY)[:, None]).astype(np.float64)  # (24, H)
    measured = ~np.isnan(use)
    count = is_hour @ measured  # (24, n)
    # Means, not sums: an hour of the clock that was measured more often must not weigh more.
    mean = (is_hour @ np.where(measured, use, 0.0)) / np.maximum(count, 1)
    total = mean.sum(axis=0)
    has_own = (count > 0).all(axis=0) & (total > 0)
    own = np.where(has_own, mean / np.where(total > 0, total, 1.0), 0.0).T
    group = own[has_own].mean(axis=0) if has_own.any() else flat_profile(1)[0]
    days = measured.sum(axis=0) / HOURS_PER_DAY
    weight = np.where(has_own, days / (days + prior_days), 0.0)[:, None]
    return np.asarray(weight * own + (1 - weight) * group, dtype=np.float64)
