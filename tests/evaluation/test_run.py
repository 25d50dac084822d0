"""Runs of one scenario: who sees what, and what is counted."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lmrs_rl.dispatchers import Agent, FixedDispatcher, load_agent
from lmrs_rl.dispatchers.lookahead_settings import LookAheadSettings
from lmrs_rl.domain import Costs, InputError, Plan, Stop, Trip
from lmrs_rl.domain.shipped import shipped_worlds
from lmrs_rl.environment import LmrsEnv
from lmrs_rl.evaluation.run import (
    DISPATCHER_STREAM,
    EvaluationInstance,
    EvaluationRun,
    RecordingDispatcher,
    count_plan_changes,
    evaluate_agent,
    first_days,
    run_figures,
)
from lmrs_rl.forecast import KnownUse
from lmrs_rl.lookahead import planner_of
from lmrs_rl.referee import judge
from lmrs_rl.routing import RouterSettings
from lmrs_rl.simulation import Decision, DecisionState, Planner, run
from lmrs_rl.worlds import network_as_it_was, read_world_class
from tests import tiny
from tests.evaluation.grids import WORLD
from tests.seer import Seer


@pytest.fixture(scope="module")
def instance() -> EvaluationInstance:
    return EvaluationInstance.of(WORLD, 3_000_000, "ridge")


@pytest.fixture(scope="module")
def extended(instance: EvaluationInstance) -> EvaluationRun:
    return evaluate_agent(instance, load_agent("extended"), "train")


def test_only_days_after_the_warmup_count(
    instance: EvaluationInstance, extended: EvaluationRun
) -> None:
    assert [day.day for day in extended.rollout.days] == [1, 2, 3]
    assert extended.warmup_plan is not None
    assert extended.warmup_plan.time_min == 0
    assert extended.days.hours == 72
    found = run_figures(extended)
    assert found["days"] == 3
    assert found["km"] == pytest.approx(sum(day.km for day in extended.rollout.days))
    parts = sum(
        found[f"cost_{name}"] for name in ("distance", "time", "nights", "stockouts", "lost")
    )
    assert found["cost"] == pytest.approx(parts - found["cost_stock"])


def test_hindsight_sees_what_comes_and_the_others_do_not(
    instance: EvaluationInstance, extended: EvaluationRun
) -> None:
    knowing = evaluate_agent(instance, load_agent("hindsight"), "train")
    wanted = instance.scenario.days.use_kg[24:48].sum(axis=0)
    assert knowing.forecasts[0].cumulative(0.5)[:, 24] == pytest.approx(wanted)
    assert extended.forecasts[0].cumulative(0.5)[:, 24] != pytest.approx(wanted)
    # On the last morning it still sees the days after the end.
    after = instance.scenario.after_kg[:24].sum(axis=0)
    assert np.diff(knowing.forecasts[-1].cumulative(0.5)[:, [24, 48]])[:, 0] == pytest.approx(after)


@pytest.mark.parametrize("name", ["extended", "hindsight"])
def test_fewer_days_are_the_first_of_the_whole_scenario(
    instance: EvaluationInstance, name: str
) -> None:
    whole, short = (
        evaluate_agent(each, load_agent(name), "train")
        for each in (instance, EvaluationInstance.of(WORLD, 3_000_000, "ridge", 2))
    )
    assert [day.costs for day in short.rollout.days] == [
        day.costs for day in whole.rollout.days[:2]
    ]
    assert [day.km for day in short.rollout.days] == [day.km for day in whole.rollout.days[:2]]
    found = run_figures(short)
    assert (found["days"], found["broken_rules"]) == (2, 0)
    assert found["km"] == pytest.approx(sum(day.km for day in whole.rollout.days[:2]))


def test_fewer_days_go_as_those_of_an_environment_with_as_many() -> None:
    short = evaluate_agent(
        EvaluationInstance.of(WORLD, 3_000_000, "weekly", 2), load_agent("extended"), "train"
    )
    env = LmrsEnv(WORLD, days=2)
    env.reset(options={"seed_of_world": 3_000_000})
    infos = [env.step(np.zeros((env.n_max, 7), dtype=np.float32))[4] for _ in range(2)]
    assert [-info["reward_eur"] for info in infos] == [
        day.costs.total for day in short.rollout.days
    ]


@pytest.mark.parametrize(("days", "good"), [(0, False), (1, True), (3, True), (4, False)])
def test_a_scenario_is_cut_within_its_days(
    instance: EvaluationInstance, days: int, good: bool
) -> None:
    scenario = instance.scenario
    if not good:
        with pytest.raises(InputError, match="days: got"):
            first_days(scenario, days)
        return
    cut = first_days(scenario, days)
    assert cut.days_total == scenario.warmup_days + days
    one, whole = (np.concatenate([each.days.use_kg, each.after_kg]) for each in (cut, scenario))
    assert np.array_equal(one, whole)


def test_a_dearer_stockout_is_charged_dearer(instance: EvaluationInstance) -> None:
    agent = load_agent("default")
    once, thrice = (instance.world(agent, price).cost for price in (1.0, 3.0))
    assert thrice.stockout_per_tank_day == 3 * once.stockout_per_tank_day
    assert thrice.lost_per_kg == 3 * once.lost_per_kg
    assert thrice.stock_value == once.stock_value


def test_an_eye_on_a_dispatcher_hands_on_what_it_is_told_and_keeps_all_mornings() -> None:
    seer, date = Seer(FixedDispatcher()), np.datetime64("2024-01-01")
    watched, network, snapshot = RecordingDispatcher(seer), tiny.network(), tiny.snapshot()
    for _ in range(2):
        watched.at(date, ())(network, snapshot, KnownUse(tiny.days())(network, snapshot))
    assert seer.shown == [(date, ()), (date, ())]
    assert len(watched.forecasts) == len(watched.seconds) == 2


def test_the_same_run_comes_out_again(
    instance: EvaluationInstance, extended: EvaluationRun
) -> None:
    again = run_figures(
        evaluate_agent(
            EvaluationInstance.of(WORLD, 3_000_000, "ridge"), load_agent("extended"), "train"
        )
    )
    assert again == run_figures(extended)


@pytest.mark.parametrize("name", ["random", "ahead"])
def test_the_clock_meets_no_first_decision_and_draws_stay_as_they_were(
    instance: EvaluationInstance, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A stranger decides the first morning that counts before the clock starts; its lots are its
    own.
    """
    base = load_agent("extended")
    search = LookAheadSettings(candidates=3, seeds=1, days=2, paths=2, budget=6)
    agent = (
        load_agent("random")
        if name == "random"
        else Agent("ahead", "lookahead", base.parameters, base, None, search)
    )
    made: list[Planner] = []
    mornings: list[tuple[int, int]] = []

    def noted(*arguments: Any, **options: Any) -> Planner:
        inner, number = planner_of(*arguments, **options), len(made)
        made.append(inner)

        def planner(morning: DecisionState) -> Decision:
            mornings.append((number, morning.day))
            return inner(morning)

        return planner

    monkeypatch.setattr("lmrs_rl.evaluation.run.planner_of", noted)
    done = evaluate_agent(instance, agent, "train")
    assert mornings == [(0, 0), (1, 1), (0, 1), (0, 2), (0, 3)]
    alone = planner_of(
        agent,
        RouterSettings.preset("train"),
        done.rollout.world.cost,
        np.random.default_rng((instance.scenario.seed, DISPATCHER_STREAM)),
    )
    days = run(done.rollout.world, alone).days
    assert [day.costs for day in days[1:]] == [day.costs for day in done.rollout.days]
    assert all(
        np.array_equal(a.parameters.alpha, b.parameters.alpha)
        for a, b in zip(days[1:], done.rollout.days, strict=True)
    )


def plan(morning: int, drops: dict[int, int]) -> Plan:
    """A plan made on a morning that drops at customers on days ``drops[customer]``."""
    trips = tuple(
        Trip(
            0,
            0,
            0,
            1440 * day,
            1440 * day + 60,
            (Stop("drop", who, 1440 * day + 20, 1440 * day + 30, 5.0),),
        )
        for who, day in drops.items()
    )
    return Plan(1440 * morning, trips, (), Costs(0.0, 0.0, 0.0, 0.0))


@pytest.mark.heavy
def test_trips_over_midnight_are_judged_as_they_went(shared_data: Path) -> None:
    # With the quick plans of training some drops of these days do not fit after midnight: as booked
    # on the evening, later loads would not either.
    instance = EvaluationInstance.of(
        read_world_class("air-liquide", data=shared_data), 1_000_003, "weekly", days=6
    )
    done = evaluate_agent(instance, load_agent("extended"), "train")
    booked = [trip for day in done.rollout.days for trip in day.executed.trips]
    network = network_as_it_was(instance.scenario.network, instance.scenario.outages)
    broken = [each.code for each in judge(network, done.days, booked).operating]
    assert "SHI06" in broken
    assert run_figures(done)["broken_rules"] == 0


def test_changes_are_counted_by_how_far_ahead_the_drop_was(extended: EvaluationRun) -> None:
    # On morning 0: 10 and 11 for D+1, 12 for D+2. Next morning 11 is put off and 12 is kept.
    day = extended.rollout.days[0]
    decision = replace(day.decision, plan=plan(1, {10: 1, 11: 2, 12: 2}))
    after = replace(day, day=1, decision=decision)
    counted = count_plan_changes(plan(0, {10: 1, 11: 1, 12: 2}), [after])
    assert (counted["plan_drops_1"], counted["plan_changed_1"]) == (2, 1)
    assert (counted["plan_drops_2"], counted["plan_changed_2"]) == (1, 0)
    assert (counted["plan_drops_3"], counted["plan_drops_4"]) == (0, 0)
    # Without a plan before there is nothing to change.
    assert set(count_plan_changes(None, [after]).values()) == {0.0}


@pytest.mark.heavy
@pytest.mark.parametrize("world", shipped_worlds())
def test_runs_in_shipped_worlds_keep_the_rules_and_never_beat_the_physical_limit(
    world: str,
) -> None:
    found = read_world_class(world)
    small = replace(
        found,
        size=replace(found.size, tanks=(12, 24), n_max=24),
        episode=replace(found.episode, days=7, warmup_days=3),
    )
    for agent in ("extended", "random"):
        counted = run_figures(
            evaluate_agent(
                EvaluationInstance.of(small, small.splits.train[0], "weekly"),
                load_agent(agent),
                "train",
            )
        )
        assert counted["broken_rules"] == 0
        assert 0 < counted["limit_km"] <= counted["km"]


def test_a_look_ahead_plays_and_its_seconds_are_those_of_the_whole_decision(
    instance: EvaluationInstance, extended: EvaluationRun
) -> None:
    base = load_agent("extended")
    alone = Agent(
        "alone",
        "lookahead",
        base.parameters,
        base,
        None,
        LookAheadSettings(candidates=1, seeds=1, days=2, paths=1, budget=0),
    )
    done = evaluate_agent(instance, alone, "train")
    # With one candidate it is its base.
    assert run_figures(done) == run_figures(extended)
    assert [each.start_min for each in done.forecasts] == [1440, 2880, 4320]
    assert (
        0.5 * done.times["seconds_a_day"]
        < done.times["dispatcher_seconds_a_day"]
        <= done.times["seconds_a_day"]
    )
    ahead = Agent(
        "ahead",
        "lookahead",
        base.parameters,
        base,
        None,
        LookAheadSettings(candidates=3, seeds=1, days=2, paths=2, budget=6),
    )
    assert run_figures(evaluate_agent(instance, ahead, "train"))["broken_rules"] == 0
