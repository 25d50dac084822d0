"""A slow, independent judge of small routing problems: every solution enumerated, priced by rules
written down anew.

A solution gives each slot a sequence of orders with loading stops in between (nights are left out).
Times follow the engines' convention: a trip ends as early as it can, then starts as late as that
allows, then serves each stop as early as it can.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise, permutations, product

from lmrs_rl.routing.problem import RoutingProblem

Sequence = tuple[int, ...]
"""Orders as their numbers, loading site ``s`` as ``-1 - s``."""

MOST_LOADS = 2
"""Loading stops tried in a trip; problems handed in must not need more."""


def optimum(problem: RoutingProblem) -> float:
    """[currency] the least cost of trips, late drops and missed orders over all solutions."""
    everyone = frozenset(range(problem.n_orders))
    routes = [list(_routes(problem, slot, everyone)) for slot in range(len(problem.slots))]
    best = [float("inf")]

    def choose(slot: int, chosen: dict[int, Sequence], left: frozenset[int], spent: float) -> None:
        if spent >= best[0]:
            return
        if slot == len(problem.slots):
            total = price(problem, chosen)
            if total is not None:
                best[0] = min(best[0], total + sum(float(problem.order_penalty[k]) for k in left))
            return
        choose(slot + 1, chosen, left, spent)
        for sequence, km_cost in routes[slot]:
            taken = frozenset(k for k in sequence if k >= 0)
            if taken <= left:
                choose(slot + 1, {**chosen, slot: sequence}, left - taken, spent + km_cost)

    choose(0, {}, everyone, 0.0)
    return best[0]


def _routes(
    problem: RoutingProblem, slot: int, everyone: frozenset[int]
) -> Iterator[tuple[Sequence, float]]:
    """Every sequence that the slot could run alone, with what its distance costs."""
    allowed = [k for k in sorted(everyone) if problem.order_allowed[k, slot]]
    sites = [-1 - s for s in range(problem.n_sites) if problem.site_allowed[s, slot]]
    for count in range(1, len(allowed) + 1):
        for orders in permutations(allowed, count):
            for loads in range(MOST_LOADS + 1):
                for places in _increasing(loads, count):
                    for stops in product(sites, repeat=loads):
                        sequence = _merged(orders, places, stops)
                        times = _times(
                            problem,
                            slot,
                            sequence,
                            int(problem.slots.open_min[slot]),
                            int(problem.slots.close_min[slot]),
                        )
                        if times is not None:
                            yield (
                                sequence,
                                float(problem.slots.cost_per_km[slot])
                                * _km(problem, slot, sequence),
                            )


def _increasing(loads: int, count: int) -> Iterator[tuple[int, ...]]:
    """Before which orders the loading stops lie; not two before the same one."""
    return (p for p in product(range(count), repeat=loads) if all(a < b for a, b in pairwise(p)))


def _merged(orders: Sequence, places: Sequence, stops: Sequence) -> Sequence:
    load_before = dict(zip(places, stops, strict=True))
    return tuple(
        x
        for k, order in enumerate(orders)
        for x in ((load_before[k], order) if k in load_before else (order,))
    )


def price(problem: RoutingProblem, chosen: dict[int, Sequence]) -> float | None:
    """[currency] of trips run together, None where they break a rule: product on board, rest,
    one trip at a time.
    """
    slots = problem.slots
    load = [float(int(kg + 1e-6)) for kg in problem.vehicle_load_kg]
    ends: dict[int, int] = {}
    total = 0.0
    for slot, sequence in sorted(chosen.items()):
        vehicle = int(slots.vehicle[slot])
        for stop in sequence:
            load[vehicle] = (
                float(int(slots.capacity_kg[slot]))
                if stop < 0
                else load[vehicle] - float(problem.order_need[stop, slot])
            )
            if load[vehicle] < 0:
                return None
        gaps = [(a, gap) for a, b, gap in slots.conflict.tolist() if b == slot and a in ends]
        first = max([int(slots.open_min[slot]), *(ends[a] + gap for a, gap in gaps)])
        times = _times(problem, slot, sequence, first, int(slots.close_min[slot]))
        if times is None:
            return None
        start, end, arrivals = times
        ends[slot] = end
        total += float(slots.cost_per_km[slot]) * _km(problem, slot, sequence) + float(
            slots.cost_per_min[slot]
        ) * (end - start)
        for stop, arrival in zip(sequence, arrivals, strict=True):
            if stop >= 0:
                total += float(problem.order_late_cost[stop]) * max(
                    0, arrival - int(problem.order_due_min[stop])
                )
    return total + sum(
        _lacking(problem, vehicle, chosen) for vehicle in range(len(problem.vehicle_load_kg))
    )


def _lacking(problem: RoutingProblem, vehicle: int, chosen: dict[int, Sequence]) -> float:
    """[currency] value of the kg that the drops of a vehicle lack: in each leg all drops but the
    least dear ones are full.
    """
    total, supply, leg = 0.0, float(problem.vehicle_load_kg[vehicle]), []
    for slot, sequence in [
        *sorted((k, s) for k, s in chosen.items() if problem.slots.vehicle[k] == vehicle),
        (-1, (-1,)),
    ]:
        capacity = float(problem.slots.capacity_kg[slot])
        for stop in sequence:
            if stop >= 0:
                least = min(float(problem.order_q_min[stop]), float(int(capacity)))
                leg.append(
                    (
                        float(problem.order_value[stop]),
                        max(float(problem.order_q_max[stop]) - least, 0.0),
                    )
                )
                supply -= least
                continue
            lack = max(sum(room for _, room in leg) - max(supply, 0.0), 0.0)
            for value, room in sorted(leg):
                total += value * min(room, lack)
                lack -= min(room, lack)
            supply, leg = capacity, []
    return total


def _point(problem: RoutingProblem, stop: int) -> int:
    return int(problem.order_point[stop] if stop >= 0 else problem.site_point[-1 - stop])


def _km(problem: RoutingProblem, slot: int, sequence: Sequence) -> float:
    way = [
        int(problem.slots.base_point[slot]),
        *(_point(problem, stop) for stop in sequence),
        int(problem.slots.base_point[slot]),
    ]
    return sum(float(problem.km[a, b]) for a, b in pairwise(way))


def _times(
    problem: RoutingProblem, slot: int, sequence: Sequence, first: int, close: int
) -> tuple[int, int, list[int]] | None:
    """Start, end and arrivals of a trip in the given room, by trying every start."""
    slots = problem.slots
    base = int(slots.base_point[slot])
    way = [base, *(_point(problem, stop) for stop in sequence), base]
    if sum(int(problem.travel_min[a, b]) for a, b in pairwise(way)) > slots.max_driving_min[slot]:
        return None
    if first > slots.last_start_min[slot]:
        return None
    earliest = _run(problem, slot, sequence, first)
    if earliest is None or earliest[0] > close:
        return None
    low, high = first, int(slots.last_start_min[slot])
    while low < high:  # the latest start with the same end: later starts never end earlier
        middle = (low + high + 1) // 2
        run = _run(problem, slot, sequence, middle)
        low, high = (
            (middle, high) if run is not None and run[0] == earliest[0] else (low, middle - 1)
        )
    run = _run(problem, slot, sequence, low)
    return None if run is None or run[2] > slots.max_wait_min else (low, run[0], run[1])


def _run(
    problem: RoutingProblem, slot: int, sequence: Sequence, start: int
) -> tuple[int, list[int], int] | None:
    """End, arrivals and longest wait of a trip that starts at ``start`` and waits only for
    windows.
    """
    now, at, arrivals, longest = start, int(problem.slots.base_point[slot]), list[int](), 0
    for stop in sequence:
        there = now + int(problem.travel_min[at, _point(problem, stop)])
        windows = problem.order_windows[stop] if stop >= 0 else problem.site_windows[-1 - stop]
        openings = [max(there, int(a)) for a, b in windows if there <= b]
        if not openings:
            return None
        arrivals.append(openings[0])
        longest = max(longest, openings[0] - there)
        service = (
            problem.order_service_min[stop]
            if stop >= 0
            else problem.site_service_min[-1 - stop, problem.slots.vehicle[slot]]
        )
        now, at = openings[0] + int(service), _point(problem, stop)
    return now + int(problem.travel_min[at, problem.slots.base_point[slot]]), arrivals, longest
