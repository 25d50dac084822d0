"""Planners of agents: those that look ahead, and the ordinary ones."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from lmrs_rl.dispatchers import Agent
from lmrs_rl.domain import OrderParameters
from lmrs_rl.domain.processes import Workers
from lmrs_rl.environment.simulation import DispatchedPlanner, Morning, Planner
from lmrs_rl.lookahead.candidates import Proposal
from lmrs_rl.lookahead.planner import LookAhead
from lmrs_rl.planning import Dispatcher, morning_dispatcher
from lmrs_rl.routing import OrToolsRouter, RouterSettings
from lmrs_rl.worlds.parameters import Cost


@dataclass(frozen=True, eq=False)
class DispatcherProposes:
    """A `Proposer`: what another dispatcher would choose, under its name."""

    name: str
    dispatcher: Dispatcher

    def __call__(
        self, morning: Morning, base: OrderParameters, rng: np.random.Generator
    ) -> Sequence[Proposal]:  # noqa: ARG002
        dispatcher = morning_dispatcher(self.dispatcher, morning.date, morning.plans)
        return [(self.name, dispatcher(morning.network, morning.snapshot, morning.forecast))]


def planner_of(
    agent: Agent,
    router: RouterSettings,
    cost: Cost,
    rng: np.random.Generator,
    *,
    change: Callable[[Dispatcher], Dispatcher] | None = None,
    workers: Workers | None = None,
) -> Planner:
    """The planner of ``agent`` for one run; ``rng`` is for those that draw lots or futures.

    Parameters
    ----------
    router : settings of its router
    cost : what a look-ahead reckons with
    change : applied to every dispatcher that takes part
    workers : of a look-ahead
    """
    ahead = look_ahead_of(agent, router, cost, rng, change=change, workers=workers)
    return (
        DispatchedPlanner((change or _as_it_is)(agent.dispatcher(rng)), OrToolsRouter(router))
        if ahead is None
        else ahead
    )


def look_ahead_of(
    agent: Agent,
    router: RouterSettings,
    cost: Cost,
    rng: np.random.Generator,
    *,
    change: Callable[[Dispatcher], Dispatcher] | None = None,
    workers: Workers | None = None,
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
        base, cost, agent.search, router, proposer=proposer, seed=seed, workers=workers or Workers()
    )


def _as_it_is(dispatcher: Dispatcher) -> Dispatcher:
    return dispatcher
