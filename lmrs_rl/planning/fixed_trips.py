"""Read trips that a plan must keep as they are."""

from __future__ import annotations

from pathlib import Path

from lmrs_rl.domain import InputError, Network, Trip
from lmrs_rl.formats.files import read_trips
from lmrs_rl.routing.pinning.pins import Pins


def fixed_trips(path: Path | None, network: Network) -> Pins:
    """The trips of a file as pins; no pins without a file.

    Raises
    ------
    InputError
        Naming file and field, for times out of order and negative quantities.
    """
    if path is None:
        return Pins()
    trips = read_trips(path, network)
    for k, trip in enumerate(trips):
        _check(f"{path.name}: trips[{k}]", trip)
    return Pins(trips)


def _check(field: str, trip: Trip) -> None:
    if trip.end_min < trip.start_min:
        raise InputError(
            f"{field}.end_min",
            trip.end_min,
            f"at least start_min = {trip.start_min}",
            "swap the two",
        )
    now = trip.start_min
    for j, stop in enumerate(trip.stops):
        here = f"{field}.stops[{j}]"
        if not stop.kg >= 0:
            raise InputError(
                f"{here}.kg",
                f"{stop.kg:g}",
                "at least 0",
                'give what is loaded or dropped; "kind" says which of the two',
            )
        if not now <= stop.arrival_min <= stop.departure_min <= trip.end_min:
            got = f"arrival_min {stop.arrival_min} and departure_min {stop.departure_min}"
            raise InputError(
                here, got, f"times in order from {now} to {trip.end_min}", "correct the times"
            )
        now = stop.departure_min
