"""Trips over midnight put right by what the morning after showed, solved by hand in the tiny
world.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lmrs_rl.domain import (
    CallInOrders,
    Days,
    Deliveries,
    Executed,
    InputError,
    Snapshot,
    Stop,
    Trip,
)
from lmrs_rl.domain.arrays import FloatArray
from lmrs_rl.referee import judge
from lmrs_rl.stock import execute, settled
from tests import tiny


def daily(
    snapshot: Snapshot, trips: tuple[Trip, ...], use_kg: FloatArray, hours: int = 24
) -> tuple[list[Executed], Snapshot]:
    """The hours of ``use_kg`` in periods of ``hours``."""
    periods = []
    for first in range(0, len(use_kg), hours):
        mine = tuple(
            trip
            for trip in trips
            if snapshot.time_min <= trip.start_min < snapshot.time_min + 60 * hours
        )
        done, snapshot = execute(
            tiny.network(), snapshot, mine, use_kg[first : first + hours], CallInOrders.none()
        )
        periods.append(done)
    return periods, snapshot


def kg(trip: Trip) -> list[float]:
    return [stop.kg for stop in trip.stops]


def late_trip(
    load: float = 800, drop: float = 800, load_again: float = 0, drop_again: float = 0
) -> Trip:
    """Loads at 23:00, is at A twenty minutes after midnight; loads again at 02:00 and is at B at
    03:00.
    """
    stops = [Stop("load", 0, 1380, 1400, load), Stop("drop", tiny.TANK_A, 1460, 1490, drop)]
    if load_again:
        stops += [
            Stop("load", 0, 1560, 1580, load_again),
            Stop("drop", tiny.TANK_B, 1620, 1650, drop_again),
        ]
    return Trip(0, 0, 0, 1370, 1750, tuple(stops))


def nothing_used(level_a: float = 580) -> tuple[Snapshot, FloatArray]:
    return replace(tiny.snapshot(), level_kg=np.array([level_a, 400.0])), np.zeros((48, 2))


def test_a_drop_after_midnight_that_did_not_fit_is_cut_in_the_trip_it_belongs_to() -> None:
    start, use = nothing_used()
    periods, after = daily(start, (late_trip(),), use)
    assert kg(periods[0].trips[0]) == [800, 800]  # as planned, on its evening
    assert periods[1].arrived.kg.tolist() == [420]
    (trip,) = settled(tiny.network(), start, periods).trips
    assert kg(trip) == [800, 420]
    assert after.load_kg.tolist() == [380]


def test_a_trip_that_went_as_planned_is_the_same_object() -> None:
    start, use = nothing_used()
    periods, _ = daily(start, (late_trip(drop=400),), use)
    assert settled(tiny.network(), start, periods).trips[0] is periods[0].trips[0]


@pytest.mark.parametrize(
    ("load_again", "loaded", "left"),
    [
        (
            2000,
            1620,
            1500,
        ),  # 380 stay on board at A and 2000 fit: after 500 at B no more are left than was planned
        (1000, 1000, 880),  # there is room for all of it
    ],
)
def test_the_next_load_of_the_trip_is_cut_by_what_does_not_fit_on_board(
    load_again: float, loaded: float, left: float
) -> None:
    start, use = nothing_used()
    periods, after = daily(start, (late_trip(load_again=load_again, drop_again=500),), use)
    (trip,) = settled(tiny.network(), start, periods).trips
    assert kg(trip) == [800, 420, loaded, 500]
    assert after.load_kg.tolist() == [left]


def test_a_drop_in_transit_at_the_start_is_told_as_it_was_and_its_rest_is_on_board() -> None:
    start, use = nothing_used()
    way = Deliveries(
        np.array([tiny.TANK_A]), np.array([30]), np.array([700.0]), np.array([0]), np.array([200.0])
    )
    start = replace(start, in_transit=way)
    periods, after = daily(start, (), use)
    really = settled(tiny.network(), start, periods)
    assert really.start.in_transit.kg.tolist() == [420]
    # 280 did not fit, of which the vehicle could keep 200.
    assert really.start.load_kg.tolist() == after.load_kg.tolist() == [200]
    assert really.start.load_product.tolist() == [0]


def test_stretches_with_a_gap_are_refused() -> None:
    start, use = nothing_used()
    periods, _ = daily(start, (), use)
    with pytest.raises(InputError, match=r"periods\[0\]\.from_min"):
        settled(tiny.network(), start, periods[1:])


@st.composite
def nights(draw: st.DrawFn) -> tuple[Snapshot, tuple[Trip, ...], FloatArray]:
    """Three days of any use, a trip with two loads over each midnight; what is dropped is on
    board if all goes as planned.
    """
    level = np.array([draw(st.floats(0, 1000)), draw(st.floats(0, 1000))])
    use = np.array(
        draw(st.lists(st.tuples(st.floats(0, 60), st.floats(0, 60)), min_size=72, max_size=72))
    )
    trips, board = [], 0.0
    for day in range(2):
        load = draw(st.floats(0, 2000 - board))
        first = draw(st.floats(0, board + load))
        again = draw(st.floats(0, 2000 - board - load + first))
        second = draw(st.floats(0, board + load - first + again))
        board += load - first + again - second
        trip = late_trip(load, first, max(again, 1e-3), second)
        trips.append(
            replace(
                trip,
                start_min=trip.start_min + 1440 * day,
                end_min=trip.end_min + 1440 * day,
                stops=_later(trip.stops, 1440 * day),
            )
        )
    return replace(tiny.snapshot(), level_kg=level), tuple(trips), use


def _later(stops: tuple[Stop, ...], minutes: int) -> tuple[Stop, ...]:
    return tuple(
        replace(s, arrival_min=s.arrival_min + minutes, departure_min=s.departure_min + minutes)
        for s in stops
    )


@pytest.mark.heavy
@given(nights(), st.sampled_from([1, 6, 24]))
def test_in_pieces_all_is_as_in_one_piece(
    night: tuple[Snapshot, tuple[Trip, ...], FloatArray], hours: int
) -> None:
    start, trips, use = night
    whole, after = execute(tiny.network(), start, trips, use, CallInOrders.none())
    periods, last = daily(start, trips, use, hours)
    really = settled(tiny.network(), start, periods)
    np.testing.assert_allclose(
        [kg(trip) for trip in really.trips], [kg(trip) for trip in whole.trips], atol=1e-6
    )
    np.testing.assert_allclose(
        np.concatenate([s.level_kg for s in periods]), whole.level_kg, atol=1e-6
    )
    np.testing.assert_allclose(last.load_kg, after.load_kg, atol=1e-5)


@given(nights(), st.integers(24, 71))
def test_the_referee_finds_no_product_out_of_nothing_wherever_counting_begins(
    night: tuple[Snapshot, tuple[Trip, ...], FloatArray], first: int
) -> None:
    start, trips, use = night
    before, middle = daily(
        start, tuple(t for t in trips if t.start_min < 60 * first), use[:first], first
    )
    del before
    periods, _ = daily(
        middle, tuple(t for t in trips if t.start_min >= 60 * first), use[first:], 72 - first
    )
    really = settled(tiny.network(), middle, periods)
    verdict = judge(
        tiny.network(), Days("tiny", really.start, use[first:], CallInOrders.none()), really.trips
    )
    codes = {v.code for v in verdict.operating if not (v.code == "DYN01" and "dry" in v.where)}
    assert not codes & {"SHI06", "DYN01", "SHI05"}
