"""Ruin and recreate piece by piece: what is tried again, in which order, at which price."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from lmrs_rl.domain import Network
from lmrs_rl.routing.core.annealing import (
    MAX_NEIGHBOURS,
    CoreSettings,
    anneal,
    clone,
    copy_state,
    open_trip,
    read_state,
    recreate,
    ruin_and_recreate,
    sort_by_key,
    state_objective,
)
from lmrs_rl.routing.core.arrays import Core, State, core_arrays, empty_state
from lmrs_rl.routing.problem import RoutingProblem
from lmrs_rl.routing.routes import Route, Visit
from tests import tiny
from tests.routing import cases
from tests.routing.cases import order
from tests.routing.core.cores import at_min, both, core_of, problem_of, put, route, stream
from tests.tiny import CALL_IN, TANK_A, TANK_B

A, B, C = range(3)
DRAWS = 400
MIXED = 88172645463325252
"""State of a stream: a number of few bits would begin with small numbers."""


def no_plant(network: Network | None = None) -> Network:
    network = tiny.network() if network is None else network
    return cases.with_columns(network, sites={"access_min": (np.zeros((0, 2), dtype=np.int64),)})


def marks(core: Core, *missed: int) -> NDArray[np.bool_]:
    """Orders that were missed before."""
    result = np.zeros(core.m, dtype=np.bool_)
    result[list(missed)] = True
    return result


def tried(
    core: Core,
    *missed: int,
    retries: int = 1,
    relaxation: float = 0.0,
    draws: int = DRAWS,
    routes: dict[int, tuple[int, ...]] | None = None,
) -> list[dict[int, int]]:
    """The slots of the orders served after `recreate`, in many draws."""
    at, answers = stream(MIXED), []
    for _ in range(draws):
        state = empty_state(core)
        for slot, visits in (routes or {}).items():
            put(core, state, slot, *visits)
        recreate(core, state, marks(core, *missed), 0.0, retries, relaxation, at)
        slots = state.slot_of.tolist()
        answers.append({k: slots[k] for k in range(core.m) if slots[k] >= 0})
    return answers


def share(answers: list[dict[int, int]], *served: int) -> float:
    """How often exactly these orders are served."""
    return sum(set(each) == set(served) for each in answers) / len(answers)


@pytest.fixture(scope="module")
def many() -> Core:
    """Four orders that any trip can serve."""
    return core_of([order(TANK_A, 100.0, 100.0)] * 4, at=cases.loaded(1000.0))


def test_all_missed_orders_are_tried_again_where_retries_are_as_many(many: Core) -> None:
    for retries in (4, 9):
        answers = tried(many, 0, 1, 2, 3, retries=retries, draws=50)
        assert share(answers, 0, 1, 2, 3) == 1.0


def test_about_as_many_orders_are_tried_again_as_retries_say(many: Core) -> None:
    # Each of four with probability 1 / 4 or 1 / 2.
    for retries in (1, 2):
        answers = tried(many, 0, 1, 2, 3, retries=retries)
        served = sum(map(len, answers)) / DRAWS
        assert served == pytest.approx(retries, abs=0.15)


def test_only_missed_orders_share_the_retries(many: Core) -> None:
    # Two were served before the ruin: they are tried in any case. The other two share one retry.
    answers = tried(many, 2, 3)
    assert all({0, 1} <= set(each) for each in answers)
    assert sum(map(len, answers)) / DRAWS - 2 == pytest.approx(1.0, abs=0.15)
    # Of two that were missed before one is served now: the other is tried in any case.
    answers = tried(many, 2, 3, draws=50, routes={0: (2,)})
    assert share(answers, 0, 1, 2, 3) == 1.0


def test_orders_that_are_served_stay_where_they_are() -> None:
    core = core_of(both(), at=cases.loaded(1000.0), days=2)
    answers = tried(core, draws=20, routes={1: (A,)})
    assert answers == [{A: 1, B: 1}] * 20


def test_orders_are_inserted_in_one_of_four_sequences() -> None:
    # 500 kg on board do for one order alone, the first. A has the largest reserve, B the highest
    # penalty. By distance each order counts from the far end with 0.7, from the near end with 0.3:
    # C is first with 0.7, else B with 0.7, else A, also where all count from the near end.
    network = no_plant(tiny.network(call_ins=1))
    orders = [
        order(TANK_A, 500.0, 500.0, penalty=1000.0),
        order(TANK_B, 400.0, 400.0, penalty=2000.0),
        order(CALL_IN, 300.0, 300.0, penalty=1500.0),
    ]
    answers = tried(core_of(orders, network, cases.loaded(500.0, network)))
    far = [0.09, 0.21, 0.7]
    expected = (np.array([[1 / 3] * 3, [1, 0, 0], [0, 1, 0], far]).sum(axis=0) / 4).tolist()
    assert [share(answers, each) for each in (A, B, C)] == pytest.approx(expected, abs=0.05)


@pytest.mark.parametrize(("relaxation", "expected"), [(0.0, 0.0), (3.0, 0.7), (1.0, 0.1)])
def test_without_a_trip_orders_may_cost_more_than_their_penalty(
    relaxation: float, expected: float
) -> None:
    # 95 for a penalty of 50: it takes a relaxation by 0.9, drawn from 0 to that given.
    core = core_of([order(penalty=50.0)], at=cases.loaded(500.0))
    answers = tried(core, relaxation=relaxation)
    assert share(answers, A) == pytest.approx(expected, abs=0.07)
    assert expected > 0 or share(answers, A) == 0.0


def test_with_a_trip_they_may_not() -> None:
    core = core_of([order(), order(TANK_B, penalty=50.0)], at=cases.loaded(1000.0), days=2)
    assert share(tried(core, relaxation=3.0, routes={0: (A,)}), A) == 1.0


def test_now_and_then_one_vehicle_is_tabu() -> None:
    # The second truck is dearer: it serves A only where the first is tabu, in half of one of ten
    # draws.
    network = cases.with_columns(cases.fleet(2), vehicles={"cost_per_km": [1.0, 2.0]})
    core = core_of([order()], network, cases.loaded(500.0, network))
    at, used = stream(MIXED), Counter[int]()
    for _ in range(2 * DRAWS):
        state = empty_state(core)
        recreate(core, state, marks(core), 0.0, 1, 3.0, at)
        used[int(state.slot_of[0])] += 1
    assert used[1] / (2 * DRAWS) == pytest.approx(0.05, abs=0.025)
    assert used[0] + used[1] == 2 * DRAWS
    # Not where relaxations are off, and not where it is the only vehicle.
    assert tried(core, draws=100) == [{0: 0}] * 100
    alone = core_of([order()], at=cases.loaded(500.0))
    assert tried(alone, relaxation=3.0, draws=100) == [{0: 0}] * 100


def opened(core: Core, draws: int = DRAWS, *visits: int) -> list[list[int]]:
    """Orders served after `open_trip`, in many draws."""
    at, answers = stream(MIXED), []
    for _ in range(draws):
        state = empty_state(core)
        if visits:
            put(core, state, 0, *visits)
        open_trip(core, state, 0.0, at)
        answers.append(np.flatnonzero(state.slot_of >= 0).tolist())
    return answers


def test_a_trip_is_opened_for_a_random_order_at_any_cost_and_for_neighbours_that_pay() -> None:
    # Neither pays a trip. On a trip to A, B adds 55, less than its 60; on one to B, A adds 15.
    for penalty, around_b in ((10.0, [B]), (15.0, [B]), (16.0, [A, B])):
        orders = [order(TANK_A, penalty=penalty), order(TANK_B, penalty=60.0)]
        answers = opened(core_of(orders, at=cases.loaded(1000.0)))
        assert {tuple(each) for each in answers} == {(A, B), tuple(around_b)}
        if around_b == [B]:
            assert answers.count([B]) / DRAWS == pytest.approx(0.5, abs=0.08)


def test_each_missed_order_is_drawn_as_often() -> None:
    # One of four is served; of the others the truck carries one more, for 15.
    orders = [order(penalty=20.0)] * 4
    core = core_of(orders, no_plant(), cases.loaded(1000.0))
    answers = opened(core, DRAWS, 1)
    for k in (0, 2, 3):
        assert answers.count(sorted([1, k])) / DRAWS == pytest.approx(1 / 3, abs=0.08)


def test_no_trip_is_opened_where_nothing_is_missed() -> None:
    core = core_of(both(), at=cases.loaded(1000.0))
    assert opened(core, 3, A, B) == [[A, B]] * 3


def test_an_opened_trip_is_offered_to_a_limited_number_of_neighbours() -> None:
    # Each of them adds 15 and would pay 20.
    n = MAX_NEIGHBOURS + 3
    core = core_of([order(TANK_A, 10.0, 10.0, penalty=20.0)] * n, at=cases.loaded(2000.0))
    assert [len(each) for each in opened(core, 5)] == [1 + MAX_NEIGHBOURS] * 5


def test_the_nearest_neighbours_are_offered_a_trip_first() -> None:
    # Around C there is room for one more, B or A.
    network = no_plant(tiny.network(call_ins=1))
    orders = [*both(penalty=1000.0), order(CALL_IN, penalty=1000.0)]
    core = core_of(orders, network, cases.loaded(1000.0, network))
    # From A and from C B is the nearest, from B it is C.
    assert {tuple(each) for each in opened(core)} == {(A, B), (B, C)}


def test_items_are_sorted_by_their_keys_and_equals_stay_in_order() -> None:
    items, key = np.array([7, 5, 3, 1, 9]), np.array([2.0, 1.0, 2.0, 1.0, 0.0])
    sort_by_key(items, key, 4)
    assert items.tolist() == [5, 1, 7, 3, 9]
    assert key.tolist() == [1.0, 1.0, 2.0, 2.0, 0.0]


def test_the_objective_is_what_routes_cost_drops_lack_and_missed_orders_are_worth() -> None:
    orders = [
        order(TANK_A, 500.0, 900.0, value_per_kg=0.01),
        order(TANK_B, penalty=300.0),
        order(TANK_B, penalty=40.0),
    ]
    core = core_of(orders, at=cases.loaded(700.0))
    state = empty_state(core)
    assert state_objective(core, state) == 1e4 + 340.0
    put(core, state, 0, A)
    assert state_objective(core, state) == pytest.approx(95.0 + 2.0 + 340.0)


def two_days() -> tuple[Core, State]:
    """B at 200 on the first day, A on the second, some kg short."""
    orders = [
        order(TANK_A, 500.0, 900.0, at_min((1500, 2000)), value_per_kg=0.01),
        order(TANK_B, windows_h=at_min((200, 300))),
    ]
    core = core_of(orders, at=cases.loaded(1200.0), days=2)
    state = empty_state(core)
    put(core, state, 0, B)
    put(core, state, 1, A)
    return core, state


def columns(state: State) -> dict[str, list[Any]]:
    return {
        name: part.tolist()
        for name, part in state._asdict().items()
        if isinstance(part, np.ndarray)
    }


def test_a_copied_state_is_equal() -> None:
    core, state = two_days()
    state.waited[0] = 3
    target = empty_state(core)
    put(core, target, 0, A, B)
    copy_state(state, target)
    copied, given = columns(target), columns(state)
    # What lies beyond the end of a route is undefined.
    del copied["visits"], given["visits"]
    assert copied == given
    assert (route(target, 0), route(target, 1)) == ([B], [A])


def test_a_clone_shares_nothing_but_the_scratch() -> None:
    core, state = two_days()
    other, before = clone(state), columns(state)
    assert columns(other) == before
    assert other.scratch is state.scratch
    put(core, other, 0)
    put(core, other, 1, B)
    other.slot_of[:] = 5
    other.shortfall_cost[:] = 5
    assert columns(state) == before


def test_a_state_is_read_as_routes_with_times_and_nights() -> None:
    network = cases.with_columns(
        tiny.network(),
        drivers={"max_driving_min": [100], "night_min": [600]},
        tanks={"overnight": (True, True), "setup_min": [30, 31]},
    )
    problem = problem_of(both(), network)
    core = core_arrays(problem)
    for visits, expected in (
        # Loading from 10 to 30, A from 60 to 90, a night to 690, B from 710.
        (
            (2, A, 3, B),
            Route(
                *(1, 0, 801),
                (
                    Visit(-1, 0, 10, 30),
                    Visit(A, -1, 60, 90, sleeps=True),
                    Visit(B, -1, 710, 741),
                ),
            ),
        ),
        # A night at the end of the visits, before the way back.
        (
            (2, B, 3),
            Route(1, 0, 751, (Visit(-1, 0, 10, 30), Visit(B, -1, 60 + 20, 111, sleeps=True))),
        ),
    ):
        state = empty_state(core)
        put(core, state, 1, *visits)
        if expected.visits[-1].sleeps:
            # To B from the plant 50 min; 80 to 111, 600 of night, 60 back.
            expected = replace(expected, end_min=111 + 600 + 60)
        assert read_state(problem, core, state) == (expected,)


def test_stops_at_each_plant_take_their_vehicles_time() -> None:
    network = cases.with_columns(
        cases.fleet(2),
        vehicles={"capacity_kg": [2000.0, 1000.0]},
        sites={"load_kg_per_min": [100.0]},
    )
    problem = problem_of(both(), network)
    core = core_arrays(problem)
    state = empty_state(core)
    put(core, state, 1, 2, A)
    (found,) = read_state(problem, core, state)
    assert found == Route(1, 0, 140, (Visit(-1, 0, 10, 40), Visit(A, -1, 70, 100)))


NO_WORK = CoreSettings(iterations=0, iterations_per_order=0)


def served(routes: tuple[Route, ...]) -> set[int]:
    return {visit.order for each in routes for visit in each.visits if visit.order >= 0}


def one_of_two(penalty_a: float, penalty_b: float) -> RoutingProblem:
    """A problem in which the truck serves A or B, not both."""
    orders = [order(TANK_A, penalty=penalty_a), order(TANK_B, penalty=penalty_b)]
    return problem_of(orders, no_plant(), cases.loaded(500.0))


TRIP_TO_A = (Route(0, 0, 110, (Visit(A, -1, 40, 70),)),)
TRIP_TO_B = (Route(0, 0, 150, (Visit(B, -1, 60, 90),)),)


def test_the_search_starts_from_given_routes_where_these_are_better() -> None:
    # From scratch it would often serve A. Without work what is given is what is found.
    problem = one_of_two(1000.0, 5000.0)
    for seed in range(8):
        assert ruin_and_recreate(problem, NO_WORK, seed, TRIP_TO_B) == TRIP_TO_B
    found = [served(ruin_and_recreate(problem, NO_WORK, seed)) for seed in range(8)]
    assert {A} in found


def test_the_search_starts_from_scratch_where_that_is_better() -> None:
    # The first of equal reserves is A, for which the comparison from scratch decides.
    problem = one_of_two(5000.0, 1000.0)
    found = [served(ruin_and_recreate(problem, NO_WORK, seed, TRIP_TO_B)) for seed in range(8)]
    assert {A} in found


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_the_search_mends_a_bad_beginning(seed: int) -> None:
    # From the worse order to the better one it takes a ruin.
    problem = one_of_two(1000.0, 1300.0)
    for settings in (
        CoreSettings(iterations=40, iterations_per_order=0),
        CoreSettings(iterations=0, iterations_per_order=20),
    ):
        assert served(ruin_and_recreate(problem, settings, seed, TRIP_TO_A)) == {B}


def test_there_are_no_routes_without_orders_or_slots() -> None:
    assert ruin_and_recreate(problem_of([]), NO_WORK, 0) == ()
    nobody = cases.with_columns(
        tiny.network(), drivers={"shift_min": (np.zeros((0, 2), dtype=np.int64),)}
    )
    assert ruin_and_recreate(problem_of(both(), nobody), NO_WORK, 0) == ()


def test_the_best_solution_is_kept_while_worse_ones_are_tried() -> None:
    # At a temperature of 1e6 any solution replaces the last one.
    problem = one_of_two(1000.0, 1300.0)
    core = core_arrays(problem)
    state = empty_state(core)
    anneal(core, state, 60, (10.0, 10.0, 0.01), (1e6, 1e6), 5, stream(MIXED))
    assert route(state) == [B]
    assert state_objective(core, state) == 1000.0 + 135.0


def test_loading_stops_that_nothing_needs_go_in_the_end() -> None:
    # Given with a needless stop, and no work.
    problem = problem_of([order()], at=cases.loaded(500.0))
    core = core_arrays(problem)
    state = empty_state(core)
    put(core, state, 0, 1, 0)
    anneal(core, state, 0, (10.0, 10.0, 0.0), (1.0, 1.0), 5, stream())
    assert route(state) == [0]


def test_every_slot_loses_its_needless_loading_stops_in_the_end() -> None:
    problem = problem_of(both(), days=2, at=cases.loaded(1000.0))
    core = core_arrays(problem)
    state = empty_state(core)
    put(core, state, 0, 2, A)
    put(core, state, 1, 2, B)
    anneal(core, state, 0, (10.0, 10.0, 0.0), (1.0, 1.0), 5, stream())
    assert (route(state, 0), route(state, 1)) == ([A], [B])


def test_the_first_temperature_is_that_of_the_first_iteration() -> None:
    # A search that begins hot takes worse solutions than one that is cold from the start: with some
    # seeds the two go different ways.
    problem = one_of_two(1000.0, 1300.0)

    def after(first: float, seed: int) -> list[int]:
        core = core_arrays(problem)
        state = empty_state(core)
        random = stream(seed)
        anneal(core, state, 12, (10.0, 10.0, 0.3), (first, 1e-6), 5, random)
        return [*route(state), int(random[0] % 1_000_003)]

    assert any(after(1e9, seed) != after(1e-6, seed) for seed in range(20))


def test_of_needless_loading_stops_those_of_the_last_trip_go_first() -> None:
    # Each trip's loading makes the other one's needless: the later one goes.
    problem = problem_of(both(), days=2)
    core = core_arrays(problem)
    state = empty_state(core)
    put(core, state, 0, 2, A)
    put(core, state, 1, 2, B)
    anneal(core, state, 0, (10.0, 10.0, 0.0), (1.0, 1.0), 5, stream())
    assert (route(state, 0), route(state, 1)) == ([2, A], [B])
