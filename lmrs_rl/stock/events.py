"""Loads and drops as events in order of time, and the product on board of the vehicles."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from lmrs_rl.domain import NO_PRODUCT, InputError, Network, Snapshot, Stop, Trip
from lmrs_rl.domain.arrays import FloatArray

EPS_KG = 1e-6
"""[kg] Less than this on board is a rounding error, not product."""


@dataclass(frozen=True)
class Event:
    """A load or drop that is due to happen.

    Attributes
    ----------
    minute : [min] arrival
    trip, stop : position in the trips, or (-1, number of the delivery) of a delivery in transit
    vehicle : number, -1 if unknown
    customer : customer number, -1 for a load
    product : number, -1 if unknown
    kg : [kg] planned
    room_kg : [kg] how much of a delivery in transit the vehicle can take back, see `Deliveries`
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
    """All events in order of arrival; at the same minute deliveries in transit come first, then
    trips in order.
    """
    transit = snapshot.in_transit
    deliveries = zip(
        transit.arrival_min.tolist(),
        transit.vehicle.tolist(),
        transit.tank.tolist(),
        transit.kg.tolist(),
        transit.room_kg.tolist(),
        strict=True,
    )
    found = [
        # A late truck arrives now: hours before the morning are over and are not simulated again.
        Event(max(minute, snapshot.time_min), -1, k, vehicle, tank, -1, kg, room)
        for k, (minute, vehicle, tank, kg, room) in enumerate(deliveries)
    ]
    for t, trip in enumerate(trips):
        for s, stop in enumerate(trip.stops):
            customer = stop.place if stop.kind == "drop" else -1
            found.append(
                Event(stop.arrival_min, t, s, trip.vehicle, customer, trip.product, stop.kg)
            )
    # The trip of a delivery in transit is -1, which puts it before the trips of its minute.
    return sorted(found, key=lambda event: (event.minute, event.trip, event.stop))


def check_trips(network: Network, trips: Sequence[Trip], from_min: int, to_min: int) -> None:
    """Refuse trips that cannot be executed; whether a trip is legal is for the referee to say.

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
                "execute only trips that start in these hours",
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
    """Product on board of each vehicle while events happen; changed in place, by this package
    alone.

    Attributes
    ----------
    payload_kg, load_kg : (V,) [kg]
    product : (V,) number of the product on board; meaningless where the load is 0
    taken_back_kg : (V,) [kg] taken back so far of drops of trips under way that did not fit
    """

    payload_kg: FloatArray
    load_kg: FloatArray
    product: list[int]
    taken_back_kg: FloatArray

    @classmethod
    def of(cls, network: Network, snapshot: Snapshot) -> FleetState:
        """The fleet as the snapshot has it."""
        return cls(
            network.vehicles.capacity_kg,
            np.array(snapshot.load_kg),
            snapshot.load_product.tolist(),
            np.zeros(len(network.vehicles)),
        )

    def on_board(self) -> dict[str, Any]:
        """The fields ``load_kg`` and ``load_product`` of a snapshot."""
        # A rest from rounding would keep its product on board for ever and refuse all others.
        loaded = self.load_kg > EPS_KG
        return {
            "load_kg": np.where(loaded, self.load_kg, 0.0),
            "load_product": np.where(loaded, self.product, NO_PRODUCT),
        }

    def load(self, vehicle: int, product: int, kg: float) -> float:
        """Load as much of ``kg`` as fits; returns the kg loaded."""
        # Before the quantity is known: even a load of nothing must not mix products.
        self._set_product(vehicle, product)
        loaded = max(0.0, min(kg, float(self.payload_kg[vehicle] - self.load_kg[vehicle])))
        self.load_kg[vehicle] += loaded
        return loaded

    def unload(self, vehicle: int, product: int, kg: float) -> float:
        """Drop as much of ``kg`` as is on board; returns the kg dropped."""
        self._set_product(vehicle, product)
        dropped = min(kg, float(self.load_kg[vehicle]))
        self.load_kg[vehicle] -= dropped
        return dropped

    def take_back(self, event: Event, product: int, kg: float) -> None:
        """Put the ``kg`` of a delivery in transit that did not fit back on board, as far as there
        is room until the end of the trip.
        """
        taken = self.load(event.vehicle, product, min(kg, self.room_to_take_back(event)))
        self.taken_back_kg[event.vehicle] += taken

    def room_to_take_back(self, event: Event) -> float:
        """[kg] how much of a delivery in transit its vehicle can still take back."""
        return max(0.0, event.room_kg - float(self.taken_back_kg[event.vehicle]))

    def _set_product(self, vehicle: int, product: int) -> None:
        """Make ``product`` the vehicle's; `InputError` if it carries another one."""
        if self.load_kg[vehicle] > EPS_KG and self.product[vehicle] != product:
            on_board = f"{self.load_kg[vehicle]:g} kg of product {self.product[vehicle]} on board"
            got = f"product {product}, with {on_board}"
            raise InputError(
                f"product of vehicle {vehicle}'s trip",
                got,
                "the product on board",
                "deliver what is on board first",
            )
        self.product[vehicle] = product
