"""Ruin and recreate with simulated annealing: the search of the compiled core, after Christiaens &
Vanden Berghe (2020), doi:10.1287/trsc.2019.0914.
"""

# An element picked by an index of unknown type is typed as an array by numpy's stubs.
# pyright: reportArgumentType=false, reportReturnType=false

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lmrs_rl.domain import InputError
from lmrs_rl.routing.core.arrays import LONGEST_ROUTE, Core, State, core_arrays, empty_state
from lmrs_rl.routing.core.compiled import compiled
from lmrs_rl.routing.core.insertion import insert_best
from lmrs_rl.routing.core.random import below, uniform
from lmrs_rl.routing.core.rebuild import state_of
from lmrs_rl.routing.core.ruin import cleanup, ruin
from lmrs_rl.routing.core.trip import earliest_schedule
from lmrs_rl.routing.problem import RoutingProblem
from lmrs_rl.routing.routes import Route, Visit

MAX_PENALTY_RELAXATION = 3.0
"""While there is no trip at all, an order may cost up to 1 + this times its penalty."""

TABU_PROBABILITY = 0.1
"""Probability that one vehicle is tabu for an iteration: the vehicle that is best for an order
alone need not be best for several.
"""

OPEN_TRIP_PROBABILITY = 0.3
"""Probability that an iteration opens a trip for a group of missed orders, if more than a third of
all orders are missed.
"""

MAX_NEIGHBOURS = 20
"""Number of missed neighbours that are offered to such a trip."""

LITTLE_WORK, MUCH_WORK = 250, 1000
"""Iterations an order below which a work budget is small, and from which on it is large."""


@dataclass(frozen=True)
class CoreSettings:
    """Settings of ruin and recreate; the defaults are those of Christiaens & Vanden Berghe (2020).

    Attributes
    ----------
    iterations, iterations_per_order : work budget: ``iterations + iterations_per_order * orders``,
        both >= 0
    mean_removed : average number of orders taken out in an iteration, > 0
    longest_string : maximum number of orders taken out of one route, >= 1
    blink : probability of skipping an insertion place, in [0, 1)
    start_temperature, end_temperature : [currency] of simulated annealing, > 0
    retries : how many of the orders missed before an iteration tries again on average, >= 1
    """

    iterations: int = 2000
    iterations_per_order: int = 100
    mean_removed: float = 10.0
    longest_string: float = 10.0
    blink: float = 0.01
    start_temperature: float = 100.0
    end_temperature: float = 1.0
    retries: int = 5

    def __post_init__(self) -> None:
        for name, least in (
            ("iterations", 0),
            ("iterations_per_order", 0),
            ("longest_string", 1),
            ("retries", 1),
        ):
            if getattr(self, name) < least:
                raise InputError(name, getattr(self, name), f"at least {least}", "see CoreSettings")
        for name in ("mean_removed", "start_temperature", "end_temperature"):
            if not getattr(self, name) > 0:
                raise InputError(name, getattr(self, name), "more than 0", "see CoreSettings")
        if not 0 <= self.blink < 1:
            raise InputError("blink", self.blink, "a probability in [0, 1)", "0.01 is usual")

    @classmethod
    def for_work(cls, iterations: int, orders: int) -> CoreSettings:
        """Settings for ``iterations`` in total on a problem of ``orders`` orders: with less work an
        order, fewer orders are taken out at a time.

        Tuned on generated mornings of 100 and 200 tanks that no benchmark uses, at 0.1 and 1 s.
        """
        each = iterations / max(orders, 1)
        settings = cls(iterations=iterations, iterations_per_order=0)
        if each < LITTLE_WORK:
            return replace(settings, mean_removed=8.0)
        if each < MUCH_WORK:
            return replace(settings, mean_removed=6.0, start_temperature=200.0, end_temperature=2.0)
        return settings


def ruin_and_recreate(
    problem: RoutingProblem,
    settings: CoreSettings,
    seed: int,
    start: tuple[Route, ...] = (),
    core: Core | None = None,
) -> tuple[Route, ...]:
    """The best routes found within the work budget; the same seed gives the same routes.

    The search starts from the routes of ``start`` that are legal if these, completed with the
    orders they miss, cost less than routes made from scratch. ``core`` are the problem's arrays, if
    made already.
    """
    if not problem.n_orders or not len(problem.slots):
        return ()
    core = core_arrays(problem) if core is None else core
    state = _first_state(core, start)
    # Drawn, not the seed itself: seeds close to each other would start with related numbers, and 0
    # is no legal state.
    stream = np.random.default_rng(seed).integers(1, 2**63, size=1, dtype=np.uint64)
    iterations = settings.iterations + settings.iterations_per_order * problem.n_orders
    shape = (settings.mean_removed, settings.longest_string, settings.blink)
    anneal(
        core,
        state,
        iterations,
        shape,
        (settings.start_temperature, settings.end_temperature),
        settings.retries,
        stream,
    )
    return read_state(problem, core, state)


def _first_state(core: Core, start: tuple[Route, ...]) -> State:
    """The routes of ``start``, or none if routes made from scratch are better."""
    # Yesterday's plan can be worse than none: where orders have changed, its trips may hold
    # vehicles on routes that no longer pay.
    given, empty = state_of(core, start)[0], empty_state(core)
    if not np.any(given.length):
        return empty
    completed, from_scratch = clone(given), clone(empty)
    none_missed_before = np.zeros(core.m, dtype=np.bool_)
    # Without blinks and with the same random numbers, so that they are compared on equal terms.
    for state in (completed, from_scratch):
        stream = np.array([1], dtype=np.uint64)
        recreate(core, state, none_missed_before, 0.0, core.m, 0.0, stream)
    better = state_objective(core, completed) < state_objective(core, from_scratch)
    return given if better else empty


@compiled
def state_objective(core: Core, state: State) -> float:
    """[currency] cost of all routes, shortfall cost of all vehicles and penalties of all missed
    orders.
    """
    total = 0.0
    for slot in range(len(core.vehicle)):
        total += state.cost[slot]
    for vehicle in range(len(core.load)):
        total += state.shortfall_cost[vehicle]
    for order in range(core.m):
        if state.slot_of[order] < 0:
            total += core.penalty[order]
    return total


@compiled
def copy_state(source: State, target: State) -> None:
    """Make ``target`` equal to ``source``, except for what lies beyond the end of each route."""
    # Not whole arrays: most rows are nearly empty, and this runs in every iteration.
    for k in range(len(source.length)):
        target.length[k], target.cost[k] = source.length[k], source.cost[k]
        target.start[k], target.end[k] = source.start[k], source.end[k]
        target.waited[k], target.driven[k] = source.waited[k], source.driven[k]
        target.start_load[k], target.need_after[k] = source.start_load[k], source.need_after[k]
        for i in range(source.length[k]):
            target.visits[k, i] = source.visits[k, i]
    for order in range(len(source.slot_of)):
        target.slot_of[order] = source.slot_of[order]
    for vehicle in range(len(source.shortfall_cost)):
        target.shortfall_cost[vehicle] = source.shortfall_cost[vehicle]


@compiled
def recreate(
    core: Core,
    state: State,
    missed_before: NDArray[np.bool_],
    blink: float,
    retries: int,
    max_penalty_relaxation: float,
    stream: NDArray[np.uint64],
) -> None:
    """Insert missed orders one by one, sorted in one of four ways drawn at random: at random, by
    reserved kg, by penalty or by distance from the base.

    Of the orders ``missed_before`` about ``retries`` are tried again: trying all of them, which as
    a rule do not pay, would slow down every iteration. While there is no trip, orders may cost more
    than their penalty: a trip can pay for several orders and for none alone.
    """
    absent, key, old, trips = state.scratch.absent, state.scratch.key, 0, 0
    for order in range(core.m):
        old += state.slot_of[order] < 0 and missed_before[order]
    kind, n = below(stream, 4), 0
    base = core.base[0]
    for order in range(core.m):
        if state.slot_of[order] >= 0 or (missed_before[order] and uniform(stream) * old >= retries):
            continue
        absent[n] = order
        if kind == 0:
            key[n] = uniform(stream)
        elif kind == 1:
            key[n] = -core.max_need[order]
        elif kind == 2:
            key[n] = -core.penalty[order]
        else:
            key[n] = core.km[base, core.point[order]] * (1.0 if uniform(stream) < 0.3 else -1.0)
        n += 1
    for slot in range(len(core.vehicle)):
        trips += state.length[slot] > 0
    penalty_relaxation, tabu_vehicle = 1.0, -1
    # Relaxations are for the search alone; the first solution is made without them.
    if max_penalty_relaxation > 0.0:
        if trips == 0:
            penalty_relaxation = 1.0 + max_penalty_relaxation * uniform(stream)
        if len(core.load) > 1 and uniform(stream) < TABU_PROBABILITY:
            tabu_vehicle = below(stream, len(core.load))
    sort_by_key(absent, key, n)
    for j in range(n):
        penalty = core.penalty[absent[j]]
        insert_best(
            core,
            state,
            absent[j],
            penalty,
            penalty * penalty_relaxation,
            tabu_vehicle,
            blink,
            stream,
        )


@compiled
def open_trip(core: Core, state: State, blink: float, stream: NDArray[np.uint64]) -> None:
    """Insert a random missed order, by a trip of its own at any cost if need be, then its missed
    neighbours where they pay.

    A remote group of orders can be worth a trip although none of them is.
    """
    missed, seed = 0, -1
    for order in range(core.m):
        if state.slot_of[order] < 0:
            missed += 1
            # Reservoir sampling of one: each missed order is drawn with the same probability.
            if uniform(stream) * missed < 1.0:
                seed = order
    if seed < 0:
        return
    insert_best(core, state, seed, core.penalty[seed], np.inf, -1, blink, stream)
    offered = 0
    for order in core.nearest[seed]:
        if state.slot_of[order] < 0 and order != seed:
            insert_best(
                core, state, order, core.penalty[order], core.penalty[order], -1, blink, stream
            )
            offered += 1
            if offered >= MAX_NEIGHBOURS:
                break


@compiled
def sort_by_key(items: NDArray[np.int64], key: NDArray[np.float64], n: int) -> None:
    """Sort the first ``n`` items by their keys in place, the lowest first; by insertion, since they
    are few.
    """
    for i in range(1, n):
        item, its_key, j = items[i], key[i], i - 1
        while j >= 0 and key[j] > its_key:
            items[j + 1], key[j + 1] = items[j], key[j]
            j -= 1
        items[j + 1], key[j + 1] = item, its_key


def anneal(
    core: Core,
    state: State,
    iterations: int,
    shape: tuple[float, float, float],
    temperatures: tuple[float, float],
    retries: int,
    stream: NDArray[np.uint64],
) -> None:
    """Simulated annealing over ruin and recreate; leaves the best solution in ``state``.

    ``shape`` is the mean number removed, the longest string and the blink probability;
    ``temperatures`` are the first and the last one, [currency].
    """
    recreate(core, state, np.zeros(core.m, dtype=np.bool_), 0.0, core.m, 0.0, stream)
    # Copied here, since compiled functions may not allocate.
    _anneal(
        core, state, clone(state), clone(state), iterations, shape, temperatures, retries, stream
    )


@compiled
def _anneal(
    core: Core,
    state: State,
    current: State,
    best: State,
    iterations: int,
    shape: tuple[float, float, float],
    temperatures: tuple[float, float],
    retries: int,
    stream: NDArray[np.uint64],
) -> None:
    value = best_value = state_objective(core, state)
    temperature = temperatures[0]
    cooling = (temperatures[1] / temperatures[0]) ** (1.0 / max(iterations, 1))
    missed_before = state.scratch.missed_before
    for _ in range(iterations):
        missed = 0
        for order in range(core.m):
            missed_before[order] = state.slot_of[order] < 0
            missed += missed_before[order]
        ruin(core, state, shape[0], shape[1], stream)
        recreate(core, state, missed_before, shape[2], retries, MAX_PENALTY_RELAXATION, stream)
        if 3 * missed > core.m and uniform(stream) < OPEN_TRIP_PROBABILITY:
            open_trip(core, state, shape[2], stream)
        found = state_objective(core, state)
        # A temperature times -log(u) above the current value: the paper's form of the Metropolis
        # rule, without an exponential.
        if found < value - temperature * np.log(max(uniform(stream), 1e-300)):
            value = found
            copy_state(state, current)
            # Without the tolerance, rounding of equal costs would copy the state again and again.
            if found < best_value - 1e-9:
                best_value = found
                copy_state(state, best)
        else:
            copy_state(current, state)
        temperature *= cooling
    copy_state(best, state)
    # Loading stops that have become needless go, those of the last trip first: a later trip may
    # need what an earlier one loads.
    for slot in range(len(core.vehicle) - 1, -1, -1):
        if state.length[slot] > 0:
            cleanup(core, state, slot, state.scratch.nothing)


def clone(state: State) -> State:
    """A copy that shares nothing but the scratch."""
    copies: dict[str, Any] = {
        name: part.copy() for name, part in state._asdict().items() if isinstance(part, np.ndarray)
    }
    return state._replace(**copies)


def read_state(problem: RoutingProblem, core: Core, state: State) -> tuple[Route, ...]:
    """The routes of a state, with the times of their visits."""
    arrival = np.empty(LONGEST_ROUTE, dtype=np.int64)
    routes = []
    for slot in np.flatnonzero(state.length).tolist():
        n, visits = int(state.length[slot]), state.visits[slot]
        start, end = int(state.start[slot]), int(state.end[slot])
        # A state has no arrival times: they follow from the start.
        earliest_schedule(core, slot, visits, n, start, arrival)
        nodes = visits[:n].tolist()
        # A night is a node of its own in the core, in a route a mark on the visit before it.
        sleeps = [node == core.m + core.sites for node in [*nodes[1:], 0]]
        stops = [
            _visit(problem, core, slot, node, at, slept)
            for node, at, slept in zip(nodes, arrival[:n].tolist(), sleeps, strict=True)
            if node < core.m + core.sites
        ]
        routes.append(Route(slot, start, end, tuple(stops)))
    return tuple(routes)


def _visit(
    problem: RoutingProblem, core: Core, slot: int, node: int, arrival: int, sleeps: bool
) -> Visit:
    if node < core.m:
        return Visit(node, -1, arrival, arrival + int(problem.order_service_min[node]), sleeps)
    site = node - core.m
    return Visit(
        -1, site, arrival, arrival + int(problem.site_service_min[site, core.vehicle[slot]]), sleeps
    )
