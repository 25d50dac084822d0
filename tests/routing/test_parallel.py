"""The best of several seeds, whoever finds it and whenever."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations

import pytest

from lmrs_rl.domain import Costs, InputError, Plan
from lmrs_rl.domain.workers import WorkerPool
from lmrs_rl.routing import OrToolsRouter, RouterSettings
from lmrs_rl.routing.core import CoreSettings
from lmrs_rl.routing.costs import objective
from lmrs_rl.routing.parallel import ParallelRouter, ParallelSearch, best_routes, search_seed
from lmrs_rl.routing.pinning.pinned import PinnedRouter
from lmrs_rl.routing.problem import build_problem
from lmrs_rl.routing.routes import Route, Routes
from tests.routing.random_problems import RandomProblem, random_problem

HASTY = RouterSettings(core=CoreSettings(iterations=3, iterations_per_order=0))
"""So little work that seeds differ."""


@pytest.fixture(scope="module")
def busy() -> RandomProblem:
    return random_problem(39, most_tanks=20, mild=True)


def test_one_seed_is_the_plain_router(busy: RandomProblem) -> None:
    for seed in (0, 3):
        plain = OrToolsRouter(replace(HASTY, seed=seed))(busy.network, busy.snapshot, busy.orders)
        assert ParallelRouter(HASTY, (seed,))(busy.network, busy.snapshot, busy.orders) == plain


def test_the_plan_is_the_best_of_the_seeds(busy: RandomProblem) -> None:
    problem = build_problem(busy.network, busy.snapshot, busy.orders, horizon_min=5 * 1440)
    each = [search_seed(problem, replace(HASTY, seed=seed), ()) for seed in range(4)]
    assert len({value for value, _, _ in each}) > 1
    _, seed, _ = min(each, key=lambda found: found[:2])
    plain = OrToolsRouter(replace(HASTY, seed=seed))(busy.network, busy.snapshot, busy.orders)
    assert ParallelRouter(HASTY, range(4))(busy.network, busy.snapshot, busy.orders) == plain


def test_the_order_of_finishing_does_not_matter_and_the_lowest_seed_wins_ties() -> None:
    mine = [
        (value, seed, Routes((Route(seed, 0, 0, ()),)))
        for seed, value in enumerate((2.0, 1.0, 1.0))
    ]
    for some in permutations(mine):
        assert best_routes(some).routes[0].slot == 1


@pytest.mark.heavy
def test_processes_find_what_one_process_finds_and_stay_for_the_next_plan(
    busy: RandomProblem,
) -> None:
    pool = WorkerPool(2)
    router = ParallelRouter(HASTY, (0, 1), pool)
    want = router(busy.network, busy.snapshot, busy.orders)
    with pool:
        assert router(busy.network, busy.snapshot, busy.orders) == want
        assert router(busy.network, busy.snapshot, busy.orders) == want
        # Pins are searched by the same workers.
        assert (
            PinnedRouter(settings=HASTY, search=router.search)(
                busy.network, busy.snapshot, busy.orders
            )
            == want
        )
    assert router(busy.network, busy.snapshot, busy.orders) == want


@pytest.mark.parametrize("seeds", [(), (0, 0), (-1, 2)])
def test_seeds_that_make_no_sense_are_refused(seeds: tuple[int, ...]) -> None:
    with pytest.raises(InputError, match="seeds"):
        ParallelSearch(seeds)
    ParallelSearch((0,))


def test_no_worker_is_refused() -> None:
    with pytest.raises(InputError, match="workers"):
        WorkerPool(0)


def test_four_seeds_are_tried_by_default_and_the_settings_seed_is_not_one_of_them() -> None:
    router = ParallelRouter()
    assert router.search.seeds == (0, 1, 2, 3)
    assert router.settings == RouterSettings()
    assert router.previous_plan is None


def test_a_seed_result_has_its_objective_and_its_seed(busy: RandomProblem) -> None:
    problem = build_problem(busy.network, busy.snapshot, busy.orders, horizon_min=5 * 1440)
    value, seed, routes = search_seed(problem, replace(HASTY, seed=2), ())
    assert seed == 2
    assert value == objective(problem, routes.routes)
    # Who is given the best routes starts from them.
    best = ParallelSearch(range(3))(problem, HASTY)
    again = ParallelSearch((7,))(problem, replace(HASTY, search=None), best.routes)
    assert objective(problem, again.routes) <= objective(problem, best.routes)


def test_the_router_that_follows_leaves_the_one_before_as_it_was() -> None:
    pool = WorkerPool()
    router = ParallelRouter(HASTY, (0, 5), pool)
    plan = Plan(0, (), (), Costs(0.0, 0.0, 0.0, 0.0))
    following = router.following(plan)
    assert following.previous_plan is plan
    assert following.search is router.search
    assert following.search.pool is pool
    assert router.previous_plan is None
