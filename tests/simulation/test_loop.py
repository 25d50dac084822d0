"""The one simulation of a day."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from lmrs_rl.domain import InputError
from lmrs_rl.referee import judge
from lmrs_rl.simulation import play, run
from lmrs_rl.simulation.loop import roll
from lmrs_rl.worlds import InformedForecaster, InformedRouter, network_as_it_was
from tests.environment.small import DISPATCHER, ROUTER, first_morning, small_world
from tests.seer import Seer


def test_days_are_those_of_the_rolling_horizon() -> None:
    world = small_world()
    scenario = world.scenario
    rollout = roll(
        scenario.network,
        scenario.days,
        InformedForecaster(scenario, world.forecaster),
        DISPATCHER,
        InformedRouter(scenario, ROUTER),
    )
    episode = run(world, DISPATCHER, ROUTER)
    assert [day.plan for day in episode.days] == [day.plan for day in rollout.days]
    assert np.array_equal(
        np.concatenate([day.executed.level_kg for day in episode.days]), rollout.level_kg
    )
    assert len(episode.days) == scenario.days_total == 5


def test_the_referee_finds_nothing_and_counts_the_same() -> None:
    world = small_world()
    days = run(world, DISPATCHER, ROUTER).days
    figures = judge(
        network_as_it_was(world.scenario),
        world.scenario.days,
        [trip for day in days for trip in day.executed.trips],
    )
    assert figures.operating == ()
    assert sum(day.km for day in days) == pytest.approx(figures.figures.km)
    assert sum(
        day.costs.distance + day.costs.time + day.costs.nights for day in days
    ) == pytest.approx(figures.figures.cost)


def test_a_run_in_two_parts_is_the_run() -> None:
    world = small_world()
    whole = run(world, DISPATCHER, ROUTER)
    first = run(world, DISPATCHER, ROUTER, days=2)
    rest = run(world, DISPATCHER, ROUTER, begin=first.end)
    assert [day.costs for day in (*first.days, *rest.days)] == [day.costs for day in whole.days]


def test_mornings_keep_two_plans_the_latest_first() -> None:
    episode = run(small_world(), DISPATCHER, ROUTER, days=3)
    assert episode.end.plans == (episode.days[2].plan, episode.days[1].plan)
    assert first_morning().plans == ()


def test_a_dispatcher_that_can_is_shown_the_date_and_the_plans_before() -> None:
    world, seer = small_world(), Seer(DISPATCHER)
    days = run(world, seer, ROUTER, days=2).days
    panel = world.scenario.panel
    first = panel.first_day + np.timedelta64(world.scenario.first_day, "D")
    assert seer.shown == [(first, ()), (first + 1, (days[0].plan,))]


def test_playing_changes_nothing_that_was_given() -> None:
    world, morning = small_world(), first_morning()
    parameters = DISPATCHER(morning.network, morning.snapshot, morning.forecast)
    one, other = (play(world, morning, parameters, ROUTER)[0] for _ in range(2))
    assert one.costs == other.costs
    assert one.plan == other.plan


def test_each_day_is_told_of() -> None:
    told: list[int] = []
    run(small_world(), DISPATCHER, ROUTER, days=2, on_day=lambda day: told.append(day.day))
    assert told == [0, 1]


def test_days_beyond_the_end_are_refused() -> None:
    world = small_world()
    end = run(world, DISPATCHER, ROUTER).end
    assert run(world, DISPATCHER, ROUTER, begin=end).days == ()
    with pytest.raises(InputError, match="days"):
        run(world, DISPATCHER, ROUTER, days=6)
    parameters = DISPATCHER(end.network, end.snapshot, end.forecast)
    with pytest.raises(InputError, match="scenario is over"):
        play(world, end, parameters, ROUTER)


def test_a_morning_knows_of_a_breakdown_when_it_is_known() -> None:
    from lmrs_rl.simulation import start
    from lmrs_rl.worlds import Breakdowns

    world = small_world()
    day = 1440
    broken = Breakdowns(np.array([0]), np.array([2 * day]), np.array([0]), vehicle=np.array([0]))
    morning = start(replace(world, scenario=replace(world.scenario, breakdowns=broken)))
    assert morning.snapshot.vehicle_free_min[0] == 2 * day
    assert morning.stock.vehicle_free_min[0] == 0
