"""Short ways to state a routing case in the tiny world of `tests.tiny`, where two minutes are one
km.

A trip there costs 1 for each km and 0.5 for each minute from start to end.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from lmrs_rl.domain import CallInOrders, Days, Network, Order, Plan, Snapshot, Trip
from lmrs_rl.domain.arrays import FloatArray, IntArray
from lmrs_rl.referee import Violation, judge
from lmrs_rl.routing import OrToolsRouter, RouterSettings
from lmrs_rl.routing.core import CoreSettings
from tests import tiny

ANYTIME = [[0.0, 100.0]]


def order(
    who: int = tiny.TANK_A,
    least: float = 500.0,
    most: float = 500.0,
    windows_h: Any = None,
    penalty: float = 1e4,
    **more: float,
) -> Order:
    """An order of 500 kg at tank A, in the first 100 hours, that is worth any trip."""
    return Order(
        who, np.array(ANYTIME if windows_h is None else windows_h), least, most, penalty, **more
    )


def start(network: Network | None = None, **changes: Any) -> Snapshot:
    """Midnight of the first day with changes; vehicles and drivers of ``network`` are free,
    tanks and vehicles empty.
    """
    network = tiny.network() if network is None else network
    vehicles, drivers, n = len(network.vehicles), len(network.drivers), network.n_tanks
    base = replace(
        tiny.snapshot(n),
        level_kg=np.zeros(n),
        load_kg=np.zeros(vehicles),
        load_product=np.full(vehicles, -1),
        vehicle_free_min=np.zeros(vehicles, dtype=np.int64),
        driver_free_min=np.zeros(drivers, dtype=np.int64),
    )
    return replace(base, **changes)


def loaded(
    kg: ArrayLike, network: Network | None = None, product: int = 0, **changes: Any
) -> Snapshot:
    """As `start`, with product on board of every vehicle."""
    base = start(network)
    return replace(
        base,
        load_kg=np.broadcast_to(np.asarray(kg, dtype=np.float64), base.load_kg.shape),
        load_product=base.load_product * 0 + product,
        **changes,
    )


def with_columns(network: Network, **tables: dict[str, Any]) -> Network:
    """The network with columns of its tables replaced: ``with_columns(n,
    drivers={"max_driving_min": [119]})``.
    """
    return replace(
        network,
        **{name: replace(getattr(network, name), **columns) for name, columns in tables.items()},
    )


def fleet(count: int, network: Network | None = None) -> Network:
    """The network with ``count`` equal trucks, each with its own driver."""
    network = tiny.network() if network is None else network
    each, n = np.eye(count, dtype=bool), len(network.call_ins)
    v, d = network.vehicles, network.drivers
    return replace(
        network,
        tanks=replace(network.tanks, vehicle_allowed=np.ones((network.n_tanks, count), dtype=bool)),
        call_ins=replace(network.call_ins, vehicle_allowed=np.ones((n, count), dtype=bool)),
        sites=replace(
            network.sites, vehicle_allowed=np.ones((len(network.sites), count), dtype=bool)
        ),
        vehicles=replace(
            v,
            ids=tuple(f"truck{k}" for k in range(count)),
            base_point=np.repeat(v.base_point, count),
            capacity_kg=np.repeat(v.capacity_kg, count),
            cost_per_km=np.repeat(v.cost_per_km, count),
            product_allowed=np.repeat(v.product_allowed, count, axis=0),
        ),
        drivers=replace(
            d,
            ids=tuple(f"driver{k}" for k in range(count)),
            shift_min=d.shift_min * count,
            vehicle_allowed=each,
            **{name: np.repeat(getattr(d, name), count) for name in COLUMNS_OF_DRIVERS},
        ),
    )


COLUMNS_OF_DRIVERS = (
    "max_driving_min",
    "min_rest_min",
    "cost_per_km",
    "cost_per_min",
    "cost_per_night",
    "night_min",
)


def shifts(first: int, last: int, days: int = 5) -> tuple[IntArray]:
    """The driver works from minute ``first`` to ``last`` of every day."""
    return (np.array([[first, last]]) + 1440 * np.arange(days)[:, None],)


def line(places: Sequence[float]) -> dict[str, Any]:
    """Travel matrices of points on a line at these minutes, two minutes a km."""
    at = np.asarray(places)
    travel = np.abs(at[:, None] - at[None, :])
    return {"travel_min": travel, "distance_km": travel / 2}


def plan(
    orders: Sequence[Order],
    network: Network | None = None,
    at: Snapshot | None = None,
    days: int = 5,
) -> Plan:
    """The router's plan with little work: cases are tiny."""
    network = tiny.network() if network is None else network
    settings = RouterSettings(
        horizon_days=days, core=CoreSettings(iterations=200, iterations_per_order=20)
    )
    return OrToolsRouter(settings)(network, start(network) if at is None else at, orders)


def broken(
    made: Plan, network: Network | None = None, at: Snapshot | None = None
) -> list[Violation]:
    """Operating rules that the plan breaks when nothing is used and nobody calls in."""
    network = tiny.network() if network is None else network
    snapshot = start(network) if at is None else at
    use: FloatArray = np.zeros((240, network.n_tanks))
    return list(
        judge(network, Days("case", snapshot, use, CallInOrders.none()), made.trips).operating
    )


def stops(trip: Trip) -> list[tuple[str, int, int, float]]:
    """Kind, place, arrival and kg of every stop."""
    return [(s.kind, s.place, s.arrival_min, s.kg) for s in trip.stops]


def visits(trip: Trip) -> list[tuple[str, int, float]]:
    """Kind, place and kg of every stop."""
    return [(s.kind, s.place, s.kg) for s in trip.stops]
