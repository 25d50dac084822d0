"""Ruin and recreate with simulated annealing: the search of the compiled core."""

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
from lmrs_rl.routing.core.trip import earliest_run
from lmrs_rl.routing.problem import RoutingProblem
from lmrs_rl.routing.routes import Route, Visit

MOST_LENIENCE = 3.0
"""By how many times its penalty an order may cost more than that where there is no trip yet."""

BARRED = 0.1
"""Probability that one vehicle gets no order in an iteration: the one that is best for an order
alone need not be for several.
"""


OPENING = 0.3
"""Probability that an iteration opens a trip for a group of missed orders, where more than a
third are missed.
"""

NEIGHBOURS = 20
"""So many of them are offered to it."""


LITTLE_WORK, MUCH_WORK = 250, 1000
"""Iterations an order under which work is little, and from which it is much."""


@dataclass(frozen=True)
class CoreSettings:
    """Settings of ruin and recreate, names and values as in Christiaens & Vanden Berghe (2020).

    Attributes
    ----------
    iterations, iterations_per_order : work budget: their sum with the second times the number of
        orders, >= 0
    mean_removed : orders taken out in an iteration, > 0
    longest_string : most orders taken out of one route, >= 1
    blink : probability of passing over an insertion place, in [0, 1)
    start_temperature, end_temperature : [currency] of simulated annealing, > 0
    retries : missed orders of before that an iteration tries again, >= 1
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
        """Settings for ``iterations`` in all on a problem of so many ``orders``: with less work for
        each, fewer are taken out at a time.

        Chosen on generated mornings of 100 and 200 tanks that no benchmark judges, at 0.1 and 1 s.
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

    Where ``start``, filled up with what it misses, costs less than routes made from scratch, the
    search sets out from it. Routes of ``start`` that are not legal are left out. ``core`` are the
    problem's arrays where they are made already.
    """
    if not problem.n_orders or not len(problem.slots):
        return ()
    core = core_arrays(problem) if core is None else core
    state = _first_state(core, start)
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
    """The routes of ``start``, or none where routes made from scratch are better."""
    given, scratch = state_of(core, start)[0], empty_state(core)
    if not np.any(given.length):
        return scratch
    filled, made, nobody = clone(given), clone(scratch), np.zeros(core.m, dtype=np.bool_)
    for state in (filled, made):
        recreate(core, state, nobody, 0.0, core.m, 0.0, np.array([1], dtype=np.uint64))
    return given if state_objective(core, filled) < state_objective(core, made) else scratch


@compiled
def state_objective(core: Core, state: State) -> float:
    """[currency] cost of all routes, value of the kg that drops lack and penalties of all orders
    missed.
    """
    total = 0.0
    for slot in range(len(core.vehicle)):
        total += state.cost[slot]
    for vehicle in range(len(core.load)):
        total += state.short[vehicle]
    for order in range(core.m):
        if state.slot_of[order] < 0:
            total += core.penalty[order]
    return total


@compiled
def copy_state(source: State, target: State) -> None:
    """Make ``target`` equal to ``source``; what lies behind the end of a route is not looked at
    and stays.
    """
    for k in range(len(source.length)):
        target.length[k], target.cost[k] = source.length[k], source.cost[k]
        target.start[k], target.end[k] = source.start[k], source.end[k]
        target.waited[k], target.driven[k] = source.waited[k], source.driven[k]
        target.start_load[k], target.need_after[k] = source.start_load[k], source.need_after[k]
        for i in range(source.length[k]):
            target.visits[k, i] = source.visits[k, i]
    for order in range(len(source.slot_of)):
        target.slot_of[order] = source.slot_of[order]
    for vehicle in range(len(source.short)):
        target.short[vehicle] = source.short[vehicle]


@compiled
def recreate(
    core: Core,
    state: State,
    missed_before: NDArray[np.bool_],
    blink: float,
    retries: int,
    most_lenience: float,
    stream: NDArray[np.uint64],
) -> None:
    """Put missed orders back one by one, in an order of one of four kinds drawn at random.

    Where there is no trip yet, orders may cost more than their penalty: a trip can be worth it for
    several orders and for none alone.
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
            key[n] = -core.most_need[order]
        elif kind == 2:
            key[n] = -core.penalty[order]
        else:
            key[n] = core.km[base, core.point[order]] * (1.0 if uniform(stream) < 0.3 else -1.0)
        n += 1
    for slot in range(len(core.vehicle)):
        trips += state.length[slot] > 0
    lenience = 1.0 if most_lenience == 0.0 or trips > 0 else 1.0 + most_lenience * uniform(stream)
    barred = (
        below(stream, len(core.load))
        if most_lenience > 0.0 and len(core.load) > 1 and uniform(stream) < BARRED
        else -1
    )
    sort_by_key(absent, key, n)
    for j in range(n):
        penalty = core.penalty[absent[j]]
        insert_best(core, state, absent[j], penalty, penalty * lenience, barred, blink, stream)


@compiled
def open_trip(core: Core, state: State, blink: float, stream: NDArray[np.uint64]) -> None:
    """Put in a missed order drawn at random, by a trip of its own whatever it costs if need be,
    then its missed neighbours where they pay.

    A far group of orders can be worth a trip although none of them is.
    """
    missed, seed = 0, -1
    for order in range(core.m):
        if state.slot_of[order] < 0:
            missed += 1
            if uniform(stream) * missed < 1.0:
                seed = order
    if seed < 0:
        return
    insert_best(core, state, seed, core.penalty[seed], np.inf, -1, blink, stream)
    offered = 0
    for order in core.near[seed]:
        if state.slot_of[order] < 0 and order != seed:
            insert_best(
                core, state, order, core.penalty[order], core.penalty[order], -1, blink, stream
            )
            offered += 1
            if offered >= NEIGHBOURS:
                break


@compiled
def sort_by_key(items: NDArray[np.int64], key: NDArray[np.float64], n: int) -> None:
    """Sort the first ``n`` items by their keys in place, the lowest first; few they are, so by
    insertion.
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
    """World annealing over ruin and recreate; leaves the best solution in ``state``."""
    recreate(core, state, np.zeros(core.m, dtype=np.bool_), 0.0, core.m, 0.0, stream)
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
        recreate(core, state, missed_before, shape[2], retries, MOST_LENIENCE, stream)
        if 3 * missed > core.m and uniform(stream) < OPENING:
            open_trip(core, state, shape[2], stream)
        found = state_objective(core, state)
        if found < value - temperature * np.log(max(uniform(stream), 1e-300)):
            value = found
            copy_state(state, current)
            if found < best_value - 1e-9:
                best_value = found
                copy_state(state, best)
        else:
            copy_state(current, state)
        temperature *= cooling
    copy_state(best, state)
    for slot in range(len(core.vehicle) - 1, -1, -1):
        if state.length[slot] > 0:
            cleanup(core, state, slot, state.scratch.nothing)


def clone(state: State) -> State:
    """A copy that shares the scratch alone."""
    copies: dict[str, Any] = {
        name: part.copy() for name, part in state._asdict().items() if isinstance(part, np.ndarray)
    }
    return state._replace(**copies)


def read_state(problem: RoutingProblem, core: Core, state: State) -> tuple[Route, ...]:
    """The routes of a state with their times."""
    arrival = np.empty(LONGEST_ROUTE, dtype=np.int64)
    routes = []
    for slot in np.flatnonzero(state.length).tolist():
        n, visits = int(state.length[slot]), state.visits[slot]
        start, end = int(state.start[slot]), int(state.end[slot])
        earliest_run(core, slot, visits, n, start, arrival)
        nodes = visits[:n].tolist()
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
