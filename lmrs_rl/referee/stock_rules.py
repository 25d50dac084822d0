"""Rules about customers' stock and orders: levels, hit levels, call-in orders served."""

from __future__ import annotations

import numpy as np

from lmrs_rl.domain import CallInOrders
from lmrs_rl.domain.arrays import BoolArray, FloatArray
from lmrs_rl.referee.evidence import EPS, Evidence, intervals
from lmrs_rl.referee.trip_rules import Rule, violations_of
from lmrs_rl.referee.verdict import Violation


def _levels_within_capacity(e: Evidence) -> list[Violation]:
    """DYN01: at the end of every hour a tank's level lies between 0 and its capacity.

    Besides, the drops of an hour sum to at least 0.
    """
    unmet, negative = e.levels.unmet_kg, -e.levels.dropped_kg
    over = e.levels.level_kg - e.network.tanks.capacity_kg
    # Unmet demand adds up over the hours, while an overflow of one hour is still there in the next.
    return [
        *_interval_violations("DYN01", e, unmet, unmet > EPS, "dry", total=True),
        *_interval_violations("DYN01", e, over, over > EPS, "overflow"),
        *_interval_violations("DYN01", e, negative, negative > EPS, "negative drops"),
    ]


def _above_hit_level(e: Evidence) -> list[Violation]:
    """QS02: at the end of every hour a tank holds at least its hit level."""
    short = e.network.tanks.hit_level_kg - e.levels.level_kg
    return _interval_violations("QS02", e, short, short > EPS, "under the hit level")


def _orders_served(e: Evidence) -> list[Violation]:
    """QS01: the drops that arrive in the window of a call-in order sum to its quantity.

    Orders count whose window ends within the days.
    """
    orders, start, stops = e.days.call_in_orders, e.days.start, e.stops
    due = (
        (orders.latest_min >= start.time_min)
        & (orders.latest_min <= e.days.end_min)
        & ~_done_before(e)
    )
    result = []
    for k in np.flatnonzero(due).tolist():
        customer = int(orders.customer[k])
        in_window = (
            stops.drop
            & (stops.place == customer)
            & (stops.arrival_min >= orders.earliest_min[k])
            & (stops.arrival_min <= orders.latest_min[k])
        )
        kg = float(stops.kg[in_window].sum())
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


def _drops_ordered(e: Evidence) -> list[Violation]:
    """QS03: every drop at a call-in customer with orders arrives in the window of one of them."""
    orders, stops = e.days.call_in_orders, e.stops
    bad = stops.drop & np.isin(stops.place, orders.customer)
    for row in np.flatnonzero(bad).tolist():
        arrival = stops.arrival_min[row]
        bad[row] = not np.any(
            (orders.customer == stops.place[row])
            & (orders.earliest_min <= arrival)
            & (arrival <= orders.latest_min)
        )
    return violations_of("QS03", bad, e.stop_name)


def _done_before(e: Evidence) -> BoolArray:
    """(m,) orders that need no drop of these trips: served before, or in transit at the start.

    They were announced before the days start, and the snapshot does not list them any more.
    """
    orders = e.days.call_in_orders
    open_orders = set(_order_keys(e.days.start.call_in_orders))
    closed = np.array([key not in open_orders for key in _order_keys(orders)], dtype=np.bool_)
    return np.asarray(closed & (orders.announced_min < e.days.start.time_min), dtype=np.bool_)


def _order_keys(orders: CallInOrders) -> list[tuple[int, int, int]]:
    """Customer and window of each order, which identify it."""
    columns = (orders.customer, orders.earliest_min, orders.latest_min)
    return list(zip(*(column.tolist() for column in columns), strict=True))


def _interval_violations(
    code: str, e: Evidence, excess: FloatArray, bad: BoolArray, what: str, *, total: bool = False
) -> list[Violation]:
    """One violation for each interval of consecutive bad hours of a tank.

    Its excess [kg] is the worst of the interval, or the total.
    """
    measure = np.sum if total else np.max
    return [
        Violation(
            code,
            f"tank {e.network.tanks.ids[tank]}, {what} in hours {first} to {last}",
            float(measure(excess[first : last + 1, tank])),
            "kg",
        )
        for tank, first, last in intervals(bad)
    ]


STOCK_RULES: tuple[Rule, ...] = (
    _levels_within_capacity,
    _above_hit_level,
    _orders_served,
    _drops_ordered,
)
