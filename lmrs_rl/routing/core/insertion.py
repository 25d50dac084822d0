"""Putting an order into the slot and place where it costs least."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lmrs_rl.routing.core.arrays import LONGEST_ROUTE, Core, State
from lmrs_rl.routing.core.compiled import compiled
from lmrs_rl.routing.core.fill import chain_shortfall, sequence_cost
from lmrs_rl.routing.core.random import uniform
from lmrs_rl.routing.core.trip import (
    LEGAL,
    TOO_FAR,
    chain_loads,
    check_load,
    room_in_time,
    run_trip,
    service_of,
)


@compiled
def put(
    source: NDArray[np.int64], n: int, position: int, node: int, target: NDArray[np.int64]
) -> int:
    """Copy ``source`` to ``target`` (which may be the same) with ``node`` put in at
    ``position``; the new length.
    """
    for i in range(n - 1, position - 1, -1):
        target[i + 1] = source[i]
    target[position] = node
    for i in range(position):
        target[i] = source[i]
    return n + 1


@compiled
def try_sequence(
    core: Core,
    state: State,
    slot: int,
    visits: NDArray[np.int64],
    n: int,
    place: int,
    room: tuple[int, int],
    arrival: NDArray[np.int64],
    limit: float,
) -> tuple[float, int, int]:
    """Cost of a sequence and its length, with a loading stop put in where product runs short or
    full drops pay for one; infinite where illegal.

    The cost is that of the route and the value of the kg that its vehicle's drops lack. The third
    number tells why; it is TOO_FAR where a night might help. ``visits``, with something new at
    ``place``, is changed to the sequence that was judged. Sequences that cost ``limit`` or more are
    not looked at closely.
    """
    short = check_load(core, slot, visits, n, state.start_load[slot], state.need_after[slot])
    if short < 0:
        verdict, cost, _, _ = run_trip(core, slot, visits, n, room, arrival)
        if verdict != LEGAL:
            return np.inf, n, verdict
        if not core.valued:
            return cost, n, verdict
        lacking = chain_shortfall(core, state, slot, visits, n)
        least = cost + quickest_loading(core, slot) * core.cost_per_min[slot]
        cost += lacking
        if least >= min(cost, limit) or n + 1 >= LONGEST_ROUTE:
            return cost, n, verdict
        with_loading, length, _ = try_loading(
            core, state, slot, visits, n, place, max(place, 1), room, arrival, min(cost, limit)
        )
        return (with_loading, length, LEGAL) if with_loading < cost else (cost, n, verdict)
    if n + 1 >= LONGEST_ROUTE:
        return np.inf, n, LEGAL
    return try_loading(core, state, slot, visits, n, short, 1, room, arrival, limit)


@compiled
def try_loading(
    core: Core,
    state: State,
    slot: int,
    visits: NDArray[np.int64],
    n: int,
    last: int,
    step: int,
    room: tuple[int, int],
    arrival: NDArray[np.int64],
    limit: float,
) -> tuple[float, int, int]:
    """As `try_sequence`, with a loading stop at the best of every ``step``-th place back from
    ``last``; infinite where none is under ``limit``.
    """
    best, best_position, best_site, failure = limit, -1, -1, LEGAL
    trial, before = state.scratch.loading, work_of(core, slot, visits, n)
    for position in range(last, -1, -step):
        if position < n and visits[position] == core.m + core.sites:
            continue
        here, after = (
            point_before(core, slot, visits, position),
            point_after(core, slot, visits, n, position),
        )
        for site in range(core.sites):
            if not core.site_allowed[site, slot]:
                continue
            via = core.point[core.m + site]
            minutes = (
                before[1]
                + core.travel[here, via]
                + core.travel[via, after]
                - core.travel[here, after]
                + core.site_service[site, core.vehicle[slot]]
            )
            km = before[0] + core.km[here, via] + core.km[via, after] - core.km[here, after]
            if (
                minutes > room[1] - room[0]
                or km * core.cost_per_km[slot] + minutes * core.cost_per_min[slot] >= best
            ):
                continue
            length = put(visits, n, position, core.m + site, trial)
            if (
                check_load(
                    core, slot, trial, length, state.start_load[slot], state.need_after[slot]
                )
                >= 0
            ):
                continue
            verdict, cost = sequence_cost(core, state, slot, trial, length, room, arrival)
            if verdict == LEGAL and cost < best:
                best, best_position, best_site = cost, position, site
            elif verdict == TOO_FAR:
                failure = TOO_FAR
    if best_position < 0:
        return np.inf, n, failure
    put(visits, n, best_position, core.m + best_site, trial)
    for i in range(n + 1):
        visits[i] = trial[i]
    return best, n + 1, LEGAL


@compiled
def work_of(core: Core, slot: int, visits: NDArray[np.int64], n: int) -> tuple[float, int]:
    """[km] and [min] of a sequence without waiting and nights."""
    at, km, minutes = core.base[slot], 0.0, 0
    for i in range(n):
        if visits[i] == core.m + core.sites:
            continue
        to = core.point[visits[i]]
        km += core.km[at, to]
        minutes += core.travel[at, to] + service_of(core, slot, visits[i])
        at = to
    return km + core.km[at, core.base[slot]], minutes + core.travel[at, core.base[slot]]


@compiled
def point_before(core: Core, slot: int, visits: NDArray[np.int64], position: int) -> int:
    """Where the vehicle comes from when it arrives at ``position``."""
    for i in range(position - 1, -1, -1):
        if visits[i] < core.m + core.sites:
            return int(core.point[visits[i]])
    return int(core.base[slot])


@compiled
def point_after(core: Core, slot: int, visits: NDArray[np.int64], n: int, position: int) -> int:
    """Where the vehicle goes next when something new is put in at ``position``."""
    for i in range(position, n):
        if visits[i] < core.m + core.sites:
            return int(core.point[visits[i]])
    return int(core.base[slot])


@compiled
def spare_load(core: Core, state: State, slot: int, spare: NDArray[np.float64]) -> None:
    """Fill ``spare`` (n + 1,) [kg]: the most that an order put in at each position may take
    without a further loading stop.
    """
    n = state.length[slot]
    load = state.start_load[slot]
    for i in range(n):
        node = state.visits[slot, i]
        spare[i] = np.inf
        if node < core.m:
            load -= core.need[node, slot]
        elif node < core.m + core.sites:
            spare[i] = load
            load = core.capacity[slot]
    spare[n] = load - state.need_after[slot]
    for i in range(n - 1, -1, -1):
        spare[i] = (
            min(spare[i], spare[i + 1])
            if not core.m <= state.visits[slot, i] < core.m + core.sites
            else spare[i]
        )


@compiled
def bound_insertions(
    core: Core,
    state: State,
    order: int,
    price: float,
    new_price: float,
    barred: int,
    blink: float,
    stream: NDArray[np.uint64],
) -> int:
    """List the places (slot, position) that may be legal with a lower bound on the cost they add,
    in the scratch; how many.

    Bounds are below ``price``, in a trip that would be new below ``new_price``.

    Vehicle ``barred`` (-1: none) is passed over. A minute added to a route costs its price, less
    the waiting that it may absorb. An order more can make drops fuller only with a loading stop;
    then at most all that they lack is won.
    """
    point, count = core.point[order], 0
    spare, places, bounds = state.scratch.spare, state.scratch.places, state.scratch.bounds
    for slot in range(len(core.vehicle)):
        n = state.length[slot]
        if (
            core.vehicle[slot] == barred
            or not core.order_allowed[order, slot]
            or n + 3 >= LONGEST_ROUTE
        ):
            continue
        room = room_in_time(core, state, slot)
        if room[0] > core.last_start[slot]:
            continue
        lacking = state.short[core.vehicle[slot]]
        if n == 0:
            bounds[count] = bound_new_trip(core, slot, order, state.start_load[slot], room, lacking)
            if bounds[count] < new_price and uniform(stream) >= blink:
                places[count, 0], places[count, 1] = slot, 0
                count += 1
            continue
        spare_load(core, state, slot, spare)
        time_left = room[1] - room[0] - (state.end[slot] - state.start[slot])
        driving_left = core.max_driving[slot] - state.driven[slot]
        loading = quickest_loading(core, slot)
        at = core.base[slot]
        for position in range(n + 1):
            here = at
            if position < n and state.visits[slot, position] < core.m + core.sites:
                at = core.point[state.visits[slot, position]]
            after = core.base[slot] if position == n else at
            minutes = (
                core.travel[here, point] + core.travel[point, after] - core.travel[here, after]
            )
            if not core.night[slot] and minutes > driving_left:
                continue
            minutes += core.service[order] - state.waited[slot]
            loads = core.need[order, slot] > spare[position]
            if minutes + (loading if loads else 0) > time_left or uniform(stream) < blink:
                continue
            with_loading = max(minutes + loading, 0) * core.cost_per_min[slot] - lacking
            bound = (
                with_loading
                if loads
                else min(max(minutes, 0) * core.cost_per_min[slot], with_loading)
            )
            bound += (
                core.km[here, point] + core.km[point, after] - core.km[here, after]
            ) * core.cost_per_km[slot]
            if bound < price:
                places[count, 0], places[count, 1], bounds[count] = slot, position, bound
                count += 1
    return count


@compiled
def bound_new_trip(
    core: Core, slot: int, order: int, load: float, room: tuple[int, int], lacking: float
) -> float:
    """Lower bound on the cost of a trip for one order alone, by way of a loading site where the
    load on board is too small.

    Loading may also make other drops fuller, which lack kg worth ``lacking`` [currency].
    """
    base, point = core.base[slot], core.point[order]
    back_km, back_min = core.km[point, base], core.travel[point, base]
    best = np.inf
    if core.need[order, slot] <= load:
        minutes = core.travel[base, point] + core.service[order] + back_min
        if minutes <= room[1] - room[0]:
            best = (core.km[base, point] + back_km) * core.cost_per_km[
                slot
            ] + minutes * core.cost_per_min[slot]
        if lacking <= 0.0:
            return best
    for site in range(core.sites):
        if not core.site_allowed[site, slot]:
            continue
        via = core.point[core.m + site]
        minutes = core.travel[base, via] + core.travel[via, point] + back_min
        minutes += core.service[order] + core.site_service[site, core.vehicle[slot]]
        if minutes <= room[1] - room[0]:
            km = core.km[base, via] + core.km[via, point] + back_km
            best = min(
                best, km * core.cost_per_km[slot] + minutes * core.cost_per_min[slot] - lacking
            )
    return best


@compiled
def quickest_loading(core: Core, slot: int) -> int:
    """[min] the shortest loading stop that the slot's vehicle can make; very long where it can
    make none.
    """
    shortest = 10**9
    for site in range(core.sites):
        if core.site_allowed[site, slot]:
            shortest = min(shortest, core.site_service[site, core.vehicle[slot]])
    return shortest


@compiled
def cheapest(bounds: NDArray[np.float64], count: int) -> int:
    """Number of the least of the first ``count``."""
    least = 0
    for j in range(1, count):
        if bounds[j] < bounds[least]:
            least = j
    return least


@compiled
def insert_best(
    core: Core,
    state: State,
    order: int,
    price: float,
    new_price: float,
    barred: int,
    blink: float,
    stream: NDArray[np.uint64],
) -> bool:
    """Put ``order`` where it adds least cost, if that is less than ``price`` (its penalty, as a
    rule); places are blinked over at random.

    In a trip that is new it may add ``new_price``. Places are judged in the order of their lower
    bounds until none can be better than the best found.
    """
    places, bounds = state.scratch.places, state.scratch.bounds
    count = bound_insertions(core, state, order, price, new_price, barred, blink, stream)
    best, best_slot, best_length = max(price, new_price), -1, 0
    best_visits, trial, arrival = state.scratch.best, state.scratch.trial, state.scratch.arrival
    while count > 0:
        j = cheapest(bounds, count)
        if bounds[j] >= best:
            break
        slot, position = places[j, 0], places[j, 1]
        count -= 1
        bounds[j], places[j, 0], places[j, 1] = bounds[count], places[count, 0], places[count, 1]
        length = put(state.visits[slot], state.length[slot], position, order, trial)
        room, now = (
            room_in_time(core, state, slot),
            state.cost[slot] + state.short[core.vehicle[slot]],
        )
        cost, length, verdict = try_sequence(
            core, state, slot, trial, length, position, room, arrival, best + now
        )
        if verdict == TOO_FAR and core.night[slot] and core.overnight[order]:
            length = put(state.visits[slot], state.length[slot], position, order, trial)
            length = put(trial, length, position + 1, core.m + core.sites, trial)
            cost, length, verdict = try_sequence(
                core, state, slot, trial, length, position, room, arrival, best + now
            )
        if cost - now < min(best, price if state.length[slot] > 0 else new_price):
            best, best_slot, best_length = cost - now, slot, length
            for i in range(length):
                best_visits[i] = trial[i]
    if best_slot < 0:
        return False
    set_route(core, state, best_slot, best_visits, best_length, arrival)
    return True


@compiled
def set_route(
    core: Core,
    state: State,
    slot: int,
    visits: NDArray[np.int64],
    n: int,
    arrival: NDArray[np.int64],
) -> None:
    """Make ``visits`` the (legal) route of ``slot`` and bring the state up to date."""
    _, cost, start, end = run_trip(core, slot, visits, n, room_in_time(core, state, slot), arrival)
    state.length[slot] = n
    for i in range(n):
        state.visits[slot, i] = visits[i]
    state.cost[slot] = cost if n else 0.0
    state.start[slot] = start
    state.end[slot] = end
    state.waited[slot], state.driven[slot] = totals(core, slot, visits, n, start, arrival)
    for i in range(n):
        if visits[i] < core.m:
            state.slot_of[visits[i]] = slot
    chain_loads(core, state, core.vehicle[slot])
    if core.valued:
        state.short[core.vehicle[slot]] = chain_shortfall(core, state, slot, visits, n)


@compiled
def totals(
    core: Core, slot: int, visits: NDArray[np.int64], n: int, start: int, arrival: NDArray[np.int64]
) -> tuple[int, int]:
    """[min] waited and driven on a route that starts at ``start`` and arrives as ``arrival``
    says.
    """
    at, now, waited, driven = core.base[slot], start, 0, 0
    for i in range(n):
        node = visits[i]
        if node == core.m + core.sites:
            now += core.night_min[slot]
            continue
        leg = core.travel[at, core.point[node]]
        waited += arrival[i] - now - leg
        driven += leg
        now = arrival[i] + service_of(core, slot, node)
        at = core.point[node]
    return waited, driven + core.travel[at, core.base[slot]]
