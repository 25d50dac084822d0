"""The routing problem of a morning as arrays: the common input of all searches."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from lmrs_rl.domain import Network, Order, Snapshot
from lmrs_rl.domain.arrays import FOREVER, MINUTES_PER_DAY, BoolArray, FloatArray, IntArray
from lmrs_rl.routing.slots import Slots, make_slots

EPS_KG = 1e-9
"""[kg] Quantities and [min] durations this close to a whole number are that number."""

MIN_DROP_SHARE = 1e-3
"""Smallest drop as a share of ``q_max``, whatever the order requests: a stop without a drop would
count as service.
"""


@dataclass(frozen=True, eq=False)
class RoutingProblem:
    """Orders, loading sites and slots (a driver, a vehicle and a working window that may become a
    trip).

    Times are minutes since ``now_min``. ``m`` orders, ``S`` sites, ``K`` slots, ``V`` vehicles,
    ``P`` points. Service times do not depend on the quantities finally chosen: they are those of
    ``q_max`` and of a full vehicle, so that no choice of quantities breaks a window.

    Attributes
    ----------
    now_min : [min] the morning, on the network's clock
    travel_min, km : (P, P) between points
    order_customer, order_point : (m,) customer number and its point
    order_service_min : (m,) [min] set-up and unloading of ``q_max``
    order_q_min, order_q_max : (m,) [kg]; ``order_q_min`` is more than 0
    order_need : (m, K) [kg] smallest drop by each slot's vehicle: ``q_min``, or a full load of a
        vehicle that cannot carry that much; in whole kg, rounded up, since the searches count
        whole kg
    order_penalty : (m,) [currency] of missing the order
    order_value : (m,) [currency/kg] value of each kg over ``q_min``
    order_due_min : (m,) [min] after which a drop is late: the projected stock-out
    order_late_cost : (m,) [currency/min] of a later drop: the penalty spread over a day
    order_overnight : (m,) whether a driver may sleep on a trip that serves it
    order_windows : m arrays (k, 2) [min] in which the drop starts
    order_allowed : (m, K) whether the slot's vehicle may serve it and carries its product
    order_slot_cost : (m, K) [currency] >= 0 extra cost of serving it in that slot: the price of a
        change of plan
    site_point : (S,)
    site_service_min : (S, V) [min] set-up and loading of a full vehicle
    site_windows : S arrays (k, 2) [min] in which loading starts, for the slowest vehicle of those
        that may load there
    site_allowed : (S, K) whether the slot's vehicle may load its product there
    slots : see `Slots`
    vehicle_load_kg : (V,) [kg] on board at the start
    """

    now_min: int
    travel_min: IntArray
    km: FloatArray
    order_customer: IntArray
    order_point: IntArray
    order_service_min: IntArray
    order_q_min: FloatArray
    order_q_max: FloatArray
    order_need: IntArray
    order_penalty: FloatArray
    order_value: FloatArray
    order_due_min: IntArray
    order_late_cost: FloatArray
    order_overnight: BoolArray
    order_windows: tuple[IntArray, ...]
    order_allowed: BoolArray
    order_slot_cost: FloatArray
    site_point: IntArray
    site_service_min: IntArray
    site_windows: tuple[IntArray, ...]
    site_allowed: BoolArray
    slots: Slots
    vehicle_load_kg: FloatArray

    @property
    def n_orders(self) -> int:
        return len(self.order_customer)

    @property
    def n_sites(self) -> int:
        return len(self.site_point)


def build_problem(
    network: Network, snapshot: Snapshot, orders: Sequence[Order], *, horizon_min: int
) -> RoutingProblem:
    """Compile ``orders`` on ``network`` into arrays for the trips that start within
    ``horizon_min`` minutes from now.
    """
    customer = np.array([o.customer for o in orders], dtype=np.int64)
    product = choose_products(network, snapshot, orders)
    # Slots with a night come on top, so they are made only if a customer is out of a day's reach.
    nights = bool(np.any(_beyond_a_day(network, customer)))
    slots = make_slots(network, snapshot, product, horizon_min=horizon_min, nights=nights)
    may_carry = network.vehicles.product_allowed[slots.vehicle, product[slots.vehicle]]
    return RoutingProblem(
        now_min=snapshot.time_min,
        travel_min=network.travel_min,
        km=network.distance_km,
        **_order_columns(network, snapshot.time_min, orders, slots, may_carry),
        **_site_columns(network, snapshot.time_min, slots, may_carry),
        slots=slots,
        vehicle_load_kg=snapshot.load_kg,
    )


def _order_columns(
    network: Network, now_min: int, orders: Sequence[Order], slots: Slots, may_carry: BoolArray
) -> dict[str, Any]:
    """The fields of the problem's orders; ``may_carry`` (K,) says whether each slot's vehicle may
    carry the slot's product.
    """
    customers = network.customers
    customer = np.array([o.customer for o in orders], dtype=np.int64)
    q_max = np.array([o.q_max_kg for o in orders], dtype=np.float64)
    q_min = np.array(
        [max(o.q_min_kg, MIN_DROP_SHARE * o.q_max_kg) for o in orders], dtype=np.float64
    )
    payload = np.floor(slots.capacity_kg)
    # A vehicle that carries less than 1 kg carries nothing in whole kg, so it serves nobody.
    min_load = np.maximum(np.ceil(_min_load(network, customer, q_min) - EPS_KG), 1.0)
    # Without a projected stock-out it is infinite, which no whole number can hold.
    due_min = [min(max(o.stockout_h, 0.0) * 60, FOREVER) for o in orders]
    return {
        "order_customer": customer,
        "order_point": customers.point[customer],
        "order_service_min": customers.setup_min[customer]
        + np.ceil(q_max / customers.unload_kg_per_min[customer] - EPS_KG).astype(np.int64),
        "order_q_min": q_min,
        "order_q_max": q_max,
        "order_need": np.minimum(np.ceil(q_min - EPS_KG)[:, None], payload).astype(np.int64),
        "order_penalty": np.array([o.penalty for o in orders], dtype=np.float64),
        "order_value": np.array([o.value_per_kg for o in orders], dtype=np.float64),
        "order_due_min": np.array(due_min, dtype=np.int64),
        "order_late_cost": np.array(
            [o.penalty / MINUTES_PER_DAY for o in orders], dtype=np.float64
        ),
        "order_overnight": customers.overnight[customer],
        "order_windows": _arrival_windows(orders, now_min),
        "order_allowed": customers.vehicle_allowed[customer][:, slots.vehicle]
        & (customers.product[customer][:, None] == slots.product)
        & may_carry
        & (min_load[:, None] <= payload),
        "order_slot_cost": np.zeros((len(customer), len(slots))),
    }


def _site_columns(
    network: Network, now_min: int, slots: Slots, may_carry: BoolArray
) -> dict[str, Any]:
    """The fields of the problem's loading sites; ``may_carry`` as in `_order_columns`."""
    sites, vehicles = network.sites, network.vehicles
    loading_min = sites.setup_min[:, None] + np.ceil(
        vehicles.capacity_kg / sites.load_kg_per_min[:, None] - EPS_KG
    ).astype(np.int64)
    has_slots = np.bincount(slots.vehicle, minlength=len(vehicles)) > 0
    # Windows are by site, not by vehicle as well, so the slowest vehicle must fit in.
    longest_min = np.max(loading_min, axis=1, where=sites.vehicle_allowed & has_slots, initial=0)
    return {
        "site_point": sites.point,
        "site_service_min": loading_min,
        "site_windows": tuple(
            _loading_windows(sites.access_min[s], int(longest_min[s]), now_min)
            for s in range(len(sites))
        ),
        "site_allowed": sites.vehicle_allowed[:, slots.vehicle]
        & sites.product_offered[:, slots.product]
        & may_carry,
    }


def choose_products(network: Network, snapshot: Snapshot, orders: Sequence[Order]) -> IntArray:
    """(V,) the product that each vehicle carries in this plan.

    A vehicle with product on board keeps it: only an empty one may change. Empty ones choose in
    order of payload, the largest first, the allowed product whose orders weigh most (by penalty,
    hardly by kg, so that urgent orders count) for each kg of capacity assigned to it.
    """
    vehicles = network.vehicles
    ordered = network.customers.product[
        np.array([order.customer for order in orders], dtype=np.int64)
    ]
    weight = np.bincount(
        ordered, [order.penalty + 1e-6 * order.q_max_kg for order in orders], len(network.products)
    )
    product = np.where(snapshot.load_kg > EPS_KG, snapshot.load_product, -1)
    covered = np.zeros(len(network.products))
    for v in np.flatnonzero(product >= 0):
        covered[product[v]] += vehicles.capacity_kg[v]
    for v in sorted(np.flatnonzero(product < 0), key=lambda k: (-vehicles.capacity_kg[k], k)):
        # -1 is less than any weight, so a product that is not allowed is never chosen before one
        # that is.
        need = np.where(
            vehicles.product_allowed[v], weight / (covered + vehicles.capacity_kg[v]), -1.0
        )
        product[v] = int(np.argmax(need))
        covered[product[v]] += vehicles.capacity_kg[v]
    return np.asarray(product, dtype=np.int64)


def _min_load(network: Network, customer: IntArray, q_min: FloatArray) -> FloatArray:
    """(m,) [kg] what a vehicle must be able to carry for an order: a tank's minimum drop, all of
    ``q_min`` for a call-in order.
    """
    is_tank = customer < network.n_tanks
    least = q_min.copy()
    least[is_tank] = network.tanks.min_drop_kg[customer[is_tank]]
    return least


def _beyond_a_day(network: Network, customer: IntArray) -> BoolArray:
    """(m,) whether no driver can reach the order's customer and return within the driving limit."""
    base, point = np.unique(network.vehicles.base_point), network.customers.point[customer]
    round_trip = network.travel_min[base[:, None], point] + network.travel_min[point, base[:, None]]
    limit = int(network.drivers.max_driving_min.max(initial=0))
    return np.asarray(round_trip.min(axis=0, initial=FOREVER) > limit)


def _arrival_windows(orders: Sequence[Order], now: int) -> tuple[IntArray, ...]:
    """For each order the whole minutes from now within its windows, which are in hours on the
    network's clock; the past is cut off.
    """
    if not orders:
        return ()
    hours = np.concatenate([o.windows_h for o in orders])
    # Whole minutes that became hours may miss themselves by rounding on the way back.
    first = np.maximum(np.ceil(hours[:, 0] * 60 - 1e-6) - now, 0)
    last = np.minimum(np.floor(hours[:, 1] * 60 + 1e-6) - now, FOREVER)
    rows = np.stack([first, last], axis=1).astype(np.int64)
    ends = np.cumsum([len(o.windows_h) for o in orders]).tolist()
    if np.all(last >= first):
        return tuple(rows[a:b] for a, b in pairwise([0, *ends]))
    return tuple(rows[a:b][rows[a:b, 1] >= rows[a:b, 0]] for a, b in pairwise([0, *ends]))


def _loading_windows(access_min: IntArray, service: int, now: int) -> IntArray:
    """Minutes from now at which a service of that length can start within the opening hours."""
    first = np.maximum(access_min[:, 0] - now, 0)
    last = np.minimum(access_min[:, 1] - now, FOREVER) - service
    return np.asarray(np.stack([first, last], axis=1)[last >= first], dtype=np.int64)
