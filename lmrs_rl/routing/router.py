"""From orders to a plan."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from lmrs_rl.domain import InputError, Network, Order, Plan, Snapshot, Stop, Trip
from lmrs_rl.domain.arrays import MINUTES_PER_DAY, FloatArray
from lmrs_rl.routing.core import CoreSettings, ruin_and_recreate
from lmrs_rl.routing.costs import plan_costs
from lmrs_rl.routing.problem import RoutingProblem, state_problem
from lmrs_rl.routing.quantities import set_quantities
from lmrs_rl.routing.routes import Route, Routes
from lmrs_rl.routing.search import SearchSettings, improve


@dataclass(frozen=True)
class RouterSettings:
    """Settings of the router.

    Attributes
    ----------
    horizon_days : trips start within this many days, >= 1
    core : work of ruin and recreate, which makes the start
    search : work of OR-Tools, which improves it and returns the plan
    seed : of the random stream of ruin and recreate
    """

    horizon_days: int = 5
    core: CoreSettings = field(default_factory=CoreSettings)
    search: SearchSettings = field(default_factory=SearchSettings)
    seed: int = 0

    def __post_init__(self) -> None:
        if self.horizon_days < 1:
            raise InputError("horizon_days", self.horizon_days, "at least 1", "the usual look-ahead is 5")


@dataclass(frozen=True)
class OrToolsRouter:
    """Minimises distance, time and night costs plus the penalties of missed orders; the same input gives the same plan."""

    settings: RouterSettings = field(default_factory=RouterSettings)

    def __call__(self, network: Network, snapshot: Snapshot, orders: Sequence[Order]) -> Plan:
        """Plan the trips of the next days. The plan keeps every rule that the referee checks."""
        problem = state_problem(network, snapshot, orders, horizon_min=self.settings.horizon_days * MINUTES_PER_DAY)
        routes = search_routes(problem, self.settings)
        quantities = set_quantities(problem, routes)
        return write_plan(problem, routes, quantities)


def search_routes(problem: RoutingProblem, settings: RouterSettings, start: tuple[Route, ...] = ()) -> Routes:
    """Ruin and recreate, from ``start`` where that helps; then OR-Tools from there."""
    return improve(problem, ruin_and_recreate(problem, settings.core, settings.seed, start), settings.search)


def write_plan(problem: RoutingProblem, routes: Routes, quantities: Sequence[FloatArray]) -> Plan:
    """Routes and quantities as a plan on the network's clock."""
    trips = [_trip(problem, route, kg) for route, kg in zip(routes.routes, quantities, strict=True)]
    served = {visit.order for route in routes.routes for visit in route.visits if visit.order >= 0}
    missed = [k for k in range(problem.n_orders) if k not in served]
    return Plan(
        time_min=problem.now_min,
        trips=tuple(sorted(trips, key=lambda t: (t.start_min, t.driver, t.vehicle))),
        missed=tuple(int(problem.order_customer[k]) for k in missed),
        costs=plan_costs(problem, routes.routes),
        complete=routes.complete,
    )


def _trip(problem: RoutingProblem, route: Route, kg: FloatArray) -> Trip:
    slots, now = problem.slots, problem.now_min
    stops = tuple(
        Stop(
            "drop" if visit.order >= 0 else "load",
            int(problem.order_customer[visit.order]) if visit.order >= 0 else visit.site,
            visit.arrival_min + now,
            visit.departure_min + now,
            float(amount),
        )
        for visit, amount in zip(route.visits, kg, strict=True)
    )
    k = route.slot
    return Trip(int(slots.driver[k]), int(slots.vehicle[k]), int(slots.product[k]), route.start_min + now, route.end_min + now, stops)
