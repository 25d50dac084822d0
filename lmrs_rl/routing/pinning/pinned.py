"""A router that keeps what is fixed and changes little else: yesterday's plan is where it sets
out from.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from lmrs_rl.domain import Costs, InputError, Network, Order, Plan, Snapshot, Trip
from lmrs_rl.domain.arrays import MINUTES_PER_DAY
from lmrs_rl.routing.core.annealing import read_state
from lmrs_rl.routing.core.arrays import core_arrays
from lmrs_rl.routing.core.probe import insertion_cost
from lmrs_rl.routing.core.rebuild import state_of
from lmrs_rl.routing.costs import trip_costs
from lmrs_rl.routing.pinning.pins import PinnedProblem, Pins, pin
from lmrs_rl.routing.problem import RoutingProblem
from lmrs_rl.routing.quantities import set_quantities
from lmrs_rl.routing.router import RouterSettings, plan_of_routes, search_routes, warm_start
from lmrs_rl.routing.routes import Route, Routes
from lmrs_rl.routing.shift import planned_days

Search = Callable[[RoutingProblem, RouterSettings, tuple[Route, ...]], Routes]
"""From a problem, settings and a start to routes."""


@dataclass(frozen=True)
class PinnedRouter:
    """As `OrToolsRouter`, with trips and promises kept and a price on moving orders that an earlier
    plan had.

    Attributes
    ----------
    pins : fixed trips and promises
    before : the plan of the morning before, or ``None``
    move_price : [currency] >= 0 of serving an order on another day than ``before`` would have
    stable_from_day : orders that ``before`` would have served on this day or later have that price;
        day 0 is the one that begins now, 1 the next
    settings : as of `OrToolsRouter`
    search : what searches; a `ParallelSearch` takes several seeds
    """

    pins: Pins = field(default_factory=Pins)
    before: Plan | None = None
    move_price: float = 0.0
    stable_from_day: int = 1
    settings: RouterSettings = field(default_factory=RouterSettings)
    search: Search = search_routes

    def __post_init__(self) -> None:
        if not (np.isfinite(self.move_price) and self.move_price >= 0):
            raise InputError(
                "move_price",
                self.move_price,
                "a finite number, at least 0",
                "0 lets orders move freely",
            )

    def __call__(self, network: Network, snapshot: Snapshot, orders: Sequence[Order]) -> Plan:
        """Plan the trips of the next days around the fixed ones, which are in the plan, too.

        A promise that cannot be kept leaves its customer among the missed.
        """
        pinned = pin(
            network,
            snapshot,
            orders,
            self.pins,
            horizon_min=self.settings.horizon_days * MINUTES_PER_DAY,
        )
        problem = pinned.lifted
        if self.before is not None and self.move_price > 0:
            problem = with_move_price(problem, self.before, self.move_price, self.stable_from_day)
        start = appointments_first(problem, warm_start(problem, self.settings, self.before), pinned)
        routes = self.search(problem, self.settings, start)
        plan = plan_of_routes(pinned.problem, routes, set_quantities(pinned.problem, routes))
        return add_trips(network, plan, self.pins.trips)

    def following(self, before: Plan) -> PinnedRouter:
        """The router of the next morning: pins are of one morning and fall away."""
        return replace(self, pins=Pins(), before=before)


def with_move_price(problem: RoutingProblem, before: Plan, price: float, from_day: int) -> RoutingProblem:
    """The problem in which an order costs ``price`` more on any other day than the one that
    ``before`` had for it.
    """
    day = planned_days(problem, before)
    moved = (day[:, None] >= from_day) & (problem.slots.open_min // MINUTES_PER_DAY != day[:, None])
    return replace(problem, order_slot_cost=problem.order_slot_cost + price * moved)


def appointments_first(
    problem: RoutingProblem, start: tuple[Route, ...], pinned: PinnedProblem
) -> tuple[Route, ...]:
    """The start with promised orders put in that it lacks, those with the least choice of slots
    first; empty where nothing is promised.
    """
    if not pinned.promised or not len(problem.slots):
        return start
    core = core_arrays(problem)
    state, _ = state_of(core, start)
    for order in sorted(pinned.promised, key=lambda k: (int(problem.order_allowed[k].sum()), k)):
        if state.slot_of[order] < 0:
            insertion_cost(core, state, order)
    return read_state(problem, core, state)


def add_trips(network: Network, plan: Plan, trips: Sequence[Trip]) -> Plan:
    """The plan with further trips in it, and what they cost."""
    costs = plan.costs
    for extra in (trip_costs(network, trip) for trip in trips):
        costs = Costs(
            costs.distance + extra.distance,
            costs.time + extra.time,
            costs.nights + extra.nights,
            costs.missed,
        )
    return replace(
        plan,
        trips=tuple(
            sorted((*plan.trips, *trips), key=lambda t: (t.start_min, t.driver, t.vehicle))
        ),
        costs=costs,
    )
