"""Local search in OR-Tools: what its settings are, and the routes that it makes by hand-solved
cases of the tiny world.

Base 0, plant 10, A 40, B 60 [min]; loading takes 20 min, a drop 30 min; 1 a km, 0.5 a minute.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

import pytest
from ortools.constraint_solver import routing_enums_pb2

from lmrs_rl.domain import InputError, Network, Order, Snapshot
from lmrs_rl.routing.costs import objective
from lmrs_rl.routing.ortools.search import (
    FEW_OPERATORS,
    OFF,
    ON,
    UNHELPFUL_OPERATORS,
    SearchSettings,
    improve,
    search_parameters,
)
from lmrs_rl.routing.problem import RoutingProblem, build_problem
from lmrs_rl.routing.routes import Route, Routes, Visit
from tests import tiny
from tests.routing import cases
from tests.routing.cases import order, with_columns
from tests.tiny import TANK_A, TANK_B

DAY = 1440
GUIDED = SearchSettings(metaheuristic="guided", branches=50, branches_per_order=0)


@pytest.mark.parametrize(
    ("field", "good", "bad"),
    [
        ("operators", "few", "all"),
        ("operators", "many", ""),
        ("metaheuristic", "none", "tabu"),
        ("metaheuristic", "guided", ""),
        ("branches", 1, 0),
        ("branches_per_order", 0, -1),
        ("clock_limit_s", 1, 0),
    ],
)
def test_settings_that_make_no_sense_are_refused(field: str, good: Any, bad: Any) -> None:
    SearchSettings(**{field: good})
    with pytest.raises(InputError, match=f"^{field}:"):
        SearchSettings(**{field: bad})


def test_few_operators_are_these_and_many_all_but_the_unhelpful_ones() -> None:
    few = search_parameters(SearchSettings(operators="few")).local_search_operators
    names = {field.name for field in few.DESCRIPTOR.fields}
    assert {name for name in names if getattr(few, name) == ON} == set(FEW_OPERATORS)
    assert {name for name in names if getattr(few, name) == OFF} == names - set(FEW_OPERATORS)
    many = search_parameters(SearchSettings()).local_search_operators
    assert {getattr(many, name) for name in UNHELPFUL_OPERATORS} == {OFF}
    # The others are as OR-Tools has them.
    assert {getattr(many, name) for name in FEW_OPERATORS} == {ON}


def test_the_search_descends_or_is_guided_until_its_limits() -> None:
    heuristics = routing_enums_pb2.LocalSearchMetaheuristic
    plain = search_parameters(SearchSettings(clock_limit_s=7))
    assert plain.local_search_metaheuristic == heuristics.GREEDY_DESCENT
    assert search_parameters(GUIDED).local_search_metaheuristic == heuristics.GUIDED_LOCAL_SEARCH
    assert plain.time_limit.seconds == 7
    assert plain.solution_limit == 2**31
    # Each time new: the caller may change them.
    plain.time_limit.seconds = 1
    assert search_parameters(SearchSettings(clock_limit_s=7)).time_limit.seconds == 7


def test_settings_are_ample_by_default() -> None:
    assert SearchSettings() == SearchSettings("many", "none", 500, 20, 120)


def problem_of(
    orders: Sequence[Order],
    network: Network | None = None,
    at: Snapshot | None = None,
    days: int = 1,
) -> RoutingProblem:
    network = tiny.network() if network is None else network
    return build_problem(
        network, cases.start(network) if at is None else at, orders, horizon_min=days * DAY
    )


def test_without_orders_or_slots_the_incumbent_stays() -> None:
    incumbent = (Route(0, 0, 10, ()),)
    assert improve(problem_of([]), incumbent, SearchSettings()) == Routes(incumbent)
    nobody = with_columns(tiny.network(), drivers={"vehicle_allowed": [[False]]})
    assert improve(problem_of([order()], nobody), (), SearchSettings()) == Routes(())


@pytest.mark.parametrize(
    "settings", [SearchSettings(), SearchSettings(operators="few"), GUIDED], ids=str
)
def test_a_trip_leaves_as_late_as_it_can_and_is_back_as_early(settings: SearchSettings) -> None:
    problem = problem_of([order(TANK_A, windows_h=[[1.0, 1.5]])], at=cases.loaded(500.0))
    # A after an hour: 40 min there, 30 min of service, 40 back.
    assert improve(problem, (), settings) == Routes((Route(0, 20, 130, (Visit(0, -1, 60, 90),)),))


def test_an_order_worth_no_trip_is_missed() -> None:
    at = cases.loaded(500.0)
    # 40 km and 110 min cost 95.
    for penalty, trips in ((94.0, 0), (96.0, 1)):
        problem = problem_of([order(penalty=penalty)], at=at)
        assert len(improve(problem, (), SearchSettings()).routes) == trips


WITH_LOADING = Route(0, 0, 130, (Visit(-1, 0, 10, 30), Visit(0, -1, 60, 90)))


def test_an_order_on_the_way_joins_a_trip_that_loads() -> None:
    problem = problem_of([order(TANK_A, windows_h=[[1.0, 1.0]]), order(TANK_B)])
    got = improve(problem, (WITH_LOADING,), SearchSettings())
    # B after A: A at 60 as ordered, B at 110.
    visits = (*WITH_LOADING.visits, Visit(1, -1, 110, 140))
    assert got == Routes((Route(0, 0, 200, visits),))
    # 60 km and 200 min at 0.5.
    assert objective(problem, got.routes) == 160.0


def test_an_incumbent_that_cannot_be_improved_is_returned_itself() -> None:
    problem = problem_of([order(TANK_A, windows_h=[[1.0, 1.0]])])
    incumbent = (WITH_LOADING,)
    got = improve(problem, incumbent, SearchSettings())
    assert got.complete
    assert got.routes is incumbent


def test_an_incumbent_that_breaks_rules_is_returned_itself() -> None:
    # It drops A's 500 kg from an empty truck.
    problem = problem_of([order(TANK_A)])
    incumbent = (Route(0, 20, 130, (Visit(0, -1, 60, 90),)),)
    assert improve(problem, incumbent, SearchSettings()).routes is incumbent


def test_a_drop_is_not_made_smaller_for_another_order() -> None:
    # 900 kg on board, all of them for A at 1 a kg. B costs 20 km and 70 min more, less than its
    # penalty of 60, but A would get 200 kg less.
    dry = with_columns(tiny.network(), sites={"product_offered": [[False]]})
    orders = [
        order(TANK_A, 300.0, 900.0, value_per_kg=1.0),
        order(TANK_B, 200.0, 200.0, penalty=60.0),
    ]
    problem = problem_of(orders, dry, cases.loaded(900.0))
    incumbent = (Route(0, 20, 130, (Visit(0, -1, 60, 90),)),)
    assert improve(problem, incumbent, SearchSettings()).routes is incumbent


def sleepy() -> Network:
    """The driver may sleep 600 min, at 7, at A or B; 80 min of driving a day."""
    return with_columns(
        tiny.network(),
        drivers={"max_driving_min": [80], "night_min": [600], "cost_per_night": [7.0]},
        tanks={"overnight": [True, True]},
    )


def test_an_incumbent_with_a_night_is_kept_and_improved() -> None:
    at = cases.loaded(2000.0)
    problem = problem_of([order(TANK_B, windows_h=[[1.0, 1.0]])], sleepy(), at)
    (slot,) = problem.slots.night.nonzero()[0].tolist()
    asleep = Route(slot, 0, 750, (Visit(0, -1, 60, 90, sleeps=True),))
    incumbent = (asleep,)
    assert improve(problem, incumbent, SearchSettings()).routes is incumbent
    # A, whose window opens after the night, is served on the way home.
    orders = [order(TANK_B, windows_h=[[1.0, 1.0]]), order(TANK_A, windows_h=[[11.0, 13.0]])]
    (route,) = improve(problem_of(orders, sleepy(), at), incumbent, SearchSettings()).routes
    assert route == Route(slot, 0, 780, (Visit(0, -1, 60, 90, sleeps=True), Visit(1, -1, 710, 740)))


@pytest.mark.parametrize(("took_s", "complete"), [(59.0, True), (60.0, False), (61.0, False)])
def test_a_search_that_the_clock_ends_is_not_complete(
    monkeypatch: pytest.MonkeyPatch, took_s: float, complete: bool
) -> None:
    ticks = iter([100.0, 100.0 + took_s])
    monkeypatch.setattr(sys.modules[improve.__module__], "monotonic", lambda: next(ticks))
    problem = problem_of([order(TANK_A), order(TANK_B)], at=cases.loaded(2000.0))
    settings = SearchSettings(clock_limit_s=60)
    got = improve(problem, (), settings)
    assert got.complete is complete
    assert objective(problem, got.routes) == 150.0  # 60 km and 180 min
