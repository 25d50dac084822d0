"""Rules about single trips: nights, times, access, quantities, driving, products."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike

from lmrs_rl.domain.arrays import BoolArray, FloatArray, IntArray
from lmrs_rl.referee.evidence import EPS, Evidence, minutes_outside
from lmrs_rl.referee.verdict import Violation

Rule = Callable[[Evidence], list[Violation]]


def violations_of(
    code: str, bad: BoolArray, where: Callable[[int], str], excess: ArrayLike = 1.0, unit: str = ""
) -> list[Violation]:
    """A violation for each True row of ``bad``, named by ``where``, with the excess of that row."""
    each = np.broadcast_to(np.asarray(excess, dtype=np.float64), np.shape(bad))
    return [Violation(code, where(int(row)), float(each[row]), unit) for row in np.flatnonzero(bad)]


def _night_at_customer(e: Evidence) -> list[Violation]:
    """LAY02: a trip with a night serves a customer where nights are allowed."""
    allowed = np.zeros(len(e.stops.kg), dtype=np.bool_)
    allowed[e.stops.drop] = e.network.customers.overnight[e.stops.place[e.stops.drop]]
    hosts = np.bincount(e.stops.trip, allowed, minlength=len(e.trips))
    return violations_of("LAY02", (e.trips.nights > 0) & (hosts == 0), e.trip_name)


def _one_night(e: Evidence) -> list[Violation]:
    """LAY03: at most one night in a trip."""
    return violations_of("LAY03", e.trips.nights > 1, e.trip_name, e.trips.nights - 1, "nights")


def _arrives_in_time(e: Evidence) -> list[Violation]:
    """SHI02: no arrival before the previous departure plus travel plus the night.

    The return to the base counts as an arrival.
    """
    early = e.legs.leave_min + e.legs.travel_min + e.legs.night_min - e.legs.arrive_min
    return violations_of("SHI02", early > 0, e.leg_name, early, "min")


def _serves_in_time(e: Evidence) -> list[Violation]:
    """SHI03: no departure before arrival plus setup plus quantity over rate, rounded up [min]."""
    needed = np.zeros(len(e.stops.kg))
    customers, sites = e.network.customers, e.network.sites
    tables = (
        (e.stops.drop, customers.setup_min, customers.unload_kg_per_min),
        (~e.stops.drop, sites.setup_min, sites.load_kg_per_min),
    )
    for chosen, setup, rate in tables:
        place = e.stops.place[chosen]
        # A negative quantity saves no time; that it is negative is for rule SHI11.
        needed[chosen] = setup[place] + np.maximum(e.stops.kg[chosen], 0.0) / rate[place]
    # Rounding must not add a minute to a service of whole minutes.
    early = np.ceil(needed - EPS) - (e.stops.departure_min - e.stops.arrival_min)
    return violations_of("SHI03", early > 0, e.stop_name, early, "min")


def _customer_hours(e: Evidence) -> list[Violation]:
    """SHI04: a drop is served inside one window of the customer's access hours."""
    outside = _minutes_outside(e, e.stops.drop, e.network.customers.access_min)
    return violations_of("SHI04", outside > 0, e.stop_name, outside, "min")


def _site_hours(e: Evidence) -> list[Violation]:
    """SRC02: a loading lies inside one window of the site's opening hours."""
    outside = _minutes_outside(e, ~e.stops.drop, e.network.sites.access_min)
    return violations_of("SRC02", outside > 0, e.stop_name, outside, "min")


def _vehicle_allowed(e: Evidence) -> list[Violation]:
    """SHI05: customers and loading sites take only the vehicles on their list."""
    allowed = np.ones(len(e.stops.kg), dtype=np.bool_)
    vehicle = e.trips.vehicle[e.stops.trip]
    for chosen, table in (
        (e.stops.drop, e.network.customers.vehicle_allowed),
        (~e.stops.drop, e.network.sites.vehicle_allowed),
    ):
        allowed[chosen] = table[e.stops.place[chosen], vehicle[chosen]]
    return violations_of("SHI05", ~allowed, e.stop_name)


def _quantity_not_negative(e: Evidence) -> list[Violation]:
    """SHI11: no stop loads or drops a negative quantity."""
    return violations_of("SHI11", e.stops.kg < -EPS, e.stop_name, -e.stops.kg, "kg")


def _drop_size(e: Evidence) -> list[Violation]:
    """SHI16: a drop at a tank lies between its minimum drop and its capacity."""
    excess = np.zeros(len(e.stops.kg))
    at_tank = e.stops.drop & (e.stops.place < e.network.n_tanks)
    tank, kg = e.stops.place[at_tank], e.stops.kg[at_tank]
    excess[at_tank] = np.maximum(
        e.network.tanks.min_drop_kg[tank] - kg, kg - e.network.tanks.capacity_kg[tank]
    )
    return violations_of("SHI16", excess > EPS, e.stop_name, excess, "kg")


def _driving_limit(e: Evidence) -> list[Violation]:
    """DRI03: driving since the trip's start or its night stays within the driver's limit.

    A trip is reported once, with the excess of its worst leg.
    """
    limit = e.network.drivers.max_driving_min[e.trips.driver[e.legs.trip]]
    over = e.legs.driving_min - limit
    worst = np.zeros(len(e.trips), dtype=np.int64)
    np.maximum.at(worst, e.legs.trip, over)
    return violations_of("DRI03", worst > 0, e.trip_name, worst, "min")


def _driver_hours(e: Evidence) -> list[Violation]:
    """DRI08: a trip, its night included, inside one of the driver's working windows."""
    trips = e.trips
    spans = zip(
        trips.driver.tolist(), trips.start_min.tolist(), trips.end_min.tolist(), strict=True
    )
    outside = np.array(
        [minutes_outside(e.network.drivers.shift_min[d], start, end) for d, start, end in spans],
        dtype=np.int64,
    )
    return violations_of("DRI08", outside > 0, e.trip_name, outside, "min")


def _driver_allowed(e: Evidence) -> list[Violation]:
    """TL03: the driver may drive the vehicle."""
    allowed = e.network.drivers.vehicle_allowed[e.trips.driver, e.trips.vehicle]
    return violations_of("TL03", ~allowed, e.trip_name)


def _product_carried(e: Evidence) -> list[Violation]:
    """PRD01: the vehicle may carry the product, customers take it, and no other is on board."""
    product, drop, foreign_kg = e.trips.product[e.stops.trip], e.stops.drop, e.loads.foreign_kg
    wrong = np.zeros(len(e.stops.kg), dtype=np.bool_)
    wrong[drop] = e.network.customers.product[e.stops.place[drop]] != product[drop]
    refused = ~e.network.vehicles.product_allowed[e.trips.vehicle, e.trips.product]

    def vehicle_name(row: int) -> str:
        return f"{e.trip_name(row)}, vehicle {e.network.vehicles.ids[e.trips.vehicle[row]]}"

    def load_name(row: int) -> str:
        return f"{e.trip_name(row)}, left on board"

    return [
        *violations_of("PRD01", refused, vehicle_name),
        *violations_of("PRD01", foreign_kg > 0, load_name, foreign_kg, "kg"),
        *violations_of("PRD01", wrong, e.stop_name),
    ]


def _product_offered(e: Evidence) -> list[Violation]:
    """SRC01: the loading site offers the trip's product."""
    product, load = e.trips.product[e.stops.trip], ~e.stops.drop
    missing = np.zeros(len(e.stops.kg), dtype=np.bool_)
    missing[load] = ~e.network.sites.product_offered[e.stops.place[load], product[load]]
    return violations_of("SRC01", missing, e.stop_name)


def _minutes_outside(e: Evidence, chosen: BoolArray, windows: tuple[IntArray, ...]) -> FloatArray:
    """(S,) [min] by which the ``chosen`` stops exceed the windows of their place; 0 for others."""
    outside = np.zeros(len(e.stops.kg))
    for row in np.flatnonzero(chosen).tolist():
        outside[row] = minutes_outside(
            windows[e.stops.place[row]],
            int(e.stops.arrival_min[row]),
            int(e.stops.departure_min[row]),
        )
    return outside


TRIP_RULES: tuple[Rule, ...] = (
    _night_at_customer,
    _one_night,
    _arrives_in_time,
    _serves_in_time,
    _customer_hours,
    _site_hours,
    _vehicle_allowed,
    _quantity_not_negative,
    _drop_size,
    _driving_limit,
    _driver_hours,
    _driver_allowed,
    _product_carried,
    _product_offered,
)
