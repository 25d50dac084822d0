"""Dates of a world: which day is a working day, and which of the panel's rows is the first
morning.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lmrs_rl.domain.arrays import IntArray
from lmrs_rl.domain.dates import weekdays
from lmrs_rl.worlds.generator.panel_weather import holidays
from lmrs_rl.worlds.parameters import Episode

MARGIN_DAYS = 14
"""The calendar and the truth go on this long after the last day, so that a plan of the last
mornings finds them.
"""
WORKDAY, SATURDAY, SUNDAY, HOLIDAY = range(4)
YEARS = (2019, 2031)
"""Worlds begin in one of these years (the last is not among them), so that Easter moves."""


@dataclass(frozen=True, eq=False)
class Calendar:
    """Days of a world.

    Attributes
    ----------
    first : date of the first morning, a Monday
    history_days : [days] of the panel before it
    kind : (days,) of each day from the first morning on: `WORKDAY`, `SATURDAY`, `SUNDAY` or
        `HOLIDAY`, margin included
    free : dates of all holidays
    """

    first: np.datetime64
    history_days: int
    kind: IntArray
    free: tuple[np.datetime64, ...]

    @property
    def days(self) -> int:
        """[days] from the first morning on, margin included."""
        return len(self.kind)

    @property
    def panel_first(self) -> np.datetime64:
        """Date of the panel's first row."""
        return self.first - np.timedelta64(self.history_days, "D")


def draw_calendar(p: Episode, rng: np.random.Generator) -> Calendar:
    """A Monday of the season, in any year."""
    year = np.datetime64(f"{rng.integers(*YEARS):04d}-01-01", "D")
    return make_calendar(
        p, year + np.timedelta64(int(rng.integers(p.season[0], p.season[1] + 1)), "D")
    )


def make_calendar(p: Episode, date: np.datetime64) -> Calendar:
    """The days from the Monday on or after ``date``."""
    first = date + np.timedelta64(int(-weekdays(date) % 7), "D")
    days = p.warmup_days + p.days + MARGIN_DAYS
    dates = first + np.arange(days)
    begins = int(str(first - np.timedelta64(p.history_days, "D"))[:4])
    free = holidays(begins - 1, int(str(dates[-1])[:4]) + 1)
    weekday = np.arange(days) % 7
    kind = np.where(weekday == 5, SATURDAY, np.where(weekday == 6, SUNDAY, WORKDAY))
    return Calendar(
        first, p.history_days, np.where(np.isin(dates, np.array(free)), HOLIDAY, kind), free
    )
