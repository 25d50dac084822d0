"""Inserts an order into the slot and position where it costs least: greedy insertion with blinks
(Christiaens & Vanden Berghe 2020, doi:10.1287/trsc.2019.0914), speeded up by lower bounds.

Some functions are long on purpose: splitting a compiled kernel changes what numba inlines, and with
it the speed of the search.
"""

# An element picked by an index of unknown type is typed as an array by numpy's stubs.
# pyright: reportArgumentType=false, reportReturnType=false

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lmrs_rl.routing.core.arrays import LONGEST_ROUTE, Core, State
from lmrs_rl.routing.core.compiled import compiled
from lmrs_rl.routing.core.fill import chain_shortfall_cost
from lmrs_rl.routing.core.loading import insert_node, price_sequence, shortest_loading
from lmrs_rl.routing.core.random import uniform
from lmrs_rl.routing.core.trip import (
    TOO_FAR,
    available_time,
    chain_loads,
    schedule_trip,
    service_time,
)


@compiled
def fill_spare_load(core: Core, state: State, slot: int, spare: NDArray[np.float64]) -> None:
    """Fill ``spare`` (n + 1,) [kg]: the largest reserve that an order inserted at each position may
    have without a further loading stop.
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
    # What an order takes has to be left over at the next loading, or for later trips at the end.
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
    tabu_vehicle: int,
    blink: float,
    stream: NDArray[np.uint64],
) -> int:
    """List in the scratch the places (slot, position) that may be legal, with lower bounds on the
    cost they add; returns their number.

    Only places whose bound is below ``price`` are listed, ``new_price`` for a trip that would be
    new; each is skipped ("blinked") with probability ``blink``. ``tabu_vehicle`` (-1: none) gets
    none. An added minute costs the driver's rate, less the waiting that it may absorb. One more
    order can make other drops fuller only with a loading stop, which then saves at most their whole
    shortfall cost.
    """
    # Long because it is one compiled kernel, the search's innermost loop.
    point, count = core.point[order], 0
    spare, places, bounds = state.scratch.spare, state.scratch.places, state.scratch.bounds
    for slot in range(len(core.vehicle)):
        n = state.length[slot]
        if (
            core.vehicle[slot] == tabu_vehicle
            or not core.order_allowed[order, slot]
            # An insertion adds the order, and a loading or a night.
            or n + 3 >= LONGEST_ROUTE
        ):
            continue
        room = available_time(core, state, slot)
        # Trips before it leave no time to start.
        if room[0] > core.last_start[slot]:
            continue
        shortfall = state.shortfall_cost[core.vehicle[slot]]
        if n == 0:
            bounds[count] = bound_new_trip(
                core, slot, order, state.start_load[slot], room, shortfall
            )
            if bounds[count] < new_price and uniform(stream) >= blink:
                places[count, 0], places[count, 1] = slot, 0
                count += 1
            continue
        fill_spare_load(core, state, slot, spare)
        time_left = room[1] - room[0] - (state.end[slot] - state.start[slot])
        driving_left = core.max_driving[slot] - state.driven[slot]
        loading = shortest_loading(core, slot)
        at = core.base[slot]
        for position in range(n + 1):
            here = at
            if position < n and state.visits[slot, position] < core.m + core.sites:
                at = core.point[state.visits[slot, position]]
            after = core.base[slot] if position == n else at
            minutes = (
                core.travel[here, point] + core.travel[point, after] - core.travel[here, after]
            )
            # With a night the driving time starts anew, so that it limits no place yet.
            if not core.night[slot] and minutes > driving_left:
                continue
            # The time that the trip waits now may be what the order takes: a bound must count all
            # of it.
            minutes += core.service[order] - state.waited[slot]
            loads = core.need[order, slot] > spare[position]
            if minutes + (loading if loads else 0) > time_left or uniform(stream) < blink:
                continue
            with_loading = max(minutes + loading, 0) * core.cost_per_min[slot] - shortfall
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
    core: Core, slot: int, order: int, load: float, room: tuple[int, int], shortfall: float
) -> float:
    """Lower bound on the cost of a trip for one order alone, via a loading site if the load on
    board is too small.

    Loading may also make other drops fuller, which saves at most ``shortfall`` [currency].
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
        if shortfall <= 0.0:
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
                best, km * core.cost_per_km[slot] + minutes * core.cost_per_min[slot] - shortfall
            )
    return best


@compiled
def index_of_least(bounds: NDArray[np.float64], count: int) -> int:
    """Index of the least of the first ``count`` bounds.

    Few places are priced before the search stops, so finding the next one is cheaper than sorting.
    """
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
    tabu_vehicle: int,
    blink: float,
    stream: NDArray[np.uint64],
) -> bool:
    """Insert ``order`` where it adds least cost, if that is less than ``price`` (its penalty, as a
    rule) or, in a new trip, than ``new_price``; whether it was inserted.

    Places are priced in the order of their lower bounds until none can beat the best one found.
    """
    places, bounds = state.scratch.places, state.scratch.bounds
    count = bound_insertions(core, state, order, price, new_price, tabu_vehicle, blink, stream)
    best, best_slot, best_length = max(price, new_price), -1, 0
    best_visits, trial, arrival = state.scratch.best, state.scratch.trial, state.scratch.arrival
    while count > 0:
        j = index_of_least(bounds, count)
        if bounds[j] >= best:
            break
        slot, position = places[j, 0], places[j, 1]
        count -= 1
        # The last one takes the place of the one that is priced, since their order does not matter.
        bounds[j], places[j, 0], places[j, 1] = bounds[count], places[count, 0], places[count, 1]
        length = insert_node(state.visits[slot], state.length[slot], position, order, trial)
        room = available_time(core, state, slot)
        # Places compete by the cost they add, but sequences are priced as a whole.
        before = state.cost[slot] + state.shortfall_cost[core.vehicle[slot]]
        cost, length, verdict = price_sequence(
            core, state, slot, trial, length, position, room, arrival, best + before
        )
        # A night right after the drop is tried where the driving time alone forbids the place.
        if verdict == TOO_FAR and core.night[slot] and core.overnight[order]:
            length = insert_node(state.visits[slot], state.length[slot], position, order, trial)
            length = insert_node(trial, length, position + 1, core.m + core.sites, trial)
            cost, length, verdict = price_sequence(
                core, state, slot, trial, length, position, room, arrival, best + before
            )
        if cost - before < min(best, price if state.length[slot] > 0 else new_price):
            best, best_slot, best_length = cost - before, slot, length
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
    """Make the ``n`` ``visits``, which are legal, the route of ``slot`` and update the state."""
    _, cost, start, end = schedule_trip(
        core, slot, visits, n, available_time(core, state, slot), arrival
    )
    state.length[slot] = n
    for i in range(n):
        state.visits[slot, i] = visits[i]
    state.cost[slot] = cost if n else 0.0
    state.start[slot] = start
    state.end[slot] = end
    state.waited[slot], state.driven[slot] = waiting_and_driving(
        core, slot, visits, n, start, arrival
    )
    for i in range(n):
        if visits[i] < core.m:
            state.slot_of[visits[i]] = slot
    # What this trip leaves on board is what later trips of the vehicle start with.
    chain_loads(core, state, core.vehicle[slot])
    if core.valued:
        state.shortfall_cost[core.vehicle[slot]] = chain_shortfall_cost(
            core, state, slot, visits, n
        )


@compiled
def waiting_and_driving(
    core: Core, slot: int, visits: NDArray[np.int64], n: int, start: int, arrival: NDArray[np.int64]
) -> tuple[int, int]:
    """[min] waited and driven on a route with this start and these arrival times."""
    at, now, waited, driven = core.base[slot], start, 0, 0
    for i in range(n):
        node = visits[i]
        if node == core.m + core.sites:
            now += core.night_min[slot]
            continue
        leg = core.travel[at, core.point[node]]
        waited += arrival[i] - now - leg
        driven += leg
        now = arrival[i] + service_time(core, slot, node)
        at = core.point[node]
    return waited, driven + core.travel[at, core.base[slot]]
