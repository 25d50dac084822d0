"""Trips that ended after the stretch they started in, put right by what the next stretch showed."""

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
    """What really happened in several stretches, as one story.

    Attributes
    ----------
    start : the first stretch's snapshot, with what really went in of the drops that were on the
        way, and what stayed on board of them
    trips : of all stretches, with what really was dropped and loaded; drops after the last stretch
        are as planned
    """

    start: Snapshot
    trips: tuple[Trip, ...]


def settled(network: Network, start: Snapshot, stretches: Sequence[Executed]) -> Settled:
    """The trips of ``stretches``, which follow on each other from ``start`` on, with those drops
    cut that a later stretch found not to fit.

    A trip that ends after its stretch is booked there as planned, see `execute`. Where less went
    in, later loads of the trip are cut too, by what then does not fit on board.

    Raises
    ------
    InputError
        For stretches that do not follow on each other.
    """
    before = start.time_min
    for k, stretch in enumerate(stretches):
        if stretch.from_min != before:
            raise InputError(
                f"stretches[{k}].from_min",
                stretch.from_min,
                f"{before}, where the one before ends",
                "give all stretches, in order",
            )
        before = stretch.to_min
    real = _arrived(stretches)
    begin = _begin(network, start, real)
    fleet = FleetState.of(network, begin)
    return Settled(
        begin, tuple(_driven(trip, real, fleet) for stretch in stretches for trip in stretch.trips)
    )


def _arrived(stretches: Sequence[Executed]) -> dict[Drop, list[float]]:
    """[kg] What went in of each drop that was on the way when a stretch began; alike ones in
    order. The last stretch that tells of one is right.
    """
    real: dict[Drop, list[float]] = {}
    for stretch in stretches:
        seen: dict[Drop, list[float]] = {}
        for drop, kg in zip(_drops(stretch.arrived), stretch.arrived.kg.tolist(), strict=True):
            seen.setdefault(drop, []).append(kg)
        real.update(seen)
    return real


def _drops(way: Deliveries) -> list[Drop]:
    return list(zip(way.vehicle.tolist(), way.tank.tolist(), way.arrival_min.tolist(), strict=True))


def _begin(network: Network, start: Snapshot, real: dict[Drop, list[float]]) -> Snapshot:
    """``start`` with what went in of its drops on the way; uses them up in ``real``."""
    way, fleet = start.on_the_way, FleetState.of(network, start)
    went_in = np.array(
        [
            real[drop].pop(0) if real.get(drop) else kg
            for drop, kg in zip(_drops(way), way.kg.tolist(), strict=True)
        ]
    )
    for event in events_of(start, ()):
        rest = event.kg - float(went_in[event.stop])
        if event.vehicle >= 0 and rest > 0:
            fleet.keep(event, int(network.tanks.product[event.customer]), rest)
    return replace(start, on_the_way=replace(way, kg=went_in), **fleet.on_board())


def _driven(trip: Trip, real: dict[Drop, list[float]], fleet: FleetState) -> Trip:
    """``trip`` with what went in of its drops; what ``fleet`` has on board is changed in place."""
    stops: list[Stop] = []
    cut = False
    for stop in trip.stops:
        kg = stop.kg
        if stop.kind == "drop":
            told = real.get((trip.vehicle, stop.place, stop.arrival_min))
            kg = told.pop(0) if told else kg
            cut = cut or kg < stop.kg
        elif cut:
            kg = max(
                0.0, min(kg, float(fleet.payload_kg[trip.vehicle] - fleet.load_kg[trip.vehicle]))
            )
        fleet.load_kg[trip.vehicle] += kg if stop.kind == "load" else -kg
        stops.append(stop if kg == stop.kg else replace(stop, kg=kg))
    return replace(trip, stops=tuple(stops)) if cut else trip
