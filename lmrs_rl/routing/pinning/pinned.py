"""A router that keeps what is fixed and changes little else: it starts from yesterday's plan."""

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
"""Searches routes for a problem, with settings and initial routes."""


@dataclass(frozen=True)
class PinnedRouter:
    """As `OrToolsRouter`, but keeps fixed trips and appointments, and puts a price on moving an
    order to another day than the previous plan had.

    Attributes
    ----------
    pins : fixed trips and appointments
    previous_plan : the plan of the previous morning, or ``None``
    move_price : [currency] >= 0 of serving an order on another day than ``previous_plan`` does
    stable_from_day : the price is on orders that ``previous_plan`` serves on this day or later; day
        0 is the one that begins now, 1 the next
    settings : as of `OrToolsRouter`
    search : the search to use; a `ParallelSearch` takes several seeds
    """

    pins: Pins = field(default_factory=Pins)
    previous_plan: Plan | None = None
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

        An order whose appointment cannot be kept is missed.
        """
        horizon_min = self.settings.horizon_days * MINUTES_PER_DAY
        pinned = pin(network, snapshot, orders, self.pins, horizon_min=horizon_min)
        problem = pinned.prioritized
        if self.previous_plan is not None and self.move_price > 0:
            problem = with_move_price(
                problem, self.previous_plan, self.move_price, self.stable_from_day
            )
        start = _add_appointments(
            problem, warm_start(problem, self.settings, self.previous_plan), pinned
        )
        routes = self.search(problem, self.settings, start)
        # With the orders' own penalties: those of `prioritized` are for the search alone.
        plan = plan_of_routes(pinned.problem, routes, set_quantities(pinned.problem, routes))
        return _add_trips(network, plan, self.pins.trips)

    def following(self, previous_plan: Plan) -> PinnedRouter:
        """The router of the next morning, without pins: they are of one morning only."""
        return replace(self, pins=Pins(), previous_plan=previous_plan)


def with_move_price(
    problem: RoutingProblem, previous_plan: Plan, price: float, from_day: int
) -> RoutingProblem:
    """The problem in which serving an order costs ``price`` more on any other day than that of
    ``previous_plan``, if that is ``from_day`` or later.
    """
    day = planned_days(problem, previous_plan)
    # A slot belongs to one day (see `make_slots`), so its opening tells the day of its trip.
    moved = (day[:, None] >= from_day) & (problem.slots.open_min // MINUTES_PER_DAY != day[:, None])
    return replace(problem, order_slot_cost=problem.order_slot_cost + price * moved)


def _add_appointments(
    problem: RoutingProblem, start: tuple[Route, ...], pinned: PinnedProblem
) -> tuple[Route, ...]:
    """``start`` with the orders inserted that have an appointment and are missing, those with the
    fewest slots to choose from first.

    The search would rarely find room for them later: a few slots may do, and others fill these.
    """
    if not pinned.appointed or not len(problem.slots):
        return start
    core = core_arrays(problem)
    state, _ = state_of(core, start)
    for order in sorted(pinned.appointed, key=lambda k: (int(problem.order_allowed[k].sum()), k)):
        if state.slot_of[order] < 0:
            insertion_cost(core, state, order)
    return read_state(problem, core, state)


def _add_trips(network: Network, plan: Plan, trips: Sequence[Trip]) -> Plan:
    """The plan with further trips in it, their costs included."""
    costs = plan.costs
    for extra in (trip_costs(network, trip) for trip in trips):
        costs = Costs(
            costs.distance + extra.distance,
            costs.time + extra.time,
            costs.nights + extra.nights,
            costs.missed,
        )
    together = sorted((*plan.trips, *trips), key=lambda t: (t.start_min, t.driver, t.vehicle))
    return replace(plan, trips=tuple(together), costs=costs)
