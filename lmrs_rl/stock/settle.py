"""Corrects trips that end in a later period than they start in by what was actually delivered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from lmrs_rl.domain import Deliveries, Executed, InputError, Network, Snapshot, Stop, Trip
from lmrs_rl.stock.events import FleetState, events_of

Drop = tuple[int, int, int]
"""Vehicle, tank and minute of arrival."""


@dataclass(frozen=True, eq=False)
class Settled:
    """What actually happened in several consecutive periods.

    Attributes
    ----------
    start : the first period's snapshot, with the actual quantities of the deliveries in transit
        and, on board, what did not fit of them
    trips : of all periods, with the quantities actually dropped and loaded; drops after the last
        period are as planned
    """

    start: Snapshot
    trips: tuple[Trip, ...]


def settled(network: Network, start: Snapshot, periods: Sequence[Executed]) -> Settled:
    """The trips of consecutive ``periods`` from ``start`` on, with the drops that a later period
    found not to fit reduced to what was actually delivered.

    A trip that ends after its period is booked in that period as planned, see `execute`. If less is
    delivered, later loads of the same trip are reduced too, by what then does not fit on board.

    Raises
    ------
    InputError
        For periods that do not follow on each other.
    """
    before = start.time_min
    for k, period in enumerate(periods):
        if period.from_min != before:
            raise InputError(
                f"periods[{k}].from_min",
                period.from_min,
                f"{before}, where the one before ends",
                "give all periods, in order",
            )
        before = period.to_min
    delivered = _delivered(periods)
    begin = _settled_start(network, start, delivered)
    fleet = FleetState.of(network, begin)
    # Trips of a vehicle follow in order of start, so each begins with what the one before left.
    trips = tuple(
        _settled_trip(trip, delivered, fleet) for period in periods for trip in period.trips
    )
    return Settled(begin, trips)


def _delivered(periods: Sequence[Executed]) -> dict[Drop, list[float]]:
    """[kg] actually delivered of each drop that was in transit when a period began; drops that are
    alike are in order.

    A drop in transit over several periods is reported by each of them; the last one, in which it
    arrived, has the actual quantity.
    """
    delivered: dict[Drop, list[float]] = {}
    for period in periods:
        reported: dict[Drop, list[float]] = {}
        for drop, kg in zip(_drops(period.arrived), period.arrived.kg.tolist(), strict=True):
            reported.setdefault(drop, []).append(kg)
        delivered.update(reported)
    return delivered


def _drops(transit: Deliveries) -> list[Drop]:
    columns = (transit.vehicle.tolist(), transit.tank.tolist(), transit.arrival_min.tolist())
    return list(zip(*columns, strict=True))


def _settled_start(
    network: Network, start: Snapshot, delivered: dict[Drop, list[float]]
) -> Snapshot:
    """``start`` with the actual quantities of its deliveries in transit, which are removed from
    ``delivered``.
    """
    transit, fleet = start.in_transit, FleetState.of(network, start)
    actual_kg = np.array(
        [
            delivered[drop].pop(0) if delivered.get(drop) else kg
            for drop, kg in zip(_drops(transit), transit.kg.tolist(), strict=True)
        ]
    )
    for event in events_of(start, ()):
        rest = event.kg - float(actual_kg[event.stop])
        if event.vehicle >= 0 and rest > 0:
            fleet.take_back(event, int(network.tanks.product[event.customer]), rest)
    return replace(start, in_transit=replace(transit, kg=actual_kg), **fleet.on_board())


def _settled_trip(trip: Trip, delivered: dict[Drop, list[float]], fleet: FleetState) -> Trip:
    """``trip`` with its actual quantities; the load of ``fleet`` is changed in place."""
    stops: list[Stop] = []
    cut = False
    for stop in trip.stops:
        kg = stop.kg
        if stop.kind == "drop":
            reported = delivered.get((trip.vehicle, stop.place, stop.arrival_min))
            kg = reported.pop(0) if reported else kg
            cut = cut or kg < stop.kg
        elif cut:
            # Loads before the first cut found their room, so only later ones can be too large.
            room = float(fleet.payload_kg[trip.vehicle] - fleet.load_kg[trip.vehicle])
            kg = max(0.0, min(kg, room))
        fleet.load_kg[trip.vehicle] += kg if stop.kind == "load" else -kg
        stops.append(stop if kg == stop.kg else replace(stop, kg=kg))
    return replace(trip, stops=tuple(stops)) if cut else trip
