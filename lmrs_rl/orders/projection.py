"""Projects the levels of tanks at a quantile of the forecast."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from lmrs_rl.domain import Forecast, InputError, Network, Snapshot
from lmrs_rl.domain.arrays import MINUTES_PER_HOUR, FloatArray

EPS_H = 1e-9
"""[h] A time this close to a full hour is that hour."""


@dataclass(frozen=True, eq=False)
class Projection:
    """Projected levels of tanks after their last delivery in transit, from when on they only fall;
    hours count from now.

    Consumption is spread evenly within an hour. Beyond the end of the forecast it continues at the
    forecast's mean hourly rate.

    Attributes
    ----------
    since_h : (n,) [h] arrival of the last delivery in transit to each tank; 0 if there is none
    level_kg : (n,) [kg] level then, that delivery included
    used_kg : (n,) [kg] projected consumption from now to then
    cumulative_kg : (n, H + 1) [kg] projected consumption from now to the end of each hour
    """

    since_h: FloatArray
    level_kg: FloatArray
    used_kg: FloatArray
    cumulative_kg: FloatArray

    def hours_to_level(self, threshold_kg: ArrayLike) -> FloatArray:
        """(..., n) [h] first time from ``since_h`` on at which each level is at or under its
        threshold (..., n); inf if never.
        """
        target = self.used_kg + self.level_kg - np.asarray(threshold_kg, dtype=np.float64)
        return np.maximum(self._hour_of(target), self.since_h)

    def hours_to_use(self, kg: FloatArray) -> FloatArray:
        """(n,) [h] time from now in which each tank's consumption amounts to ``kg`` (n,), whatever
        its level and deliveries; inf if never.
        """
        return self._hour_of(kg)

    def safe_room(self, capacity_kg: FloatArray, tank: int, hour: float) -> float:
        """[kg] room in a tank at ``hour`` >= ``since_h`` that a drop can rely on, if consumption is
        as projected.

        Execution nets a drop with the use of its own hour only at the end of that hour
        (`lmrs_rl.stock.execute`), so the room counted is the one at the start of the hour.
        """
        start, last = math.floor(hour + EPS_H), self.cumulative_kg.shape[1] - 1
        used = (
            self.cumulative_kg[tank, start]
            if start <= last
            else self.cumulative_kg[tank, last] * start / last
        )
        return float(
            min(
                capacity_kg[tank],
                capacity_kg[tank] - self.level_kg[tank] + used - self.used_kg[tank],
            )
        )

    def hours_until_room(self, capacity_kg: FloatArray, kg: FloatArray) -> FloatArray:
        """(n,) [h] first full hour from which `safe_room` is at least ``kg`` (n,); may lie before
        ``since_h``.
        """
        return np.asarray(
            np.ceil(self._hour_of(self.used_kg + self.level_kg - (capacity_kg - kg)) - EPS_H),
            dtype=np.float64,
        )

    def _hour_of(self, target_kg: FloatArray) -> FloatArray:
        """(..., n) [h] first time at which the cumulative consumption is at least ``target_kg``
        (..., n): its inverse, linear within hours.
        """
        cumulative, each = self.cumulative_kg, np.arange(len(self.cumulative_kg))
        last = cumulative.shape[1] - 1
        # Cumulative consumption never falls, so the first True is found by argmax.
        enough = cumulative >= target_kg[..., None]
        high = np.where(enough[..., -1], enough.argmax(axis=-1), last + 1)
        inside = np.minimum(np.maximum(high, 1), last)
        low_kg, high_kg = cumulative[each, inside - 1], cumulative[each, inside]
        rate = high_kg - low_kg
        within = (
            inside
            - 1
            + np.minimum(np.maximum(target_kg - low_kg, 0.0), rate) / np.where(rate > 0, rate, 1.0)
        )
        mean = cumulative[:, last] / last
        # A tank with (next to) no use never gets there: inf. Values of tanks with high <= last,
        # NaN among them, are not used.
        with np.errstate(divide="ignore", over="ignore", invalid="ignore"):
            beyond = last + (target_kg - cumulative[:, last]) / mean
        return np.asarray(
            np.where(high == 0, 0.0, np.where(high > last, beyond, within)), dtype=np.float64
        )


def project(network: Network, snapshot: Snapshot, forecast: Forecast, z: FloatArray) -> Projection:
    """Project levels at the forecast's quantiles ``z`` (n,) in (0, 1), with each delivery in
    transit at its arrival.

    An empty tank uses nothing, and a delivery fills a tank at most to its capacity. Deliveries that
    should have arrived before now are taken to arrive now.

    Raises
    ------
    InputError
        If the forecast starts at another time than the snapshot, or is for another number of tanks.
    """
    _check(network, snapshot, forecast)
    return _projection(network, snapshot, forecast.cumulative(z))


def project_all(
    network: Network, snapshot: Snapshot, forecast: Forecast, levels: Sequence[FloatArray]
) -> tuple[Projection, ...]:
    """`project` at each of several quantile ``levels``, faster than one by one."""
    _check(network, snapshot, forecast)
    return tuple(
        _projection(network, snapshot, cumulative)
        for cumulative in forecast.cumulative(np.stack(levels))
    )


def _check(network: Network, snapshot: Snapshot, forecast: Forecast) -> None:
    n = network.n_tanks
    if forecast.start_min != snapshot.time_min:
        raise InputError(
            "forecast.start_min",
            forecast.start_min,
            f"the snapshot's time_min = {snapshot.time_min}",
            "make the forecast on this morning",
        )
    if forecast.n_tanks != n or len(snapshot.level_kg) != n:
        got = f"{forecast.n_tanks} tanks, levels of {len(snapshot.level_kg)}"
        raise InputError(
            "forecast", got, f"the network's {n} tanks in both", "use this network's forecast"
        )


def _projection(network: Network, snapshot: Snapshot, cumulative: FloatArray) -> Projection:
    """Add the deliveries in transit to the cumulative consumption (n, H + 1) [kg], in order of
    arrival.
    """
    n, transit = network.n_tanks, snapshot.in_transit
    since, used, level = np.zeros(n), np.zeros(n), np.array(snapshot.level_kg)
    # Stable, so that deliveries of the same minute count in the order in which they were planned.
    for k in np.argsort(transit.arrival_min, kind="stable"):
        tank = int(transit.tank[k])
        since[tank] = max(0.0, (int(transit.arrival_min[k]) - snapshot.time_min) / MINUTES_PER_HOUR)
        by_then = float(_used_by(cumulative[tank : tank + 1], since[tank : tank + 1])[0])
        # Cut at zero before the delivery: demand that an empty tank did not meet is lost, not owed.
        left = max(0.0, level[tank] - (by_then - used[tank]))
        level[tank] = min(left + transit.kg[k], network.tanks.capacity_kg[tank])
        used[tank] = by_then
    return Projection(since, level, used, cumulative)


def _used_by(cumulative_kg: FloatArray, hour: FloatArray) -> FloatArray:
    """(n,) [kg] cumulative consumption by ``hour`` (n,) [h] >= 0, linear within hours and beyond
    the last.
    """
    each, last = np.arange(len(hour)), cumulative_kg.shape[1] - 1
    # The end of the last hour belongs to that hour, since there is no row after it.
    low = np.minimum(np.floor(hour), last - 1).astype(np.int64)
    within = cumulative_kg[each, low] + (hour - low) * (
        cumulative_kg[each, low + 1] - cumulative_kg[each, low]
    )
    beyond = cumulative_kg[:, last] * hour / last
    return np.asarray(np.where(hour > last, beyond, within), dtype=np.float64)
