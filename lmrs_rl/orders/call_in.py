"""Orders of customers who call in."""

from __future__ import annotations

import numpy as np

from lmrs_rl.domain import Network, Order, Snapshot
from lmrs_rl.domain.arrays import MINUTES_PER_HOUR
from lmrs_rl.orders.windows import ServiceWindow, service_window


def call_in_orders(
    network: Network, snapshot: Snapshot, penalty: float, horizon_h: float
) -> tuple[Order, ...]:
    """The snapshot's call-in orders whose window, cut by access hours, overlaps the next
    ``horizon_h`` hours.

    The quantity is cut to the payload of the largest vehicle that may come, unless not even the
    least quantity fits it: such an order stays as it is, and shows as missed in every plan. An
    order whose window is past is left out.
    """
    called = snapshot.call_in_orders
    cuts = ((k, cut_call_in(network, snapshot, k, horizon_h)) for k in range(len(called)))
    return tuple(
        Order(
            int(called.customer[k]),
            window.windows_h,
            float(called.min_kg[k]),
            window.q_max_kg,
            penalty,
        )
        for k, window in cuts
        if window is not None
    )


def cut_call_in(
    network: Network, snapshot: Snapshot, k: int, horizon_h: float, *, instant: bool = False
) -> ServiceWindow | None:
    """What access hours leave of the window of call-in order ``k``, ``None`` where that is
    nothing; ``instant``: as if service took no time.
    """
    called, customers, now = snapshot.call_in_orders, network.customers, snapshot.time_min
    who, low, high = int(called.customer[k]), float(called.min_kg[k]), float(called.max_kg[k])
    may_come = (
        customers.vehicle_allowed[who] & network.vehicles.product_allowed[:, customers.product[who]]
    )
    truckload = float(np.max(network.vehicles.capacity_kg, where=may_come, initial=0.0))
    high = min(high, truckload) if 0 < truckload >= low else high
    return service_window(
        max(int(called.earliest_min[k]), now),
        int(called.latest_min[k]),
        now + horizon_h * MINUTES_PER_HOUR,
        customers.access_min[who],
        0 if instant else int(customers.setup_min[who]),
        np.inf if instant else float(customers.unload_kg_per_min[who]),
        lambda _: high,
    )
