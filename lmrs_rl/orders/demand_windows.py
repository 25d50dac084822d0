"""The delivery windows of tanks, before they are clipped to access hours."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lmrs_rl.domain import Network, OrderParameters, Snapshot
from lmrs_rl.domain.arrays import (
    HOURS_PER_DAY,
    MINUTES_PER_DAY,
    MINUTES_PER_HOUR,
    BoolArray,
    FloatArray,
)
from lmrs_rl.orders.levels import pulled_hit_level
from lmrs_rl.orders.projection import Projection
from lmrs_rl.orders.windows import ServiceWindow, service_window

MIN_DROP_SHARE = 1e-3
"""Smallest drop worth an order, as a share of the tank's capacity; the tank's own minimum drop may
be larger.
"""


@dataclass(frozen=True, eq=False)
class DemandWindows:
    """Windows in which tanks should be served; arrays (n,), hours from now.

    Attributes
    ----------
    needs_order : whether the tank gets an order if access hours leave some of its window
    due_h : when the level reaches ``h' + x``
    opens_h : when the window opens: at ``due_h``, or once the minimum drop fits if that is later
    closes_h : when it closes
    stockout_h : when the level reaches the plain ``h``
    truckload_kg : [kg] payload of the largest vehicle allowed at the tank
    min_drop_kg : [kg] smallest drop, see `effective_min_drop`
    fill_days : [days] after the window opens at which the room for ``q_max`` is measured
    projection : of the levels
    """

    needs_order: BoolArray
    due_h: FloatArray
    opens_h: FloatArray
    closes_h: FloatArray
    stockout_h: FloatArray
    truckload_kg: FloatArray
    min_drop_kg: FloatArray
    fill_days: FloatArray
    projection: Projection


def make_demand_windows(
    network: Network, projection: Projection, parameters: OrderParameters, horizon_h: float
) -> DemandWindows:
    """The window of each tank within the next ``horizon_h`` hours, by the rules stated at
    `lmrs_rl.orders.make_orders`.
    """
    tanks = network.tanks
    truckload, hit = network.full_truckload_kg(), pulled_hit_level(network)
    x = np.minimum(parameters.x_kg, tanks.capacity_kg - hit)
    due, closes, stockout = projection.hours_to_level(np.stack([hit + x, hit, tanks.hit_level_kg]))
    # An overdue tank is better served late than never, and one that runs out within a day cannot
    # wait for tomorrow's plan.
    closes = np.where(
        (closes <= due) | (stockout <= HOURS_PER_DAY), np.maximum(stockout, horizon_h), closes
    )
    min_drop = effective_min_drop(network)
    opens = np.maximum(due, projection.hours_until_room(tanks.capacity_kg, min_drop))
    # The truckload is compared with 0 too: where no vehicle may come the minimum drop may be 0.
    needs_order = (
        (truckload > 0) & (truckload >= min_drop) & (opens <= closes) & (opens <= horizon_h)
    )
    return DemandWindows(
        needs_order,
        due,
        opens,
        closes,
        stockout,
        truckload,
        min_drop,
        parameters.fill_days,
        projection,
    )


def effective_min_drop(network: Network) -> FloatArray:
    """(n,) [kg] the tank's minimum drop, but at least `MIN_DROP_SHARE` of the tank, or a truckload
    if that is less.

    Never 0, since a stop without a drop would count as service.
    """
    tanks = network.tanks
    return np.asarray(
        np.maximum(
            tanks.min_drop_kg,
            np.minimum(MIN_DROP_SHARE * tanks.capacity_kg, network.full_truckload_kg()),
        ),
        dtype=np.float64,
    )


def clip_to_access_hours(
    network: Network,
    snapshot: Snapshot,
    windows: DemandWindows,
    tank: int,
    horizon_h: float,
    *,
    instant: bool = False,
) -> ServiceWindow | None:
    """A tank's demand window clipped to access hours, ``None`` if nothing is left.

    ``instant`` treats service as taking no time, which tells closed access hours from access hours
    that are too short.
    """
    now, tanks = snapshot.time_min, network.tanks

    def q_max(minute: int) -> float:
        hour = (minute - now) / MINUTES_PER_HOUR
        room = windows.projection.safe_room(tanks.capacity_kg, tank, hour)
        return min(room, float(windows.truckload_kg[tank]))

    return service_window(
        now + float(windows.opens_h[tank]) * MINUTES_PER_HOUR,
        now + float(windows.closes_h[tank]) * MINUTES_PER_HOUR,
        now + horizon_h * MINUTES_PER_HOUR,
        tanks.access_min[tank],
        0 if instant else int(tanks.setup_min[tank]),
        np.inf if instant else float(tanks.unload_kg_per_min[tank]),
        q_max,
        float(windows.fill_days[tank]) * MINUTES_PER_DAY,
    )
