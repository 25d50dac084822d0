"""All that rules look at: the tables of trips, the loads of vehicles and the levels of tanks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lmrs_rl.domain import Days, Network
from lmrs_rl.domain.arrays import MINUTES_PER_HOUR, BoolArray, FloatArray, IntArray
from lmrs_rl.referee.journeys import Calls, Journeys, Legs, lay_out
from lmrs_rl.referee.references import NumberedTrip

EPS = 1e-6
"""Violations of real-valued rules up to this pass, as in the challenge."""


@dataclass(frozen=True, eq=False)
class Loads:
    """Product on board, each vehicle's trips chained in order of start.

    Attributes
    ----------
    start_kg, end_kg : (T,) [kg] at the start and end of each trip
    after_kg : (S,) [kg] after each stop
    foreign_kg : (T,) [kg] of another product on board at the start
    """

    start_kg: FloatArray
    end_kg: FloatArray
    after_kg: FloatArray
    foreign_kg: FloatArray


@dataclass(frozen=True, eq=False)
class Levels:
    """What became of the tanks.

    Attributes
    ----------
    level_kg : (H, n) [kg] at the end of each hour, never under 0, not cut at the capacity
    unmet_kg : (H, n) [kg] what was wanted in the hour and the dry tank could not give
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
    journeys: Journeys
    calls: Calls
    legs: Legs
    loads: Loads
    levels: Levels

    def trip_name(self, row: int) -> str:
        """What violations call a trip, such as ``trip 3``."""
        return f"trip {self.journeys.number[row]}"

    def stop_name(self, row: int) -> str:
        """What violations call a stop, such as ``trip 3, stop 1 (B)``."""
        calls = self.calls
        ids = self.network.customers.ids if calls.drop[row] else self.network.sites.ids
        return f"{self.trip_name(int(calls.trip[row]))}, stop {calls.order[row]} ({ids[calls.place[row]]})"

    def leg_name(self, row: int) -> str:
        """What violations call the end of a leg: the stop, or ``trip 3, return``."""
        stop = int(self.legs.stop[row])
        return (
            self.stop_name(stop)
            if stop >= 0
            else f"{self.trip_name(int(self.legs.trip[row]))}, return"
        )


def gather(network: Network, days: Days, trips: Sequence[NumberedTrip]) -> Evidence:
    """Everything that follows from the trips."""
    journeys, calls, legs = lay_out(network, trips)
    return Evidence(
        network,
        days,
        journeys,
        calls,
        legs,
        _loads(days, journeys, calls),
        _levels(network, days, calls),
    )


def _loads(days: Days, journeys: Journeys, calls: Calls) -> Loads:
    signed = np.where(calls.drop, -calls.kg, calls.kg)
    end_of_trip = np.cumsum(np.bincount(calls.trip, minlength=len(journeys)))
    start_kg, end_kg, foreign_kg = (np.zeros(len(journeys)) for _ in range(3))
    after_kg = np.zeros(len(calls.kg))
    on_board, carried = days.start.load_kg.tolist(), days.start.load_product.tolist()
    for t in np.argsort(journeys.start_min, kind="stable").tolist():
        vehicle, stops = (
            int(journeys.vehicle[t]),
            slice(end_of_trip[t - 1] if t else 0, end_of_trip[t]),
        )
        start_kg[t] = on_board[vehicle]
        if on_board[vehicle] > EPS and carried[vehicle] != journeys.product[t]:
            foreign_kg[t] = on_board[vehicle]
        after_kg[stops] = np.cumsum(np.concatenate([[on_board[vehicle]], signed[stops]]))[1:]
        end_kg[t] = on_board[vehicle] = float(after_kg[stops][-1])
        carried[vehicle] = int(journeys.product[t])
    return Loads(start_kg, end_kg, after_kg, foreign_kg)


def _levels(network: Network, days: Days, calls: Calls) -> Levels:
    """Levels at the ends of hours; use and drops of the same hour are netted, as in the challenge
    (rule DYN01).

    The challenge lets levels fall below zero; here what a dry tank cannot give is lost instead, as
    in reality. Whether and when a tank first runs dry is the same.
    """
    hours, n, way = days.hours, network.n_tanks, days.start.on_the_way
    dropped = np.zeros((hours, n))
    at_tank = calls.drop & (calls.place < n)
    for tank, arrival, kg in (
        (calls.place[at_tank], calls.arrival_min[at_tank], calls.kg[at_tank]),
        (way.tank, way.arrival_min, way.kg),
    ):
        hour = (arrival - days.start.time_min) // MINUTES_PER_HOUR
        inside = (hour >= 0) & (hour < hours)
        np.add.at(dropped, (hour[inside], tank[inside]), kg[inside])
    free = days.start.level_kg + np.cumsum(dropped - days.use_kg, axis=0)
    # A level reflected at zero is the free level plus all that was unmet so far: the deepest point
    # of the free level.
    unmet_so_far = np.maximum(-np.minimum.accumulate(free, axis=0), 0.0)
    return Levels(free + unmet_so_far, np.diff(unmet_so_far, axis=0, prepend=0.0), dropped)


def previous_of_same(owner: IntArray) -> IntArray:
    """(T,) row of the trip before of the same owner in the order given, -1 for the owner's
    first.
    """
    last: dict[int, int] = {}
    result = []
    for row, who in enumerate(owner.tolist()):
        result.append(last.get(who, -1))
        last[who] = row
    return np.array(result, dtype=np.int64)


def runs(bad: BoolArray) -> list[tuple[int, int, int]]:
    """Unbroken stretches in a mask (H, n), as (column, first row, last row)."""
    edges = np.diff(bad.astype(np.int8), axis=0, prepend=0, append=0).T
    starts, ends = np.argwhere(edges == 1), np.argwhere(edges == -1)
    return [
        (int(column), int(first), int(end) - 1)
        for (column, first), (_, end) in zip(starts, ends, strict=True)
    ]


def minutes_outside(windows: IntArray, first: int, last: int) -> int:
    """[min] by which ``[first, last]`` sticks out of the window that fits it best; the whole of
    it where there are none.
    """
    if len(windows) == 0:
        return max(last - first, 1)
    return int(np.min(np.maximum(windows[:, 0] - first, 0) + np.maximum(last - windows[:, 1], 0)))
