"""A drawn world: the network, what happens in it, and what of that is known when."""

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
    """A world as it was drawn, with the whole truth of its days.

    Days are counted from the first morning, a Monday; rows of the panel from the first day of
    history.

    Attributes
    ----------
    name : of its class; ``mixed:calm`` for a class that another one chose
    seed : of the draw
    network : with hours for all days and two weeks more; closures are not in it, see
        `known_network`
    days : true days of warm-up and episode: first morning, hourly use, orders called in
    panel : history, true use and two weeks more, day by day, with weather, forecasts and
        announcements; its ``known_at`` is what is known on a morning
    first_day : row of the panel on the first morning
    warmup_days : [days] at the beginning that do not count
    profile : (n, 24) share of a day's use in each hour
    after_kg : (336, n) [kg] demand in the two weeks after the days, for planning with hindsight
    breakdowns, closures : outages of vehicles and sites
    installed_min : (n,) [min] from when each tank is there, 0 for the beginning; until then it is
        full, and is neither used nor visited
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
        """All outages."""
        return Outages(self.breakdowns, self.closures, self.installed_min)

    @property
    def days_total(self) -> int:
        """Number of days, warm-up included."""
        return self.days.hours // 24

    def day(self, time_min: int) -> int:
        """Row of the panel for the day of ``time_min``."""
        return self.first_day + time_min // MINUTES_PER_DAY

    def date(self, day: int) -> np.datetime64:
        """Calendar date of ``day``, counted from the first morning."""
        return np.datetime64(self.panel.first_day + np.timedelta64(self.first_day + day, "D"))
