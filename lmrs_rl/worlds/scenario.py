"""A drawn world: the network, what happens there, and what of it is known when."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from lmrs_rl.domain import Days, InputError, Network, Snapshot
from lmrs_rl.domain.arrays import (
    FOREVER,
    MINUTES_PER_DAY,
    FloatArray,
    IntArray,
    floats,
    indices,
    integers,
)
from lmrs_rl.domain.network import _set
from lmrs_rl.forecast.panel import Panel


@dataclass(frozen=True, eq=False)
class _Outages:
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
class Breakdowns(_Outages):
    """Vehicles under repair: ``vehicle`` (k,) numbers, and see `_Outages`."""

    vehicle: IntArray


@dataclass(frozen=True, eq=False)
class Closures(_Outages):
    """Loading sites that are closed: ``site`` (k,) numbers, and see `_Outages`."""

    site: IntArray


@dataclass(frozen=True, eq=False)
class Scenario:
    """A world as drawn: days count from the first morning, a Monday; the panel's from the first day
    of history.

    Attributes
    ----------
    name : of its class, ``mixed:calm`` for one that a mixed class chose
    seed : it was drawn with
    network : with the calendar of all days and two weeks more; closures are not in it, see
        `known_network`
    days : the truth of warm-up and episode: first morning, hourly use, orders called in
    panel : history, truth and two weeks more, day by day, with weather, forecasts and
        announcements; see its ``known_at``
    first_day : row of the panel that is the day of the first morning
    warmup_days : [days] at the beginning that do not count
    profile : (n, 24) share of a day's use in each hour
    after_kg : (336, n) [kg] what customers want in the hours after the days, for those who judge
        with hindsight
    breakdowns, closures : see their classes
    installed_min : (n,) [min] from when the tank is there, 0 where from the beginning; until then
        it is full and nobody uses or visits it
    """

    name: str
    seed: int
    network: Network
    days: Days
    panel: Panel
    first_day: int
    warmup_days: int
    profile: FloatArray
    after_kg: FloatArray
    breakdowns: Breakdowns
    closures: Closures
    installed_min: IntArray

    def __post_init__(self) -> None:
        n = self.network.n_tanks
        self.days.check_against(self.network)
        indices(
            "breakdowns.vehicle",
            self.breakdowns.vehicle,
            (len(self.breakdowns),),
            len(self.network.vehicles),
            "vehicles",
        )
        indices(
            "closures.site",
            self.closures.site,
            (len(self.closures),),
            len(self.network.sites),
            "loading sites",
        )
        _set(self, "profile", floats("profile", self.profile, (n, 24)))
        _set(self, "after_kg", floats("after_kg", self.after_kg, (len(self.after_kg), n)))
        _set(self, "installed_min", integers("installed_min", self.installed_min, (n,)))
        if self.panel.ids != self.network.tanks.ids:
            raise InputError(
                "panel.ids",
                f"{len(self.panel.ids)} series",
                "the network's tanks in their order",
                "draw both together",
            )

    @property
    def days_total(self) -> int:
        """[days] Warm-up and episode."""
        return self.days.hours // 24

    def day(self, time_min: int) -> int:
        """Row of the panel whose day begins or runs at ``time_min``."""
        return self.first_day + time_min // MINUTES_PER_DAY


def known_network(scenario: Scenario, time_min: int) -> Network:
    """The network with the closures known at ``time_min`` and not yet over cut out of the sites'
    hours; the same object where there are none.
    """
    closed = scenario.closures
    return _without(
        scenario.network,
        closed,
        np.flatnonzero((closed.known_min <= time_min) & (closed.to_min > time_min)),
    )


def network_as_it_was(scenario: Scenario) -> Network:
    """The network with all closures cut out of the sites' hours: for judging days that have been
    driven.
    """
    return _without(scenario.network, scenario.closures, np.arange(len(scenario.closures)))


def known_snapshot(scenario: Scenario, snapshot: Snapshot) -> Snapshot:
    """The snapshot in which vehicles that are broken down by then are not free before the end of
    their repair, and days on which a tank was not there yet count as not measured; the same object
    where neither applies."""
    broken, now = scenario.breakdowns, snapshot.time_min
    rows = (broken.known_min <= now) & (broken.from_min <= now) & (broken.to_min > now)
    if rows.any():
        free = np.array(snapshot.vehicle_free_min)
        np.maximum.at(free, broken.vehicle[rows], broken.to_min[rows])
        snapshot = replace(snapshot, vehicle_free_min=free)
    late, days = scenario.installed_min > 0, len(snapshot.history_kg)
    if not late.any():
        return snapshot
    begins_min = now + MINUTES_PER_DAY * np.arange(-days, 0)
    absent = (begins_min[:, None] < scenario.installed_min) & late
    if not np.any(absent & ~np.isnan(snapshot.history_kg)):
        return snapshot
    return replace(snapshot, history_kg=np.where(absent, np.nan, snapshot.history_kg))


def _without(network: Network, closed: Closures, rows: IntArray) -> Network:
    if not len(rows):
        return network
    hours = list(network.sites.access_min)
    for row in rows.tolist():
        site = int(closed.site[row])
        hours[site] = cut(hours[site], int(closed.from_min[row]), int(closed.to_min[row]))
    return replace(network, sites=replace(network.sites, access_min=tuple(hours)))


def cut(windows: IntArray, from_min: int, to_min: int) -> IntArray:
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
    return windows if from_min <= 0 else cut(windows, -FOREVER, from_min)
