"""Small networks to bound: the tiny one with other columns, random ones, and random plans in
them that keep every rule but time.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from lmrs_rl.domain import (
    CallInOrders,
    Customers,
    Deliveries,
    LoadingSites,
    Network,
    Snapshot,
    Tanks,
    Vehicles,
)
from lmrs_rl.domain.arrays import FloatArray, always_open
from tests import tiny


def network(
    products: tuple[str, ...] = ("gas",), *, km: Any = None, **tables: dict[str, Any]
) -> Network:
    """The tiny network with columns replaced, on another matrix of distances if given."""
    base = tiny.network()
    if km is not None:
        km = np.array(km, dtype=np.float64)
        base = replace(base, distance_km=km, travel_min=np.ceil(km))
    changed: dict[str, Any] = {
        name: replace(getattr(base, name), **columns) for name, columns in tables.items()
    }
    return replace(base, products=products, **changed)


def with_vehicles(*payload_kg: float, allowed: Any = None) -> Network:
    """The tiny network with these tankers, and who may come to tanks A and B."""
    v, here = len(payload_kg), tiny.network()
    may_come = np.ones((2, v), dtype=bool) if allowed is None else np.array(allowed)
    return replace(
        here,
        vehicles=Vehicles(
            tuple(f"v{k}" for k in range(v)),
            np.zeros(v),  # type: ignore[arg-type]
            np.array(payload_kg),
            np.ones(v),
            np.ones((v, 1), dtype=bool),
        ),
        tanks=replace(here.tanks, vehicle_allowed=may_come),
        call_ins=replace(here.call_ins, vehicle_allowed=np.ones((0, v), dtype=bool)),
        sites=replace(here.sites, vehicle_allowed=np.ones((1, v), dtype=bool)),
        drivers=replace(here.drivers, vehicle_allowed=np.ones((1, v), dtype=bool)),
    )


def random_network(
    rng: np.random.Generator,
    *,
    sites: int = 2,
    tanks: int = 4,
    vehicles: int = 2,
    products: int = 2,
) -> Network:
    """One base or two, loading sites, tanks; asymmetric distances that break the triangle
    inequality; random rights.
    """
    bases = 1 + int(rng.integers(2))
    n = bases + sites + tanks
    xy = rng.uniform(0, 50, (n, 2))
    km = np.hypot(*(xy[:, None] - xy[None]).transpose(2, 0, 1)) * rng.uniform(
        1.0, rng.choice([1.02, 3.0]), (n, n)
    )
    np.fill_diagonal(km, rng.choice([0.0, 1.0]))
    carries = rng.random((vehicles, products)) < 0.8
    carries[:, 0] = True
    offered = rng.random((sites, products)) < 0.7
    offered[0] = True
    capacity = rng.uniform(200, 2500, tanks)
    open_ = tuple(always_open() for _ in range(tanks))
    zero = np.zeros(tanks)
    may_load = rng.random((sites, vehicles)) < 0.9
    may_load[0] = True
    return replace(
        tiny.network(),
        products=tuple(f"p{k}" for k in range(products)),
        tanks=Tanks(
            tuple(f"t{k}" for k in range(tanks)),
            bases + sites + np.arange(tanks),
            rng.integers(0, products, tanks),
            zero,  # type: ignore[arg-type]
            np.full(tanks, np.inf),
            rng.random((tanks, vehicles)) < 0.8,
            open_,
            zero.astype(bool),
            capacity,
            zero,
            zero,
        ),
        call_ins=Customers(
            (),
            zero[:0].astype(np.int64),
            zero[:0].astype(np.int64),
            zero[:0].astype(np.int64),
            zero[:0],
            np.zeros((0, vehicles), dtype=bool),
            (),
            zero[:0].astype(bool),
        ),
        sites=LoadingSites(
            tuple(f"s{k}" for k in range(sites)),
            bases + np.arange(sites),
            offered,
            np.zeros(sites, dtype=np.int64),
            np.full(sites, np.inf),
            may_load,
            tuple(always_open() for _ in range(sites)),
        ),
        vehicles=Vehicles(
            tuple(f"v{k}" for k in range(vehicles)),
            rng.integers(0, bases, vehicles),
            rng.choice([800.0, 1500.0, 2000.0], vehicles),
            np.ones(vehicles),
            carries,
        ),
        drivers=replace(tiny.network().drivers, vehicle_allowed=np.ones((1, vehicles), dtype=bool)),
        travel_min=np.ceil(km).astype(np.int64),
        distance_km=km,
    )


def start(net: Network, load_kg: Any, load_product: Any) -> Snapshot:
    """A morning with product on board."""
    free, drivers = (
        np.zeros(len(net.vehicles), dtype=np.int64),
        np.zeros(len(net.drivers), dtype=np.int64),
    )
    none, history = CallInOrders.none(), np.zeros((0, net.n_tanks))
    return Snapshot(
        0,
        np.zeros(net.n_tanks),
        np.array(load_kg),
        np.array(load_product),
        free,
        drivers,
        Deliveries.none(),
        none,
        history,
    )


def random_plan(
    net: Network, most_kg: FloatArray, rng: np.random.Generator
) -> tuple[FloatArray, float, Snapshot]:
    """Kg delivered to each tank and km driven by vehicles that load, drop and go home at random,
    frugal ones and others.

    They keep to payload, one product at a time, rights, and ``most_kg`` (n,) a trip; what is on
    board stays there over night, and some have product on board at the start.
    """
    kg, driven, frugal = np.zeros(net.n_tanks), 0.0, rng.random()
    loads, carried = [], []
    for v in range(len(net.vehicles)):
        payload, products = (
            float(net.vehicles.capacity_kg[v]),
            np.flatnonzero(net.vehicles.product_allowed[v]),
        )
        board, product = (
            payload * float(rng.choice([0.0, 0.0, 0.6, 1.0])),
            int(rng.choice(products)),
        )
        loads.append(board)
        carried.append(product)
        for _ in range(int(rng.integers(0, 5))):
            product = product if board > 0 else int(rng.choice(products))
            trip_kg, km, board = _random_trip(net, v, product, board, most_kg, frugal, rng)
            kg, driven = kg + trip_kg, driven + km
    return kg, driven, start(net, loads, carried)


def _random_trip(
    net: Network,
    v: int,
    product: int,
    board: float,
    most_kg: FloatArray,
    frugal: float,
    rng: np.random.Generator,
) -> tuple[FloatArray, float, float]:
    """Kg dropped at each tank, km driven and kg left on board."""
    payload, base, km = (
        float(net.vehicles.capacity_kg[v]),
        int(net.vehicles.base_point[v]),
        net.distance_km,
    )
    at, driven, got = base, 0.0, np.zeros(net.n_tanks)
    sites = np.flatnonzero(net.sites.product_offered[:, product] & net.sites.vehicle_allowed[:, v])
    for _ in range(int(rng.integers(1, 25))):
        room = (net.tanks.product == product) & net.tanks.vehicle_allowed[:, v] & (got < most_kg)
        tanks, careful = np.flatnonzero(room), rng.random() < frugal
        if len(sites) and (board < 1e-9 or (not careful and rng.random() < 0.2)):
            points = net.sites.point[sites]
            to, board = (
                int(points[np.argmin(km[at, points])] if careful else rng.choice(points)),
                payload,
            )
        elif len(tanks):
            tank = int(
                tanks[np.argmin(km[at, net.tanks.point[tanks]])] if careful else rng.choice(tanks)
            )
            left = min(board, float(most_kg[tank] - got[tank])) * (
                1.0 if careful else float(rng.uniform())
            )
            to, board, got[tank] = int(net.tanks.point[tank]), board - left, got[tank] + left
        else:
            break
        driven, at = driven + float(km[at, to]), to
    return got, driven + (float(km[at, base]) if at != base else 0.0), board
