"""Rules about successive trips of the same driver or vehicle.

"Previous" means previous in the order in which the trips are given.
"""

from __future__ import annotations

import numpy as np

from lmrs_rl.domain.arrays import IntArray
from lmrs_rl.referee.evidence import EPS, Evidence, previous_of_same
from lmrs_rl.referee.trip_rules import Rule, violations_of
from lmrs_rl.referee.verdict import Violation


def _load_within_capacity(e: Evidence) -> list[Violation]:
    """SHI06: after every stop the load is between 0 and the vehicle's capacity."""
    capacity = e.network.vehicles.capacity_kg[e.trips.vehicle[e.stops.trip]]
    excess = np.maximum(-e.loads.after_kg, e.loads.after_kg - capacity)
    return violations_of("SHI06", excess > EPS, e.stop_name, excess, "kg")


def _load_carried_over(e: Evidence) -> list[Violation]:
    """SHI07: what is on board at the start is what the vehicle's previous trip left.

    Loads follow the order of start, so this fails where a vehicle's trips are not given in that
    order.
    """
    vehicle = e.trips.vehicle
    before = previous_of_same(vehicle)
    if not len(before):
        return []
    # The first trip of a vehicle has -1, so the last trip's load is read, but not taken.
    left = np.where(before >= 0, e.loads.end_kg[before], e.days.start.load_kg[vehicle])
    gap = np.abs(e.loads.start_kg - left)
    return violations_of("SHI07", gap > EPS, e.trip_name, gap, "kg")


def _driver_rested(e: Evidence) -> list[Violation]:
    """DRI01: no start before the driver is first free, nor before the previous trip plus rest."""
    rest_min = e.network.drivers.min_rest_min
    early = _early(e, e.trips.driver, e.days.start.driver_free_min, rest_min)
    return violations_of("DRI01", early > 0, e.trip_name, early, "min")


def _vehicle_returned(e: Evidence) -> list[Violation]:
    """TL01: no start before the vehicle is first free, nor before the end of its previous trip."""
    no_rest = np.zeros(len(e.network.vehicles), dtype=np.int64)
    early = _early(e, e.trips.vehicle, e.days.start.vehicle_free_min, no_rest)
    return violations_of("TL01", early > 0, e.trip_name, early, "min")


def _early(e: Evidence, owner: IntArray, free_min: IntArray, rest_min: IntArray) -> IntArray:
    """(T,) [min] by which each trip starts before its owner (driver or vehicle) can."""
    before = previous_of_same(owner)
    first = np.maximum(free_min, e.days.start.time_min)[owner]
    if not len(before):
        return first
    ready = np.where(before >= 0, e.trips.end_min[before] + rest_min[owner], first)
    return np.asarray(ready - e.trips.start_min, dtype=np.int64)


CHAIN_RULES: tuple[Rule, ...] = (
    _load_within_capacity,
    _load_carried_over,
    _driver_rested,
    _vehicle_returned,
)
