"""The limits that decouple slots, by hand: where two trips are split, and what one leaves to the
next.

The tiny world's driver rests 480 min between trips and may start at any minute: slot 0 opens at 0,
slot 1 at 1440, slot 2 at 2880; each closes a day after its last start.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from lmrs_rl.domain import Network, Snapshot
from lmrs_rl.domain.arrays import FOREVER
from lmrs_rl.routing.ortools.restriction import Restriction, decouple_slots
from lmrs_rl.routing.problem import RoutingProblem, build_problem
from lmrs_rl.routing.routes import Route, Visit
from tests import tiny
from tests.routing import cases
from tests.routing.cases import order, with_columns
from tests.tiny import TANK_A, TANK_B

DAY = 1440
LOAD, AT_A, AT_B = Visit(-1, 0, 10, 30), Visit(0, -1, 60, 90), Visit(1, -1, 110, 140)


def problem_of(
    days: int,
    network: Network | None = None,
    at: Snapshot | None = None,
    stockout_h: float = 0.0,
    **drivers: Any,
) -> RoutingProblem:
    """Orders of 500 kg at A and of 700 kg at B."""
    network = with_columns(tiny.network() if network is None else network, drivers=drivers)
    at = cases.start(network) if at is None else at
    orders = [order(TANK_A, stockout_h=stockout_h), order(TANK_B, 700.0, 700.0)]
    return build_problem(network, at, orders, horizon_min=days * DAY)


def used(slot: int, start: int, end: int, *visits: Visit) -> Route:
    return Route(slot, start, end, visits)


def times(got: Restriction) -> list[tuple[int, int, int]]:
    """Opening, last start and close of each slot."""
    columns = (got.open_min.tolist(), got.last_start_min.tolist(), got.close_min.tolist())
    return list(zip(*columns, strict=True))


def loads(got: Restriction) -> list[tuple[float, float]]:
    """What each slot starts with and must leave."""
    return list(zip(got.start_load_kg.tolist(), got.min_end_load_kg.tolist(), strict=True))


def test_from_nothing_a_slot_ends_a_rest_before_the_next_one_opens() -> None:
    got = decouple_slots(problem_of(2), ())
    assert got.from_nothing
    assert got.enabled.tolist() == [True, True]
    assert times(got) == [(0, 960, 960), (1440, 2879, 4319)]
    assert got.latest_min.tolist() == [FOREVER, FOREVER]
    assert got.loadings.tolist() == [[0]]


def test_a_slot_that_conflicts_with_none_keeps_its_times() -> None:
    problem = problem_of(2, shift_min=cases.shifts(0, 960, 2))
    assert times(decouple_slots(problem, ())) == [(0, 960, 960), (1440, 2400, 2400)]


@pytest.mark.parametrize(
    ("end", "split"),
    [(900, 960), (960, 960), (961, 961), (1300, 1300), (2399, 2399)],
)
def test_a_trip_that_ends_late_moves_the_next_opening(end: int, split: int) -> None:
    got = decouple_slots(problem_of(2), (used(0, 700, end, AT_A),))
    assert got.enabled.tolist() == [True, True]
    assert times(got) == [(0, min(1439, split), split), (split + 480, 2879, 4319)]


def test_a_slot_that_finds_no_room_after_a_trip_is_off() -> None:
    got = decouple_slots(problem_of(2), (used(0, 700, 2400, AT_A),))
    assert got.enabled.tolist() == [True, False]
    assert times(got) == [(0, 1439, 2879), (1440, 2879, 4319)]


@pytest.mark.parametrize(("start", "on"), [(1440, False), (1441, True)])
def test_a_slot_that_opens_too_late_for_its_driver_to_rest_before_a_trip_is_off(
    start: int, on: bool
) -> None:
    # A driver who is free at 961 and comes home at once has rested at 1441.
    at = cases.start(driver_free_min=[961])
    got = decouple_slots(problem_of(2, at=at), (used(1, start, start + 100, AT_A),))
    assert got.enabled.tolist() == [on, True]
    assert times(got)[1] == (start if on else 1440, 2879, 4319)
    if on:
        assert times(got)[0] == (961, 961, 961)


def test_two_trips_are_split_between_the_two() -> None:
    routes = (used(0, 700, 1200, AT_A), used(1, 1700, 1800, AT_B))
    got = decouple_slots(problem_of(2), routes)
    assert not got.from_nothing
    # The later one's opening moves as little as the earlier one's end allows.
    assert times(got) == [(0, 1200, 1200), (1680, 2879, 4319)]
    # As late as can be: home at 1220, rested at 1700.
    got = decouple_slots(problem_of(2), (used(0, 700, 1220, AT_A), routes[1]))
    assert times(got) == [(0, 1220, 1220), (1700, 2879, 4319)]


def test_a_slot_that_is_off_leaves_no_trace_in_the_others() -> None:
    # After a rest of 1500 min the first trip, home at 100, leaves slot 1 from 1600 on, too late for
    # the trip that starts at 2900.
    routes = (used(0, 0, 100, AT_A), used(2, 2900, 3000, AT_B))
    got = decouple_slots(problem_of(3, min_rest_min=[1500]), routes)
    assert got.enabled.tolist() == [True, False, True]
    assert times(got)[0] == (0, 1380, 1380)
    assert times(got)[2] == (2880, 4319, 5759)


def test_used_slots_come_before_unused_ones() -> None:
    # Slot 0 would leave slot 1 from 1440 on, which is what its trip needs.
    routes = (used(1, 1440, 2000, AT_A), used(2, 2900, 3000, AT_B))
    at = cases.start(driver_free_min=[1000])
    got = decouple_slots(problem_of(3, at=at), routes)
    assert got.enabled.tolist() == [False, True, True]


def test_a_drop_may_be_as_late_as_it_is_or_due() -> None:
    routes = (used(0, 0, 200, LOAD, AT_A, AT_B),)
    # A's drop is at 60; B is never due.
    for due_h, latest in ((0.5, 60), (1.0, 60), (2.0, 120)):
        got = decouple_slots(problem_of(1, stockout_h=due_h), routes)
        assert got.latest_min.tolist() == [latest, FOREVER]
    got = decouple_slots(problem_of(1), (used(0, 0, 200, LOAD, AT_B),))
    assert got.latest_min.tolist()[0] == FOREVER


def test_loadings_are_counted_by_site_and_vehicle() -> None:
    network = with_columns(
        cases.fleet(2),
        sites={
            "ids": ("plant", "other"),
            "point": [tiny.SITE, tiny.SITE],
            "product_offered": [[True], [True]],
            "setup_min": [20, 20],
            "load_kg_per_min": [np.inf, np.inf],
            "vehicle_allowed": np.ones((2, 2), dtype=bool),
            "access_min": tiny.network().sites.access_min * 2,
        },
    )
    problem = problem_of(1, network)
    second = Visit(-1, 1, 10, 30)
    routes = (used(0, 0, 200, LOAD, AT_A, LOAD), used(1, 0, 200, second, AT_B, second, LOAD))
    assert problem.slots.vehicle.tolist() == [0, 1]
    assert decouple_slots(problem, routes).loadings.tolist() == [[2, 1], [0, 2]]


def early(*visits: Visit) -> Route:
    return used(0, 0, 200, *visits)


def late(*visits: Visit) -> Route:
    return used(1, 1500, 1700, *visits)


@pytest.mark.parametrize(
    ("on_board", "routes", "want"),
    [
        # 1500 - 500 kg; of the 1000 that are left B needs 700.
        (1500.0, [early(AT_A), late(AT_B)], [(1500.0, 700.0), (700.0, 0.0)]),
        # A's 500 kg later leave 800, and the second trip needs 500 of them.
        (1500.0, [early(AT_B), late(AT_A)], [(1500.0, 500.0), (500.0, 0.0)]),
        # Whole kg: 1200 on board, all of them needed.
        (1200.9, [early(AT_A), late(AT_B)], [(1200.0, 700.0), (700.0, 0.0)]),
        # Who loads first needs nothing of what is left.
        (1500.0, [early(AT_A), late(LOAD, AT_B)], [(1500.0, 0.0), (0.0, 0.0)]),
        # Who loads later needs what is dropped before.
        (1500.0, [early(AT_A), late(AT_B, LOAD, AT_B)], [(1500.0, 700.0), (700.0, 0.0)]),
        # Loading fills the truck.
        (0.0, [early(LOAD, AT_A), late(AT_B)], [(0.0, 700.0), (700.0, 0.0)]),
        (0.0, [early(LOAD, AT_A), late(AT_B, AT_B, AT_B)], [(0.0, 1500.0), (1500.0, 0.0)]),
        # Nothing is left for a trip that needs something all the same.
        (500.0, [early(AT_A), late(AT_B)], [(500.0, 0.0), (0.0, 0.0)]),
        (400.0, [early(AT_A), late(AT_B)], [(400.0, 0.0), (0.0, 0.0)]),
        # Without trips nothing has to be left.
        (1500.0, [], [(1500.0, 0.0), (0.0, 0.0)]),
        (1500.0, [early(AT_A)], [(1500.0, 0.0), (0.0, 0.0)]),
        # A slot without a trip passes on what the next one needs.
        (1500.0, [late(AT_B)], [(1500.0, 700.0), (700.0, 0.0)]),
    ],
)
def test_a_slot_leaves_what_the_next_ones_need(
    on_board: float, routes: Sequence[Route], want: list[tuple[float, float]]
) -> None:
    network = with_columns(tiny.network(), vehicles={"capacity_kg": [2000.9]})
    problem = problem_of(2, network, cases.loaded(on_board))
    assert loads(decouple_slots(problem, tuple(routes))) == want


def test_what_is_left_is_for_all_later_trips_until_one_loads() -> None:
    problem = problem_of(3, at=cases.loaded(1500.0))
    last = used(2, 3000, 3100, AT_A)
    assert loads(decouple_slots(problem, (late(AT_B), last))) == [
        (1500.0, 1200.0),
        (1200.0, 500.0),
        (500.0, 0.0),
    ]


def test_each_vehicle_has_its_own_load_and_slots_that_are_off_have_none() -> None:
    network = cases.fleet(2)
    at = cases.loaded([1500.0, 900.0], network)
    problem = problem_of(1, network, at)
    assert problem.slots.vehicle.tolist() == [0, 1]
    assert loads(decouple_slots(problem, (used(1, 0, 200, AT_B),))) == [(1500.0, 0.0), (900.0, 0.0)]
    problem = problem_of(2, at=cases.loaded(1500.0))
    got = decouple_slots(problem, (used(0, 700, 2400, AT_A),))
    assert loads(got) == [(1500.0, 0.0), (0.0, 0.0)]
