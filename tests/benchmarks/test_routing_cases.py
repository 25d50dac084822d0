"""Generated mornings for routing benchmarks: alike in kind, different in size, within what peers
can state.
"""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.routing_cases import MOST_DRIVING_MIN, routing_case
from lmrs_rl.domain import CallInOrders, Days, InputError
from lmrs_rl.domain.arrays import FOREVER
from lmrs_rl.referee import judge
from lmrs_rl.routing.core import CoreSettings, ruin_and_recreate
from lmrs_rl.routing.problem import RoutingProblem, build_problem
from lmrs_rl.routing.quantities import set_quantities
from lmrs_rl.routing.router import plan_of_routes
from lmrs_rl.routing.routes import Routes

VARIANTS = pytest.mark.parametrize("reloads", [False, True])


def problem_of(tanks: int, seed: int, reloads: bool) -> RoutingProblem:
    return build_problem(*routing_case(tanks, seed=seed, reloads=reloads), horizon_min=5 * 1440)


@VARIANTS
def test_the_seed_decides_everything(reloads: bool) -> None:
    (network, _, orders), (again, _, same), (_, _, other) = (
        routing_case(25, seed=s, reloads=reloads) for s in (3, 3, 4)
    )
    assert np.array_equal(network.travel_min, again.travel_min)
    assert [vars(o) | {"windows_h": 0} for o in orders] == [
        vars(o) | {"windows_h": 0} for o in same
    ]
    assert all(np.array_equal(a.windows_h, b.windows_h) for a, b in zip(orders, same, strict=True))
    assert [o.penalty for o in orders] != [o.penalty for o in other]


def test_both_variants_have_the_same_tanks_and_orders() -> None:
    (network, _, orders), (with_sites, _, others) = (
        routing_case(25, seed=1, reloads=r) for r in (False, True)
    )
    assert np.array_equal(network.travel_min, with_sites.travel_min[:26, :26])
    assert [o.penalty for o in orders] == [o.penalty for o in others]


@pytest.mark.parametrize(("tanks", "orders"), [(25, 10), (50, 20), (100, 40)])
def test_two_of_five_tanks_order(tanks: int, orders: int) -> None:
    assert len(routing_case(tanks, seed=0, reloads=False)[2]) == orders


def test_sites_come_with_reloading_only() -> None:
    assert len(routing_case(25, seed=0, reloads=False)[0].sites) == 0
    assert {len(routing_case(25, seed=s, reloads=True)[0].sites) for s in range(8)} == {1, 2, 3}


@VARIANTS
def test_every_order_is_within_reach_of_a_truck_that_may_come(reloads: bool) -> None:
    problem = problem_of(100, 0, reloads)
    assert np.all(problem.order_allowed.any(axis=1))
    there_and_back = (
        problem.travel_min[0, problem.order_point] + problem.travel_min[problem.order_point, 0]
    )
    assert there_and_back.max() <= MOST_DRIVING_MIN
    assert problem.order_need.max() <= problem.slots.capacity_kg.min()


def test_penalties_fall_with_the_time_to_the_stock_out() -> None:
    orders = routing_case(500, seed=0, reloads=False)[2]
    ends, penalties = (
        np.array([o.windows_h[0, 1] for o in orders]),
        np.array([o.penalty for o in orders]),
    )
    assert penalties[ends < 48].mean() > 1.5 * penalties[ends >= 119].mean()


@VARIANTS
def test_the_fleet_serves_about_four_fifths(reloads: bool) -> None:
    shares = []
    for seed in range(3):
        problem = problem_of(50, seed, reloads)
        routes = ruin_and_recreate(problem, CoreSettings(iterations=500, iterations_per_order=0), 0)
        shares.append(sum(v.order >= 0 for r in routes for v in r.visits) / problem.n_orders)
    assert 0.7 <= np.mean(shares) <= 0.95


@VARIANTS
def test_the_referee_takes_a_plan_of_a_case(reloads: bool) -> None:
    network, snapshot, orders = routing_case(50, seed=2, reloads=reloads)
    problem = build_problem(network, snapshot, orders, horizon_min=5 * 1440)
    routes = Routes(
        ruin_and_recreate(problem, CoreSettings(iterations=200, iterations_per_order=0), 0)
    )
    plan = plan_of_routes(problem, routes, set_quantities(problem, routes))
    days = Days("case", snapshot, np.zeros((24 * 7, network.n_tanks)), CallInOrders.none())
    assert plan.trips
    assert judge(network, days, plan.trips).operating == ()


@VARIANTS
def test_peers_can_state_it(reloads: bool) -> None:
    problem = problem_of(100, 1, reloads)
    assert len(problem.slots.conflict) == 0
    assert all(len(w) == 1 for w in problem.order_windows)
    assert np.all(problem.order_due_min >= FOREVER)
    assert np.array_equal(problem.km, problem.travel_min)


@pytest.mark.parametrize(("tanks", "seed", "fine"), [(2, 0, False), (3, 0, True), (3, -1, False)])
def test_a_case_needs_an_order_and_a_seed(tanks: int, seed: int, fine: bool) -> None:
    if fine:
        assert len(routing_case(tanks, seed=seed, reloads=True)[2]) == 1
    else:
        with pytest.raises(InputError):
            routing_case(tanks, seed=seed, reloads=True)
