"""Several seeds at once, the best answer kept: the same answer however many workers there are and
whoever ends first.

Workers are processes: OR-Tools holds Python's interpreter lock for as long as it searches
(measured: another thread got no turn in 20 s), so threads would wait for each other.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from copy import copy
from dataclasses import replace
from types import TracebackType
from typing import Self

from lmrs_rl.domain import InputError, Network, Order, Plan, Snapshot
from lmrs_rl.domain.arrays import MINUTES_PER_DAY
from lmrs_rl.domain.workers import Helpers
from lmrs_rl.routing.costs import objective
from lmrs_rl.routing.problem import RoutingProblem, state_problem
from lmrs_rl.routing.quantities import set_quantities
from lmrs_rl.routing.router import RouterSettings, plan_of_routes, search_routes, start_from
from lmrs_rl.routing.routes import Route, Routes

Answer = tuple[float, int, Routes]
"""Objective [currency], seed, routes."""


class ParallelSearch:
    """`search_routes` with each of several seeds.

    Inside ``with`` the seeds are shared out to worker processes, which start once and live until
    its end; outside, and where there is one seed or one worker, they are searched one after the
    other in this process. The answer is the same.

    Parameters
    ----------
    seeds : distinct, >= 0; they take the place of the settings' own
    workers : processes, >= 1
    """

    def __init__(self, seeds: Sequence[int], workers: int) -> None:
        if not seeds or len(set(seeds)) < len(seeds) or min(seeds) < 0:
            raise InputError(
                "seeds",
                list(seeds),
                "at least one seed, each once and at least 0",
                "range(4) gives four",
            )
        if workers < 1:
            raise InputError(
                "workers", workers, "at least 1", "give the number of processor cores to use"
            )
        self.seeds, self.workers = tuple(seeds), workers
        self._pool: Helpers | None = None

    def __enter__(self) -> Self:
        if self.workers > 1 and len(self.seeds) > 1:
            self._pool = Helpers(min(self.workers, len(self.seeds)))
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._pool is not None:
            self._pool.__exit__(kind, error, trace)
            self._pool = None

    def __call__(
        self, problem: RoutingProblem, settings: RouterSettings, start: tuple[Route, ...] = ()
    ) -> Routes:
        """The best routes that any seed finds; of equally good ones those of the lowest seed."""
        n = len(self.seeds)
        spread = map if self._pool is None else self._pool.map
        return best(
            spread(
                answer,
                [problem] * n,
                [replace(settings, seed=seed) for seed in self.seeds],
                [start] * n,
            )
        )


def answer(problem: RoutingProblem, settings: RouterSettings, start: tuple[Route, ...]) -> Answer:
    """What one seed finds."""
    routes = search_routes(problem, settings, start)
    return objective(problem, routes.routes), settings.seed, routes


def best(answers: Iterable[Answer]) -> Routes:
    """The routes of the least objective, then the lowest seed."""
    return min(answers, key=lambda found: found[:2])[2]


class ParallelRouter:
    """As `OrToolsRouter`, with the best of several seeds; ``with`` keeps its worker processes from
    plan to plan.

    Parameters
    ----------
    settings : as of `OrToolsRouter`; their seed counts for nothing
    seeds, workers : see `ParallelSearch`
    """

    def __init__(
        self,
        settings: RouterSettings | None = None,
        seeds: Sequence[int] = (0, 1, 2, 3),
        workers: int = 4,
    ) -> None:
        self.settings = RouterSettings() if settings is None else settings
        self.before: Plan | None = None
        self.search = ParallelSearch(seeds, workers)

    def __enter__(self) -> Self:
        self.search.__enter__()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.search.__exit__(kind, error, trace)

    def __call__(self, network: Network, snapshot: Snapshot, orders: Sequence[Order]) -> Plan:
        """Plan the trips of the next days. The plan keeps every rule that the referee checks."""
        problem = state_problem(
            network, snapshot, orders, horizon_min=self.settings.horizon_days * MINUTES_PER_DAY
        )
        routes = self.search(
            problem, self.settings, start_from(problem, self.settings, self.before)
        )
        return plan_of_routes(problem, routes, set_quantities(problem, routes))

    def following(self, before: Plan) -> ParallelRouter:
        """The router of the next morning, with the same worker processes for as long as this
        one's ``with`` lasts.
        """
        heir = copy(self)
        heir.before = before
        return heir
