"""A planner's own network as the ground of worlds: the files that ``lmrs plan`` takes, made into
weeks that begin on a Monday.
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
MOST_WEEKS = 4
"""Hours go on from there as in the weeks before: longer rosters are rare."""
LEAST_OF_WEEKDAY = 3
"""Days of each weekday that a tank must have been measured on for weekdays of its own."""
NAMED = 5
"""Most tanks named in an error."""


@dataclass(frozen=True, eq=False)
class OwnNetwork:
    """A network with whole weeks, the first day a Monday, whose mornings are at the hour of the
    snapshot's.

    Attributes
    ----------
    network : as it is, its hours those of the first whole weeks from the snapshot on
    days : its mean use on each day of the week, spread evenly over the hours, and the orders of the
        snapshot week after week
    first_hour : of the clock, at which its days begin
    """

    network: Network
    days: Days
    first_hour: int

    @staticmethod
    def read(folder: Path) -> OwnNetwork:
        """From ``network.json`` and ``snapshot.json``.

        Raises
        ------
        InputError
            For a file that is missing or damaged, a snapshot without date, a tank without measured
            use, hours that end within a week.
        """
        # Here, as reading JSON takes pydantic, which an installation that only serves policies does
        # without.
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
    """The ground called ``name``; ``weekday`` of the snapshot's morning, 0 for a Monday."""
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
    start = replace(
        snapshot,
        time_min=0,
        vehicle_free_min=np.zeros_like(snapshot.vehicle_free_min),
        driver_free_min=np.zeros_like(snapshot.driver_free_min),
        on_the_way=Deliveries.none(),
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
    """The network with ``change`` made to everybody's windows (k, 2) [min]: tanks', customers'
    who call in, sites' and drivers'.
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
    """(7, n) [kg] mean use from Monday on; a tank's mean of all days where too few of a weekday
    were measured.

    ``history_kg`` (days, n) ends with the day before a morning that is a ``weekday``.
    """
    measured = ~np.isnan(history_kg)
    silent = np.flatnonzero(~measured.any(axis=0)).tolist()
    if silent:
        names = ", ".join(network.tanks.ids[k] for k in silent[:NAMED]) + (
            f" and {len(silent) - NAMED} more" if len(silent) > NAMED else ""
        )
        raise InputError(
            f"{SNAPSHOT_FILE}: history_kg of {names}",
            "no measured day",
            "the use of a day at least",
            "give measured days, or an estimate for one",
        )
    days, use = len(history_kg), np.where(measured, history_kg, 0.0)
    of_day = (weekday - days + np.arange(days)) % WEEK == np.arange(WEEK)[:, None]
    count = of_day.astype(np.int64) @ measured.astype(np.int64)
    enough = (count >= LEAST_OF_WEEKDAY).all(axis=0)
    each = of_day.astype(np.float64) @ use / np.maximum(count, 1)
    return np.asarray(
        np.where(enough, each, use.sum(axis=0) / measured.sum(axis=0)), dtype=np.float64
    )


def from_monday(windows: IntArray, now_min: int, weekday: int, weeks: int) -> IntArray:
    """(k, 2) [min] the windows of the ``weeks`` from ``now_min`` on, a ``weekday``, turned so that
    minute 0 is a Monday's; always open stays so.

    What is open at ``now_min`` comes with the last of those weeks, where it begins again.
    """
    period = MINUTES_PER_DAY * WEEK * weeks
    ahead = windows[windows[:, 1] > now_min] - now_min
    if np.any(ahead[:, 1] - np.maximum(ahead[:, 0], 0) >= period):
        return always_open()
    ahead = ahead[ahead[:, 0] < period]
    comes_again = len(ahead) > 0 and ahead[-1, 1] > period
    ahead = ahead[ahead[:, 0] >= 0] if comes_again else np.maximum(ahead, 0)
    start = (ahead[:, 0] + MINUTES_PER_DAY * weekday) % period
    turned = np.stack([start, start + ahead[:, 1] - ahead[:, 0]], axis=1)
    turned = turned[np.argsort(turned[:, 0], kind="stable")]
    turned[:, 1] = np.minimum(turned[:, 1], np.append(turned[1:, 0], FOREVER))
    return turned


def repeat_orders(orders: CallInOrders, first_min: int, every_min: int, times: int) -> CallInOrders:
    """The orders ``first_min`` later, and as many ``times`` in all, each ``every_min`` after the
    one before; announced as much later.
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
    """The whole weeks from now on that everybody's hours reach, those who are never or always
    open aside (`InputError` for none).
    """
    weeks = MOST_WEEKS
    for field, windows in _hours(network):
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
    """Everybody's windows, where there are any, with their field."""
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
