"""What a plan may not change: fixed trips and appointments with customers, as restrictions of the
routing problem.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from lmrs_rl.domain import NO_PRODUCT, InputError, Network, Order, Snapshot, Trip
from lmrs_rl.domain.arrays import FOREVER, BoolArray, IntArray
from lmrs_rl.routing.explaining.reasons import own_trip_cost, single_order
from lmrs_rl.routing.problem import EPS_KG, RoutingProblem, build_problem
from lmrs_rl.routing.slots import conflicts

EPS_LOAD = 1e-6
"""[kg] The referee's tolerance."""


@dataclass(frozen=True)
class Appointment:
    """An appointment with a customer: when, or by whom, the next drop comes.

    Attributes
    ----------
    customer : customer number
    first_min, last_min : [min] on the network's clock: the drop starts between them; a whole day is
        such a window, too
    vehicle, driver : numbers, ``None`` if any will do
    """

    customer: int
    first_min: int = -FOREVER
    last_min: int = FOREVER
    vehicle: int | None = None
    driver: int | None = None

    def __post_init__(self) -> None:
        if self.last_min < self.first_min:
            raise InputError(
                "appointment.last_min",
                self.last_min,
                f"at least first_min = {self.first_min}",
                "swap the two",
            )


@dataclass(frozen=True)
class Pins:
    """What is fixed.

    Attributes
    ----------
    trips : taken over as they are. Their drivers make no other trip meanwhile and rest after them;
        their vehicles make no other trip from now to the end of the last of them, since the product
        on board in between is meant for them
    appointments : orders that are served like this whenever possible; one for each customer
    """

    trips: tuple[Trip, ...] = ()
    appointments: tuple[Appointment, ...] = ()


@dataclass(frozen=True, eq=False)
class PinnedProblem:
    """A morning's problem with pins in it.

    Attributes
    ----------
    without_appointments : the problem that fixed trips leave, before appointments are applied
    problem : the same in which each appointment is kept or its order missed; penalties are still
        the orders' own
    appointed : numbers of its orders that have an appointment
    order_index : (m,) index of each of its orders in the orders given; the others are served by
        fixed trips
    """

    without_appointments: RoutingProblem
    problem: RoutingProblem
    appointed: tuple[int, ...]
    order_index: IntArray

    @property
    def prioritized(self) -> RoutingProblem:
        """The problem that is searched: breaking an appointment costs more than missing all other
        orders and serving all appointments by trips of their own.
        """
        penalty = self.problem.order_penalty.copy()
        own = [
            cost
            for k in self.appointed
            if np.isfinite(cost := own_trip_cost(single_order(self.problem, k)))
        ]
        # Ten times as much as breaking one could ever save, so that no search breaks one to gain.
        penalty[list(self.appointed)] = 10.0 * (1.0 + penalty.sum() + sum(own))
        return replace(self.problem, order_penalty=penalty)


def pin(
    network: Network, snapshot: Snapshot, orders: Sequence[Order], pins: Pins, *, horizon_min: int
) -> PinnedProblem:
    """Build the problem that ``pins`` leave; orders that fixed trips serve are not planned again.

    Raises
    ------
    InputError
        For a fixed trip that starts before its vehicle is free or does not have the product it
        drops, and for an appointment with a customer who has no order.
    """
    after = _snapshot_after(network, snapshot, pins.trips)
    served = _served_by(orders, pins.trips)
    index = [k for k in range(len(orders)) if k not in served]
    problem = build_problem(network, after, [orders[k] for k in index], horizon_min=horizon_min)
    # Drivers only: vehicles are free in `after` from the end of their last fixed trip.
    for trip in pins.trips:
        rest = int(network.drivers.min_rest_min[trip.driver])
        busy = trip.start_min - snapshot.time_min - rest, trip.end_min - snapshot.time_min + rest
        problem = _without_driver(network, problem, trip.driver, *busy)
    restricted, appointed = _keep_appointments(problem, pins)
    return PinnedProblem(problem, restricted, appointed, np.array(index, dtype=np.int64))


def _snapshot_after(network: Network, snapshot: Snapshot, trips: Sequence[Trip]) -> Snapshot:
    """The snapshot with the vehicles' free times and loads as after ``trips``."""
    free, load = snapshot.vehicle_free_min.copy(), snapshot.load_kg.copy()
    product = snapshot.load_product.copy()
    for k, trip in sorted(enumerate(trips), key=lambda pair: pair[1].start_min):
        earliest = max(int(free[trip.vehicle]), snapshot.time_min)
        if trip.start_min < earliest:
            raise InputError(
                f"pins.trips[{k}].start_min",
                trip.start_min,
                f"at least {earliest}, when its vehicle is free",
                "do not fix trips that are under way",
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
        limit = capacity - load if stop.kind == "load" else load
        if stop.kg > limit + EPS_LOAD:
            raise InputError(
                f"{field}.stops[{j}].kg",
                f"{stop.kg:g}",
                f"at most {limit:g} kg",
                "fix the vehicle's trips before this one, too",
            )
        load = min(max(load + (stop.kg if stop.kind == "load" else -stop.kg), 0.0), capacity)
    return load


def _served_by(orders: Sequence[Order], trips: Sequence[Trip]) -> set[int]:
    """Indices of the orders that ``trips`` serve: one for each drop, of the customer's orders the
    first one open then, or else the first one.
    """
    served: set[int] = set()
    for stop in (s for trip in trips for s in trip.stops if s.kind == "drop"):
        candidates = [
            k for k, order in enumerate(orders) if order.customer == stop.place and k not in served
        ]
        hour = stop.arrival_min / 60
        open_then = [
            k
            for k in candidates
            if any(a - 1e-6 <= hour <= b + 1e-6 for a, b in orders[k].windows_h)
        ]
        served.update((open_then or candidates)[:1])
    return served


def _without_driver(
    network: Network, problem: RoutingProblem, driver: int, first: int, last: int
) -> RoutingProblem:
    """The problem in which ``driver`` is not on a trip at any time from minute ``first`` to
    ``last`` since the morning.

    A slot that spans this time becomes two: one before it, one after it.
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
    # Sorted as in `make_slots`: later modules take slot numbers for the order in time.
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
    """The problem with new slots: copies of those numbered ``source`` with new time limits."""
    old = problem.slots
    taken = {
        name: getattr(old, name)[source] for name in old.__dataclass_fields__ if name != "conflict"
    }
    rest = network.drivers.min_rest_min
    conflict = conflicts(taken["driver"], taken["vehicle"], opens, closes, rest)
    limits = {"open_min": opens, "last_start_min": lasts, "close_min": closes}
    slots = replace(old, **{**taken, **limits, "conflict": conflict})
    # All fields of the problem that have a column for each slot.
    columns = {
        name: getattr(problem, name)[:, source]
        for name in ("order_need", "order_allowed", "order_slot_cost", "site_allowed")
    }
    return replace(problem, slots=slots, **columns)


def _keep_appointments(
    problem: RoutingProblem, pins: Pins
) -> tuple[RoutingProblem, tuple[int, ...]]:
    """The problem in which orders with an appointment are served as agreed or not at all, and the
    numbers of these orders.
    """
    allowed, windows = problem.order_allowed.copy(), list(problem.order_windows)
    on_fixed_trips = {
        stop.place for trip in pins.trips for stop in trip.stops if stop.kind == "drop"
    }
    appointed: list[int] = []
    for number, appointment in enumerate(pins.appointments):
        candidates = [
            k
            for k in np.flatnonzero(problem.order_customer == appointment.customer).tolist()
            if k not in appointed
        ]
        if not candidates and appointment.customer in on_fixed_trips:
            continue  # a fixed trip keeps it
        if not candidates:
            raise InputError(
                f"pins.appointments[{number}].customer",
                appointment.customer,
                "a customer with an order",
                "give the order or drop the appointment",
            )
        clipped = {k: _clipped(windows[k], appointment, problem.now_min) for k in candidates}
        # An order whose windows the appointment meets, the first of them; else the first of all.
        order = max(candidates, key=lambda k: (len(clipped[k]) > 0, -k))
        windows[order] = clipped[order]
        allowed[order] &= _allowed_slots(problem, appointment)
        appointed.append(order)
    return replace(problem, order_allowed=allowed, order_windows=tuple(windows)), tuple(appointed)


def _allowed_slots(problem: RoutingProblem, appointment: Appointment) -> BoolArray:
    """(K,) slots of the appointment's vehicle and driver."""
    slots = problem.slots
    allowed = np.ones(len(slots), dtype=np.bool_)
    if appointment.vehicle is not None:
        allowed &= slots.vehicle == appointment.vehicle
    if appointment.driver is not None:
        allowed &= slots.driver == appointment.driver
    return allowed


def _clipped(windows: IntArray, appointment: Appointment, now: int) -> IntArray:
    """(k, 2) the parts of the windows within the appointment."""
    first = np.maximum(windows[:, 0], appointment.first_min - now)
    last = np.minimum(windows[:, 1], appointment.last_min - now)
    return np.asarray(np.stack([first, last], axis=1)[last >= first], dtype=np.int64)
