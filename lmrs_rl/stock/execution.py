"""Simulates a block of hours: levels change with actual drops and actual use."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from lmrs_rl.domain import CallInOrders, Executed, InputError, Network, Snapshot, Trip
from lmrs_rl.domain.arrays import MINUTES_PER_HOUR, FloatArray, floats, not_below
from lmrs_rl.stock.events import Event, FleetState, check_trips, events_of
from lmrs_rl.stock.morning import next_morning

Quantities = dict[tuple[int, int], float]
"""[kg] Actually loaded or dropped, by position of the trip and of the stop in it."""


def execute(
    network: Network,
    snapshot: Snapshot,
    trips: Sequence[Trip],
    use_kg: FloatArray,
    announced: CallInOrders,
) -> tuple[Executed, Snapshot]:
    """Execute the trips that start in the hours of ``use_kg`` and return the next morning's
    snapshot.

    Hour by hour, as in the ROADEF/EURO Challenge 2016, use and drops of the same hour are netted:
    ``level = max(0, level - use + drops)``; what the empty tank cannot supply is unmet demand. A
    drop never exceeds the room, ``c - max(0, level - use)`` less the hour's earlier drops, nor the
    product on board; a load never exceeds the room on board. What does not fit stays on board.
    Times of stops stay as planned.

    Trips may end after the last hour. Their later drops are in transit next morning, with the
    quantity planned (at most what is on board); if less of it fits when the time has come, the
    rest goes back on board of the vehicle, in time for its next trip, and what does not fit there
    counts as never loaded. If the vehicle is unknown, the rest is not tracked. `settled` corrects
    the trips of several periods by what was actually delivered.

    Parameters
    ----------
    network : places, fleet and tank sizes
    snapshot : the state at the start
    trips : to execute; each starts within these hours
    use_kg : (hours, n) [kg] demand in each hour from ``snapshot.time_min`` on, >= 0, hours >= 1
    announced : call-in orders; those announced after ``snapshot.time_min`` and by the next morning
        become known

    Returns
    -------
    tuple[Executed, Snapshot]
        What happened, and the state afterwards.

    Raises
    ------
    InputError
        For trips that start outside these hours, unknown numbers, stops out of order, mixed
        products, demand that is negative or of the wrong shape.
    """
    hours = np.shape(use_kg)[0] if np.ndim(use_kg) == 2 else 0
    if hours == 0:
        raise InputError(
            "use_kg",
            f"shape {np.shape(use_kg)}",
            f"shape (hours, {network.n_tanks}), hours >= 1",
            "execute at least one hour",
        )
    use = floats("use_kg", use_kg, (hours, network.n_tanks))
    not_below("use_kg", use, 0, "book refills as deliveries, not as negative use")
    end = snapshot.time_min + MINUTES_PER_HOUR * hours
    check_trips(network, trips, snapshot.time_min, end)
    # Events refer to trips by position, so the order is settled before they are made.
    trips = tuple(sorted(trips, key=lambda trip: trip.start_min))
    fleet = FleetState.of(network, snapshot)
    events = events_of(snapshot, trips)
    now = [event for event in events if event.minute < end]
    later = [event for event in events if event.minute >= end]
    levels, unmet, actual = _simulate_hours(network, snapshot, use, now, fleet)
    # Only after the hours are simulated: what is on board then is what later stops start with.
    later, booked = _book_later_events(later, fleet)
    actual.update(booked)
    transit = snapshot.in_transit
    arrived = replace(transit, kg=np.array([actual[-1, k] for k in range(len(transit))]))
    driven = _with_actual_quantities(trips, actual)
    done = Executed(snapshot.time_min, end, driven, levels, use - unmet, unmet, arrived)
    in_transit = [event for event in later if 0 <= event.customer < network.n_tanks]
    return done, next_morning(network, snapshot, done, fleet, in_transit, announced)


@dataclass(eq=False)
class _TankHour:
    """Tanks within one hour, changed in place: (n,) [kg] dropped so far and room left."""

    dropped_kg: FloatArray
    room_kg: FloatArray


def _simulate_hours(
    network: Network,
    snapshot: Snapshot,
    use_kg: FloatArray,
    events: Iterable[Event],
    fleet: FleetState,
) -> tuple[FloatArray, FloatArray, Quantities]:
    """Level at the end of each hour and unmet demand in it, (hours, n) [kg], and the actual
    quantities of the events.
    """
    by_hour: dict[int, list[Event]] = {}
    for event in events:
        by_hour.setdefault((event.minute - snapshot.time_min) // MINUTES_PER_HOUR, []).append(event)
    nets, actual = np.empty_like(use_kg), Quantities()
    level, capacity = snapshot.level_kg, network.tanks.capacity_kg
    for hour, use in enumerate(use_kg):
        net = level - use
        # Most hours have no event; they stay arithmetic on whole rows.
        if hour in by_hour:
            tanks = _TankHour(np.zeros_like(net), capacity - np.maximum(net, 0.0))
            for event in by_hour[hour]:
                actual[event.trip, event.stop] = _carry_out(network, event, tanks, fleet)
            net = np.minimum(net + tanks.dropped_kg, capacity)
        # Kept before it is cut at zero, since the negative part is the unmet demand.
        nets[hour] = net
        level = np.maximum(net, 0.0)
    return np.maximum(nets, 0.0), np.maximum(-nets, 0.0), actual


def _carry_out(network: Network, event: Event, tanks: _TankHour, fleet: FleetState) -> float:
    """Carry out one load or drop; returns its actual quantity [kg]."""
    if event.customer < 0:
        return fleet.load(event.vehicle, event.product, event.kg)
    if event.customer >= network.n_tanks:  # call-in customers have no tank to overfill
        return fleet.unload(event.vehicle, event.product, event.kg)
    # Rounding may leave a room just under zero, of which nothing may be dropped.
    room = max(0.0, float(tanks.room_kg[event.customer]))
    fits = min(event.kg, room)
    if event.trip >= 0:
        fits = fleet.unload(event.vehicle, event.product, fits)
    elif event.vehicle >= 0:
        # The vehicle's load was reduced when the trip was booked, a period ago, so only the part
        # that does not fit changes it now.
        fleet.take_back(event, int(network.tanks.product[event.customer]), event.kg - fits)
    tanks.room_kg[event.customer] -= fits
    tanks.dropped_kg[event.customer] += fits
    return fits


def _book_later_events(
    events: Sequence[Event], fleet: FleetState
) -> tuple[list[Event], Quantities]:
    """Book the events after the last hour as planned, since it is not known yet whether a drop
    fits its tank; returns them and their quantities.
    """
    booked, quantities, free = [], Quantities(), []
    for event in events:
        if event.trip >= 0:
            move = fleet.load if event.customer < 0 else fleet.unload
            event = replace(event, kg=move(event.vehicle, event.product, event.kg))
        elif event.vehicle >= 0:
            event = replace(event, room_kg=fleet.room_to_take_back(event))
        booked.append(event)
        # Of every event, drops too: the list runs parallel to `booked`, and is read backwards
        # below.
        free.append(float(fleet.payload_kg[event.vehicle] - fleet.load_kg[event.vehicle]))
        quantities[event.trip, event.stop] = event.kg
    # Backwards, so that each drop sees the fullest that the vehicle will be at a later loading
    # stop of its trip: no more than the room left then can be taken back.
    room: dict[int, float] = {}
    for k in reversed(range(len(booked))):
        event = booked[k]
        if event.trip >= 0 and event.customer < 0:
            room[event.trip] = min(free[k], room.get(event.trip, np.inf))
        elif event.trip in room:
            booked[k] = replace(event, room_kg=room[event.trip])
    return booked, quantities


def _with_actual_quantities(trips: tuple[Trip, ...], actual: Quantities) -> tuple[Trip, ...]:
    """The trips with their actual quantities; a trip that went as planned is the same object."""

    def as_driven(t: int, trip: Trip) -> Trip:
        stops = tuple(
            stop if stop.kg == actual[t, s] else replace(stop, kg=actual[t, s])
            for s, stop in enumerate(trip.stops)
        )
        return trip if stops == trip.stops else replace(trip, stops=stops)

    return tuple(as_driven(t, trip) for t, trip in enumerate(trips))
