"""Plan a real morning: from what is known to the plan, its explanation and its files."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from lmrs_rl.dispatchers import Agent
from lmrs_rl.domain import Network, Plan, Snapshot
from lmrs_rl.domain.workers import WorkerPool
from lmrs_rl.forecast import Forecaster, WeekdayQuantiles
from lmrs_rl.formats.files import write_plan
from lmrs_rl.formats.plan_json import Author
from lmrs_rl.lookahead import planner_of
from lmrs_rl.orders import UnorderedCustomer, due_without_order
from lmrs_rl.planning.agents import find_agent
from lmrs_rl.planning.choice import (
    SEED,
    ChosenParameters,
    explain_choice,
    require_date,
    write_choice,
)
from lmrs_rl.planning.trip_rows import write_trip_rows
from lmrs_rl.routing import Router, RouterSettings
from lmrs_rl.routing.explaining.explain import explain
from lmrs_rl.routing.explaining.explanation import Explanation
from lmrs_rl.routing.parallel import ParallelSearch
from lmrs_rl.routing.pinning.pinned import PinnedRouter
from lmrs_rl.routing.pinning.pins import Pins
from lmrs_rl.simulation import Decision, DecisionState
from lmrs_rl.simulation.plan_changes import Churn, churn
from lmrs_rl.worlds.parameters import Cost


@dataclass(frozen=True)
class PlanSettings:
    """How a morning is planned.

    Parameters
    ----------
    router
        Effort of the router.
    pins
        Trips and appointments to keep.
    move_price
        [currency] Cost of serving an order on another day than the previous plan did.
    seeds
        Number of searches, of which the best plan is taken; >= 1.
    workers
        Processes that share the searches; >= 1.

    Examples
    --------
    >>> import lmrs_rl
    >>> settings = lmrs_rl.PlanSettings(lmrs_rl.RouterSettings.preset("quick"), seeds=2)
    >>> settings.workers
    1
    """

    router: RouterSettings = field(default_factory=RouterSettings)
    pins: Pins = field(default_factory=Pins)
    move_price: float = 0.0
    seeds: int = 1
    workers: int = 1


@dataclass(frozen=True, eq=False)
class MorningPlan:
    """A morning's plan and its explanation; `plan` makes it.

    Attributes
    ----------
    state
        What was known in the morning.
    decision
        Order parameters, orders and plan.
    chosen
        Which agent chose the parameters, and why.
    unordered
        Customers who are due but have no order, and why.
    explanation
        Why orders are missed, and the slack of each trip.

    Examples
    --------
    >>> import lmrs_rl
    >>> world = lmrs_rl.open_world("demo", days=1)
    >>> made = lmrs_rl.plan(world.network, world.days.start)
    >>> made.write("plan.json")
    >>> lmrs_rl.read_plan("plan.json", world.network) == made.plan
    True
    """

    state: DecisionState
    decision: Decision
    chosen: ChosenParameters
    unordered: tuple[UnorderedCustomer, ...]
    explanation: Explanation

    @property
    def plan(self) -> Plan:
        """Trips of the next days, and the missed orders."""
        return self.decision.plan

    @property
    def changes(self) -> Churn | None:
        """How the plan differs from the previous one; ``None`` without a previous plan."""
        return churn(self.state.plans[0], self.plan) if self.state.plans else None

    def write(self, path: Path | str) -> None:
        """Write the plan with its explanation as JSON, whole or not at all."""
        fallbacks = tuple((each.tank, each.why) for each in self.chosen.fallbacks)
        write_plan(
            path,
            self.plan,
            self.state.network,
            self.explanation,
            self.unordered,
            Author(self.chosen.agent, fallbacks),
        )

    def write_details(self, folder: Path) -> None:
        """Write each tank's parameters with reasons, and the next day's stops, as JSON and CSV."""
        folder.mkdir(parents=True, exist_ok=True)
        write_choice(folder, self.chosen, self.state.network, self.state.snapshot)
        write_trip_rows(folder, self.plan, self.state.network, self.state.snapshot)


def plan(
    network: Network,
    snapshot: Snapshot,
    agent: Agent | str | Path = "default",
    *,
    date: np.datetime64 | None = None,
    before: Plan | None = None,
    forecaster: Forecaster | None = None,
    settings: PlanSettings | None = None,
) -> MorningPlan:
    """Plan the next days on a real morning.

    Parameters
    ----------
    network, snapshot
        What is known this morning.
    agent
        Agent that chooses order parameters, or plans itself: an agent, a shipped name or a folder.
    date
        Calendar date of the morning; learned agents need it.
    before
        Plan of the previous morning, from which the search starts.
    forecaster
        Forecaster of consumption, `WeekdayQuantiles` if not given.
    settings
        How the morning is planned.

    Returns
    -------
    MorningPlan
        The plan with its orders, its explanation and what it is based on.

    Raises
    ------
    InputError
        For an unknown agent, or one that knows the future; for a learned agent without a date; for
        a look-ahead agent with trips to keep, a cost of moves or several searches; for pins that
        cannot be kept.

    Examples
    --------
    >>> import lmrs_rl
    >>> world = lmrs_rl.open_world("demo", days=1)
    >>> made = lmrs_rl.plan(world.network, world.days.start)
    >>> made.chosen.agent, made.plan.complete
    ('default', True)
    """
    agent = agent if isinstance(agent, Agent) else find_agent(str(agent))
    require_date(agent, date)
    how = PlanSettings() if settings is None else settings
    forecast = (forecaster or WeekdayQuantiles())(network, snapshot)
    plans = () if before is None else (before,)
    state = DecisionState.known(network, snapshot, forecast, plans, date)

    decision = _decide(state, agent, how)

    chosen = explain_choice(agent, state, decision)
    unordered = due_without_order(network, snapshot, forecast, decision.parameters)
    why = explain(network, snapshot, decision.orders, decision.plan, pins=how.pins)
    return MorningPlan(state, decision, chosen, tuple(unordered), why)


def _decide(state: DecisionState, agent: Agent, how: PlanSettings) -> Decision:
    rng = np.random.default_rng(SEED)
    with WorkerPool(how.workers) as pool:
        search = ParallelSearch(range(how.seeds), pool)
        planner = planner_of(
            agent,
            how.router,
            Cost(),
            rng,
            workers=pool,
            routing=_routing(state, agent, how, search),
        )
        return planner(state)


def _routing(
    state: DecisionState, agent: Agent, how: PlanSettings, search: ParallelSearch
) -> Router | None:
    """The router that keeps pins; ``None`` for a look-ahead agent, which routes by itself."""
    # With any of these settings the router is made all the same, so that `planner_of` refuses it
    # for a look-ahead instead of ignoring them in silence.
    if agent.search is not None and not (how.pins.trips or how.move_price or how.seeds > 1):
        return None
    before = state.plans[0] if state.plans else None
    router = PinnedRouter(how.pins, before, how.move_price, settings=how.router, search=search)
    # The bound method alone: with a previous plan the planner would call `PinnedRouter.following`,
    # which drops the pins, and they are meant for this very morning.
    return router.__call__
