"""Worlds on existing networks: Air Liquide's instances, or a network of the user's.

Geography, fleet and tanks are theirs; consumption is drawn at random around theirs.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from lmrs_rl.domain import CallInOrders, Days, InputError, Network
from lmrs_rl.domain.arrays import FOREVER, HOURS_PER_DAY, MINUTES_PER_DAY, FloatArray, IntArray
from lmrs_rl.formats.roadef import RoadefInstance, read_instance
from lmrs_rl.worlds.ground.own_network import WEEK, OwnNetwork, repeat_orders, with_windows

Instance = RoadefInstance | OwnNetwork
"""A network with at least one week of its days."""


@dataclass(frozen=True, eq=False)
class InstanceGround:
    """Instances of a week or more, of which each seed takes one.

    Worlds are longer than instances: hours and orders are repeated week by week.
    """

    instances: tuple[Instance, ...]

    def __post_init__(self) -> None:
        if not self.instances:
            raise InputError(
                "instances",
                "none",
                "one at least that lasts a week or more",
                "give the folder of the challenge's instances",
            )

    @staticmethod
    def read(folder: Path | str) -> InstanceGround:
        """Read all instances (``*.xml``) of a folder that last a week or more, by name.

        Raises
        ------
        InputError
            Where there are none, or one is damaged.
        """
        paths = sorted(Path(folder).glob("*.xml"))
        found = tuple(
            instance
            for instance in map(read_instance, paths)
            if instance.days.hours >= HOURS_PER_DAY * WEEK
        )
        if not found:
            raise InputError(
                str(folder),
                f"{len(paths)} files *.xml, none with a week",
                "instances of the challenge",
                "give the folder that has them",
            )
        return InstanceGround(found)


def whole_weeks(days: Days) -> int:
    """Number of days in the whole weeks of ``days``."""
    return days.hours // (HOURS_PER_DAY * WEEK) * WEEK


def extended_network(instance: Instance, days: int) -> Network:
    """The network with shifts and access hours for ``days`` days: its whole weeks are repeated."""
    # Repeating a week that was cut short would move shifts to other weekdays.
    period, end = MINUTES_PER_DAY * whole_weeks(instance.days), MINUTES_PER_DAY * days
    return with_windows(instance.network, lambda windows: _repeated(windows, period, end))


def _repeated(windows: IntArray, period: int, end: int) -> IntArray:
    """The windows (k, 2) [min] that start in the first ``period`` minutes, repeated until ``end``.

    A window ends at the latest where the next one starts.
    """
    if not len(windows) or windows[-1, 1] >= FOREVER:
        return windows
    once = windows[windows[:, 0] < period]
    repeated = (once + period * np.arange(-(-end // period))[:, None, None]).reshape(-1, 2)
    # A window that began before minute 0 comes again inside the period before.
    repeated = repeated[np.argsort(repeated[:, 0], kind="stable")]
    next_start = np.append(repeated[1:, 0], FOREVER)
    return np.stack([repeated[:, 0], np.minimum(repeated[:, 1], next_start)], axis=1)


def weekly_use(days: Days) -> tuple[FloatArray, FloatArray]:
    """Mean use over the whole weeks of an instance, whose first day counts as a Monday.

    Returns
    -------
    tuple
        (7, n) [kg] on each day of the week, and (n, 24) share of each hour in a day.
    """
    whole, n = whole_weeks(days), days.use_kg.shape[1]
    by_hour = days.use_kg[: HOURS_PER_DAY * whole].reshape(-1, WEEK, HOURS_PER_DAY, n)
    hours = by_hour.mean(axis=(0, 1))
    total = hours.sum(axis=0)
    # A tank without any use gets an even profile instead of 0 over 0.
    share = np.where(total > 0, hours / np.where(total > 0, total, 1.0), 1.0 / HOURS_PER_DAY)
    return by_hour.sum(axis=2).mean(axis=0), share.T


def orders_until(days: Days, end_min: int) -> CallInOrders:
    """The orders called in, repeated until ``end_min``.

    The period is the whole number of weeks in which the instance fits. A repeated order is
    announced as long before its window as the original.
    """
    orders = days.call_in_orders
    # Rounded up, not down as for hours: orders of a week that was cut short must not be lost.
    period = MINUTES_PER_DAY * WEEK * -(-days.hours // (HOURS_PER_DAY * WEEK))
    repeated = repeat_orders(orders, 0, period, -(-end_min // period))
    return repeated.take(np.flatnonzero(repeated.latest_min < end_min))
