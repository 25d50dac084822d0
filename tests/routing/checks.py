"""What must hold for every plan, told as a list of faults (empty where all is well)."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from lmrs_rl.domain import Plan
from lmrs_rl.referee import judge
from lmrs_rl.routing import RouterSettings
from lmrs_rl.routing.core import CoreSettings, ruin_and_recreate
from lmrs_rl.routing.costs import objective
from lmrs_rl.routing.ortools.model import build_model
from lmrs_rl.routing.ortools.restriction import decouple_slots
from lmrs_rl.routing.ortools.search import (
    SearchSettings,
    improve,
    incumbent_nodes,
    search_parameters,
)
from lmrs_rl.routing.problem import RoutingProblem, build_problem
from lmrs_rl.routing.quantities import set_quantities
from lmrs_rl.routing.router import plan_of_routes
from lmrs_rl.routing.routes import Route, Routes
from tests.routing.random_problems import RandomProblem

QUICK = RouterSettings(core=CoreSettings(iterations=150, iterations_per_order=30))
"""Little work: legal all the same."""


@dataclass(frozen=True)
class Outcome:
    """What the two engines made of a problem."""

    problem: RoutingProblem
    incumbent: tuple[Route, ...]
    routes: Routes
    plan: Plan


def solve(case: RandomProblem, settings: RouterSettings = QUICK) -> Outcome:
    """As the router does it, with the steps kept."""
    problem = build_problem(
        case.network, case.snapshot, case.orders, horizon_min=case.horizon_days * 1440
    )
    incumbent = (
        () if settings.core is None else ruin_and_recreate(problem, settings.core, settings.seed)
    )
    routes = (
        Routes(incumbent)
        if settings.search is None
        else improve(problem, incumbent, settings.search)
    )
    return Outcome(
        problem, incumbent, routes, plan_of_routes(problem, routes, set_quantities(problem, routes))
    )


def faults(case: RandomProblem, settings: RouterSettings = QUICK) -> list[str]:
    """Everything wrong with both engines' answers to ``case``."""
    return outcome_faults(case, solve(case, settings), settings)


def outcome_faults(
    case: RandomProblem, got: Outcome, settings: RouterSettings = QUICK
) -> list[str]:
    """As `faults`, of answers that are there already."""
    start = Routes(got.incumbent)
    before = plan_of_routes(got.problem, start, set_quantities(got.problem, start))
    result = [f"core: {fault}" for fault in plan_faults(case, before)] + [
        f"plan: {fault}" for fault in plan_faults(case, got.plan)
    ]
    if settings.search is not None and rejected(got.problem, got.incumbent, settings.search):
        result.append("the model rejects the incumbent")
    if objective(got.problem, got.routes.routes) > objective(got.problem, got.incumbent):
        result.append(
            f"OR-Tools made {objective(got.problem, got.incumbent):.3f} to "
            f"{objective(got.problem, got.routes.routes):.3f}"
        )
    return result


def plan_faults(case: RandomProblem, plan: Plan) -> list[str]:
    """Rules broken, orders lost or counted twice, costs that are not the referee's."""
    verdict = judge(case.network, case.days, plan.trips)
    result = [str(v) for v in verdict.operating]
    ordered = Counter(o.customer for o in case.orders)
    served = Counter(s.place for t in plan.trips for s in t.stops if s.kind == "drop")
    if served + Counter(plan.missed) != ordered:
        result.append(f"ordered {dict(ordered)}, served {dict(served)}, missed {plan.missed}")
    by_customer = {o.customer: o for o in case.orders}
    for stop in (s for t in plan.trips for s in t.stops if s.kind == "drop"):
        order = by_customer[stop.place]
        payload = max(
            int(case.network.vehicles.capacity_kg[t.vehicle]) for t in plan.trips if stop in t.stops
        )
        if not min(order.q_min_kg, payload) - 1e-6 <= stop.kg <= order.q_max_kg + 1e-6:
            result.append(f"{stop.kg} kg to an order of {order.q_min_kg} to {order.q_max_kg}")
        if not stop.kg > 0:
            result.append(f"a drop of {stop.kg} kg")
        if not any(a * 60 - 1e-6 <= stop.arrival_min <= b * 60 + 1e-6 for a, b in order.windows_h):
            result.append(f"arrival {stop.arrival_min} outside {(order.windows_h * 60).tolist()}")
    operating = plan.costs.distance + plan.costs.time + plan.costs.nights
    if abs(operating - verdict.figures.cost) > 1e-6 * max(1.0, verdict.figures.cost):
        result.append(f"cost {operating} but the referee counts {verdict.figures.cost}")
    missed = sum(by_customer[k].penalty for k in plan.missed)
    if abs(plan.costs.missed - missed) > 1e-6 * max(1.0, missed):
        result.append(f"penalties {plan.costs.missed}, wanted {missed}")
    return [*result, *([] if plan.complete else ["the clock fired"])]


def rejected(
    problem: RoutingProblem, incumbent: tuple[Route, ...], settings: SearchSettings
) -> bool:
    """Whether OR-Tools cannot read the incumbent into its model."""
    if not incumbent:
        return False
    model = build_model(problem, decouple_slots(problem, incumbent), search_parameters(settings))
    return model.routing.ReadAssignmentFromRoutes(incumbent_nodes(model, incumbent), True) is None
