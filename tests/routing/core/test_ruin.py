"""What ruin takes out of routes, and how often."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import pytest

from lmrs_rl.domain import Network
from lmrs_rl.routing.core.arrays import Core, State, empty_state
from lmrs_rl.routing.core.ruin import (
    cleanup,
    costs_no_more,
    remove_idle_trips,
    remove_string,
    ruin,
)
from tests import tiny
from tests.routing import cases
from tests.routing.cases import order
from tests.routing.core.cores import (
    at_min,
    both,
    core_of,
    nodes,
    put,
    route,
    stream,
    times,
)
from tests.tiny import TANK_A, TANK_B

A, B, LOAD, NIGHT = range(4)

DRAWS = 600
"""A share drawn so often is off by 0.02 as a rule."""
MIXED = 88172645463325252
"""State of a stream: a number of few bits would begin with small numbers."""


def sleepy(driving_min: int) -> Network:
    columns = {"max_driving_min": [driving_min], "night_min": [600], "cost_per_night": [7.0]}
    return cases.with_columns(tiny.network(), drivers=columns, tanks={"overnight": (True, True)})


def with_route(core: Core, *visits: int, slot: int = 0) -> State:
    state = empty_state(core)
    put(core, state, slot, *visits)
    return state


def removed_shares(orders: int, who: int, longest: float) -> dict[str, float]:
    """How often which orders are removed of a route of ``orders`` in order of their numbers."""
    core = core_of([order(TANK_A, 10.0, 10.0)] * orders, at=cases.loaded(1000.0))
    state, at, found = empty_state(core), stream(MIXED), Counter[str]()
    for _ in range(DRAWS):
        put(core, state, 0, *range(orders))
        remove_string(core, state, 0, who, longest, at)
        gone = [k for k in range(orders) if state.slot_of[k] < 0]
        assert route(state) == [k for k in range(orders) if k not in gone]
        found["".join(map(str, gone))] += 1
    return {removed: count / DRAWS for removed, count in found.items()}


HALF, THIRD, TWELFTH = 1 / 2, 1 / 3, 1 / 12


@pytest.mark.parametrize(
    ("orders", "who", "longest", "shares"),
    [
        # One or two, equally often.
        (2, 0, 5.0, {"0": HALF, "01": HALF}),
        (2, 1, 5.0, {"1": HALF, "01": HALF}),
        (3, 1, 1.0, {"1": 1.0}),
        # Two of three in half the draws: in half of these a string of two, in the others all three
        # but one, which stays if it is not the order itself.
        (3, 0, 2.0, {"0": HALF, "01": THIRD, "02": TWELFTH, "012": TWELFTH}),
        (3, 1, 2.0, {"1": HALF, "01": 5 / 24, "12": 5 / 24, "012": TWELFTH}),
        (3, 2, 2.0, {"2": HALF, "12": THIRD, "02": TWELFTH, "012": TWELFTH}),
        # One, two or three of three; two as above, and of three none is left that could stay.
        (3, 0, 3.0, {"0": THIRD, "01": 2 / 9, "02": 1 / 18, "012": THIRD + 1 / 18}),
    ],
)
def test_strings_contain_the_order_and_begin_at_any_place(
    orders: int, who: int, longest: float, shares: dict[str, float]
) -> None:
    found = removed_shares(orders, who, longest)
    assert set(found) == set(shares)
    assert found == {k: pytest.approx(share, abs=0.06) for k, share in shares.items()}


def test_what_stays_of_a_split_string_is_as_long_as_it_can_be_as_a_rule() -> None:
    # Two of six in half the draws, half of them split. Of those 0.99 ** 3 keep four: then the two
    # removed are at the beginning, around, or at the end, where the order itself is removed too.
    found = removed_shares(6, 0, 2.0)
    assert found["0"] == pytest.approx(0.5, abs=0.06)
    assert found["01"] == pytest.approx(0.25 + 0.97 / 12, abs=0.06)
    assert found["05"] == pytest.approx(0.97 / 12, abs=0.03)
    assert found["045"] == pytest.approx(0.97 / 12, abs=0.03)
    assert sum(found.values()) - sum(found[k] for k in ("0", "01", "05", "045")) < 0.02


def test_loading_stops_do_not_count_in_a_string() -> None:
    # A, loading, B: a string of one is B alone, and the stop is needless without it.
    core = core_of(both(), at=cases.loaded(500.0))
    state = with_route(core, A, LOAD, B)
    remove_string(core, state, 0, B, 1.0, stream())
    assert route(state) == [A]
    assert state.slot_of.tolist() == [0, -1]
    state = with_route(core, A, LOAD, B)
    remove_string(core, state, 0, A, 1.0, stream())
    # 500 kg are on board, enough for B.
    assert route(state) == [B]
    assert state.slot_of.tolist() == [-1, 0]


def ruined(core: Core, state: State, mean: float, longest: float, seed: Any) -> list[int]:
    """Orders that ruin takes out."""
    before = state.slot_of.copy()
    ruin(core, state, mean, longest, seed)
    return np.flatnonzero((before >= 0) & (state.slot_of < 0)).tolist()


def shares_removed(
    core: Core, routes: list[tuple[int, ...]], mean: float, longest: float = 10.0
) -> dict[tuple[int, ...], float]:
    """How often which orders are removed of routes in the slots from the first on."""
    at, found = stream(MIXED), Counter[tuple[int, ...]]()
    for _ in range(DRAWS):
        state = empty_state(core)
        for slot, visits in enumerate(routes):
            put(core, state, slot, *visits)
        found[tuple(ruined(core, state, mean, longest, at))] += 1
    return {key: count / DRAWS for key, count in found.items()}


def test_nothing_is_taken_out_where_there_is_no_route() -> None:
    core = core_of(both())
    state, at = empty_state(core), stream()
    ruin(core, state, 10.0, 10.0, at)
    assert at.tolist() == [1]
    assert state.length.tolist() == [0]


@pytest.fixture(scope="module")
def three_days() -> Core:
    """An order for each of three days."""
    return core_of([order(), order(TANK_B), order(TANK_B)], at=cases.loaded(2000.0), days=3)


def test_a_string_alone_is_one_of_those_next_to_any_order(three_days: Core) -> None:
    # Routes of one order each have strings of one, and one of these is one order in all. At B there
    # are two orders, nearest to each other; a tie goes to the first.
    found = shares_removed(three_days, [(0,), (1,), (2,)], 1.0)
    assert found == {
        (0,): pytest.approx(THIRD, abs=0.07),
        (1,): pytest.approx(2 * THIRD, abs=0.07),
    }


def test_around_a_missed_order_others_make_room(three_days: Core) -> None:
    # The second order is missed; the third is the one nearest to it.
    found = shares_removed(three_days, [(0,), (2,)], 1.0)
    assert found == {
        (0,): pytest.approx(THIRD, abs=0.07),
        (2,): pytest.approx(2 * THIRD, abs=0.07),
    }


def test_as_many_are_taken_out_on_average_as_asked_for(three_days: Core) -> None:
    # Strings of one: for a mean of two there are one, two or three of them.
    found = shares_removed(three_days, [(0,), (1,), (2,)], 2.0)
    by_count = Counter[int]()
    for removed, share in found.items():
        by_count[len(removed)] += share  # type: ignore[assignment]
    assert by_count == {k: pytest.approx(THIRD, abs=0.07) for k in (1, 2, 3)}


def test_strings_are_no_longer_than_routes_are_on_average() -> None:
    # Three orders on one route and one on another: two a route.
    orders = [*[order(TANK_A, 10.0, 10.0)] * 3, order(TANK_B, 10.0, 10.0)]
    core = core_of(orders, at=cases.loaded(1000.0), days=2)
    found = shares_removed(core, [(0, 1, 2), (3,)], 0.5)
    # A mean under one still takes a string out: of the long route in three of four draws.
    assert found[(3,)] == pytest.approx(0.25, abs=0.07)
    assert sum(share for key, share in found.items() if len(key) == 1) == pytest.approx(
        0.25 + 0.75 * HALF, abs=0.07
    )
    # With longest strings of one, single orders go.
    found = shares_removed(core, [(0, 1, 2), (3,)], 0.5, longest=1.0)
    assert {len(key) for key in found} == {1}


def test_ruin_removes_trips_that_only_load() -> None:
    core = core_of(both(), days=2)
    state = with_route(core, LOAD)
    put(core, state, 1, LOAD, A)
    ruin(core, state, 10.0, 10.0, stream())
    assert state.length.tolist() == [0, 0]


def test_a_trip_that_only_loads_stays_where_a_later_one_needs_it() -> None:
    core = core_of(both(), days=2)
    for later, kept in (((A,), [LOAD]), ((LOAD, A), [])):
        state = with_route(core, LOAD)
        put(core, state, 1, *later)
        remove_idle_trips(core, state)
        assert route(state, 0) == kept
        assert route(state, 1) == list(later)


def test_trips_with_orders_are_not_idle() -> None:
    # The stop is needless, but that is the string's concern: the trip serves someone.
    core = core_of(both(), at=cases.loaded(1000.0))
    state = with_route(core, LOAD, A)
    remove_idle_trips(core, state)
    assert route(state) == [LOAD, A]


def gone(*positions: int) -> Any:
    marks = np.zeros(48, dtype=np.bool_)
    marks[list(positions)] = True
    return marks


def take_out(core: Core, state: State, *positions: int, slot: int = 0) -> list[int]:
    """The route after positions are taken out."""
    for k in positions:
        state.slot_of[state.visits[slot, k]] = -1
    cleanup(core, state, slot, gone(*positions))
    return route(state, slot)


def test_cleanup_removes_what_is_gone_and_loadings_that_nothing_needs() -> None:
    core = core_of(both())
    assert take_out(core, with_route(core, LOAD, A, B), 1) == [LOAD, B]
    assert take_out(core, with_route(core, LOAD, A, B), 1, 2) == []
    state = with_route(core, LOAD, A, LOAD, B)
    # One loading is enough for both: the last is taken away first.
    assert take_out(core, state) == [LOAD, A, B]
    assert state.cost.tolist() == [160.0]
    assert state.slot_of.tolist() == [0, 0]


def test_cleanup_looks_at_nothing_that_was_left_in_its_work_space() -> None:
    core = core_of(both(), at=cases.loaded(1000.0))
    state = with_route(core, A, B)
    for space in (state.scratch.cleaned, state.scratch.trial):
        space[:] = LOAD
    assert take_out(core, state) == [A, B]


def test_cleanup_keeps_a_loading_that_a_later_trip_needs() -> None:
    core = core_of(both(), days=2)
    state = with_route(core, LOAD, A)
    put(core, state, 1, B)
    assert take_out(core, state, 1) == [LOAD]
    assert state.slot_of.tolist() == [-1, 1]


def test_cleanup_removes_a_night_with_its_customer() -> None:
    core = core_of(both(), sleepy(100), cases.loaded(1000.0))
    # B, the night after it and A: without B the night is gone.
    state = with_route(core, B, NIGHT, A, slot=1)
    assert take_out(core, state, 0, slot=1) == [A]
    # Without A the night stays, since B is too far for a day.
    state = with_route(core, B, NIGHT, A, slot=1)
    assert take_out(core, state, 2, slot=1) == [B, NIGHT]


def test_cleanup_removes_a_night_that_nothing_needs() -> None:
    core = core_of(both(), sleepy(100), cases.loaded(1000.0))
    assert take_out(core, with_route(core, A, NIGHT, slot=1), slot=1) == [A]


def test_everything_stays_where_the_rest_would_not_be_legal() -> None:
    # Without A there is no way to B in time: 500 min instead of 60.
    travel = cases.line([0, 10, 40, 60, 70])["travel_min"]
    travel[tiny.BASE, tiny.B] = 500
    network = cases.with_columns(tiny.network(), drivers={"max_driving_min": [200]})
    core = core_of(both(), network, cases.loaded(1000.0), travel_min=travel)
    state = with_route(core, A, B)
    assert take_out(core, state, 0) == [A, B]
    assert state.slot_of.tolist() == [0, 0]


@pytest.mark.parametrize(("value", "stays"), [(0.0124, False), (0.0125, False), (0.0126, True)])
def test_a_loading_stays_where_fuller_drops_pay_for_it(value: float, stays: bool) -> None:
    # 10 min of loading on the way, 5 in money, for 400 kg.
    network = cases.with_columns(tiny.network(), sites={"setup_min": [10]})
    orders = [order(TANK_A, 500.0, 900.0, value_per_kg=value)]
    core = core_of(orders, network, cases.loaded(500.0))
    assert take_out(core, with_route(core, 1, 0)) == ([1, 0] if stays else [0])


def test_a_whole_trip_stays_where_the_fuller_drops_of_others_pay_for_it() -> None:
    # A trip that only loads costs 10 km and 40 min: 30. The next one's drop is 400 kg fuller.
    for value, stays in ((0.074, False), (0.076, True)):
        orders = [order(TANK_A, 500.0, 900.0, value_per_kg=value)]
        core = core_of(orders, at=cases.loaded(500.0), days=2)
        state = with_route(core, 1)
        put(core, state, 1, 0)
        assert take_out(core, state) == ([1] if stays else [])


@pytest.mark.parametrize("value", [0.0, 0.01])
@pytest.mark.parametrize(
    ("fewer", "more", "answer"),
    [
        ((A, B), (LOAD, A, B), True),
        ((), (LOAD,), True),
        ((B, A), (B, LOAD, A), False),  # B first makes A late
    ],
)
def test_fewer_visits_have_to_be_legal(
    value: float, fewer: tuple[int, ...], more: tuple[int, ...], answer: bool
) -> None:
    orders = [
        order(TANK_A, windows_h=at_min((60, 100))),
        order(TANK_B, 500.0, 900.0, value_per_kg=value),
    ]
    core = core_of(orders, at=cases.loaded(2000.0))
    sequences = nodes(*fewer), len(fewer), nodes(*more), len(more)
    found = costs_no_more(core, empty_state(core), 0, *sequences, (0, 1000), times())
    assert bool(found) is answer
