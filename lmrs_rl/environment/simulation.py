"""The one simulation of a day: what the environment steps through and evaluation runs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from lmrs_rl.domain import (
    Executed,
    Forecast,
    InputError,
    Network,
    Order,
    OrderParameters,
    Plan,
    Snapshot,
)
from lmrs_rl.domain.arrays import HOURS_PER_DAY, MINUTES_PER_DAY
from lmrs_rl.environment.arguments import whole_number
from lmrs_rl.environment.costs import DayCosts, day_costs, driven_km, stockout_days
from lmrs_rl.environment.prices import StockPrices
from lmrs_rl.orders import make_orders
from lmrs_rl.planning import Dispatcher, Forecaster, Router, morning_dispatcher, next_router
from lmrs_rl.planning.rolling import PLANS_KEPT as PLANS_KEPT
from lmrs_rl.stock import execute
from lmrs_rl.worlds import Scenario, known_network, known_snapshot
from lmrs_rl.worlds.parameters import Cost


@dataclass(frozen=True, eq=False)
class Simulated:
    """A scenario with what its days are reckoned with.

    Attributes
    ----------
    scenario : what happens
    cost : what it costs
    forecaster : module 1, one that knows of the scenario only what was known each morning
    prices : of stock
    """

    scenario: Scenario
    cost: Cost
    forecaster: Forecaster
    prices: StockPrices

    @classmethod
    def of(cls, scenario: Scenario, cost: Cost, forecaster: Forecaster) -> Simulated:
        return cls(scenario, cost, forecaster, StockPrices.of(scenario.network, cost))


@dataclass(frozen=True, eq=False)
class Morning:
    """What is known on a morning, before anything is decided.

    Attributes
    ----------
    day : counted from the scenario's first morning
    network, snapshot : as known now
    forecast : from now on
    plans : of the mornings before, the latest first, at most two
    stock : the snapshot as the day before left it, from which the day is executed
    date : of the calendar, ``None`` where it is not known
    """

    day: int
    network: Network
    snapshot: Snapshot
    forecast: Forecast
    plans: tuple[Plan, ...]
    stock: Snapshot
    date: np.datetime64 | None = None


@dataclass(frozen=True, eq=False)
class Decision:
    """What is decided on a morning: parameters, the orders that follow from them, and the plan
    of these.
    """

    parameters: OrderParameters
    orders: tuple[Order, ...]
    plan: Plan


class Planner(Protocol):
    """From all that is known on a morning to what is decided."""

    def __call__(self, morning: Morning, /) -> Decision: ...


@dataclass(frozen=True, eq=False)
class DispatchedPlanner:
    """The ordinary planner: a dispatcher chooses the parameters, a router plans the orders that
    follow from them.
    """

    dispatcher: Dispatcher
    router: Router

    def __call__(self, morning: Morning) -> Decision:
        dispatcher = morning_dispatcher(self.dispatcher, morning.date, morning.plans)
        return decide(
            morning, dispatcher(morning.network, morning.snapshot, morning.forecast), self.router
        )


@dataclass(frozen=True, eq=False)
class DayOutcome:
    """What was decided on a morning and what the day brought.

    Attributes
    ----------
    day : counted from the scenario's first morning
    parameters, orders, plan : decided
    executed, costs : brought
    km : [km] of the trips that started
    """

    day: int
    parameters: OrderParameters
    orders: tuple[Order, ...]
    plan: Plan
    executed: Executed
    costs: DayCosts
    km: float

    @property
    def kg(self) -> float:
        """[kg] dropped by the trips that started, later drops as planned."""
        return float(sum(trip.dropped_kg for trip in self.executed.trips))

    @property
    def stockout_tank_days(self) -> float:
        """Tanks that could not give all that was wanted that day."""
        return float(stockout_days(self.executed.unmet_kg).sum())


@dataclass(frozen=True, eq=False)
class Episode:
    """Days of a scenario, one after another, and the morning after the last."""

    days: tuple[DayOutcome, ...]
    end: Morning


def start(world: Simulated) -> Morning:
    """The first morning of a scenario."""
    return _morning(world, 0, world.scenario.days.start, ())


def decide(morning: Morning, parameters: OrderParameters, router: Router) -> Decision:
    """Orders from the parameters, a plan of them from yesterday's on."""
    orders = make_orders(morning.network, morning.snapshot, morning.forecast, parameters)
    plan = (next_router(router, morning.plans[0]) if morning.plans else router)(
        morning.network, morning.snapshot, orders
    )
    return Decision(parameters, orders, plan)


def play(
    world: Simulated, morning: Morning, parameters: OrderParameters, router: Router
) -> tuple[DayOutcome, Morning]:
    """A day: orders from the parameters, a plan from yesterday's on, its first trips driven while
    customers use what they use.

    Raises
    ------
    InputError
        After the last day of the scenario.
    """
    _refuse_the_end(world, morning)
    return carry_out(world, morning, decide(morning, parameters, router))


def carry_out(world: Simulated, morning: Morning, decision: Decision) -> tuple[DayOutcome, Morning]:
    """A day with a decision made: the first trips of its plan are driven while customers use what
    they use.

    Raises
    ------
    InputError
        After the last day of the scenario.
    """
    _refuse_the_end(world, morning)
    scenario, plan = world.scenario, decision.plan
    first = HOURS_PER_DAY * morning.day
    use_kg = scenario.days.use_kg[first : first + HOURS_PER_DAY]
    today = plan.starting_before(morning.snapshot.time_min + MINUTES_PER_DAY)
    executed, stock = execute(
        scenario.network, morning.stock, today, use_kg, scenario.days.call_in_orders
    )
    costs = day_costs(scenario.network, world.cost, world.prices, morning.stock, executed, stock)
    km = driven_km(scenario.network, executed.trips)
    outcome = DayOutcome(
        morning.day, decision.parameters, decision.orders, plan, executed, costs, km
    )
    return outcome, _morning(world, morning.day + 1, stock, (plan, *morning.plans)[:PLANS_KEPT])


def run(
    world: Simulated,
    dispatcher: Dispatcher,
    router: Router,
    *,
    begin: Morning | None = None,
    days: int | None = None,
    on_day: Callable[[DayOutcome], None] | None = None,
) -> Episode:
    """Days under one dispatcher, from ``begin`` (the first morning) on; to the end of the scenario
    or ``days`` of them.

    ``on_day`` is told of every day as it ends (progress bars).
    """
    return run_planner(
        world, DispatchedPlanner(dispatcher, router), begin=begin, days=days, on_day=on_day
    )


def run_planner(
    world: Simulated,
    planner: Planner,
    *,
    begin: Morning | None = None,
    days: int | None = None,
    on_day: Callable[[DayOutcome], None] | None = None,
) -> Episode:
    """Days under one planner, see `run`."""
    morning = start(world) if begin is None else begin
    left = world.scenario.days_total - morning.day
    count = (
        left
        if days is None
        else whole_number(
            "days",
            days,
            0,
            left,
            f"a whole number, 0 to the {left} days that are left",
            "run fewer days",
        )
    )
    outcomes = []
    for _ in range(count):
        outcome, morning = carry_out(world, morning, planner(morning))
        outcomes.append(outcome)
        if on_day is not None:
            on_day(outcome)
    return Episode(tuple(outcomes), morning)


def _morning(world: Simulated, day: int, stock: Snapshot, plans: tuple[Plan, ...]) -> Morning:
    network, snapshot = (
        known_network(world.scenario, stock.time_min),
        known_snapshot(world.scenario, stock),
    )
    return Morning(
        day,
        network,
        snapshot,
        world.forecaster(network, snapshot),
        plans,
        stock,
        date_of(world.scenario, day),
    )


def date_of(scenario: Scenario, day: int) -> np.datetime64:
    """Of the calendar, on the scenario's day ``day``."""
    return np.datetime64(scenario.panel.first_day + np.timedelta64(scenario.first_day + day, "D"))


def _refuse_the_end(world: Simulated, morning: Morning) -> None:
    total = world.scenario.days_total
    if morning.day >= total:
        raise InputError(
            "day", morning.day, f"less than {total}", "the scenario is over: start another one"
        )
