"""Why a plan is as it is: a reason for every order missed, the slack of every trip, costs by part. Checked, never guessed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from lmrs_rl.domain import InputError, Network, Order, Plan, Snapshot
from lmrs_rl.domain.arrays import MINUTES_PER_DAY
from lmrs_rl.routing.core.arrays import Core, State, core_arrays
from lmrs_rl.routing.core.probe import insertion_cost, least_displacement
from lmrs_rl.routing.core.rebuild import state_of
from lmrs_rl.routing.core.run import clone
from lmrs_rl.routing.costs import objective, plan_costs
from lmrs_rl.routing.explanation import Explanation, MissedOrder
from lmrs_rl.routing.problem import RoutingProblem, state_problem
from lmrs_rl.routing.reading import routes_of
from lmrs_rl.routing.reasons import Reason, obstacle
from lmrs_rl.routing.routes import Route
from lmrs_rl.routing.slack import trip_slack

EPS_COST = 1e-6
"""[currency] Costs this close are the same."""


def explain(network: Network, snapshot: Snapshot, orders: Sequence[Order], plan: Plan, *, horizon_days: int = 5) -> Explanation:
    """Explain ``plan``, made from ``orders`` on that morning with a horizon of ``horizon_days``.

    An order that is not served is first offered a trip of its own with nothing else planned (`obstacle`); where it can have
    one, a place in the routes of the plan; where there is none, the place of any other order or trip.

    Raises
    ------
    InputError
        For a plan that was not made from these.
    """
    problem = state_problem(network, snapshot, orders, horizon_min=horizon_days * MINUTES_PER_DAY)
    routes = routes_of(problem, plan)
    return Explanation(
        missed=_missed(network, problem, routes),
        slack=trip_slack(network, problem, plan, routes),
        trip_costs=tuple(replace(plan_costs(problem, [route]), missed=0.0) for route in routes),
        costs=plan.costs,
        late=objective(problem, routes) - plan_costs(problem, routes).total,
    )


def _missed(network: Network, problem: RoutingProblem, routes: Sequence[Route]) -> tuple[MissedOrder, ...]:
    served = {visit.order for route in routes for visit in route.visits}
    left = [k for k in range(problem.n_orders) if k not in served]
    if not left:
        return ()
    core = core_arrays(problem)
    state, refused = state_of(core, routes)
    if refused:
        raise InputError("plan", f"a trip that the core finds illegal (slot {refused[0].slot})", "a legal plan", "let the referee judge it")
    return tuple(_alone(network, problem, k) or _in_the_plan(network, problem, core, state, k) for k in left)


def _alone(network: Network, problem: RoutingProblem, order: int) -> MissedOrder | None:
    found = obstacle(network, problem, order)
    return None if found is None else MissedOrder(order, int(problem.order_customer[order]), found.reason, found.detail)


def _in_the_plan(network: Network, problem: RoutingProblem, core: Core, state: State, order: int) -> MissedOrder:
    """The order could have a trip of its own: what is it against the trips that there are?"""
    penalty = float(problem.order_penalty[order])
    cost = insertion_cost(core, clone(state), order)
    if np.isfinite(cost):
        words = f"serving costs {cost:,.2f}, the penalty is {penalty:,.2f}"
        return _weighed(problem, order, Reason.CHEAPER, words, cost - penalty)
    change, after = least_displacement(core, state, order)
    if after is None:
        return _weighed(problem, order, Reason.TAKEN, "no single order or trip could give way for it", None)
    gone = np.flatnonzero((state.slot_of >= 0) & (after.slot_of < 0)).tolist()
    names = ", ".join(network.customers.ids[int(problem.order_customer[k])] for k in gone)
    return _weighed(problem, order, Reason.TAKEN, f"in the place of {names}" if gone else "with others moved to other trips", change)


def _weighed(problem: RoutingProblem, order: int, reason: Reason, words: str, extra: float | None) -> MissedOrder:
    """The reason unless serving turns out to be cheaper: then the search missed something."""
    if extra is not None and extra < -EPS_COST:
        reason = Reason.SEARCH
    told = (
        "" if extra is None else f"{max(extra, 0.0):,.2f} more than missing it" if reason != Reason.SEARCH else f"{-extra:,.2f} less than missing it"
    )
    detail = f"{words}: {told}" if told else words
    return MissedOrder(order, int(problem.order_customer[order]), reason, detail, extra)
