"""A drawn world: the network, what happens there, and what of it is known when."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lmrs_rl.domain import Days, InputError, Network
from lmrs_rl.domain.arrays import MINUTES_PER_DAY, FloatArray, IntArray, floats, indices, integers
from lmrs_rl.domain.network_parts import _set
from lmrs_rl.forecast.panel import Panel
from lmrs_rl.worlds.outages import Breakdowns, Closures, Outages


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
    def outages(self) -> Outages:
        """All that is out of service at times."""
        return Outages(self.breakdowns, self.closures, self.installed_min)

    @property
    def days_total(self) -> int:
        """[days] Warm-up and episode."""
        return self.days.hours // 24

    def day(self, time_min: int) -> int:
        """Row of the panel whose day begins or runs at ``time_min``."""
        return self.first_day + time_min // MINUTES_PER_DAY

    def date(self, day: int) -> np.datetime64:
        """Calendar date of ``day``, counted from the first morning."""
        return np.datetime64(self.panel.first_day + np.timedelta64(self.first_day + day, "D"))
