"""The one simulation of a day."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from lmrs_rl.domain import InputError, Plan
from lmrs_rl.domain.arrays import FloatArray
from lmrs_rl.orders import make_orders
from lmrs_rl.referee import judge
from lmrs_rl.routing.protocol import router_after
from lmrs_rl.simulation import GivenParameters, OrderPlanner, carry_out, decide, next_state, run
from lmrs_rl.stock import execute
from lmrs_rl.worlds import Breakdowns, known_network, known_snapshot, network_as_it_was
from tests.environment.small import (
    DISPATCHER,
    PLANNER,
    ROUTER,
    first_morning,
    small_scenario,
    small_world,
)
from tests.seer import Seer


def test_days_are_those_of_the_rolling_horizon() -> None:
    # The horizon is written out here, part by part, without anything of the simulation.
    world, scenario = small_world(), small_scenario()
    stock, plans, levels = scenario.days.start, list[Plan](), list[FloatArray]()
    for first in range(0, scenario.days.hours, 24):
        network = known_network(scenario.network, scenario.outages, stock.time_min)
        snapshot = known_snapshot(stock, scenario.outages)
        forecast = world.forecaster(network, snapshot)
        parameters = DISPATCHER(network, snapshot, forecast)
        orders = make_orders(network, snapshot, forecast, parameters)
        plan = router_after(ROUTER, plans[-1:])(network, snapshot, orders)
        today = plan.starting_before(stock.time_min + 1440)
        use_kg = scenario.days.use_kg[first : first + 24]
        executed, stock = execute(
            scenario.network, stock, today, use_kg, scenario.days.call_in_orders
        )
        plans.append(plan)
        levels.append(executed.level_kg)
    rollout = run(world, PLANNER)
    assert [day.plan for day in rollout.days] == plans
    assert np.array_equal(rollout.level_kg, np.concatenate(levels))
    assert len(rollout.days) == scenario.days_total == 5


def test_the_referee_finds_nothing_and_counts_the_same() -> None:
    scenario = small_scenario()
    days = run(small_world(), PLANNER).days
    figures = judge(
        network_as_it_was(scenario.network, scenario.outages),
        scenario.days,
        [trip for day in days for trip in day.executed.trips],
    )
    assert figures.operating == ()
    assert sum(day.km for day in days) == pytest.approx(figures.figures.km)
    assert sum(
        day.costs.distance + day.costs.time + day.costs.nights for day in days
    ) == pytest.approx(figures.figures.cost)


def test_a_run_in_two_parts_is_the_run() -> None:
    world = small_world()
    whole = run(world, PLANNER)
    first = run(world, PLANNER, days=2)
    rest = run(world, PLANNER, begin=first.end)
    assert [day.costs for day in (*first.days, *rest.days)] == [day.costs for day in whole.days]


def test_mornings_keep_two_plans_the_latest_first() -> None:
    rollout = run(small_world(), PLANNER, days=3)
    assert rollout.end.plans == (rollout.days[2].plan, rollout.days[1].plan)
    assert first_morning().plans == ()


def test_a_dispatcher_that_can_is_shown_the_date_and_the_plans_before() -> None:
    scenario, seer = small_scenario(), Seer(DISPATCHER)
    days = run(small_world(), OrderPlanner(seer, ROUTER), days=2).days
    first = scenario.panel.first_day + np.timedelta64(scenario.first_day, "D")
    assert seer.shown == [(first, ()), (first + 1, (days[0].plan,))]


def test_playing_changes_nothing_that_was_given() -> None:
    world, morning = small_world(), first_morning()
    parameters = DISPATCHER(morning.network, morning.snapshot, morning.forecast)
    one, other = (
        carry_out(world, morning, decide(morning, GivenParameters(parameters), ROUTER))
        for _ in range(2)
    )
    assert one.costs == other.costs
    assert one.plan == other.plan
    mornings = [next_state(world, morning, each) for each in (one, other)]
    assert np.array_equal(mornings[0].stock.level_kg, mornings[1].stock.level_kg)


def test_each_day_is_told_of() -> None:
    told: list[int] = []
    run(small_world(), PLANNER, days=2, on_day=lambda day: told.append(day.day))
    assert told == [0, 1]


def test_days_beyond_the_end_are_refused() -> None:
    world = small_world()
    end = run(world, PLANNER).end
    assert run(world, PLANNER, begin=end).days == ()
    with pytest.raises(InputError, match="days"):
        run(world, PLANNER, days=6)
    parameters = DISPATCHER(end.network, end.snapshot, end.forecast)
    with pytest.raises(InputError, match="world is over"):
        carry_out(world, end, decide(end, GivenParameters(parameters), ROUTER))


def test_a_morning_knows_of_a_breakdown_when_it_is_known() -> None:
    world = small_world()
    day = 1440
    broken = Breakdowns(np.array([0]), np.array([2 * day]), np.array([0]), vehicle=np.array([0]))
    morning = replace(world, outages=replace(world.outages, breakdowns=broken)).start()
    assert morning.snapshot.vehicle_free_min[0] == 2 * day
    assert morning.stock.vehicle_free_min[0] == 0
