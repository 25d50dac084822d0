"""What the plans of the previous mornings say of each tank."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lmrs_rl.domain import Plan
from lmrs_rl.domain.arrays import MINUTES_PER_DAY, FloatArray, IntArray


@dataclass(frozen=True, eq=False)
class PlannedDrops:
    """Each tank's next drop in a plan.

    Attributes
    ----------
    day : (n,) on which its trip starts, counted from some morning; -1 without one
    kg : (n,) [kg] of that drop
    """

    day: IntArray
    kg: FloatArray


def planned_drops(plan: Plan | None, n: int, from_min: int) -> PlannedDrops:
    """The first drop of each of ``n`` tanks on trips that start at ``from_min`` or later; days
    count from there.
    """
    day, kg = np.full(n, -1, dtype=np.int64), np.zeros(n)
    for trip in plan.trips if plan is not None else ():
        if trip.start_min < from_min:
            continue
        for stop in trip.stops:
            if stop.kind == "drop" and stop.place < n and day[stop.place] < 0:
                day[stop.place] = (trip.start_min - from_min) // MINUTES_PER_DAY
                kg[stop.place] = stop.kg
    return PlannedDrops(day, kg)


def was_moved(plans: Sequence[Plan], n: int) -> FloatArray:
    """(n,) 1 where the latest of ``plans`` has another day for the drop that the one before it
    had, or none; days before it was made do not count.
    """
    if len(plans) < 2:
        return np.zeros(n)
    since = plans[0].time_min
    before, after = planned_drops(plans[1], n, since), planned_drops(plans[0], n, since)
    return np.asarray((before.day >= 0) & (before.day != after.day), dtype=np.float64)
