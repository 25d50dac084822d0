"""Presets, stages that are switched off, and the plan of the morning before."""

from __future__ import annotations

from dataclasses import replace

import pytest

from benchmarks.routing_cases import routing_case
from lmrs_rl.domain import Costs, InputError, Plan
from lmrs_rl.routing import OrToolsRouter, RouterSettings
from lmrs_rl.routing.core import CoreSettings
from lmrs_rl.routing.costs import objective
from lmrs_rl.routing.ortools.search import SearchSettings
from lmrs_rl.routing.parallel import ParallelRouter
from lmrs_rl.routing.pinning.pinned import PinnedRouter
from lmrs_rl.routing.problem import build_problem
from lmrs_rl.routing.router import PRESETS, search_routes
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
