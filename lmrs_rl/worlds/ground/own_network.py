"""The user's own network as the ground of worlds.

The files that ``lmrs plan`` reads are turned into whole weeks that begin on a Monday.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from lmrs_rl.domain import CallInOrders, Days, Deliveries, InputError, Network, Snapshot
from lmrs_rl.domain.arrays import (
    FOREVER,
    HOURS_PER_DAY,
    MINUTES_PER_DAY,
    MINUTES_PER_HOUR,
    FloatArray,
    IntArray,
    always_open,
)
from lmrs_rl.domain.dates import weekdays
from lmrs_rl.worlds.ground.ground_data import NETWORK_FILE, SNAPSHOT_FILE

WEEK = 7
_MOST_WEEKS = 4
"""Weeks of hours that are taken over; later ones repeat them, since longer rosters are rare."""
_LEAST_OF_WEEKDAY = 3
"""Measured days of each weekday from which on a tank gets a weekly pattern of its own."""
_MOST_NAMED = 5
"""Most tanks named in an error."""


@dataclass(frozen=True, eq=False)
class OwnNetwork:
    """A network with whole weeks of days, the first of which is a Monday.

    Attributes
    ----------
    network : with the hours of the first whole weeks from the snapshot on
    days : mean use on each day of the week, spread evenly over the hours, and the orders of the
        snapshot, week after week
    first_hour : hour of the clock at which days begin, that of the snapshot
    """

    network: Network
    days: Days
    first_hour: int

    @staticmethod
    def read(folder: Path) -> OwnNetwork:
        """Read ``network.json`` and ``snapshot.json`` of a folder.

        Raises
        ------
        InputError
            For a file that is missing or damaged, a snapshot without a date, a tank without
            measured use, hours that end within a week.
        """
        # Imported here, since reading JSON needs pydantic, which is not installed where only
        # policies are served.
        from lmrs_rl.formats.files import read_dated_snapshot, read_network

        network = read_network(folder / NETWORK_FILE)
        snapshot, date = read_dated_snapshot(folder / SNAPSHOT_FILE, network)
        if date is None:
            wanted = "the morning's date: worlds begin on a Monday, and have their weekdays from it"
            raise InputError(
                f"{SNAPSHOT_FILE}: date", "nothing", wanted, 'add "date": "2025-03-31"'
            )
        return own_network(
            folder.resolve().name or "network", network, snapshot, int(weekdays(date))
        )


def own_network(name: str, network: Network, snapshot: Snapshot, weekday: int) -> OwnNetwork:
    """Turn a network and a snapshot into the ground of worlds.

    Parameters
    ----------
    name : of its days
    network, snapshot : as ``lmrs plan`` reads them
    weekday : of the snapshot's morning, 0 for Monday

    Raises
    ------
    InputError
        For no tanks, a tank without measured use, hours that end within a week.
    """
    if not network.n_tanks:
        raise InputError(
            f"{NETWORK_FILE}: tanks",
            "an empty list",
            "at least one tank",
            "add the customers' tanks",
        )
    weekly = weekly_means(network, snapshot.history_kg, weekday)
    weeks, now = _weeks(network, snapshot.time_min), snapshot.time_min
    orders = repeat_orders(
        snapshot.call_in_orders, MINUTES_PER_DAY * weekday - now, MINUTES_PER_DAY * WEEK, weeks
    )
    # A drawn morning keeps the loads on board, but not what was under way on the real one.
    start = replace(
        snapshot,
        time_min=0,
        vehicle_free_min=np.zeros_like(snapshot.vehicle_free_min),
        driver_free_min=np.zeros_like(snapshot.driver_free_min),
        in_transit=Deliveries.none(),
        call_in_orders=CallInOrders.none(),
    )
    return OwnNetwork(
        network=with_windows(network, lambda windows: from_monday(windows, now, weekday, weeks)),
        days=Days(
            name,
            start,
            np.repeat(np.tile(weekly, (weeks, 1)) / HOURS_PER_DAY, HOURS_PER_DAY, axis=0),
            orders,
        ),
        first_hour=now % MINUTES_PER_DAY // MINUTES_PER_HOUR,
    )


def with_windows(network: Network, change: Callable[[IntArray], IntArray]) -> Network:
    """The network with ``change`` applied to all windows (k, 2) [min]: access hours of tanks,
    call-in customers and sites, and drivers' shifts.
    """

    def on(windows: tuple[IntArray, ...]) -> tuple[IntArray, ...]:
        return tuple(map(change, windows))

    return replace(
        network,
        tanks=replace(network.tanks, access_min=on(network.tanks.access_min)),
        call_ins=replace(network.call_ins, access_min=on(network.call_ins.access_min)),
        sites=replace(network.sites, access_min=on(network.sites.access_min)),
        drivers=replace(network.drivers, shift_min=on(network.drivers.shift_min)),
    )


def weekly_means(network: Network, history_kg: FloatArray, weekday: int) -> FloatArray:
    """Mean use on each day of the week.

    A tank with too few measured days of some weekday gets its mean of all days.

    Parameters
    ----------
    network : whose tanks are named in errors
    history_kg : (days, n) [kg] use of past days, NaN where not measured
    weekday : of the morning after them, 0 for Monday

    Returns
    -------
    FloatArray
        (7, n) [kg] from Monday on.

    Raises
    ------
    InputError
        For a tank without any measured day.
    """
    measured = ~np.isnan(history_kg)
    silent = np.flatnonzero(~measured.any(axis=0)).tolist()
    if silent:
        names = ", ".join(network.tanks.ids[k] for k in silent[:_MOST_NAMED])
        if len(silent) > _MOST_NAMED:
            names += f" and {len(silent) - _MOST_NAMED} more"
        raise InputError(
            f"{SNAPSHOT_FILE}: history_kg of {names}",
            "no measured day",
            "the use of a day at least",
            "give measured days, or an estimate for one",
        )
    # The last row is the day before the morning, so the first one lies `days` before it.
    days, use = len(history_kg), np.where(measured, history_kg, 0.0)
    of_day = (weekday - days + np.arange(days)) % WEEK == np.arange(WEEK)[:, None]
    count = of_day.astype(np.int64) @ measured.astype(np.int64)
    enough = (count >= _LEAST_OF_WEEKDAY).all(axis=0)
    # At least 1 to avoid 0 over 0; tanks with such weekdays take the mean of all days below.
    by_weekday = of_day.astype(np.float64) @ use / np.maximum(count, 1)
    overall = use.sum(axis=0) / measured.sum(axis=0)
    return np.asarray(np.where(enough, by_weekday, overall), dtype=np.float64)


def from_monday(windows: IntArray, now_min: int, weekday: int, weeks: int) -> IntArray:
    """The windows of the next ``weeks``, turned so that minute 0 is on a Monday.

    Those before the first Monday come at the end, as the weeks are repeated. A window that is open
    at ``now_min`` counts with the last of the weeks if it begins again there. Always open stays so.

    Parameters
    ----------
    windows : (k, 2) [min]
    now_min : [min] from which on they count
    weekday : at ``now_min``, 0 for Monday
    weeks : how many

    Returns
    -------
    IntArray
        (k, 2) [min]
    """
    period = MINUTES_PER_DAY * WEEK * weeks
    ahead = windows[windows[:, 1] > now_min] - now_min
    # Repeated, a window as long as the period never closes.
    if np.any(ahead[:, 1] - np.maximum(ahead[:, 0], 0) >= period):
        return always_open()
    ahead = ahead[ahead[:, 0] < period]
    # The rest of a window open now is then part of the last one, and would be there twice.
    comes_again = len(ahead) > 0 and ahead[-1, 1] > period
    ahead = ahead[ahead[:, 0] >= 0] if comes_again else np.maximum(ahead, 0)
    start = (ahead[:, 0] + MINUTES_PER_DAY * weekday) % period
    turned = np.stack([start, start + ahead[:, 1] - ahead[:, 0]], axis=1)
    turned = turned[np.argsort(turned[:, 0], kind="stable")]
    # Windows may overlap where the weeks are joined, which a network refuses.
    turned[:, 1] = np.minimum(turned[:, 1], np.append(turned[1:, 0], FOREVER))
    return turned


def repeat_orders(orders: CallInOrders, first_min: int, every_min: int, times: int) -> CallInOrders:
    """Orders repeated ``times`` times, from ``first_min`` later on and every ``every_min``.

    Their announcements are shifted as much as their windows.
    """
    parts = [_later(orders, first_min + every_min * k) for k in range(times)]
    return CallInOrders(
        *(
            np.concatenate([getattr(part, name) for part in parts])
            for name in CallInOrders.__dataclass_fields__
        )
    )


def _later(orders: CallInOrders, minutes: int) -> CallInOrders:
    return replace(
        orders,
        earliest_min=orders.earliest_min + minutes,
        latest_min=orders.latest_min + minutes,
        announced_min=orders.announced_min + minutes,
    )


def _weeks(network: Network, now_min: int) -> int:
    """Number of whole weeks from ``now_min`` on for which all hours are given.

    What is always or never open does not count; more than `_MOST_WEEKS` are not needed.

    Raises
    ------
    InputError
        For less than a week.
    """
    weeks = _MOST_WEEKS
    for field, windows in _hours(network):
        # Rounded up: the last shift of a week ends before its last day does.
        reach = -(-(int(windows[-1, 1]) - now_min) // MINUTES_PER_DAY)
        if reach < WEEK:
            raise InputError(
                f"{NETWORK_FILE}: {field}",
                f"hours that end {max(reach, 0)} days after the snapshot's morning",
                f"{WEEK} days of hours or more: worlds go on with them week after week",
                "give the hours of two weeks, null for always or [] for never",
            )
        weeks = min(weeks, reach // WEEK)
    return weeks


def _hours(network: Network) -> Iterator[tuple[str, IntArray]]:
    """All windows of the network that are not empty, with the name of their field in errors."""
    for table, places in (
        ("tanks", network.tanks),
        ("call_in_customers", network.call_ins),
        ("loading_sites", network.sites),
    ):
        yield from (
            (f"{table} ({name}).access_min", each)
            for name, each in zip(places.ids, places.access_min, strict=True)
            if len(each)
        )
    drivers = network.drivers
    yield from (
        (f"drivers ({name}).shift_min", each)
        for name, each in zip(drivers.ids, drivers.shift_min, strict=True)
        if len(each)
    )
