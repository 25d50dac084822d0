"""Slots: combinations of driver, vehicle and working window that a trip may fill, and which of
them conflict.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lmrs_rl.domain import Network, Snapshot
from lmrs_rl.domain.arrays import MINUTES_PER_DAY, BoolArray, FloatArray, IntArray


@dataclass(frozen=True, eq=False)
class Slots:
    """``K`` possible trips, in order of their first possible start.

    A slot becomes at most one trip. A working window of more than a day gives a slot for each day
    on which a trip may start. Times are minutes since the morning.

    Attributes
    ----------
    driver, vehicle, base_point, product : (K,) numbers
    open_min, last_start_min, close_min : (K,) [min] the trip starts in [open, last_start] and ends
        by close
    night : (K,) whether the trip may spend a night on the road
    max_driving_min, night_min : (K,) [min]
    capacity_kg : (K,) [kg]
    cost_per_km, cost_per_min, cost_per_night : (K,) [currency]
    conflict : (C, 3) pairs (earlier slot, later slot, gap [min]) of the same driver or vehicle: if
        both become trips, the earlier one ends at least the gap before the later one starts
    """

    driver: IntArray
    vehicle: IntArray
    base_point: IntArray
    product: IntArray
    open_min: IntArray
    last_start_min: IntArray
    close_min: IntArray
    night: BoolArray
    max_driving_min: IntArray
    night_min: IntArray
    capacity_kg: FloatArray
    cost_per_km: FloatArray
    cost_per_min: FloatArray
    cost_per_night: FloatArray
    conflict: IntArray

    def __len__(self) -> int:
        return len(self.driver)

    @property
    def max_wait_min(self) -> int:
        """[min] the longest wait allowed before a stop: a minute less than the shortest night,
        since the referee would count a longer one as a night.
        """
        nights = self.night_min[self.night_min > 0]
        return int(nights.min()) - 1 if len(nights) else int(self.close_min.max(initial=0))


def make_slots(
    network: Network, snapshot: Snapshot, product: IntArray, *, horizon_min: int, nights: bool
) -> Slots:
    """The slots of the next ``horizon_min`` minutes; with ``nights`` also those of trips with a
    night on the road. ``product`` (V,) is what each vehicle carries.
    """
    drivers, vehicles, now = network.drivers, network.vehicles, snapshot.time_min
    rows: list[tuple[int, int, int, int, int, int]] = []
    for d in range(len(drivers)):
        shift, night_min = drivers.shift_min[d] - now, int(drivers.night_min[d])
        shifts = shift[(shift[:, 1] >= 0) & (shift[:, 0] < horizon_min)].tolist()
        for v in np.flatnonzero(drivers.vehicle_allowed[d]).tolist():
            free = (
                max(int(snapshot.driver_free_min[d]), int(snapshot.vehicle_free_min[v]), now) - now
            )
            for first, last in shifts:
                for start, last_start in _by_day(max(first, free), min(last, horizon_min - 1)):
                    rows.append((start, last_start, last, d, v, 0))
                    if nights and 0 < night_min < last - start:
                        rows.append((start, last_start, last, d, v, 1))
    rows.sort()  # by start: later modules take slot numbers for the order in time
    table = np.array(rows, dtype=np.int64).reshape(-1, 6)
    opens, last_starts, window_end, driver, vehicle, night = table.T
    close = np.minimum(window_end, last_starts + np.where(night == 1, 2, 1) * MINUTES_PER_DAY)
    return Slots(
        driver=driver,
        vehicle=vehicle,
        base_point=vehicles.base_point[vehicle],
        product=product[vehicle],
        open_min=opens,
        last_start_min=last_starts,
        close_min=close,
        night=night == 1,
        max_driving_min=drivers.max_driving_min[driver],
        night_min=drivers.night_min[driver],
        capacity_kg=vehicles.capacity_kg[vehicle],
        cost_per_km=vehicles.cost_per_km[vehicle] + drivers.cost_per_km[driver],
        cost_per_min=drivers.cost_per_min[driver],
        cost_per_night=drivers.cost_per_night[driver],
        conflict=conflicts(driver, vehicle, opens, close, drivers.min_rest_min),
    )


def _by_day(first: int, last: int) -> list[tuple[int, int]]:
    """Split the possible starts [first, last] at each midnight of the plan, so that a slot belongs
    to one day.
    """
    pieces = []
    while first <= last:
        midnight = (first // MINUTES_PER_DAY + 1) * MINUTES_PER_DAY
        pieces.append((first, min(last, midnight - 1)))
        first = midnight
    return pieces


def conflicts(
    driver: IntArray, vehicle: IntArray, start: IntArray, end: IntArray, rest: IntArray
) -> IntArray:
    """(C, 3) pairs of conflicting slots (see `Slots`); ``rest`` (D,) [min] is each driver's minimum
    rest between trips.
    """
    earlier, later = np.nonzero(
        np.triu((driver[:, None] == driver) | (vehicle[:, None] == vehicle), 1)
    )
    gap = np.where(driver[earlier] == driver[later], rest[driver[earlier]], 0)
    # Pairs that can never meet are left out: the core goes through the others at each insertion.
    clash = end[earlier] + gap > start[later]
    return np.stack([earlier[clash], later[clash], gap[clash]], axis=1)
