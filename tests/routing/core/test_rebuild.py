"""Given routes as a state of the core."""

from __future__ import annotations

import pytest

from lmrs_rl.domain import Network
from lmrs_rl.routing.core.arrays import LONGEST_ROUTE, empty_state
from lmrs_rl.routing.core.rebuild import node_codes, place_if_legal, place_legal_part, state_of
from lmrs_rl.routing.routes import Route, Visit
from tests import tiny
from tests.routing import cases
from tests.routing.cases import order
from tests.routing.core.cores import at_min, both, core_of, route
from tests.tiny import TANK_A, TANK_B

A, B, LOAD, NIGHT = range(4)


def made(slot: int, start: int, end: int, *visits: Visit) -> Route:
    return Route(slot, start, end, visits)


def drop(who: int, arrival: int, sleeps: bool = False) -> Visit:
    return Visit(who, -1, arrival, arrival + 30, sleeps)


def load(arrival: int) -> Visit:
    return Visit(-1, 0, arrival, arrival + 20)


def sleepy(driving_min: int = 80) -> Network:
    columns = {"max_driving_min": [driving_min], "night_min": [600], "cost_per_night": [7.0]}
    return cases.with_columns(tiny.network(), drivers=columns, tanks={"overnight": (True, False)})


def test_nodes_are_numbered_orders_first_then_plants_then_nights() -> None:
    given = made(0, 0, 800, load(10), drop(A, 60, sleeps=True), drop(B, 710))
    assert node_codes(core_of(both()), given) == [LOAD, A, NIGHT, B]


def test_routes_are_put_in_by_their_start_so_that_each_finds_its_product() -> None:
    core = core_of(both(), days=2)
    first = made(0, 0, 130, load(10), drop(A, 60))
    second = made(1, 1440, 1590, drop(B, 1500))
    state, refused = state_of(core, [second, first])
    assert refused == []
    assert (route(state, 0), route(state, 1)) == ([LOAD, A], [B])
    assert state.slot_of.tolist() == [0, 1]
    # Without the first, the second finds nothing on board.
    state, refused = state_of(core, [second])
    assert refused == [second]
    assert state.length.tolist() == [0, 0]


def test_routes_run_as_early_as_they_can() -> None:
    core = core_of(both(), at=cases.loaded(500.0))
    state, _ = state_of(core, [made(0, 100, 250, drop(B, 160))])
    assert (state.start[0], state.end[0]) == (0, 150)


def test_a_route_out_of_time_is_refused() -> None:
    core = core_of([order(TANK_A), order(TANK_B, windows_h=at_min((60, 60)))])
    late = made(0, 0, 200, load(10), drop(B, 90))
    assert state_of(core, [late])[1] == [late]


def test_with_costs_a_refused_route_keeps_its_own_times() -> None:
    # B would be 20 min late after loading; the times given are taken as they are.
    core = core_of([order(TANK_A), order(TANK_B, windows_h=at_min((60, 60)))], days=2)
    given = made(0, 5, 250, load(20), drop(B, 95), drop(A, 150))
    state, refused = state_of(core, [given], {0: 77.0})
    assert refused == []
    assert route(state) == [LOAD, B, A]
    assert (state.start[0], state.end[0], state.cost[0]) == (5, 250, 77.0)
    # 5 min before the plant, 5 before B (40 + 50 = 90), 5 before A (125 + 20 = 145).
    assert (state.waited[0], state.driven[0]) == (15, 10 + 50 + 20 + 40)
    assert state.slot_of.tolist() == [0, 0]
    assert state.start_load.tolist() == [0.0, 1000.0]
    assert state.shortfall_cost.tolist() == [0.0]


def test_with_costs_a_legal_route_costs_what_the_core_counts() -> None:
    core = core_of(both(), at=cases.loaded(500.0))
    state, _ = state_of(core, [made(0, 100, 250, drop(B, 160))], {0: 77.0})
    assert (state.cost[0], state.start[0]) == (135.0, 0)


def test_nights_of_a_refused_route_are_no_waits() -> None:
    # The night is at B, no host, so that the core refuses the route.
    core = core_of(both(), sleepy(), cases.loaded(1000.0))
    given = made(1, 0, 790, drop(B, 60, sleeps=True), drop(A, 715))
    state, refused = state_of(core, [given], {1: 99.0})
    assert refused == []
    assert route(state, 1) == [B, NIGHT, A]
    # From 90 a night to 690, 20 min to A: 5 min of waiting.
    assert (state.waited[1], state.driven[1]) == (5, 120)
    assert state.slot_of.tolist() == [1, 1]


def test_a_refused_route_counts_what_its_drops_fall_short_of() -> None:
    orders = [order(TANK_A), order(TANK_B, 400.0, 900.0, at_min((60, 60)), value_per_kg=0.02)]
    core = core_of(orders, at=cases.loaded(1200.0))
    # B at 700 kg of 900 after A's 500.
    state, _ = state_of(core, [made(0, 0, 180, drop(A, 40), drop(B, 90))], {0: 1.0})
    assert state.shortfall_cost.tolist() == [pytest.approx(4.0)]


def test_routes_too_long_for_the_core_are_refused_with_and_without_costs() -> None:
    n = LONGEST_ROUTE - 1
    orders = [order(TANK_A, 10.0, 10.0)] * (n + 1)
    core = core_of(orders, at=cases.loaded(2000.0))
    visits = tuple(drop(k, 40 + 30 * k) for k in range(n + 1))
    long = Route(0, 0, 40 + 30 * (n + 1) + 40, visits)
    assert state_of(core, [long])[1] == [long]
    assert state_of(core, [long], {0: 1.0})[1] == [long]
    just = Route(0, 0, 40 + 30 * n + 40, visits[:n])
    state, refused = state_of(core, [just])
    assert refused == []
    assert state.length.tolist() == [n]


@pytest.mark.parametrize(("kg", "legal"), [(1000.0, True), (999.0, False)])
def test_a_route_is_placed_whole_or_not_at_all(kg: float, legal: bool) -> None:
    core = core_of(both(), at=cases.loaded(kg))
    state = empty_state(core)
    assert place_if_legal(core, state, 0, [B, A]) is legal
    assert route(state) == ([B, A] if legal else [])
    assert state.slot_of.tolist() == ([0, 0] if legal else [-1, -1])


def test_a_route_takes_no_product_from_later_ones() -> None:
    core = core_of(both(), at=cases.loaded(999.0), days=2)
    state = empty_state(core)
    assert place_if_legal(core, state, 1, [B])
    assert not place_if_legal(core, state, 0, [A])
    assert route(state) == []


def test_the_legal_part_of_a_route_is_all_of_it_where_it_is_legal() -> None:
    core = core_of(both(), at=cases.loaded(1000.0))
    state = empty_state(core)
    place_legal_part(core, state, 0, [B, A])
    assert route(state) == [B, A]


def test_the_legal_part_of_a_route_leaves_out_what_does_not_fit() -> None:
    # 1000 kg: A's 500, not B's 600 then, but C's 400.
    orders = [order(TANK_A), order(TANK_B, 600.0, 600.0), order(TANK_B, 400.0, 400.0)]
    core = core_of(orders, at=cases.loaded(1000.0))
    state = empty_state(core)
    place_legal_part(core, state, 0, [0, 1, 2])
    assert route(state) == [0, 2]
    assert state.slot_of.tolist() == [0, -1, 0]


def test_the_legal_part_of_a_route_is_legal_visit_by_visit() -> None:
    # B is late after loading, A is not.
    core = core_of([order(TANK_A), order(TANK_B, windows_h=at_min((60, 60)))])
    state = empty_state(core)
    place_legal_part(core, state, 0, [LOAD, B, A])
    assert route(state) == [LOAD, A]


def test_the_legal_part_of_a_long_route_is_what_the_core_can_hold() -> None:
    n = LONGEST_ROUTE
    core = core_of([order(TANK_A, 10.0, 10.0)] * n, at=cases.loaded(2000.0))
    state = empty_state(core)
    place_legal_part(core, state, 0, list(range(n)))
    assert route(state) == list(range(n - 1))
