"""Why an order could have no trip of its own: constraints are lifted and put back until the trip is
lost.

Every answer is checked with the core's own trip evaluation; where a limit is to blame, the minutes
by which it is too tight are found by halving.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from enum import StrEnum
from typing import Any

import numpy as np

from lmrs_rl.domain import InputError, Network
from lmrs_rl.domain.arrays import FOREVER, MINUTES_PER_DAY, BoolArray, IntArray
from lmrs_rl.routing.core.arrays import core_arrays, empty_state
from lmrs_rl.routing.core.probe import insertion_cost
from lmrs_rl.routing.problem import EPS_KG, RoutingProblem

MAX_RELAXATION_MIN = 30 * MINUTES_PER_DAY
"""[min] Limits that would have to give by more than this are not told by how much."""


class MissedReason(StrEnum):
    """Why an order is not served, in the order in which it is asked; the first that holds is
    told.
    """

    NO_VEHICLE = "no vehicle may come"
    TOO_LARGE = "larger than any truck that may come"
    OTHER_PRODUCT = "every vehicle that may come carries another product"
    NO_DRIVER = "no driver for any vehicle that may come"
    NO_PRODUCT = "no product at a site within reach"
    DRIVING = "driving limit"
    DUTY = "working hours of drivers"
    SITE_HOURS = "opening hours of loading sites"
    WINDOW = "its windows are closed whenever a driver can be there"
    PROMISE = "what was promised cannot be kept"
    TAKEN = "vehicles and drivers are taken by dearer orders"
    CHEAPER = "cheaper to miss than to serve"
    SEARCH = "worth serving: the search did not find how"


@dataclass(frozen=True)
class Obstacle:
    """What an order's own trip fails by.

    Attributes
    ----------
    reason : one of those up to ``WINDOW``
    detail : in words
    shortfall_min : [min] by how much a limit in time would have to give; ``None`` where the reason
        is none, or it is over a month
    """

    reason: MissedReason
    detail: str
    shortfall_min: int | None = None


def obstacle(network: Network, problem: RoutingProblem, order: int) -> Obstacle | None:
    """What keeps ``order`` from a trip of its own when nothing else is planned; ``None`` where
    it can have one.
    """
    return _no_vehicle(network, problem, order) or _no_trip(single_order(problem, order))


def single_order(problem: RoutingProblem, order: int) -> RoutingProblem:
    """The problem with this one order, in the slots of vehicles that may serve it."""
    keep = np.array([order], dtype=np.int64)
    columns = {
        f.name: _take(getattr(problem, f.name), keep)
        for f in fields(problem)
        if f.name.startswith("order_")
    }
    slots = replace(
        problem.slots, conflict=np.zeros((0, 3), dtype=np.int64)
    )  # with one trip there is nothing to get in the way of
    return replace(problem, slots=slots, **columns)


def _take(column: Any, keep: IntArray) -> Any:
    return tuple(column[k] for k in keep.tolist()) if isinstance(column, tuple) else column[keep]


def own_trip_cost(problem: RoutingProblem) -> float:
    """[currency] of serving the one order of ``problem`` by a trip of its own, infinite where
    there is none.
    """
    if not len(problem.slots):
        return np.inf
    core = core_arrays(problem)
    return insertion_cost(core, empty_state(core), 0)


def _no_vehicle(network: Network, problem: RoutingProblem, order: int) -> Obstacle | None:
    """Reasons that lie in who may come at all, before any trip is thought of."""
    customer, vehicles = int(problem.order_customer[order]), network.vehicles
    product = int(network.customers.product[customer])
    comes = network.customers.vehicle_allowed[customer] & vehicles.product_allowed[:, product]
    if not np.any(comes):
        return Obstacle(
            MissedReason.NO_VEHICLE,
            f"no vehicle that may carry {network.products[product]} is allowed there",
        )
    largest, least = (
        float(np.floor(vehicles.capacity_kg[comes]).max()),
        least_load(network, problem, order),
    )
    enough = comes & (
        np.floor(vehicles.capacity_kg) >= max(np.ceil(least - EPS_KG), 1.0)
    )  # engines count whole kg
    if not np.any(enough):
        return Obstacle(
            MissedReason.TOO_LARGE,
            f"at least {least:,.0f} kg, and the largest truck that may come carries "
            f"{largest:,.0f} kg",
        )
    mine: BoolArray = np.isin(problem.slots.vehicle, np.flatnonzero(enough))
    if not np.any(mine):
        return Obstacle(
            MissedReason.NO_DRIVER,
            "no driver who may drive them starts a trip in the days of the plan",
        )
    if not np.any(problem.slots.product[mine] == product):
        return Obstacle(
            MissedReason.OTHER_PRODUCT,
            f"none carries {network.products[product]} in this plan: "
            f"{_names(vehicles.ids, enough)}",
        )
    return None


def least_load(network: Network, problem: RoutingProblem, order: int) -> float:
    """[kg] what a truck must be able to carry: a tank's minimum drop, all of ``q_min`` for an
    order called in.
    """
    customer = int(problem.order_customer[order])
    return float(
        network.tanks.min_drop_kg[customer]
        if customer < network.n_tanks
        else problem.order_q_min[order]
    )


def _names(ids: tuple[str, ...], chosen: BoolArray, most: int = 4) -> str:
    names = [ids[k] for k in np.flatnonzero(chosen).tolist()]
    return ", ".join(names[:most]) + (", ..." if len(names) > most else "")


def _no_trip(problem: RoutingProblem) -> Obstacle | None:
    """The first constraint that, put back, leaves the one order of ``problem`` without a trip."""
    if np.isfinite(own_trip_cost(problem)):
        return None
    lifted = [_without_windows, _without_site_hours, _without_duty, _without_driving]
    eased = problem
    for lift in lifted:
        eased = lift(eased)
    if np.isinf(own_trip_cost(eased)):
        return Obstacle(
            MissedReason.NO_PRODUCT,
            "too little on board, and no site offers its product to a vehicle that may come",
        )
    for k, (reason, stretch, words) in enumerate(STAGES):
        rest = problem
        for lift in lifted[: len(lifted) - 1 - k]:
            rest = lift(rest)
        if np.isinf(own_trip_cost(rest)):
            minutes = _shortfall(rest, stretch)
            return Obstacle(
                reason, words.replace("{}", "some" if minutes is None else f"{minutes:,}"), minutes
            )
    raise InputError(
        "problem",
        "an order that has no trip for no reason",
        "a problem with one order",
        "make it with `single_order`",
    )


def _without_windows(problem: RoutingProblem) -> RoutingProblem:
    return replace(problem, order_windows=tuple(_open() for _ in problem.order_windows))


def _without_site_hours(problem: RoutingProblem) -> RoutingProblem:
    return replace(
        problem, site_windows=tuple(_open() if len(w) else w for w in problem.site_windows)
    )


def _without_duty(problem: RoutingProblem) -> RoutingProblem:
    return replace(
        problem, slots=replace(problem.slots, close_min=np.full(len(problem.slots), FOREVER))
    )


def _without_driving(problem: RoutingProblem) -> RoutingProblem:
    return replace(
        problem, slots=replace(problem.slots, max_driving_min=np.full(len(problem.slots), FOREVER))
    )


def _open() -> IntArray:
    return np.array([[0, FOREVER]], dtype=np.int64)


Stretch = Callable[[RoutingProblem, int], RoutingProblem]
"""A problem in which a limit gives by so many minutes."""


def _longer_driving(problem: RoutingProblem, minutes: int) -> RoutingProblem:
    return replace(
        problem,
        slots=replace(problem.slots, max_driving_min=problem.slots.max_driving_min + minutes),
    )


def _longer_duty(problem: RoutingProblem, minutes: int) -> RoutingProblem:
    return replace(
        problem, slots=replace(problem.slots, close_min=problem.slots.close_min + minutes)
    )


def _longer_site_hours(problem: RoutingProblem, minutes: int) -> RoutingProblem:
    return replace(problem, site_windows=tuple(_widened(w, minutes) for w in problem.site_windows))


def _longer_windows(problem: RoutingProblem, minutes: int) -> RoutingProblem:
    return replace(
        problem, order_windows=tuple(_widened(w, minutes) for w in problem.order_windows)
    )


def _widened(windows: IntArray, minutes: int) -> IntArray:
    """Windows that open and close so many minutes earlier and later, joined where they now meet."""
    joined: list[list[int]] = []
    for first, last in windows.tolist():
        if joined and first - minutes <= joined[-1][1]:
            joined[-1][1] = last + minutes
        else:
            joined.append([max(first - minutes, 0), last + minutes])
    return np.array(joined, dtype=np.int64).reshape(-1, 2)


STAGES: tuple[tuple[MissedReason, Stretch, str], ...] = (
    (
        MissedReason.DRIVING,
        _longer_driving,
        "the way there and back takes {} min more than any driver may drive",
    ),
    (
        MissedReason.DUTY,
        _longer_duty,
        "a trip there takes {} min more than any driver's working hours last",
    ),
    (
        MissedReason.SITE_HOURS,
        _longer_site_hours,
        "sites would have to open {} min earlier or close {} min later",
    ),
    (
        MissedReason.WINDOW,
        _longer_windows,
        "its windows would have to open {} min earlier or close {} min later",
    ),
)


def _shortfall(problem: RoutingProblem, stretch: Stretch) -> int | None:
    """[min] the least that the limit must give for a trip to be legal."""
    if np.isinf(own_trip_cost(stretch(problem, MAX_RELAXATION_MIN))):
        return None
    low, high = 0, MAX_RELAXATION_MIN
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (
            (low, middle)
            if np.isfinite(own_trip_cost(stretch(problem, middle)))
            else (middle, high)
        )
    return high
