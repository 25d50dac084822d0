"""The same input and seed give the same plan, in this process and in another."""

from __future__ import annotations

import multiprocessing

import pytest

from lmrs_rl.domain import InputError, Plan
from lmrs_rl.routing import RouterSettings
from lmrs_rl.routing.core import CoreSettings
from lmrs_rl.routing.ortools.search import SearchSettings
from tests.routing.checks import faults, solve
from tests.routing.random_problems import random_problem

BUSY = (3, 5, 39)
"""Seeds of problems with many orders."""

SETTINGS = RouterSettings(core=CoreSettings(iterations=200, iterations_per_order=0))


def busy_plan(seed: int) -> Plan:
    return solve(random_problem(seed, most_tanks=20, mild=True), SETTINGS).plan


@pytest.mark.parametrize("seed", BUSY)
def test_the_same_input_gives_the_same_plan_twice(seed: int) -> None:
    first = busy_plan(seed)
    assert len(first.trips) > 0
    assert busy_plan(seed) == first


def test_the_same_input_gives_the_same_plan_in_another_process() -> None:
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        there = pool.map(busy_plan, BUSY)
    assert there == [busy_plan(seed) for seed in BUSY]


def test_guided_search_ends_by_its_work_and_is_the_same_twice() -> None:
    guided = RouterSettings(
        core=None, search=SearchSettings(metaheuristic="guided", branches=300, branches_per_order=0)
    )
    case = random_problem(BUSY[0], most_tanks=20, mild=True)
    assert faults(case, guided) == []  # the clock fired in none
    assert solve(case, guided).plan == solve(case, guided).plan


@pytest.mark.parametrize(
    ("bad", "fine"),
    [
        ({"branches": 0}, {"branches": 1}),
        ({"branches_per_order": -1}, {"branches_per_order": 0}),
        ({"operators": "some"}, {"operators": "few"}),
        ({"clock_limit_s": 0}, {"clock_limit_s": 1}),
        ({"metaheuristic": "tabu"}, {"metaheuristic": "guided"}),
    ],
)
def test_search_settings_refuse_what_makes_no_sense(
    bad: dict[str, int], fine: dict[str, int]
) -> None:
    with pytest.raises(InputError, match=next(iter(bad))):
        SearchSettings(**bad)  # type: ignore[arg-type]
    SearchSettings(**fine)  # type: ignore[arg-type]
