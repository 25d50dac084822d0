"""One run of a grid: a scenario under one dispatcher, its warm-up included, and what came of the
days that count.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

import numpy as np

from lmrs_rl.bounds import limit_of_trips
from lmrs_rl.dispatchers import Agent
from lmrs_rl.dispatchers.protocol import Dispatcher, dispatcher_at
from lmrs_rl.domain import Days, Forecast, InputError, Network, OrderParameters, Plan, Snapshot
from lmrs_rl.domain.arrays import HOURS_PER_DAY
from lmrs_rl.evaluation.key_figures import sent_kg
from lmrs_rl.evaluation.measure import AHEAD
from lmrs_rl.evaluation.sweep import PricedDispatcher
from lmrs_rl.forecast.remembered import RememberedForecaster
from lmrs_rl.lookahead import planner_of
from lmrs_rl.referee import Violation, judge
from lmrs_rl.routing import RouterSettings
from lmrs_rl.routing.router import Preset
from lmrs_rl.simulation import (
    DayOutcome,
    Decision,
    DecisionState,
    OrderPlanner,
    Planner,
    Rollout,
    World,
    run,
)
from lmrs_rl.simulation.forecasts import ForecastModel, hindsight, scenario_forecaster
from lmrs_rl.simulation.plan_changes import churn
from lmrs_rl.stock import settled
from lmrs_rl.worlds import Scenario, WorldClass, draw_scenario, network_as_it_was

LOTS = 1
"""Second part of the seed of those dispatchers that draw lots; the first is the scenario's."""


@dataclass(frozen=True, eq=False)
class EvaluationInstance:
    """A scenario that several dispatchers play in: drawn once, forecast once.

    Attributes
    ----------
    scenario, world_class : drawn, and from what
    foretold : what the model says each morning
    known : what really comes, for hindsight
    """

    scenario: Scenario
    world_class: WorldClass
    foretold: RememberedForecaster
    known: RememberedForecaster

    @classmethod
    def of(
        cls, world_class: WorldClass, seed: int, forecast: ForecastModel, days: int | None = None
    ) -> EvaluationInstance:
        """Draw the scenario, all of it or with only the first ``days`` that count, see
        `first_days`.
        """
        scenario = draw_scenario(world_class, seed)
        return cls.in_scenario(
            world_class, scenario if days is None else first_days(scenario, days), forecast
        )

    @classmethod
    def in_scenario(
        cls, world_class: WorldClass, scenario: Scenario, forecast: ForecastModel
    ) -> EvaluationInstance:
        """For a scenario at hand, such as one with something changed in it."""
        foretold = RememberedForecaster(scenario_forecaster(scenario, forecast))
        return cls(scenario, world_class, foretold, RememberedForecaster(hindsight(scenario)))

    def simulated(self, agent: Agent, price: float = 1.0) -> World:
        """The scenario as ``agent`` may see it, a stock-out at ``price`` times its price."""
        cost = self.world_class.cost
        dearer = replace(
            cost,
            stockout_per_tank_day=price * cost.stockout_per_tank_day,
            lost_per_kg=price * cost.lost_per_kg,
        )
        return World.of(self.scenario, dearer, self.known if agent.sees_truth else self.foretold)


def first_days(scenario: Scenario, days: int) -> Scenario:
    """The same scenario, ended after ``days`` that count: what comes later is known to hindsight
    alone.

    A class with a shorter episode draws other days, so that is no way to shorten one.

    Raises
    ------
    InputError
        For no days or more than there are.
    """
    most = scenario.days_total - scenario.warmup_days
    if not 1 <= days <= most:
        raise InputError(
            "days",
            days,
            f"1 to the {most} days of {scenario.name}",
            "shorten the episode or leave it out",
        )
    end, use = HOURS_PER_DAY * (scenario.warmup_days + days), scenario.days.use_kg
    return replace(
        scenario,
        days=replace(scenario.days, use_kg=use[:end]),
        after_kg=np.concatenate([use[end:], scenario.after_kg]),
    )


@dataclass(frozen=True, eq=False)
class RecordingDispatcher:
    """``dispatcher`` with an eye on it: the forecasts it was shown, and the seconds that it took
    over each, in lists that its mornings share.
    """

    dispatcher: Dispatcher
    forecasts: list[Forecast] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)

    def __call__(self, network: Network, snapshot: Snapshot, forecast: Forecast) -> OrderParameters:
        self.forecasts.append(forecast)
        began = time.perf_counter()
        parameters = self.dispatcher(network, snapshot, forecast)
        self.seconds.append(time.perf_counter() - began)
        return parameters

    def at(self, date: np.datetime64 | None, plans: tuple[Plan, ...]) -> RecordingDispatcher:
        """Hands what is known of the morning on."""
        return replace(self, dispatcher=dispatcher_at(self.dispatcher, date, plans))


@dataclass(frozen=True, eq=False)
class RecordingPlanner:
    """As `RecordingDispatcher`, of a planner that is more than a dispatcher and a router; its seconds are
    those of the whole decision.
    """

    planner: Planner
    forecasts: list[Forecast] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)

    def __call__(self, morning: DecisionState) -> Decision:
        self.forecasts.append(morning.forecast)
        began = time.perf_counter()
        decision = self.planner(morning)
        self.seconds.append(time.perf_counter() - began)
        return decision


def with_recording(planner: Planner) -> tuple[RecordingDispatcher | RecordingPlanner, Planner]:
    """An eye on what is compared, and the planner with the eye on it: the dispatcher where that
    and a router are all, else the planner.
    """
    if isinstance(planner, OrderPlanner):
        eye = RecordingDispatcher(planner.dispatcher)
        return eye, replace(planner, dispatcher=eye)
    watched = RecordingPlanner(planner)
    return watched, watched


@dataclass(frozen=True, eq=False)
class EvaluationRun:
    """A run in full.

    Attributes
    ----------
    scenario : that was run
    rollout : the days that count, from the morning after the warm-up
    warmup_plan : of the last morning of the warm-up, ``None`` without one
    forecasts : of the mornings that count
    times : [s] by what, other on every machine and at every go
    """

    scenario: Scenario
    rollout: Rollout
    warmup_plan: Plan | None
    forecasts: tuple[Forecast, ...]
    times: dict[str, float]

    @property
    def days(self) -> Days:
        """What happened in the days that count."""
        whole, begin = self.scenario.days, self.rollout.begin
        use_kg = whole.use_kg[HOURS_PER_DAY * begin.day :]
        return Days(whole.name, begin.stock, use_kg, whole.call_in_orders)


def evaluate_agent(
    stage: EvaluationInstance, agent: Agent, preset: Preset, price: float = 1.0
) -> EvaluationRun:
    """The whole scenario under ``agent``, warm-up first where there is one, so that levels and
    plans are its own when counting begins.
    """
    world = stage.simulated(agent, price)
    planner, stranger = (_planner(stage, agent, preset, world, price) for _ in range(2))
    warm = run(world, planner, days=stage.scenario.warmup_days)
    # Loads what a process loads once, such as compiled code, so that the clock does not meet it;
    # with a generator of its own it moves no draw.
    stranger(warm.end)
    watched, planner = with_recording(planner)
    began = time.perf_counter()
    rollout = run(world, planner, begin=warm.end)
    times = {
        "seconds_a_day": time.perf_counter() - began,
        "dispatcher_seconds_a_day": sum(watched.seconds),
    }
    each = {name: seconds / len(rollout.days) for name, seconds in times.items()}
    plan = warm.days[-1].plan if warm.days else None
    return EvaluationRun(stage.scenario, rollout, plan, tuple(watched.forecasts), each)


def _planner(
    stage: EvaluationInstance, agent: Agent, preset: Preset, world: World, price: float
) -> Planner:
    """A planner of its own, with its generator."""
    rng = np.random.default_rng((stage.scenario.seed, LOTS))
    return planner_of(
        agent,
        RouterSettings.preset(preset),
        world.cost,
        rng,
        change=lambda each: PricedDispatcher(each, price),
    )


def run_figures(done: EvaluationRun) -> dict[str, float]:
    """Figures of a run by name: sums over the days that count, from which `Measure`s are quotients.

    The referee recounts km, kg and broken rules, in trips as they really went, after midnight too;
    ``limit_km`` is the physical limit of what was delivered.
    """
    scenario, days = done.scenario, done.rollout.days
    network = network_as_it_was(scenario.network, scenario.outages)
    really = settled(network, done.rollout.begin.stock, [day.executed for day in days])
    happened, trips = replace(done.days, start=really.start), really.trips
    verdict = judge(network, happened, trips)
    counted = {
        "tanks": float(network.n_tanks),
        "days": float(len(days)),
        "tank_days": float(network.n_tanks * len(days)),
        "cost": sum(day.costs.total for day in days),
        **{
            f"cost_{name}": sum(day.costs.as_dict()[name] for day in days)
            for name in days[0].costs.as_dict()
        },
        "stockout_tank_days": sum(day.stockout_tank_days for day in days),
        "orders": float(sum(len(day.orders) for day in days)),
        "missed_orders": float(sum(len(day.plan.missed) for day in days)),
        "unfinished_plans": float(sum(not day.plan.complete for day in days)),
    }
    judged = verdict.figures
    recounted = {
        "km": judged.km,
        "kg": judged.kg,
        "trips": float(judged.trips),
        "drops": float(judged.drops),
        "unmet_kg": judged.unmet_kg,
        "below_hit_tank_hours": float(judged.below_hit_tank_hours),
        "broken_rules": float(sum(not _fate(violation) for violation in verdict.operating)),
    }
    limit = limit_of_trips(network, happened, trips)
    return (
        counted
        | recounted
        | {"limit_km": limit.km, "sent_kg": sent_kg(network, trips)}
        | changes(done.warmup_plan, days)
    )


def _fate(violation: Violation) -> bool:
    """A tank run dry is bad service and counted as such; a drop that was planned may be cut
    under the least where less was used than foretold.
    """
    return (violation.code == "DYN01" and "dry" in violation.where) or violation.code == "SHI16"


def changes(before: Plan | None, days: Sequence[DayOutcome]) -> dict[str, float]:
    """Drops that a plan had for the k-th day ahead, and those of them that the next morning's
    plan moved or dropped, or gave to another vehicle.
    """
    plans = [*([before] if before is not None else []), *(day.plan for day in days)]
    counts = dict.fromkeys(
        (f"plan_{what}_{k}" for k in AHEAD for what in ("drops", "changed")), 0.0
    )
    for old, new in pairwise(plans):
        for k, day in zip(AHEAD, churn(old, new, days=len(AHEAD)).days, strict=True):
            counts[f"plan_drops_{k}"] += day.planned
            counts[f"plan_changed_{k}"] += day.planned - day.kept
    return counts
