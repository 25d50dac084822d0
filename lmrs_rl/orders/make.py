"""Makes the orders of the next days from the stock, a forecast and the dispatcher's parameters.

Symbols are those of the rules in `docs/guide.md`, Order parameters.
"""

from __future__ import annotations

import numpy as np

from lmrs_rl.domain import Forecast, InputError, Network, Order, OrderParameters, Snapshot
from lmrs_rl.domain.arrays import HOURS_PER_DAY, FloatArray, IntArray
from lmrs_rl.orders.call_in import call_in_orders
from lmrs_rl.orders.demand_windows import (
    DemandWindows,
    clip_to_access_hours,
    effective_min_drop,
    make_demand_windows,
)
from lmrs_rl.orders.projection import project
from lmrs_rl.orders.windows import ServiceWindow

NEVER_H = 1e9
"""[h] Replaces an infinite time to stock-out in the formulas, where 0 * inf would be NaN."""


def make_orders(
    network: Network,
    snapshot: Snapshot,
    forecast: Forecast,
    parameters: OrderParameters,
    *,
    horizon_h: float = 120.0,
) -> tuple[Order, ...]:
    """Orders whose window overlaps the next ``horizon_h`` hours: tanks in network order, then
    call-in orders.

    A tank gets at most one order. Its window opens when the projected level reaches ``h' + x`` and
    closes when it reaches ``h'`` (`pulled_hit_level`), both after the deliveries in transit. A tank
    that is overdue, or that will reach its plain ``h`` before tomorrow's plan can help it, is
    better served late than never: where the level is at or under ``h'`` when the window opens, or
    reaches ``h`` within a day, the window stays open until the level reaches the plain ``h`` or for
    ``horizon_h`` hours, whichever is longer. Windows are clipped to the minutes at which service
    fits into access hours; a tank whose window is empty then gets no order, nor does a tank that no
    vehicle may visit (`due_without_order` says which and why).

    ``q_max`` is the room ``fill_days`` after the start of the clipped window, at most a full
    truckload: with 0 a drop fits at any moment of the window; with more, an earlier drop is cut to
    the room there is. Where the minimum drop does not fit when the window would open, it opens
    later. Days until dry and hours until stock-out run from now until the level reaches the plain
    ``h``.

    Parameters
    ----------
    network : who can be served, and with what
    snapshot : stock, deliveries in transit and call-in orders on this morning
    forecast : of the tanks' consumption from this morning on
    parameters : the dispatcher's, one value for each tank
    horizon_h : [h] how far ahead orders are made, > 0

    Returns
    -------
    tuple[Order, ...]
        Windows in hours on the network's clock.

    Raises
    ------
    InputError
        For a forecast or parameters that do not belong to this network and morning, or a
        ``horizon_h`` that is not positive.
    """
    windows = demand_windows_of(network, snapshot, forecast, parameters, horizon_h)
    clipped = [
        (tank, clip_to_access_hours(network, snapshot, windows, tank, horizon_h))
        for tank in np.flatnonzero(windows.needs_order).tolist()
    ]
    served = [(tank, window) for tank, window in clipped if window is not None]
    return _orders(network, windows, parameters, served) + call_in_orders(
        network, snapshot, parameters.call_in_penalty, horizon_h
    )


def demand_windows_of(
    network: Network,
    snapshot: Snapshot,
    forecast: Forecast,
    parameters: OrderParameters,
    horizon_h: float,
) -> DemandWindows:
    """The demand windows of a morning, from a forecast; raises as `make_orders` does."""
    check_parameters(network, parameters, horizon_h)
    return make_demand_windows(
        network, project(network, snapshot, forecast, parameters.z), parameters, horizon_h
    )


def check_parameters(network: Network, parameters: OrderParameters, horizon_h: float) -> None:
    """Raise `InputError` for parameters of another network or a horizon that is not positive."""
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
    windows: DemandWindows,
    parameters: OrderParameters,
    served: list[tuple[int, ServiceWindow]],
) -> tuple[Order, ...]:
    tanks = np.array([tank for tank, _ in served], dtype=np.int64)
    q_max = np.array([window.q_max_kg for _, window in served], dtype=np.float64)
    q_min = minimum_quantity(network, windows.stockout_h, q_max, parameters, tanks)
    price = penalty(windows.stockout_h, q_max, parameters, tanks)
    columns = zip(
        served,
        q_min.tolist(),
        price.tolist(),
        windows.stockout_h[tanks].tolist(),
        parameters.value_per_kg[tanks].tolist(),
        strict=True,
    )
    # Checked for all orders at once, which is faster; if one is invalid, its own constructor says
    # what is wrong.
    valid = np.all((q_min >= 0) & (q_min <= q_max) & (q_max > 0) & (price >= 0) & (price < np.inf))
    # An order that is not valid is made the slow way, which raises.
    make = Order.trusted if valid else Order
    return tuple(
        make(tank, window.windows_h, low, window.q_max_kg, p, stockout, value)
        for (tank, window), low, p, stockout, value in columns
    )


def minimum_quantity(
    network: Network,
    stockout_h: FloatArray,
    q_max_kg: FloatArray,
    parameters: OrderParameters,
    tanks: IntArray,
) -> FloatArray:
    """``q_min = (a * dT_d + b) * q_max``, (k,) [kg], limited to between the floor or the minimum
    drop, whichever is more, and ``q_max``; ``dT_d`` are the days until stock-out.

    ``tanks`` (k,) are tank numbers and ``q_max_kg`` (k,) is theirs, ``stockout_h`` (n,) is of all
    tanks.
    """
    days = np.minimum(stockout_h[tanks], NEVER_H) / HOURS_PER_DAY
    share = np.clip(
        parameters.a[tanks] * days + parameters.b[tanks], parameters.q_min_floor[tanks], 1.0
    )
    return np.asarray(
        np.minimum(np.maximum(share * q_max_kg, effective_min_drop(network)[tanks]), q_max_kg),
        dtype=np.float64,
    )


def penalty(
    stockout_h: FloatArray, q_max_kg: FloatArray, parameters: OrderParameters, tanks: IntArray
) -> FloatArray:
    """Penalty of missing an order: ``alpha * exp(-beta * dT_h^2)`` plus the value of ``q_max``,
    (k,) [currency]; ``dT_h`` are the hours until stock-out, arguments as in `minimum_quantity`.
    """
    hours = np.minimum(stockout_h[tanks], NEVER_H)
    urgency = np.exp(-parameters.beta[tanks] * hours**2)
    return np.asarray(
        parameters.alpha[tanks] * urgency + parameters.value_per_kg[tanks] * q_max_kg,
        dtype=np.float64,
    )
