"""REF01: trips whose references are sound, so that the other rules can be checked at all."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lmrs_rl.domain import Network, Stop, Trip
from lmrs_rl.domain.arrays import FOREVER
from lmrs_rl.referee.verdict import Violation


@dataclass(frozen=True)
class NumberedTrip:
    """A trip whose references are sound, with its position among those given."""

    number: int
    trip: Trip


def sound_references(
    network: Network, trips: Sequence[Trip]
) -> tuple[tuple[NumberedTrip, ...], tuple[Violation, ...]]:
    """The trips with sound references, and a violation of REF01 for each fault of the others.

    Faults are numbers out of range, times that are not whole minutes, quantities that are not
    finite, unknown kinds of stops and trips without stops. A trip with a fault is left out of all
    further rules and of the figures.
    """
    sound, violations = [], []
    for number, trip in enumerate(trips):
        faults = _faults(network, trip)
        violations += [Violation("REF01", f"trip {number}, {fault}", 1.0, "") for fault in faults]
        if not faults:
            sound.append(NumberedTrip(number, trip))
    return tuple(sound), tuple(violations)


def _faults(network: Network, trip: Trip) -> list[str]:
    counts = (
        ("driver", trip.driver, len(network.drivers)),
        ("vehicle", trip.vehicle, len(network.vehicles)),
        ("product", trip.product, len(network.products)),
    )
    faults = [f"{name} {value}" for name, value, count in counts if not _whole(value, 0, count)]
    faults += [
        f"{name} {value}"
        for name, value in (("start", trip.start_min), ("end", trip.end_min))
        if not _minute(value)
    ]
    faults += [] if trip.stops else ["no stops"]
    return faults + [
        f"stop {k}, {fault}"
        for k, stop in enumerate(trip.stops)
        for fault in _stop_faults(network, stop)
    ]


def _stop_faults(network: Network, stop: Stop) -> list[str]:
    places = {"drop": len(network.customers), "load": len(network.sites)}
    if stop.kind not in places:
        return [f"kind {stop.kind!r}"]
    faults: list[str] = []
    if not _whole(stop.place, 0, places[stop.kind]):
        faults.append(f"place {stop.place} of a {stop.kind}")
    faults += [
        f"{name} {value}"
        for name, value in (("arrival", stop.arrival_min), ("departure", stop.departure_min))
        if not _minute(value)
    ]
    return faults + ([] if math.isfinite(stop.kg) else [f"quantity {stop.kg}"])


def _minute(value: object) -> bool:
    return _whole(value, -FOREVER, FOREVER + 1)


def _whole(value: object, least: int, end: int) -> bool:
    """Whether a value is a whole number in [least, end), of whatever numeric type."""
    return (
        isinstance(value, (int, float, np.number))
        and least <= float(value) < end
        and float(value).is_integer()
    )
