"""Planners of agents."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from lmrs_rl.dispatchers import Agent, FixedDispatcher, FixedParameters, load_agent
from lmrs_rl.dispatchers.lookahead_settings import LookAheadSettings
from lmrs_rl.dispatchers.protocol import Dispatcher
from lmrs_rl.lookahead import LookAhead, planner_of
from lmrs_rl.lookahead.agents import DispatcherProposes, look_ahead_of
from lmrs_rl.routing import OrToolsRouter, RouterSettings
from lmrs_rl.simulation import OrderPlanner
from lmrs_rl.worlds.parameters import Cost
from tests.environment.small import first_morning
from tests.seer import Seer

TRAIN = RouterSettings.preset("train")
COST = Cost(stockout_per_tank_day=77.0)
BASE, OTHER = (
    Agent("base", "fixed", FixedParameters()),
    Agent("other", "fixed", FixedParameters(z=0.8)),
)
AHEAD = Agent(
    "ahead",
    "lookahead",
    BASE.parameters,
    BASE,
    OTHER,
    LookAheadSettings(candidates=3, seeds=1, days=2, paths=2, budget=6),
)


def test_an_ordinary_agent_has_the_ordinary_planner() -> None:
    planner = planner_of(load_agent("extended"), TRAIN, COST, np.random.default_rng(0))
    assert isinstance(planner, OrderPlanner)
    assert isinstance(planner.dispatcher, FixedDispatcher)
    assert planner.router == OrToolsRouter(TRAIN)


def test_a_look_ahead_has_its_base_its_cost_and_its_proposer() -> None:
    planner = planner_of(AHEAD, TRAIN, COST, np.random.default_rng(0))
    assert isinstance(planner, LookAhead)
    assert planner.base == FixedDispatcher(FixedParameters())
    assert (planner.cost, planner.router, planner.settings) == (COST, TRAIN, AHEAD.search)
    found = planner.consider(first_morning())
    assert [each.name for each in found.candidates] == ["base", "other", "more alpha"]
    assert set(found.candidates[1].parameters.z) == {0.8}


@pytest.mark.parametrize("half", [replace(AHEAD, search=None), replace(AHEAD, base=None)])
def test_who_lacks_a_search_or_a_base_does_not_look_ahead(half: Agent) -> None:
    assert look_ahead_of(half, TRAIN, COST, np.random.default_rng(0)) is None


def test_the_seed_of_futures_comes_from_the_stream() -> None:
    seeds = [planner_of(AHEAD, TRAIN, COST, np.random.default_rng(k)).seed for k in (0, 0, 1)]  # type: ignore[attr-defined]
    assert seeds[0] == seeds[1] != seeds[2]


def test_a_change_reaches_every_dispatcher_that_takes_part() -> None:
    changed: list[Dispatcher] = []

    def change(dispatcher: Dispatcher) -> Dispatcher:
        changed.append(dispatcher)
        return dispatcher

    planner_of(AHEAD, TRAIN, COST, np.random.default_rng(0), change=change)
    planner_of(BASE, TRAIN, COST, np.random.default_rng(0), change=change)
    assert set(changed) == {
        FixedDispatcher(FixedParameters()),
        FixedDispatcher(FixedParameters(z=0.8)),
    }
    assert len(changed) == 3


def test_a_proposer_sees_the_date_and_the_plans() -> None:
    morning, seer = first_morning(), Seer(FixedDispatcher())
    base = FixedDispatcher()(morning.network, morning.snapshot, morning.forecast)
    plan = OrderPlanner(FixedDispatcher(), OrToolsRouter(TRAIN))(morning).plan
    (proposal,) = DispatcherProposes("seer", seer)(
        replace(morning, plans=(plan,)), base, np.random.default_rng(0)
    )
    assert proposal[0] == "seer"
    assert seer.shown == [(morning.date, (plan,))]
