"""Orders of customers who call in."""

from __future__ import annotations

import numpy as np

from lmrs_rl.domain import Network, Order, Snapshot
from lmrs_rl.domain.arrays import MINUTES_PER_HOUR
from lmrs_rl.orders.windows import ServiceWindow, service_window


def call_in_orders(
    network: Network, snapshot: Snapshot, penalty: float, horizon_h: float
) -> tuple[Order, ...]:
    """The snapshot's call-in orders whose window, clipped to access hours, overlaps the next
    ``horizon_h`` hours.

    The quantity is limited to the payload of the largest vehicle allowed at the customer, unless
    even the minimum quantity exceeds it: such an order stays as it is and shows as missed in every
    plan. An order whose window has closed gives none.
    """
    called = snapshot.call_in_orders
    windows = ((k, call_in_window(network, snapshot, k, horizon_h)) for k in range(len(called)))
    return tuple(
        Order(
            int(called.customer[k]),
            window.windows_h,
            float(called.min_kg[k]),
            window.q_max_kg,
            penalty,
        )
        for k, window in windows
        if window is not None
    )


def call_in_window(
    network: Network, snapshot: Snapshot, k: int, horizon_h: float, *, instant: bool = False
) -> ServiceWindow | None:
    """The window of call-in order ``k`` clipped to access hours, ``None`` if nothing is left.

    ``instant`` treats service as taking no time, which tells closed access hours from access hours
    that are too short.
    """
    called, customers, now = snapshot.call_in_orders, network.customers, snapshot.time_min
    customer, low, high = int(called.customer[k]), float(called.min_kg[k]), float(called.max_kg[k])
    may_serve = (
        customers.vehicle_allowed[customer]
        & network.vehicles.product_allowed[:, customers.product[customer]]
    )
    truckload = float(np.max(network.vehicles.capacity_kg, where=may_serve, initial=0.0))
    high = min(high, truckload) if 0 < truckload >= low else high
    return service_window(
        max(int(called.earliest_min[k]), now),
        int(called.latest_min[k]),
        now + horizon_h * MINUTES_PER_HOUR,
        customers.access_min[customer],
        0 if instant else int(customers.setup_min[customer]),
        np.inf if instant else float(customers.unload_kg_per_min[customer]),
        lambda _: high,
    )
