"""Rules about what customers get: tanks between empty and full and over their hit level, orders
served.
"""

from __future__ import annotations

import numpy as np

from lmrs_rl.domain.arrays import BoolArray, FloatArray
from lmrs_rl.referee.evidence import EPS, Evidence, runs
from lmrs_rl.referee.trip_rules import Rule, found
from lmrs_rl.referee.verdict import Violation


def neither_dry_nor_over(e: Evidence) -> list[Violation]:
    """DYN01: at the end of every hour a tank holds from nothing to its capacity, and drops of an
    hour sum to at least 0.
    """
    over = e.levels.level_kg - e.network.tanks.capacity_kg
    return [
        *_stretches("DYN01", e, e.levels.unmet_kg, e.levels.unmet_kg > EPS, "dry", total=True),
        *_stretches("DYN01", e, over, over > EPS, "overflow"),
        *_stretches("DYN01", e, -e.levels.dropped_kg, e.levels.dropped_kg < -EPS, "negative drops"),
    ]


def above_hit_level(e: Evidence) -> list[Violation]:
    """QS02: at the end of every hour a tank holds at least its hit level."""
    short = e.network.tanks.hit_level_kg - e.levels.level_kg
    return _stretches("QS02", e, short, short > EPS, "under the hit level")


def orders_served(e: Evidence) -> list[Violation]:
    """QS01: for each call-in order that ends within the days, the drops that arrive in its
    window sum to its quantity.
    """
    orders, start, calls = e.days.call_in_orders, e.days.start, e.calls
    due = (
        (orders.latest_min >= start.time_min)
        & (orders.latest_min <= e.days.end_min)
        & ~_done_before(e)
    )
    result = []
    for k in np.flatnonzero(due).tolist():
        customer = int(orders.customer[k])
        here = (
            calls.drop
            & (calls.place == customer)
            & (calls.arrival_min >= orders.earliest_min[k])
            & (calls.arrival_min <= orders.latest_min[k])
        )
        kg = float(calls.kg[here].sum())
        excess = max(float(orders.min_kg[k]) - kg, kg - float(orders.max_kg[k]))
        if excess > EPS:
            result.append(
                Violation(
                    "QS01",
                    f"order {k} of {e.network.customers.ids[customer]}, {kg:g} kg delivered",
                    excess,
                    "kg",
                )
            )
    return result


def drops_ordered(e: Evidence) -> list[Violation]:
    """QS03: every drop at a call-in customer with orders arrives in the window of one of them."""
    orders, calls = e.days.call_in_orders, e.calls
    bad = calls.drop & np.isin(calls.place, orders.customer)
    for row in np.flatnonzero(bad).tolist():
        arrival = calls.arrival_min[row]
        bad[row] = not np.any(
            (orders.customer == calls.place[row])
            & (orders.earliest_min <= arrival)
            & (arrival <= orders.latest_min)
        )
    return found("QS03", bad, e.stop_name)


def _done_before(e: Evidence) -> BoolArray:
    """(m,) orders that became known before the days start and that the snapshot has no more:
    served, or on their way.
    """
    every, known = e.days.call_in_orders, e.days.start.call_in_orders
    waiting = set(
        zip(
            known.customer.tolist(),
            known.earliest_min.tolist(),
            known.latest_min.tolist(),
            strict=True,
        )
    )
    keys = zip(
        every.customer.tolist(), every.earliest_min.tolist(), every.latest_min.tolist(), strict=True
    )
    gone = np.array([key not in waiting for key in keys], dtype=np.bool_)
    return np.asarray(gone & (every.announced_min < e.days.start.time_min), dtype=np.bool_)


def _stretches(
    code: str, e: Evidence, excess: FloatArray, bad: BoolArray, what: str, *, total: bool = False
) -> list[Violation]:
    """One violation for each unbroken stretch of bad hours of a tank, with its worst excess [kg]
    or the total.
    """
    measure = np.sum if total else np.max
    return [
        Violation(
            code,
            f"tank {e.network.tanks.ids[tank]}, {what} in hours {first} to {last}",
            float(measure(excess[first : last + 1, tank])),
            "kg",
        )
        for tank, first, last in runs(bad)
    ]


STOCK_RULES: tuple[Rule, ...] = (
    neither_dry_nor_over,
    above_hit_level,
    orders_served,
    drops_ordered,
)
