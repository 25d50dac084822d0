"""Weekday means with empirical quantiles of their errors: the simplest sound distribution."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lmrs_rl.domain import CumulativeForecast, InputError, Network, Snapshot
from lmrs_rl.domain.arrays import HOURS_PER_DAY, FloatArray, floats

WEEK = 7


@dataclass(frozen=True)
class WeekdayQuantiles:
    """Mean use of each weekday, with empirical quantiles of the cumulative error of those means.

    The quantile of the use of ``L`` days is the sum of their means, plus the quantile of the summed
    errors over all periods of ``L`` successive days in the history. So errors that last several
    days (a shutdown, a cold spell) widen the distribution as they should. An error is a day's use
    less the mean of the *other* days of its weekday, so that the spread is that of days not yet
    seen. Within a day use is spread evenly.

    - A weekday with fewer than two measured days takes the mean of all days. A day not measured
      counts as without error.
    - Periods are at most half the history long; beyond that the errors of the longest grow with the
      square root of the days.
    - Cold start: a tank with no measured day uses ``cold_share_per_day`` of its capacity a day at
      every quantile.

    Weekdays are counted back from the snapshot, whose history has one row for each 24 hours before
    it.

    Parameters
    ----------
    quantiles : increasing, in (0, 1)
    hours : [h] length of the forecast, >= 1
    cold_share_per_day : [1/day] in [0, 1]
    """

    quantiles: tuple[float, ...] = (0.1, 0.25, 0.5, 0.75, 0.9, 0.95)
    hours: int = 336
    cold_share_per_day: float = 0.1

    def __post_init__(self) -> None:
        q = floats("quantiles", self.quantiles, (len(self.quantiles),))
        if len(q) == 0 or np.any(q <= 0) or np.any(q >= 1) or np.any(np.diff(q) <= 0):
            raise InputError(
                "quantiles",
                list(self.quantiles),
                "increasing numbers in (0, 1)",
                "sort them and drop the extremes",
            )
        if self.hours < 1:
            raise InputError("hours", self.hours, "at least 1", "14 days are 336 hours")
        if not 0 <= self.cold_share_per_day <= 1:
            raise InputError(
                "cold_share_per_day",
                self.cold_share_per_day,
                "a share of the capacity in [0, 1]",
                "divide by 100 if it is in per cent",
            )

    def __call__(self, network: Network, snapshot: Snapshot) -> CumulativeForecast:
        history = snapshot.history_kg
        if history.shape[1] != network.n_tanks:
            raise InputError(
                "history_kg",
                f"{history.shape[1]} tanks",
                f"{network.n_tanks} tanks",
                "give the history of this network",
            )
        lead = -(-self.hours // HOURS_PER_DAY)
        mean, error = _weekday_means(history, self.cold_share_per_day * network.tanks.capacity_kg)
        quantiles = np.array(self.quantiles)
        ahead = mean[np.arange(lead) % WEEK]  # (lead, n)
        by_day = np.cumsum(ahead, axis=0) + _cumulative_error(error, quantiles, lead)
        return CumulativeForecast(snapshot.time_min, quantiles, _hourly(by_day, self.hours))


def _weekday_means(history_kg: FloatArray, cold_kg: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Means (7, n) [kg] of the days from now on, and leave-one-out errors (days, n) [kg]."""
    days, n = history_kg.shape
    measured = ~np.isnan(history_kg)
    known = np.where(measured, history_kg, 0.0)
    # Row r lies (days - r) days back: it has the weekday of the day d ahead if d + days - r is a
    # multiple of 7.
    weekday = (np.arange(days) - days) % WEEK
    is_of = weekday[None, :] == np.arange(WEEK)[:, None]  # (7, days)
    count, total = is_of @ measured.astype(np.float64), is_of @ known
    all_count, all_total = measured.sum(axis=0), known.sum(axis=0)
    rare = count < 2
    count, total = np.where(rare, all_count, count), np.where(rare, all_total, total)
    mean = np.where(count > 0, total / np.maximum(count, 1), np.broadcast_to(cold_kg, (WEEK, n)))
    # The mean of the other days differs from a day by c / (c - 1) times as much as the mean of all.
    counted = count[weekday]
    leave_one_out = np.where(counted > 1, counted / np.maximum(counted - 1, 1), 0.0)
    return mean, np.where(measured, (known - mean[weekday]) * leave_one_out, 0.0)


def _cumulative_error(error_kg: FloatArray, quantiles: FloatArray, lead: int) -> FloatArray:
    """Quantiles (Q, lead, n) [kg] of the errors summed over 1 to ``lead`` days."""
    days, n = error_kg.shape
    result = np.zeros((len(quantiles), lead, n))
    if days == 0:
        return result
    total = np.concatenate([np.zeros((1, n)), np.cumsum(error_kg, axis=0)])
    # Longer than half the history, any two periods overlap and tell much the same.
    longest = min(lead, max(1, days // 2))
    for length in range(1, longest + 1):
        result[:, length - 1] = np.quantile(total[length:] - total[:-length], quantiles, axis=0)
    growth = np.sqrt(np.arange(longest + 1, lead + 1) / longest)
    result[:, longest:] = result[:, longest - 1, None] * growth[:, None]
    return result


def _hourly(daily_kg: FloatArray, hours: int) -> FloatArray:
    """Cumulative use at the end of each hour (Q, n, hours + 1) from that of days (Q, lead, n).

    It is interpolated linearly and made monotone.
    """
    q, lead, n = daily_kg.shape
    by_day = np.zeros((q, n, lead + 1))
    by_day[:, :, 1:] = np.maximum(daily_kg, 0.0).transpose(0, 2, 1)
    by_day = np.maximum.accumulate(by_day, axis=2)
    hour = np.arange(hours + 1)
    # The end of the last day belongs to that day: none follows.
    day = np.minimum(hour // HOURS_PER_DAY, lead - 1)
    share = hour / HOURS_PER_DAY - day
    by_hour = by_day[:, :, day] + share * (by_day[:, :, day + 1] - by_day[:, :, day])
    # Rounding may break the order by a last digit, which a forecast would refuse.
    rising = np.maximum.accumulate(np.maximum.accumulate(by_hour, axis=2), axis=0)
    return np.asarray(rising, dtype=np.float64)
