"""How much of one morning's plan the next one changes."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from lmrs_rl.domain import Plan
from lmrs_rl.domain.arrays import MINUTES_PER_DAY

Drop = tuple[int, int, int]
"""Customer, day on which its trip starts, vehicle."""


@dataclass(frozen=True)
class DayChurn:
    """What became of the drops planned for a day.

    Attributes
    ----------
    day : counted from the morning of the first plan, 0 being the day that began then
    kept : on the same day by the same vehicle
    other_vehicle : on the same day by another one
    other_day : on another day
    gone : no longer planned
    added : drops planned for this day now that were not planned at all
    """

    day: int
    kept: int
    other_vehicle: int
    other_day: int
    gone: int
    added: int

    @property
    def planned(self) -> int:
        """Drops that the first plan had for the day."""
        return self.kept + self.other_vehicle + self.other_day + self.gone

    @property
    def share_kept(self) -> float:
        """Share of them kept on the same day by the same vehicle; 1 where there were none."""
        return self.kept / self.planned if self.planned else 1.0


@dataclass(frozen=True)
class Churn:
    """What became of the drops of a plan, day by day: those days that begin when the second plan
    is made, or later.
    """

    days: tuple[DayChurn, ...]

    @property
    def share_kept(self) -> float:
        """Share of all drops planned that are kept on the same day by the same vehicle; 1 where
        there were none.
        """
        planned = sum(day.planned for day in self.days)
        return sum(day.kept for day in self.days) / planned if planned else 1.0


def churn(before: Plan, after: Plan, days: int = 4) -> Churn:
    """Compare what ``before`` planned for the ``days`` days after ``after`` was made with what
    ``after`` plans for them.

    A customer's drops are matched in pairs: first those on the same day by the same vehicle, then
    those on the same day, then any. A drop belongs to the day on which its trip starts. Drops of
    ``after`` later than those days count as a change of day, never as added.
    """
    first = (after.time_min - before.time_min) // MINUTES_PER_DAY
    window = range(first, first + days)
    old, new = (
        _drops(before, before.time_min, after.time_min),
        _drops(after, before.time_min, after.time_min),
    )
    kept, old, new = _matched(old, new, parts=3)
    other_vehicle, old, new = _matched(old, new, parts=2)
    other_day, gone, added = _matched(old, new, parts=1)
    table = [
        Counter(day for _, day, _ in drops.elements())
        for drops in (kept, other_vehicle, other_day, gone, added)
    ]
    return Churn(tuple(DayChurn(day, *(count[day] for count in table)) for day in window))


def _drops(plan: Plan, origin: int, from_min: int) -> Counter[Drop]:
    """The drops of trips that start at ``from_min`` or later, days counted from ``origin``."""
    trips = [trip for trip in plan.trips if trip.start_min >= from_min]
    return Counter(
        (s.place, (t.start_min - origin) // MINUTES_PER_DAY, t.vehicle)
        for t in trips
        for s in t.stops
        if s.kind == "drop"
    )


def _matched(
    old: Counter[Drop], new: Counter[Drop], parts: int
) -> tuple[Counter[Drop], Counter[Drop], Counter[Drop]]:
    """Those of ``old`` that agree with one of ``new`` in their first ``parts`` parts, and what
    is left of both.
    """
    open_for = Counter(drop[:parts] for drop in new.elements())
    found: Counter[Drop] = Counter()
    for drop in sorted(old.elements()):
        if open_for[drop[:parts]] > 0:
            open_for[drop[:parts]] -= 1
            found[drop] += 1
    partners = Counter(drop[:parts] for drop in found.elements())
    left: Counter[Drop] = Counter()
    for drop in sorted(new.elements()):
        if partners[drop[:parts]] > 0:
            partners[drop[:parts]] -= 1
        else:
            left[drop] += 1
    return found, old - found, left
