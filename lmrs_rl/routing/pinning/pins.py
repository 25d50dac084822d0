"""What of a plan may not change: trips that are fixed, and promises to customers, as
restrictions of the routing problem.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from lmrs_rl.domain import NO_PRODUCT, InputError, Network, Order, Snapshot, Trip
from lmrs_rl.domain.arrays import FOREVER, BoolArray, IntArray
from lmrs_rl.routing.explaining.reasons import single_order, own_trip_cost
from lmrs_rl.routing.problem import EPS_KG, RoutingProblem, build_problem
from lmrs_rl.routing.slots import conflicts

EPS_LOAD = 1e-6
"""[kg] The referee's tolerance."""


@dataclass(frozen=True)
class Appointment:
    """A customer was told when, or by whom, the next drop comes.

    Attributes
    ----------
    customer : customer number
    first_min, last_min : [min] on the network's clock: the drop starts between them; a day is such
        a window, too
    vehicle, driver : numbers, ``None`` where any will do
    """

    customer: int
    first_min: int = -FOREVER
    last_min: int = FOREVER
    vehicle: int | None = None
    driver: int | None = None

    def __post_init__(self) -> None:
        if self.last_min < self.first_min:
            raise InputError(
                "promise.last_min",
                self.last_min,
                f"at least first_min = {self.first_min}",
                "swap the two",
            )


@dataclass(frozen=True)
class Pins:
    """What is fixed.

    Attributes
    ----------
    trips : taken over as they are. Their drivers do nothing else meanwhile and rest after them;
        their vehicles do nothing else from now to the end of the last of them, since what is on
        board in between is theirs
    promises : orders that are served like this whenever that can be; one a customer
    """

    trips: tuple[Trip, ...] = ()
    promises: tuple[Appointment, ...] = ()


@dataclass(frozen=True, eq=False)
class PinnedProblem:
    """A morning's problem with pins in it.

    Attributes
    ----------
    free : the problem that fixed trips leave, promises not yet in it
    problem : the same with promises kept or the order missed; penalties are still the orders' own
    promised : numbers of its orders that are promised
    kept : (m,) the place of each of its orders in the orders given; the others are served by fixed
        trips
    """

    free: RoutingProblem
    problem: RoutingProblem
    promised: tuple[int, ...]
    kept: IntArray

    @property
    def lifted(self) -> RoutingProblem:
        """The problem that is searched: a promise broken costs more than all other orders missed
        and all promised ones by trips of their own.
        """
        penalty = self.problem.order_penalty.copy()
        own = [
            cost
            for k in self.promised
            if np.isfinite(cost := own_trip_cost(single_order(self.problem, k)))
        ]
        penalty[list(self.promised)] = 10.0 * (1.0 + penalty.sum() + sum(own))
        return replace(self.problem, order_penalty=penalty)


def pin(
    network: Network, snapshot: Snapshot, orders: Sequence[Order], pins: Pins, *, horizon_min: int
) -> PinnedProblem:
    """State the problem that ``pins`` leave; orders that fixed trips serve are not planned again.

    Raises
    ------
    InputError
        For a fixed trip that starts before its vehicle is free or has not the product it drops, and
        for a promise to a customer who has no order.
    """
    after = snapshot_after(network, snapshot, pins.trips)
    kept = [k for k in range(len(orders)) if k not in served_by(orders, pins.trips)]
    problem = build_problem(network, after, [orders[k] for k in kept], horizon_min=horizon_min)
    for trip in pins.trips:
        rest = int(network.drivers.min_rest_min[trip.driver])
        busy = trip.start_min - snapshot.time_min - rest, trip.end_min - snapshot.time_min + rest
        problem = without_driver(network, problem, trip.driver, *busy)
    restricted, promised = keep_appointments(problem, pins)
    return PinnedProblem(problem, restricted, promised, np.array(kept, dtype=np.int64))


def snapshot_after(network: Network, snapshot: Snapshot, trips: Sequence[Trip]) -> Snapshot:
    """The snapshot with vehicles free, and product on board, as after ``trips``."""
    free, load, product = (
        snapshot.vehicle_free_min.copy(),
        snapshot.load_kg.copy(),
        snapshot.load_product.copy(),
    )
    for k, trip in sorted(enumerate(trips), key=lambda pair: pair[1].start_min):
        if trip.start_min < max(int(free[trip.vehicle]), snapshot.time_min):
            late = max(int(free[trip.vehicle]), snapshot.time_min)
            raise InputError(
                f"pins.trips[{k}].start_min",
                trip.start_min,
                f"at least {late}, when its vehicle is free",
                "trips under way are no pins",
            )
        free[trip.vehicle] = trip.end_min
        load[trip.vehicle] = _load_after(
            network, f"pins.trips[{k}]", trip, float(load[trip.vehicle])
        )
        product[trip.vehicle] = trip.product if load[trip.vehicle] > EPS_KG else NO_PRODUCT
    return replace(snapshot, vehicle_free_min=free, load_kg=load, load_product=product)


def _load_after(network: Network, field: str, trip: Trip, load: float) -> float:
    """[kg] on board after the trip; `InputError` where it drops or loads more than it can."""
    capacity = float(network.vehicles.capacity_kg[trip.vehicle])
    for j, stop in enumerate(trip.stops):
        most = capacity - load if stop.kind == "load" else load
        if stop.kg > most + EPS_LOAD:
            raise InputError(
                f"{field}.stops[{j}].kg",
                f"{stop.kg:g}",
                f"at most {most:g} kg",
                "fix the vehicle's trips before this one, too",
            )
        load = min(max(load + (stop.kg if stop.kind == "load" else -stop.kg), 0.0), capacity)
    return load


def served_by(orders: Sequence[Order], trips: Sequence[Trip]) -> set[int]:
    """Places of the orders that ``trips`` serve: one a drop, of the customer's orders the one
    open then, or else the first.
    """
    served: set[int] = set()
    for stop in (s for trip in trips for s in trip.stops if s.kind == "drop"):
        mine = [
            k for k, order in enumerate(orders) if order.customer == stop.place and k not in served
        ]
        hour = stop.arrival_min / 60
        fits = [
            k for k in mine if any(a - 1e-6 <= hour <= b + 1e-6 for a, b in orders[k].windows_h)
        ]
        served.update((fits or mine)[:1])
    return served


def without_driver(
    network: Network, problem: RoutingProblem, driver: int, first: int, last: int
) -> RoutingProblem:
    """The problem in which ``driver`` makes no trip that is under way between the minutes ``first``
    and ``last`` since the morning.

    A slot that spans the time becomes two: one before it, one after it.
    """
    slots = problem.slots
    mine = slots.driver == driver
    before_close = np.where(mine, np.minimum(slots.close_min, first), slots.close_min)
    before_last = np.minimum(slots.last_start_min, before_close)
    after_open = np.maximum(slots.open_min, last)
    before = np.flatnonzero(~mine | (slots.open_min <= before_last))
    after = np.flatnonzero(
        mine & (after_open <= slots.last_start_min) & (after_open < slots.close_min)
    )
    source = np.concatenate([before, after])
    opens = np.concatenate([slots.open_min[before], after_open[after]])
    lasts = np.concatenate([before_last[before], slots.last_start_min[after]])
    closes = np.concatenate([before_close[before], slots.close_min[after]])
    order = np.lexsort(
        (slots.night[source], slots.vehicle[source], slots.driver[source], closes, lasts, opens)
    )
    return _with_slots(network, problem, source[order], opens[order], lasts[order], closes[order])


def _with_slots(
    network: Network,
    problem: RoutingProblem,
    source: IntArray,
    opens: IntArray,
    lasts: IntArray,
    closes: IntArray,
) -> RoutingProblem:
    """The problem with slots made from those of number ``source``, with new limits in time."""
    old = problem.slots
    taken = {
        name: getattr(old, name)[source] for name in old.__dataclass_fields__ if name != "conflict"
    }
    ties = conflicts(taken["driver"], taken["vehicle"], opens, closes, network.drivers.min_rest_min)
    slots = replace(
        old,
        **{
            **taken,
            "open_min": opens,
            "last_start_min": lasts,
            "close_min": closes,
            "conflict": ties,
        },
    )
    columns = {
        name: getattr(problem, name)[:, source]
        for name in ("order_need", "order_allowed", "order_slot_cost", "site_allowed")
    }
    return replace(problem, slots=slots, **columns)


def keep_appointments(problem: RoutingProblem, pins: Pins) -> tuple[RoutingProblem, tuple[int, ...]]:
    """The problem in which promised orders are served as promised or not at all, and their
    numbers.
    """
    allowed, windows = problem.order_allowed.copy(), list(problem.order_windows)
    fixed = {stop.place for trip in pins.trips for stop in trip.stops if stop.kind == "drop"}
    promised = []
    for number, promise in enumerate(pins.promises):
        mine = [
            k
            for k in np.flatnonzero(problem.order_customer == promise.customer).tolist()
            if k not in promised
        ]
        if not mine and promise.customer in fixed:
            continue
        if not mine:
            raise InputError(
                f"pins.promises[{number}].customer",
                promise.customer,
                "a customer with an order",
                "give the order or drop the promise",
            )
        cut = {k: _cut(windows[k], promise, problem.now_min) for k in mine}
        order = max(mine, key=lambda k: (len(cut[k]) > 0, -k))
        windows[order] = cut[order]
        allowed[order] &= _keeps(problem, promise)
        promised.append(order)
    return replace(problem, order_allowed=allowed, order_windows=tuple(windows)), tuple(promised)


def _keeps(problem: RoutingProblem, promise: Appointment) -> BoolArray:
    """(K,) slots of the promised vehicle and driver."""
    slots = problem.slots
    right = np.ones(len(slots), dtype=np.bool_)
    if promise.vehicle is not None:
        right &= slots.vehicle == promise.vehicle
    if promise.driver is not None:
        right &= slots.driver == promise.driver
    return right


def _cut(windows: IntArray, promise: Appointment, now: int) -> IntArray:
    """(k, 2) what the promise leaves of the windows."""
    first = np.maximum(windows[:, 0], promise.first_min - now)
    last = np.minimum(windows[:, 1], promise.last_min - now)
    return np.asarray(np.stack([first, last], axis=1)[last >= first], dtype=np.int64)
