"""The delivery windows that tanks ask for, before access hours cut them."""

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

LEAST_SHARE = 1e-3
"""Share of a tank's capacity under which no delivery is worth an order; the tank's minimum drop
may ask for more.
"""


@dataclass(frozen=True, eq=False)
class DemandWindows:
    """Windows before access hours; arrays (n,), hours from now.

    Attributes
    ----------
    wanted : whether the tank is to be ordered for if access hours leave some of its window
    due_h : when the level reaches ``h' + x``
    early_h : when the window opens: at ``due_h``, or later where the least drop does not fit before
    late_h : when it closes
    stockout_h : when the level reaches the plain ``h``
    truckload_kg : [kg] payload of the largest vehicle that may come
    least_kg : [kg] under which no drop is made
    fill_days : [days] after the window opens, when the room for the most is counted
    projection : of the levels
    """

    wanted: BoolArray
    due_h: FloatArray
    early_h: FloatArray
    late_h: FloatArray
    stockout_h: FloatArray
    truckload_kg: FloatArray
    least_kg: FloatArray
    fill_days: FloatArray
    projection: Projection


def make_demand_windows(
    network: Network, projection: Projection, parameters: OrderParameters, horizon_h: float
) -> DemandWindows:
    """What each tank asks for within the next ``horizon_h`` hours; the rules are told at
    `lmrs_rl.orders.make_orders`.
    """
    tanks = network.tanks
    truckload, hit = network.full_truckload_kg(), pulled_hit_level(network)
    x = np.minimum(parameters.x_kg, tanks.capacity_kg - hit)
    due, late, stockout = projection.reaches(np.stack([hit + x, hit, tanks.hit_level_kg]))
    late = np.where(
        (late <= due) | (stockout <= HOURS_PER_DAY), np.maximum(stockout, horizon_h), late
    )
    least = least_drop(network)
    early = np.maximum(due, projection.fits(tanks.capacity_kg, least))
    wanted = (truckload > 0) & (truckload >= least) & (early <= late) & (early <= horizon_h)
    return DemandWindows(
        wanted, due, early, late, stockout, truckload, least, parameters.fill_days, projection
    )


def least_drop(network: Network) -> FloatArray:
    """(n,) [kg] the tank's minimum drop, but no less than is worth an order: `LEAST_SHARE` of
    the tank, or a truckload if that is less.
    """
    tanks = network.tanks
    return np.asarray(
        np.maximum(
            tanks.min_drop_kg,
            np.minimum(LEAST_SHARE * tanks.capacity_kg, network.full_truckload_kg()),
        ),
        dtype=np.float64,
    )


def clip_to_access_hours(
    network: Network,
    snapshot: Snapshot,
    wish: DemandWindows,
    tank: int,
    horizon_h: float,
    *,
    instant: bool = False,
) -> ServiceWindow | None:
    """What access hours leave of a tank's window, ``None`` where that is nothing; ``instant``:
    as if service took no time.
    """
    now, tanks = snapshot.time_min, network.tanks

    def most(minute: int) -> float:
        room = wish.projection.safe_room(tanks.capacity_kg, tank, (minute - now) / MINUTES_PER_HOUR)
        return min(room, float(wish.truckload_kg[tank]))

    return service_window(
        now + float(wish.early_h[tank]) * MINUTES_PER_HOUR,
        now + float(wish.late_h[tank]) * MINUTES_PER_HOUR,
        now + horizon_h * MINUTES_PER_HOUR,
        tanks.access_min[tank],
        0 if instant else int(tanks.setup_min[tank]),
        np.inf if instant else float(tanks.unload_kg_per_min[tank]),
        most,
        float(wish.fill_days[tank]) * MINUTES_PER_DAY,
    )
