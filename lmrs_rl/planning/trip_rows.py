"""The stops of a plan as a CSV file."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path

from lmrs_rl.domain import Network, Plan, Snapshot, Trip
from lmrs_rl.domain.arrays import MINUTES_PER_DAY
from lmrs_rl.domain.files import write_text_atomically

_TRIP_COLUMNS = ("trip", "driver", "vehicle", "product", "start_min", "end_min")
_STOP_COLUMNS = ("stop", "kind", "place", "arrival_min", "departure_min", "kg")


def write_trip_rows(folder: Path, plan: Plan, network: Network, snapshot: Snapshot) -> None:
    """Write ``trips.csv``: a row for each stop of the trips that start within 24 hours."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([*_TRIP_COLUMNS, *_STOP_COLUMNS])
    tomorrow = plan.starting_before(snapshot.time_min + MINUTES_PER_DAY)
    for number, trip in enumerate(tomorrow, 1):
        writer.writerows(_rows(number, trip, network))
    write_text_atomically(folder / "trips.csv", text.getvalue())


def _rows(number: int, trip: Trip, network: Network) -> Iterator[list[object]]:
    ids = {"load": network.sites.ids, "drop": network.customers.ids}
    columns = (
        number,
        network.drivers.ids[trip.driver],
        network.vehicles.ids[trip.vehicle],
        network.products[trip.product],
        trip.start_min,
        trip.end_min,
    )
    for k, stop in enumerate(trip.stops, 1):
        place = ids[stop.kind][stop.place]
        yield [*columns, k, stop.kind, place, stop.arrival_min, stop.departure_min, stop.kg]
