"""Generated mornings for routing benchmarks: a network, a snapshot and orders of one kind in any
size.

They stay within what vehicle-routing solvers state exactly, so that plans of peers cost what ours
do: one product, one window an order, whole kg and minutes, a kilometre a minute (a driving limit is
a limit on distance), money in whole hundredths, no price on a drop's lateness, and truck-days:
every vehicle has its own driver, works one shift and starts it full.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lmrs_rl.domain import (
    CallInOrders,
    Customers,
    Deliveries,
    Drivers,
    InputError,
    LoadingSites,
    Network,
    Order,
    Snapshot,
    Tanks,
    Vehicles,
)
from lmrs_rl.domain.arrays import (
    MINUTES_PER_DAY,
    MINUTES_PER_HOUR,
    BoolArray,
    FloatArray,
    IntArray,
    always_open,
)

PRODUCT = "nitrogen"
DAYS = 5
TANKS_PER_ORDER = 2.5
"""On a usual morning so many tanks have one order within five days."""

SIDE_KM = 160.0
DETOUR = 1.25
SHIFT_MIN = (6 * MINUTES_PER_HOUR, 17 * MINUTES_PER_HOUR)
MOST_DRIVING_MIN = 9 * MINUTES_PER_HOUR
UNLOAD_KG_PER_MIN = 400.0

PAYLOAD_KG = np.array([11_000.0, 17_000.0, 24_000.0])
COST_PER_KM = np.array([1.1, 1.4, 1.7])
COST_PER_MIN = 0.5
REFUSED = np.array([0.0, 0.07, 0.2])
"""Share of customers that each type of truck may not come to."""

LOADS_A_DAY = (1.0, 1.35)
"""Truckloads that a truck-day is counted for without and with reloading."""
COVER = 1.05
"""Truckloads of the fleet over what the orders ask for at least."""

ALPHA, BETA, VALUE_PER_KG = 1000.0, 1e-4, 0.02
"""Penalty of a miss: ``alpha * exp(-beta * hours to stock-out^2)`` and the value of ``q_max``."""


@dataclass(frozen=True, eq=False)
class _Wishes:
    """What ``m`` orders ask for: windows (m, 2) [min], quantities [kg] and hours until
    stock-out.
    """

    window_min: IntArray
    least_kg: FloatArray
    most_kg: FloatArray
    stockout_h: FloatArray


def routing_case(
    n_tanks: int, *, seed: int, reloads: bool
) -> tuple[Network, Snapshot, tuple[Order, ...]]:
    """The case of this size and seed, the same on every machine.

    Two of five tanks have an order; the fleet of three types can serve about 70-90 % of them.

    Parameters
    ----------
    n_tanks
        At least 3.
    seed
        At least 0.
    reloads
        Whether trucks may load again at one to three sites; there are no sites otherwise.

    Raises
    ------
    InputError
        For a size or seed below its least.
    """
    if n_tanks < 3:
        raise InputError("n_tanks", n_tanks, "at least 3", "a case needs an order")
    if seed < 0:
        raise InputError("seed", seed, "at least 0", "number the cases from 0")
    # One stream a purpose; places and orders are the same with and without reloading.
    place_rng, order_rng, fleet_rng, site_rng = np.random.default_rng([seed, n_tanks]).spawn(4)
    m = round(n_tanks / TANKS_PER_ORDER)
    wishes = _wishes(m, order_rng)
    kind, day = _truck_days(float(wishes.least_kg.sum()), reloads)
    welcome = fleet_rng.random((n_tanks, len(REFUSED))) >= REFUSED
    xy, travel = _points(
        n_tanks, int(site_rng.integers(1, 4)) if reloads else 0, place_rng, site_rng
    )
    network = Network(
        products=(PRODUCT,),
        tanks=_tanks(wishes, welcome[:, kind], order_rng),
        call_ins=_no_call_ins(len(kind)),
        sites=_sites(len(xy) - 1 - n_tanks, 1 + n_tanks, len(kind)),
        vehicles=_vehicles(kind),
        drivers=_drivers(day),
        travel_min=travel,
        distance_km=travel.astype(np.float64),
        point_xy=xy,
    )
    return network, _snapshot(network, wishes), _orders(wishes)


def _wishes(m: int, rng: np.random.Generator) -> _Wishes:
    """Windows from the hour at which there is room to the stock-out; a fifth of them in the
    opening hours of one day.
    """
    opens = rng.integers(0, 92, m) * MINUTES_PER_HOUR
    closes = opens + rng.integers(24, 97, m) * MINUTES_PER_HOUR
    narrow = rng.random(m) < 0.2
    # The first opening hours after there is room; short enough to matter, long enough to start
    # anywhere in them.
    first = (opens // MINUTES_PER_DAY + 1) * MINUTES_PER_DAY + rng.integers(
        7, 13, m
    ) * MINUTES_PER_HOUR
    last = first + rng.integers(2, 6, m) * MINUTES_PER_HOUR
    window = np.where(
        narrow[:, None], np.stack([first, last], axis=1), np.stack([opens, closes], axis=1)
    )
    most = np.rint(np.exp(rng.uniform(np.log(2500.0), np.log(11_000.0), m)))
    return _Wishes(
        window_min=np.minimum(window, DAYS * MINUTES_PER_DAY),
        least_kg=np.rint(most * rng.uniform(0.6, 1.0, m)),
        most_kg=most,
        stockout_h=np.maximum(closes, window[:, 1]) / MINUTES_PER_HOUR,
    )


def _truck_days(least_kg: float, reloads: bool) -> tuple[IntArray, IntArray]:
    """Type and day of each truck-day: the types in turn until the fleet covers its share of
    ``least_kg``, spread over the days.
    """
    wanted, carried = COVER * least_kg / LOADS_A_DAY[reloads], 0.0
    kinds: list[int] = []
    while carried < wanted:
        kinds.append((1, 0, 2)[len(kinds) % 3])
        carried += float(PAYLOAD_KG[kinds[-1]])
    return np.array(kinds, dtype=np.int64), np.arange(len(kinds)) * DAYS // len(kinds)


def _points(
    tanks: int, sites: int, place_rng: np.random.Generator, site_rng: np.random.Generator
) -> tuple[FloatArray, IntArray]:
    """(1 + tanks + sites, 2) [km] base, tanks in clusters and around, sites; and the way between
    them [min].
    """
    middle = np.full((1, 2), SIDE_KM / 2)
    centres = place_rng.uniform(0.1, 0.9, (max(tanks // 12, 2), 2)) * SIDE_KM
    clustered = centres[place_rng.integers(0, len(centres), tanks)] + place_rng.normal(
        0.0, 12.0, (tanks, 2)
    )
    spread = place_rng.uniform(0.0, SIDE_KM, (tanks, 2))
    tank_xy = np.where(place_rng.random((tanks, 1)) < 0.6, np.clip(clustered, 0.0, SIDE_KM), spread)
    # The first site lies just outside town, the others anywhere that is not at the rim.
    site_xy = np.concatenate(
        [middle + np.array([[6.0, -3.0]]), site_rng.uniform(0.2, 0.8, (2, 2)) * SIDE_KM]
    )[:sites]
    xy = np.round(np.concatenate([middle, tank_xy, site_xy]), 2)
    crow = np.hypot(*(xy[:, None, :] - xy[None, :, :]).transpose(2, 0, 1))
    return xy, np.asarray(np.ceil(np.round(crow * DETOUR, 6)), dtype=np.int64)


def _tanks(wishes: _Wishes, welcome: BoolArray, rng: np.random.Generator) -> Tanks:
    """The first tanks have the orders."""
    n, m = len(welcome), len(wishes.most_kg)
    capacity = np.full(n, 12_000.0)
    capacity[:m] = wishes.most_kg * 1.25
    return Tanks(
        ids=tuple(f"t{k}" for k in range(n)),
        point=1 + np.arange(n),
        product=np.zeros(n, dtype=np.int64),
        setup_min=rng.integers(10, 31, n),
        unload_kg_per_min=np.full(n, UNLOAD_KG_PER_MIN),
        vehicle_allowed=welcome,
        access_min=(always_open(),) * n,
        overnight=np.zeros(n, dtype=np.bool_),
        capacity_kg=capacity,
        hit_level_kg=capacity * 0.1,
        min_drop_kg=np.zeros(n),
    )


def _no_call_ins(vehicles: int) -> Customers:
    none = np.zeros(0)
    return Customers((), none, none, none, none, np.zeros((0, vehicles), dtype=np.bool_), (), none)  # type: ignore[arg-type]


def _sites(sites: int, first_point: int, vehicles: int) -> LoadingSites:
    return LoadingSites(
        ids=tuple(f"s{k}" for k in range(sites)),
        point=first_point + np.arange(sites),
        product_offered=np.ones((sites, 1), dtype=np.bool_),
        setup_min=np.full(sites, 35),
        load_kg_per_min=np.full(sites, np.inf),
        vehicle_allowed=np.ones((sites, vehicles), dtype=np.bool_),
        access_min=(always_open(),) * sites,
    )


def _vehicles(kind: IntArray) -> Vehicles:
    return Vehicles(
        ids=tuple(f"v{k}" for k in range(len(kind))),
        base_point=np.zeros(len(kind), dtype=np.int64),
        capacity_kg=PAYLOAD_KG[kind],
        cost_per_km=COST_PER_KM[kind],
        product_allowed=np.ones((len(kind), 1), dtype=np.bool_),
    )


def _drivers(day: IntArray) -> Drivers:
    """A driver for each truck-day, who drives that truck and no other."""
    k = len(day)
    return Drivers(
        ids=tuple(f"d{j}" for j in range(k)),
        shift_min=tuple(np.array([SHIFT_MIN]) + MINUTES_PER_DAY * each for each in day),
        max_driving_min=np.full(k, MOST_DRIVING_MIN),
        min_rest_min=np.full(k, 11 * MINUTES_PER_HOUR),
        vehicle_allowed=np.eye(k, dtype=np.bool_),
        cost_per_km=np.zeros(k),
        cost_per_min=np.full(k, COST_PER_MIN),
        cost_per_night=np.zeros(k),
        night_min=np.zeros(k, dtype=np.int64),
    )


def _snapshot(network: Network, wishes: _Wishes) -> Snapshot:
    """Every truck full, every tank with room for its order."""
    vehicles, n = len(network.vehicles), network.n_tanks
    level = network.tanks.capacity_kg * 0.5
    level[: len(wishes.most_kg)] = network.tanks.capacity_kg[: len(wishes.most_kg)] - wishes.most_kg
    return Snapshot(
        time_min=0,
        level_kg=level,
        load_kg=network.vehicles.capacity_kg,
        load_product=np.zeros(vehicles, dtype=np.int64),
        vehicle_free_min=np.zeros(vehicles, dtype=np.int64),
        driver_free_min=np.zeros(vehicles, dtype=np.int64),
        in_transit=Deliveries.none(),
        call_in_orders=CallInOrders.none(),
        history_kg=np.zeros((0, n)),
    )


def _orders(wishes: _Wishes) -> tuple[Order, ...]:
    """The value of a kg is in the penalty, and the stock-out too: a late drop costs nothing
    beyond a missed window.
    """
    penalty = np.round(
        ALPHA * np.exp(-BETA * wishes.stockout_h**2) + VALUE_PER_KG * wishes.most_kg, 2
    )
    return tuple(
        Order(
            customer=k,
            windows_h=wishes.window_min[[k]] / MINUTES_PER_HOUR,
            q_min_kg=low,
            q_max_kg=high,
            penalty=cost,
        )
        for k, (low, high, cost) in enumerate(
            zip(wishes.least_kg.tolist(), wishes.most_kg.tolist(), penalty.tolist(), strict=True)
        )
    )
