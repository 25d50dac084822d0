"""Why a plan is as it is: a reason for every order missed, the slack of every trip, costs by
part. Checked, never guessed.
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
from lmrs_rl.routing.explaining.reasons import MissedReason, single_order, obstacle, own_trip_cost
from lmrs_rl.routing.explaining.slack import trip_slack
from lmrs_rl.routing.pinning.pins import PinnedProblem, Pins, pin
from lmrs_rl.routing.problem import RoutingProblem
from lmrs_rl.routing.quantities import shortfall_cost
from lmrs_rl.routing.reading import REMEDY, routes_of
from lmrs_rl.routing.routes import Route

EPS_COST = 1e-6
"""[currency] Costs this close are the same."""


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

    An order that is not served is first offered a trip of its own with nothing else planned
    (`obstacle`); where it can have one, a place in the routes of the plan; where there is none, the
    place of any other order or trip.

    Raises
    ------
    InputError
        For a plan that was not made from these.
    """
    fixed = () if pins is None else pins.trips
    pinned = pin(
        network,
        snapshot,
        orders,
        Pins() if pins is None else pins,
        horizon_min=horizon_days * MINUTES_PER_DAY,
    )
    routes = routes_of(
        pinned.problem, replace(plan, trips=tuple(trip for trip in plan.trips if trip not in fixed))
    )
    each = iter(routes)
    return Explanation(
        missed=_missed(network, pinned, routes),
        slack=trip_slack(
            network,
            pinned.problem,
            snapshot,
            plan,
            [None if trip in fixed else next(each) for trip in plan.trips],
        ),
        trip_costs=tuple(trip_costs(network, trip) for trip in plan.trips),
        costs=plan.costs,
        late=objective(pinned.problem, routes)
        - plan_costs(pinned.problem, routes).total
        - shortfall_cost(pinned.problem, routes),
        lacking=shortfall_cost(pinned.problem, routes),
    )


def _missed(network: Network, pinned: PinnedProblem, routes: Sequence[Route]) -> tuple[MissedOrder, ...]:
    served = {visit.order for route in routes for visit in route.visits}
    left = [k for k in range(pinned.problem.n_orders) if k not in served]
    if not left:
        return ()
    core = core_arrays(pinned.lifted)
    state, refused = state_of(
        core, routes, {route.slot: _cost(pinned.problem, route) for route in routes}
    )
    if refused:
        raise InputError(
            "plan",
            f"a trip of {len(refused[0].visits)} stops",
            "trips as the router makes them",
            REMEDY,
        )
    found = [
        _alone(network, pinned, k) or _in_the_plan(network, pinned.lifted, core, state, k)
        for k in left
    ]
    return tuple(replace(missed, order=int(pinned.kept[missed.order])) for missed in found)


def _cost(problem: RoutingProblem, route: Route) -> float:
    """[currency] of one route in the objective, without what its drops lack."""
    served = [visit.order for visit in route.visits if visit.order >= 0]
    return (
        objective(problem, [route])
        - shortfall_cost(problem, [route])
        - float(problem.order_penalty.sum() - problem.order_penalty[served].sum())
    )


def _alone(network: Network, pinned: PinnedProblem, order: int) -> MissedOrder | None:
    customer, found = (
        int(pinned.problem.order_customer[order]),
        obstacle(network, pinned.free, order),
    )
    if found is not None:
        return MissedOrder(order, customer, found.reason, found.detail)
    if order in pinned.promised and np.isinf(own_trip_cost(single_order(pinned.problem, order))):
        return MissedOrder(
            order, customer, MissedReason.PROMISE, "another vehicle, driver or time would do"
        )
    return None


def _in_the_plan(
    network: Network, problem: RoutingProblem, core: Core, state: State, order: int
) -> MissedOrder:
    """The order could have a trip of its own: what is it against the trips that there are?"""
    penalty = float(problem.order_penalty[order])
    cost = insertion_cost(core, clone(state), order)
    if np.isfinite(cost):
        words = f"serving costs {cost:,.2f}, the penalty is {penalty:,.2f}"
        return _weighed(problem, order, MissedReason.CHEAPER, words, cost - penalty)
    change, after = least_displacement(core, state, order)
    if after is None:
        return _weighed(
            problem,
            order,
            MissedReason.TAKEN,
            "no single order or trip could give way for it",
            None,
        )
    gone = np.flatnonzero((state.slot_of >= 0) & (after.slot_of < 0)).tolist()
    names = ", ".join(network.customers.ids[int(problem.order_customer[k])] for k in gone)
    return _weighed(
        problem,
        order,
        MissedReason.TAKEN,
        f"in the place of {names}" if gone else "with others moved to other trips",
        change,
    )


def _weighed(
    problem: RoutingProblem, order: int, reason: MissedReason, words: str, extra: float | None
) -> MissedOrder:
    """The reason unless serving turns out to be cheaper: then the search missed something."""
    if extra is not None and extra < -EPS_COST:
        reason = MissedReason.SEARCH
    told = (
        ""
        if extra is None
        else f"{max(extra, 0.0):,.2f} more than missing it"
        if reason != MissedReason.SEARCH
        else f"{-extra:,.2f} less than missing it"
    )
    detail = f"{words}: {told}" if told else words
    return MissedOrder(order, int(problem.order_customer[order]), reason, detail, extra)
