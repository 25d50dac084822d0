"""Rules about one trip after another, on both sides of their limits."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from lmrs_rl.domain import Network, Trip
from lmrs_rl.referee import judge
from tests import tiny
from tests.referee.cases import days, network, told, verdict

NO_REST = {"min_rest_min": [0]}


def small_trip(start_min: int) -> Trip:
    """A trip of 50 + 50 kg, which fits into the tanks in the hours after the big one."""
    return tiny.trip(start_min, kg_a=50.0, kg_b=5.0, loaded_kg=55.0)


def two_drivers() -> Network:
    base = tiny.network()
    columns = (
        "max_driving_min",
        "min_rest_min",
        "vehicle_allowed",
        "cost_per_km",
        "cost_per_min",
        "cost_per_night",
        "night_min",
    )
    twice = {name: np.repeat(getattr(base.drivers, name), 2, axis=0) for name in columns}
    return replace(
        base,
        drivers=replace(
            base.drivers, ids=("Ann", "Bob"), shift_min=base.drivers.shift_min * 2, **twice
        ),
    )


def test_shi06_never_less_than_nothing_on_board() -> None:
    assert verdict(tiny.trip(loaded_kg=1000.0)).valid
    broken = verdict(tiny.trip(loaded_kg=999.9))
    assert told(broken) == [("SHI06", 0.1)]
    assert broken.violations[0].where == "trip 0, stop 2 (B)"


def test_shi06_never_more_than_the_capacity_on_board() -> None:
    assert verdict(tiny.trip(), on=network(vehicles={"capacity_kg": [1000.0]})).valid
    broken = verdict(tiny.trip(), on=network(vehicles={"capacity_kg": [999.9]}))
    assert told(broken) == [("SHI06", 0.1)]
    assert broken.violations[0].where == "trip 0, stop 0 (plant)"


def test_shi06_a_deviation_under_the_tolerance_passes() -> None:
    assert verdict(tiny.trip(loaded_kg=1000.0 - 5e-7)).valid
    assert told(verdict(tiny.trip(loaded_kg=1000.0 - 2e-6))) == [("SHI06", 2e-6)]


def test_shi06_the_load_carries_over_from_the_trip_before() -> None:
    first = tiny.trip(loaded_kg=1055.0)
    second = tiny.trip(680, kg_a=50.0, kg_b=5.0, loaded_kg=0.0)
    assert verdict(first, second).valid
    assert told(verdict(tiny.trip(loaded_kg=1054.9), second)) == [("SHI06", 0.1)]


def test_shi06_the_load_of_the_morning_counts() -> None:
    assert verdict(tiny.trip(loaded_kg=900.0), at=days(load_kg=[100.0], load_product=[0])).valid


def test_shi07_trips_of_a_vehicle_not_given_in_order_of_start() -> None:
    first, second = (
        replace(tiny.trip(loaded_kg=1030.0), driver=1),
        tiny.trip(680, kg_a=50.0, kg_b=5.0, loaded_kg=25.0),
    )
    assert judge(two_drivers(), days(driver_free_min=[0, 0]), [first, second]).valid
    # Given first, the second should start with the morning's 0 kg, but starts with the 30 kg that
    # the first left. And in this order the vehicle is not back before it starts: 680 + 200 - 0.
    assert told(judge(two_drivers(), days(driver_free_min=[0, 0]), [second, first])) == [
        ("SHI07", 30),
        ("TL01", 880),
    ]


def test_dri01_rest_between_trips() -> None:
    assert verdict(tiny.trip(), small_trip(680)).valid  # back at 200, rest of 480
    assert told(verdict(tiny.trip(), small_trip(679))) == [("DRI01", 1)]


def test_dri01_the_morning_tells_when_a_driver_is_first_free() -> None:
    assert verdict(tiny.trip(60), at=days(driver_free_min=[60])).valid
    assert told(verdict(tiny.trip(59), at=days(driver_free_min=[60]))) == [("DRI01", 1)]


def test_tl01_the_vehicle_is_back() -> None:
    assert verdict(tiny.trip(), small_trip(200), on=network(drivers=NO_REST)).valid
    second = replace(small_trip(199), driver=1)
    assert told(judge(two_drivers(), days(driver_free_min=[0, 0]), [tiny.trip(), second])) == [
        ("TL01", 1)
    ]


def test_tl01_the_morning_tells_when_a_vehicle_is_first_free() -> None:
    assert verdict(tiny.trip(60), at=days(vehicle_free_min=[60])).valid
    assert told(verdict(tiny.trip(59), at=days(vehicle_free_min=[60]))) == [("TL01", 1)]


def test_tl01_and_dri01_no_trip_starts_before_the_days() -> None:
    assert told(verdict(tiny.trip(1439), at=days(time_min=1440))) == [("DRI01", 1), ("TL01", 1)]
