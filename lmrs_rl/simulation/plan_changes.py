"""Plan churn: how much of a morning's plan the next plan changes."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from lmrs_rl.domain import Plan
from lmrs_rl.domain.arrays import MINUTES_PER_DAY

_Drop = tuple[int, int, int]
"""Customer, day on which its trip starts, vehicle."""


@dataclass(frozen=True)
class DayChurn:
    """What became of the drops planned for a day.

    Attributes
    ----------
    day : counted from the morning of the first plan, which is day 0
    kept : still on the same day with the same vehicle
    other_vehicle : on the same day with another vehicle
    other_day : moved to another day
    gone : no longer planned
    added : drops of the second plan on this day that the first did not plan at all
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
        """Share of these drops that kept day and vehicle; 1 if there were none."""
        return self.kept / self.planned if self.planned else 1.0


@dataclass(frozen=True)
class Churn:
    """What became of the drops of a plan, for each day from the second plan on."""

    days: tuple[DayChurn, ...]

    @property
    def share_kept(self) -> float:
        """Share of all planned drops that kept day and vehicle; 1 if there were none."""
        planned = sum(day.planned for day in self.days)
        return sum(day.kept for day in self.days) / planned if planned else 1.0


def churn(before: Plan, after: Plan, days: int = 4) -> Churn:
    """Compare two plans over the ``days`` days that follow the making of ``after``.

    The drops of each customer are matched in pairs: first those with the same day and vehicle, then
    those with the same day, then any. A drop belongs to the day on which its trip starts. Drops of
    ``after`` beyond those days count as a change of day, never as added.
    """
    first = (after.time_min - before.time_min) // MINUTES_PER_DAY
    window = range(first, first + days)
    # Trips that started before the second plan was made are under way and no longer planned.
    old = _drops(before, before.time_min, after.time_min)
    new = _drops(after, before.time_min, after.time_min)
    kept, old, new = _matched(old, new, parts=3)
    other_vehicle, old, new = _matched(old, new, parts=2)
    other_day, gone, added = _matched(old, new, parts=1)
    table = [
        Counter(day for _, day, _ in drops.elements())
        for drops in (kept, other_vehicle, other_day, gone, added)
    ]
    return Churn(tuple(DayChurn(day, *(count[day] for count in table)) for day in window))


def _drops(plan: Plan, origin: int, from_min: int) -> Counter[_Drop]:
    """Drops of trips that start at ``from_min`` or later, days counted from ``origin``."""
    trips = [trip for trip in plan.trips if trip.start_min >= from_min]
    return Counter(
        (s.place, (t.start_min - origin) // MINUTES_PER_DAY, t.vehicle)
        for t in trips
        for s in t.stops
        if s.kind == "drop"
    )


def _matched(
    old: Counter[_Drop], new: Counter[_Drop], parts: int
) -> tuple[Counter[_Drop], Counter[_Drop], Counter[_Drop]]:
    """Pair drops that agree in their first ``parts`` parts.

    Returns the drops of ``old`` that found a partner in ``new``, then those left over of each.
    """
    open_for = Counter(drop[:parts] for drop in new.elements())
    found: Counter[_Drop] = Counter()
    # Sorted, so that the same plans always give the same pairs.
    for drop in sorted(old.elements()):
        if open_for[drop[:parts]] > 0:
            open_for[drop[:parts]] -= 1
            found[drop] += 1
    partners = Counter(drop[:parts] for drop in found.elements())
    left: Counter[_Drop] = Counter()
    for drop in sorted(new.elements()):
        if partners[drop[:parts]] > 0:
            partners[drop[:parts]] -= 1
        else:
            left[drop] += 1
    return found, old - found, left
