"""Customers and their use: of generated types, or taken from real consumption series."""

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
"""Random generators by purpose, see `lmrs_rl.worlds.generator.drawing`."""
_WHOLE_WEEKS_A_YEAR = 364
"""[days] A shift by whole weeks keeps weekdays."""
_PARTS = {"train": (0.0, 0.6), "validation": (0.6, 0.8), "test": (0.8, 1.0)}
"""Shares of the days of real series at which the part of each split begins and ends."""
_LEAST_MEASURED = 0.5
"""Share of a world's days on which a real series must have been measured."""


class UnscaledCustomers(Protocol):
    """``n`` customers, whose use is still to be scaled to the fleet."""

    @property
    def kind(self) -> IntArray:
        """(n,) customer types."""
        ...

    @property
    def level_kg(self) -> FloatArray:
        """(n,) [kg/day] use on a normal day."""
        ...

    @property
    def use(self) -> UseFactors:
        """Expected use per kg of level."""
        ...

    def truth(self, level_kg: FloatArray, region: IntArray) -> TrueUse:
        """The use on every day of the panel, at given levels (n,) and in weather regions (n,)."""
        ...


@dataclass(frozen=True, eq=False)
class DrawnCustomers:
    """Customers of generated types.

    Attributes
    ----------
    demand : parameters
    calendar : days
    traits, kind, use : of each customer
    streams : random generators for the use
    """

    demand: Demand
    calendar: Calendar
    traits: Traits
    kind: IntArray
    use: UseFactors
    streams: RandomStreams

    @property
    def level_kg(self) -> FloatArray:
        """(n,) [kg/day] use on a normal day."""
        return self.traits.level_kg

    def truth(self, level_kg: FloatArray, region: IntArray) -> TrueUse:
        """Draw the use; may be called only once, since it advances the generators."""
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
    """Draw customer types in the shares of the mix, and the traits of each customer."""
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
    """Customers with the use of real series.

    Attributes
    ----------
    source : of the series
    series : (n,) number of each customer's series
    first : (n,) row of the series on the first day of history
    days : of the panel
    kind : (n,) customer types, all 0
    level_kg : (n,) [kg/day] mean use, by which the series are multiplied
    use : expected use per kg of level
    """

    source: SeriesGround
    series: IntArray
    first: IntArray
    days: int
    kind: IntArray
    level_kg: FloatArray
    use: UseFactors

    def truth(self, level_kg: FloatArray, region: IntArray) -> TrueUse:  # noqa: ARG002
        """The series, with gaps filled and marked as not measured, and with their own weather."""
        rows = self.first + np.arange(self.days)[:, None]
        panel, at = self.source.panel, (rows, self.series)
        # Indices on both sides of a slice put its axis last: (days, n, leads), hence the transpose.
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

    A world begins on a Monday of the season with a series that was measured before and after it.
    Each tank takes another series, or another year of one, as long as there are any; then they are
    used again, each at a level of its own.

    Parameters
    ----------
    panel : of the series, each with some use
    split : whose part of the days worlds lie in, see `_PARTS`; all days where ``None``. Only the
        history may lie before the part.
    """

    panel: Panel
    split: str | None = None

    def __post_init__(self) -> None:
        if self.split is not None and self.split not in _PARTS:
            raise InputError(
                "split",
                repr(self.split),
                f"one of {', '.join(_PARTS)}, or None",
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
        begin, end = (0.0, 1.0) if self.split is None else _PARTS[self.split]
        return round(begin * self.panel.days), round(end * self.panel.days)

    @cached_property
    def shape(self) -> FloatArray:
        """(D, N) use as a multiple of the series' mean, with gaps filled."""
        return np.asarray(
            _filled(self.panel.use) / np.nanmean(self.panel.use, axis=0), dtype=np.float64
        )

    @cached_property
    def span(self) -> IntArray:
        """(2, N) first measured row, and the row after the last one."""
        measured = ~np.isnan(self.panel.use)
        return np.stack([measured.argmax(axis=0), len(measured) - measured[::-1].argmax(axis=0)])

    def fits(self, first: IntArray, history_days: int, days: int) -> BoolArray:
        """Whether a world may begin its history at a row of a series.

        The series must reach over history and days, and be measured on a share `_LEAST_MEASURED` of
        them; the days after the history must lie inside the split's part.

        Parameters
        ----------
        first : (m,) rows at which the history begins
        history_days, days : [days] of history and after it

        Returns
        -------
        BoolArray
            (m, N) by row and series.
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
        # Rows beyond the panel are not `inside`; clipped, they can be looked up without an error.
        rows = np.clip(np.stack([first, first + days]), 0, len(known) - 1)
        return np.asarray(
            inside & (known[rows[1]] - known[rows[0]] >= _LEAST_MEASURED * days), dtype=np.bool_
        )

    def draw_calendar(self, p: Episode, rng: np.random.Generator) -> Calendar:
        """Draw the first morning: a Monday of the part with a series measured before and after it.

        It lies in the season, unless no such Monday does.

        Raises
        ------
        InputError
            Where there is none: the part or the series are too short.
        """
        days = p.warmup_days + p.days + MARGIN_DAYS
        monday = int(-weekdays(self.panel.first_day + p.history_days) % 7)
        first = np.arange(monday, self.panel.days - p.history_days - days + 1, 7)
        first = first[self.fits(first, p.history_days, days).any(axis=1)] if len(first) else first
        if not len(first):
            raise self._too_long(p.history_days, days)
        date = self.panel.first_day + first + p.history_days
        day = (date - date.astype("datetime64[Y]")).astype(np.int64)
        # A season may go on into the next year: its days beyond 365 are those of January on.
        of_season = ((day >= p.season[0]) & (day <= p.season[1])) | (day + 365 <= p.season[1])
        chosen = rng.choice(first[of_season] if of_season.any() else first)
        return make_calendar(p, self.panel.first_day + int(chosen) + p.history_days)

    def draw_customers(
        self,
        demand: Demand,  # noqa: ARG002
        calendar: Calendar,
        n: int,
        rng: Generators,
    ) -> RealCustomers:
        """Draw a series and a year of it for each tank, none twice as long as there are others.

        Levels range from 50 to 1000 kg/day; only their ratios count, since they are scaled later.
        """
        offset = int((calendar.panel_first - self.panel.first_day).astype(int))
        first = offset + _WHOLE_WEEKS_A_YEAR * np.arange(-5, 6)
        row, series = np.nonzero(
            self.fits(first, calendar.history_days, calendar.days) & (first >= 0)[:, None]
        )
        pick = np.concatenate(
            [rng["customer"].permutation(len(row)) for _ in range(-(-n // len(row)))]
        )[:n]
        level = np.exp(rng["customer"].uniform(np.log(50.0), np.log(1000.0), n))
        chosen = series[pick]
        use = UseFactors(self._busy(calendar)[chosen], self._peak()[chosen])
        days = calendar.history_days + calendar.days
        kind = np.zeros(n, dtype=np.int64)
        return RealCustomers(self, chosen, first[row[pick]], days, kind, level, use)

    def _too_long(self, history_days: int, days: int) -> InputError:
        begin, end = self.panel.first_day + np.array(self.part)
        part = (
            f"the {self.split} part of the series ({end - begin}, {begin} to {end - 1})"
            if self.split
            else "the series"
        )
        got = f"a Monday and {days} days with warm-up and margin, after {history_days} of history"
        return InputError(
            "episode", got, f"days that a series has and {part} holds", "shorten history or episode"
        )

    def _busy(self, calendar: Calendar) -> FloatArray:
        """(N,) mean use in the four weeks around the busiest day of the world's season.

        Averaged over all years of the series: what the world's own days will use must not show in
        the size of its tanks.
        """
        smooth = _running_mean(self.shape, BUSY_DAYS)
        dates = self.panel.first_day + np.arange(len(smooth))
        day_of_year = (dates - dates.astype("datetime64[Y]")).astype(np.int64)
        of_world = calendar.first + np.arange(calendar.days - MARGIN_DAYS)
        days = np.unique((of_world - of_world.astype("datetime64[Y]")).astype(np.int64))
        # Every seventh day, with three on either side: means over weeks of days so near are alike.
        by_day = np.stack(
            [np.nanmean(smooth[np.abs(day_of_year - day) <= 3], axis=0) for day in days[::7]]
        )
        return np.asarray(np.maximum(by_day.max(axis=0), 0.05), dtype=np.float64)

    def _peak(self) -> FloatArray:
        """(N,) 95 % quantile of the mean use of three days, at least the mean of all days."""
        peak = np.quantile(_running_mean(self.shape, 3), 0.95, axis=0)
        return np.asarray(np.maximum(peak, 1.0), dtype=np.float64)


def _running_mean(values: FloatArray, days: int) -> FloatArray:
    """(D, N) mean of the ``days`` days around each day, of fewer at the ends."""
    total = np.concatenate([np.zeros((1, values.shape[1])), np.cumsum(values, axis=0)])
    at = np.arange(len(values))
    low, high = np.maximum(at - days // 2, 0), np.minimum(at - days // 2 + days, len(values))
    return np.asarray((total[high] - total[low]) / (high - low)[:, None], dtype=np.float64)


def _filled(use: FloatArray) -> FloatArray:
    """(D, N) [kg] use with gaps filled by the mean of the measured days of the four weeks around,
    or of all days where none of these was measured.
    """
    measured = ~np.isnan(use)
    value = _running_mean(np.where(measured, use, 0.0), 28)
    count = _running_mean(measured.astype(np.float64), 28)
    near = np.where(count > 0, value / np.where(count > 0, count, 1.0), np.nanmean(use, axis=0))
    return np.asarray(np.where(measured, use, near), dtype=np.float64)
