"""Customers who are due and get no order all the same, and why: each reason is a rule of the
orders put to the test.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from lmrs_rl.domain import Forecast, Network, OrderParameters, Snapshot
from lmrs_rl.domain.arrays import HOURS_PER_DAY, MINUTES_PER_HOUR
from lmrs_rl.orders.call_in import cut_call_in
from lmrs_rl.orders.demand_windows import DemandWindows, clip_to_access_hours
from lmrs_rl.orders.make import demand_windows_of
from lmrs_rl.orders.windows import EPS_MIN, ServiceWindow


class NoOrder(StrEnum):
    """Why there is no order, in the order in which it is asked."""

    NO_VEHICLE = "no vehicle may come"
    TOO_LARGE = "the minimum drop is larger than any truck that may come"
    NO_ROOM = "the minimum drop does not fit in time"
    NO_ACCESS = "no access hours within its window"
    TOO_SHORT = "access hours within its window are too short"
    OVER = "its window is over"


@dataclass(frozen=True)
class UnorderedCustomer:
    """A customer who is due within the horizon and for whom no order is made.

    Attributes
    ----------
    customer : customer number
    reason : why
    detail : the same in numbers, in words
    stockout_h : [h] from now until the projected level reaches the hit level; infinite for an order
        called in
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
    """Who is due within ``horizon_h`` hours but not in `make_orders` of the same arguments: tanks
    in network order, then orders called in.

    A tank is due when its projected level reaches ``h' + x``, or the hit level, within the horizon.
    Raises as `make_orders` does.
    """
    wish = demand_windows_of(network, snapshot, forecast, parameters, horizon_h)
    due = (wish.due_h <= horizon_h) | (wish.stockout_h <= horizon_h)
    tanks = (
        _tank(network, snapshot, wish, tank, horizon_h) for tank in np.flatnonzero(due).tolist()
    )
    return tuple(
        found for found in (*tanks, *_call_ins(network, snapshot, horizon_h)) if found is not None
    )


def _tank(
    network: Network, snapshot: Snapshot, wish: DemandWindows, tank: int, horizon_h: float
) -> UnorderedCustomer | None:
    truckload, least = float(wish.truckload_kg[tank]), float(wish.least_kg[tank])

    def because(reason: NoOrder, detail: str) -> UnorderedCustomer:
        return UnorderedCustomer(tank, reason, detail, float(wish.stockout_h[tank]))

    if truckload <= 0:
        product = network.products[network.tanks.product[tank]]
        return because(NoOrder.NO_VEHICLE, f"no vehicle that may carry {product} is allowed there")
    if truckload < least:
        return because(
            NoOrder.TOO_LARGE,
            f"at least {least:,.0f} kg, and the largest truck that may come carries "
            f"{truckload:,.0f} kg",
        )
    if not wish.wanted[tank]:
        return because(
            NoOrder.NO_ROOM,
            f"{least:,.0f} kg fit {_when(wish.early_h[tank])}, the window closes "
            f"{_when(min(wish.late_h[tank], horizon_h))}",
        )
    if clip_to_access_hours(network, snapshot, wish, tank, horizon_h) is not None:
        return None
    early, late = (
        snapshot.time_min + float(h) * MINUTES_PER_HOUR
        for h in (wish.early_h[tank], wish.late_h[tank])
    )
    instant = clip_to_access_hours(network, snapshot, wish, tank, horizon_h, instant=True)
    return because(
        *_access(
            network,
            tank,
            early,
            min(late, snapshot.time_min + horizon_h * MINUTES_PER_HOUR),
            instant,
        )
    )


def _call_ins(
    network: Network, snapshot: Snapshot, horizon_h: float
) -> Iterator[UnorderedCustomer | None]:
    called, now = snapshot.call_in_orders, snapshot.time_min
    until = now + horizon_h * MINUTES_PER_HOUR
    for k in range(len(called)):
        who, early, late = (
            int(called.customer[k]),
            max(int(called.earliest_min[k]), now),
            int(called.latest_min[k]),
        )
        if early > until or cut_call_in(network, snapshot, k, horizon_h) is not None:
            continue
        if late < now:
            yield UnorderedCustomer(who, NoOrder.OVER, f"it closed at {_clock(late)}", np.inf)
            continue
        instant = cut_call_in(network, snapshot, k, horizon_h, instant=True)
        yield UnorderedCustomer(
            who, *_access(network, who, early, min(late, until), instant), np.inf
        )


def _access(
    network: Network, customer: int, early: float, late: float, instant: ServiceWindow | None
) -> tuple[NoOrder, str]:
    """Why access hours leave nothing of [``early``, ``late``] [min]: there are none, or none as
    long as service takes.

    ``instant`` is what they leave where service takes no time.
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
    mine = hours[(hours[:, 1] >= early) & (hours[:, 0] <= late)]
    longest = int(np.max(mine[:, 1] - np.maximum(mine[:, 0], np.ceil(early))))
    return (
        NoOrder.TOO_SHORT,
        f"{instant.q_max_kg:,.0f} kg take {service:,} min, the longest opening from "
        f"{_clock(early)} on lasts {longest:,} min",
    )


def _when(hours: float) -> str:
    return f"in {hours:,.0f} h" if np.isfinite(hours) else "never"


def _clock(minute: float) -> str:
    """Minutes on the network's clock as day and time, the first day being 0."""
    hour, rest = divmod(int(minute), MINUTES_PER_HOUR)
    return f"{hour // HOURS_PER_DAY}d {hour % HOURS_PER_DAY:02d}:{rest:02d}"
