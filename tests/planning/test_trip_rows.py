"""The stops of tomorrow's trips as rows of a CSV file."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

from lmrs_rl.domain import Costs, Plan, Trip
from lmrs_rl.planning.trip_rows import write_trip_rows
from tests import tiny


def rows(folder: Path, *trips: Trip, now: int = 0) -> list[dict[str, str]]:
    plan = Plan(now, trips, (), Costs(0, 0, 0, 0))
    snapshot = replace(tiny.snapshot(), time_min=now)
    write_trip_rows(folder, plan, tiny.network(), snapshot)
    with (folder / "trips.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_each_stop_is_a_row_with_its_trip(tmp_path: Path) -> None:
    found = rows(tmp_path, tiny.trip(300))
    shared = {
        "trip": "1",
        "driver": "Ann",
        "vehicle": "truck",
        "product": "gas",
        "start_min": "300",
        "end_min": "500",
    }
    own = [
        ("1", "load", "plant", "310", "330", "1000.0"),
        ("2", "drop", "A", "360", "390", "400.0"),
        ("3", "drop", "B", "410", "440", "600.0"),
    ]
    names = ("stop", "kind", "place", "arrival_min", "departure_min", "kg")
    assert found == [shared | dict(zip(names, each, strict=True)) for each in own]
    assert list(found[0]) == [*shared, *names]


def test_trips_that_start_within_24_hours_are_numbered_and_later_ones_left_out(
    tmp_path: Path,
) -> None:
    found = rows(tmp_path, tiny.trip(1440), tiny.trip(2879), tiny.trip(2880), now=1440)
    assert [(each["trip"], each["start_min"]) for each in found] == [
        *[("1", "1440")] * 3,
        *[("2", "2879")] * 3,
    ]


def test_without_trips_the_columns_are_left(tmp_path: Path) -> None:
    assert rows(tmp_path) == []
    assert (tmp_path / "trips.csv").read_text() == (
        "trip,driver,vehicle,product,start_min,end_min,stop,kind,place,arrival_min,departure_min,"
        "kg\n"
    )
