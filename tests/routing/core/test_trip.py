"""One trip: when it runs, what it costs, whether it is legal."""

from __future__ import annotations

import numpy as np
import pytest

from lmrs_rl.domain import Network
from lmrs_rl.routing.core.arrays import Core, empty_state
from lmrs_rl.routing.core.trip import (
    LATE,
    LEGAL,
    TOO_FAR,
    available_time,
    chain_loads,
    earliest_schedule,
    first_shortage,
    last_opening,
    latest_start,
    longest_wait,
    next_opening,
    schedule_trip,
    service_time,
)
from tests import tiny
from tests.routing import cases
from tests.routing.cases import order
from tests.routing.core.cores import at_min, both, core_of, nodes, put, times
from tests.tiny import TANK_A, TANK_B

A, B, LOAD, NIGHT = range(4)
"""Nodes of two orders and a plant."""

LONG_DAY = (0, 5000)


def limited(driving_min: int = 600, **drivers: object) -> Network:
    """The tiny network with a driving limit and nights of 600 min at 7, at A alone."""
    columns = {"max_driving_min": [driving_min], "night_min": [600], "cost_per_night": [7.0]}
    return cases.with_columns(
        tiny.network(), drivers={**columns, **drivers}, tanks={"overnight": (True, False)}
    )


def with_night(driving_min: int = 80) -> tuple[Core, int]:
    """A core whose slot number may spend a night."""
    core = core_of(both(), limited(driving_min))
    (slot,) = np.flatnonzero(core.night).tolist()
    return core, slot


def opening_core() -> Core:
    """A opens from 60 to 120 and from 300 to 360, B from 600 to 660."""
    return core_of(
        [
            order(TANK_A, windows_h=at_min((60, 120), (300, 360))),
            order(TANK_B, windows_h=at_min((600, 660))),
        ]
    )


@pytest.mark.parametrize(
    ("minute", "first"),
    [(0, 60), (60, 60), (90, 90), (120, 120), (121, 300), (360, 360), (361, -1)],
)
def test_service_starts_in_the_next_window(minute: int, first: int) -> None:
    assert next_opening(opening_core(), A, minute) == first


@pytest.mark.parametrize(
    ("minute", "last"),
    [(59, -1), (60, 60), (90, 90), (120, 120), (299, 120), (300, 300), (400, 360)],
)
def test_service_starts_in_the_last_window_before(minute: int, last: int) -> None:
    assert last_opening(opening_core(), A, minute) == last


def test_windows_of_other_nodes_do_not_count() -> None:
    core = opening_core()
    assert next_opening(core, B, 0) == 600
    assert last_opening(core, B, 599) == -1
    assert last_opening(core, B, 700) == 660


def test_loading_takes_as_long_as_the_slots_vehicle_needs() -> None:
    # 20 min of set-up, 100 kg a minute.
    network = cases.with_columns(
        cases.fleet(2),
        vehicles={"capacity_kg": [2000.0, 1000.0]},
        sites={"load_kg_per_min": [100.0]},
        tanks={"setup_min": [30, 31]},
    )
    core = core_of(both(), network)
    assert [service_time(core, slot, LOAD) for slot in core.vehicle.tolist()] == [40, 30]
    assert [service_time(core, 1, node) for node in (A, B)] == [30, 31]


@pytest.mark.parametrize(
    ("sequence", "start_load", "need_after", "position"),
    [
        ((A, B), 1000.0, 0.0, -1),
        ((A, B), 999.0, 0.0, 1),
        ((A, B), 499.0, 0.0, 0),
        ((A, B), 1001.0, 1.0, -1),
        ((A, B), 1000.0, 1.0, 2),  # the end: a later trip lacks it
        ((LOAD, A, B), 0.0, 1000.0, -1),  # 2000 kg loaded
        ((LOAD, A, B), 0.0, 1001.0, 3),
        ((A, LOAD, B), 499.0, 0.0, 0),
        ((A, LOAD, B), 500.0, 1500.0, -1),
        ((A, NIGHT, B), 999.0, 0.0, 2),  # a night brings nothing
        ((), 5.0, 6.0, 0),
    ],
)
def test_the_first_visit_that_finds_too_little_is_found(
    sequence: tuple[int, ...], start_load: float, need_after: float, position: int
) -> None:
    core = core_of(both())
    n = len(sequence)
    assert first_shortage(core, 0, nodes(*sequence), n, start_load, need_after) == position


def test_a_sequence_runs_as_early_as_it_can() -> None:
    # A opens at 100, after a wait of 60; B 30 + 20 min later; back 30 + 60 min later.
    core, arrival = core_of([order(TANK_A, windows_h=at_min((100, 200))), order(TANK_B)]), times()
    assert earliest_schedule(core, 0, nodes(A, B), 2, 0, arrival) == (LEGAL, 240, 60)
    assert arrival[:3].tolist() == [100, 150, -7]
    # Started 5 min after the wait is gone: all are later, nothing is waited for.
    assert earliest_schedule(core, 0, nodes(A, B), 2, 65, arrival) == (LEGAL, 245, 0)
    assert arrival[:2].tolist() == [105, 155]


def test_waits_add_up() -> None:
    orders = [
        order(TANK_A, windows_h=at_min((100, 200))),
        order(TANK_B, windows_h=at_min((155, 200))),
    ]
    result = earliest_schedule(core_of(orders), 0, nodes(A, B), 2, 0, times())
    assert result == (LEGAL, 245, 65)


@pytest.mark.parametrize(("last", "verdict"), [(39, (LATE, 0, 0)), (40, (LEGAL, 110, 0))])
def test_a_visit_after_its_last_window_is_late(last: int, verdict: tuple[int, int, int]) -> None:
    core = core_of([order(TANK_A, windows_h=at_min((0, last)))])
    assert earliest_schedule(core, 0, nodes(0), 1, 0, times()) == verdict


@pytest.mark.parametrize(
    ("limit", "verdict"),
    [(120, (LEGAL, 180, 0)), (119, (TOO_FAR, 0, 0)), (60, (TOO_FAR, 0, 0)), (59, (TOO_FAR, 0, 0))],
)
def test_all_legs_count_as_driving(limit: int, verdict: tuple[int, int, int]) -> None:
    core = core_of(both(), limited(limit, night_min=[0]))
    assert earliest_schedule(core, 0, nodes(A, B), 2, 0, times()) == verdict


def test_too_much_driving_is_told_before_a_closed_door() -> None:
    # B is reached after 60 min, when it is closed: a night before would not mend the time, but what
    # is told first is the driving.
    core = core_of([order(TANK_A), order(TANK_B, windows_h=at_min((0, 80)))], limited(59))
    assert earliest_schedule(core, 0, nodes(A, B), 2, 0, times())[0] == TOO_FAR


def test_the_whole_limit_may_be_driven_up_to_the_last_visit() -> None:
    # A lies at the base: B and A are 120 min, and nothing is left to drive.
    network = cases.with_columns(tiny.network(), drivers={"max_driving_min": [120]})
    core = core_of(both(), network, travel_min=cases.line([0, 10, 0, 60, 70])["travel_min"])
    assert earliest_schedule(core, 0, nodes(B, A), 2, 0, times()) == (LEGAL, 180, 0)


@pytest.mark.parametrize(("limit", "verdict"), [(80, LEGAL), (79, TOO_FAR)])
def test_driving_begins_anew_after_a_night(limit: int, verdict: int) -> None:
    core, slot = with_night(limit)
    arrival = times()
    # To A 40 min, then a night; 20 to B and 60 back. A from 40 to 70, the night to 670, B at 690.
    result = earliest_schedule(core, slot, nodes(A, NIGHT, B), 3, 0, arrival)
    assert result == ((LEGAL, 780, 0) if verdict == LEGAL else (TOO_FAR, 0, 0))
    assert arrival[:3].tolist() == [40, 670, 690]


def test_the_latest_start_still_ends_in_time() -> None:
    core = core_of([order(TANK_A, windows_h=at_min((100, 200))), order(TANK_B)])
    # Back from 240: B at 150, A at 100, start at 60.
    assert latest_start(core, 0, nodes(A, B), 2, 240) == 60
    # With more time, A's door sets the limit: 200 - 40.
    assert latest_start(core, 0, nodes(A, B), 2, 400) == 160


def test_the_latest_start_lies_within_the_slot() -> None:
    network = cases.with_columns(tiny.network(), drivers={"shift_min": (np.array([[0, 1439]]),)})
    core = core_of([order(TANK_A, windows_h=at_min((0, 3000)))], network)
    assert core.last_start.tolist() == [1439]
    assert latest_start(core, 0, nodes(0), 1, 1439 + 110) == 1439
    assert latest_start(core, 0, nodes(0), 1, 1439 + 109) == 1438


def test_the_latest_start_leaves_time_for_the_night() -> None:
    core, slot = with_night()
    assert latest_start(core, slot, nodes(A, NIGHT, B), 3, 800) == 20


def test_the_longest_wait_is_that_before_one_visit() -> None:
    core, arrival = core_of(both()), times()
    arrival[:2] = 50, 103  # 10 min at A; 50 + 30 + 20 = 100, 3 min at B
    assert longest_wait(core, 0, nodes(A, B), 2, 0, arrival) == 10
    arrival[:2] = 50, 125
    assert longest_wait(core, 0, nodes(A, B), 2, 0, arrival) == 25
    assert longest_wait(core, 0, nodes(A, B), 2, 5, arrival) == 25
    arrival[:2] = 40, 90
    assert longest_wait(core, 0, nodes(A, B), 2, 0, arrival) == 0


def test_a_night_is_no_wait() -> None:
    core, slot = with_night()
    arrival = times()
    arrival[:3] = 45, 675, 699
    # 5 min at A; from 75 on the night to 675, B could be reached at 695.
    assert longest_wait(core, slot, nodes(A, NIGHT, B), 3, 0, arrival) == 5


def test_routes_of_other_slots_leave_less_time() -> None:
    # A in the first slot at 1380, from 1340 to 1450; B in the third at 3000, from 2940 to 3090.
    orders = [
        order(TANK_A, windows_h=at_min((1380, 1380))),
        order(TANK_B, windows_h=at_min((3000, 3000))),
    ]
    core = core_of(orders, at=cases.loaded(1000.0), days=3)
    state = empty_state(core)
    assert available_time(core, state, 1) == (1440, 2 * 1440 - 1 + 1440)
    put(core, state, 0, A)
    put(core, state, 2, B)
    # 480 min of rest lie between trips.
    assert available_time(core, state, 1) == (1450 + 480, 2940 - 480)
    assert available_time(core, state, 0) == (0, 2940 - 480)
    assert available_time(core, state, 2) == (2880, 3 * 1440 - 1 + 1440)


def test_a_trip_costs_its_km_and_minutes() -> None:
    core, arrival = core_of(both()), times()
    # 60 km; 120 min of driving and 60 of service at 0.5.
    assert schedule_trip(core, 0, nodes(A, B), 2, LONG_DAY, arrival) == (LEGAL, 150.0, 0, 180)


def test_a_price_for_each_km_counts_every_leg() -> None:
    network = cases.with_columns(
        tiny.network(), vehicles={"cost_per_km": [3.0]}, drivers={"cost_per_min": [0.0]}
    )
    result = schedule_trip(core_of(both(), network), 0, nodes(A, B), 2, LONG_DAY, times())
    assert result == (LEGAL, 180.0, 0, 180)


@pytest.mark.parametrize(
    ("room", "expected"),
    [
        ((0, 110), (LEGAL, 95.0, 0, 110)),
        ((0, 109), (LATE, 0.0, 0, 0)),
        ((1439, 1600), (LEGAL, 95.0, 1439, 1549)),
        ((1440, 1600), (LATE, 0.0, 0, 0)),  # the next slot's
    ],
)
def test_a_trip_fits_into_its_room(
    room: tuple[int, int], expected: tuple[int, float, int, int]
) -> None:
    assert schedule_trip(core_of([order()]), 0, nodes(0), 1, room, times()) == expected


def test_a_trip_that_waits_starts_as_late_as_it_can() -> None:
    # B opens at 200 and is left at 230, back at 290: B 200, A 150, start 110, 180 min in all.
    # A is due at 140, and 10 min late: at 1440 / 1440 a minute.
    orders = [
        order(TANK_A, penalty=1440.0, stockout_h=140 / 60),
        order(TANK_B, windows_h=at_min((200, 300))),
    ]
    core, arrival = core_of(orders), times()
    result = schedule_trip(core, 0, nodes(A, B), 2, LONG_DAY, arrival)
    assert result == (LEGAL, 150.0 + 10.0, 110, 290)
    assert arrival[:2].tolist() == [150, 200]


@pytest.mark.parametrize(("due", "cost"), [(39, 96.0), (40, 95.0), (41, 95.0)])
def test_a_drop_after_its_due_minute_costs_more(due: int, cost: float) -> None:
    core = core_of([order(penalty=1440.0, stockout_h=due / 60)])
    assert schedule_trip(core, 0, nodes(0), 1, LONG_DAY, times())[1] == pytest.approx(cost)


def test_changes_of_plan_have_their_price() -> None:
    core = core_of(both(), order_slot_cost=np.array([[3.0], [4.0]]))
    assert schedule_trip(core, 0, nodes(A, B), 2, LONG_DAY, times())[1] == 157.0
    assert schedule_trip(core, 0, nodes(B), 1, LONG_DAY, times())[1] == 60 + 75 + 4.0


@pytest.mark.parametrize(("night_min", "legal"), [(50, False), (51, True)])
def test_a_wait_as_long_as_a_night_is_refused(night_min: int, legal: bool) -> None:
    # A by 100, B from 200 on: a wait of 50 min at B at the least.
    orders = [
        order(TANK_A, windows_h=at_min((0, 100))),
        order(TANK_B, windows_h=at_min((200, 300))),
    ]
    core = core_of(orders, limited(night_min=[night_min]))
    result = schedule_trip(core, 0, nodes(A, B), 2, LONG_DAY, times())
    # 60 km, 230 min from 60 to 290.
    assert result == ((LEGAL, 60 + 115.0, 60, 290) if legal else (LATE, 0.0, 0, 0))


def test_a_night_is_paid_by_its_price_and_not_by_the_minute() -> None:
    core, slot = with_night()
    result = schedule_trip(core, slot, nodes(A, NIGHT, B), 3, LONG_DAY, times())
    assert result == (LEGAL, 60 + 90 + 7.0, 0, 780)
    # No night where its slot allows none, nor after B.
    day = 1 - slot
    assert schedule_trip(core, day, nodes(A, NIGHT, B), 3, LONG_DAY, times())[0] == TOO_FAR
    assert schedule_trip(core, slot, nodes(B, NIGHT, A), 3, LONG_DAY, times())[0] == TOO_FAR


def test_what_a_trip_leaves_on_board_is_what_the_next_one_starts_with() -> None:
    core = core_of(both(), at=cases.loaded(1200.0), days=4)
    state = empty_state(core)
    put(core, state, 0, A)
    put(core, state, 2, B, LOAD)
    put(core, state, 3, B)
    assert state.start_load.tolist() == [1200.0, 700.0, 700.0, 2000.0]
    # B in the third slot needs its 500 kg before the loading, which is all that follows needs.
    assert state.need_after.tolist() == [500.0, 500.0, 500.0, 0.0]


def test_a_loading_needs_nothing_of_earlier_trips() -> None:
    core = core_of(both(), at=cases.loaded(1200.0), days=3)
    state = empty_state(core)
    put(core, state, 1, LOAD, A, B)
    put(core, state, 2, A)
    assert state.start_load.tolist() == [1200.0, 1200.0, 1000.0]
    assert state.need_after.tolist() == [0.0, 500.0, 0.0]


def test_a_night_loads_nothing_and_takes_nothing() -> None:
    core, slot = with_night()
    assert slot == 1  # after the slot of the same day without a night
    state = empty_state(core)
    state.visits[0, :3], state.length[0] = (LOAD, A, NIGHT), 3
    state.visits[1, :3], state.length[1] = (A, NIGHT, B), 3
    chain_loads(core, state, 0)
    assert state.start_load.tolist() == [0.0, 1500.0]
    assert state.need_after.tolist() == [1000.0, 0.0]


def test_other_vehicles_keep_their_loads() -> None:
    network = cases.fleet(2)
    core = core_of(both(), network, cases.loaded([1200.0, 1300.0], network), days=2)
    state = empty_state(core)
    put(core, state, 1, A)
    assert core.vehicle.tolist() == [0, 1, 0, 1]
    assert state.start_load.tolist() == [1200.0, 1300.0, 1200.0, 800.0]
    put(core, state, 2, B)
    assert state.need_after.tolist() == [500.0, 0.0, 0.0, 0.0]
