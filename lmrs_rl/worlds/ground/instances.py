"""Worlds on the ground of networks that there are, Air Liquide's instances or one's own: their
geography, fleet and tanks, and stochastic consumption around their own."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from lmrs_rl.domain import CallInOrders, Days, InputError, Network
from lmrs_rl.domain.arrays import FOREVER, HOURS_PER_DAY, MINUTES_PER_DAY, FloatArray, IntArray
from lmrs_rl.formats.roadef import RoadefInstance, read_instance
from lmrs_rl.worlds.ground.own_network import WEEK, OwnNetwork, repeat_orders, with_windows

Instance = RoadefInstance | OwnNetwork
"""A network and whole weeks or more of its days."""


@dataclass(frozen=True, eq=False)
class InstanceGround:
    """Instances of a week or more, of which each seed takes one; what an instance holds for less
    time goes on from week to week.
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
        """All instances (``*.xml``) of a folder that last a week or more, by name (`InputError`
        where there are none or one is damaged).
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
    """[days] The whole weeks in them."""
    return days.hours // (HOURS_PER_DAY * WEEK) * WEEK


def extended_network(instance: Instance, days: int) -> Network:
    """The network with working and access hours that go on for ``days`` days, its whole weeks
    over and over.
    """
    period, end = MINUTES_PER_DAY * whole_weeks(instance.days), MINUTES_PER_DAY * days
    return with_windows(instance.network, lambda windows: _repeated(windows, period, end))


def _repeated(windows: IntArray, period: int, end: int) -> IntArray:
    """(k, 2) [min] the windows that start in the first ``period`` minutes, repeated; one ends
    where the next one starts at the latest.
    """
    if not len(windows) or windows[-1, 1] >= FOREVER:
        return windows
    once = windows[windows[:, 0] < period]
    all_ = (once + period * np.arange(-(-end // period))[:, None, None]).reshape(-1, 2)
    all_ = all_[np.argsort(all_[:, 0], kind="stable")]
    last = np.append(all_[1:, 0], FOREVER)
    return np.stack([all_[:, 0], np.minimum(all_[:, 1], last)], axis=1)


def weekly_use(days: Days) -> tuple[FloatArray, FloatArray]:
    """(7, n) [kg] mean use on each day of the week, the first day of the instance a Monday, and
    (n, 24) share of each hour in a day.
    """
    whole, n = whole_weeks(days), days.use_kg.shape[1]
    by_hour = days.use_kg[: HOURS_PER_DAY * whole].reshape(-1, WEEK, HOURS_PER_DAY, n)
    hours = by_hour.mean(axis=(0, 1))
    total = hours.sum(axis=0)
    share = np.where(total > 0, hours / np.where(total > 0, total, 1.0), 1.0 / HOURS_PER_DAY)
    return by_hour.sum(axis=2).mean(axis=0), share.T


def orders_until(days: Days, end_min: int) -> CallInOrders:
    """The orders called in, again every whole number of weeks that the instance fits in; each
    known when its repetition begins.
    """
    orders = days.call_in_orders
    period = MINUTES_PER_DAY * WEEK * -(-days.hours // (HOURS_PER_DAY * WEEK))
    repeated = repeat_orders(orders, 0, period, -(-end_min // period))
    return repeated.take(np.flatnonzero(repeated.latest_min < end_min))
