"""What does not work for a while, and what of it is known when."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from lmrs_rl.domain import InputError, Network, Snapshot
from lmrs_rl.domain.arrays import FOREVER, MINUTES_PER_DAY, IntArray, integers
from lmrs_rl.domain.network_parts import _set


@dataclass(frozen=True, eq=False)
class _Stretches:
    """What does not work for a while; ``k`` of them.

    Attributes
    ----------
    from_min, to_min : (k,) [min] from the first minute on, until the minute at which it works again
    known_min : (k,) [min] the morning from which it is known, at most ``from_min``
    """

    from_min: IntArray
    to_min: IntArray
    known_min: IntArray

    def __len__(self) -> int:
        return len(self.from_min)

    def __post_init__(self) -> None:
        k, kind = len(self.from_min), type(self).__name__.lower()
        for name in self.__dataclass_fields__:
            _set(self, name, integers(f"{kind}.{name}", getattr(self, name), (k,)))
        if np.any(self.from_min >= self.to_min):
            at = int(np.argmax(self.from_min >= self.to_min))
            raise InputError(
                f"{kind}.from_min[{at}]",
                int(self.from_min[at]),
                f"less than to_min = {self.to_min[at]}",
                "swap the two",
            )
        late = self.known_min > self.from_min
        if np.any(late):
            at = int(np.argmax(late))
            raise InputError(
                f"{kind}.known_min[{at}]",
                int(self.known_min[at]),
                f"at most from_min = {self.from_min[at]}",
                "announce it in time",
            )


@dataclass(frozen=True, eq=False)
class Breakdowns(_Stretches):
    """Vehicles under repair: ``vehicle`` (k,) numbers, and see `_Stretches`."""

    vehicle: IntArray


@dataclass(frozen=True, eq=False)
class Closures(_Stretches):
    """Loading sites that are closed: ``site`` (k,) numbers, and see `_Stretches`."""

    site: IntArray


@dataclass(frozen=True, eq=False)
class Outages:
    """All that is out of service at times.

    Attributes
    ----------
    breakdowns : of vehicles
    closures : of loading sites
    installed_min : (n,) [min] from when each tank is there, 0 where from the beginning; until then
        it is full and nobody uses or visits it
    """

    breakdowns: Breakdowns
    closures: Closures
    installed_min: IntArray

    @classmethod
    def none(cls, n_tanks: int) -> Outages:
        """Nothing ever out of service."""
        no = np.zeros(0, dtype=np.int64)
        installed = np.zeros(n_tanks, dtype=np.int64)
        return cls(Breakdowns(no, no, no, no), Closures(no, no, no, no), installed)


def known_network(network: Network, outages: Outages, time_min: int) -> Network:
    """The network with the closures known at ``time_min`` and not yet over cut out of the sites'
    hours; the same object where there are none.
    """
    closed = outages.closures
    return _without(
        network,
        closed,
        np.flatnonzero((closed.known_min <= time_min) & (closed.to_min > time_min)),
    )


def network_as_it_was(network: Network, outages: Outages) -> Network:
    """The network with all closures cut out of the sites' hours: for judging days that have been
    driven.
    """
    return _without(network, outages.closures, np.arange(len(outages.closures)))


def known_snapshot(snapshot: Snapshot, outages: Outages) -> Snapshot:
    """The snapshot in which vehicles that are broken down by then are not free before the end of
    their repair, and days on which a tank was not there yet count as not measured; the same object
    where neither applies."""
    broken, now = outages.breakdowns, snapshot.time_min
    rows = (broken.known_min <= now) & (broken.from_min <= now) & (broken.to_min > now)
    if rows.any():
        free = np.array(snapshot.vehicle_free_min)
        np.maximum.at(free, broken.vehicle[rows], broken.to_min[rows])
        snapshot = replace(snapshot, vehicle_free_min=free)
    late, days = outages.installed_min > 0, len(snapshot.history_kg)
    if not late.any():
        return snapshot
    begins_min = now + MINUTES_PER_DAY * np.arange(-days, 0)
    absent = (begins_min[:, None] < outages.installed_min) & late
    if not np.any(absent & ~np.isnan(snapshot.history_kg)):
        return snapshot
    return replace(snapshot, history_kg=np.where(absent, np.nan, snapshot.history_kg))


def _without(network: Network, closed: Closures, rows: IntArray) -> Network:
    if not len(rows):
        return network
    hours = list(network.sites.access_min)
    for row in rows.tolist():
        site = int(closed.site[row])
        hours[site] = without_interval(
            hours[site], int(closed.from_min[row]), int(closed.to_min[row])
        )
    return replace(network, sites=replace(network.sites, access_min=tuple(hours)))


def without_interval(windows: IntArray, from_min: int, to_min: int) -> IntArray:
    """Windows (k, 2) [min] less the time in [from_min, to_min); what would be left of no length
    goes, a moment that was one stays.
    """
    before = np.stack([windows[:, 0], np.minimum(windows[:, 1], from_min)], axis=1)
    after = np.stack([np.maximum(windows[:, 0], to_min), windows[:, 1]], axis=1)
    apart = (windows[:, 1] <= from_min) | (windows[:, 0] >= to_min)
    pieces = np.concatenate([windows[apart], before[~apart], after[~apart]])
    pieces = pieces[(pieces[:, 0] < pieces[:, 1]) | (np.arange(len(pieces)) < apart.sum())]
    return np.asarray(pieces[np.lexsort((pieces[:, 1], pieces[:, 0]))], dtype=np.int64)


def open_between(windows: IntArray, from_min: int) -> IntArray:
    """Windows less all time before ``from_min``."""
    return windows if from_min <= 0 else without_interval(windows, -FOREVER, from_min)
