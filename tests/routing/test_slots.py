"""Slots by hand: who may start a trip when, until when, and which slots exclude each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from lmrs_rl.domain import Network, Snapshot
from lmrs_rl.domain.arrays import FOREVER, IntArray
from lmrs_rl.routing.slots import Slots, conflicts, make_slots
from tests import tiny
from tests.routing import cases
from tests.routing.cases import with_columns

DAY = 1440


def slots_of(
    network: Network | None = None,
    at: Snapshot | None = None,
    *,
    horizon: int = DAY,
    nights: bool = False,
    **drivers: Any,
) -> Slots:
    network = with_columns(tiny.network() if network is None else network, drivers=drivers)
    at = cases.start(network) if at is None else at
    carried = np.arange(len(network.vehicles)) + 5
    return make_slots(network, at, carried, horizon_min=horizon, nights=nights)


def times(slots: Slots) -> list[tuple[int, int, int]]:
    """Opening, last start and close of each slot."""
    return list(
        zip(
            slots.open_min.tolist(),
            slots.last_start_min.tolist(),
            slots.close_min.tolist(),
            strict=True,
        )
    )


def shifts(*rows: tuple[int, int]) -> tuple[IntArray]:
    return (np.array(rows),)


def test_a_driver_who_always_works_has_a_slot_a_day_and_a_day_for_each_trip() -> None:
    assert times(slots_of(horizon=2 * DAY)) == [
        (0, DAY - 1, 2 * DAY - 1),
        (DAY, 2 * DAY - 1, 3 * DAY - 1),
    ]


def test_a_trip_starts_within_the_horizon_and_ends_within_the_shift() -> None:
    # The last piece has the last minute in which a trip may start.
    assert times(slots_of(horizon=DAY + 1, shift_min=shifts((100, 2000)))) == [
        (100, DAY - 1, 2000),
        (DAY, DAY, 2000),
    ]
    assert times(slots_of(shift_min=shifts((DAY, 2000)))) == []


def test_shifts_count_from_the_morning_and_what_is_over_is_cut_off() -> None:
    at = cases.start(time_min=600)
    found = slots_of(at=at, shift_min=shifts((0, 500), (510, 600), (600, 800), (1000, 1100)))
    # The second one has its last minute left.
    assert times(found) == [(0, 0, 0), (0, 200, 200), (400, 500, 500)]


def test_a_shift_is_cut_at_the_midnights_of_the_plan_not_of_the_clock() -> None:
    at = cases.start(time_min=600)
    found = slots_of(at=at, horizon=3 * DAY, shift_min=shifts((1300, 2300)))
    assert times(found) == [(700, DAY - 1, 1700), (DAY, 1700, 1700)]


@pytest.mark.parametrize(
    ("driver", "vehicle", "opens"), [(730, 700, 130), (700, 730, 130), (600, 500, 0), (0, 0, 0)]
)
def test_a_slot_opens_when_driver_and_vehicle_are_both_free(
    driver: int, vehicle: int, opens: int
) -> None:
    at = cases.start(time_min=600, driver_free_min=[driver], vehicle_free_min=[vehicle])
    assert times(slots_of(at=at, shift_min=shifts((0, 1000)))) == [(opens, 400, 400)]


def test_who_is_free_after_the_shift_has_no_slot_in_it() -> None:
    at = cases.start(driver_free_min=[400])
    assert times(slots_of(at=at, shift_min=shifts((0, 400)))) == [(400, 400, 400)]
    assert times(slots_of(at=at, shift_min=shifts((0, 399)))) == []


@pytest.mark.parametrize(("night", "end", "count"), [(600, 600, 1), (600, 601, 2), (0, 601, 1)])
def test_a_slot_has_a_twin_with_a_night_if_one_fits_into_the_shift(
    night: int, end: int, count: int
) -> None:
    columns: dict[str, Any] = {"night_min": [night], "shift_min": shifts((0, end))}
    found = slots_of(nights=True, **columns)
    assert found.night.tolist() == [False, True][:count]
    assert found.night_min.tolist() == [night] * count
    assert slots_of(nights=False, **columns).night.tolist() == [False]


def test_a_night_has_to_fit_between_the_opening_and_the_end_of_the_shift() -> None:
    at = cases.start(driver_free_min=[100])
    for end, nights in ((700, [False]), (701, [False, True])):
        found = slots_of(at=at, nights=True, night_min=[600], shift_min=shifts((0, end)))
        assert found.night.tolist() == nights


def test_a_trip_with_a_night_may_take_a_day_more() -> None:
    found = slots_of(nights=True, night_min=[600])
    assert times(found) == [(0, DAY - 1, 2 * DAY - 1), (0, DAY - 1, 3 * DAY - 1)]
    found = slots_of(nights=True, night_min=[600], shift_min=shifts((0, 2 * DAY)))
    assert times(found) == [(0, DAY - 1, 2 * DAY - 1), (0, DAY - 1, 2 * DAY)]


def two_pairs() -> Network:
    """Truck 0 and its driver, who begins at 500, truck 1 and its driver, who begins at 100 and may
    drive truck 0, too.
    """
    network = cases.fleet(2)
    network = replace(network, vehicles=replace(network.vehicles, base_point=np.array([0, 1])))
    return with_columns(
        network,
        vehicles={"capacity_kg": [2000.0, 900.0], "cost_per_km": [1.0, 2.0]},
        drivers={
            "shift_min": (np.array([[500, 900]]), np.array([[100, 800]])),
            "vehicle_allowed": [[True, False], [True, True]],
            "max_driving_min": [300, 400],
            "min_rest_min": [50, 60],
            "cost_per_km": [0.25, 0.5],
            "cost_per_min": [3.0, 4.0],
            "cost_per_night": [7.0, 8.0],
            "night_min": [600, 660],
        },
    )


def test_slots_are_in_order_of_start_with_what_belongs_to_their_driver_and_vehicle() -> None:
    found = slots_of(two_pairs())
    assert found.open_min.tolist() == [100, 100, 500]
    assert found.driver.tolist() == [1, 1, 0]
    assert found.vehicle.tolist() == [0, 1, 0]
    assert found.base_point.tolist() == [0, 1, 0]
    assert found.product.tolist() == [5, 6, 5]
    assert found.max_driving_min.tolist() == [400, 400, 300]
    assert found.night_min.tolist() == [660, 660, 600]
    assert found.capacity_kg.tolist() == [2000.0, 900.0, 2000.0]
    assert found.cost_per_km.tolist() == [1.5, 2.5, 1.25]
    assert found.cost_per_min.tolist() == [4.0, 4.0, 3.0]
    assert found.cost_per_night.tolist() == [8.0, 8.0, 7.0]
    # One driver in two trucks, with the rest; one truck with two drivers, without one.
    assert found.conflict.tolist() == [[0, 1, 60], [0, 2, 0]]


def test_the_longest_wait_is_a_minute_less_than_the_shortest_night() -> None:
    assert slots_of(two_pairs()).max_wait_min == 599
    # Who has no nights does not count.
    assert slots_of(night_min=[1], shift_min=shifts((0, 100))).max_wait_min == 0


def test_without_nights_a_wait_may_last_to_the_latest_close() -> None:
    found = slots_of(shift_min=shifts((0, 700), (800, 900)))
    assert found.max_wait_min == 900
    assert slots_of(shift_min=shifts((FOREVER - 1, FOREVER))).max_wait_min == 0


def pairs(
    driver: Sequence[int], vehicle: Sequence[int], start: Sequence[int], end: Sequence[int]
) -> list[list[int]]:
    """Conflicts if driver 0 rests 10 min and driver 1 20 min."""
    rest = np.array([10, 20])
    found = conflicts(np.array(driver), np.array(vehicle), np.array(start), np.array(end), rest)
    return [list(row) for row in found.tolist()]


@pytest.mark.parametrize(
    ("driver", "vehicle", "gap"),
    [((0, 0), (0, 1), 10), ((1, 1), (0, 1), 20), ((0, 1), (0, 0), 0), ((1, 1), (1, 1), 20)],
)
def test_slots_of_one_driver_or_vehicle_conflict_if_they_can_meet(
    driver: tuple[int, int], vehicle: tuple[int, int], gap: int
) -> None:
    assert pairs(driver, vehicle, (0, 100 + gap), (100, 200)) == []
    assert pairs(driver, vehicle, (0, 99 + gap), (100, 200)) == [[0, 1, gap]]


def test_slots_of_others_do_not_conflict() -> None:
    assert pairs((0, 1), (0, 1), (0, 0), (100, 100)) == []
