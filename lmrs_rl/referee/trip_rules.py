"""Rules about a trip by itself: nights, times, access, quantities, driving, products."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike

from lmrs_rl.domain.arrays import BoolArray, FloatArray, IntArray
from lmrs_rl.referee.evidence import EPS, Evidence, minutes_outside
from lmrs_rl.referee.verdict import Violation

Rule = Callable[[Evidence], list[Violation]]


def found(
    code: str, bad: BoolArray, where: Callable[[int], str], excess: ArrayLike = 1.0, unit: str = ""
) -> list[Violation]:
    """A violation for each row of the mask ``bad``, with the excess of that row."""
    each = np.broadcast_to(np.asarray(excess, dtype=np.float64), np.shape(bad))
    return [Violation(code, where(int(row)), float(each[row]), unit) for row in np.flatnonzero(bad)]


def night_at_customer(e: Evidence) -> list[Violation]:
    """LAY02: a trip with a night serves a customer where nights are allowed."""
    welcome = np.zeros(len(e.calls.kg), dtype=np.bool_)
    welcome[e.calls.drop] = e.network.customers.overnight[e.calls.place[e.calls.drop]]
    hosts = np.bincount(e.calls.trip, welcome, minlength=len(e.journeys))
    return found("LAY02", (e.journeys.nights > 0) & (hosts == 0), e.trip_name)


def one_night(e: Evidence) -> list[Violation]:
    """LAY03: at most one night in a trip."""
    return found("LAY03", e.journeys.nights > 1, e.trip_name, e.journeys.nights - 1, "nights")


def arrives_in_time(e: Evidence) -> list[Violation]:
    """SHI02: arrival not before the previous departure plus travel plus the night; the return to
    the base included.
    """
    early = e.legs.leave_min + e.legs.travel_min + e.legs.night_min - e.legs.arrive_min
    return found("SHI02", early > 0, e.leg_name, early, "min")


def serves_in_time(e: Evidence) -> list[Violation]:
    """SHI03: departure not before arrival plus set-up plus quantity by rate, in whole minutes
    rounded up.
    """
    needed = np.zeros(len(e.calls.kg))
    customers, sites = e.network.customers, e.network.sites
    tables = (
        (e.calls.drop, customers.setup_min, customers.unload_kg_per_min),
        (~e.calls.drop, sites.setup_min, sites.load_kg_per_min),
    )
    for chosen, setup, rate in tables:
        place = e.calls.place[chosen]
        needed[chosen] = setup[place] + np.maximum(e.calls.kg[chosen], 0.0) / rate[place]
    early = np.ceil(needed - EPS) - (e.calls.departure_min - e.calls.arrival_min)
    return found("SHI03", early > 0, e.stop_name, early, "min")


def customer_hours(e: Evidence) -> list[Violation]:
    """SHI04: service of a drop inside one window of the customer's access hours."""
    outside = _minutes_outside(e, e.calls.drop, e.network.customers.access_min)
    return found("SHI04", outside > 0, e.stop_name, outside, "min")


def site_hours(e: Evidence) -> list[Violation]:
    """SRC02: loading inside one window of the site's opening hours."""
    outside = _minutes_outside(e, ~e.calls.drop, e.network.sites.access_min)
    return found("SRC02", outside > 0, e.stop_name, outside, "min")


def vehicle_allowed(e: Evidence) -> list[Violation]:
    """SHI05: customers and loading sites take only the vehicles on their list."""
    allowed = np.ones(len(e.calls.kg), dtype=np.bool_)
    vehicle = e.journeys.vehicle[e.calls.trip]
    for chosen, table in (
        (e.calls.drop, e.network.customers.vehicle_allowed),
        (~e.calls.drop, e.network.sites.vehicle_allowed),
    ):
        allowed[chosen] = table[e.calls.place[chosen], vehicle[chosen]]
    return found("SHI05", ~allowed, e.stop_name)


def quantity_not_negative(e: Evidence) -> list[Violation]:
    """SHI11: stops load or drop at least nothing."""
    return found("SHI11", e.calls.kg < -EPS, e.stop_name, -e.calls.kg, "kg")


def drop_size(e: Evidence) -> list[Violation]:
    """SHI16: a drop at a tank is at least its least quantity and at most its capacity."""
    excess = np.zeros(len(e.calls.kg))
    at_tank = e.calls.drop & (e.calls.place < e.network.n_tanks)
    tank, kg = e.calls.place[at_tank], e.calls.kg[at_tank]
    excess[at_tank] = np.maximum(
        e.network.tanks.min_drop_kg[tank] - kg, kg - e.network.tanks.capacity_kg[tank]
    )
    return found("SHI16", excess > EPS, e.stop_name, excess, "kg")


def driving_limit(e: Evidence) -> list[Violation]:
    """DRI03: driving since the start or the night within the limit; a trip is told once, at its
    worst leg.
    """
    limit = e.network.drivers.max_driving_min[e.journeys.driver[e.legs.trip]]
    over = e.legs.driving_min - limit
    worst = np.zeros(len(e.journeys), dtype=np.int64)
    np.maximum.at(worst, e.legs.trip, over)
    return found("DRI03", worst > 0, e.trip_name, worst, "min")


def driver_hours(e: Evidence) -> list[Violation]:
    """DRI08: a trip, its night included, inside one of the driver's working windows."""
    j = e.journeys
    spans = zip(j.driver.tolist(), j.start_min.tolist(), j.end_min.tolist(), strict=True)
    outside = np.array(
        [minutes_outside(e.network.drivers.shift_min[d], start, end) for d, start, end in spans],
        dtype=np.int64,
    )
    return found("DRI08", outside > 0, e.trip_name, outside, "min")


def driver_allowed(e: Evidence) -> list[Violation]:
    """TL03: the driver may drive the vehicle."""
    return found(
        "TL03",
        ~e.network.drivers.vehicle_allowed[e.journeys.driver, e.journeys.vehicle],
        e.trip_name,
    )


def product_carried(e: Evidence) -> list[Violation]:
    """PRD01: the vehicle may carry the product, customers take it, and none of another product
    is on board.
    """
    product = e.journeys.product[e.calls.trip]
    wrong = np.zeros(len(e.calls.kg), dtype=np.bool_)
    drop = e.calls.drop
    wrong[drop] = e.network.customers.product[e.calls.place[drop]] != product[drop]
    refused = ~e.network.vehicles.product_allowed[e.journeys.vehicle, e.journeys.product]
    return [
        *found(
            "PRD01",
            refused,
            lambda row: (
                f"{e.trip_name(row)}, vehicle {e.network.vehicles.ids[e.journeys.vehicle[row]]}"
            ),
        ),
        *found(
            "PRD01",
            e.loads.foreign_kg > 0,
            lambda row: f"{e.trip_name(row)}, left on board",
            e.loads.foreign_kg,
            "kg",
        ),
        *found("PRD01", wrong, e.stop_name),
    ]


def product_offered(e: Evidence) -> list[Violation]:
    """SRC01: the loading site offers the trip's product."""
    product, load = e.journeys.product[e.calls.trip], ~e.calls.drop
    missing = np.zeros(len(e.calls.kg), dtype=np.bool_)
    missing[load] = ~e.network.sites.product_offered[e.calls.place[load], product[load]]
    return found("SRC01", missing, e.stop_name)


def _minutes_outside(e: Evidence, chosen: BoolArray, windows: tuple[IntArray, ...]) -> FloatArray:
    outside = np.zeros(len(e.calls.kg))
    for row in np.flatnonzero(chosen).tolist():
        outside[row] = minutes_outside(
            windows[e.calls.place[row]],
            int(e.calls.arrival_min[row]),
            int(e.calls.departure_min[row]),
        )
    return outside


TRIP_RULES: tuple[Rule, ...] = (
    night_at_customer,
    one_night,
    arrives_in_time,
    serves_in_time,
    customer_hours,
    site_hours,
    vehicle_allowed,
    quantity_not_negative,
    drop_size,
    driving_limit,
    driver_hours,
    driver_allowed,
    product_carried,
    product_offered,
)
