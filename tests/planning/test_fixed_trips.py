"""Trips that a plan must keep: read from a file as pins, refused where times or quantities cannot
be.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from lmrs_rl.domain import InputError, Stop, Trip
from lmrs_rl.formats.files import write_trips
from lmrs_rl.planning.fixed_trips import fixed_trips
from lmrs_rl.routing.pinning.pins import Pins
from tests import tiny


def read(folder: Path, *trips: Trip) -> Pins:
    write_trips(folder / "fixed.json", trips, tiny.network())
    return fixed_trips(folder / "fixed.json", tiny.network())


def with_stop(number: int, **changes: int | float) -> Trip:
    """The tiny trip (load 10-30, A 60-90, B 110-140, back at 200) with a stop changed."""
    trip = tiny.trip()
    stops = list(trip.stops)
    stops[number] = replace(stops[number], **changes)  # type: ignore[arg-type]
    return replace(trip, stops=tuple(stops))


def test_without_a_file_nothing_is_fixed() -> None:
    assert fixed_trips(None, tiny.network()) == Pins()


def test_the_trips_of_a_file_are_fixed_in_order(tmp_path: Path) -> None:
    trips = tiny.trip(), tiny.trip(1440)
    assert read(tmp_path, *trips) == Pins(trips)


@pytest.mark.parametrize(
    "trip",
    [
        Trip(0, 0, 0, 50, 50, ()),  # of no length
        Trip(0, 0, 0, 50, 50, (Stop("load", 0, 50, 50, 0.0),)),  # nor its stop, of nothing
        with_stop(0, arrival_min=0),  # at once
        with_stop(1, arrival_min=30),  # from stop to stop without a way
        with_stop(2, departure_min=200),  # until the end
    ],
)
def test_times_may_be_equal_and_quantities_0(tmp_path: Path, trip: Trip) -> None:
    assert read(tmp_path, trip) == Pins((trip,))


@pytest.mark.parametrize(
    ("trip", "told"),
    [
        (Trip(0, 0, 0, 50, 49, ()), r"trips\[1\]\.end_min: got 49; wanted at least start_min = 50"),
        (with_stop(0, arrival_min=-1), r"trips\[1\]\.stops\[0\]: got .*in order from 0 to 200"),
        (with_stop(1, arrival_min=29), r"trips\[1\]\.stops\[1\]: got .*in order from 30 to 200"),
        (with_stop(1, departure_min=59), r"stops\[1\]: got arrival_min 60 and departure_min 59"),
        (with_stop(2, departure_min=201), r"trips\[1\]\.stops\[2\]: got .*from 90 to 200"),
        (with_stop(2, kg=-1e-3), r"trips\[1\]\.stops\[2\]\.kg: got -0\.001; wanted at least 0"),
    ],
)
def test_times_out_of_order_and_negative_quantities_are_refused(
    tmp_path: Path, trip: Trip, told: str
) -> None:
    with pytest.raises(InputError, match=r"fixed\.json: " + ".*" + told):
        read(tmp_path, tiny.trip(), trip)
