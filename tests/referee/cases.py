"""Short ways to say "the tiny world, but": networks, days and trips that differ from
`tests.tiny` in one thing.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from lmrs_rl.domain import CallInOrders, Days, Network, Snapshot, Stop, Trip
from lmrs_rl.referee import Verdict, judge
from tests import tiny


def network(call_ins: int = 0, **tables: dict[str, Any]) -> Network:
    """The tiny network with columns replaced: ``network(drivers={"max_driving_min": [119]})``."""
    base = tiny.network(call_ins)
    return replace(
        base, **{name: replace(getattr(base, name), **columns) for name, columns in tables.items()}
    )


def days(
    hours: int = 48, orders: CallInOrders | None = None, use_kg: Any = None, **start: Any
) -> Days:
    """``hours`` of the tiny world's steady use. After 48 h tank A, left alone, is exactly at its
    hit level.
    """
    known = CallInOrders.none() if orders is None else orders
    snapshot: Snapshot = replace(tiny.snapshot(), call_in_orders=known, **start)
    return Days("tiny", snapshot, tiny.use_kg(hours) if use_kg is None else use_kg, known)


def order(
    earliest: int = 0,
    latest: int = 1000,
    least: float = 80.0,
    most: float = 100.0,
    customer: int = tiny.CALL_IN,
) -> CallInOrders:
    """One call-in order, known from the start."""
    return CallInOrders(
        *(np.array([value]) for value in (customer, earliest, latest, least, most, 0))
    )


def with_stop(trip: Trip, k: int, **changes: Any) -> Trip:
    """The trip with its stop ``k`` changed."""
    stops = list(trip.stops)
    stops[k] = replace(stops[k], **changes)
    return replace(trip, stops=tuple(stops))


def later(trip: Trip, first: int, minutes: int) -> Trip:
    """The trip with everything from stop ``first`` on, the return included, ``minutes`` later."""
    moved = tuple(
        replace(
            stop, arrival_min=stop.arrival_min + minutes, departure_min=stop.departure_min + minutes
        )
        if k >= first
        else stop
        for k, stop in enumerate(trip.stops)
    )
    return replace(trip, stops=moved, end_min=trip.end_min + minutes)


def relaxed() -> Trip:
    """`tiny.trip` with ten minutes to spare before A, before B and before the return: departs A
    at 100, back at 230.
    """
    trip = later(later(tiny.trip(), 1, 10), 2, 10)
    return replace(trip, end_min=trip.end_min + 10)


def to_c(kg: float) -> Trip:
    """Plant, A, B, C, base: arrives at the call-in customer at 150, leaves at 180, is back at
    250.
    """
    trip = tiny.trip(loaded_kg=1000.0 + kg)
    return replace(trip, stops=(*trip.stops, Stop("drop", tiny.CALL_IN, 150, 180, kg)), end_min=250)


def verdict(*trips: Trip, on: Network | None = None, at: Days | None = None) -> Verdict:
    """The referee's verdict, by default in the tiny network over two days."""
    return judge(tiny.network() if on is None else on, days() if at is None else at, trips)


def told(verdict: Verdict) -> list[tuple[str, float]]:
    """Code and excess of every violation, excess rounded to a milligram."""
    return [(violation.code, round(violation.excess, 6)) for violation in verdict.violations]
