"""The same input and seed give the same plan, in this process and in another."""

from __future__ import annotations

import multiprocessing

import pytest

from lmrs_rl.domain import InputError, Plan
from lmrs_rl.routing import RouterSettings
from lmrs_rl.routing.core import CoreSettings
from lmrs_rl.routing.search import SearchSettings
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


def test_guided_search_is_legal_and_says_when_the_clock_stopped_it() -> None:
    guided = RouterSettings(core=CoreSettings(iterations=10, iterations_per_order=0), search=SearchSettings(30, 0, "guided", clock_limit_s=1))
    assert set(faults(random_problem(BUSY[0], mild=True), guided)) <= {"plan: the clock fired"}


@pytest.mark.parametrize(
    ("bad", "fine"),
    [
        ({"solutions": 0}, {"solutions": 1}),
        ({"solutions_per_order": -1}, {"solutions_per_order": 0}),
        ({"clock_limit_s": 0}, {"clock_limit_s": 1}),
        ({"metaheuristic": "tabu"}, {"metaheuristic": "guided"}),
    ],
)
def test_search_settings_refuse_what_makes_no_sense(bad: dict[str, int], fine: dict[str, int]) -> None:
    with pytest.raises(InputError, match=next(iter(bad))):
        SearchSettings(**bad)  # type: ignore[arg-type]
    SearchSettings(**fine)  # type: ignore[arg-type]
