"""Presets, stages that are switched off, and the plan of the morning before."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from benchmarks.routing_cases import routing_case
from lmrs_rl.domain import Costs, InputError, Plan, Stop, Trip
from lmrs_rl.routing import OrToolsRouter, RouterSettings
from lmrs_rl.routing.core import CoreSettings
from lmrs_rl.routing.costs import objective
from lmrs_rl.routing.ortools.search import SearchSettings
from lmrs_rl.routing.parallel import ParallelRouter
from lmrs_rl.routing.pinning.pinned import PinnedRouter
from lmrs_rl.routing.problem import build_problem
from lmrs_rl.routing.router import PRESETS, plan_of_routes, search_routes, warm_start
from lmrs_rl.routing.routes import Route, Routes, Visit
from tests import tiny
from tests.routing import cases
from tests.routing.cases import order
from tests.routing.checks import faults
from tests.routing.random_problems import random_problem
from tests.tiny import TANK_A, TANK_B

IDLE = CoreSettings(iterations=0, iterations_per_order=0)
STAGES = {
    "core alone": RouterSettings(
        core=CoreSettings(iterations=50, iterations_per_order=0), search=None
    ),
    "OR-Tools alone": RouterSettings(core=None),
    "few operators": RouterSettings(core=IDLE, search=SearchSettings(operators="few")),
}


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_is_found_by_name(name: str) -> None:
    assert RouterSettings.preset(name) is PRESETS[name]  # type: ignore[arg-type]


def test_an_unknown_preset_is_refused_by_name() -> None:
    with pytest.raises(InputError, match=r"preset.*'fast'.*quick, train, plan, best"):
        RouterSettings.preset("fast")  # type: ignore[arg-type]


def test_presets_work_the_more_the_later_they_come_and_plan_is_the_default() -> None:
    work = [
        settings.core.iterations + 16 * settings.core.iterations_per_order
        for settings in PRESETS.values()
        if settings.core is not None
    ]
    assert len(work) == len(PRESETS)
    assert sorted(set(work)) == work
    assert OrToolsRouter().settings == PRESETS["plan"] == RouterSettings()


def test_without_any_stage_there_is_no_router() -> None:
    with pytest.raises(InputError, match="core, search"):
        RouterSettings(core=None, search=None)


@pytest.mark.parametrize("name", STAGES)
def test_with_a_stage_off_plans_are_as_legal(name: str) -> None:
    for seed in range(40):
        assert faults(random_problem(seed, mild=True), STAGES[name]) == []


def test_or_tools_constructs_where_the_core_is_off_and_improves_where_it_is_not() -> None:
    network, snapshot, orders = routing_case(50, seed=0, reloads=False)
    problem = build_problem(network, snapshot, orders, horizon_min=5 * 1440)
    nothing = objective(problem, ())
    constructed, idle = (
        objective(problem, search_routes(problem, RouterSettings(core=core)).routes)
        for core in (None, IDLE)
    )
    alone = objective(
        problem, search_routes(problem, RouterSettings(core=IDLE, search=None)).routes
    )
    assert constructed < nothing
    assert idle < alone < nothing


def test_the_plan_before_is_a_start_that_can_be_switched_off() -> None:
    # Without work the first insertion is all: A and B, each worth less than its own trip, are
    # missed; together they are not.
    orders = [order(TANK_A, penalty=90.0), order(TANK_B, penalty=90.0)]
    settings = RouterSettings(horizon_days=1, core=IDLE, search=None)
    before = Plan(0, (tiny.trip(),), (), Costs(0.0, 0.0, 0.0, 0.0))
    plain = OrToolsRouter(settings)
    assert plain(tiny.network(), cases.start(), orders).trips == ()
    followed = plain.following(before)(tiny.network(), cases.start(), orders)
    assert followed.missed == ()
    assert (
        OrToolsRouter(replace(settings, from_previous=False), before)(
            tiny.network(), cases.start(), orders
        ).trips
        == ()
    )
    # All routers follow alike.
    assert (
        ParallelRouter(settings, (0,)).following(before)(tiny.network(), cases.start(), orders)
        == followed
    )
    assert (
        PinnedRouter(settings=settings).following(before)(tiny.network(), cases.start(), orders)
        == followed
    )
    assert plain.previous_plan is None


def test_presets_for_many_plans_work_by_the_order_and_take_five_out_at_a_time() -> None:
    # As tuned (see `PRESETS`): 6 and 14 iterations an order, whatever their number.
    by_order = {
        name: (core.iterations, core.iterations_per_order, core.mean_removed)
        for name, settings in PRESETS.items()
        if (core := settings.core) is not None and not core.iterations
    }
    assert by_order == {"quick": (0, 6, 5.0), "train": (0, 14, 5.0)}
    best = PRESETS["best"].core
    assert best is not None
    assert (best.iterations, best.iterations_per_order) == (20_000, 1000)
    assert PRESETS["quick"].search is None
    assert PRESETS["train"].search == SearchSettings(operators="few")
    for settings in PRESETS.values():
        assert (settings.horizon_days, settings.from_previous, settings.seed) == (5, True, 0)


def test_the_seed_of_the_settings_is_that_of_the_search() -> None:
    # So little work that seeds differ.
    case = random_problem(39, most_tanks=20, mild=True)
    problem = build_problem(case.network, case.snapshot, case.orders, horizon_min=5 * 1440)
    hasty = RouterSettings(core=CoreSettings(iterations=3, iterations_per_order=0), search=None)
    found = {
        objective(problem, search_routes(problem, replace(hasty, seed=seed)).routes)
        for seed in range(4)
    }
    assert len(found) > 1


def test_routes_become_trips_in_order_of_start_on_the_networks_clock() -> None:
    # Two trucks of two drivers; C and a second order of A are missed.
    network = cases.fleet(2, tiny.network(call_ins=1))
    network = cases.with_columns(network, drivers={"vehicle_allowed": np.eye(2, dtype=bool)[::-1]})
    orders = [
        order(tiny.CALL_IN, penalty=3.0),
        order(TANK_A),
        order(TANK_B),
        order(TANK_A, penalty=5.0),
    ]
    at = cases.start(network, time_min=600)
    problem = build_problem(network, at, orders, horizon_min=1440)
    # Driver 0 drives truck 1.
    assert problem.slots.driver.tolist() == [0, 1]
    routes = Routes(
        (
            Route(0, 100, 230, (Visit(-1, 0, 110, 130), Visit(1, -1, 160, 190))),
            Route(1, 50, 200, (Visit(2, -1, 110, 140),)),
        ),
        complete=False,
    )
    made = plan_of_routes(problem, routes, [np.array([2000.0, 500.0]), np.array([400.0])])
    assert made.trips == (
        Trip(1, 0, 0, 650, 800, (Stop("drop", TANK_B, 710, 740, 400.0),)),
        Trip(
            0,
            1,
            0,
            700,
            830,
            (Stop("load", 0, 710, 730, 2000.0), Stop("drop", TANK_A, 760, 790, 500.0)),
        ),
    )
    assert (made.time_min, made.missed, made.complete) == (600, (tiny.CALL_IN, TANK_A), False)
    # 40 + 60 km, 130 + 150 min.
    assert made.costs == Costs(100.0, 140.0, 0.0, 8.0)


def test_trips_that_start_together_are_in_order_of_driver_then_truck() -> None:
    network = cases.with_columns(
        cases.fleet(2), drivers={"vehicle_allowed": np.ones((2, 2), dtype=bool)}
    )
    problem = build_problem(network, cases.start(network), [], horizon_min=1440)
    routes = Routes(tuple(Route(slot, 0, 10, ()) for slot in (3, 2, 1, 0)))
    made = plan_of_routes(problem, routes, [np.zeros(0)] * 4)
    assert [(t.driver, t.vehicle) for t in made.trips] == [(0, 0), (0, 1), (1, 0), (1, 1)]


def test_the_warm_start_is_what_is_left_of_the_plan_before() -> None:
    problem = build_problem(tiny.network(), cases.start(), [order(TANK_B)], horizon_min=1440)
    before = Plan(0, (tiny.trip(),), (), Costs(0.0, 0.0, 0.0, 0.0))
    (route,) = warm_start(problem, RouterSettings(), before)
    assert [(v.order, v.site) for v in route.visits] == [(-1, 0), (0, -1)]
    assert warm_start(problem, RouterSettings(), None) == ()
    assert warm_start(problem, RouterSettings(from_previous=False), before) == ()
    # Without a stage that makes routes from nothing the start is what is searched.
    assert search_routes(problem, replace(STAGES["few operators"], core=None), (route,)).routes == (
        route,
    )


def test_trips_start_within_the_horizon_of_the_settings() -> None:
    late = [order(TANK_A, windows_h=[[49.0, 60.0]])]
    for days, missed in ((2, (TANK_A,)), (3, ())):
        settings = RouterSettings(horizon_days=days, core=IDLE, search=None)
        # The driver works in the first hours of each day.
        network = cases.with_columns(tiny.network(), drivers={"shift_min": cases.shifts(0, 300)})
        plain = OrToolsRouter(settings)(network, cases.start(), late)
        assert plain.missed == missed
        assert ParallelRouter(settings, (0,))(network, cases.start(), late) == plain
        assert PinnedRouter(settings=settings)(network, cases.start(), late) == plain
