"""The stops of a plan as rows of a CSV file."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from lmrs_rl.domain import Network, Plan, Snapshot
from lmrs_rl.domain.arrays import MINUTES_PER_DAY
from lmrs_rl.domain.files import write_text_atomically


def write_trip_rows(folder: Path, plan: Plan, network: Network, snapshot: Snapshot) -> None:
    """``trips.csv``: a row for each stop of the trips that start within 24 hours."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(
        [
            "trip",
            "driver",
            "vehicle",
            "product",
            "start_min",
            "end_min",
            "stop",
            "kind",
            "place",
            "arrival_min",
            "departure_min",
            "kg",
        ]
    )
    ids = {"load": network.sites.ids, "drop": network.customers.ids}
    for k, trip in enumerate(plan.starting_before(snapshot.time_min + MINUTES_PER_DAY), 1):
        head = (
            k,
            network.drivers.ids[trip.driver],
            network.vehicles.ids[trip.vehicle],
            network.products[trip.product],
            trip.start_min,
            trip.end_min,
        )
        for j, stop in enumerate(trip.stops, 1):
            writer.writerow(
                [
                    *head,
                    j,
                    stop.kind,
                    ids[stop.kind][stop.place],
                    stop.arrival_min,
                    stop.departure_min,
                    stop.kg,
                ]
            )
    write_text_atomically(folder / "trips.csv", text.getvalue())
