"""How much later each trip can start and how much more it can drop, by hand in the tiny world.

Base 0, plant 10, A 40, B 60 [min]; every way back takes 7 min longer than the way out, so
`trip` (base, plant, A, B, base) is home after 207 min.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from lmrs_rl.domain import Costs, Network, Order, Plan, Snapshot, Stop, Trip
from lmrs_rl.routing.explaining.explanation import TripSlack
from lmrs_rl.routing.explaining.slack import trip_slack
from lmrs_rl.routing.problem import build_problem
from lmrs_rl.routing.reading import routes_of
from tests import tiny
from tests.routing import cases
from tests.routing.cases import order, with_columns
from tests.tiny import TANK_A, TANK_B

DAY = 1440
BOTH = (order(TANK_A), order(TANK_B))


def world(network: Network | None = None, sites: Any = None, **drivers: Any) -> Network:
    network = tiny.network() if network is None else network
    travel = network.travel_min.copy()
    travel[np.tril_indices(len(travel), -1)] += 7
    changed = replace(network, travel_min=travel)
    return with_columns(changed, drivers=drivers, sites={} if sites is None else sites)


def trip(start: int = 0, wait_a: int = 0, wait_b: int = 0, **changes: Any) -> Trip:
    """Waits before A and before B."""
    load, at_a, at_b = tiny.trip(start).stops
    stops = (load, later(at_a, wait_a), later(at_b, wait_a + wait_b))
    plain = tiny.trip(start)
    return replace(plain, stops=stops, end_min=start + 207 + wait_a + wait_b, **changes)


def later(stop: Stop, minutes: int) -> Stop:
    return replace(
        stop,
        arrival_min=stop.arrival_min + minutes,
        departure_min=stop.departure_min + minutes,
    )


def slack(
    network: Network,
    trips: Sequence[Trip],
    orders: Sequence[Order] = BOTH,
    now: int = 0,
    days: int = 1,
) -> list[tuple[int, str]]:
    """Minutes and the tightest limit of each trip."""
    at = cases.start(network, time_min=now)
    problem = build_problem(network, at, orders, horizon_min=days * DAY)
    plan = Plan(now, tuple(trips), (), Costs(0.0, 0.0, 0.0, 0.0))
    found = trip_slack(network, problem, at, plan, routes_of(problem, plan))
    assert [each.trip for each in found] == list(range(len(trips)))
    return [(each.time_min, each.tightest) for each in found]


def hours(first: int, last: int) -> tuple[Any]:
    return (np.array([[first, last]]),)


def test_a_trip_can_end_with_the_shift() -> None:
    assert slack(world(shift_min=hours(0, 307)), [trip()]) == [(100, "end of the working hours")]
    assert slack(world(shift_min=hours(0, 307)), [trip(50)]) == [(50, "end of the working hours")]


def test_a_trip_can_start_in_the_last_minute_of_its_day() -> None:
    assert slack(world(), [trip()]) == [(1439, "last start of the day")]
    assert slack(world(), [trip(DAY + 39)], now=DAY) == [(1400, "last start of the day")]


def test_loading_can_start_as_late_as_the_site_closes_after_it() -> None:
    # Loading takes 20 min: it starts at 30 at the latest, instead of at 10.
    network = world(sites={"access_min": hours(0, 50)})
    assert slack(network, [trip()]) == [(20, "window of plant")]


@pytest.mark.parametrize(
    ("a_closes", "b_closes", "want"),
    [(100, 400, (40, "window of A")), (400, 130, (20, "window of B"))],
)
def test_a_drop_can_start_as_late_as_its_window_closes(
    a_closes: int, b_closes: int, want: tuple[int, str]
) -> None:
    orders = [
        order(TANK_A, windows_h=[[0.0, a_closes / 60]]),
        order(TANK_B, windows_h=[[0.0, b_closes / 60]]),
    ]
    assert slack(world(), [trip()], orders) == [want]


@pytest.mark.parametrize(
    ("windows", "minutes"),
    [
        ([[0.0, 0.5], [1.0, 2.0], [3.0, 4.0]], 60),
        ([[0.0, 1.0], [2.0, 3.0]], 0),
        ([[0.0, 1.5], [2.0, 3.0]], 30),
    ],
)
def test_a_drop_stays_in_its_window(windows: list[list[float]], minutes: int) -> None:
    # A's drop starts at 60.
    orders = [order(TANK_A, windows_h=windows), order(TANK_B)]
    assert slack(world(), [trip()], orders) == [(minutes, "window of A")]


def test_a_drop_outside_its_windows_cannot_move() -> None:
    # As in a plan that breaks rules: the routes are those of a problem with other windows.
    network = world()
    at = cases.start(network)
    plan = Plan(0, (trip(),), (), Costs(0.0, 0.0, 0.0, 0.0))
    routes = routes_of(build_problem(network, at, BOTH, horizon_min=DAY), plan)
    closed = [order(TANK_A, windows_h=[[0.0, 0.5], [2.0, 3.0]]), order(TANK_B)]
    problem = build_problem(network, at, closed, horizon_min=DAY)
    (found,) = trip_slack(network, problem, at, plan, routes)
    assert (found.time_min, found.tightest) == (0, "window of A")


def test_a_wait_absorbs_a_later_start() -> None:
    # Without the waits of 20 and 30 min the trip is home after 207 min.
    network = world(shift_min=hours(0, 267))
    assert slack(network, [trip(wait_a=20, wait_b=30)]) == [(60, "end of the working hours")]


def test_a_night_is_no_wait() -> None:
    # A night of 600 min at A: home at 807.
    network = with_columns(
        world(night_min=[600], max_driving_min=[100], shift_min=hours(0, 850)),
        tanks={"overnight": [True, False]},
    )
    assert slack(network, [trip(wait_b=600)]) == [(43, "end of the working hours")]
    assert slack(network, [trip(wait_b=610)]) == [(43, "end of the working hours")]


def test_the_next_trip_of_the_driver_needs_a_rested_driver() -> None:
    # Home at 207; the next trip starts at 1500: rested if home at 1020.
    orders = [*BOTH, order(TANK_A), order(TANK_B)]
    trips = [trip(), trip(1500)]
    assert slack(world(), trips, orders, days=2) == [
        (813, "next trip of driver Ann"),
        (DAY + 1439 - 1500, "last start of the day"),
    ]
    # Whatever the order in which they are given.
    assert [minutes for minutes, _ in slack(world(), trips[::-1], orders, days=2)] == [1379, 813]
    moved = [trip(DAY), trip(DAY + 1500)]
    assert slack(world(), moved, orders, now=DAY, days=2)[0] == (813, "next trip of driver Ann")


def two_trucks() -> Network:
    """Either driver may drive either truck."""
    return world(cases.fleet(2), vehicle_allowed=np.ones((2, 2), dtype=bool))


@pytest.mark.parametrize(
    ("driver", "vehicle", "want"),
    [
        (1, 1, (1439, "last start of the day")),
        (1, 0, (793, "next trip of vehicle truck0")),
        (0, 1, (313, "next trip of driver driver0")),
        (0, 0, (313, "next trip of driver driver0")),
    ],
)
def test_the_next_trip_of_the_truck_or_the_driver_needs_them(
    driver: int, vehicle: int, want: tuple[int, str]
) -> None:
    # Home at 207, next trip at 1000; the driver has to be home at 520.
    orders = [*BOTH, order(TANK_A), order(TANK_B)]
    trips = [trip(driver=0, vehicle=0), trip(1000, driver=driver, vehicle=vehicle)]
    found = slack_of_slots(two_trucks(), trips, orders)
    assert found[0] == want
    assert found[1] == (439, "last start of the day")


def slack_of_slots(
    network: Network, trips: Sequence[Trip], orders: Sequence[Order]
) -> list[tuple[int, str]]:
    """As `slack`, though two trips may be in one slot of one day."""
    at = cases.start(network)
    problem = build_problem(network, at, orders, horizon_min=DAY)
    plans = [Plan(0, (each,), (), Costs(0.0, 0.0, 0.0, 0.0)) for each in trips]
    routes = [route for each in plans for route in routes_of(problem, each)]
    found = trip_slack(network, problem, at, replace(plans[0], trips=tuple(trips)), routes)
    return [(each.time_min, each.tightest) for each in found]


def spare(
    trips: Sequence[Trip], on_board: Sequence[float] = (0.0,), network: Network | None = None
) -> list[TripSlack]:
    """Slacks of fixed trips."""
    network = tiny.network() if network is None else network
    at: Snapshot = cases.loaded(np.array(on_board), network)
    problem = build_problem(network, at, [], horizon_min=DAY)
    plan = Plan(0, tuple(trips), (), Costs(0.0, 0.0, 0.0, 0.0))
    return list(trip_slack(network, problem, at, plan, [None] * len(trips)))


def stops(*kg: float) -> tuple[Stop, ...]:
    """Drops of these kg; loadings where they are less than 0."""
    return tuple(Stop("drop" if x > 0 else "load", 0, 0, 0, abs(x)) for x in kg)


def carrying(start: int, *kg: float, vehicle: int = 0) -> Trip:
    return Trip(0, vehicle, 0, start, start + 100, stops(*kg))


def test_a_fixed_trip_has_no_time_to_spare_but_load() -> None:
    assert spare([carrying(0, -1000.0, 300.0), carrying(200, 500.0)]) == [
        TripSlack(0, 0, "it is fixed", 200.0),
        TripSlack(1, 0, "it is fixed", 200.0),
    ]


@pytest.mark.parametrize(
    ("kg", "left"),
    [
        ((100.0, -1000.0, 600.0), 200.0),  # 200 kg when it loads, 600 at the end
        ((100.0, -1000.0, 1150.0), 50.0),  # 200 and 50
        ((-1000.0, 600.0), 700.0),  # what is on board before no drop needs
        ((100.0,), 200.0),
        ((400.0,), 0.0),  # a plan that drops more than there is
    ],
)
def test_load_to_spare_is_the_least_left_when_a_truck_loads_or_ends(
    kg: tuple[float, ...], left: float
) -> None:
    (found,) = spare([carrying(0, *kg)], [300.0])
    assert found.load_kg == left


def test_load_to_spare_is_shared_by_trips_between_two_loadings() -> None:
    # 300 kg on board: 100, then 50 dropped, then loading; 1000 + 150 less 600 at the end.
    trips = [carrying(400, -1000.0, 600.0), carrying(0, 100.0), carrying(200, 50.0)]
    assert [each.load_kg for each in spare(trips, [300.0])] == [550.0, 150.0, 150.0]


def test_each_truck_has_its_own_load_to_spare() -> None:
    trips = [carrying(0, 100.0), carrying(0, 200.0, vehicle=1), carrying(200, 30.0)]
    found = spare(trips, [300.0, 900.0], cases.fleet(2))
    assert [each.load_kg for each in found] == [170.0, 700.0, 170.0]
