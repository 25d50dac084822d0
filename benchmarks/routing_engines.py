"""The engines of the routing benchmark: each answers a `RoutingProblem` with routes, on one thread,
within a budget of CPU seconds.

On an idle machine that is wall time. The budget of an engine begins with its building of a model
and ends with the routes read.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from importlib.util import find_spec
from time import perf_counter, process_time
from typing import Any, Literal

from google.protobuf.duration_pb2 import Duration
from ortools.constraint_solver import routing_enums_pb2

from lmrs_rl.domain import InputError
from lmrs_rl.routing.core import CoreSettings, ruin_and_recreate
from lmrs_rl.routing.costs import objective
from lmrs_rl.routing.ortools.model import build_model
from lmrs_rl.routing.ortools.restriction import decouple_slots
from lmrs_rl.routing.ortools.search import (
    SearchSettings,
    incumbent_nodes,
    read_routes,
    search_parameters,
    visited_nodes,
)
from lmrs_rl.routing.problem import RoutingProblem
from lmrs_rl.routing.routes import Route

MOST_FOR_OR_TOOLS = 0.15
"""Largest share of the pipeline's budget that is kept from the core for OR-Tools; where that is
too little, the stage is off.
"""

NET_S = 60.0
"""[s] Where an engine that ends by itself is stopped."""

FIRST_TRY = 20
"""Iterations of the first timed run of a calibration."""


@dataclass(frozen=True)
class Answer:
    """What an engine gave.

    Attributes
    ----------
    routes : in order of their slots
    iterations : of ruin and recreate or of PyVRP; 0 where the engine does not count
    wall_s, cpu_s : [s] from the problem to the routes, without calibration
    """

    routes: tuple[Route, ...]
    iterations: int
    wall_s: float
    cpu_s: float


Engine = Callable[[RoutingProblem, float, int], Answer]
"""(problem, budget [CPU s], seed) -> answer."""


def timed(run: Callable[[], tuple[tuple[Route, ...], int]]) -> Answer:
    """Run and time."""
    wall, cpu = perf_counter(), process_time()
    routes, iterations = run()
    return Answer(routes, iterations, perf_counter() - wall, process_time() - cpu)


def core(problem: RoutingProblem, budget_s: float, seed: int) -> Answer:
    """Ruin and recreate alone, with as many iterations as fit."""
    iterations = calibrated(problem, budget_s)
    return timed(
        lambda: (ruin_and_recreate(problem, of_length(iterations, problem), seed), iterations)
    )


def pipeline(problem: RoutingProblem, budget_s: float, seed: int) -> Answer:
    """Ruin and recreate, then OR-Tools from there to a local optimum.

    OR-Tools is left what it took from a quick start and half as much again. Where that is more than
    its share, it is switched off and the core has the whole budget.
    """
    start = ruin_and_recreate(
        problem, of_length(calibrated(problem, 0.1 * budget_s), problem), seed + 1
    )
    descent = timed(lambda: (or_tools(problem, start, "descent", process_time() + budget_s), 0))
    kept_s = 1.5 * descent.cpu_s
    if kept_s > MOST_FOR_OR_TOOLS * budget_s:
        return core(problem, budget_s, seed)
    iterations = calibrated(problem, budget_s - kept_s)

    def run() -> tuple[tuple[Route, ...], int]:
        started = process_time()
        incumbent = ruin_and_recreate(problem, of_length(iterations, problem), seed)
        return or_tools(problem, incumbent, "descent", started + budget_s), iterations

    return timed(run)


def or_tools_alone(
    kind: Literal["first", "descent", "guided"], problem: RoutingProblem, budget_s: float, seed: int
) -> Answer:
    """Our OR-Tools model without a start; it has no seed."""
    del seed
    return timed(lambda: (or_tools(problem, (), kind, process_time() + budget_s), 0))


def pyvrp(problem: RoutingProblem, budget_s: float, seed: int) -> Answer:
    """PyVRP with its default settings."""
    from benchmarks.routing_pyvrp import pyvrp_routes

    def run() -> tuple[tuple[Route, ...], int]:
        deadline = process_time() + budget_s
        answer = pyvrp_routes(problem, lambda _: process_time() >= deadline, seed)
        return answer.routes, answer.iterations

    return timed(run)


def or_tools(
    problem: RoutingProblem,
    incumbent: tuple[Route, ...],
    kind: Literal["first", "descent", "guided"],
    deadline: float,
) -> tuple[Route, ...]:
    """OR-Tools from ``incumbent``, stopped at the first solution after the CPU clock's ``deadline``
    [s].

    "first" constructs by parallel insertion and searches no further, "descent" goes to a local
    optimum, "guided" goes on with guided local search. The operators that cost more than they find
    are off, as in the router. The incumbent is kept where nothing better is found.
    """
    settings = SearchSettings(metaheuristic="guided" if kind == "guided" else "none")
    parameters = search_parameters(settings)
    parameters.solution_limit = 1 if kind == "first" else 2**31
    parameters.first_solution_strategy = (
        routing_enums_pb2.FirstSolutionStrategy.PARALLEL_CHEAPEST_INSERTION
    )
    model = build_model(problem, decouple_slots(problem, incumbent), parameters)
    routing = model.routing
    # A wall limit is the net for a search that finds no solution for long; far enough for a machine
    # that others share.
    left = max(deadline - process_time(), 0.001)
    parameters.time_limit.CopyFrom(
        Duration(nanos=int(left * 6 * 1e9) % 10**9, seconds=int(left * 6))
    )

    def stop_at_deadline() -> None:
        if process_time() >= deadline:
            routing.solver().FinishCurrentSearch()

    routing.AddAtSolutionCallback(stop_at_deadline)
    assignment: Any
    if kind == "first":
        assignment = routing.SolveWithParameters(parameters)
    else:
        seed = routing.ReadAssignmentFromRoutes(incumbent_nodes(model, incumbent), True)
        assignment = (
            None if seed is None else routing.SolveFromAssignmentWithParameters(seed, parameters)
        )
    found = (
        incumbent
        if assignment is None
        else tuple(read_routes(problem, model, assignment, visited_nodes(model, assignment)))
    )
    return found if objective(problem, found) < objective(problem, incumbent) else incumbent


def of_length(iterations: int, problem: RoutingProblem) -> CoreSettings:
    """The core's settings for that many iterations in all."""
    return CoreSettings.for_work(iterations, problem.n_orders)


def calibrated(problem: RoutingProblem, budget_s: float) -> int:
    """Iterations that take ``budget_s`` CPU seconds with the first construction, from runs of a
    sixth of that or little more.

    Settings depend on how many iterations there are: a first estimate says which to calibrate with.
    """
    estimate = _calibrated(problem, budget_s / 4, FIRST_TRY) * 4
    return _calibrated(problem, budget_s, estimate)


def _calibrated(problem: RoutingProblem, budget_s: float, like: int) -> int:
    _cpu_s(problem, 1, like)  # the first run may load or compile code for arrays of this kind
    before_s = _cpu_s(problem, 0, like)
    iterations, used_s = FIRST_TRY, _cpu_s(problem, FIRST_TRY, like)
    while used_s - before_s < (budget_s - before_s) / 8:
        growth = (budget_s - before_s) / 6 / max(used_s - before_s, 1e-6)
        iterations = round(iterations * min(max(growth, 2.0), 50.0))
        used_s = _cpu_s(problem, iterations, like)
    rate = iterations / max(used_s - before_s, 1e-6)
    return max(round((budget_s - before_s) * rate), 0)


def _cpu_s(problem: RoutingProblem, iterations: int, like: int) -> float:
    """[s] of so many iterations with the settings for ``like`` of them."""
    settings = replace(of_length(like, problem), iterations=iterations)
    cpu = process_time()
    ruin_and_recreate(problem, settings, 0)
    return process_time() - cpu


ENDS_BY_ITSELF: dict[str, Engine] = {
    "OR-Tools, first solution": partial(or_tools_alone, "first"),
    "OR-Tools, local optimum": partial(or_tools_alone, "descent"),
}
BUDGETED: dict[str, Engine] = {
    "OR-Tools, guided local search": partial(or_tools_alone, "guided"),
    "ruin and recreate": core,
    "pipeline": pipeline,
    **({"PyVRP": pyvrp} if find_spec("pyvrp") else {}),
}


def chosen(names: list[str], engines: dict[str, Engine]) -> dict[str, Engine]:
    """The engines of these names (`InputError` for an unknown one)."""
    for name in names:
        if name not in ENDS_BY_ITSELF | BUDGETED:
            raise InputError(
                "engine",
                repr(name),
                f"one of {sorted(ENDS_BY_ITSELF | BUDGETED)}",
                "PyVRP needs the extra [bench]",
            )
    return {name: engine for name, engine in engines.items() if name in names}
