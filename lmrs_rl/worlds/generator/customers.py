"""Who uses what: generated customers, and those that real series stand for."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Protocol

import numpy as np

from lmrs_rl.domain import InputError
from lmrs_rl.domain.arrays import BoolArray, FloatArray, IntArray
from lmrs_rl.domain.dates import weekdays
from lmrs_rl.forecast.panel import Panel, Shutdowns
from lmrs_rl.worlds.generator.calendar import MARGIN_DAYS, Calendar, make_calendar
from lmrs_rl.worlds.generator.panel_parameters import Demand
from lmrs_rl.worlds.generator.panels import (
    RandomStreams,
    Traits,
    TrueUse,
    draw_customer_types,
    draw_traits,
    draw_use,
)
from lmrs_rl.worlds.generator.sizing import BUSY_DAYS, UseFactors, expected_use
from lmrs_rl.worlds.parameters import Episode

Generators = dict[str, np.random.Generator]
WHOLE_WEEKS_A_YEAR = 364
PARTS = {"train": (0.0, 0.6), "validation": (0.6, 0.8), "test": (0.8, 1.0)}
"""Share of the days of real series at which each split's part begins and ends."""
LEAST_MEASURED = 0.5
"""Share of a world's days that a real series must have been measured on."""


class UnscaledCustomers(Protocol):
    """``n`` customers before their use is scaled."""

    @property
    def kind(self) -> IntArray:
        """(n,) customer types."""
        ...

    @property
    def level_kg(self) -> FloatArray:
        """(n,) [kg/day]."""
        ...

    @property
    def use(self) -> UseFactors:
        """What a kg of level means."""
        ...

    def truth(self, level_kg: FloatArray, region: IntArray) -> TrueUse:
        """What they want on every day of the panel, at these levels and in these weather
        regions.
        """
        ...


@dataclass(frozen=True, eq=False)
class DrawnCustomers:
    """Customers of the generated types."""

    demand: Demand
    calendar: Calendar
    traits: Traits
    kind: IntArray
    use: UseFactors
    streams: RandomStreams

    @property
    def level_kg(self) -> FloatArray:
        """(n,) [kg/day]."""
        return self.traits.level_kg

    def truth(self, level_kg: FloatArray, region: IntArray) -> TrueUse:
        """See `draw_use`."""
        c = self.calendar
        traits = replace(self.traits, level_kg=level_kg)
        return draw_use(
            self.demand,
            self.kind,
            traits,
            region,
            c.panel_first,
            c.history_days + c.days,
            c.free,
            self.streams,
        )


def draw_customers(demand: Demand, calendar: Calendar, n: int, rng: Generators) -> DrawnCustomers:
    """Types in the shares of the mix, traits of each."""
    kind = draw_customer_types(demand.mix, n, rng["customer"])
    traits = draw_traits(demand, kind, rng["customer"])
    use = expected_use(demand, traits, calendar.first, calendar.days - MARGIN_DAYS)
    return DrawnCustomers(
        demand,
        calendar,
        traits,
        kind,
        use,
        RandomStreams(rng["weather"], rng["noise"], rng["stop"], rng["drift"]),
    )


@dataclass(frozen=True, eq=False)
class RealCustomers:
    """Tank ``k`` uses what the ``series[k]``-th of ``source`` used from row ``first[k]`` on, as
    a multiple of that series' mean.
    """

    source: SeriesGround
    series: IntArray
    first: IntArray
    days: int
    kind: IntArray
    level_kg: FloatArray
    use: UseFactors

    def truth(self, level_kg: FloatArray, region: IntArray) -> TrueUse:  # noqa: ARG002
        """The series, their gaps filled and marked; their own weather."""
        rows = self.first + np.arange(self.days)[:, None]
        panel, at = self.source.panel, (rows, self.series)
        return TrueUse(
            level_kg * self.source.shape[at],
            ~np.isnan(panel.use[at]),
            panel.temperature[at],
            panel.issued[rows, :, self.series].transpose(0, 2, 1),
            Shutdowns.none(),
        )


@dataclass(frozen=True, eq=False)
class SeriesGround:
    """Real consumption series for tanks of generated geography, such as those of `read_lpg`.

    Worlds begin on a Monday of the season around which a series was measured. Each tank uses
    another series or another year of it, as long as there are any, then they come again; each at a
    level of its own.

    Parameters
    ----------
    panel : of the series, each with some use
    split : whose part of the days worlds play in, see `PARTS`; all where ``None``. Only what came
        before, the history, may lie before the part.
    """

    panel: Panel
    split: str | None = None

    def __post_init__(self) -> None:
        if self.split is not None and self.split not in PARTS:
            raise InputError(
                "split",
                repr(self.split),
                f"one of {', '.join(PARTS)}, or None",
                "check the spelling",
            )
        if not np.all(np.nansum(self.panel.use, axis=0) > 0):
            raise InputError(
                "panel.use",
                "a series without any use",
                "some measured use in every series",
                "leave it out",
            )

    @property
    def part(self) -> tuple[int, int]:
        """First row of the split's part, and the row after its last one."""
        begin, end = (0.0, 1.0) if self.split is None else PARTS[self.split]
        return round(begin * self.panel.days), round(end * self.panel.days)

    @cached_property
    def shape(self) -> FloatArray:
        """(D, N) use as a multiple of the series' mean, gaps filled."""
        return np.asarray(
            _filled(self.panel.use) / np.nanmean(self.panel.use, axis=0), dtype=np.float64
        )

    @cached_property
    def span(self) -> IntArray:
        """(2, N) first measured row, and the row after the last one."""
        measured = ~np.isnan(self.panel.use)
        return np.stack([measured.argmax(axis=0), len(measured) - measured[::-1].argmax(axis=0)])

    def fits(self, first: IntArray, history_days: int, days: int) -> BoolArray:
        """(len(first), N) whether each series reaches over ``history_days`` from row ``first`` on
        and ``days`` more, the latter inside the part.

        It must be measured on most of them.
        """
        begin, end = self.span
        inside = (first[:, None] >= begin) & (first[:, None] + history_days + days <= end)
        inside &= (
            (first + history_days >= self.part[0]) & (first + history_days + days <= self.part[1])
        )[:, None]
        days = history_days + days
        known = np.concatenate(
            [np.zeros((1, len(begin))), np.cumsum(~np.isnan(self.panel.use), axis=0)]
        )
        rows = np.clip(np.stack([first, first + days]), 0, len(known) - 1)
        return np.asarray(
            inside & (known[rows[1]] - known[rows[0]] >= LEAST_MEASURED * days), dtype=np.bool_
        )

    def draw_calendar(self, p: Episode, rng: np.random.Generator) -> Calendar:
        """A Monday of the part and the season (of any, where none fits) with a series measured
        before and after it.

        Raises
        ------
        InputError
            Where there is none: the part or the series are too short.
        """
        played = p.warmup_days + p.days + MARGIN_DAYS
        monday = int(-weekdays(self.panel.first_day + p.history_days) % 7)
        first = np.arange(monday, self.panel.days - p.history_days - played + 1, 7)
        first = first[self.fits(first, p.history_days, played).any(axis=1)] if len(first) else first
        if not len(first):
            raise self._too_long(p.history_days, played)
        date = self.panel.first_day + first + p.history_days
        year = (date - date.astype("datetime64[Y]")).astype(np.int64)
        of_season = ((year >= p.season[0]) & (year <= p.season[1])) | (year + 365 <= p.season[1])
        chosen = rng.choice(first[of_season] if of_season.any() else first)
        return make_calendar(p, self.panel.first_day + int(chosen) + p.history_days)

    def draw_customers(
        self, demand: Demand, calendar: Calendar, n: int, rng: Generators
    ) -> RealCustomers:  # noqa: ARG002
        """Each tank with a series and a year, none twice while there are others; levels one to
        twenty, to be scaled.
        """
        first = int(
            (calendar.panel_first - self.panel.first_day).astype(int)
        ) + WHOLE_WEEKS_A_YEAR * np.arange(-5, 6)
        row, series = np.nonzero(
            self.fits(first, calendar.history_days, calendar.days) & (first >= 0)[:, None]
        )
        pick = np.concatenate(
            [rng["customer"].permutation(len(row)) for _ in range(-(-n // len(row)))]
        )[:n]
        level = np.exp(rng["customer"].uniform(np.log(50.0), np.log(1000.0), n))
        who = series[pick]
        use = UseFactors(self._busy(calendar)[who], self._peak()[who])
        days = calendar.history_days + calendar.days
        return RealCustomers(
            self, who, first[row[pick]], days, np.zeros(n, dtype=np.int64), level, use
        )

    def _too_long(self, history_days: int, played: int) -> InputError:
        begin, end = self.panel.first_day + np.array(self.part)
        part = (
            f"the {self.split} part of the series ({end - begin}, {begin} to {end - 1})"
            if self.split
            else "the series"
        )
        got = f"a Monday and {played} days with warm-up and margin, after {history_days} of history"
        return InputError(
            "episode", got, f"days that a series has and {part} holds", "shorten history or episode"
        )

    def _busy(self, calendar: Calendar) -> FloatArray:
        """(N,) mean of four weeks around the busiest day of year of the world's days, over all
        years that there are.
        """
        smooth = _running(self.shape, BUSY_DAYS)
        dates = self.panel.first_day + np.arange(len(smooth))
        year = (dates - dates.astype("datetime64[Y]")).astype(np.int64)
        wanted = calendar.first + np.arange(calendar.days - MARGIN_DAYS)
        days = np.unique((wanted - wanted.astype("datetime64[Y]")).astype(np.int64))
        by_day = np.stack(
            [np.nanmean(smooth[np.abs(year - day) <= 3], axis=0) for day in days[::7]]
        )
        return np.asarray(np.maximum(by_day.max(axis=0), 0.05), dtype=np.float64)

    def _peak(self) -> FloatArray:
        """(N,) what three days use on the twentieth day of the most."""
        return np.asarray(
            np.maximum(np.quantile(_running(self.shape, 3), 0.95, axis=0), 1.0), dtype=np.float64
        )


def _running(values: FloatArray, days: int) -> FloatArray:
    """(D, N) mean of the ``days`` days around each, fewer at the ends."""
    total = np.concatenate([np.zeros((1, values.shape[1])), np.cumsum(values, axis=0)])
    at = np.arange(len(values))
    low, high = np.maximum(at - days // 2, 0), np.minimum(at - days // 2 + days, len(values))
    return np.asarray((total[high] - total[low]) / (high - low)[:, None], dtype=np.float64)


def _filled(use: FloatArray) -> FloatArray:
    """(D, N) [kg] days not measured as the mean of those measured in the four weeks around, of
    all days where there are none.
    """
    measured = ~np.isnan(use)
    value, count = (
        _running(np.where(measured, use, 0.0), 28),
        _running(measured.astype(np.float64), 28),
    )
    near = np.where(count > 0, value / np.where(count > 0, count, 1.0), np.nanmean(use, axis=0))
    return np.asarray(np.where(measured, use, near), dtype=np.float64)
