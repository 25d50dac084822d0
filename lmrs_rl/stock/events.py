"""Loads and drops in order of time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from lmrs_rl.domain import NO_PRODUCT, InputError, Network, Snapshot, Stop, Trip
from lmrs_rl.domain.arrays import FloatArray

EPS_KG = 1e-6
"""[kg] Less than this on board is rounding, not product."""


@dataclass(frozen=True)
class Event:
    """A load or drop that is to happen.

    Attributes
    ----------
    minute : [min] arrival
    trip, stop : where it stands in the trips, or (-1, number of the delivery) of a delivery already
        on its way
    vehicle : number, -1 where not known
    customer : customer number, -1 for a load
    product : number, -1 where not known
    kg : [kg] planned
    room_kg : [kg] of a delivery on its way, what the vehicle can keep of it, see `Deliveries`
    """

    minute: int
    trip: int
    stop: int
    vehicle: int
    customer: int
    product: int
    kg: float
    room_kg: float = np.inf


def events_of(snapshot: Snapshot, trips: Sequence[Trip]) -> list[Event]:
    """All events in order of arrival; at the same minute those on the way come first, then trips
    in order.
    """
    way = snapshot.on_the_way
    carried = zip(
        way.arrival_min.tolist(),
        way.vehicle.tolist(),
        way.tank.tolist(),
        way.kg.tolist(),
        way.room_kg.tolist(),
        strict=True,
    )
    found = [
        Event(max(minute, snapshot.time_min), -1, k, vehicle, tank, -1, kg, room)
        for k, (minute, vehicle, tank, kg, room) in enumerate(carried)
    ]
    for t, trip in enumerate(trips):
        for s, stop in enumerate(trip.stops):
            customer = stop.place if stop.kind == "drop" else -1
            found.append(
                Event(stop.arrival_min, t, s, trip.vehicle, customer, trip.product, stop.kg)
            )
    return sorted(found, key=lambda event: (event.minute, event.trip, event.stop))


def check_trips(network: Network, trips: Sequence[Trip], from_min: int, to_min: int) -> None:
    """Refuse trips that cannot be reckoned with; whether a trip is legal is the referee's question.

    Raises
    ------
    InputError
        For a trip that does not start in [``from_min``, ``to_min``), unknown numbers, stops out of
        order, quantities that are not finite numbers >= 0.
    """
    counts = {
        "driver": len(network.drivers),
        "vehicle": len(network.vehicles),
        "product": len(network.products),
    }
    for t, trip in enumerate(trips):
        if not from_min <= trip.start_min < to_min:
            raise InputError(
                f"trips[{t}].start_min",
                trip.start_min,
                f"a start from {from_min} to {to_min - 1}",
                "execute only trips that start now",
            )
        for name, count in counts.items():
            number = getattr(trip, name)
            if not 0 <= number < count:
                raise InputError(
                    f"trips[{t}].{name}", number, f"0 to {count - 1}", "use a number of the network"
                )
        before = trip.start_min
        for s, stop in enumerate(trip.stops):
            _check_stop(f"trips[{t}].stops[{s}]", network, stop, before)
            before = stop.arrival_min
        if trip.end_min < before:
            raise InputError(
                f"trips[{t}].end_min",
                trip.end_min,
                f"at least the last arrival, {before}",
                "correct the times",
            )


def _check_stop(field: str, network: Network, stop: Stop, before: int) -> None:
    count = len(network.sites) if stop.kind == "load" else len(network.customers)
    if not 0 <= stop.place < count:
        raise InputError(
            f"{field}.place", stop.place, f"0 to {count - 1}", "use a number of the network"
        )
    if stop.arrival_min < before:
        raise InputError(
            f"{field}.arrival_min",
            stop.arrival_min,
            f"at least {before}",
            "give stops in order of time, after the start",
        )
    if not np.isfinite(stop.kg) or stop.kg < 0:
        raise InputError(
            f"{field}.kg", stop.kg, "a finite number >= 0", "give loads and drops in kg"
        )


@dataclass(eq=False)
class FleetState:
    """Product on board of each vehicle while events happen, changed in place by `execute` alone.

    Attributes
    ----------
    payload_kg, load_kg : (V,) [kg]
    product : (V,) number of the product on board; says nothing where the load is 0
    kept_kg : (V,) [kg] kept so far of drops of trips under way that did not fit
    """

    payload_kg: FloatArray
    load_kg: FloatArray
    product: list[int]
    kept_kg: FloatArray

    @classmethod
    def of(cls, network: Network, snapshot: Snapshot) -> FleetState:
        """As the snapshot has it."""
        return cls(
            network.vehicles.capacity_kg,
            np.array(snapshot.load_kg),
            snapshot.load_product.tolist(),
            np.zeros(len(network.vehicles)),
        )

    def on_board(self) -> dict[str, Any]:
        """``load_kg`` and ``load_product`` of a snapshot."""
        loaded = self.load_kg > EPS_KG
        return {
            "load_kg": np.where(loaded, self.load_kg, 0.0),
            "load_product": np.where(loaded, self.product, NO_PRODUCT),
        }

    def take(self, vehicle: int, product: int, kg: float) -> float:
        """Load at most what fits; returns what was loaded."""
        self._start_with(vehicle, product)
        loaded = max(0.0, min(kg, float(self.payload_kg[vehicle] - self.load_kg[vehicle])))
        self.load_kg[vehicle] += loaded
        return loaded

    def give(self, vehicle: int, product: int, kg: float) -> float:
        """Drop at most what is on board; returns what was dropped."""
        self._start_with(vehicle, product)
        dropped = min(kg, float(self.load_kg[vehicle]))
        self.load_kg[vehicle] -= dropped
        return dropped

    def keep(self, event: Event, product: int, kg: float) -> None:
        """Of a delivery on its way ``kg`` did not fit: the vehicle keeps it, as far as it has
        room until the end of the trip.
        """
        kept = self.take(event.vehicle, product, min(kg, self.room(event)))
        self.kept_kg[event.vehicle] += kept

    def room(self, event: Event) -> float:
        """[kg] What the vehicle of a delivery on its way can still keep of it."""
        return max(0.0, event.room_kg - float(self.kept_kg[event.vehicle]))

    def _start_with(self, vehicle: int, product: int) -> None:
        if self.load_kg[vehicle] > EPS_KG and self.product[vehicle] != product:
            got = f"product {product}, with {self.load_kg[vehicle]:g} kg of product {self.product[vehicle]} on board"
            raise InputError(
                f"product of vehicle {vehicle}'s trip",
                got,
                "the product on board",
                "deliver what is on board first",
            )
        self.product[vehicle] = product
