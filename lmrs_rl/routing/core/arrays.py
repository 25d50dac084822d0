"""The routing problem as the compiled core reads it: tuples of arrays."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lmrs_rl.routing.problem import RoutingProblem
from lmrs_rl.routing.quantities import least_drops

LONGEST_ROUTE = 48
"""Most visits in a route, nights included; longer trips are not looked for."""


class Core(NamedTuple):
    """A routing problem. Nodes: orders 0..m-1, loading sites m..m+S-1, and the code m+S for a
    night.

    Windows of node i are rows ``window_of[i]`` to ``window_of[i + 1]`` of ``window``. Ties of slot
    k with others are rows ``tie_of[k]`` to ``tie_of[k + 1]`` of ``tie``: (other slot, gap [min], 1
    where the other one comes first). ``chain`` lists the slots of vehicle v in time order, rows
    ``chain_of[v]`` to ``chain_of[v + 1]``. ``near`` (m, m) has for each order all orders, the
    nearest first. ``most_wait`` [min] is the longest wait that no driver's night is as short as.
    Quantities: ``need`` (m, K) [kg] is what the search reserves for an order, in whole kg,
    ``most_need`` (m,) the most of it; ``least`` (m, K) and ``most`` (m,) [kg] bound its drop,
    ``value`` (m,) [currency/kg] is what each kg under ``most`` costs, ``aboard`` (V,) and ``full``
    (K,) [kg] are what there is to drop; ``valued`` tells whether any kg has a value.
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
    near: NDArray[np.int64]
    vehicle: NDArray[np.int64]
    base: NDArray[np.int64]
    first: NDArray[np.int64]
    last_start: NDArray[np.int64]
    close: NDArray[np.int64]
    night: NDArray[np.bool_]
    max_driving: NDArray[np.int64]
    night_min: NDArray[np.int64]
    capacity: NDArray[np.float64]
    cost_per_km: NDArray[np.float64]
    cost_per_min: NDArray[np.float64]
    cost_per_night: NDArray[np.float64]
    tie_of: NDArray[np.int64]
    tie: NDArray[np.int64]
    chain_of: NDArray[np.int64]
    chain: NDArray[np.int64]
    load: NDArray[np.float64]
    most_wait: int
    most_need: NDArray[np.float64]
    least: NDArray[np.float64]
    most: NDArray[np.float64]
    value: NDArray[np.float64]
    aboard: NDArray[np.float64]
    full: NDArray[np.float64]
    valued: bool


class Scratch(NamedTuple):
    """Room for what compiled functions note down, as they make no arrays; nothing in it is kept
    between two calls.

    Sequences of visits (LONGEST_ROUTE,): ``trial``, ``best``, ``loading``, ``tidied``; their
    ``arrival``; ``place``, ``gone`` of visits; ``nothing`` stays False. Places of insertion
    ``places`` (., 2) with ``bounds``, ``spare`` (LONGEST_ROUTE + 1,). By slot ``ruined``; by order
    ``absent``, ``key``, ``value``, ``room``, ``missed_before``.
    """

    trial: NDArray[np.int64]
    best: NDArray[np.int64]
    loading: NDArray[np.int64]
    tidied: NDArray[np.int64]
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

    ``visits`` (K, LONGEST_ROUTE) node codes; ``length``, ``cost``, ``start``, ``end`` (K,) of each
    route; ``waited``, ``driven`` (K,) [min] in it; ``start_load`` (K,) [kg] on board at its start;
    ``need_after`` (K,) [kg] that later routes of the vehicle need; ``slot_of`` (m,) slot that
    serves the order, -1 where none does; ``short`` (V,) [currency] value of the kg that the
    vehicle's drops lack.
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
    short: NDArray[np.float64]
    scratch: Scratch


def core_arrays(problem: RoutingProblem) -> Core:
    """The arrays of ``problem``, all of one kind."""
    core = _gathered(problem)
    plain: dict[str, Any] = {
        name: _plain(part) for name, part in core._asdict().items() if isinstance(part, np.ndarray)
    }
    return core._replace(**plain)


def _plain(array: NDArray[Any]) -> NDArray[Any]:
    """A read-only view in C order: compiled code is compiled anew for every other kind, such as
    arrays from another process have.
    """
    view = np.ascontiguousarray(array).view()
    view.setflags(write=False)
    return view


def _gathered(problem: RoutingProblem) -> Core:
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
        order_allowed=np.ascontiguousarray(
            problem.order_allowed & _in_time(problem, window, window_of)
        ),
        slot_cost=np.ascontiguousarray(problem.order_slot_cost),
        site_allowed=np.ascontiguousarray(problem.site_allowed),
        near=_nearest(problem),
        vehicle=slots.vehicle,
        base=slots.base_point,
        first=slots.open_min,
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
        chain=np.argsort(slots.vehicle, kind="stable"),
        most_wait=slots.most_wait_min,
        **_ties(problem),
        **_quantities(problem),
    )


def _quantities(problem: RoutingProblem) -> dict[str, Any]:
    return {
        "load": np.floor(problem.vehicle_load_kg + 1e-6),
        "least": least_drops(problem),
        "most_need": problem.order_need.max(axis=1, initial=0).astype(np.float64),
        "most": problem.order_q_max,
        "value": problem.order_value,
        "aboard": problem.vehicle_load_kg,
        "full": problem.slots.capacity_kg,
        "valued": bool(np.any(problem.order_value > 0)),
    }


def empty_state(core: Core) -> State:
    """No order served, no slot used."""
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
        short=np.zeros(len(core.load)),
        scratch=_scratch(core),
    )


def _scratch(core: Core) -> Scratch:
    k, most = len(core.vehicle), core.m + LONGEST_ROUTE * len(core.vehicle)
    visits: dict[str, Any] = {
        name: np.zeros(LONGEST_ROUTE, dtype=np.int64)
        for name in ("trial", "best", "loading", "tidied", "arrival", "place")
    }
    return Scratch(
        **visits,
        gone=np.zeros(LONGEST_ROUTE, dtype=np.bool_),
        nothing=np.zeros(LONGEST_ROUTE, dtype=np.bool_),
        places=np.zeros((most, 2), dtype=np.int64),
        bounds=np.zeros(most),
        spare=np.zeros(LONGEST_ROUTE + 1),
        ruined=np.zeros(k, dtype=np.bool_),
        absent=np.zeros(core.m, dtype=np.int64),
        key=np.zeros(core.m),
        value=np.zeros(core.m),
        room=np.zeros(core.m),
        missed_before=np.zeros(core.m, dtype=np.bool_),
    )


def _nearest(problem: RoutingProblem) -> NDArray[np.int64]:
    between = problem.km[np.ix_(problem.order_point, problem.order_point)]
    return np.argsort(between + between.T, axis=1, kind="stable")


def _in_time(
    problem: RoutingProblem, window: NDArray[np.int64], window_of: NDArray[np.int64]
) -> NDArray[np.bool_]:
    """(m, K) whether some window of the order meets the slot, by the quickest way there and back
    (over one other point at most).
    """
    m = problem.n_orders
    slots, travel, point = problem.slots, problem.travel_min, problem.order_point
    bases, base = np.unique(slots.base_point, return_inverse=True)
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


def _ties(problem: RoutingProblem) -> dict[str, Any]:
    conflict = problem.slots.conflict
    owner, other, gap = (
        conflict[:, [1, 0]].ravel(),
        conflict[:, [0, 1]].ravel(),
        np.repeat(conflict[:, 2], 2),
    )
    comes_first = np.tile(np.array([1, 0], dtype=np.int64), len(conflict))
    order = np.argsort(owner, kind="stable")
    return {
        "tie": np.stack([other, gap, comes_first], axis=1)[order],
        "tie_of": _offsets(np.bincount(owner, minlength=len(problem.slots))),
    }
