"""Pricing: the cheapest segment at given prices, by dynamic programming.

A state is the last customer, the customers remembered and the steps of product delivered so far.
The ng-route relaxation (Baldacci, Mingozzi & Roberti 2011, doi:10.1287/opre.1110.0975) over the
q-routes of Christofides, Mingozzi & Toth (1981, doi:10.1007/BF01589353): a segment remembers a
customer only as long as it stays among places that have it as a neighbour, so that it may come back
after a detour that is long enough. That allows more than any plan can do, never less, so the bound
stays valid.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numba import njit
from numpy.typing import NDArray

from lmrs_rl.bounds.segments import SegmentKind
from lmrs_rl.domain.arrays import FloatArray, IntArray

_START, BASE = -1, -2
"""Predecessors of a state that are no customer: the segment's start, and a visit of the base."""

Memory = NDArray[np.int16]
"""Transition table of the remembered customers, see `memory_of`."""


@dataclass(frozen=True, eq=False)
class Segment:
    """A load-to-load segment: a column of the linear program.

    Attributes
    ----------
    kind : position in `Relaxation.kinds`
    start, end : positions in `Relaxation.node_point`
    km : [km] length
    visits : positions among the kind's customers in order, `BASE` where the segment passes the base
    kg : [kg] dropped at each visit, 0 at the base
    """

    kind: int
    start: int
    end: int
    km: float
    visits: tuple[int, ...]
    kg: tuple[float, ...]


def memory_of(kind: SegmentKind, neighbours: int) -> Memory:
    """(m, m, 2^k) memory after going from i to j with a memory, -1 where that move is forbidden.

    Bit b of a memory at i says whether the b-th nearest other customer of i, out of
    ``neighbours``, was visited; i itself is always remembered.
    """
    m = len(kind.customer)
    k = min(neighbours, m - 1)
    # Both directions, since distances may differ; the sum is a new array and may be changed.
    around = kind.km_between + kind.km_between.T
    np.fill_diagonal(around, np.inf)
    near = np.argsort(around, axis=1, kind="stable")[:, :k]
    return _memory(near.astype(np.int64), m)


@njit(cache=True)
def _memory(near: NDArray[np.int64], m: int) -> Memory:
    k = near.shape[1]
    # With at most 10 neighbours (see `LimitSettings`) memories and -1 fit into 16 bits.
    after = np.zeros((m, m, 1 << k), dtype=np.int16)
    bit = np.zeros((m, m), dtype=np.int64)
    for i in range(m):
        for b in range(k):
            bit[i, near[i, b]] = 1 << b
    for i in range(m):
        for j in range(m):
            for memory in range(1 << k):
                kept = bit[j, i]
                for b in range(k):
                    if memory & (1 << b):
                        kept |= bit[j, near[i, b]]
                after[i, j, memory] = -1 if i == j or memory & bit[i, j] else kept
    return after


@njit(cache=True)
def _prune(layer: FloatArray, low: FloatArray) -> None:
    """Remove states that are dominated: another one costs no more with no more kg and memory.

    ``layer`` and ``low`` are (m, 2^k); ``low`` is the least cost over the layers with fewer steps.
    """
    best = np.empty(layer.shape[1])
    for i in range(layer.shape[0]):
        for memory in range(layer.shape[1]):
            # Subsets have smaller numbers, so their `best` is known and covers their own subsets:
            # those with one customer less are enough.
            less = np.inf
            bit = 1
            while bit <= memory:
                if memory & bit:
                    less = min(less, best[memory ^ bit])
                bit <<= 1
            cost = layer[i, memory]
            best[memory] = min(cost, less)
            if cost >= min(low[i, memory], less):
                layer[i, memory] = np.inf
        for memory in range(layer.shape[1]):
            low[i, memory] = min(low[i, memory], best[memory])


@njit(cache=True)
def _drop(
    arrive: FloatArray,
    left: FloatArray,
    took: NDArray[np.int16],
    r: int,
    units: IntArray,
    value: FloatArray,
) -> None:
    """Deliver: extend the states on arrival with ``r`` steps delivered to states with more."""
    steps = left.shape[0] - 1
    for j in range(arrive.shape[1]):
        for memory in range(arrive.shape[2]):
            cost = arrive[r, j, memory]
            if cost < np.inf:
                # A visit without a drop is a detour, which never pays on shortest paths.
                for q in range(1, min(units[j], steps - r) + 1):
                    if cost - value[j] * q < left[r + q, j, memory]:
                        left[r + q, j, memory] = cost - value[j] * q
                        took[r + q, j, memory] = q


@njit(cache=True)
def _go(
    left: FloatArray,
    arrive: FloatArray,
    came: NDArray[np.int32],
    between: FloatArray,
    base: FloatArray,
    after: Memory,
) -> tuple[float, int]:
    """Travel: extend the states after a drop to the next customers, directly or by way of the base.

    At the base a new trip begins, which remembers no customer. Returns the cost of the best state
    at the base and where it came from.
    """
    m, width = left.shape
    home, from_ = np.inf, -1
    for i in range(m):
        for memory in range(width):
            cost = left[i, memory]
            if cost == np.inf:
                continue
            # Nothing is remembered at the base, so the cheapest state there dominates all others.
            if cost + base[0, i] < home:
                home, from_ = cost + base[0, i], i * width + memory
            for j in range(m):
                kept = after[i, j, memory]
                if kept >= 0 and cost + between[i, j] < arrive[j, kept]:
                    arrive[j, kept] = cost + between[i, j]
                    came[j, kept] = i * width + memory
    for j in range(m):
        if home + base[1, j] < arrive[j, 0]:
            arrive[j, 0] = home + base[1, j]
            came[j, 0] = BASE
    return home, from_


@njit(cache=True)
def _search(
    out: FloatArray,
    back: FloatArray,
    between: FloatArray,
    base: FloatArray,
    value: FloatArray,
    units: IntArray,
    steps: int,
    after: Memory,
) -> tuple[FloatArray, FloatArray, IntArray, NDArray[np.int16], NDArray[np.int32], IntArray]:
    """Least reduced costs by steps delivered and by last customer, and how to trace them back.

    Returns the costs by steps (steps + 1,) and by last customer (m,), the steps and memory of the
    best last state of each customer (m, 2), and three tables of predecessors: steps dropped,
    state before, and state before the visit of the base.
    """
    m, width = len(units), after.shape[2]
    left = np.full((steps + 1, m, width), np.inf)
    arrive = np.full((steps + 1, m, width), np.inf)
    took = np.zeros((steps + 1, m, width), dtype=np.int16)
    came = np.full((steps + 1, m, width), _START, dtype=np.int32)
    low_left, low_arrive = np.full((m, width), np.inf), np.full((m, width), np.inf)
    by_load, by_last, ends = (
        np.full(steps + 1, np.inf),
        np.full(m, np.inf),
        np.zeros((m, 2), dtype=np.int64),
    )
    at_base = np.full(steps + 1, -1)
    # Steps delivered only ever rise, so one pass over them visits every state after all states
    # that lead to it; on arrival at the first customer nothing is remembered.
    arrive[0, :, 0] = out
    for r in range(steps + 1):
        if r > 0:
            _prune(left[r], low_left)
            for i in range(m):
                for memory in range(width):
                    cost = left[r, i, memory] + back[i]
                    by_load[r] = min(by_load[r], cost)
                    if cost < by_last[i]:
                        by_last[i], ends[i, 0], ends[i, 1] = cost, r, memory
        # Once the whole payload is delivered, only the way to an end is left.
        if r < steps:
            if r > 0:
                at_base[r] = _go(left[r], arrive[r], came[r], between, base, after)[1]
            _prune(arrive[r], low_arrive)
            _drop(arrive, left, took, r, units, value)
    return by_load, by_last, ends, took, came, at_base


def cheapest_segments(
    number: int, kind: SegmentKind, after: Memory, price: FloatArray, potential: FloatArray
) -> tuple[list[Segment], float, float]:
    """Segments of least reduced cost, and how far prices are too high.

    The reduced cost of a segment from node a to node b that drops q_i kg at customer i is
    ``km - sum_i price_i q_i - potential_a + potential_b``.

    Parameters
    ----------
    number : position of the kind in `Relaxation.kinds`
    kind : the segments to search
    after : see `memory_of`
    price : (n,) [km/kg] of each customer, >= 0
    potential : (N,) [km] of each node

    Returns
    -------
    segments, excess, saved
        ``segments`` holds the best one for each last customer where its reduced cost is negative.
        ``excess`` [km/kg] is an amount by which prices can fall so that no segment of this kind has
        a negative reduced cost. ``saved`` [km] is the most by which a reduced cost is negative now.
    """
    out, back = kind.km_out - potential[kind.start, None], kind.km_back + potential[kind.end]
    steps = round(kind.payload_kg / kind.step_kg)
    base = np.stack([kind.km_to_base, kind.km_from_base])
    value = price[kind.customer] * kind.step_kg
    by_load, by_last, ends, took, came, at_base = _search(
        out.min(axis=0), back.min(axis=1), kind.km_between, base, value, kind.units, steps, after
    )
    kg = kind.step_kg * np.arange(1, steps + 1)
    # A segment that brings kg has its reduced cost raised by excess * kg: the worst quotient over
    # all quantities leaves none below 0.
    excess = max(0.0, float(np.max(-by_load[1:] / kg)))
    chosen = np.flatnonzero(by_last < 0)
    routes = [_trace(int(i), int(ends[i, 0]), int(ends[i, 1]), took, came, at_base) for i in chosen]
    segments = [_segment(number, kind, route, out, back) for route in routes]
    return segments, excess, max(0.0, -float(by_load.min()))


def _trace(
    i: int, r: int, memory: int, took: NDArray[np.int16], came: NDArray[np.int32], at_base: IntArray
) -> list[tuple[int, int]]:
    """Visits and steps dropped, first to last, of the segment that ends in a state."""
    route: list[tuple[int, int]] = []
    width = took.shape[2]
    while True:
        route.append((i, int(took[r, i, memory])))
        # On arrival the state had the same customer and memory, and fewer steps.
        r -= route[-1][1]
        before = int(came[r, i, memory])
        if before == _START:
            return route[::-1]
        if before == BASE:
            route.append((BASE, 0))
            before = int(at_base[r])
        i, memory = divmod(before, width)


def _segment(
    number: int, kind: SegmentKind, route: list[tuple[int, int]], out: FloatArray, back: FloatArray
) -> Segment:
    """The segment along ``route``, from the best start to the best end."""
    visits = tuple(i for i, _ in route)
    first, last = int(np.argmin(out[:, visits[0]])), int(np.argmin(back[visits[-1]]))
    return Segment(
        kind=number,
        start=int(kind.start[first]),
        end=int(kind.end[last]),
        km=segment_km(kind, first, last, visits),
        visits=visits,
        kg=tuple(q * kind.step_kg for _, q in route),
    )


def segment_km(kind: SegmentKind, first: int, last: int, visits: tuple[int, ...]) -> float:
    """[km] length of a segment: from the start in row ``first``, through the visits, to an end.

    ``first`` and ``last`` are positions in ``kind.start`` and ``kind.end``.
    """
    km = kind.km_out[first, visits[0]] + kind.km_back[visits[-1], last]
    for a, b in pairwise(visits):
        if a == BASE:
            km += kind.km_from_base[b]
        elif b == BASE:
            km += kind.km_to_base[a]
        else:
            km += kind.km_between[a, b]
    return float(km)
