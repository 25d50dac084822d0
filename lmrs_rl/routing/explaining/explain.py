"""Explains a plan: a reason for every missed order, the slack of every trip, costs by component.
Every reason is checked by planning without the limit to blame, never guessed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from lmrs_rl.domain import InputError, Network, Order, Plan, Snapshot
from lmrs_rl.domain.arrays import MINUTES_PER_DAY
from lmrs_rl.routing.core.annealing import clone
from lmrs_rl.routing.core.arrays import Core, State, core_arrays
from lmrs_rl.routing.core.probe import insertion_cost, least_displacement
from lmrs_rl.routing.core.rebuild import state_of
from lmrs_rl.routing.costs import objective, plan_costs, trip_costs
from lmrs_rl.routing.explaining.explanation import Explanation, MissedOrder
from lmrs_rl.routing.explaining.reasons import MissedReason, obstacle, own_trip_cost, single_order
from lmrs_rl.routing.explaining.slack import trip_slack
from lmrs_rl.routing.pinning.pins import PinnedProblem, Pins, pin
from lmrs_rl.routing.problem import RoutingProblem
from lmrs_rl.routing.quantities import shortfall_cost
from lmrs_rl.routing.reading import REMEDY, routes_of
from lmrs_rl.routing.routes import Route

EPS_COST = 1e-6
"""[currency] Costs this close are equal."""


def explain(
    network: Network,
    snapshot: Snapshot,
    orders: Sequence[Order],
    plan: Plan,
    *,
    pins: Pins | None = None,
    horizon_days: int = 5,
) -> Explanation:
    """Explain ``plan``, made from ``orders`` on that morning with a horizon of ``horizon_days`` and
    ``pins``, if any.

    For an order that is not served, three things are tried in turn: a trip of its own with nothing
    else planned (`obstacle`), an insertion into the routes of the plan, and the place of any other
    order or trip.

    Raises
    ------
    InputError
        For a plan that was not made from these.
    """
    pins = Pins() if pins is None else pins
    horizon_min = horizon_days * MINUTES_PER_DAY
    pinned = pin(network, snapshot, orders, pins, horizon_min=horizon_min)
    free_trips = tuple(trip for trip in plan.trips if trip not in pins.trips)
    routes = routes_of(pinned.problem, replace(plan, trips=free_trips))
    each = iter(routes)
    route_of_trip = [None if trip in pins.trips else next(each) for trip in plan.trips]
    return Explanation(
        missed=_missed(network, pinned, routes),
        slack=trip_slack(network, pinned.problem, snapshot, plan, route_of_trip),
        trip_costs=tuple(trip_costs(network, trip) for trip in plan.trips),
        costs=plan.costs,
        # The rest of the objective: this problem has no prices on changes of plan.
        late=objective(pinned.problem, routes)
        - plan_costs(pinned.problem, routes).total
        - shortfall_cost(pinned.problem, routes),
        lacking=shortfall_cost(pinned.problem, routes),
    )


def _missed(
    network: Network, pinned: PinnedProblem, routes: Sequence[Route]
) -> tuple[MissedOrder, ...]:
    served = {visit.order for route in routes for visit in route.visits}
    missed = [k for k in range(pinned.problem.n_orders) if k not in served]
    if not missed:
        return ()
    core = core_arrays(pinned.prioritized)
    state, refused = state_of(
        core, routes, {route.slot: _route_cost(pinned.problem, route) for route in routes}
    )
    if refused:
        raise InputError(
            "plan",
            f"a trip of {len(refused[0].visits)} stops",
            "trips as the router makes them",
            REMEDY,
        )
    explained = [
        _without_own_trip(network, pinned, k)
        or _outcompeted(network, pinned.prioritized, core, state, k)
        for k in missed
    ]
    return tuple(replace(each, order=int(pinned.order_index[each.order])) for each in explained)


def _route_cost(problem: RoutingProblem, route: Route) -> float:
    """[currency] of one route in the objective, without its shortfall cost."""
    served = [visit.order for visit in route.visits if visit.order >= 0]
    # `objective` takes the route for the whole plan: all other orders are missed in it.
    return (
        objective(problem, [route])
        - shortfall_cost(problem, [route])
        - float(problem.order_penalty.sum() - problem.order_penalty[served].sum())
    )


def _without_own_trip(network: Network, pinned: PinnedProblem, order: int) -> MissedOrder | None:
    """The reason if the order cannot even have a trip of its own, otherwise ``None``."""
    customer = int(pinned.problem.order_customer[order])
    found = obstacle(network, pinned.without_appointments, order)
    if found is not None:
        return MissedOrder(order, customer, found.reason, found.detail)
    if order in pinned.appointed and np.isinf(own_trip_cost(single_order(pinned.problem, order))):
        return MissedOrder(
            order, customer, MissedReason.APPOINTMENT, "another vehicle, driver or time would do"
        )
    return None


def _outcompeted(
    network: Network, problem: RoutingProblem, core: Core, state: State, order: int
) -> MissedOrder:
    """The reason for an order that could have a trip of its own, but not beside the plan's trips
    at a lower cost.
    """
    penalty = float(problem.order_penalty[order])
    cost = insertion_cost(core, clone(state), order)
    if np.isfinite(cost):
        words = f"serving costs {cost:,.2f}, the penalty is {penalty:,.2f}"
        return _compared(problem, order, MissedReason.CHEAPER, words, cost - penalty)
    change, after = least_displacement(core, state, order)
    if after is None:
        words = "no single order or trip could give way for it"
        return MissedOrder(
            order, int(problem.order_customer[order]), MissedReason.TAKEN, words, None
        )
    displaced = np.flatnonzero((state.slot_of >= 0) & (after.slot_of < 0)).tolist()
    names = ", ".join(network.customers.ids[int(problem.order_customer[k])] for k in displaced)
    words = f"in the place of {names}" if displaced else "with others moved to other trips"
    return _compared(problem, order, MissedReason.TAKEN, words, change)


def _compared(
    problem: RoutingProblem, order: int, reason: MissedReason, words: str, extra: float
) -> MissedOrder:
    """The reason with its extra cost, unless serving turns out to be cheaper: then it is the search
    that missed something.
    """
    comparison = f"{max(extra, 0.0):,.2f} more than missing it"
    if extra < -EPS_COST:
        reason, comparison = MissedReason.SEARCH, f"{-extra:,.2f} less than missing it"
    customer = int(problem.order_customer[order])
    return MissedOrder(order, customer, reason, f"{words}: {comparison}", extra)
