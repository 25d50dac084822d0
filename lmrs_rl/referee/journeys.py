"""Trips as tables: one row a trip, a stop and a leg, with the nights and the driving that follow
from the times.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lmrs_rl.domain import Network
from lmrs_rl.domain.arrays import BoolArray, FloatArray, IntArray
from lmrs_rl.referee.references import NumberedTrip


@dataclass(frozen=True, eq=False)
class Journeys:
    """``T`` trips in the order given.

    Attributes
    ----------
    number : (T,) position among the trips given to the referee
    driver, vehicle, product : (T,) numbers in the network
    start_min, end_min : (T,) [min]
    nights : (T,) how many
    """

    number: IntArray
    driver: IntArray
    vehicle: IntArray
    product: IntArray
    start_min: IntArray
    end_min: IntArray
    nights: IntArray

    def __len__(self) -> int:
        return len(self.number)


@dataclass(frozen=True, eq=False)
class Calls:
    """The ``S`` stops of all trips, trip by trip.

    Attributes
    ----------
    trip : (S,) row of the trip
    order : (S,) position in the trip
    drop : (S,) whether it is a drop (or a load)
    place : (S,) number of the customer or loading site
    point : (S,) of the travel matrices
    arrival_min, departure_min : (S,) [min]
    kg : (S,) [kg]
    """

    trip: IntArray
    order: IntArray
    drop: BoolArray
    place: IntArray
    point: IntArray
    arrival_min: IntArray
    departure_min: IntArray
    kg: FloatArray


@dataclass(frozen=True, eq=False)
class Legs:
    """The ``S + T`` legs of all trips: one to each stop, then one home.

    Attributes
    ----------
    trip : (S + T,) row of the trip
    stop : (S + T,) row of the stop it leads to, -1 on the way home
    leave_min, arrive_min : (S + T,) [min]
    travel_min : (S + T,) [min]
    km : (S + T,) [km]
    night_min : (S + T,) [min] length of the night on the way, 0 where there is none
    driving_min : (S + T,) [min] driving cumulated since the start or, after a night, since the
        night
    """

    trip: IntArray
    stop: IntArray
    leave_min: IntArray
    arrive_min: IntArray
    travel_min: IntArray
    km: FloatArray
    night_min: IntArray
    driving_min: IntArray


def lay_out(network: Network, trips: Sequence[NumberedTrip]) -> tuple[Journeys, Calls, Legs]:
    """The three tables of the trips."""
    columns = [
        (t.number, t.trip.driver, t.trip.vehicle, t.trip.product, t.trip.start_min, t.trip.end_min)
        for t in trips
    ]
    number, driver, vehicle, product, start, end = (
        np.array(columns, dtype=np.int64).reshape(-1, 6).T
    )
    calls = _calls(network, trips)
    legs = _legs(network, driver, vehicle, start, end, calls)
    nights = np.bincount(legs.trip, legs.night_min > 0, minlength=len(trips)).astype(np.int64)
    return Journeys(number, driver, vehicle, product, start, end, nights), calls, legs


def _calls(network: Network, trips: Sequence[NumberedTrip]) -> Calls:
    stops = [
        (row, order, stop) for row, t in enumerate(trips) for order, stop in enumerate(t.trip.stops)
    ]
    columns = [
        (row, order, stop.kind == "drop", stop.place, stop.arrival_min, stop.departure_min)
        for row, order, stop in stops
    ]
    trip, order, drop, place, arrival, departure = (
        np.array(columns, dtype=np.int64).reshape(-1, 6).T
    )
    point = np.zeros(len(stops), dtype=np.int64)
    for chosen, points in ((drop == 1, network.customers.point), (drop == 0, network.sites.point)):
        point[chosen] = points[place[chosen]]
    return Calls(
        trip,
        order,
        drop == 1,
        place,
        point,
        arrival,
        departure,
        np.array([stop.kg for _, _, stop in stops], dtype=np.float64),
    )


def _legs(
    network: Network,
    driver: IntArray,
    vehicle: IntArray,
    start: IntArray,
    end: IntArray,
    calls: Calls,
) -> Legs:
    count = np.bincount(calls.trip, minlength=len(start))
    home = np.cumsum(count + 1) - 1
    first, to_stop = home - count, np.arange(len(calls.trip)) + calls.trip
    base = network.vehicles.base_point[vehicle]
    length = len(start) + len(calls.trip)

    def row(at: IntArray, of_stops: IntArray, rest: IntArray, of_trips: IntArray) -> IntArray:
        column = np.empty(length, dtype=np.int64)
        column[at], column[rest] = of_stops, of_trips
        return column

    arrive, to = row(to_stop, calls.arrival_min, home, end), row(to_stop, calls.point, home, base)
    leave, origin = (
        row(to_stop + 1, calls.departure_min, first, start),
        row(to_stop + 1, calls.point, first, base),
    )
    trip = np.repeat(np.arange(len(start)), count + 1)
    travel = network.travel_min[origin, to]
    limit, night = network.drivers.max_driving_min[driver], network.drivers.night_min[driver]
    slept = _nights(trip, home, arrive - leave, travel, night, limit)
    return Legs(
        trip=trip,
        stop=row(to_stop, np.arange(len(calls.trip)), home, np.full(len(start), -1)),
        leave_min=leave,
        arrive_min=arrive,
        travel_min=travel,
        km=network.distance_km[origin, to],
        night_min=np.where(slept, night[trip], 0),
        driving_min=_driving(trip, travel, slept, limit),
    )


def _nights(
    trip: IntArray,
    home: IntArray,
    duration: IntArray,
    travel: IntArray,
    night: IntArray,
    limit: IntArray,
) -> BoolArray:
    """Legs with a night: those that last a night longer than the travel, else the one home where
    driving would exceed the limit.
    """
    slept: BoolArray = (night[trip] > 0) & (duration >= night[trip] + travel)
    awake = np.bincount(trip, slept, minlength=len(home)) == 0
    exhausted = awake & (night > 0) & (np.bincount(trip, travel, minlength=len(home)) > limit)
    slept[home[exhausted]] = True
    return slept


def _driving(trip: IntArray, travel: IntArray, slept: BoolArray, limit: IntArray) -> IntArray:
    """Cumulated driving at the end of each leg; on a leg with a night the driver first drives as
    far as the limit allows.
    """
    result, driven, last = [], 0, -1
    for t, minutes, night in zip(trip.tolist(), travel.tolist(), slept.tolist(), strict=True):
        driven = driven if t == last else 0
        driven = (
            minutes - max(min(int(limit[t]) - driven, minutes), 0) if night else driven + minutes
        )
        result.append(driven)
        last = t
    return np.array(result, dtype=np.int64)
