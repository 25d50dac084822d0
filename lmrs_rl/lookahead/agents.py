"""Planners of agents: those that look ahead, and the ordinary ones."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from lmrs_rl.dispatchers import Agent
from lmrs_rl.dispatchers.protocol import Dispatcher, dispatcher_at
from lmrs_rl.domain import InputError, OrderParameters
from lmrs_rl.domain.workers import WorkerPool
from lmrs_rl.lookahead.candidates import Proposal
from lmrs_rl.lookahead.planner import LookAhead
from lmrs_rl.routing import OrToolsRouter, Router, RouterSettings
from lmrs_rl.simulation import DecisionState, OrderPlanner, Planner
from lmrs_rl.worlds.parameters import Cost


@dataclass(frozen=True, eq=False)
class DispatcherProposes:
    """A `Proposer`: what another dispatcher would choose, under its name."""

    name: str
    dispatcher: Dispatcher

    def __call__(
        self, morning: DecisionState, base: OrderParameters, rng: np.random.Generator
    ) -> Sequence[Proposal]:  # noqa: ARG002
        dispatcher = dispatcher_at(self.dispatcher, morning.date, morning.plans)
        return [(self.name, dispatcher(morning.network, morning.snapshot, morning.forecast))]


def planner_of(
    agent: Agent,
    router: RouterSettings,
    cost: Cost,
    rng: np.random.Generator,
    *,
    change: Callable[[Dispatcher], Dispatcher] | None = None,
    workers: WorkerPool | None = None,
    routing: Router | None = None,
) -> Planner:
    """The planner of ``agent`` for one run.

    Parameters
    ----------
    router : settings of its router
    cost : cost model of a look-ahead
    rng : of dispatchers that draw at random, and of futures
    change : applied to every dispatcher that takes part
    workers : of a look-ahead
    routing : the router itself, `OrToolsRouter` with ``router`` if not given; a look-ahead makes
        its own

    Raises
    ------
    InputError
        For a look-ahead with ``routing`` given.
    """
    ahead = look_ahead_of(agent, router, cost, rng, change=change, workers=workers)
    if ahead is None:
        dispatcher = (change or _as_it_is)(agent.dispatcher(rng))
        return OrderPlanner(dispatcher, OrToolsRouter(router) if routing is None else routing)
    if routing is not None:
        raise InputError(
            "agent",
            f"{agent.name!r} with fixed trips, a price of moves or several searches",
            "none of these: a look-ahead makes plans of its own",
            "leave them out, or take an agent that chooses parameters",
        )
    return ahead


def look_ahead_of(
    agent: Agent,
    router: RouterSettings,
    cost: Cost,
    rng: np.random.Generator,
    *,
    change: Callable[[Dispatcher], Dispatcher] | None = None,
    workers: WorkerPool | None = None,
) -> LookAhead | None:
    """The look-ahead of ``agent`` for one run, which can tell what it weighed too; ``None`` for an
    agent that does not look ahead.

    Parameters as of `planner_of`.
    """
    if agent.search is None or agent.base is None:
        return None
    changed = change or _as_it_is
    proposer = (
        None
        if agent.proposer is None
        else DispatcherProposes(agent.proposer.name, changed(agent.proposer.dispatcher(rng)))
    )
    base, seed = changed(agent.base.dispatcher(rng)), int(rng.integers(2**31))
    return LookAhead(
        base,
        cost,
        agent.search,
        router,
        proposer=proposer,
        seed=seed,
        workers=workers or WorkerPool(),
    )


def _as_it_is(dispatcher: Dispatcher) -> Dispatcher:
    return dispatcher
