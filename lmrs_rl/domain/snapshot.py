"""What is known on a morning."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from lmrs_rl.domain.arrays import FloatArray, IntArray, above, floats, indices, integers, not_below
from lmrs_rl.domain.network import Network
from lmrs_rl.domain.network_parts import _set
from lmrs_rl.errors import InputError

NO_PRODUCT = -1
"""Product number of an empty vehicle."""


@dataclass(frozen=True, eq=False)
class CallInOrders:
    """Orders that customers call in; ``m`` of them.

    Attributes
    ----------
    customer : (m,) customer number (``network.n_tanks`` and up)
    earliest_min, latest_min : (m,) [min] the drop starts in this window
    min_kg, max_kg : (m,) [kg] quantity range, 0 <= min <= max, max > 0
    announced_min : (m,) [min] when the order became known
    """

    customer: IntArray
    earliest_min: IntArray
    latest_min: IntArray
    min_kg: FloatArray
    max_kg: FloatArray
    announced_min: IntArray

    def __len__(self) -> int:
        return len(self.customer)

    def __post_init__(self) -> None:
        m = len(self.customer)
        for name in ("customer", "earliest_min", "latest_min", "announced_min"):
            _set(self, name, integers(f"call_in_orders.{name}", getattr(self, name), (m,)))
        for name in ("min_kg", "max_kg"):
            _set(self, name, floats(f"call_in_orders.{name}", getattr(self, name), (m,)))
        not_below(
            "call_in_orders.min_kg", self.min_kg, 0, "give the least quantity that is accepted"
        )
        above("call_in_orders.max_kg", self.max_kg, 0, "give the ordered quantity")
        _refuse_reversed("call_in_orders.min_kg", self.min_kg, "call_in_orders.max_kg", self.max_kg)
        _refuse_reversed(
            "call_in_orders.earliest_min",
            self.earliest_min,
            "call_in_orders.latest_min",
            self.latest_min,
        )

    def take(self, keep: IntArray) -> CallInOrders:
        """The orders at the given positions (or under the given mask)."""
        return CallInOrders(
            self.customer[keep],
            self.earliest_min[keep],
            self.latest_min[keep],
            self.min_kg[keep],
            self.max_kg[keep],
            self.announced_min[keep],
        )

    @staticmethod
    def none() -> CallInOrders:
        empty = np.zeros(0)
        return CallInOrders(*[empty] * 6)  # type: ignore[arg-type]


@dataclass(frozen=True, eq=False)
class Deliveries:
    """Drops in transit: part of a trip that started before the snapshot and ends after it.

    Attributes
    ----------
    tank : (k,) tank number
    arrival_min : (k,) [min]
    kg : (k,) [kg] >= 0
    vehicle : (k,) number of the vehicle that brings it and keeps what does not fit, -1 where not
        known; empty: all not known
    room_kg : (k,) [kg] >= 0, how much more than planned the vehicle can have on board from then to
        the end of the trip: what it can keep of a drop that does not fit, where it loads again on
        the same trip; infinite where it does not; empty: all infinite
    """

    tank: IntArray
    arrival_min: IntArray
    kg: FloatArray
    vehicle: IntArray = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    room_kg: FloatArray = field(default_factory=lambda: np.zeros(0))

    def __len__(self) -> int:
        return len(self.tank)

    def __post_init__(self) -> None:
        k = len(self.tank)
        _set(self, "tank", integers("in_transit.tank", self.tank, (k,)))
        _set(self, "arrival_min", integers("in_transit.arrival_min", self.arrival_min, (k,)))
        _set(self, "kg", floats("in_transit.kg", self.kg, (k,)))
        not_below("in_transit.kg", self.kg, 0, "give the quantity dropped")
        _set(
            self,
            "vehicle",
            integers(
                "in_transit.vehicle",
                self.vehicle if np.size(self.vehicle) else np.full(k, -1),
                (k,),
            ),
        )
        room = self.room_kg if np.size(self.room_kg) else np.full(k, np.inf)
        _set(self, "room_kg", floats("in_transit.room_kg", room, (k,), allow_inf=True))
        not_below(
            "in_transit.room_kg",
            self.room_kg,
            0,
            "leave it out where the vehicle does not load again on the trip",
        )

    @staticmethod
    def none() -> Deliveries:
        empty = np.zeros(0)
        return Deliveries(empty, empty, empty)  # type: ignore[arg-type]


@dataclass(frozen=True, eq=False)
class Snapshot:
    """What is known on a morning, before anything is decided.

    Attributes
    ----------
    time_min : [min] now, on the network's clock
    level_kg : (n,) [kg] product in each tank, in [0, capacity]
    load_kg : (V,) [kg] product on board when the vehicle is next free, in [0, capacity]
    load_product : (V,) number of the product on board, ``NO_PRODUCT`` (-1) where empty
    vehicle_free_min : (V,) [min] from when the vehicle can start a trip
    driver_free_min : (D,) [min] from when the driver can start a trip, rest included
    in_transit : drops in transit
    call_in_orders : orders known, neither served nor in transit
    history_kg : (days, n) [kg] consumption on each of the past days, oldest first, NaN where not
        measured

    Examples
    --------
    >>> import lmrs_rl
    >>> snapshot = lmrs_rl.open_world("demo").days.start
    >>> snapshot.time_min, snapshot.level_kg.shape
    (0, (12,))
    """

    time_min: int
    level_kg: FloatArray
    load_kg: FloatArray
    load_product: IntArray
    vehicle_free_min: IntArray
    driver_free_min: IntArray
    in_transit: Deliveries
    call_in_orders: CallInOrders
    history_kg: FloatArray

    def __post_init__(self) -> None:
        n, v, d = len(self.level_kg), len(self.load_kg), len(self.driver_free_min)
        _set(self, "time_min", int(integers("time_min", self.time_min, ())))
        _set(self, "level_kg", floats("level_kg", self.level_kg, (n,)))
        _set(self, "load_kg", floats("load_kg", self.load_kg, (v,)))
        _set(self, "load_product", integers("load_product", self.load_product, (v,)))
        _set(self, "vehicle_free_min", integers("vehicle_free_min", self.vehicle_free_min, (v,)))
        _set(self, "driver_free_min", integers("driver_free_min", self.driver_free_min, (d,)))
        # Not by `floats`, which refuses the NaN of a day that was not measured.
        history = np.array(self.history_kg, dtype=np.float64)
        if history.ndim != 2 or history.shape[1] != n:
            raise InputError(
                "history_kg",
                f"shape {history.shape}",
                f"shape (days, {n})",
                "give one row a day, one column a tank",
            )
        if np.any(np.isinf(history)):
            raise InputError(
                "history_kg",
                "an infinite entry",
                "kg, or NaN where not measured",
                "replace it with null",
            )
        not_below(
            "history_kg",
            history,
            0,
            "refills are no consumption: put null where it was not measured",
        )
        history.setflags(write=False)
        _set(self, "history_kg", history)
        not_below("level_kg", self.level_kg, 0, "check the sensor")
        not_below("load_kg", self.load_kg, 0, "give the product on board in kg")

    def check_against(self, network: Network) -> None:
        """Refuse a snapshot that does not belong to ``network``.

        Raises
        ------
        InputError
            For arrays of another length, levels above capacity, loads above payload, unknown
            products or customers.
        """
        n, v, d = network.n_tanks, len(network.vehicles), len(network.drivers)
        for name, length in (("level_kg", n), ("load_kg", v), ("driver_free_min", d)):
            floats(name, getattr(self, name), (length,))
        tanks, vehicles = network.tanks, network.vehicles
        _refuse_above("level_kg", self.level_kg, tanks.capacity_kg, tanks.ids, "capacity")
        _refuse_above("load_kg", self.load_kg, vehicles.capacity_kg, vehicles.ids, "payload")
        self._check_loads(network)
        way = self.in_transit
        indices("in_transit.tank", way.tank, (len(way),), n, "tanks")
        # -1 stands for a vehicle that is not known.
        indices("in_transit.vehicle", way.vehicle, (len(way),), v, "vehicles", least=-1)
        orders = self.call_in_orders
        field, count = "call_in_orders.customer", len(network.customers)
        callers = indices(field, orders.customer, (len(orders),), count, "customers")
        # Customers are numbered through, tanks first.
        not_below(field, callers, n, "tanks do not call in; give the number of a call-in customer")

    def _check_loads(self, network: Network) -> None:
        """Refuse products on board that nobody named or that the vehicle may not carry."""
        v, products = len(network.vehicles), len(network.products)
        indices("load_product", self.load_product, (v,), products, "products", least=NO_PRODUCT)
        loaded = self.load_kg > 0
        # What is not on board is not judged: product 0 stands in, a valid column.
        carried = np.where(loaded, self.load_product, 0)
        if np.any(carried < 0):
            k = int(np.argmax(carried < 0))
            raise InputError(
                f"load_product[{k}]",
                NO_PRODUCT,
                f"the product of the {self.load_kg[k]:g} kg on board",
                "name the product",
            )
        wrong = loaded & ~network.vehicles.product_allowed[np.arange(v), carried]
        if np.any(wrong):
            k = int(np.argmax(wrong))
            raise InputError(
                f"load_product[{k}]",
                int(carried[k]),
                f"a product that vehicle {network.vehicles.ids[k]!r} may carry",
                "correct either",
            )


def _refuse_above(
    field: str, array: FloatArray, limit: FloatArray, ids: tuple[str, ...], what: str
) -> None:
    # Levels and loads are sums of many drops: rounding is no fault of the reading.
    over = array > limit * (1 + 1e-12) + 1e-6
    if np.any(over):
        k = int(np.argmax(over))
        raise InputError(
            f"{field}[{k}] ({ids[k]})",
            f"{array[k]:g} kg",
            f"at most the {what} of {limit[k]:g} kg",
            f"check the unit of '{field}'",
        )


def _refuse_reversed(
    low_name: str, low: FloatArray | IntArray, high_name: str, high: FloatArray | IntArray
) -> None:
    if np.any(low > high):
        k = int(np.argmax(low > high))
        raise InputError(
            f"{low_name}[{k}]",
            low[k].item(),
            f"at most {high_name}[{k}] = {high[k]:g}",
            "swap the two",
        )
