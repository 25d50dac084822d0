"""Assemble a network and its first morning from drawn parts."""

from __future__ import annotations

import numpy as np

from lmrs_rl.domain import (
    NO_PRODUCT,
    CallInOrders,
    Customers,
    Deliveries,
    Drivers,
    LoadingSites,
    Network,
    Snapshot,
    Tanks,
    Vehicles,
)
from lmrs_rl.domain.arrays import (
    MINUTES_PER_DAY,
    MINUTES_PER_HOUR,
    FloatArray,
    IntArray,
    always_open,
)
from lmrs_rl.worlds.generator.calendar import WORKDAY, Calendar
from lmrs_rl.worlds.generator.fleets import Shifts, Tankers
from lmrs_rl.worlds.generator.places import BASE, Places
from lmrs_rl.worlds.generator.sizing import Sizes
from lmrs_rl.worlds.outages import open_between
from lmrs_rl.worlds.parameters import Crew, Sites, TankMix

_GASES = ("nitrogen", "oxygen", "argon")
"""Names of the first products; further ones are numbered."""
_START_COVER_DAYS = 1.5
"""[days] of busy use that each tank should hold above the hit level on the first morning: the first
trips can hardly arrive earlier.
"""


def draw_access(
    p: TankMix, sizes: Sizes, calendar: Calendar, rng: np.random.Generator
) -> tuple[IntArray, ...]:
    """Draw access hours on working days for a share of the tanks that last long enough.

    Returns
    -------
    tuple
        n arrays (k, 2) [min].
    """
    n = len(sizes.level_kg)
    lasting = np.flatnonzero(sizes.cover_days >= p.access_cover_days)
    with_hours = set(rng.permutation(lasting)[: round(p.access_share * n)].tolist())
    days = np.flatnonzero(calendar.kind == WORKDAY)
    hours = np.rint(
        MINUTES_PER_DAY * days[:, None] + MINUTES_PER_HOUR * np.array(p.access_hours)
    ).astype(np.int64)
    return tuple(hours if k in with_hours else always_open() for k in range(n))


def make_tanks(
    p: TankMix,
    sizes: Sizes,
    tankers: Tankers,
    access: tuple[IntArray, ...],
    installed_min: IntArray,
    first_point: int,
) -> Tanks:
    """The tanks of a network, the first one at ``first_point``; they open once installed."""
    n = len(sizes.level_kg)
    return Tanks(
        ids=tuple(f"tank-{k + 1:02d}" for k in range(n)),
        point=np.arange(first_point, first_point + n),
        product=tankers.tank_product,
        setup_min=np.full(n, p.setup_min),
        unload_kg_per_min=np.full(n, p.unload_kg_per_min),
        vehicle_allowed=tankers.welcome,
        access_min=tuple(
            open_between(hours, int(begin))
            for hours, begin in zip(access, installed_min, strict=True)
        ),
        overnight=np.zeros(n, dtype=np.bool_),
        capacity_kg=sizes.capacity_kg,
        hit_level_kg=sizes.hit_kg,
        min_drop_kg=sizes.min_drop_kg,
    )


def make_network(
    p: Sites, crew: Crew, tanks: Tanks, tankers: Tankers, shifts: Shifts, places: Places, days: int
) -> Network:
    """A network of drawn parts; sites have opening hours for ``days`` days."""
    v = len(tankers.product)
    none = np.zeros(0, dtype=np.int64)
    products = tuple(
        _GASES[k] if k < len(_GASES) else f"product-{k + 1}" for k in range(tankers.products)
    )
    return Network(
        products=products,
        tanks=tanks,
        call_ins=Customers(
            (),
            none,
            none,
            none,
            np.zeros(0),
            np.zeros((0, v), dtype=np.bool_),
            (),
            np.zeros(0, dtype=np.bool_),
        ),
        sites=_sites(p, tankers, v, days),
        vehicles=Vehicles(
            ids=tuple(f"truck-{k + 1}" for k in range(v)),
            base_point=np.full(v, BASE),
            capacity_kg=tankers.payload_kg,
            cost_per_km=tankers.cost_per_km,
            product_allowed=tankers.product[:, None] == np.arange(tankers.products),
        ),
        drivers=_drivers(crew, tankers, shifts),
        travel_min=places.travel_min,
        distance_km=places.distance_km,
        point_xy=places.xy,
    )


def _sites(p: Sites, tankers: Tankers, vehicles: int, days: int) -> LoadingSites:
    n = len(tankers.offered)
    every_day = np.rint(
        MINUTES_PER_DAY * np.arange(days)[:, None] + MINUTES_PER_HOUR * np.array(p.open_hours)
    ).astype(np.int64)
    hours = always_open() if p.open_hours == (0.0, 24.0) else every_day
    return LoadingSites(
        ids=tuple(f"plant-{k + 1}" for k in range(n)),
        point=np.arange(1, 1 + n),
        product_offered=tankers.offered,
        setup_min=np.full(n, p.setup_min),
        load_kg_per_min=np.full(n, p.load_kg_per_min),
        vehicle_allowed=np.ones((n, vehicles), dtype=np.bool_),
        access_min=(hours,) * n,
    )


def _drivers(p: Crew, tankers: Tankers, shifts: Shifts) -> Drivers:
    """The drivers: each may drive the next few tankers of the product, in a ring, so that no tanker
    is without a driver.
    """
    d = len(tankers.driver_product)
    allowed = np.zeros((d, len(tankers.product)), dtype=np.bool_)
    for product in range(tankers.products):
        ring = np.flatnonzero(tankers.product == product)
        drivers = np.flatnonzero(tankers.driver_product == product)
        least = -(-len(ring) // len(drivers))
        for further in range(min(max(p.vehicles_per_driver, least), len(ring))):
            allowed[drivers, ring[(np.arange(len(drivers)) + further) % len(ring)]] = True
    return Drivers(
        ids=tuple(f"driver-{k + 1}" for k in range(d)),
        shift_min=tuple(shifts.windows(k) for k in range(d)),
        max_driving_min=np.full(d, p.max_driving_min),
        min_rest_min=np.full(d, p.min_rest_min),
        vehicle_allowed=allowed,
        cost_per_km=np.zeros(d),
        cost_per_min=np.full(d, p.cost_per_min),
        cost_per_night=np.zeros(d),
        night_min=np.zeros(d, dtype=np.int64),
    )


def draw_start(
    p: TankMix,
    network: Network,
    day_kg: FloatArray,
    installed_min: IntArray,
    history_kg: FloatArray,
    rng: np.random.Generator,
) -> Snapshot:
    """Draw the first morning.

    Levels lie in the range of ``start_level``, but at least `_START_COVER_DAYS` of use above the
    hit level where the tank holds that much.

    Parameters
    ----------
    p : parameters of the tanks
    network : of the morning
    day_kg : (n,) [kg] use of a busy day
    installed_min : (n,) [min] from when each tank is there; those that come later are full
    history_kg : (days, n) [kg] use of past days
    rng : of the levels
    """
    tanks, v = network.tanks, len(network.vehicles)
    drawn = tanks.hit_level_kg + (tanks.capacity_kg - tanks.hit_level_kg) * rng.uniform(
        *p.start_level, len(tanks)
    )
    least = np.minimum(tanks.hit_level_kg + _START_COVER_DAYS * day_kg, tanks.capacity_kg)
    level = np.clip(drawn, least, tanks.capacity_kg)
    return Snapshot(
        time_min=0,
        level_kg=np.where(installed_min > 0, tanks.capacity_kg, np.round(level, 1)),
        load_kg=np.zeros(v),
        load_product=np.full(v, NO_PRODUCT),
        vehicle_free_min=np.zeros(v, dtype=np.int64),
        driver_free_min=np.zeros(len(network.drivers), dtype=np.int64),
        in_transit=Deliveries.none(),
        call_in_orders=CallInOrders.none(),
        history_kg=history_kg,
    )
