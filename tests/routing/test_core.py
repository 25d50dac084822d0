"""The compiled core beside a slow, independent enumeration of all solutions; settings; its own
bookkeeping.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from benchmarks.routing_cases import routing_case
from lmrs_rl.domain import InputError
from lmrs_rl.routing.core import CoreSettings, annealing, ruin_and_recreate
from lmrs_rl.routing.core.arrays import core_arrays, empty_state
from lmrs_rl.routing.costs import objective
from lmrs_rl.routing.explaining.reasons import own_trip_cost, single_order
from lmrs_rl.routing.problem import RoutingProblem, build_problem
from tests import tiny
from tests.routing import cases
from tests.routing.cases import order
from tests.routing.random_problems import random_problem
from tests.routing.reference import optimum
from tests.tiny import TANK_A, TANK_B

ENOUGH = CoreSettings(iterations=1000, iterations_per_order=0)


def small_problems(first: int, last: int) -> Iterator[tuple[int, RoutingProblem]]:
    """Problems of up to four orders, twelve slots and two sites, without nights: few enough
    solutions to try them all.
    """
    for seed in range(first, last):
        case = random_problem(seed, most_tanks=2, most_call_ins=2)
        problem = build_problem(
            case.network, case.snapshot, case.orders, horizon_min=case.horizon_days * 1440
        )
        if (
            problem.n_orders
            and 0 < len(problem.slots) <= 12
            and not problem.slots.night.any()
            and problem.n_sites <= 2
        ):
            yield seed, problem


def gaps(first: int, last: int) -> dict[int, float]:
    """[currency] by which the core's answer is over the optimum (under it, if negative), by
    seed.
    """
    answers = {
        seed: objective(p, ruin_and_recreate(p, ENOUGH, 0)) - optimum(p)
        for seed, p in small_problems(first, last)
    }
    assert len(answers) > (last - first) / 5
    return answers


def test_the_core_finds_the_optimum_nearly_always_and_nothing_better() -> None:
    found = np.array(list(gaps(0, 120).values()))
    assert found.min() > -1e-6
    assert np.mean(found < 1e-6) >= 0.95


@pytest.mark.heavy
def test_the_core_finds_the_optimum_nearly_always_and_nothing_better_on_many_problems() -> None:
    found = np.array(list(gaps(1000, 2500).values()))
    assert found.min() > -1e-6
    assert np.mean(found < 1e-6) >= 0.97


def test_arrays_made_before_give_the_same_routes() -> None:
    for _, problem in small_problems(0, 20):
        assert ruin_and_recreate(
            problem, ENOUGH, 0, core=core_arrays(problem)
        ) == ruin_and_recreate(problem, ENOUGH, 0)


@pytest.mark.parametrize("seed", range(40))
def test_the_cores_own_objective_is_that_of_the_routes_it_gives(seed: int) -> None:
    case = random_problem(seed)
    problem = build_problem(
        case.network, case.snapshot, case.orders, horizon_min=case.horizon_days * 1440
    )
    if not problem.n_orders or not len(problem.slots):
        return
    core = core_arrays(problem)
    state = empty_state(core)
    annealing.anneal(
        core, state, 200, (10.0, 10.0, 0.01), (30.0, 0.3), 5, np.array([77], dtype=np.uint64)
    )
    counted = float(annealing.state_objective(core, state))
    assert objective(problem, annealing.read_state(problem, core, state)) == pytest.approx(
        counted, rel=1e-9, abs=1e-6
    )


def test_a_late_drop_costs_the_penalty_spread_over_a_day() -> None:
    # Due at once, A open from 4 h to 4 h: 240 min late at 1440 / 1440 a minute on top of the 40 km
    # and 110 min of the trip.
    network, at = tiny.network(), cases.loaded(500.0)
    problem = build_problem(
        network,
        at,
        [order(TANK_A, windows_h=[[4.0, 4.0]], penalty=1440.0, stockout_h=0.0)],
        horizon_min=1440,
    )
    assert objective(problem, ruin_and_recreate(problem, ENOUGH, 0)) == 240.0 + 40.0 + 55.0


def test_a_drop_that_would_be_late_is_served_first() -> None:
    # A lies before B on the way; B is dry at 60 min and can just be reached then: first B, then A
    # on the way back.
    at = cases.loaded(1000.0)
    orders = [
        order(TANK_A, windows_h=[[0.0, 9.0]]),
        order(TANK_B, windows_h=[[0.0, 9.0]], stockout_h=1.0),
    ]
    made = cases.plan(orders, at=at)
    assert [s.place for s in made.trips[0].stops] == [TANK_B, TANK_A]
    assert made.trips[0].stops[0].arrival_min == 60


def test_no_work_gives_the_first_insertion() -> None:
    problem = build_problem(tiny.network(), cases.start(), [order()], horizon_min=1440)
    assert (
        objective(
            problem,
            ruin_and_recreate(problem, CoreSettings(iterations=0, iterations_per_order=0), 0),
        )
        == 105.0
    )


def test_groups_of_orders_are_worth_trips_that_none_of_them_is() -> None:
    # One order pays for a trip, all others pay 60 % of one of their own: many go together, where
    # they lie near each other.
    network, snapshot, orders = routing_case(100, seed=2, reloads=False)
    problem = build_problem(network, snapshot, orders, horizon_min=7200)
    own = np.array([own_trip_cost(single_order(problem, k)) for k in range(problem.n_orders)])
    penalty = np.where(np.isfinite(own), 0.6 * own, 0.0)
    penalty[np.argmin(own)] = 1e4
    routes = ruin_and_recreate(replace(problem, order_penalty=penalty), ENOUGH, 0)
    assert sum(len(route.visits) for route in routes) >= 12


@pytest.mark.parametrize(
    ("name", "bad", "fine"),
    [
        ("iterations", -1, 0),
        ("iterations_per_order", -1, 0),
        ("mean_removed", 0.0, 0.1),
        ("longest_string", 0.9, 1.0),
        ("blink", 1.0, 0.99),
        ("blink", -0.01, 0.0),
        ("start_temperature", 0.0, 0.1),
        ("end_temperature", 0.0, 0.1),
        ("retries", 0, 1),
    ],
)
def test_settings_refuse_what_makes_no_sense(name: str, bad: float, fine: float) -> None:
    with pytest.raises(InputError, match=name):
        CoreSettings(**{name: bad})  # type: ignore[arg-type]
    CoreSettings(**{name: fine})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("iterations", "mean_removed"),
    [(2499, 8.0), (2500, 6.0), (9999, 6.0), (10_000, CoreSettings().mean_removed)],
)
def test_less_work_for_each_order_takes_fewer_of_them_out_at_a_time(
    iterations: int, mean_removed: float
) -> None:
    settings = CoreSettings.for_work(iterations, orders=10)
    assert (settings.iterations, settings.iterations_per_order) == (iterations, 0)
    assert settings.mean_removed == mean_removed


def test_settings_for_work_on_no_orders_are_settings() -> None:
    assert CoreSettings.for_work(0, orders=0).iterations == 0
