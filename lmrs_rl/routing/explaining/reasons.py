"""Finds why an order cannot have a trip of its own: all constraints are relaxed, then restored one
by one until no trip is left.

Every answer is checked with the core's own trip evaluation; the minutes by which a limit is too
tight are found by bisection.
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
"""[min] If a limit would have to be relaxed by more than this, no figure is given."""


class MissedReason(StrEnum):
    """Why an order is not served; checked in this order, the first one that holds is given."""

    NO_VEHICLE = "no vehicle may come"
    TOO_LARGE = "larger than any truck that may come"
    OTHER_PRODUCT = "every vehicle that may come carries another product"
    NO_DRIVER = "no driver for any vehicle that may come"
    NO_PRODUCT = "no product at a site within reach"
    DRIVING = "driving limit"
    DUTY = "working hours of drivers"
    SITE_HOURS = "opening hours of loading sites"
    WINDOW = "its windows are closed whenever a driver can be there"
    APPOINTMENT = "its appointment cannot be kept"
    TAKEN = "vehicles and drivers are taken by dearer orders"
    CHEAPER = "cheaper to miss than to serve"
    SEARCH = "worth serving: the search did not find how"


@dataclass(frozen=True)
class Obstacle:
    """What prevents an order from having a trip of its own.

    Attributes
    ----------
    reason : one of those up to ``WINDOW``
    detail : the reason with its figures, as text for people
    relaxation_min : [min] by how much a time limit would have to be relaxed; ``None`` if no such
        limit is to blame, or for more than a month
    """

    reason: MissedReason
    detail: str
    relaxation_min: int | None = None


def obstacle(network: Network, problem: RoutingProblem, order: int) -> Obstacle | None:
    """What keeps ``order`` from a trip of its own when nothing else is planned; ``None`` if it can
    have one.
    """
    return _no_vehicle(network, problem, order) or _no_trip(single_order(problem, order))


def single_order(problem: RoutingProblem, order: int) -> RoutingProblem:
    """The problem with this order alone."""
    keep = np.array([order], dtype=np.int64)
    columns = {
        f.name: _take(getattr(problem, f.name), keep)
        for f in fields(problem)
        if f.name.startswith("order_")
    }
    no_conflict = np.zeros((0, 3), dtype=np.int64)  # one trip has nothing to conflict with
    slots = replace(problem.slots, conflict=no_conflict)
    return replace(problem, slots=slots, **columns)


def _take(column: Any, keep: IntArray) -> Any:
    return tuple(column[k] for k in keep.tolist()) if isinstance(column, tuple) else column[keep]


def own_trip_cost(problem: RoutingProblem) -> float:
    """[currency] of serving the one order of ``problem`` by a trip of its own, infinite if there
    is none.
    """
    if not len(problem.slots):
        return np.inf
    core = core_arrays(problem)
    return insertion_cost(core, empty_state(core), 0)


def _no_vehicle(network: Network, problem: RoutingProblem, order: int) -> Obstacle | None:
    """Reasons that do not depend on times: vehicles, their sizes, drivers and products."""
    customer, vehicles = int(problem.order_customer[order]), network.vehicles
    product = int(network.customers.product[customer])
    allowed = network.customers.vehicle_allowed[customer] & vehicles.product_allowed[:, product]
    if not np.any(allowed):
        return Obstacle(
            MissedReason.NO_VEHICLE,
            f"no vehicle that may carry {network.products[product]} is allowed there",
        )
    payload = np.floor(vehicles.capacity_kg)  # the searches count whole kg
    largest, least = float(payload[allowed].max()), _min_load(network, problem, order)
    enough = allowed & (payload >= max(np.ceil(least - EPS_KG), 1.0))
    if not np.any(enough):
        return Obstacle(
            MissedReason.TOO_LARGE,
            f"at least {least:,.0f} kg, and the largest truck that may come carries "
            f"{largest:,.0f} kg",
        )
    usable: BoolArray = np.isin(problem.slots.vehicle, np.flatnonzero(enough))
    if not np.any(usable):
        return Obstacle(
            MissedReason.NO_DRIVER,
            "no driver who may drive them starts a trip in the days of the plan",
        )
    if not np.any(problem.slots.product[usable] == product):
        return Obstacle(
            MissedReason.OTHER_PRODUCT,
            f"none carries {network.products[product]} in this plan: "
            f"{_names(vehicles.ids, enough)}",
        )
    return None


def _min_load(network: Network, problem: RoutingProblem, order: int) -> float:
    """[kg] what a vehicle must be able to carry: a tank's minimum drop, all of ``q_min`` for a
    call-in order.
    """
    customer = int(problem.order_customer[order])
    return float(
        network.tanks.min_drop_kg[customer]
        if customer < network.n_tanks
        else problem.order_q_min[order]
    )


def _names(ids: tuple[str, ...], chosen: BoolArray, limit: int = 4) -> str:
    names = [ids[k] for k in np.flatnonzero(chosen).tolist()]
    return ", ".join(names[:limit]) + (", ..." if len(names) > limit else "")


def _no_trip(problem: RoutingProblem) -> Obstacle | None:
    """The first constraint that, once restored, leaves the one order of ``problem`` without a
    trip; ``None`` if it can have one.
    """
    if np.isfinite(own_trip_cost(problem)):
        return None
    lifts = [_without_windows, _without_site_hours, _without_duty, _without_driving]
    unconstrained = problem
    for lift in lifts:
        unconstrained = lift(unconstrained)
    if np.isinf(own_trip_cost(unconstrained)):
        return Obstacle(
            MissedReason.NO_PRODUCT,
            "too little on board, and no site offers its product to a vehicle that may come",
        )
    # Constraints are restored in the order of TIME_LIMITS, the reverse of `lifts`.
    for k, (reason, relax, words) in enumerate(TIME_LIMITS):
        relaxed = problem
        for lift in lifts[: len(lifts) - 1 - k]:
            relaxed = lift(relaxed)
        if np.isinf(own_trip_cost(relaxed)):
            minutes = _least_relaxation(relaxed, relax)
            figure = "some" if minutes is None else f"{minutes:,}"
            return Obstacle(reason, words.replace("{}", figure), minutes)
    raise InputError(
        "problem",
        "an order without a trip although no constraint prevents one",
        "a problem with one order",
        "make it with `single_order`",
    )


def _without_windows(problem: RoutingProblem) -> RoutingProblem:
    return replace(problem, order_windows=tuple(_open() for _ in problem.order_windows))


def _without_site_hours(problem: RoutingProblem) -> RoutingProblem:
    # A site without a window stays closed: `_longer_site_hours` could not open it either.
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


Relax = Callable[[RoutingProblem, int], RoutingProblem]
"""Relaxes a limit of a problem by this many minutes."""


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
    """Windows that open ``minutes`` earlier and close ``minutes`` later, merged where they meet."""
    joined: list[list[int]] = []
    for first, last in windows.tolist():
        if joined and first - minutes <= joined[-1][1]:
            joined[-1][1] = last + minutes
        else:
            joined.append([max(first - minutes, 0), last + minutes])
    return np.array(joined, dtype=np.int64).reshape(-1, 2)


TIME_LIMITS: tuple[tuple[MissedReason, Relax, str], ...] = (
    (
        MissedReason.DRIVING,
        _longer_driving,
        "the trip there and back takes {} min more than any driver may drive",
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


def _least_relaxation(problem: RoutingProblem, relax: Relax) -> int | None:
    """[min] the smallest relaxation of a limit with which a trip is legal; ``None`` if it is more
    than `MAX_RELAXATION_MIN`.
    """
    if np.isinf(own_trip_cost(relax(problem, MAX_RELAXATION_MIN))):
        return None
    too_little, enough = 0, MAX_RELAXATION_MIN
    while enough - too_little > 1:
        middle = (too_little + enough) // 2
        if np.isfinite(own_trip_cost(relax(problem, middle))):
            enough = middle
        else:
            too_little = middle
    return enough
