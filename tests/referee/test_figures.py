"""Figures of service and of trips that are not all the same, by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests import tiny
from tests.referee.cases import days, network, verdict
from tests.routing.cases import fleet


def test_hours_below_the_hit_level_and_dry_hours_are_counted_with_their_kg() -> None:
    # A holds 125 kg and uses 10 an hour: below 100 kg from the third hour on, by 5, 15, ... 95 kg
    # in ten hours; then it is dry: 5 kg are unmet in the 13th hour and 10 in each of 11 more.
    figures = verdict(at=days(24, level_kg=np.array([125.0, 400.0]))).figures
    assert figures.below_hit_tank_hours == 22
    assert figures.below_hit_kg_hours == pytest.approx(sum(range(5, 100, 10)) + 12 * 100)
    assert figures.dry_tank_hours == 12
    assert figures.unmet_kg == pytest.approx(5 + 11 * 10)


def test_a_level_at_its_hit_level_is_not_below() -> None:
    # After 48 h tank A is exactly there; an hour later it is not.
    assert verdict(at=days(48)).figures.below_hit_tank_hours == 0
    later = verdict(at=days(49)).figures
    assert (later.below_hit_tank_hours, later.below_hit_kg_hours) == (1, 10.0)
    assert (later.dry_tank_hours, later.unmet_kg) == (0, 0.0)


def test_each_trip_costs_at_the_rates_of_its_vehicle_and_driver() -> None:
    two = fleet(2)
    two = replace(
        two,
        vehicles=replace(two.vehicles, cost_per_km=np.array([1.0, 2.0])),
        drivers=replace(
            two.drivers, cost_per_km=np.array([0.5, 0.0]), cost_per_min=np.array([0.1, 1.0])
        ),
    )
    at = days(
        load_kg=np.zeros(2),
        load_product=np.full(2, -1),
        vehicle_free_min=np.zeros(2, dtype=np.int64),
        driver_free_min=np.zeros(2, dtype=np.int64),
    )
    # 60 km and 200 min each: 60 * 1.5 + 20 with the first, 60 * 2 + 200 with the second.
    figures = verdict(tiny.trip(), replace(tiny.trip(500), driver=1, vehicle=1), on=two, at=at)
    assert figures.figures.cost == pytest.approx(110 + 320)
    assert (figures.figures.km, figures.figures.kg, figures.figures.drops) == (120, 2000, 4)


def test_trips_after_the_end_do_not_count_whichever_they_are() -> None:
    figures = verdict(tiny.trip(2880, 1.0, 2.0), tiny.trip(100, 300.0, 600.0)).figures
    assert (figures.trips, figures.drops, figures.kg, figures.km) == (1, 2, 900.0, 60.0)


def test_nights_are_counted_over_all_trips() -> None:
    on = network(
        drivers={"night_min": [480], "cost_per_night": [70.0]}, tanks={"overnight": [True, True]}
    )
    first = tiny.trip()
    stops = tuple(
        replace(stop, arrival_min=stop.arrival_min + 480, departure_min=stop.departure_min + 480)
        for stop in first.stops
    )
    # A night before the first stop: 680 min on the road, of which 200 are paid.
    slept = replace(first, stops=stops, end_min=first.end_min + 480)
    figures = verdict(slept, tiny.trip(1500), on=on).figures
    assert figures.nights == 1
    assert figures.cost == pytest.approx(2 * (60 + 100) + 70)
