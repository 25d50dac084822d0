"""Static network data: what does not change from one morning to the next.

One clock for everything: minutes since the network's hour zero. Quantities are kg, distances km.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from lmrs_rl.domain.arrays import (
    FloatArray,
    IntArray,
    booleans,
    floats,
    indices,
    integers,
    names,
    not_below,
    not_over,
)
from lmrs_rl.domain.network_parts import (
    MOST_KM,
    TOO_LARGE,
    Customers,
    Drivers,
    LoadingSites,
    Tanks,
    Vehicles,
    _set,
)
from lmrs_rl.errors import InputError


# Compared by identity, like the other dataclasses of arrays: `==` of arrays is no truth value.
@dataclass(frozen=True, eq=False)
class Network:
    """Everything that does not change from one morning to the next.

    Customers are numbered through: tanks first, then those who call in; ``customers`` has them in
    that order.

    Attributes
    ----------
    products : ids of the products
    tanks, call_ins, sites, vehicles, drivers : see their classes
    travel_min : (P, P) [min] travel time from row to column; asymmetric, the triangle inequality
        may fail
    distance_km : (P, P) [km] likewise
    point_xy : (P, 2) [km] coordinates for pictures, or None

    Raises
    ------
    InputError
        For a matrix of the wrong shape, a negative time, an unknown point, product or vehicle.

    Examples
    --------
    >>> import lmrs_rl
    >>> network = lmrs_rl.open_world("demo").network
    >>> network.n_tanks, network.tanks.ids[0]
    (12, 'tank-01')
    """

    products: tuple[str, ...]
    tanks: Tanks
    call_ins: Customers
    sites: LoadingSites
    vehicles: Vehicles
    drivers: Drivers
    travel_min: IntArray
    distance_km: FloatArray
    point_xy: FloatArray | None = None

    @cached_property
    def customers(self) -> Customers:
        """Tanks and call-in customers in one table, in the order of their customer numbers."""
        a, b = self.tanks, self.call_ins
        return Customers(
            ids=a.ids + b.ids,
            point=np.concatenate([a.point, b.point]),
            product=np.concatenate([a.product, b.product]),
            setup_min=np.concatenate([a.setup_min, b.setup_min]),
            unload_kg_per_min=np.concatenate([a.unload_kg_per_min, b.unload_kg_per_min]),
            vehicle_allowed=np.concatenate([a.vehicle_allowed, b.vehicle_allowed]),
            access_min=a.access_min + b.access_min,
            overnight=np.concatenate([a.overnight, b.overnight]),
        )

    @property
    def n_tanks(self) -> int:
        return len(self.tanks)

    def full_truckload_kg(self) -> FloatArray:
        """(n,) [kg] payload of the largest vehicle that may come to each tank, 0 where none may;
        read-only.
        """
        return self._full_truckload_kg

    @cached_property
    def _full_truckload_kg(self) -> FloatArray:
        allowed = (
            self.tanks.vehicle_allowed & self.vehicles.product_allowed[:, self.tanks.product].T
        )
        return floats(
            "full_truckload_kg",
            np.max(np.where(allowed, self.vehicles.capacity_kg, 0.0), axis=1, initial=0.0),
            (self.n_tanks,),
        )

    def __post_init__(self) -> None:
        names("products", self.products)
        names("tanks.ids and call_ins.ids", self.tanks.ids + self.call_ins.ids)
        _set(self, "products", tuple(self.products))
        if not self.products:
            raise InputError(
                "products",
                "an empty list",
                "at least one product",
                "name the product that is delivered",
            )
        points = np.shape(self.travel_min)[0] if np.ndim(self.travel_min) == 2 else 0
        _set(self, "travel_min", integers("travel_min", self.travel_min, (points, points)))
        _set(self, "distance_km", floats("distance_km", self.distance_km, (points, points)))
        not_below("travel_min", self.travel_min, 0, "give minutes from row to column")
        not_below("distance_km", self.distance_km, 0, "give km from row to column")
        not_over("distance_km", self.distance_km, MOST_KM, TOO_LARGE)
        if self.point_xy is not None:
            _set(self, "point_xy", floats("point_xy", self.point_xy, (points, 2)))
        self._check_references(points)

    def _check_references(self, points: int) -> None:
        products, vehicles = len(self.products), len(self.vehicles)
        for name, table in (("tanks", self.tanks), ("call_ins", self.call_ins)):
            indices(
                f"{name}.point", table.point, (len(table),), points, "points of the travel matrices"
            )
            indices(f"{name}.product", table.product, (len(table),), products, "products")
            booleans(f"{name}.vehicle_allowed", table.vehicle_allowed, (len(table), vehicles))
        sites, drivers = len(self.sites), len(self.drivers)
        indices(
            "loading_sites.point",
            self.sites.point,
            (sites,),
            points,
            "points of the travel matrices",
        )
        booleans("loading_sites.product_offered", self.sites.product_offered, (sites, products))
        booleans("loading_sites.vehicle_allowed", self.sites.vehicle_allowed, (sites, vehicles))
        indices(
            "vehicles.base_point",
            self.vehicles.base_point,
            (vehicles,),
            points,
            "points of the travel matrices",
        )
        booleans("vehicles.product_allowed", self.vehicles.product_allowed, (vehicles, products))
        booleans("drivers.vehicle_allowed", self.drivers.vehicle_allowed, (drivers, vehicles))
