"""One function from what is known and what the dispatcher chose to the orders of the next days.

The rules are those of the design's section 1; its symbols are used in comments.
"""

from __future__ import annotations

import numpy as np

from lmrs_rl.domain import Forecast, InputError, Network, Order, OrderParameters, Snapshot
from lmrs_rl.domain.arrays import HOURS_PER_DAY, FloatArray, IntArray
from lmrs_rl.orders.call_in import call_in_orders
from lmrs_rl.orders.demand_windows import (
    DemandWindows,
    clip_to_access_hours,
    least_drop,
    make_demand_windows,
)
from lmrs_rl.orders.projection import project
from lmrs_rl.orders.windows import ServiceWindow

NEVER_H = 1e9
"""[h] Stands in for an infinite time to stock-out in the formulas, where 0 * inf has no value."""


def make_orders(
    network: Network,
    snapshot: Snapshot,
    forecast: Forecast,
    parameters: OrderParameters,
    *,
    horizon_h: float = 120.0,
) -> tuple[Order, ...]:
    """The orders whose window overlaps the next ``horizon_h`` hours: tanks in network order, then
    orders called in.

    A tank gets at most one order. Its window opens when the projected level reaches ``h' + x`` and
    closes when it reaches ``h'`` (`pulled_hit_level`), both after the deliveries on the way. A tank
    that is overdue, or will be at its plain ``h`` before tomorrow's plan can help it, is better
    served late than never: where the level is at or under ``h'`` when the window opens, or reaches
    ``h`` within a day, it stays open until the level reaches the plain ``h`` or for ``horizon_h``
    hours, whichever is longer. Windows are cut to the minutes at which service fits into access
    hours; a tank of which nothing is left gets no order, nor does a tank that no vehicle may visit
    (`left_out` tells which and why).

    ``q_max`` is the room ``fill_days`` after the first moment of the cut window, at most a full
    truckload: with 0 a drop fits whenever it comes within the window; with more, one that comes
    before is cut to the room that there is. Where the room as the window opens is less than the
    least drop, the window opens later. Days until dry and hours until stock-out count from now to
    when the level reaches the plain ``h``.

    Parameters
    ----------
    horizon_h : [h] > 0

    Raises
    ------
    InputError
        For a forecast or parameters that do not belong to this network and morning, or a
        ``horizon_h`` that is not positive.
    """
    wish = demand_windows_of(network, snapshot, forecast, parameters, horizon_h)
    cuts = [
        (tank, clip_to_access_hours(network, snapshot, wish, tank, horizon_h))
        for tank in np.flatnonzero(wish.wanted).tolist()
    ]
    kept = [(tank, window) for tank, window in cuts if window is not None]
    return _orders(network, wish, parameters, kept) + call_in_orders(
        network, snapshot, parameters.call_in_penalty, horizon_h
    )


def demand_windows_of(
    network: Network,
    snapshot: Snapshot,
    forecast: Forecast,
    parameters: OrderParameters,
    horizon_h: float,
) -> DemandWindows:
    """What tanks ask for on a morning; raises as `make_orders` does."""
    check_parameters(network, parameters, horizon_h)
    return make_demand_windows(
        network, project(network, snapshot, forecast, parameters.z), parameters, horizon_h
    )


def check_parameters(network: Network, parameters: OrderParameters, horizon_h: float) -> None:
    """Refuse what cannot become orders of this network (`InputError`)."""
    if not horizon_h > 0 or not np.isfinite(horizon_h):
        raise InputError(
            "horizon_h", horizon_h, "hours, more than 0 and finite", "120 h is five days"
        )
    if len(parameters.x_kg) != network.n_tanks:
        raise InputError(
            "parameters.x_kg",
            f"{len(parameters.x_kg)} tanks",
            f"{network.n_tanks} tanks",
            "decide for each tank of the network",
        )


def _orders(
    network: Network,
    wish: DemandWindows,
    parameters: OrderParameters,
    kept: list[tuple[int, ServiceWindow]],
) -> tuple[Order, ...]:
    who = np.array([tank for tank, _ in kept], dtype=np.int64)
    q_max = np.array([window.q_max_kg for _, window in kept], dtype=np.float64)
    q_min = least_quantity(network, wish.stockout_h, q_max, parameters, who)
    price = penalty(wish.stockout_h, q_max, parameters, who)
    columns = zip(
        kept,
        q_min.tolist(),
        price.tolist(),
        wish.stockout_h[who].tolist(),
        parameters.value_per_kg[who].tolist(),
        strict=True,
    )
    # All at once; where something is wrong the order itself says what.
    sound = np.all((q_min >= 0) & (q_min <= q_max) & (q_max > 0) & (price >= 0) & (price < np.inf))
    make = Order.trusted if sound else Order
    return tuple(
        make(tank, window.windows_h, low, window.q_max_kg, p, stockout, value)
        for (tank, window), low, p, stockout, value in columns
    )


def least_quantity(
    network: Network,
    stockout_h: FloatArray,
    q_max_kg: FloatArray,
    parameters: OrderParameters,
    who: IntArray,
) -> FloatArray:
    """``q_min = (a * dT_d + b) * q_max``, (k,) [kg], at least the floor and the least drop, at most
    ``q_max``.

    The least drop is never 0 (`least_drop`): a stop without a drop would count as service.
    ``who`` (k,) are tank numbers, ``q_max_kg`` (k,) theirs, ``stockout_h`` (n,) of all tanks.
    """
    days = np.minimum(stockout_h[who], NEVER_H) / HOURS_PER_DAY
    share = np.clip(parameters.a[who] * days + parameters.b[who], parameters.q_min_floor[who], 1.0)
    return np.asarray(
        np.minimum(np.maximum(share * q_max_kg, least_drop(network)[who]), q_max_kg),
        dtype=np.float64,
    )


def penalty(
    stockout_h: FloatArray, q_max_kg: FloatArray, parameters: OrderParameters, who: IntArray
) -> FloatArray:
    """``P = alpha * exp(-beta * dT_h^2)`` and the value of ``q_max``, (k,) [currency]; arguments
    as in `least_quantity`.
    """
    hours = np.minimum(stockout_h[who], NEVER_H)
    urgency = np.exp(-parameters.beta[who] * hours**2)
    return np.asarray(
        parameters.alpha[who] * urgency + parameters.value_per_kg[who] * q_max_kg, dtype=np.float64
    )
