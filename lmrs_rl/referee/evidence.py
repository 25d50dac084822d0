"""What the rules are checked on: tables of the trips, loads of vehicles and levels of tanks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lmrs_rl.domain import Days, Network
from lmrs_rl.domain.arrays import MINUTES_PER_HOUR, BoolArray, FloatArray, IntArray
from lmrs_rl.referee.references import NumberedTrip
from lmrs_rl.referee.trip_tables import LegTable, StopTable, TripTable, build_tables

EPS = 1e-6
"""Violations of real-valued rules up to this are tolerated, as in the challenge."""


@dataclass(frozen=True, eq=False)
class Loads:
    """Product on board, with each vehicle's trips chained in order of start.

    Attributes
    ----------
    start_kg, end_kg : (T,) [kg] at the start and end of each trip
    after_kg : (S,) [kg] after each stop
    foreign_kg : (T,) [kg] on board at the start of another product than the trip's
    """

    start_kg: FloatArray
    end_kg: FloatArray
    after_kg: FloatArray
    foreign_kg: FloatArray


@dataclass(frozen=True, eq=False)
class Levels:
    """Levels of the tanks, hour by hour.

    Attributes
    ----------
    level_kg : (H, n) [kg] at the end of each hour, never below 0, not cut at the capacity
    unmet_kg : (H, n) [kg] demand of the hour that the dry tank could not meet
    dropped_kg : (H, n) [kg] dropped in the hour
    """

    level_kg: FloatArray
    unmet_kg: FloatArray
    dropped_kg: FloatArray


@dataclass(frozen=True, eq=False)
class Evidence:
    """Network, days and what follows from the trips."""

    network: Network
    days: Days
    trips: TripTable
    stops: StopTable
    legs: LegTable
    loads: Loads
    levels: Levels

    def trip_name(self, row: int) -> str:
        """Name of a trip in violations, such as ``trip 3``."""
        return f"trip {self.trips.number[row]}"

    def stop_name(self, row: int) -> str:
        """Name of a stop in violations, such as ``trip 3, stop 1 (B)``."""
        stops = self.stops
        ids = self.network.customers.ids if stops.drop[row] else self.network.sites.ids
        trip, place = self.trip_name(int(stops.trip[row])), ids[stops.place[row]]
        return f"{trip}, stop {stops.order[row]} ({place})"

    def leg_name(self, row: int) -> str:
        """Name of the end of a leg in violations: the stop, or ``trip 3, return``."""
        stop = int(self.legs.stop[row])
        if stop >= 0:
            return self.stop_name(stop)
        return f"{self.trip_name(int(self.legs.trip[row]))}, return"


def gather_evidence(network: Network, days: Days, trips: Sequence[NumberedTrip]) -> Evidence:
    """Tables, loads and levels that follow from the trips."""
    table, stops, legs = build_tables(network, trips)
    loads, levels = _loads(days, table, stops), _levels(network, days, stops)
    return Evidence(network, days, table, stops, legs, loads, levels)


def _loads(days: Days, trips: TripTable, stops: StopTable) -> Loads:
    """Product on board, from the snapshot's loads through the stops in their given order."""
    signed = np.where(stops.drop, -stops.kg, stops.kg)
    end_of_trip = np.cumsum(np.bincount(stops.trip, minlength=len(trips)))
    start_kg, end_kg, foreign_kg = (np.zeros(len(trips)) for _ in range(3))
    after_kg = np.zeros(len(stops.kg))
    on_board, carried = days.start.load_kg.tolist(), days.start.load_product.tolist()
    for t in np.argsort(trips.start_min, kind="stable").tolist():
        vehicle = int(trips.vehicle[t])
        rows = slice(end_of_trip[t - 1] if t else 0, end_of_trip[t])
        start_kg[t] = on_board[vehicle]
        if on_board[vehicle] > EPS and carried[vehicle] != trips.product[t]:
            foreign_kg[t] = on_board[vehicle]
        # Not cut at 0 or the payload: rule SHI06 measures by how much a load is beyond. There is a
        # last row, since rule REF01 leaves out trips without stops.
        after_kg[rows] = np.cumsum(np.concatenate([[on_board[vehicle]], signed[rows]]))[1:]
        end_kg[t] = on_board[vehicle] = float(after_kg[rows][-1])
        carried[vehicle] = int(trips.product[t])
    return Loads(start_kg, end_kg, after_kg, foreign_kg)


def _levels(network: Network, days: Days, stops: StopTable) -> Levels:
    """Levels at the ends of hours, with use and drops of the same hour netted (rule DYN01).

    The challenge lets levels fall below zero; here the demand that a dry tank cannot meet is lost
    instead, as in reality. Whether and when a tank first runs dry is the same.
    """
    hours, n, transit = days.hours, network.n_tanks, days.start.in_transit
    dropped = np.zeros((hours, n))
    at_tank = stops.drop & (stops.place < n)
    for tank, arrival, kg in (
        (stops.place[at_tank], stops.arrival_min[at_tank], stops.kg[at_tank]),
        (transit.tank, transit.arrival_min, transit.kg),
    ):
        hour = (arrival - days.start.time_min) // MINUTES_PER_HOUR
        inside = (hour >= 0) & (hour < hours)
        # `dropped[...] +=` would keep only one of several drops in an hour.
        np.add.at(dropped, (hour[inside], tank[inside]), kg[inside])
    free = days.start.level_kg + np.cumsum(dropped - days.use_kg, axis=0)
    # Reflection at zero (Skorokhod): the level is the free level plus all demand unmet so far,
    # which is the depth of the lowest point of the free level.
    unmet_so_far = np.maximum(-np.minimum.accumulate(free, axis=0), 0.0)
    return Levels(free + unmet_so_far, np.diff(unmet_so_far, axis=0, prepend=0.0), dropped)


def previous_of_same(owner: IntArray) -> IntArray:
    """(T,) row of the owner's previous trip in the given order, -1 for the first.

    ``owner`` (T,) is the driver or the vehicle of each trip.
    """
    last: dict[int, int] = {}
    result = []
    for row, number in enumerate(owner.tolist()):
        result.append(last.get(number, -1))
        last[number] = row
    return np.array(result, dtype=np.int64)


def intervals(mask: BoolArray) -> list[tuple[int, int, int]]:
    """Intervals of consecutive True rows in a mask (H, n), as (column, first row, last row)."""
    # Transposed, so that starts and ends are listed column by column and pair up.
    edges = np.diff(mask.astype(np.int8), axis=0, prepend=0, append=0).T
    starts, ends = np.argwhere(edges == 1), np.argwhere(edges == -1)
    return [
        (int(column), int(first), int(end) - 1)
        for (column, first), (_, end) in zip(starts, ends, strict=True)
    ]


def minutes_outside(windows: IntArray, first: int, last: int) -> int:
    """[min] by which ``[first, last]`` exceeds the window that fits it best.

    Its whole length, at least 1, where there are no windows.
    """
    if len(windows) == 0:
        return max(last - first, 1)
    return int(np.min(np.maximum(windows[:, 0] - first, 0) + np.maximum(last - windows[:, 1], 0)))
