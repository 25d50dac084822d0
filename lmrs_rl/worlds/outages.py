"""Outages: breakdowns, closures and tanks not yet installed; and what of them is known when."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from lmrs_rl.domain import InputError, Network, Snapshot
from lmrs_rl.domain.arrays import FOREVER, MINUTES_PER_DAY, IntArray, integers
from lmrs_rl.domain.network_parts import _set


@dataclass(frozen=True, eq=False)
class _Periods:
    """``k`` periods in which something does not work.

    Attributes
    ----------
    from_min, to_min : (k,) [min] first minute, and minute at which it works again
    known_min : (k,) [min] morning from which on it is known, at most ``from_min``
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
class Breakdowns(_Periods):
    """Periods in which vehicles are under repair: ``vehicle`` (k,) numbers, and see `_Periods`."""

    vehicle: IntArray


@dataclass(frozen=True, eq=False)
class Closures(_Periods):
    """Periods in which loading sites are closed: ``site`` (k,) numbers, and see `_Periods`."""

    site: IntArray


@dataclass(frozen=True, eq=False)
class Outages:
    """All outages of a scenario.

    Attributes
    ----------
    breakdowns : of vehicles
    closures : of loading sites
    installed_min : (n,) [min] from when each tank is there, 0 for the beginning; until then it is
        full, and is neither used nor visited
    """

    breakdowns: Breakdowns
    closures: Closures
    installed_min: IntArray

    @classmethod
    def none(cls, n_tanks: int) -> Outages:
        """No outages."""
        no = np.zeros(0, dtype=np.int64)
        installed = np.zeros(n_tanks, dtype=np.int64)
        return cls(Breakdowns(no, no, no, no), Closures(no, no, no, no), installed)


def known_network(network: Network, outages: Outages, time_min: int) -> Network:
    """The network as it is known at ``time_min``.

    Closures that are known and not yet over are cut out of the sites' hours; the same object where
    there are none.
    """
    closed = outages.closures
    return _without(
        network,
        closed,
        np.flatnonzero((closed.known_min <= time_min) & (closed.to_min > time_min)),
    )


def network_as_it_was(network: Network, outages: Outages) -> Network:
    """The network with all closures cut out of the sites' hours, to judge executed days by."""
    return _without(network, outages.closures, np.arange(len(outages.closures)))


def known_snapshot(snapshot: Snapshot, outages: Outages) -> Snapshot:
    """The snapshot as outages are known at its time.

    Vehicles under repair are not free before the repair ends, and days on which a tank was not yet
    installed count as not measured. The same object where neither applies.
    """
    return _with_late_tanks(_with_breakdowns(snapshot, outages.breakdowns), outages.installed_min)


def _with_breakdowns(snapshot: Snapshot, broken: Breakdowns) -> Snapshot:
    now = snapshot.time_min
    rows = (broken.known_min <= now) & (broken.from_min <= now) & (broken.to_min > now)
    if not rows.any():
        return snapshot
    free = np.array(snapshot.vehicle_free_min)
    # Not by plain indexing, which would keep the last row only of a vehicle in several.
    np.maximum.at(free, broken.vehicle[rows], broken.to_min[rows])
    return replace(snapshot, vehicle_free_min=free)


def _with_late_tanks(snapshot: Snapshot, installed_min: IntArray) -> Snapshot:
    late, days = installed_min > 0, len(snapshot.history_kg)
    if not late.any():
        return snapshot
    begins_min = snapshot.time_min + MINUTES_PER_DAY * np.arange(-days, 0)
    absent = (begins_min[:, None] < installed_min) & late
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
    """Windows (k, 2) [min] without the time in [from_min, to_min).

    Pieces of no length are dropped, unless the window was a single moment before.
    """
    before = np.stack([windows[:, 0], np.minimum(windows[:, 1], from_min)], axis=1)
    after = np.stack([np.maximum(windows[:, 0], to_min), windows[:, 1]], axis=1)
    apart = (windows[:, 1] <= from_min) | (windows[:, 0] >= to_min)
    pieces = np.concatenate([windows[apart], before[~apart], after[~apart]])
    # Windows that were left alone come first in `pieces`; they stay whatever their length.
    pieces = pieces[(pieces[:, 0] < pieces[:, 1]) | (np.arange(len(pieces)) < apart.sum())]
    return np.asarray(pieces[np.lexsort((pieces[:, 1], pieces[:, 0]))], dtype=np.int64)


def open_between(windows: IntArray, from_min: int) -> IntArray:
    """Windows (k, 2) [min] without all time before ``from_min``."""
    # Windows may begin before minute 0, so the cut does, too.
    return windows if from_min <= 0 else without_interval(windows, -FOREVER, from_min)
