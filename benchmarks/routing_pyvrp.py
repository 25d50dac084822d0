"""PyVRP (a peer, https://pyvrp.org) on a routing problem of ours: stated exactly, or refused.

Slots that are alike become one vehicle type, orders optional clients with prizes, loading sites
reload depots. A vehicle that may not come to a customer has a profile in which the customer is out
of reach. PyVRP minimises cost plus prizes left, as we do.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from pyvrp import Client, Depot, Location, ProblemData, VehicleType, solve
from pyvrp import Route as PeerRoute
from pyvrp.exceptions import PenaltyBoundWarning

from lmrs_rl.domain import InputError
from lmrs_rl.domain.arrays import FOREVER, BoolArray, FloatArray, IntArray
from lmrs_rl.routing.problem import RoutingProblem
from lmrs_rl.routing.routes import Route, Visit

CENTS = 100
"""PyVRP counts money in whole numbers: hundredths."""

OUT_OF_REACH = 10**5
"""[min] Way to a customer that a vehicle may not come to: longer than any shift."""


@dataclass(frozen=True)
class PeerAnswer:
    """PyVRP's answer: the routes (none where no legal ones were found), its iterations, and what
    it thinks they cost [currency].
    """

    routes: tuple[Route, ...]
    iterations: int
    cost: float


def pyvrp_routes(
    problem: RoutingProblem, stop: Callable[[int], bool], seed: int, *, mandatory: bool = False
) -> PeerAnswer:
    """The best routes found until ``stop`` says so; with ``mandatory``, no order may be missed
    (penalties play no part).

    Raises
    ------
    InputError
        For a problem that PyVRP cannot state exactly.
    """
    refuse_inexact(problem)
    groups = like_slots(problem)
    with warnings.catch_warnings():
        # Its penalties reach their bound where few orders are worth a trip; its advice is for its
        # users.
        warnings.simplefilter("ignore", PenaltyBoundWarning)
        result = solve(peer_data(problem, groups, mandatory), stop, seed, collect_stats=False)
    if not result.is_feasible():
        return PeerAnswer((), result.num_iterations, float(problem.order_penalty.sum()))
    free = [list(group) for group in groups]
    routes = [
        _route(problem, route, free[route.vehicle_type()].pop(0)) for route in result.best.routes()
    ]
    return PeerAnswer(
        tuple(sorted(routes, key=lambda route: route.slot)),
        result.num_iterations,
        result.cost() / CENTS,
    )


def refuse_inexact(problem: RoutingProblem) -> None:
    """Refuse what PyVRP has no words for (`InputError`)."""
    slots = problem.slots
    prices = np.concatenate([slots.cost_per_km, slots.cost_per_min, problem.order_penalty]) * CENTS
    checks = (
        ("slots.base_point", len(np.unique(slots.base_point)) == 1, "one base"),
        ("slots.conflict", not len(slots.conflict), "slots that do not depend on each other"),
        ("slots.vehicle", len(np.unique(slots.vehicle)) == len(slots), "one slot a vehicle"),
        ("slots.night", not np.any(slots.night), "no nights on the road"),
        ("order_windows", all(len(w) == 1 for w in problem.order_windows), "one window an order"),
        ("site_windows", all(len(w) == 1 for w in problem.site_windows), "one window a site"),
        (
            "site_service_min",
            bool(np.all(problem.site_service_min == problem.site_service_min[:, :1])),
            "one loading time for all vehicles",
        ),
        (
            "order_need",
            bool(np.all(problem.order_need == problem.order_need[:, :1])),
            "one least drop for all vehicles",
        ),
        ("order_due_min", bool(np.all(problem.order_due_min >= FOREVER)), "no price on lateness"),
        (
            "vehicle_load_kg",
            bool(np.all(problem.vehicle_load_kg[slots.vehicle] >= slots.capacity_kg)),
            "full vehicles",
        ),
        (
            "km",
            bool(np.all(problem.km == problem.travel_min)),
            "a kilometre a minute, so that driving time is a distance",
        ),
        (
            "cost",
            bool(np.allclose(prices, np.rint(prices), atol=1e-6)),
            "prices in whole hundredths",
        ),
    )
    for field, fine, wanted in checks:
        if not fine:
            raise InputError(
                field, "something else", wanted, "compare with PyVRP on cases that it can state"
            )


def like_slots(problem: RoutingProblem) -> list[list[int]]:
    """Slots in groups that differ in nothing but their number."""
    s = problem.slots
    numbers = np.stack(
        [
            s.capacity_kg,
            s.cost_per_km,
            s.cost_per_min,
            s.open_min,
            s.last_start_min,
            s.close_min,
            s.max_driving_min,
        ],
        axis=1,
    )
    columns = np.concatenate([numbers, problem.order_allowed.T, problem.site_allowed.T], axis=1)
    _, group = np.unique(columns, axis=0, return_inverse=True)
    return [np.flatnonzero(group == g).tolist() for g in range(int(group.max()) + 1)]


def peer_data(
    problem: RoutingProblem, groups: list[list[int]], mandatory: bool = False
) -> ProblemData:
    """The problem in PyVRP's words. Locations: base, orders, sites."""
    slots, m = problem.slots, problem.n_orders
    point = np.concatenate([slots.base_point[:1], problem.order_point, problem.site_point])
    travel = problem.travel_min[np.ix_(point, point)].copy()
    np.fill_diagonal(travel, 0)
    first = [group[0] for group in groups]
    columns, profile = np.unique(problem.order_allowed[:, first].T, axis=0, return_inverse=True)
    matrices = [_within_reach(travel, column) for column in columns]
    return ProblemData(
        locations=[Location(0, 0) for _ in point],
        clients=[_client(problem, order, mandatory) for order in range(m)],
        depots=[Depot(0), *(_depot(problem, site) for site in range(problem.n_sites))],
        vehicle_types=[
            _vehicle_type(problem, group, int(p)) for group, p in zip(groups, profile, strict=True)
        ],
        distance_matrices=matrices,
        duration_matrices=matrices,
    )


def _within_reach(travel: IntArray, allowed: BoolArray) -> IntArray:
    matrix = travel.copy()
    barred = 1 + np.flatnonzero(~allowed)
    matrix[barred, :] = matrix[:, barred] = OUT_OF_REACH
    np.fill_diagonal(matrix, 0)
    return matrix


def _client(problem: RoutingProblem, order: int, mandatory: bool) -> Client:
    first, last = problem.order_windows[order][0].tolist()
    return Client(
        location=1 + order,
        delivery=[int(problem.order_need[order, 0])],
        service_duration=int(problem.order_service_min[order]),
        tw_early=first,
        tw_late=last,
        prize=0 if mandatory else _cents(problem.order_penalty, order),
        required=mandatory,
    )


def _depot(problem: RoutingProblem, site: int) -> Depot:
    first, last = problem.site_windows[site][0].tolist()
    return Depot(
        1 + problem.n_orders + site,
        tw_early=first,
        tw_late=last,
        service_duration=int(problem.site_service_min[site, 0]),
    )


def _vehicle_type(problem: RoutingProblem, group: list[int], profile: int) -> VehicleType:
    slots, k = problem.slots, group[0]
    return VehicleType(
        num_available=len(group),
        capacity=[int(np.floor(slots.capacity_kg[k]))],
        tw_early=int(slots.open_min[k]),
        tw_late=int(slots.close_min[k]),
        start_late=int(min(slots.last_start_min[k], slots.close_min[k])),
        max_distance=int(slots.max_driving_min[k]),
        unit_distance_cost=_cents(slots.cost_per_km, k),
        unit_duration_cost=_cents(slots.cost_per_min, k),
        profile=profile,
        reload_depots=[1 + int(site) for site in np.flatnonzero(problem.site_allowed[:, k])],
    )


def _cents(price: FloatArray, k: int) -> int:
    return round(float(price[k]) * CENTS)


def _route(problem: RoutingProblem, route: PeerRoute, slot: int) -> Route:
    visits = []
    for stop in route.schedule():
        if stop.is_client():
            visits.append(
                Visit(
                    stop.idx,
                    -1,
                    stop.end_time - int(problem.order_service_min[stop.idx]),
                    stop.end_time,
                )
            )
        elif stop.idx > 0:
            visits.append(
                Visit(
                    -1,
                    stop.idx - 1,
                    stop.end_time - int(problem.site_service_min[stop.idx - 1, 0]),
                    stop.end_time,
                )
            )
    return Route(slot, route.start_time(), route.end_time(), tuple(visits))
