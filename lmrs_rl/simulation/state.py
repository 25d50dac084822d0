"""The decision state of a morning, the decision, and the planner protocol between the two."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from lmrs_rl.domain import Forecast, InputError, Network, Order, OrderParameters, Plan, Snapshot

PLANS_KEPT = 2
"""Plans of previous mornings in a state: comparing the last two shows which drops were moved."""


@dataclass(frozen=True, eq=False)
class DecisionState:
    """All that is known on a morning, before the decision.

    Attributes
    ----------
    day : counted from the first morning of the world
    network, snapshot : as known now, with announced closures and breakdowns
    forecast : from now on
    plans : of the previous mornings, the latest first, at most `PLANS_KEPT`
    stock : the snapshot at the end of the previous day, from which the day is executed
    date : calendar date, ``None`` where it is not known

    Examples
    --------
    >>> import lmrs_rl
    >>> state = lmrs_rl.open_world("demo").start()
    >>> state.day, state.plans
    (0, ())
    """

    day: int
    network: Network
    snapshot: Snapshot
    forecast: Forecast
    plans: tuple[Plan, ...]
    stock: Snapshot
    date: np.datetime64 | None = None

    @classmethod
    def known(
        cls,
        network: Network,
        snapshot: Snapshot,
        forecast: Forecast,
        plans: tuple[Plan, ...] = (),
        date: np.datetime64 | None = None,
    ) -> DecisionState:
        """The state of a real morning, outside of a simulation.

        Raises
        ------
        InputError
            For a forecast that starts at another moment than the snapshot.
        """
        if forecast.start_min != snapshot.time_min:
            raise InputError(
                "forecast.start_min",
                forecast.start_min,
                f"the snapshot's time_min = {snapshot.time_min}",
                "forecast from this morning",
            )
        return cls(0, network, snapshot, forecast, plans, snapshot, date)


@dataclass(frozen=True, eq=False)
class Decision:
    """The decision of a morning.

    Attributes
    ----------
    parameters : order parameters of every tank
    orders : that follow from the parameters
    plan : trips that serve the orders
    candidate : name of the candidate that a look-ahead chose, ``None`` for other planners

    Examples
    --------
    >>> import lmrs_rl
    >>> world = lmrs_rl.open_world("demo", days=1)
    >>> decision = lmrs_rl.plan(world.network, world.days.start).decision
    >>> len(decision.orders) > 0, decision.candidate
    (True, None)
    """

    parameters: OrderParameters
    orders: tuple[Order, ...]
    plan: Plan
    candidate: str | None = None


class Planner(Protocol):
    """Maps the state of a morning to a decision.

    Examples
    --------
    >>> import numpy as np
    >>> import lmrs_rl
    >>> from lmrs_rl.lookahead import planner_of
    >>> world = lmrs_rl.open_world("demo", days=1)
    >>> agent, settings = lmrs_rl.load_agent("default"), lmrs_rl.RouterSettings.preset("quick")
    >>> planner = planner_of(agent, settings, world.cost, np.random.default_rng(0))
    >>> planner(world.start()).plan.complete
    True
    """

    def __call__(self, state: DecisionState, /) -> Decision: ...
