"""What stands still: tanks, call-in customers, loading sites, vehicles, drivers and the way between
them.

One clock for everything: minutes since the network's hour zero. Quantities are kg, distances km.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from lmrs_rl.domain.arrays import (
    BoolArray,
    FloatArray,
    IntArray,
    above,
    booleans,
    floats,
    indices,
    integers,
    names,
    not_below,
    not_over,
    windows,
)
from lmrs_rl.errors import InputError

MOST, MOST_KM, MOST_KG = 1e6, 1e8, 1e9
"""Most currency a km, a minute or a night; most km; most kg. OR-Tools counts in whole numbers of
64 bits.
"""
TOO_LARGE = "mind the unit: no real network has so much"


@dataclass(frozen=True, eq=False)
class Customers:
    """Places where product is dropped; ``n`` of them, struct of arrays.

    Attributes
    ----------
    ids : (n,) text, each used once
    point : (n,) row and column in the travel matrices
    product : (n,) number of the product that is dropped there
    setup_min : (n,) [min] fixed service time of a drop, >= 0
    unload_kg_per_min : (n,) [kg/min] unloading rate, > 0; infinite where the set-up time covers it
    vehicle_allowed : (n, V) which vehicles may come
    access_min : n arrays (k, 2) [min] access hours: a drop starts and ends inside one of them
    overnight : (n,) whether a driver may spend a night on a trip that serves this customer
    """

    ids: tuple[str, ...]
    point: IntArray
    product: IntArray
    setup_min: IntArray
    unload_kg_per_min: FloatArray
    vehicle_allowed: BoolArray
    access_min: tuple[IntArray, ...]
    overnight: BoolArray

    def __len__(self) -> int:
        return len(self.ids)

    def __post_init__(self) -> None:
        self._check("customers")

    def _check(self, field: str) -> None:
        n = len(names(f"{field}.ids", self.ids))
        vehicles = np.shape(self.vehicle_allowed)[-1] if np.ndim(self.vehicle_allowed) == 2 else 0
        _set(self, "ids", tuple(self.ids))
        _set(self, "point", integers(f"{field}.point", self.point, (n,)))
        _set(self, "product", integers(f"{field}.product", self.product, (n,)))
        _set(self, "setup_min", integers(f"{field}.setup_min", self.setup_min, (n,)))
        _set(
            self,
            "unload_kg_per_min",
            floats(f"{field}.unload_kg_per_min", self.unload_kg_per_min, (n,), allow_inf=True),
        )
        _set(
            self,
            "vehicle_allowed",
            booleans(f"{field}.vehicle_allowed", self.vehicle_allowed, (n, vehicles)),
        )
        _set(self, "access_min", _all_windows(f"{field}.access_min", self.access_min, n))
        _set(self, "overnight", booleans(f"{field}.overnight", self.overnight, (n,)))
        not_below(f"{field}.setup_min", self.setup_min, 0, "use 0 where a drop takes no set-up")
        above(
            f"{field}.unload_kg_per_min",
            self.unload_kg_per_min,
            0,
            "use infinity where unloading takes no time of its own",
        )


@dataclass(frozen=True, eq=False)
class Tanks(Customers):
    """Customers whose tank we keep from running dry.

    Attributes
    ----------
    capacity_kg : (n,) [kg] the most the tank holds, > 0
    hit_level_kg : (n,) [kg] ``h``, the level that stock should not fall under, in [0, capacity)
    min_drop_kg : (n,) [kg] the least that is dropped on a visit, in [0, capacity]
    """

    capacity_kg: FloatArray
    hit_level_kg: FloatArray
    min_drop_kg: FloatArray

    def __post_init__(self) -> None:
        self._check("tanks")
        n = len(self)
        for name in ("capacity_kg", "hit_level_kg", "min_drop_kg"):
            _set(self, name, floats(f"tanks.{name}", getattr(self, name), (n,)))
        above("tanks.capacity_kg", self.capacity_kg, 0, "give the tank's usable content in kg")
        not_over("tanks.capacity_kg", self.capacity_kg, MOST_KG, TOO_LARGE)
        not_below(
            "tanks.hit_level_kg", self.hit_level_kg, 0, "use 0 where there is no safety stock"
        )
        not_below("tanks.min_drop_kg", self.min_drop_kg, 0, "use 0 where any drop will do")
        _refuse_over(
            "tanks.hit_level_kg",
            self.hit_level_kg,
            self.capacity_kg,
            "below the tank's capacity",
            strict=True,
        )
        _refuse_over(
            "tanks.min_drop_kg",
            self.min_drop_kg,
            self.capacity_kg,
            "at most the tank's capacity",
            strict=False,
        )


@dataclass(frozen=True, eq=False)
class LoadingSites:
    """Where tankers load; ``S`` of them.

    Attributes
    ----------
    ids : (S,) text
    point : (S,) row and column in the travel matrices
    product_offered : (S, products) what can be loaded
    setup_min : (S,) [min] fixed time of loading, >= 0
    load_kg_per_min : (S,) [kg/min] loading rate, > 0; infinite where the set-up time covers it
    vehicle_allowed : (S, V) which vehicles may load
    access_min : S arrays (k, 2) [min] opening hours: loading starts and ends inside one of them
    """

    ids: tuple[str, ...]
    point: IntArray
    product_offered: BoolArray
    setup_min: IntArray
    load_kg_per_min: FloatArray
    vehicle_allowed: BoolArray
    access_min: tuple[IntArray, ...]

    def __len__(self) -> int:
        return len(self.ids)

    def __post_init__(self) -> None:
        n = len(names("loading_sites.ids", self.ids))
        products = np.shape(self.product_offered)[-1] if np.ndim(self.product_offered) == 2 else 0
        vehicles = np.shape(self.vehicle_allowed)[-1] if np.ndim(self.vehicle_allowed) == 2 else 0
        _set(self, "ids", tuple(self.ids))
        _set(self, "point", integers("loading_sites.point", self.point, (n,)))
        _set(
            self,
            "product_offered",
            booleans("loading_sites.product_offered", self.product_offered, (n, products)),
        )
        _set(self, "setup_min", integers("loading_sites.setup_min", self.setup_min, (n,)))
        _set(
            self,
            "load_kg_per_min",
            floats("loading_sites.load_kg_per_min", self.load_kg_per_min, (n,), allow_inf=True),
        )
        _set(
            self,
            "vehicle_allowed",
            booleans("loading_sites.vehicle_allowed", self.vehicle_allowed, (n, vehicles)),
        )
        _set(self, "access_min", _all_windows("loading_sites.access_min", self.access_min, n))
        not_below(
            "loading_sites.setup_min", self.setup_min, 0, "use 0 where loading takes no set-up"
        )
        above(
            "loading_sites.load_kg_per_min",
            self.load_kg_per_min,
            0,
            "use infinity where loading takes no time of its own",
        )


@dataclass(frozen=True, eq=False)
class Vehicles:
    """Tankers, of any mix of types; ``V`` of them.

    Attributes
    ----------
    ids : (V,) text
    base_point : (V,) where every trip of the vehicle starts and ends
    capacity_kg : (V,) [kg] > 0
    cost_per_km : (V,) [currency/km] >= 0
    product_allowed : (V, products) what it may carry; one product at a time
    """

    ids: tuple[str, ...]
    base_point: IntArray
    capacity_kg: FloatArray
    cost_per_km: FloatArray
    product_allowed: BoolArray

    def __len__(self) -> int:
        return len(self.ids)

    def __post_init__(self) -> None:
        n = len(names("vehicles.ids", self.ids))
        if n == 0:
            raise InputError(
                "vehicles.ids",
                "an empty list",
                "at least one vehicle",
                "add the fleet to the network",
            )
        products = np.shape(self.product_allowed)[-1] if np.ndim(self.product_allowed) == 2 else 0
        _set(self, "ids", tuple(self.ids))
        _set(self, "base_point", integers("vehicles.base_point", self.base_point, (n,)))
        _set(self, "capacity_kg", floats("vehicles.capacity_kg", self.capacity_kg, (n,)))
        _set(self, "cost_per_km", floats("vehicles.cost_per_km", self.cost_per_km, (n,)))
        _set(
            self,
            "product_allowed",
            booleans("vehicles.product_allowed", self.product_allowed, (n, products)),
        )
        above("vehicles.capacity_kg", self.capacity_kg, 0, "give the payload in kg")
        not_below("vehicles.cost_per_km", self.cost_per_km, 0, "give the cost of a km, or 0")
        not_over("vehicles.cost_per_km", self.cost_per_km, MOST, TOO_LARGE)
        not_over("vehicles.capacity_kg", self.capacity_kg, MOST_KG, TOO_LARGE)


@dataclass(frozen=True, eq=False)
class Drivers:
    """Drivers and when they work; ``D`` of them.

    Attributes
    ----------
    ids : (D,) text
    shift_min : D arrays (k, 2) [min] working windows: a trip lies inside one of them, nights
        included
    max_driving_min : (D,) [min] the most driving in a trip (before and after a night each)
    min_rest_min : (D,) [min] between the end of a trip and the start of the next
    vehicle_allowed : (D, V) which vehicles the driver may drive
    cost_per_km : (D,) [currency/km] on top of the vehicle's
    cost_per_min : (D,) [currency/min] of a trip's duration, nights excluded
    cost_per_night : (D,) [currency]
    night_min : (D,) [min] length of a night on the road; 0 where the driver spends none (at most
        one a trip)
    """

    ids: tuple[str, ...]
    shift_min: tuple[IntArray, ...]
    max_driving_min: IntArray
    min_rest_min: IntArray
    vehicle_allowed: BoolArray
    cost_per_km: FloatArray
    cost_per_min: FloatArray
    cost_per_night: FloatArray
    night_min: IntArray

    def __len__(self) -> int:
        return len(self.ids)

    def __post_init__(self) -> None:
        n = len(names("drivers.ids", self.ids))
        vehicles = np.shape(self.vehicle_allowed)[-1] if np.ndim(self.vehicle_allowed) == 2 else 0
        _set(self, "ids", tuple(self.ids))
        _set(self, "shift_min", _all_windows("drivers.shift_min", self.shift_min, n))
        _set(
            self,
            "vehicle_allowed",
            booleans("drivers.vehicle_allowed", self.vehicle_allowed, (n, vehicles)),
        )
        for name in ("max_driving_min", "min_rest_min", "night_min"):
            _set(self, name, integers(f"drivers.{name}", getattr(self, name), (n,)))
            not_below(f"drivers.{name}", getattr(self, name), 0, "give minutes")
        for name in ("cost_per_km", "cost_per_min", "cost_per_night"):
            _set(self, name, floats(f"drivers.{name}", getattr(self, name), (n,)))
            not_below(f"drivers.{name}", getattr(self, name), 0, "give the cost, or 0")
            not_over(f"drivers.{name}", getattr(self, name), MOST, TOO_LARGE)


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


def _set(instance: object, name: str, value: object) -> None:
    object.__setattr__(instance, name, value)


def _all_windows(field: str, value: tuple[IntArray, ...], n: int) -> tuple[IntArray, ...]:
    if len(value) != n:
        raise InputError(
            field,
            f"{len(value)} entries",
            f"{n} entries",
            "give one list of windows for each, or null for always",
        )
    return tuple(windows(f"{field}[{k}]", each) for k, each in enumerate(value))


def _refuse_over(
    field: str, array: FloatArray, limit: FloatArray, wanted: str, *, strict: bool
) -> None:
    bad = array >= limit if strict else array > limit
    if np.any(bad):
        k = int(np.argmax(bad))
        raise InputError(
            f"{field}[{k}]",
            float(array[k]),
            f"{wanted} ({limit[k]:g} kg)",
            "check the unit of both",
        )
