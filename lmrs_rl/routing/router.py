"""The router: plans trips for the orders of a morning."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Literal

from lmrs_rl.domain import InputError, Network, Order, Plan, Snapshot, Stop, Trip
from lmrs_rl.domain.arrays import MINUTES_PER_DAY, FloatArray
from lmrs_rl.routing.core import CoreSettings, ruin_and_recreate
from lmrs_rl.routing.core.arrays import Core, core_arrays
from lmrs_rl.routing.costs import plan_costs
from lmrs_rl.routing.ortools.search import SearchSettings, improve
from lmrs_rl.routing.problem import RoutingProblem, build_problem
from lmrs_rl.routing.quantities import set_quantities
from lmrs_rl.routing.routes import Route, Routes
from lmrs_rl.routing.shift import shifted_routes

Preset = Literal["quick", "train", "plan", "best"]


@dataclass(frozen=True)
class RouterSettings:
    """Settings of the router; a stage that is ``None`` is switched off. The usual settings have
    names: see `preset`.

    Attributes
    ----------
    horizon_days : [days] trips start within this many days, >= 1
    core : work budget of ruin and recreate, which makes the initial routes; without it OR-Tools
        starts from no trip at all, inserts one order at a time, and so finds nothing for empty
        vehicles, which have to load first
    search : work budget of OR-Tools, which improves the routes; without it they are the plan
    from_previous : whether the search may start from the previous morning's plan, if there is one
    seed : of the random stream of ruin and recreate

    Examples
    --------
    >>> import lmrs_rl
    >>> lmrs_rl.RouterSettings.preset("quick").horizon_days
    5
    """

    horizon_days: int = 5
    core: CoreSettings | None = field(default_factory=CoreSettings)
    search: SearchSettings | None = field(default_factory=SearchSettings)
    from_previous: bool = True
    seed: int = 0

    def __post_init__(self) -> None:
        if self.horizon_days < 1:
            raise InputError(
                "horizon_days", self.horizon_days, "at least 1", "the usual horizon is 5"
            )
        if self.core is None and self.search is None:
            raise InputError(
                "core, search",
                "None for both",
                "at least one of the two",
                "a plan needs a stage that makes it",
            )

    @classmethod
    def preset(cls, name: Preset) -> RouterSettings:
        """The settings of this name: "plan" for a morning's plan (the default), "best" if time does
        not matter, "train" for thousands of plans, "quick" for even more.

        Work budgets grow with the number of orders. `InputError` for an unknown name.
        """
        if name not in PRESETS:
            raise InputError(
                "preset", repr(name), f"one of {', '.join(PRESETS)}", "see RouterSettings.preset"
            )
        return PRESETS[name]


PRESETS: Mapping[str, RouterSettings] = MappingProxyType(
    {
        "quick": RouterSettings(
            core=CoreSettings(iterations=0, iterations_per_order=6, mean_removed=5.0), search=None
        ),
        "train": RouterSettings(
            core=CoreSettings(iterations=0, iterations_per_order=14, mean_removed=5.0),
            search=SearchSettings(operators="few"),
        ),
        "plan": RouterSettings(),
        "best": RouterSettings(core=CoreSettings(iterations=20_000, iterations_per_order=1000)),
    }
)
"""Settings by name, for `RouterSettings.preset`.

In training, plans should be close to those of production: with 4 iterations an order instead of 16,
episodes of 28 days cost 4.0 % more (standard error 2.7 %, 30 worlds of 20 to 40 tanks). With 14, a
day takes 37 ms at 40 tanks; more would fall below 25 days a second.

No preset uses guided local search: after 500 iterations of the core on 40 orders it gained at most
0.05 % in 0.2-0.6 s, while more iterations of the core gained 0.3-5 % in the same time. None
polishes by CP-SAT either: in 5-15 s it found nothing beyond local search.
"""


@dataclass(frozen=True)
class OrToolsRouter:
    """Minimises distance, time and night costs plus the penalties of missed orders, by ruin and
    recreate and then OR-Tools; the same input gives the same plan.

    Attributes
    ----------
    settings : work budgets, and what is switched off
    previous_plan : the plan of the previous morning, from which the search starts if that helps, or
        ``None``
    """

    settings: RouterSettings = field(default_factory=RouterSettings)
    previous_plan: Plan | None = None

    def __call__(self, network: Network, snapshot: Snapshot, orders: Sequence[Order]) -> Plan:
        """Plan the trips of the next days. The plan keeps every rule that the referee checks."""
        problem = build_problem(
            network, snapshot, orders, horizon_min=self.settings.horizon_days * MINUTES_PER_DAY
        )
        core = core_arrays(problem)
        start = warm_start(problem, self.settings, self.previous_plan, core)
        routes = search_routes(problem, self.settings, start, core)
        return plan_of_routes(problem, routes, set_quantities(problem, routes))

    def following(self, previous_plan: Plan) -> OrToolsRouter:
        """The router of the next morning."""
        return replace(self, previous_plan=previous_plan)


def warm_start(
    problem: RoutingProblem,
    settings: RouterSettings,
    previous_plan: Plan | None,
    core: Core | None = None,
) -> tuple[Route, ...]:
    """The routes of the previous morning's plan that are still legal; none if there is no such plan
    or the settings forbid it.

    ``core`` here and below are the problem's arrays, if made already.
    """
    if previous_plan is None or not settings.from_previous:
        return ()
    return shifted_routes(problem, previous_plan, core)


def search_routes(
    problem: RoutingProblem,
    settings: RouterSettings,
    start: tuple[Route, ...] = (),
    core: Core | None = None,
) -> Routes:
    """Routes by ruin and recreate, from ``start`` if that helps, then improved by OR-Tools."""
    incumbent = start
    if settings.core is not None:
        incumbent = ruin_and_recreate(problem, settings.core, settings.seed, start, core)
    if settings.search is None:
        return Routes(incumbent)
    return improve(problem, incumbent, settings.search)


def plan_of_routes(
    problem: RoutingProblem, routes: Routes, quantities: Sequence[FloatArray]
) -> Plan:
    """Routes and quantities [kg] as a plan on the network's clock."""
    trips = [_trip(problem, route, kg) for route, kg in zip(routes.routes, quantities, strict=True)]
    served = {visit.order for route in routes.routes for visit in route.visits if visit.order >= 0}
    missed = [k for k in range(problem.n_orders) if k not in served]
    return Plan(
        time_min=problem.now_min,
        # The referee takes each vehicle's and driver's trips in the order in which they are given.
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
    return Trip(
        int(slots.driver[k]),
        int(slots.vehicle[k]),
        int(slots.product[k]),
        route.start_min + now,
        route.end_min + now,
        stops,
    )
