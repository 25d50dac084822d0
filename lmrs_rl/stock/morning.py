"""The snapshot of the next morning: what is known once the hours have been executed."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from lmrs_rl.domain import CallInOrders, Deliveries, Executed, Network, Snapshot, Trip
from lmrs_rl.domain.arrays import HOURS_PER_DAY, FloatArray
from lmrs_rl.stock.events import EPS_KG, Event, FleetState


def next_morning(
    network: Network,
    before: Snapshot,
    done: Executed,
    fleet: FleetState,
    in_transit: Sequence[Event],
    announced: CallInOrders,
) -> Snapshot:
    """The snapshot at ``done.to_min``.

    History gets one row for each whole 24 hours executed, of what customers actually used; left
    over hours are not recorded.
    """
    vehicle_free, driver_free = np.array(before.vehicle_free_min), np.array(before.driver_free_min)
    for trip in done.trips:
        rested = trip.end_min + int(network.drivers.min_rest_min[trip.driver])
        vehicle_free[trip.vehicle] = max(int(vehicle_free[trip.vehicle]), trip.end_min)
        driver_free[trip.driver] = max(int(driver_free[trip.driver]), rested)
    return Snapshot(
        time_min=done.to_min,
        level_kg=done.level_kg[-1],
        **fleet.on_board(),
        vehicle_free_min=vehicle_free,
        driver_free_min=driver_free,
        in_transit=Deliveries(
            tank=np.array([event.customer for event in in_transit], dtype=np.int64),
            arrival_min=np.array([event.minute for event in in_transit], dtype=np.int64),
            kg=np.array([event.kg for event in in_transit], dtype=np.float64),
            vehicle=np.array([event.vehicle for event in in_transit], dtype=np.int64),
            room_kg=np.array([event.room_kg for event in in_transit], dtype=np.float64),
        ),
        call_in_orders=_open_call_ins(before, done, announced),
        history_kg=np.concatenate([before.history_kg, _daily_use(done.used_kg)]),
    )


def _open_call_ins(before: Snapshot, done: Executed, announced: CallInOrders) -> CallInOrders:
    """The call-in orders known at ``done.to_min``, without those expired (latest moment past) and
    those served.

    An order is served by the drops at its customer that arrive within its window, those still in
    transit included, once they add up to its minimum quantity; until then it stays open for the
    rest.
    """
    joins = (announced.announced_min > done.from_min) & (announced.announced_min <= done.to_min)
    if not len(before.call_in_orders) and not joins.any():
        return before.call_in_orders
    known = _joined(before.call_in_orders, announced.take(np.flatnonzero(joins)))
    received = _received(known, done.trips)
    # Nothing received is never service, not even of an order whose minimum is 0.
    unserved = (received == 0) | (received < known.min_kg - EPS_KG)
    alive = (known.latest_min >= done.to_min) & unserved
    # An open order has received nothing or less than its minimum: its maximum stays over 0.
    open_ = known.take(np.flatnonzero(alive))
    delivered = received[alive]
    return CallInOrders(
        open_.customer,
        open_.earliest_min,
        open_.latest_min,
        open_.min_kg - delivered,
        open_.max_kg - delivered,
        open_.announced_min,
    )


def _received(orders: CallInOrders, trips: Sequence[Trip]) -> FloatArray:
    """(m,) [kg] dropped at each order's customer within its window."""
    received = np.zeros(len(orders))
    for stop in (stop for trip in trips for stop in trip.stops if stop.kind == "drop"):
        here = (
            (orders.customer == stop.place)
            & (orders.earliest_min <= stop.arrival_min)
            & (stop.arrival_min <= orders.latest_min)
        )
        received[here] += stop.kg
    return received


def _joined(first: CallInOrders, second: CallInOrders) -> CallInOrders:
    names = ("customer", "earliest_min", "latest_min", "min_kg", "max_kg", "announced_min")
    return CallInOrders(
        *(np.concatenate([getattr(first, name), getattr(second, name)]) for name in names)
    )


def _daily_use(used_kg: FloatArray) -> FloatArray:
    """(days, n) [kg] use of each whole day."""
    days = len(used_kg) // HOURS_PER_DAY
    return np.asarray(
        used_kg[: days * HOURS_PER_DAY].reshape(days, HOURS_PER_DAY, used_kg.shape[1]).sum(axis=1),
        dtype=np.float64,
    )
