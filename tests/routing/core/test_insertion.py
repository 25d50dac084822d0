"""Where an order is inserted, step by step: places, lower bounds, the best of them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from lmrs_rl.domain import Network
from lmrs_rl.routing.core.arrays import LONGEST_ROUTE, Core, State, empty_state
from lmrs_rl.routing.core.insertion import (
    bound_insertions,
    bound_new_trip,
    fill_spare_load,
    index_of_least,
    insert_best,
    waiting_and_driving,
)
from lmrs_rl.routing.core.random import uniform
from tests import tiny
from tests.routing import cases
from tests.routing.cases import order
from tests.routing.core.cores import at_min, both, core_of, nodes, put, route, stream, times
from tests.tiny import CALL_IN, TANK_A, TANK_B

A, B, LOAD, NIGHT = range(4)
C = 2
"""A third order's node; then the plant is 3 and a night 4."""


def no_plant(network: Network | None = None) -> Network:
    """The network with the plant closed."""
    network = tiny.network() if network is None else network
    return cases.with_columns(network, sites={"access_min": (np.zeros((0, 2), dtype=np.int64),)})


def sleepy(driving_min: int) -> Network:
    """Nights of 600 min at 7, at A and at B."""
    columns = {"max_driving_min": [driving_min], "night_min": [600], "cost_per_night": [7.0]}
    return cases.with_columns(tiny.network(), drivers=columns, tanks={"overnight": (True, True)})


def served(kg: float, *visits: int, **more: Any) -> tuple[Core, State]:
    """A core of orders at A and B, and a state with one route."""
    network = more.pop("network", None)
    orders = more.pop("orders", None) or both()
    core = core_of(orders, network, cases.loaded(kg, network), **more)
    state = empty_state(core)
    if visits:
        put(core, state, 0, *visits)
    return core, state


def places(
    core: Core,
    state: State,
    order: int = B,
    price: float = np.inf,
    new_price: float = np.inf,
    tabu: int = -1,
    blink: float = 0.0,
    seed: int = 1,
) -> list[tuple[int, int, float]]:
    """Slot, position and bound of the places listed."""
    count = bound_insertions(core, state, order, price, new_price, tabu, blink, stream(seed))
    scratch = state.scratch
    return [
        (int(scratch.places[k, 0]), int(scratch.places[k, 1]), float(scratch.bounds[k]))
        for k in range(count)
    ]


def test_what_an_order_may_take_is_left_over_at_the_next_loading() -> None:
    core, state = served(1200.0, A, LOAD, B)
    state.need_after[0] = 100.0
    spare = np.zeros(LONGEST_ROUTE + 1)
    fill_spare_load(core, state, 0, spare)
    # 700 kg are left when the plant is reached; of 2000 kg B and later trips take 600.
    assert spare[:5].tolist() == [700.0, 700.0, 1400.0, 1400.0, 0.0]


def test_what_an_order_may_take_is_not_more_after_a_night() -> None:
    core = core_of(both(), sleepy(80), cases.loaded(1200.0))
    state = empty_state(core)
    put(core, state, 1, A, NIGHT, B)
    spare = np.zeros(LONGEST_ROUTE + 1)
    fill_spare_load(core, state, 1, spare)
    assert spare[:4].tolist() == [200.0, 200.0, 200.0, 200.0]


def test_an_unused_slot_has_one_place() -> None:
    core, state = served(500.0)
    # 60 km, 150 min.
    assert places(core, state) == [(0, 0, 135.0)]
    assert places(core, state, new_price=135.0) == []
    assert places(core, state, new_price=135.1, price=0.0) == [(0, 0, 135.0)]


def test_a_route_has_a_place_at_each_position() -> None:
    core, state = served(1000.0, A)
    # 40 min more on the road, 30 of service: 20 km and 35.
    assert places(core, state) == [(0, 0, 55.0), (0, 1, 55.0)]
    assert places(core, state, price=55.0) == []
    assert places(core, state, price=55.1, new_price=0.0) == [(0, 0, 55.0), (0, 1, 55.0)]


def test_each_position_lies_between_its_neighbours() -> None:
    # A, then C: B lies on the way from A to C; before A and after C 40 min away and 60 back, less
    # 40, or 10 and 60, less 70.
    orders = [*both(), order(CALL_IN)]
    core, state = served(1500.0, A, C, orders=orders, network=tiny.network(call_ins=1))
    assert places(core, state) == [(0, 0, 55.0), (0, 1, 15.0), (0, 2, 15.0)]


def test_places_after_a_night_lie_between_the_stops_around_it() -> None:
    orders = [*both(), order(CALL_IN)]
    network = replace(tiny.network(call_ins=1), drivers=sleepy(80).drivers, tanks=sleepy(80).tanks)
    core = core_of(orders, network, cases.loaded(1500.0, network))
    state = empty_state(core)
    put(core, state, 1, B, 4, A)
    listed = {at: bound for slot, at, bound in places(core, state, C) if slot == 1}
    # Base - C - B: 20 min more; B - C - A and A - C - base 20 and 60; 30 of service.
    assert (listed[0], listed[2], listed[3]) == (35.0, 35.0, 75.0)


def test_a_route_that_has_to_load_for_an_order_takes_longer() -> None:
    core, state = served(500.0, A)
    # 55 and 20 min of loading.
    assert places(core, state) == [(0, 0, 65.0), (0, 1, 65.0)]
    core, state = served(999.0, A)
    assert [bound for *_, bound in places(core, state)] == [65.0, 65.0]


def test_the_tabu_vehicle_gets_no_order() -> None:
    core, state = served(500.0, orders=both(), network=cases.fleet(2))
    assert [slot for slot, *_ in places(core, state)] == [0, 1]
    assert [slot for slot, *_ in places(core, state, tabu=0)] == [1]
    assert [slot for slot, *_ in places(core, state, tabu=1)] == [0]


def test_slots_that_may_not_serve_the_order_have_no_place() -> None:
    allowed = np.array([[True, True], [False, True]])
    core, state = served(500.0, network=cases.fleet(2), order_allowed=allowed)
    assert [slot for slot, *_ in places(core, state, A)] == [0, 1]
    assert [slot for slot, *_ in places(core, state, B)] == [1]


@pytest.mark.parametrize(("n", "count"), [(LONGEST_ROUTE - 4, 45), (LONGEST_ROUTE - 3, 0)])
def test_a_route_leaves_room_for_a_loading_or_a_night(n: int, count: int) -> None:
    orders = [order(TANK_A, 10.0, 10.0)] * (n + 1)
    core, state = served(2000.0, *range(n), orders=orders)
    assert len(places(core, state, n)) == count


@pytest.mark.parametrize(("opens", "count"), [(2329, 1), (2330, 0)])
def test_a_slot_that_cannot_start_any_more_has_no_place(opens: int, count: int) -> None:
    # A trip to A that starts on the first day and ends at 2399 leaves the second slot, after 480
    # min of rest, its last minute: 2879.
    orders = [order(TANK_A, windows_h=at_min((opens, opens))), order(TANK_B)]
    core, state = served(
        1000.0, A, orders=orders, days=2, order_allowed=np.array([[True, True], [False, True]])
    )
    assert len(places(core, state)) == count


@pytest.mark.parametrize(("closes", "count"), [(179, 0), (180, 2)])
def test_an_order_has_to_fit_into_the_time_left(closes: int, count: int) -> None:
    network = cases.with_columns(tiny.network(), drivers={"shift_min": (np.array([[0, closes]]),)})
    core, state = served(1000.0, A, network=network)
    assert len(places(core, state)) == count


@pytest.mark.parametrize(("closes", "count"), [(199, 0), (200, 2)])
def test_a_loading_for_it_has_to_fit_as_well(closes: int, count: int) -> None:
    network = cases.with_columns(tiny.network(), drivers={"shift_min": (np.array([[0, closes]]),)})
    core, state = served(500.0, A, network=network)
    assert len(places(core, state)) == count


@pytest.mark.parametrize(("driving", "count"), [(119, 0), (120, 2)])
def test_an_order_has_to_fit_into_the_driving_left(driving: int, count: int) -> None:
    network = cases.with_columns(tiny.network(), drivers={"max_driving_min": [driving]})
    core, state = served(1000.0, A, network=network)
    assert len(places(core, state)) == count


def test_with_a_night_driving_limits_no_place_yet() -> None:
    core = core_of(both(), sleepy(80), cases.loaded(1000.0))
    state = empty_state(core)
    put(core, state, 1, A)
    assert [each[:2] for each in places(core, state)] == [(1, 0), (1, 1)]


def test_waiting_may_be_what_the_order_takes() -> None:
    # Open at 40 and at 250 only, A then waits for its second order: it waits 180 min, 70 of which
    # are enough for B; only 20 km are sure to be added.
    orders = [
        order(TANK_A, windows_h=at_min((40, 40))),
        order(TANK_B),
        order(TANK_A, windows_h=at_min((250, 250))),
    ]
    core, state = served(1500.0, 0, 2, orders=orders)
    assert state.waited.tolist() == [180]
    assert [bound for *_, bound in places(core, state, 1)] == [20.0, 20.0, 20.0]
    # With 30 min less waiting than the order takes, these are paid.
    late = [orders[0], orders[1], order(TANK_A, windows_h=at_min((110, 110)))]
    core, state = served(1500.0, 0, 2, orders=late)
    assert state.waited.tolist() == [40]
    assert [bound for *_, bound in places(core, state, 1)] == [35.0, 35.0, 35.0]


def test_fuller_drops_may_pay_for_a_part_of_an_insertion() -> None:
    # 600 kg on board: A lacks 300 kg at 0.1. An order at B of 50 kg adds 20 km and 35; a loading
    # for it 10 more, less 30 at the most.
    orders = [order(TANK_A, 500.0, 900.0, value_per_kg=0.1), order(TANK_B, 50.0, 50.0)]
    core, state = served(600.0, A, orders=orders)
    assert state.shortfall_cost.tolist() == [pytest.approx(30.0)]
    bounds = [bound for *_, bound in places(core, state)]
    assert bounds == pytest.approx([35.0, 35.0])
    # With 40 kg at 0.1 a loading saves less than it takes.
    core, state = served(860.0, A, orders=orders)
    assert [bound for *_, bound in places(core, state)] == pytest.approx([55.0, 55.0])


def test_places_are_skipped_as_often_as_blinks_say() -> None:
    first = uniform(stream(9))
    for visits in ((), (A,)):
        core, state = served(1000.0, *visits)
        at_limit = places(core, state, blink=first, seed=9)
        above = places(core, state, blink=float(np.nextafter(first, 1)), seed=9)
        # Numbers below the blink probability blink.
        assert (0, 0) in [each[:2] for each in at_limit]
        assert (0, 0) not in [each[:2] for each in above]


@pytest.mark.parametrize(
    ("load", "room", "bound"),
    [
        (500.0, (0, 150), 135.0),
        (500.0, (0, 149), np.inf),
        (499.0, (0, 170), 60 + 85.0),  # 20 min of loading on the way
        (499.0, (10, 179), np.inf),
        (0.0, (10, 180), 60 + 85.0),
    ],
)
def test_a_new_trip_loads_if_it_has_to(load: float, room: tuple[int, int], bound: float) -> None:
    assert bound_new_trip(core_of(both()), 0, B, load, room, 0.0) == bound


def test_a_new_trip_loads_at_the_best_site_it_may_use() -> None:
    network = replace(tiny.network(), **cases.line([0, -10, 40, 60, 70]))
    # 20 min in the wrong direction: 140 min, 70 km.
    assert bound_new_trip(core_of(both(), network), 0, B, 0.0, (0, 500), 0.0) == 70 + 95.0
    closed = core_of(both(), network, site_allowed=np.zeros((1, 1), dtype=bool))
    assert bound_new_trip(closed, 0, B, 0.0, (0, 500), 0.0) == np.inf
    assert bound_new_trip(closed, 0, B, 500.0, (0, 500), 9.0) == 135.0


@pytest.mark.parametrize(("shortfall", "bound"), [(0.0, 135.0), (9.0, 135.0), (11.0, 134.0)])
def test_a_new_trip_may_load_for_fuller_drops(shortfall: float, bound: float) -> None:
    # 145 with a loading, less the whole shortfall cost.
    assert bound_new_trip(core_of(both()), 0, B, 500.0, (0, 500), shortfall) == bound


def test_prices_by_km_and_minute_make_up_a_new_trips_bound() -> None:
    network = cases.with_columns(
        tiny.network(), vehicles={"cost_per_km": [3.0]}, drivers={"cost_per_min": [2.0]}
    )
    core = core_of(both(), network)
    assert bound_new_trip(core, 0, B, 500.0, (0, 500), 0.0) == 3 * 60 + 2 * 150
    assert bound_new_trip(core, 0, B, 0.0, (0, 500), 0.0) == 3 * 60 + 2 * 170


def test_the_least_bound_is_found_the_first_of_equals() -> None:
    bounds = np.array([5.0, 3.0, 4.0, 3.0, 1.0])
    assert index_of_least(bounds, 4) == 1
    assert index_of_least(bounds, 5) == 4
    assert index_of_least(bounds, 1) == 0


def insert(core: Core, state: State, price: float, new_price: float, node: int = B) -> bool:
    return bool(insert_best(core, state, node, price, new_price, -1, 0.0, stream()))


@pytest.mark.parametrize(("price", "inserted"), [(55.0, False), (55.1, True)])
def test_an_order_joins_a_trip_for_less_than_its_price(price: float, inserted: bool) -> None:
    core, state = served(1000.0, A)
    assert insert(core, state, price, 0.0) is inserted
    # Equally dear, so the first place.
    assert route(state) == ([B, A] if inserted else [A])
    assert state.slot_of.tolist() == [0, 0 if inserted else -1]
    assert state.cost.tolist() == [150.0 if inserted else 95.0]


@pytest.mark.parametrize(("new_price", "inserted"), [(135.0, False), (135.1, True)])
def test_an_order_opens_a_trip_for_less_than_the_price_of_a_new_one(
    new_price: float, inserted: bool
) -> None:
    core, state = served(500.0)
    assert insert(core, state, 0.0, new_price) is inserted
    assert state.length.tolist() == [int(inserted)]


def test_an_order_goes_where_it_adds_least() -> None:
    core, state = served(1000.0, A, days=2)
    assert insert(core, state, 1000.0, 1000.0)
    assert state.length.tolist() == [2, 0]
    # At a price of less than 55 only a new trip is left.
    core, state = served(1000.0, A, days=2)
    assert insert(core, state, 50.0, 1000.0)
    assert state.length.tolist() == [1, 1]
    assert state.cost.tolist() == [95.0, 135.0]


def test_a_drop_behind_a_loading_it_needs_is_priced_with_it() -> None:
    core, state = served(500.0, A)
    # 65 more: the plant lies on the way.
    assert not insert(core, state, 65.0, 0.0)
    assert insert(core, state, 65.1, 0.0)
    assert state.cost.tolist() == [160.0]
    assert sorted(route(state)) == [A, B, LOAD]
    assert state.start_load.tolist() == [500.0]


@pytest.mark.parametrize(("new_price", "inserted"), [(142.0, False), (142.1, True)])
def test_a_night_follows_a_drop_that_is_too_far(new_price: float, inserted: bool) -> None:
    core = core_of(both(), sleepy(80), cases.loaded(500.0))
    state = empty_state(core)
    assert insert(core, state, 0.0, new_price) is inserted
    assert route(state, 1) == ([B, NIGHT] if inserted else [])
    assert state.length[0] == 0


@pytest.mark.parametrize("hosts", [(True, False), (False, False)])
def test_no_night_follows_a_drop_at_no_host(hosts: tuple[bool, bool]) -> None:
    network = cases.with_columns(sleepy(80), tanks={"overnight": hosts})
    core = core_of(both(), network, cases.loaded(500.0))
    assert not insert(core, empty_state(core), 1e4, 1e4)


def test_a_night_is_inserted_between_the_stops_of_a_route() -> None:
    # A stop at B and the night after it, before or after A: to B and back in two days.
    core = core_of(both(), sleepy(80), cases.loaded(1000.0))
    state = empty_state(core)
    put(core, state, 1, A)
    assert insert(core, state, 62.1, 0.0)
    assert route(state, 1) in ([B, NIGHT, A], [A, B, NIGHT])
    assert state.cost[1] == 150.0 + 7.0


@pytest.mark.parametrize(("price", "inserted"), [(58.9, False), (59.1, True)])
def test_what_others_then_lack_is_part_of_the_price(price: float, inserted: bool) -> None:
    # B takes the 500 kg that A's drop could have been fuller by 400: 4 more.
    orders = [order(TANK_A, 500.0, 900.0, value_per_kg=0.01), order(TANK_B)]
    core, state = served(1000.0, A, orders=orders, network=no_plant())
    assert insert(core, state, price, 0.0) is inserted
    assert state.shortfall_cost.tolist() == [pytest.approx(4.0 if inserted else 0.0)]


@pytest.mark.parametrize(("price", "inserted"), [(55.4, False), (55.6, True)])
def test_what_others_lacked_before_is_not(price: float, inserted: bool) -> None:
    # A lacks 300 kg at 0.01 already and 350 with 50 kg for B: 0.5 more.
    orders = [order(TANK_A, 500.0, 900.0, value_per_kg=0.01), order(TANK_B, 50.0, 50.0)]
    core, state = served(600.0, A, orders=orders, network=no_plant())
    assert insert(core, state, price, 0.0) is inserted


def test_waits_and_driving_add_up() -> None:
    core, arrival = core_of(both()), times()
    arrival[:2] = 50, 103  # 10 min before A; 50 + 30 + 20 = 100, 3 min before B
    assert waiting_and_driving(core, 0, nodes(A, B), 2, 0, arrival) == (13, 120)
    assert waiting_and_driving(core, 0, nodes(A, B), 2, 4, arrival) == (9, 120)
    assert waiting_and_driving(core, 0, nodes(), 0, 0, arrival) == (0, 0)


def test_a_night_is_neither_waited_nor_driven() -> None:
    core, arrival = core_of(both(), sleepy(80)), times()
    arrival[:3] = 45, 0, 699  # 5 min before A; 75 + 600 + 20 = 695, 4 before B
    assert waiting_and_driving(core, 1, nodes(A, NIGHT, B), 3, 0, arrival) == (9, 120)


def test_a_route_is_entered_with_all_that_follows_from_it() -> None:
    orders = [
        order(TANK_A, 500.0, 900.0, value_per_kg=0.01),
        order(TANK_B, windows_h=at_min((200, 300))),
    ]
    core, state = served(1000.0, orders=orders, days=2)
    put(core, state, 0, A, B)
    # B 200, A 150, start 110, no wait; back at 290.
    assert route(state) == [A, B]
    assert (state.cost[0], state.start[0], state.end[0]) == (150.0, 110, 290)
    assert (state.waited[0], state.driven[0]) == (0, 120)
    assert state.slot_of.tolist() == [0, 0]
    assert state.start_load.tolist() == [1000.0, 0.0]
    assert state.shortfall_cost.tolist() == [pytest.approx(4.0)]
    put(core, state, 0)
    assert (state.length[0], state.cost[0], state.shortfall_cost[0]) == (0, 0.0, 0.0)
