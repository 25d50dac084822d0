"""Trips as tables with a row for each trip, stop and leg; nights and driving follow from times."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lmrs_rl.domain import Network
from lmrs_rl.domain.arrays import BoolArray, FloatArray, IntArray
from lmrs_rl.referee.references import NumberedTrip


@dataclass(frozen=True, eq=False)
class TripTable:
    """``T`` trips in the order given.

    Attributes
    ----------
    number : (T,) position among the trips given to the referee
    driver, vehicle, product : (T,) numbers in the network
    start_min, end_min : (T,) [min] on the network's clock
    nights : (T,) number of nights on the road
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
class StopTable:
    """The ``S`` stops of all trips, trip by trip.

    Attributes
    ----------
    trip : (S,) row in `TripTable`
    order : (S,) position in the trip
    drop : (S,) True for a drop, False for a loading
    place : (S,) number of the customer or loading site
    point : (S,) row in the travel matrices
    arrival_min, departure_min : (S,) [min] on the network's clock
    kg : (S,) [kg] dropped or loaded
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
class LegTable:
    """The ``S + T`` legs of all trips: in each trip one to each stop, then one back to the base.

    Attributes
    ----------
    trip : (S + T,) row in `TripTable`
    stop : (S + T,) row in `StopTable` of the stop it leads to, -1 for the leg back to the base
    leave_min, arrive_min : (S + T,) [min] on the network's clock
    travel_min : (S + T,) [min] travel time
    km : (S + T,) [km] distance
    night_min : (S + T,) [min] length of the night spent during the leg, 0 where there is none
    driving_min : (S + T,) [min] driving at the end of the leg, cumulated since the trip's start or
        its last night
    """

    trip: IntArray
    stop: IntArray
    leave_min: IntArray
    arrive_min: IntArray
    travel_min: IntArray
    km: FloatArray
    night_min: IntArray
    driving_min: IntArray


def build_tables(
    network: Network, trips: Sequence[NumberedTrip]
) -> tuple[TripTable, StopTable, LegTable]:
    """The tables of trips, stops and legs."""
    columns = [
        (t.number, t.trip.driver, t.trip.vehicle, t.trip.product, t.trip.start_min, t.trip.end_min)
        for t in trips
    ]
    # Reshaped, so that without trips there are six empty columns too.
    number, driver, vehicle, product, start, end = (
        np.array(columns, dtype=np.int64).reshape(-1, 6).T
    )
    stops = _stop_table(network, trips)
    legs = _leg_table(network, driver, vehicle, start, end, stops)
    nights = np.bincount(legs.trip, legs.night_min > 0, minlength=len(trips)).astype(np.int64)
    return TripTable(number, driver, vehicle, product, start, end, nights), stops, legs


def _stop_table(network: Network, trips: Sequence[NumberedTrip]) -> StopTable:
    """The table of stops, trip by trip in the order given."""
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
    kg = np.array([stop.kg for _, _, stop in stops], dtype=np.float64)
    return StopTable(trip, order, drop == 1, place, point, arrival, departure, kg)


def _leg_table(
    network: Network,
    driver: IntArray,
    vehicle: IntArray,
    start: IntArray,
    end: IntArray,
    stops: StopTable,
) -> LegTable:
    """The table of legs from the trips' columns (T,) and the table of stops."""
    count = np.bincount(stops.trip, minlength=len(start))
    # Rows of the leg table: the first and the last leg of each trip, and the leg to each stop.
    # The leg after a stop is the next row.
    home = np.cumsum(count + 1) - 1
    # Each trip before that of a stop has one leg more than it has stops.
    first, to_stop = home - count, np.arange(len(stops.trip)) + stops.trip
    base = network.vehicles.base_point[vehicle]
    length = len(start) + len(stops.trip)

    def column(at: IntArray, of_stops: IntArray, rest: IntArray, of_trips: IntArray) -> IntArray:
        values = np.empty(length, dtype=np.int64)
        values[at], values[rest] = of_stops, of_trips
        return values

    arrive = column(to_stop, stops.arrival_min, home, end)
    destination = column(to_stop, stops.point, home, base)
    leave = column(to_stop + 1, stops.departure_min, first, start)
    origin = column(to_stop + 1, stops.point, first, base)
    trip = np.repeat(np.arange(len(start)), count + 1)
    travel = network.travel_min[origin, destination]
    limit, night = network.drivers.max_driving_min[driver], network.drivers.night_min[driver]
    slept = _nights(trip, home, arrive - leave, travel, night, limit)
    return LegTable(
        trip=trip,
        stop=column(to_stop, np.arange(len(stops.trip)), home, np.full(len(start), -1)),
        leave_min=leave,
        arrive_min=arrive,
        travel_min=travel,
        km=network.distance_km[origin, destination],
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
    """(S + T,) whether a night is spent during each leg.

    A trip does not record where its driver sleeps, so it is inferred as in the challenge. A leg
    that lasts at least a night longer than its travel has a night. A trip without such a leg whose
    driving exceeds the limit gets its night on the leg back to the base, where rule SHI02 then
    finds the minutes missing.
    """
    slept: BoolArray = (night[trip] > 0) & (duration >= night[trip] + travel)
    awake = np.bincount(trip, slept, minlength=len(home)) == 0
    exhausted = awake & (night > 0) & (np.bincount(trip, travel, minlength=len(home)) > limit)
    slept[home[exhausted]] = True
    return slept


def _driving(trip: IntArray, travel: IntArray, slept: BoolArray, limit: IntArray) -> IntArray:
    """(S + T,) [min] cumulated driving at the end of each leg.

    On a leg with a night the driver first drives as far as the limit allows; what is left of the
    leg is driven after the night.
    """
    result, driven, last = [], 0, -1
    for t, minutes, night in zip(trip.tolist(), travel.tolist(), slept.tolist(), strict=True):
        if t != last:
            driven = 0
        if night:
            before_night = max(min(int(limit[t]) - driven, minutes), 0)
            driven = minutes - before_night
        else:
            driven += minutes
        result.append(driven)
        last = t
    return np.array(result, dtype=np.int64)
