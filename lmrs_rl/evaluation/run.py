"""One run of a comparison: a dispatcher in a scenario, with its warm-up, and the run's figures."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

import numpy as np

from lmrs_rl.bounds import limit_of_trips
from lmrs_rl.dispatchers import Agent
from lmrs_rl.dispatchers.protocol import Dispatcher, dispatcher_at
from lmrs_rl.domain import (
    Days,
    Forecast,
    InputError,
    Network,
    OrderParameters,
    Plan,
    Snapshot,
    Trip,
)
from lmrs_rl.domain.arrays import HOURS_PER_DAY
from lmrs_rl.evaluation.key_figures import sent_kg
from lmrs_rl.evaluation.measure import DAYS_AHEAD
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

DISPATCHER_STREAM = 1
"""Second part of the seed of dispatchers that draw at random; the first is the scenario's seed."""


@dataclass(frozen=True, eq=False)
class EvaluationInstance:
    """A scenario in which several dispatchers run: it is drawn and forecast only once.

    Attributes
    ----------
    scenario : drawn
    world_class : it was drawn from
    forecaster : forecasts of the model, for all dispatchers but hindsight
    truth_forecaster : what really comes, for hindsight
    """

    scenario: Scenario
    world_class: WorldClass
    forecaster: RememberedForecaster
    truth_forecaster: RememberedForecaster

    @classmethod
    def of(
        cls, world_class: WorldClass, seed: int, forecast: ForecastModel, days: int | None = None
    ) -> EvaluationInstance:
        """Draw the scenario of a seed.

        Parameters
        ----------
        world_class : to draw from
        seed : of the draw
        forecast : forecasting model
        days : evaluate only the first days after the warm-up, see `first_days`
        """
        scenario = draw_scenario(world_class, seed)
        if days is not None:
            scenario = first_days(scenario, days)
        return cls.in_scenario(world_class, scenario, forecast)

    @classmethod
    def in_scenario(
        cls, world_class: WorldClass, scenario: Scenario, forecast: ForecastModel
    ) -> EvaluationInstance:
        """The instance of a given scenario, such as a variation of a drawn one."""
        forecaster = RememberedForecaster(scenario_forecaster(scenario, forecast))
        return cls(scenario, world_class, forecaster, RememberedForecaster(hindsight(scenario)))

    def world(self, agent: Agent, stockout_cost_factor: float = 1.0) -> World:
        """The world to simulate, with the forecasts that ``agent`` may see.

        A stock-out in it costs ``stockout_cost_factor`` times as much.
        """
        cost = self.world_class.cost
        scaled = replace(
            cost,
            stockout_per_tank_day=stockout_cost_factor * cost.stockout_per_tank_day,
            lost_per_kg=stockout_cost_factor * cost.lost_per_kg,
        )
        forecaster = self.truth_forecaster if agent.sees_truth else self.forecaster
        return World.of(self.scenario, scaled, forecaster)


def first_days(scenario: Scenario, days: int) -> Scenario:
    """The same scenario, ended ``days`` days after its warm-up.

    What comes later stays known to hindsight. A world class with a shorter episode would draw other
    days, since the length is part of the draw.

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
    """A dispatcher that records its forecasts and decision times.

    Attributes
    ----------
    dispatcher : that decides
    forecasts : of all mornings
    seconds : [s] that each decision took
    """

    dispatcher: Dispatcher
    # The lists are shared with the dispatchers that `at` returns, one for each morning.
    forecasts: list[Forecast] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)

    def __call__(self, network: Network, snapshot: Snapshot, forecast: Forecast) -> OrderParameters:
        self.forecasts.append(forecast)
        began = time.perf_counter()
        parameters = self.dispatcher(network, snapshot, forecast)
        self.seconds.append(time.perf_counter() - began)
        return parameters

    def at(self, date: np.datetime64 | None, plans: tuple[Plan, ...]) -> RecordingDispatcher:
        """The dispatcher with the morning's date and the previous plans; see `dispatcher_at`."""
        return replace(self, dispatcher=dispatcher_at(self.dispatcher, date, plans))


@dataclass(frozen=True, eq=False)
class RecordingPlanner:
    """A planner that records its forecasts and decision times.

    Attributes
    ----------
    planner : that decides
    forecasts : of all mornings
    seconds : [s] that each decision took, routing included
    """

    planner: Planner
    forecasts: list[Forecast] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)

    def __call__(self, state: DecisionState) -> Decision:
        self.forecasts.append(state.forecast)
        began = time.perf_counter()
        decision = self.planner(state)
        self.seconds.append(time.perf_counter() - began)
        return decision


def with_recording(planner: Planner) -> tuple[RecordingDispatcher | RecordingPlanner, Planner]:
    """A recorder, and the planner with the recorder in it.

    The dispatcher is recorded where the planner consists of a dispatcher and a router, so that
    times are those of what is compared; otherwise the whole planner is.
    """
    if isinstance(planner, OrderPlanner):
        recorder = RecordingDispatcher(planner.dispatcher)
        return recorder, replace(planner, dispatcher=recorder)
    whole = RecordingPlanner(planner)
    return whole, whole


@dataclass(frozen=True, eq=False)
class EvaluationRun:
    """A run of a dispatcher in a scenario.

    Attributes
    ----------
    scenario : that was run
    rollout : days after the warm-up
    warmup_plan : plan of the last morning of the warm-up, ``None`` without one
    forecasts : of the mornings after the warm-up
    times : [s] by name, see `TIMES`; they differ from run to run
    """

    scenario: Scenario
    rollout: Rollout
    warmup_plan: Plan | None
    forecasts: tuple[Forecast, ...]
    times: dict[str, float]

    @property
    def days(self) -> Days:
        """True use and orders from the end of the warm-up on."""
        whole, begin = self.scenario.days, self.rollout.begin
        use_kg = whole.use_kg[HOURS_PER_DAY * begin.day :]
        return Days(whole.name, begin.stock, use_kg, whole.call_in_orders)


def evaluate_agent(
    instance: EvaluationInstance, agent: Agent, preset: Preset, stockout_cost_factor: float = 1.0
) -> EvaluationRun:
    """Run an agent through a scenario.

    The warm-up is run first, where there is one, so that levels and plans are the agent's own when
    counting begins.

    Parameters
    ----------
    instance : scenario with its forecasts
    agent : that decides
    preset : effort of the router
    stockout_cost_factor : factor on the cost of a stock-out, in the costs and in the decisions
    """
    world = instance.world(agent, stockout_cost_factor)
    planner, loading_planner = (
        _planner(instance, agent, preset, world, stockout_cost_factor) for _ in range(2)
    )
    warm = run(world, planner, days=instance.scenario.warmup_days)
    # A second planner decides the first morning once and is thrown away: it loads what a process
    # loads once, such as compiled code, before times are taken. It has a generator of its own, so
    # the draws of the first one stay the same.
    loading_planner(warm.end)
    recorder, planner = with_recording(planner)
    began = time.perf_counter()
    rollout = run(world, planner, begin=warm.end)
    times = {
        "seconds_a_day": time.perf_counter() - began,
        "dispatcher_seconds_a_day": sum(recorder.seconds),
    }
    each = {name: seconds / len(rollout.days) for name, seconds in times.items()}
    plan = warm.days[-1].plan if warm.days else None
    return EvaluationRun(instance.scenario, rollout, plan, tuple(recorder.forecasts), each)


def _planner(
    instance: EvaluationInstance,
    agent: Agent,
    preset: Preset,
    world: World,
    stockout_cost_factor: float,
) -> Planner:
    """A new planner with a generator of its own."""
    rng = np.random.default_rng((instance.scenario.seed, DISPATCHER_STREAM))
    return planner_of(
        agent,
        RouterSettings.preset(preset),
        world.cost,
        rng,
        change=lambda each: PricedDispatcher(each, stockout_cost_factor),
    )


def run_figures(done: EvaluationRun) -> dict[str, float]:
    """Figures of a run by name: sums over its days, of which every `Measure` is a quotient.

    The referee recounts km, kg and broken rules from the executed trips, which may end after
    midnight of the last day. ``limit_km`` is a lower bound of the km for what was delivered.
    """
    scenario, days = done.scenario, done.rollout.days
    network = network_as_it_was(scenario.network, scenario.outages)
    executed = settled(network, done.rollout.begin.stock, [day.executed for day in days])
    # Drops in transit when counting begins are set to what fitted, as drops after midnight are.
    happened, trips = replace(done.days, start=executed.start), executed.trips
    limit = limit_of_trips(network, happened, trips)
    return (
        _counted(network.n_tanks, days)
        | _recounted(network, happened, trips)
        | {"limit_km": limit.km, "sent_kg": sent_kg(network, trips)}
        | count_plan_changes(done.warmup_plan, days)
    )


def _counted(n_tanks: int, days: Sequence[DayOutcome]) -> dict[str, float]:
    """Figures that the simulation counts day by day."""
    return {
        "tanks": float(n_tanks),
        "days": float(len(days)),
        "tank_days": float(n_tanks * len(days)),
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


def _recounted(network: Network, happened: Days, trips: Sequence[Trip]) -> dict[str, float]:
    """Figures that the referee counts from the executed trips."""
    verdict = judge(network, happened, trips)
    figures = verdict.figures
    broken = [violation for violation in verdict.operating if not _is_no_fault(violation)]
    return {
        "km": figures.km,
        "kg": figures.kg,
        "trips": float(figures.trips),
        "drops": float(figures.drops),
        "unmet_kg": figures.unmet_kg,
        "below_hit_tank_hours": float(figures.below_hit_tank_hours),
        "broken_rules": float(len(broken)),
    }


def _is_no_fault(violation: Violation) -> bool:
    """Whether a violation may occur in a sound run.

    A tank that runs dry (DYN01) counts as a stock-out instead. A drop below the least quantity
    (SHI16) occurs where less was used than forecast, so that the tank has room for less.
    """
    return (violation.code == "DYN01" and "dry" in violation.where) or violation.code == "SHI16"


def count_plan_changes(before: Plan | None, days: Sequence[DayOutcome]) -> dict[str, float]:
    """Drops planned for the k-th day ahead, and those of them that the next plan changed.

    A drop is changed where the next morning's plan moves it to another day, drops it, or gives it
    to another vehicle.

    Parameters
    ----------
    before : plan of the morning before the first day
    days : with their plans

    Returns
    -------
    dict
        ``plan_drops_k`` and ``plan_changed_k`` for each k of `DAYS_AHEAD`.
    """
    plans = [*([before] if before is not None else []), *(day.plan for day in days)]
    counts = dict.fromkeys(
        (f"plan_{what}_{k}" for k in DAYS_AHEAD for what in ("drops", "changed")), 0.0
    )
    for old, new in pairwise(plans):
        for k, day in zip(DAYS_AHEAD, churn(old, new, days=len(DAYS_AHEAD)).days, strict=True):
            counts[f"plan_drops_{k}"] += day.planned
            counts[f"plan_changed_{k}"] += day.planned - day.kept
    return counts
