"""Loads and drops in order of time, trips that cannot be executed, and what is on board."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from lmrs_rl.domain import NO_PRODUCT, Deliveries, InputError, Network, Stop, Trip
from lmrs_rl.stock.events import Event, FleetState, check_trips, events_of
from tests import tiny
from tests.referee.cases import with_stop


def transit(
    minutes: list[int], kg: list[float], vehicle: int = 0, room: float = np.inf
) -> Deliveries:
    n = len(minutes)
    return Deliveries(
        np.zeros(n, dtype=np.int64),
        np.array(minutes),
        np.array(kg),
        np.full(n, vehicle),
        np.full(n, room),
    )


def test_events_come_in_order_of_arrival_and_deliveries_before_trips() -> None:
    start = replace(tiny.snapshot(), in_transit=transit([60, 10], [5.0, 6.0], room=70.0))
    trips = tiny.trip(50), tiny.trip()
    found = events_of(start, trips)
    # Trip 1 loads at 10 and drops at 60 and 110; trip 0 is 50 minutes later: 60, 110 and 160.
    assert [(e.minute, e.trip, e.stop) for e in found] == [
        (10, -1, 1),
        (10, 1, 0),
        (60, -1, 0),
        (60, 0, 0),
        (60, 1, 1),
        (110, 0, 1),
        (110, 1, 2),
        (160, 0, 2),
    ]
    assert found[0] == Event(10, -1, 1, 0, tiny.TANK_A, -1, 6.0, 70.0)
    assert found[1] == Event(10, 1, 0, 0, -1, 0, 1000.0)
    assert found[6] == Event(110, 1, 2, 0, tiny.TANK_B, 0, 600.0)


def test_a_delivery_that_is_late_arrives_now() -> None:
    start = replace(tiny.snapshot(), time_min=1440, in_transit=transit([1439, 1441], [5.0, 6.0]))
    assert [event.minute for event in events_of(start, ())] == [1440, 1441]


def check(trip: Trip, network: Network | None = None) -> None:
    check_trips(tiny.network() if network is None else network, (tiny.trip(5), trip), 0, 1440)


@pytest.mark.parametrize(
    "trip",
    [
        tiny.trip(0),
        tiny.trip(1439),
        Trip(0, 0, 0, 50, 50, ()),
        Trip(0, 0, 0, 50, 50, (Stop("load", 0, 50, 50, 0.0),)),
    ],
)
def test_a_trip_that_can_be_executed_passes(trip: Trip) -> None:
    check(trip)


@pytest.mark.parametrize(
    ("trip", "told"),
    [
        (tiny.trip(-1), r"trips\[1\]\.start_min: got -1; wanted a start from 0 to 1439"),
        (tiny.trip(1440), r"trips\[1\]\.start_min: got 1440"),
        (replace(tiny.trip(), driver=1), r"trips\[1\]\.driver: got 1; wanted 0 to 0"),
        (replace(tiny.trip(), driver=-1), r"trips\[1\]\.driver: got -1"),
        (replace(tiny.trip(), vehicle=1), r"trips\[1\]\.vehicle: got 1"),
        (replace(tiny.trip(), product=1), r"trips\[1\]\.product: got 1"),
        (with_stop(tiny.trip(), 0, place=1), r"stops\[0\]\.place: got 1; wanted 0 to 0"),
        (with_stop(tiny.trip(), 1, place=2), r"stops\[1\]\.place: got 2; wanted 0 to 1"),
        (with_stop(tiny.trip(), 1, place=-1), r"stops\[1\]\.place: got -1"),
        (
            with_stop(tiny.trip(), 0, arrival_min=-1),
            r"stops\[0\]\.arrival_min: got -1; wanted at l",
        ),
        (with_stop(tiny.trip(), 1, arrival_min=9), r"stops\[1\]\.arrival_min: got 9; .* least 10"),
        (with_stop(tiny.trip(), 2, kg=-1.0), r"stops\[2\]\.kg: got -1"),
        (replace(tiny.trip(), end_min=109), r"end_min: got 109; .* the last arrival, 110"),
    ],
)
def test_a_trip_that_cannot_be_executed_is_refused(trip: Trip, told: str) -> None:
    with pytest.raises(InputError, match=told):
        check(trip)


@pytest.mark.parametrize("kg", [np.nan, np.inf])
def test_a_quantity_that_is_no_number_is_refused(kg: float) -> None:
    with pytest.raises(InputError, match=r"stops\[0\]\.kg"):
        check(with_stop(tiny.trip(), 0, kg=kg))


def fleet(load: float = 500.0, product: int = 0, **changes: Any) -> FleetState:
    """One truck of 2000 kg."""
    start = replace(
        tiny.snapshot(), load_kg=np.array([load]), load_product=np.array([product]), **changes
    )
    return FleetState.of(tiny.network(), start)


def test_no_more_is_loaded_than_fits_and_no_more_dropped_than_is_there() -> None:
    one = fleet()
    assert one.load(0, 0, 1000.0) == 1000.0
    assert one.load(0, 0, 1000.0) == 500.0
    assert one.load(0, 0, 1.0) == 0.0
    assert one.unload(0, 0, 1500.0) == 1500.0
    assert one.unload(0, 0, 600.0) == 500.0
    assert one.load_kg.tolist() == [0.0]


def test_an_overfull_truck_loads_nothing() -> None:
    one = fleet()
    one.load_kg[0] = 2001.0
    assert one.load(0, 0, 10.0) == 0.0


def test_another_product_is_refused_until_less_than_a_rounding_error_is_left() -> None:
    for act in (FleetState.load, FleetState.unload):
        with pytest.raises(InputError, match="product of vehicle 0's trip: got product 1, with"):
            act(fleet(), 0, 1, 10.0)
        one = fleet()
        one.load_kg[0] = 1e-6
        act(one, 0, 1, 10.0)
        assert one.product == [1]


def test_a_rest_from_rounding_is_no_product_on_board() -> None:
    one = fleet()
    assert {name: value.tolist() for name, value in one.on_board().items()} == {
        "load_kg": [500.0],
        "load_product": [0],
    }
    one.load_kg[0] = 1e-6
    assert {name: value.tolist() for name, value in one.on_board().items()} == {
        "load_kg": [0.0],
        "load_product": [NO_PRODUCT],
    }


def test_what_did_not_fit_goes_back_as_far_as_the_trip_has_room() -> None:
    one = fleet()
    event = Event(60, -1, 0, 0, tiny.TANK_A, -1, 400.0, 250.0)
    assert one.room_to_take_back(event) == 250.0
    one.take_back(event, 0, 100.0)
    assert (one.load_kg[0], one.room_to_take_back(event)) == (600.0, 150.0)
    one.take_back(event, 0, 200.0)
    assert (one.load_kg[0], one.taken_back_kg[0]) == (750.0, 250.0)
    # Another delivery of the trip, which has less room than was taken back already.
    assert one.room_to_take_back(replace(event, room_kg=200.0)) == 0.0
