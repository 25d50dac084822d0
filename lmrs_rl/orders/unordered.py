"""Explains which customers are due but get no order: each reason is a rule of `make_orders`,
checked in turn.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from lmrs_rl.domain import Forecast, Network, OrderParameters, Snapshot
from lmrs_rl.domain.arrays import HOURS_PER_DAY, MINUTES_PER_HOUR
from lmrs_rl.orders.call_in import call_in_window
from lmrs_rl.orders.demand_windows import DemandWindows, clip_to_access_hours
from lmrs_rl.orders.make import demand_windows_of
from lmrs_rl.orders.windows import EPS_MIN, ServiceWindow


class NoOrder(StrEnum):
    """Why a customer gets no order; the reasons are checked in this order."""

    NO_VEHICLE = "no vehicle may come"
    TOO_LARGE = "the minimum drop is larger than any truck that may come"
    NO_ROOM = "the minimum drop does not fit in time"
    NO_ACCESS = "no access hours within its window"
    TOO_SHORT = "access hours within its window are too short"
    OVER = "its window is over"


@dataclass(frozen=True)
class UnorderedCustomer:
    """A customer who is due within the horizon but gets no order.

    Attributes
    ----------
    customer : customer number
    reason : the first rule that prevents an order
    detail : the reason with its figures, as text for people
    stockout_h : [h] from now until the projected level reaches the hit level; infinite for a
        call-in order
    """

    customer: int
    reason: NoOrder
    detail: str
    stockout_h: float


def due_without_order(
    network: Network,
    snapshot: Snapshot,
    forecast: Forecast,
    parameters: OrderParameters,
    *,
    horizon_h: float = 120.0,
) -> tuple[UnorderedCustomer, ...]:
    """Customers who are due within ``horizon_h`` hours but get no order from `make_orders` with
    the same arguments: tanks in network order, then call-in orders.

    A tank is due when its projected level reaches ``h' + x``, or the hit level, within the horizon.
    Raises as `make_orders` does.
    """
    windows = demand_windows_of(network, snapshot, forecast, parameters, horizon_h)
    due = (windows.due_h <= horizon_h) | (windows.stockout_h <= horizon_h)
    tanks = (
        _unordered_tank(network, snapshot, windows, tank, horizon_h)
        for tank in np.flatnonzero(due).tolist()
    )
    call_ins = _unordered_call_ins(network, snapshot, horizon_h)
    return tuple(found for found in (*tanks, *call_ins) if found is not None)


def _unordered_tank(
    network: Network, snapshot: Snapshot, windows: DemandWindows, tank: int, horizon_h: float
) -> UnorderedCustomer | None:
    truckload, min_drop = float(windows.truckload_kg[tank]), float(windows.min_drop_kg[tank])

    def because(reason: NoOrder, detail: str) -> UnorderedCustomer:
        return UnorderedCustomer(tank, reason, detail, float(windows.stockout_h[tank]))

    if truckload <= 0:
        product = network.products[network.tanks.product[tank]]
        return because(NoOrder.NO_VEHICLE, f"no vehicle that may carry {product} is allowed there")
    if truckload < min_drop:
        return because(
            NoOrder.TOO_LARGE,
            f"at least {min_drop:,.0f} kg, and the largest truck that may come carries "
            f"{truckload:,.0f} kg",
        )
    if not windows.needs_order[tank]:
        return because(
            NoOrder.NO_ROOM,
            f"{min_drop:,.0f} kg fit {_when(windows.opens_h[tank])}, the window closes "
            f"{_when(min(windows.closes_h[tank], horizon_h))}",
        )
    if clip_to_access_hours(network, snapshot, windows, tank, horizon_h) is not None:
        return None
    now, horizon = snapshot.time_min, snapshot.time_min + horizon_h * MINUTES_PER_HOUR
    early = now + float(windows.opens_h[tank]) * MINUTES_PER_HOUR
    late = min(now + float(windows.closes_h[tank]) * MINUTES_PER_HOUR, horizon)
    instant = clip_to_access_hours(network, snapshot, windows, tank, horizon_h, instant=True)
    return because(*_access_reason(network, tank, early, late, instant))


def _unordered_call_ins(
    network: Network, snapshot: Snapshot, horizon_h: float
) -> Iterator[UnorderedCustomer]:
    called, now = snapshot.call_in_orders, snapshot.time_min
    horizon = now + horizon_h * MINUTES_PER_HOUR
    for k in range(len(called)):
        customer, late = int(called.customer[k]), int(called.latest_min[k])
        early = max(int(called.earliest_min[k]), now)
        if early > horizon or call_in_window(network, snapshot, k, horizon_h) is not None:
            continue
        if late < now:
            yield UnorderedCustomer(customer, NoOrder.OVER, f"it closed at {_clock(late)}", np.inf)
            continue
        instant = call_in_window(network, snapshot, k, horizon_h, instant=True)
        reason, detail = _access_reason(network, customer, early, min(late, horizon), instant)
        yield UnorderedCustomer(customer, reason, detail, np.inf)


def _access_reason(
    network: Network, customer: int, early: float, late: float, instant: ServiceWindow | None
) -> tuple[NoOrder, str]:
    """Why access hours leave nothing of [``early``, ``late``] [min]: there are none, or all are
    shorter than service.

    ``instant`` is what would be left if service took no time.
    """
    customers, hours = network.customers, network.customers.access_min[customer]
    if instant is None:
        later = hours[hours[:, 0] > early, 0]
        opens = f", it opens at {_clock(float(later[0]))}" if len(later) else ""
        return (
            NoOrder.NO_ACCESS,
            f"nobody may come between {_clock(early)} and {_clock(late)}{opens}",
        )
    service = int(
        customers.setup_min[customer]
        + np.ceil(instant.q_max_kg / customers.unload_kg_per_min[customer] - EPS_MIN)
    )
    within = hours[(hours[:, 1] >= early) & (hours[:, 0] <= late)]
    longest = int(np.max(within[:, 1] - np.maximum(within[:, 0], np.ceil(early))))
    return (
        NoOrder.TOO_SHORT,
        f"{instant.q_max_kg:,.0f} kg take {service:,} min, the longest opening from "
        f"{_clock(early)} on lasts {longest:,} min",
    )


def _when(hours: float) -> str:
    return f"in {hours:,.0f} h" if np.isfinite(hours) else "never"


def _clock(minute: float) -> str:
    """A minute on the network's clock as day and time of day; the first day is 0."""
    hour, rest = divmod(int(minute), MINUTES_PER_HOUR)
    return f"{hour // HOURS_PER_DAY}d {hour % HOURS_PER_DAY:02d}:{rest:02d}"
