"""Orders of customers who call in."""

from __future__ import annotations

import numpy as np

from lmrs_rl.domain import Network, Order, Snapshot
from lmrs_rl.domain.arrays import MINUTES_PER_HOUR
from lmrs_rl.orders.windows import cut


def call_in_orders(network: Network, snapshot: Snapshot, penalty: float, horizon_h: float) -> tuple[Order, ...]:
    """The snapshot's call-in orders whose window, cut by access hours, overlaps the next ``horizon_h`` hours.

    The quantity is cut to the payload of the largest vehicle that may come, unless not even the least quantity fits it:
    such an order stays as it is, and shows as missed in every plan. An order whose window is past is left out.
    """
    made = (_order(network, snapshot, k, penalty, horizon_h) for k in range(len(snapshot.call_in_orders)))
    return tuple(order for order in made if order is not None)


def _order(network: Network, snapshot: Snapshot, k: int, penalty: float, horizon_h: float) -> Order | None:
    called, customers, now = snapshot.call_in_orders, network.customers, snapshot.time_min
    who, low, high = int(called.customer[k]), float(called.min_kg[k]), float(called.max_kg[k])
    may_come = customers.vehicle_allowed[who] & network.vehicles.product_allowed[:, customers.product[who]]
    truckload = float(np.max(network.vehicles.capacity_kg, where=may_come, initial=0.0))
    high = min(high, truckload) if 0 < truckload >= low else high
    window = cut(
        max(int(called.earliest_min[k]), now),
        int(called.latest_min[k]),
        now + horizon_h * MINUTES_PER_HOUR,
        customers.access_min[who],
        int(customers.setup_min[who]),
        float(customers.unload_kg_per_min[who]),
        lambda _: high,
    )
    return None if window is None else Order(who, window.windows_h, low, high, penalty)
