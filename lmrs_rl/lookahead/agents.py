"""From an agent to its planner, with or without a look-ahead."""

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
    """A `Proposer` that proposes what another dispatcher would choose, under its name."""

    name: str
    dispatcher: Dispatcher

    def __call__(
        self,
        state: DecisionState,
        base: OrderParameters,  # noqa: ARG002
        rng: np.random.Generator,  # noqa: ARG002
    ) -> Sequence[Proposal]:
        dispatcher = dispatcher_at(self.dispatcher, state.date, state.plans)
        return [(self.name, dispatcher(state.network, state.snapshot, state.forecast))]


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
    agent : with or without a look-ahead
    router : settings of its router
    cost : cost model of a look-ahead
    rng : for dispatchers that draw at random, and for futures
    change : applied to every dispatcher that takes part, such as one that records its calls
    workers : pool that a look-ahead uses
    routing : the router itself, by default `OrToolsRouter` with the settings ``router``; a
        look-ahead makes its own

    Raises
    ------
    InputError
        For a look-ahead with ``routing`` given.
    """
    ahead = look_ahead_of(agent, router, cost, rng, change=change, workers=workers)
    if ahead is None:
        dispatcher = (change or _unchanged)(agent.dispatcher(rng))
        return OrderPlanner(dispatcher, OrToolsRouter(router) if routing is None else routing)
    if routing is not None:
        raise InputError(
            "agent",
            f"{agent.name!r} with fixed trips, a price of moves or several searches",
            "none of these: a look-ahead makes its own plans",
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
    """The look-ahead of ``agent`` for one run, ``None`` for an agent that does not look ahead.

    Unlike `planner_of` it gives the class that can report all candidates, see
    `LookAhead.consider`. The parameters are those of `planner_of`.
    """
    if agent.search is None or agent.base is None:
        return None
    changed = change or _unchanged
    # The order of the draws from ``rng`` is part of the result: proposer, base, seed.
    proposer = None
    if agent.proposer is not None:
        proposed_by = changed(agent.proposer.dispatcher(rng))
        proposer = DispatcherProposes(agent.proposer.name, proposed_by)
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


def _unchanged(dispatcher: Dispatcher) -> Dispatcher:
    return dispatcher
