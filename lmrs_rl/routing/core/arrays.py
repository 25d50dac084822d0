"""The routing problem as the compiled core reads it: tuples of arrays."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lmrs_rl.routing.problem import RoutingProblem
from lmrs_rl.routing.quantities import min_drops

LONGEST_ROUTE = 48
"""Maximum number of visits of a route, nights included; longer trips are not searched. Routes have
rows of this fixed length so that compiled code needs no allocation.
"""


class Core(NamedTuple):
    """A `RoutingProblem` as arrays for compiled code; read-only.

    Nodes are numbered: orders 0..m-1, loading sites m..m+S-1, and m+S stands for a night. ``K``
    slots, ``V`` vehicles; times in minutes since the morning. Fields that are not named here are
    those of `RoutingProblem` and `Slots` with shorter names.

    Attributes
    ----------
    m, sites : numbers of orders and of loading sites
    window, window_of : windows of node i are rows ``window_of[i]`` to ``window_of[i + 1]`` of
        ``window``
    conflict, conflict_of : conflicts of slot k are rows ``conflict_of[k]`` to ``conflict_of[k +
        1]`` of ``conflict``: (other slot, gap [min], 1 if the other one comes first)
    chain, chain_of : slots of vehicle v in time order are ``chain[chain_of[v]:chain_of[v + 1]]``
    nearest : (m, m) for each order all orders, the nearest first
    max_wait : [min] the longest wait allowed before a visit, see `Slots.max_wait_min`
    load, capacity : (V,), (K,) [kg] on board at first, and payload; whole kg, rounded down
    need, max_need : (m, K), (m,) [kg] what the search reserves for an order, in whole kg rounded
        up, and the largest such reserve
    q_min, q_max : (m, K), (m,) [kg] limits of a drop, not rounded
    value : (m,) [currency/kg] cost of each kg that a drop falls short of ``q_max``
    valued : whether any kg has a value
    exact_load, exact_capacity : (V,), (K,) [kg] ``load`` and ``capacity``, not rounded
    """

    m: int
    sites: int
    travel: NDArray[np.int64]
    km: NDArray[np.float64]
    point: NDArray[np.int64]
    service: NDArray[np.int64]
    site_service: NDArray[np.int64]
    window_of: NDArray[np.int64]
    window: NDArray[np.int64]
    need: NDArray[np.float64]
    penalty: NDArray[np.float64]
    due: NDArray[np.int64]
    late_cost: NDArray[np.float64]
    overnight: NDArray[np.bool_]
    order_allowed: NDArray[np.bool_]
    slot_cost: NDArray[np.float64]
    site_allowed: NDArray[np.bool_]
    nearest: NDArray[np.int64]
    vehicle: NDArray[np.int64]
    base: NDArray[np.int64]
    open: NDArray[np.int64]
    last_start: NDArray[np.int64]
    close: NDArray[np.int64]
    night: NDArray[np.bool_]
    max_driving: NDArray[np.int64]
    night_min: NDArray[np.int64]
    capacity: NDArray[np.float64]
    cost_per_km: NDArray[np.float64]
    cost_per_min: NDArray[np.float64]
    cost_per_night: NDArray[np.float64]
    conflict_of: NDArray[np.int64]
    conflict: NDArray[np.int64]
    chain_of: NDArray[np.int64]
    chain: NDArray[np.int64]
    load: NDArray[np.float64]
    max_wait: int
    max_need: NDArray[np.float64]
    q_min: NDArray[np.float64]
    q_max: NDArray[np.float64]
    value: NDArray[np.float64]
    exact_load: NDArray[np.float64]
    exact_capacity: NDArray[np.float64]
    valued: bool


class Scratch(NamedTuple):
    """Work space of compiled functions, which allocate no arrays; nothing in it lasts from one
    call to the next.

    Attributes
    ----------
    trial, best, loading, cleaned : (LONGEST_ROUTE,) sequences of visits
    arrival : (LONGEST_ROUTE,) [min] of such a sequence
    place, gone : (LONGEST_ROUTE,) positions of orders in a route, and visits to be removed
    nothing : (LONGEST_ROUTE,) always False
    places, bounds : (., 2), (.,) insertion places (slot, position) and lower bounds on their cost
    spare : (LONGEST_ROUTE + 1,) [kg] by position
    ruined : (K,) slots that have lost a string
    absent, key : (m,) orders to insert, and what they are sorted by
    value, room : (m,) of the drops of a load segment
    missed_before : (m,) orders that were missed before the iteration
    """

    trial: NDArray[np.int64]
    best: NDArray[np.int64]
    loading: NDArray[np.int64]
    cleaned: NDArray[np.int64]
    arrival: NDArray[np.int64]
    place: NDArray[np.int64]
    gone: NDArray[np.bool_]
    nothing: NDArray[np.bool_]
    places: NDArray[np.int64]
    bounds: NDArray[np.float64]
    spare: NDArray[np.float64]
    ruined: NDArray[np.bool_]
    absent: NDArray[np.int64]
    key: NDArray[np.float64]
    value: NDArray[np.float64]
    room: NDArray[np.float64]
    missed_before: NDArray[np.bool_]


class State(NamedTuple):
    """A solution under construction, changed in place.

    Attributes
    ----------
    visits : (K, LONGEST_ROUTE) node numbers of each route; what lies beyond ``length`` is undefined
    length, cost, start, end : (K,) of each route; visits, currency, minutes
    waited, driven : (K,) [min] in each route
    start_load : (K,) [kg] on board at the start of each route
    need_after : (K,) [kg] that later routes of the vehicle need before they load again
    slot_of : (m,) slot that serves the order, -1 if none does
    shortfall_cost : (V,) [currency] value of the kg that the vehicle's drops fall short of
        ``q_max``
    scratch : work space, shared by copies
    """

    visits: NDArray[np.int64]
    length: NDArray[np.int64]
    cost: NDArray[np.float64]
    start: NDArray[np.int64]
    end: NDArray[np.int64]
    waited: NDArray[np.int64]
    driven: NDArray[np.int64]
    start_load: NDArray[np.float64]
    need_after: NDArray[np.float64]
    slot_of: NDArray[np.int64]
    shortfall_cost: NDArray[np.float64]
    scratch: Scratch


def core_arrays(problem: RoutingProblem) -> Core:
    """The arrays of ``problem`` for the compiled core."""
    core = _gather(problem)
    uniform: dict[str, Any] = {
        name: _uniform(part)
        for name, part in core._asdict().items()
        if isinstance(part, np.ndarray)
    }
    return core._replace(**uniform)


def _uniform(array: NDArray[Any]) -> NDArray[Any]:
    """A read-only view in C order.

    Numba compiles anew for each combination of layout and mutability, and arrays that come from
    another process differ from those made here.
    """
    view = np.ascontiguousarray(array).view()
    view.setflags(write=False)
    return view


def _gather(problem: RoutingProblem) -> Core:
    # Longer than a screen because it is a table: one line for each field of `Core`.
    slots, windows = problem.slots, [*problem.order_windows, *problem.site_windows]
    window, window_of = (
        np.concatenate([np.zeros((0, 2), dtype=np.int64), *windows]),
        _offsets([len(each) for each in windows]),
    )
    return Core(
        m=problem.n_orders,
        sites=problem.n_sites,
        travel=np.ascontiguousarray(problem.travel_min),
        km=np.ascontiguousarray(problem.km),
        point=np.concatenate([problem.order_point, problem.site_point]),
        service=problem.order_service_min,
        site_service=problem.site_service_min,
        window_of=window_of,
        window=window,
        need=problem.order_need.astype(np.float64),
        penalty=problem.order_penalty,
        due=problem.order_due_min,
        late_cost=problem.order_late_cost,
        overnight=problem.order_overnight,
        # Slots that reach no window of an order are ruled out once, not at each insertion.
        order_allowed=np.ascontiguousarray(
            problem.order_allowed & _in_time(problem, window, window_of)
        ),
        slot_cost=np.ascontiguousarray(problem.order_slot_cost),
        site_allowed=np.ascontiguousarray(problem.site_allowed),
        nearest=_nearest(problem),
        vehicle=slots.vehicle,
        base=slots.base_point,
        open=slots.open_min,
        last_start=slots.last_start_min,
        close=slots.close_min,
        night=slots.night,
        max_driving=slots.max_driving_min,
        night_min=slots.night_min,
        capacity=np.floor(slots.capacity_kg),
        cost_per_km=slots.cost_per_km,
        cost_per_min=slots.cost_per_min,
        cost_per_night=slots.cost_per_night,
        chain_of=_offsets(np.bincount(slots.vehicle, minlength=len(problem.vehicle_load_kg))),
        # Stable, since slots are numbered in order of time.
        chain=np.argsort(slots.vehicle, kind="stable"),
        max_wait=slots.max_wait_min,
        **_conflicts(problem),
        **_quantities(problem),
    )


def _quantities(problem: RoutingProblem) -> dict[str, Any]:
    return {
        # A load just under a whole kg, by rounding, is that kg; the referee tolerates as much.
        "load": np.floor(problem.vehicle_load_kg + 1e-6),
        "q_min": min_drops(problem),
        "max_need": problem.order_need.max(axis=1, initial=0).astype(np.float64),
        "q_max": problem.order_q_max,
        "value": problem.order_value,
        "exact_load": problem.vehicle_load_kg,
        "exact_capacity": problem.slots.capacity_kg,
        "valued": bool(np.any(problem.order_value > 0)),
    }


def empty_state(core: Core) -> State:
    """A state in which no order is served and no slot is used."""
    k = len(core.vehicle)
    return State(
        visits=np.zeros((k, LONGEST_ROUTE), dtype=np.int64),
        length=np.zeros(k, dtype=np.int64),
        cost=np.zeros(k),
        start=np.zeros(k, dtype=np.int64),
        end=np.zeros(k, dtype=np.int64),
        waited=np.zeros(k, dtype=np.int64),
        driven=np.zeros(k, dtype=np.int64),
        start_load=core.load[core.vehicle].copy(),
        need_after=np.zeros(k),
        slot_of=np.full(core.m, -1, dtype=np.int64),
        shortfall_cost=np.zeros(len(core.load)),
        scratch=_scratch(core),
    )


def _scratch(core: Core) -> Scratch:
    k, max_places = len(core.vehicle), core.m + LONGEST_ROUTE * len(core.vehicle)
    visits: dict[str, Any] = {
        name: np.zeros(LONGEST_ROUTE, dtype=np.int64)
        for name in ("trial", "best", "loading", "cleaned", "arrival", "place")
    }
    return Scratch(
        **visits,
        gone=np.zeros(LONGEST_ROUTE, dtype=np.bool_),
        nothing=np.zeros(LONGEST_ROUTE, dtype=np.bool_),
        places=np.zeros((max_places, 2), dtype=np.int64),
        bounds=np.zeros(max_places),
        spare=np.zeros(LONGEST_ROUTE + 1),
        ruined=np.zeros(k, dtype=np.bool_),
        absent=np.zeros(core.m, dtype=np.int64),
        key=np.zeros(core.m),
        value=np.zeros(core.m),
        room=np.zeros(core.m),
        missed_before=np.zeros(core.m, dtype=np.bool_),
    )


def _nearest(problem: RoutingProblem) -> NDArray[np.int64]:
    """(m, m) for each order all orders by distance there and back."""
    between = problem.km[np.ix_(problem.order_point, problem.order_point)]
    # Stable, since other sorts may break ties differently on another machine.
    return np.argsort(between + between.T, axis=1, kind="stable")


def _in_time(
    problem: RoutingProblem, window: NDArray[np.int64], window_of: NDArray[np.int64]
) -> NDArray[np.bool_]:
    """(m, K) whether a trip in the slot could serve the order within some window, by the quickest
    travel there and back (via one other point at most).
    """
    m = problem.n_orders
    slots, travel, point = problem.slots, problem.travel_min, problem.order_point
    bases, base = np.unique(slots.base_point, return_inverse=True)
    # A way by another point may be quicker where the triangle inequality does not hold.
    there = (travel[bases][:, :, None] + travel[:, point][None]).min(axis=1).T[:, base]  # (m, K)
    back = (travel[point][:, :, None] + travel[:, bases][None]).min(axis=1)[:, base]
    earliest = slots.open_min + there
    latest = slots.close_min - back - problem.order_service_min[:, None]
    count = np.diff(window_of[: m + 1])
    owner = np.repeat(np.arange(m), count)
    each = (window[: len(owner), 1:] >= earliest[owner]) & (
        window[: len(owner), :1] <= latest[owner]
    )
    meets, some = np.zeros(there.shape, dtype=np.bool_), count > 0
    if len(owner):
        meets[some] = np.logical_or.reduceat(each, window_of[:m][some], axis=0)
    return meets


def _offsets(lengths: ArrayLike) -> NDArray[np.int64]:
    return np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)


def _conflicts(problem: RoutingProblem) -> dict[str, Any]:
    """`Slots.conflict` listed for both slots of each pair, in the order of the slots."""
    conflict = problem.slots.conflict
    owner, other, gap = (
        conflict[:, [1, 0]].ravel(),
        conflict[:, [0, 1]].ravel(),
        np.repeat(conflict[:, 2], 2),
    )
    comes_first = np.tile(np.array([1, 0], dtype=np.int64), len(conflict))
    order = np.argsort(owner, kind="stable")
    return {
        "conflict": np.stack([other, gap, comes_first], axis=1)[order],
        "conflict_of": _offsets(np.bincount(owner, minlength=len(problem.slots))),
    }
