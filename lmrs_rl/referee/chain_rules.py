"""Rules about one trip after another, of the same driver or vehicle; "previous" means in the
order given.
"""

from __future__ import annotations

import numpy as np

from lmrs_rl.domain.arrays import IntArray
from lmrs_rl.referee.evidence import EPS, Evidence, previous_of_same
from lmrs_rl.referee.trip_rules import Rule, found
from lmrs_rl.referee.verdict import Violation


def load_within_capacity(e: Evidence) -> list[Violation]:
    """SHI06: from nothing to the vehicle's capacity on board after every stop."""
    capacity = e.network.vehicles.capacity_kg[e.journeys.vehicle[e.calls.trip]]
    excess = np.maximum(-e.loads.after_kg, e.loads.after_kg - capacity)
    return found("SHI06", excess > EPS, e.stop_name, excess, "kg")


def load_carried_over(e: Evidence) -> list[Violation]:
    """SHI07: what is on board at the start is what the vehicle's previous trip left.

    Loads follow the order of start, so this fails where a vehicle's trips are not given in that
    order.
    """
    before = previous_of_same(e.journeys.vehicle)
    left = (
        np.where(before >= 0, e.loads.end_kg[before], e.days.start.load_kg[e.journeys.vehicle])
        if len(before)
        else e.loads.end_kg
    )
    gap = np.abs(e.loads.start_kg - left)
    return found("SHI07", gap > EPS, e.trip_name, gap, "kg")


def driver_rested(e: Evidence) -> list[Violation]:
    """DRI01: start not before the end of the driver's previous trip plus his rest, nor before he
    is first free.
    """
    early = _early(
        e, e.journeys.driver, e.days.start.driver_free_min, e.network.drivers.min_rest_min
    )
    return found("DRI01", early > 0, e.trip_name, early, "min")


def vehicle_back(e: Evidence) -> list[Violation]:
    """TL01: start not before the end of the vehicle's previous trip, nor before it is first
    free.
    """
    early = _early(
        e,
        e.journeys.vehicle,
        e.days.start.vehicle_free_min,
        np.zeros(len(e.network.vehicles), dtype=np.int64),
    )
    return found("TL01", early > 0, e.trip_name, early, "min")


def _early(e: Evidence, owner: IntArray, free_min: IntArray, rest_min: IntArray) -> IntArray:
    """(T,) [min] by which each trip starts before its owner (driver or vehicle) can."""
    before = previous_of_same(owner)
    first = np.maximum(free_min, e.days.start.time_min)[owner]
    ready = (
        np.where(before >= 0, e.journeys.end_min[before] + rest_min[owner], first)
        if len(before)
        else first
    )
    return np.asarray(ready - e.journeys.start_min, dtype=np.int64)


CHAIN_RULES: tuple[Rule, ...] = (
    load_within_capacity,
    load_carried_over,
    driver_rested,
    vehicle_back,
)
