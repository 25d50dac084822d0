"""Random small routing problems, degenerate ones included: whatever a network may hold, some
seed holds it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from lmrs_rl.domain import (
    NO_PRODUCT,
    CallInOrders,
    Customers,
    Days,
    Deliveries,
    Drivers,
    LoadingSites,
    Network,
    Order,
    Snapshot,
    Tanks,
    Vehicles,
)
from lmrs_rl.domain.arrays import MINUTES_PER_DAY, BoolArray, FloatArray, IntArray, always_open

HORIZON_DAYS = 12
"""Days that the referee watches: longer than any trip planned lasts."""


class Dice(np.random.Generator):
    """A random stream; with ``mild`` dice most orders can be served, with others most networks
    lack something.
    """

    mild: bool = False


@dataclass(frozen=True, eq=False)
class RandomProblem:
    """A morning with orders that fit into their tanks."""

    seed: int
    network: Network
    snapshot: Snapshot
    orders: tuple[Order, ...]
    horizon_days: int

    @property
    def days(self) -> Days:
        """Nothing is used; tanks have room for every order."""
        return Days(
            "random",
            self.snapshot,
            np.zeros((24 * HORIZON_DAYS, self.network.n_tanks)),
            CallInOrders.none(),
        )


def random_problem(
    seed: int, *, most_tanks: int = 6, most_call_ins: int = 3, mild: bool = False
) -> RandomProblem:
    """The problem of this seed; the same on every machine."""
    rng = Dice(np.random.PCG64(seed))
    rng.mild = mild
    tanks, call_ins = int(rng.integers(0, most_tanks + 1)), int(rng.integers(0, most_call_ins + 1))
    products, vehicles = int(rng.choice([1, 1, 1, 2, 3])), int(rng.integers(1, 5))
    sites, drivers = (
        int(rng.choice([mild, 1, 1, 1, 2, 3])),
        int(rng.choice([mild, 1, 1, 2, 2, 3, 4])),
    )
    points = tanks + call_ins + sites + 2
    now = int(rng.choice([0, MINUTES_PER_DAY, 3 * MINUTES_PER_DAY + 300]))
    travel, km = _matrices(rng, points)
    fleet = _vehicles(rng, vehicles, products)
    crew = _drivers(rng, drivers, vehicles)
    all_orders, low, high = _quantities(rng, tanks + call_ins, fleet)
    network = Network(
        products=tuple(f"p{k}" for k in range(products)),
        tanks=_tanks(rng, tanks, products, vehicles, low[:tanks], high[:tanks]),
        call_ins=Customers(**_customers(rng, "c", call_ins, 2 + tanks, products, vehicles)),
        sites=_sites(rng, sites, 2 + tanks + call_ins, products, vehicles),
        vehicles=fleet,
        drivers=crew,
        travel_min=travel,
        distance_km=km,
    )
    orders = tuple(
        o
        for k in all_orders
        if (o := _order(rng, network, now, k, float(low[k]), float(high[k]))) is not None
    )
    return RandomProblem(
        seed, network, _snapshot(rng, network, now), orders, int(rng.choice([1, 2, 5]))
    )


def _matrices(rng: Dice, points: int) -> tuple[IntArray, FloatArray]:
    """Asymmetric; the triangle inequality holds or fails; some places are the same place."""
    xy = rng.uniform(
        0, rng.choice([40.0, 80.0, 120.0] if rng.mild else [40.0, 150.0, 300.0]), size=(points, 2)
    )
    if rng.random() < 0.2:
        xy[rng.integers(points)] = xy[0]
    straight = np.sqrt(((xy[:, None] - xy[None, :]) ** 2).sum(axis=2))
    noise = rng.choice([0.0, 0.1, 0.6])
    km = straight * rng.uniform(1 - noise, 1 + noise, size=straight.shape)
    return np.ceil(
        km * rng.choice([0.7, 1.0]) * rng.uniform(1 - noise / 2, 1 + noise, size=km.shape)
    ).astype(np.int64), km


def _windows(rng: Dice) -> IntArray:
    """Always open, office hours, two windows a day, moments, or never."""
    kind = rng.choice(
        ["always", "always", "day", "split", "moment", "never"],
        p=[0.4, 0.2, 0.2, 0.2, 0, 0] if rng.mild else [0.3, 0.15, 0.25, 0.2, 0.05, 0.05],
    )
    if kind == "always":
        return always_open()
    if kind == "never":
        return np.zeros((0, 2), dtype=np.int64)
    first, length = int(rng.integers(0, 900)), int(rng.integers(60, 540))
    spans = {
        "day": [(first, first + length)],
        "split": [(first, first + length), (first + length + 90, first + length + 300)],
        "moment": [(first, first)],
    }
    each = np.array(spans[str(kind)])
    return np.asarray(
        (np.arange(HORIZON_DAYS)[:, None, None] * MINUTES_PER_DAY + each[None]).reshape(-1, 2)
    )


def _allowed(rng: Dice, shape: tuple[int, ...]) -> BoolArray:
    return np.asarray(
        rng.random(shape) < rng.choice([1.0, 1.0, 0.8] if rng.mild else [1.0, 0.7, 0.4])
    )


def _rates(rng: Dice, n: int, slow: float) -> FloatArray:
    return np.where(rng.random(n) < 0.5, np.inf, rng.uniform(slow, 10 * slow, size=n))


def _customers(
    rng: Dice, prefix: str, n: int, first_point: int, products: int, vehicles: int
) -> dict[str, Any]:
    return {
        "ids": tuple(f"{prefix}{k}" for k in range(n)),
        "point": first_point + np.arange(n),
        "product": rng.integers(0, products, size=n),
        "setup_min": rng.choice([0, 10, 30], size=n),
        "unload_kg_per_min": _rates(rng, n, 50.0),
        "vehicle_allowed": _allowed(rng, (n, vehicles)),
        "access_min": tuple(_windows(rng) for _ in range(n)),
        "overnight": _allowed(rng, (n,)),
    }


def _tanks(
    rng: Dice, n: int, products: int, vehicles: int, low: FloatArray, high: FloatArray
) -> Tanks:
    least = np.minimum(low, rng.choice([0.0, 50.0], size=n))
    table = _customers(rng, "t", n, 2, products, vehicles)
    return Tanks(**table, capacity_kg=high + 400.0, hit_level_kg=np.zeros(n), min_drop_kg=least)


def _sites(rng: Dice, n: int, first_point: int, products: int, vehicles: int) -> LoadingSites:
    return LoadingSites(
        ids=tuple(f"s{k}" for k in range(n)),
        point=first_point + np.arange(n),
        product_offered=_allowed(rng, (n, products)),
        setup_min=rng.choice([0, 20, 60], size=n),
        load_kg_per_min=_rates(rng, n, 100.0),
        vehicle_allowed=_allowed(rng, (n, vehicles)),
        access_min=tuple(_windows(rng) for _ in range(n)),
    )


def _vehicles(rng: Dice, n: int, products: int) -> Vehicles:
    allowed = _allowed(rng, (n, products))
    return Vehicles(
        ids=tuple(f"v{k}" for k in range(n)),
        base_point=rng.integers(0, 2, size=n)
        if rng.random() < 0.4
        else np.zeros(n, dtype=np.int64),
        capacity_kg=rng.choice([800.0, 2000.0, 2000.7, 5000.0], size=n),
        cost_per_km=rng.choice([0.0, 0.5, 1.0, 1.37], size=n),
        product_allowed=allowed,
    )


def _drivers(rng: Dice, n: int, vehicles: int) -> Drivers:
    """Days, long stretches of several days, windows that touch, moments, or no work at all;
    nights for all, some or none.
    """
    nights = rng.choice(["none", "all", "some", "mixed"])
    night = {"none": [0], "all": [600], "some": [0, 600], "mixed": [0, 480, 660]}[str(nights)]
    return Drivers(
        ids=tuple(f"d{k}" for k in range(n)),
        shift_min=tuple(_shifts(rng) for _ in range(n)),
        max_driving_min=rng.choice([200, 400, 660] if rng.mild else [90, 240, 400, 660], size=n),
        min_rest_min=rng.choice([0, 300, 660], size=n),
        vehicle_allowed=_allowed(rng, (n, vehicles)),
        cost_per_km=rng.choice([0.0, 0.1], size=n),
        cost_per_min=rng.choice([0.0, 0.25, 0.3333], size=n),
        cost_per_night=rng.choice([0.0, 20.0, 100.0], size=n),
        night_min=rng.choice(night, size=n),
    )


def _shifts(rng: Dice) -> IntArray:
    kind = rng.choice(
        ["day", "long", "always", "touching", "moment", "never"],
        p=[0.4, 0.3, 0.2, 0.1, 0, 0] if rng.mild else [0.35, 0.3, 0.15, 0.1, 0.05, 0.05],
    )
    if kind == "always":
        return always_open()
    if kind == "never":
        return np.zeros((0, 2), dtype=np.int64)
    first = int(rng.integers(0, 600))
    length = {
        "day": int(rng.integers(300, 840)),
        "long": int(rng.integers(1500, 3000)),
        "touching": 1440,
        "moment": 0,
    }[str(kind)]
    gap = {"day": 1440, "long": length + 600, "touching": 1440, "moment": 1440}[str(kind)]
    starts = first + gap * np.arange(HORIZON_DAYS * MINUTES_PER_DAY // gap)
    return np.stack([starts, starts + length], axis=1)


def _quantities(rng: Dice, n: int, fleet: Vehicles) -> tuple[list[int], FloatArray, FloatArray]:
    """Who orders, with the least and most kg; a few ask for nothing at least, or for more than
    any truck holds.
    """
    top = float(fleet.capacity_kg.max())
    high = rng.uniform(50.0, rng.choice([300.0, top, 1.3 * top]), size=n)
    share = rng.choice([0.0, 0.3, 0.8, 1.0], size=n, p=[0.05, 0.3, 0.35, 0.3])
    return [k for k in range(n) if rng.random() < 0.85], share * high, high


def _order(
    rng: Dice, network: Network, now: int, who: int, low: float, high: float
) -> Order | None:
    """An order whose windows keep the access hours, as the order rules make them; None where no
    minute is left.
    """
    customers = network.customers
    service = int(customers.setup_min[who]) + int(
        np.ceil(high / customers.unload_kg_per_min[who] - 1e-9)
    )
    first = now + int(rng.integers(-600, 5000))
    last = first + int(rng.choice([1000, 8000] if rng.mild else [0, 120, 1000, 8000]))
    access = customers.access_min[who]
    starts = np.stack(
        [np.maximum(access[:, 0], first), np.minimum(access[:, 1] - service, last)], axis=1
    )
    windows = starts[starts[:, 1] >= starts[:, 0]]
    if not len(windows):
        return None
    return Order(
        customer=who,
        windows_h=windows / 60 + 0.0,
        q_min_kg=low,
        q_max_kg=high,
        penalty=float(
            rng.choice([200.0, 3000.0, 1e5] if rng.mild else [0.0, 30.0, 300.0, 3000.0, 1e5])
        ),
        stockout_h=float(rng.choice([np.inf, 0.0, 10.0, 60.0, -5.0])),
        value_per_kg=float(rng.choice([0.0, 0.05])),
    )


def _snapshot(rng: Dice, network: Network, now: int) -> Snapshot:
    vehicles, n = network.vehicles, network.n_tanks
    product = np.array(
        [
            int(rng.choice(np.flatnonzero(row))) if row.any() else NO_PRODUCT
            for row in vehicles.product_allowed
        ]
    )
    loaded = (rng.random(len(vehicles)) < 0.5) & (product >= 0)
    way = rng.random(n) < 0.2
    return Snapshot(
        time_min=now,
        level_kg=np.zeros(n),
        load_kg=np.where(loaded, rng.uniform(0, 1, size=len(vehicles)) * vehicles.capacity_kg, 0.0),
        load_product=np.where(loaded, product, NO_PRODUCT),
        vehicle_free_min=now + rng.choice([0, 0, -300, 500, 3000], size=len(vehicles)),
        driver_free_min=now + rng.choice([0, 0, -300, 700], size=len(network.drivers)),
        in_transit=Deliveries(
            np.flatnonzero(way), np.full(int(way.sum()), now + 90), np.full(int(way.sum()), 100.0)
        ),
        call_in_orders=CallInOrders.none(),
        history_kg=np.zeros((0, n)),
    )
