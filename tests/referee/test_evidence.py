"""What the rules are checked on, by hand: loads, levels, names, and small parts of them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from lmrs_rl.domain import Deliveries, Trip
from lmrs_rl.referee.evidence import (
    Evidence,
    gather_evidence,
    intervals,
    minutes_outside,
    previous_of_same,
)
from lmrs_rl.referee.references import NumberedTrip
from tests import tiny
from tests.referee import cases
from tests.routing.cases import fleet


def evidence(*trips: Trip, hours: int = 24, **start: Any) -> Evidence:
    numbered = [NumberedTrip(10 + k, trip) for k, trip in enumerate(trips)]
    return gather_evidence(tiny.network(), cases.days(hours, **start), numbered)


def test_loads_are_chained_in_order_of_start_and_not_in_the_order_given() -> None:
    # 50 kg on board; the first trip leaves 100 more, the second 400 more.
    late, early = tiny.trip(1000, loaded_kg=1400.0), tiny.trip(0, loaded_kg=1100.0)
    found = evidence(late, early, load_kg=np.array([50.0]), load_product=np.array([0])).loads
    assert found.start_kg.tolist() == [150.0, 50.0]
    assert found.end_kg.tolist() == [550.0, 150.0]
    assert found.after_kg.tolist() == [1550.0, 1150.0, 550.0, 1150.0, 750.0, 150.0]
    assert found.foreign_kg.tolist() == [0.0, 0.0]


@pytest.mark.parametrize(("kg", "foreign"), [(1e-6, 0.0), (0.5, 0.5)])
def test_another_product_is_foreign_above_the_tolerance(kg: float, foreign: float) -> None:
    trip = tiny.trip()
    network = replace(
        tiny.network(),
        products=("gas", "air"),
        vehicles=replace(tiny.network().vehicles, product_allowed=np.ones((1, 2), dtype=bool)),
        sites=replace(tiny.network().sites, product_offered=np.ones((1, 2), dtype=bool)),
    )
    days = cases.days(24, load_kg=np.array([kg]), load_product=np.array([1]))
    # The trip makes the vehicle's product its own: the next one finds nothing foreign.
    both = [NumberedTrip(0, trip), NumberedTrip(1, tiny.trip(500))]
    assert gather_evidence(network, days, both).loads.foreign_kg.tolist() == [foreign, 0.0]


def test_each_vehicle_has_its_own_load() -> None:
    two = fleet(2)
    days = cases.days(
        24,
        load_kg=np.array([5.0, 7.0]),
        load_product=np.zeros(2, dtype=np.int64),
        vehicle_free_min=np.zeros(2, dtype=np.int64),
        driver_free_min=np.zeros(2, dtype=np.int64),
    )
    trips = [NumberedTrip(0, tiny.trip()), NumberedTrip(1, replace(tiny.trip(), vehicle=1))]
    assert gather_evidence(two, days, trips).loads.start_kg.tolist() == [5.0, 7.0]


def test_levels_add_drops_in_transit_and_of_trips_in_the_hour_of_their_arrival() -> None:
    # In transit to A: 30 kg in the first hour, 40 kg in the last, and 1000 kg after the end.
    way = Deliveries(
        np.array([0, 0, 0]), np.array([59, 1439, 1440]), np.array([30.0, 40.0, 1000.0])
    )
    found = evidence(tiny.trip(), in_transit=way).levels
    # The trip arrives at A at 01:00 (400 kg) and at B at 01:50 (600 kg).
    assert found.dropped_kg[:2].tolist() == [[30.0, 0.0], [400.0, 600.0]]
    assert found.dropped_kg.sum(axis=0).tolist() == [470.0, 600.0]
    assert found.dropped_kg[23].tolist() == [40.0, 0.0]
    assert found.level_kg[0].tolist() == [580 + 30 - 10, 400 - 5]
    assert found.level_kg[1].tolist() == [580 + 430 - 20, 400 + 600 - 10]


def test_several_drops_in_an_hour_all_count() -> None:
    way = Deliveries(np.array([0, 0]), np.array([0, 59]), np.array([30.0, 40.0]))
    assert evidence(in_transit=way).levels.dropped_kg[0].tolist() == [70.0, 0.0]


def test_demand_that_a_dry_tank_cannot_meet_is_lost_and_not_owed() -> None:
    # A holds 15 kg and uses 10 an hour: 5 kg are unmet in the second hour, then all of it. 35 kg
    # that come in the fifth hour last for it and two more.
    way = Deliveries(np.array([0]), np.array([240]), np.array([35.0]))
    found = evidence(level_kg=np.array([15.0, 400.0]), in_transit=way, hours=24).levels
    assert found.level_kg[:8, 0].tolist() == [5, 0, 0, 0, 25, 15, 5, 0]
    assert found.unmet_kg[:9, 0].tolist() == [0, 5, 10, 10, 0, 0, 0, 5, 10]
    assert not found.unmet_kg[:, 1].any()


def test_names_tell_the_number_given_and_the_place() -> None:
    found = evidence(tiny.trip(), tiny.trip(1000))
    assert [found.trip_name(row) for row in (0, 1)] == ["trip 10", "trip 11"]
    assert found.stop_name(0) == "trip 10, stop 0 (plant)"
    assert found.stop_name(5) == "trip 11, stop 2 (B)"
    assert [found.leg_name(row) for row in (0, 3, 4, 7)] == [
        "trip 10, stop 0 (plant)",
        "trip 10, return",
        "trip 11, stop 0 (plant)",
        "trip 11, return",
    ]


def test_the_previous_trip_of_the_same_driver() -> None:
    assert previous_of_same(np.array([3, 1, 3, 3, 1])).tolist() == [-1, -1, 0, 2, 1]
    assert previous_of_same(np.zeros(0, dtype=np.int64)).tolist() == []


def test_intervals_begin_and_end_at_the_edges_too() -> None:
    mask = np.array([[1, 0], [1, 1], [0, 0], [1, 1]], dtype=bool)
    assert intervals(mask) == [(0, 0, 1), (0, 3, 3), (1, 1, 1), (1, 3, 3)]
    assert intervals(np.zeros((3, 2), dtype=bool)) == []


@pytest.mark.parametrize(
    ("first", "last", "outside"),
    [
        (10, 20, 0),
        (9, 20, 1),
        (10, 22, 2),
        (8, 23, 5),
        (21, 29, 9),  # nine minutes too late for the one, as many too early for the other
        (22, 29, 8),
        (30, 40, 0),
    ],
)
def test_minutes_outside_are_those_of_the_window_that_fits_best(
    first: int, last: int, outside: int
) -> None:
    assert minutes_outside(np.array([[10, 20], [30, 40]]), first, last) == outside


@pytest.mark.parametrize(("last", "outside"), [(5, 1), (6, 1), (9, 4)])
def test_without_windows_all_minutes_are_outside_and_at_least_one(last: int, outside: int) -> None:
    assert minutes_outside(np.zeros((0, 2), dtype=np.int64), 5, last) == outside


def test_tables_have_a_row_for_each_trip_stop_and_leg() -> None:
    load = tiny.trip().stops[0]
    short = Trip(0, 0, 0, 500, 700, (replace(load, arrival_min=510, departure_min=530),))
    found = evidence(tiny.trip(), short)
    assert (len(found.trips), found.trips.number.tolist()) == (2, [10, 11])
    assert found.stops.trip.tolist() == [0, 0, 0, 1]
    assert found.stops.order.tolist() == [0, 1, 2, 0]
    assert found.stops.drop.tolist() == [False, True, True, False]
    assert found.stops.point.tolist() == [tiny.SITE, tiny.A, tiny.B, tiny.SITE]
    assert found.stops.kg.tolist() == [1000.0, 400.0, 600.0, 1000.0]
    legs = found.legs
    assert legs.trip.tolist() == [0, 0, 0, 0, 1, 1]
    assert legs.stop.tolist() == [0, 1, 2, -1, 3, -1]
    assert legs.leave_min.tolist() == [0, 30, 90, 140, 500, 530]
    assert legs.arrive_min.tolist() == [10, 60, 110, 200, 510, 700]
    assert legs.travel_min.tolist() == [10, 30, 20, 60, 10, 10]
    assert legs.km.tolist() == [5, 15, 10, 30, 5, 5]
    assert legs.driving_min.tolist() == [10, 40, 60, 120, 10, 20]
    assert not legs.night_min.any()
