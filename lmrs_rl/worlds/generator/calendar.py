"""Dates of a world: its first morning, its working days and its holidays."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lmrs_rl.domain.arrays import IntArray
from lmrs_rl.domain.dates import weekdays
from lmrs_rl.worlds.generator.panel_weather import holidays
from lmrs_rl.worlds.parameters import Episode

MARGIN_DAYS = 14
"""[days] by which calendar and true use go beyond the last day: plans of the last mornings reach
further than the episode.
"""
WORKDAY, SATURDAY, SUNDAY, HOLIDAY = range(4)
_YEARS = (2019, 2031)
"""First year of a world, from the first to before the last; several years, so that Easter moves."""


@dataclass(frozen=True, eq=False)
class Calendar:
    """The calendar of a world.

    Attributes
    ----------
    first : date of the first morning, a Monday
    history_days : [days] of history before it
    kind : (days,) kind of each day from the first morning on, margin included: `WORKDAY`,
        `SATURDAY`, `SUNDAY` or `HOLIDAY`
    free : dates of all holidays
    """

    first: np.datetime64
    history_days: int
    kind: IntArray
    free: tuple[np.datetime64, ...]

    @property
    def days(self) -> int:
        """Number of days from the first morning on, margin included."""
        return len(self.kind)

    @property
    def panel_first(self) -> np.datetime64:
        """Date of the first day of history."""
        return self.first - np.timedelta64(self.history_days, "D")


def draw_calendar(p: Episode, rng: np.random.Generator) -> Calendar:
    """Draw the first morning: a Monday of the season, in any year."""
    year = np.datetime64(f"{rng.integers(*_YEARS):04d}-01-01", "D")
    day = int(rng.integers(p.season[0], p.season[1] + 1))
    return make_calendar(p, year + np.timedelta64(day, "D"))


def make_calendar(p: Episode, date: np.datetime64) -> Calendar:
    """The calendar that begins on the first Monday from ``date`` on."""
    first = date + np.timedelta64(int(-weekdays(date) % 7), "D")
    days = p.warmup_days + p.days + MARGIN_DAYS
    dates = first + np.arange(days)
    begins = int(str(first - np.timedelta64(p.history_days, "D"))[:4])
    free = holidays(begins - 1, int(str(dates[-1])[:4]) + 1)
    # The first day is a Monday, which is 0.
    weekday = np.arange(days) % 7
    kind = np.where(weekday == 5, SATURDAY, np.where(weekday == 6, SUNDAY, WORKDAY))
    return Calendar(
        first, p.history_days, np.where(np.isin(dates, np.array(free)), HOLIDAY, kind), free
    )
