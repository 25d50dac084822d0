"""Random problems made degenerate: nothing to drive, nowhere to load, nothing to deliver,
everything at one place, huge and small numbers.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from lmrs_rl.domain import NO_PRODUCT, Order
from lmrs_rl.domain.arrays import IntArray
from tests.routing.random_problems import RandomProblem, random_problem

Twist = Callable[[RandomProblem, np.random.Generator], RandomProblem]
"""A problem made worse."""


def degenerate_problem(seed: int) -> tuple[RandomProblem, tuple[str, ...]]:
    """The problem of this seed with one to three twists, and their names."""
    rng = np.random.default_rng([seed, 1])
    case = random_problem(seed, mild=bool(rng.random() < 0.7))
    chosen = rng.choice(sorted(TWISTS), size=int(rng.choice([1, 1, 2, 3])), replace=False)
    for name in chosen:
        case = TWISTS[str(name)](case, rng)
    return case, tuple(map(str, chosen))


def _network(case: RandomProblem, **tables: dict[str, Any]) -> RandomProblem:
    changed = {
        name: replace(getattr(case.network, name), **columns) for name, columns in tables.items()
    }
    return replace(case, network=replace(case.network, **changed))


def _orders(case: RandomProblem, change: Callable[[Order], Order]) -> RandomProblem:
    return replace(case, orders=tuple(change(order) for order in case.orders))


def no_driver(case: RandomProblem, rng: np.random.Generator) -> RandomProblem:
    return _network(
        case, drivers={"vehicle_allowed": np.zeros_like(case.network.drivers.vehicle_allowed)}
    )


def no_shift(case: RandomProblem, rng: np.random.Generator) -> RandomProblem:
    return _network(
        case, drivers={"shift_min": tuple(np.zeros((0, 2)) for _ in case.network.drivers.ids)}
    )


def no_order(case: RandomProblem, rng: np.random.Generator) -> RandomProblem:
    return replace(case, orders=())


def no_length_of_windows(case: RandomProblem, rng: np.random.Generator) -> RandomProblem:
    """Every window is its first moment."""
    return _orders(case, lambda order: replace(order, windows_h=order.windows_h[:, [0, 0]]))


def sites_closed(case: RandomProblem, rng: np.random.Generator) -> RandomProblem:
    return _network(
        case, sites={"access_min": tuple(np.zeros((0, 2)) for _ in case.network.sites.ids)}
    )


def no_vehicle_at_sites(case: RandomProblem, rng: np.random.Generator) -> RandomProblem:
    return _network(
        case, sites={"vehicle_allowed": np.zeros_like(case.network.sites.vehicle_allowed)}
    )


def no_vehicle_at_customers(case: RandomProblem, rng: np.random.Generator) -> RandomProblem:
    network = case.network
    tables = {
        name: {"vehicle_allowed": np.zeros_like(getattr(network, name).vehicle_allowed)}
        for name in ("tanks", "call_ins")
    }
    return _network(case, **tables)


def small_trucks(case: RandomProblem, rng: np.random.Generator) -> RandomProblem:
    """Every order is larger than any truck; some trucks carry less than a kg."""
    share = float(rng.choice([1e-1, 1e-2, 1e-4]))
    smaller = _network(case, vehicles={"capacity_kg": case.network.vehicles.capacity_kg * share})
    return replace(smaller, snapshot=replace(case.snapshot, load_kg=case.snapshot.load_kg * share))


def nothing_at_least(case: RandomProblem, rng: np.random.Generator) -> RandomProblem:
    case = _network(case, tanks={"min_drop_kg": np.zeros(case.network.n_tanks)})
    return _orders(case, lambda order: replace(order, q_min_kg=0.0))


def no_penalty(case: RandomProblem, rng: np.random.Generator) -> RandomProblem:
    return _orders(case, lambda order: replace(order, penalty=0.0, value_per_kg=0.0))


def extreme_penalties(case: RandomProblem, rng: np.random.Generator) -> RandomProblem:
    return _orders(case, lambda order: replace(order, penalty=float(rng.choice([1e-9, 1e9]))))


def extreme_values(case: RandomProblem, rng: np.random.Generator) -> RandomProblem:
    return _orders(case, lambda order: replace(order, value_per_kg=float(rng.choice([1e-9, 1e4]))))


def one_point(case: RandomProblem, rng: np.random.Generator) -> RandomProblem:
    network = case.network
    return replace(
        case,
        network=replace(
            network, travel_min=network.travel_min * 0, distance_km=network.distance_km * 0.0
        ),
    )


def customers_at_the_base(case: RandomProblem, rng: np.random.Generator) -> RandomProblem:
    network = case.network
    base = int(network.vehicles.base_point[0])
    return _network(
        case,
        **{
            name: {"point": np.full(len(getattr(network, name)), base)}
            for name in ("tanks", "call_ins")
        },
    )


def far(case: RandomProblem, rng: np.random.Generator) -> RandomProblem:
    factor = int(rng.choice([10, 1000, 100_000]))
    network = case.network
    return replace(
        case,
        network=replace(
            network,
            travel_min=network.travel_min * factor,
            distance_km=network.distance_km * factor,
        ),
    )


def near(case: RandomProblem, rng: np.random.Generator) -> RandomProblem:
    network = case.network
    return replace(
        case,
        network=replace(
            network,
            travel_min=np.minimum(network.travel_min, 1),
            distance_km=network.distance_km * 1e-9,
        ),
    )


def one_way(case: RandomProblem, rng: np.random.Generator) -> RandomProblem:
    """Downhill costs nothing."""
    network = case.network
    lower: IntArray = np.tril(np.ones(network.travel_min.shape, dtype=np.int64))
    return replace(
        case,
        network=replace(
            network, travel_min=network.travel_min * lower, distance_km=network.distance_km * lower
        ),
    )


def many_kg(case: RandomProblem, rng: np.random.Generator) -> RandomProblem:
    return _scaled(case, 1e5)


def few_kg(case: RandomProblem, rng: np.random.Generator) -> RandomProblem:
    return _scaled(case, float(rng.choice([1e-2, 1e-3, 1e-6])))


def _scaled(case: RandomProblem, factor: float) -> RandomProblem:
    """Another unit of mass."""
    tanks, call_ins, sites = case.network.tanks, case.network.call_ins, case.network.sites
    case = _network(
        case,
        tanks={
            name: getattr(tanks, name) * factor
            for name in ("capacity_kg", "min_drop_kg", "unload_kg_per_min")
        },
        call_ins={"unload_kg_per_min": call_ins.unload_kg_per_min * factor},
        sites={"load_kg_per_min": sites.load_kg_per_min * factor},
        vehicles={"capacity_kg": case.network.vehicles.capacity_kg * factor},
    )
    way = case.snapshot.in_transit
    case = replace(
        case,
        snapshot=replace(
            case.snapshot,
            load_kg=case.snapshot.load_kg * factor,
            in_transit=replace(way, kg=way.kg * factor),
        ),
    )
    return _orders(
        case,
        lambda order: replace(
            order, q_min_kg=order.q_min_kg * factor, q_max_kg=order.q_max_kg * factor
        ),
    )


def free_late(case: RandomProblem, rng: np.random.Generator) -> RandomProblem:
    """Vehicles or drivers come back on the last day, or after it."""
    late = (
        case.snapshot.time_min
        + case.horizon_days * 1440
        + rng.choice([-500, -1, 0, 10**6], size=len(case.network.vehicles))
    )
    drivers = np.maximum(
        case.snapshot.driver_free_min, case.snapshot.time_min + int(rng.choice([0, 1439, 10**6]))
    )
    return replace(
        case, snapshot=replace(case.snapshot, vehicle_free_min=late, driver_free_min=drivers)
    )


def full_on_board(case: RandomProblem, rng: np.random.Generator) -> RandomProblem:
    vehicles = case.network.vehicles
    product = np.array(
        [
            int(rng.choice(np.flatnonzero(row))) if row.any() else NO_PRODUCT
            for row in vehicles.product_allowed
        ]
    )
    return replace(
        case,
        snapshot=replace(
            case.snapshot,
            load_kg=np.where(product >= 0, vehicles.capacity_kg, 0.0),
            load_product=product,
        ),
    )


def long_service(case: RandomProblem, rng: np.random.Generator) -> RandomProblem:
    """Loading takes a day."""
    return _network(case, sites={"setup_min": np.full(len(case.network.sites), 1440)})


def all_late(case: RandomProblem, rng: np.random.Generator) -> RandomProblem:
    return _orders(
        case, lambda order: replace(order, stockout_h=float(rng.choice([-1e6, 0.0, 1.0])))
    )


TWISTS: dict[str, Twist] = {
    twist.__name__: twist
    for twist in (
        no_driver,
        no_shift,
        no_order,
        no_length_of_windows,
        sites_closed,
        no_vehicle_at_sites,
        no_vehicle_at_customers,
        small_trucks,
        nothing_at_least,
        no_penalty,
        extreme_penalties,
        extreme_values,
        one_point,
        customers_at_the_base,
        far,
        near,
        one_way,
        many_kg,
        few_kg,
        free_late,
        full_on_board,
        long_service,
        all_late,
    )
}
