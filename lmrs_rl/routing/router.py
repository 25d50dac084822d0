"""From orders to a plan."""

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
from lmrs_rl.routing.problem import RoutingProblem, state_problem
from lmrs_rl.routing.quantities import set_quantities
from lmrs_rl.routing.routes import Route, Routes
from lmrs_rl.routing.shift import shifted_routes

Preset = Literal["quick", "train", "plan", "best"]


@dataclass(frozen=True)
class RouterSettings:
    """Settings of the router; a stage that is ``None`` is switched off. The usual ones have names:
    see `preset`.

    Attributes
    ----------
    horizon_days : trips start within this many days, >= 1
    core : work of ruin and recreate, which makes the start; where it is off, OR-Tools sets out from
        no trip at all, one order at a time, and so finds nothing for empty vehicles, which have to
        load first
    search : work of OR-Tools, which improves the start; where it is off, the start is the plan
    from_before : whether the plan of the morning before, where there is one, is a start
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
    from_before: bool = True
    seed: int = 0

    def __post_init__(self) -> None:
        if self.horizon_days < 1:
            raise InputError(
                "horizon_days", self.horizon_days, "at least 1", "the usual look-ahead is 5"
            )
        if self.core is None and self.search is None:
            raise InputError(
                "core, search",
                "None for both",
                "one of the two at least",
                "a plan needs a stage that makes it",
            )

    @classmethod
    def preset(cls, name: Preset) -> RouterSettings:
        """The settings of this name: "plan" for a morning's plan (the default), "best" where time
        is no matter; "train" for thousands of plans, "quick" for more of them.

        Budgets grow with the number of orders. `InputError` for an unknown name.
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

In training plans should be near those of production: with 4 iterations an order in place of 16,
episodes of 28 days cost 4.0 % more (standard error 2.7 %, 30 worlds of 20 to 40 tanks). With 14, a
day takes 37 ms at 40 tanks: more would be under 25 days a second.

Guided local search is in none: behind 500 iterations of the core, 40 orders, it gained at most 0.05
% in 0.2-0.6 s, where more iterations of the core gained 0.3-5 % in the same time. Nor is polishing
by CP-SAT: in 5-15 s it found nothing beyond local search.
"""


@dataclass(frozen=True)
class OrToolsRouter:
    """Minimises distance, time and night costs plus the penalties of missed orders; the same input
    gives the same plan.

    Attributes
    ----------
    settings : work budgets and what is switched off
    before : the plan of the morning before, from which the search sets out where that helps, or
        ``None``
    """

    settings: RouterSettings = field(default_factory=RouterSettings)
    before: Plan | None = None

    def __call__(self, network: Network, snapshot: Snapshot, orders: Sequence[Order]) -> Plan:
        """Plan the trips of the next days. The plan keeps every rule that the referee checks."""
        problem = state_problem(
            network, snapshot, orders, horizon_min=self.settings.horizon_days * MINUTES_PER_DAY
        )
        core = core_arrays(problem)
        routes = search_routes(
            problem, self.settings, start_from(problem, self.settings, self.before, core), core
        )
        quantities = set_quantities(problem, routes)
        return plan_of_routes(problem, routes, quantities)

    def following(self, before: Plan) -> OrToolsRouter:
        """The router of the next morning."""
        return replace(self, before=before)


def start_from(
    problem: RoutingProblem, settings: RouterSettings, before: Plan | None, core: Core | None = None
) -> tuple[Route, ...]:
    """What is left of the plan of the morning before; empty where there is none or the settings
    want none.

    ``core`` here and below are the problem's arrays where they are made already.
    """
    return (
        () if before is None or not settings.from_before else shifted_routes(problem, before, core)
    )


def search_routes(
    problem: RoutingProblem,
    settings: RouterSettings,
    start: tuple[Route, ...] = (),
    core: Core | None = None,
) -> Routes:
    """Ruin and recreate, from ``start`` where that helps; then OR-Tools from there."""
    incumbent = (
        start
        if settings.core is None
        else ruin_and_recreate(problem, settings.core, settings.seed, start, core)
    )
    return (
        Routes(incumbent)
        if settings.search is None
        else improve(problem, incumbent, settings.search)
    )


def plan_of_routes(
    problem: RoutingProblem, routes: Routes, quantities: Sequence[FloatArray]
) -> Plan:
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
    return Trip(
        int(slots.driver[k]),
        int(slots.vehicle[k]),
        int(slots.product[k]),
        route.start_min + now,
        route.end_min + now,
        stops,
    )
