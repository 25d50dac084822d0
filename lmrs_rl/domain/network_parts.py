"""What a network consists of: customers, tanks, loading sites, vehicles and drivers, struct of
arrays each.

Times are minutes on the network's clock, quantities kg, distances km.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lmrs_rl.domain.arrays import (
    BoolArray,
    FloatArray,
    IntArray,
    above,
    booleans,
    floats,
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
        # Only `Network` knows how many vehicles and points there are, and checks it.
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
        # Strictly below: some features are shares of the span from the hit level to full.
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
