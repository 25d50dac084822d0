"""Searches with several seeds and takes the best routes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from copy import copy
from dataclasses import replace

from lmrs_rl.domain import InputError, Network, Order, Plan, Snapshot
from lmrs_rl.domain.arrays import MINUTES_PER_DAY
from lmrs_rl.domain.workers import WorkerPool
from lmrs_rl.routing.costs import objective
from lmrs_rl.routing.problem import RoutingProblem, build_problem
from lmrs_rl.routing.quantities import set_quantities
from lmrs_rl.routing.router import RouterSettings, plan_of_routes, search_routes, warm_start
from lmrs_rl.routing.routes import Route, Routes

SeedResult = tuple[float, int, Routes]
"""Objective [currency], seed, routes."""


class ParallelSearch:
    """`search_routes` with each of several seeds; the result does not depend on the number of
    workers or on which of them ends first.

    Parameters
    ----------
    seeds : distinct, >= 0; they replace the settings' own
    pool : worker processes that search; this process if not given
    """

    def __init__(self, seeds: Sequence[int], pool: WorkerPool | None = None) -> None:
        if not seeds or len(set(seeds)) < len(seeds) or min(seeds) < 0:
            raise InputError(
                "seeds",
                list(seeds),
                "at least one seed, each once and at least 0",
                "range(4) gives four",
            )
        self.seeds = tuple(seeds)
        self.pool = WorkerPool() if pool is None else pool

    def __call__(
        self, problem: RoutingProblem, settings: RouterSettings, start: tuple[Route, ...] = ()
    ) -> Routes:
        """The best routes that any seed finds; among equals those of the lowest seed."""
        each = [replace(settings, seed=seed) for seed in self.seeds]
        n = len(each)
        if n == 1:  # not worth another process
            return best_routes([search_seed(problem, each[0], start)])
        return best_routes(self.pool.map(search_seed, [problem] * n, each, [start] * n))


def search_seed(
    problem: RoutingProblem, settings: RouterSettings, start: tuple[Route, ...]
) -> SeedResult:
    """The routes that one seed finds, with their objective."""
    routes = search_routes(problem, settings, start)
    return objective(problem, routes.routes), settings.seed, routes


def best_routes(answers: Iterable[SeedResult]) -> Routes:
    """The routes of the least objective, then the lowest seed."""
    return min(answers, key=lambda found: found[:2])[2]


class ParallelRouter:
    """As `OrToolsRouter`, with the best of several seeds.

    Parameters
    ----------
    settings : as of `OrToolsRouter`; their seed is ignored
    seeds, pool : see `ParallelSearch`
    """

    def __init__(
        self,
        settings: RouterSettings | None = None,
        seeds: Sequence[int] = (0, 1, 2, 3),
        pool: WorkerPool | None = None,
    ) -> None:
        self.settings = RouterSettings() if settings is None else settings
        self.previous_plan: Plan | None = None
        self.search = ParallelSearch(seeds, pool)

    def __call__(self, network: Network, snapshot: Snapshot, orders: Sequence[Order]) -> Plan:
        """Plan the trips of the next days. The plan keeps every rule that the referee checks."""
        problem = build_problem(
            network, snapshot, orders, horizon_min=self.settings.horizon_days * MINUTES_PER_DAY
        )
        routes = self.search(
            problem, self.settings, warm_start(problem, self.settings, self.previous_plan)
        )
        return plan_of_routes(problem, routes, set_quantities(problem, routes))

    def following(self, previous_plan: Plan) -> ParallelRouter:
        """The router of the next morning, with the same worker pool."""
        router = copy(self)
        router.previous_plan = previous_plan
        return router
