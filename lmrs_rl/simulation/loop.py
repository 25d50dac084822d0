"""The rolling-horizon loop: decide, execute the first day, continue from its result."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from lmrs_rl.domain import Executed, InputError, Order, OrderParameters, Plan, Snapshot, Trip
from lmrs_rl.domain.arguments import whole_number
from lmrs_rl.domain.arrays import HOURS_PER_DAY, MINUTES_PER_HOUR, FloatArray
from lmrs_rl.simulation.costs import DayCosts, day_costs, driven_km, stockout_days
from lmrs_rl.simulation.state import Decision, DecisionState, Planner
from lmrs_rl.simulation.world import World
from lmrs_rl.stock import execute, settled


@dataclass(frozen=True, eq=False)
class DayOutcome:
    """The decision of a morning and the result of the day.

    Attributes
    ----------
    day : counted from the first morning of the world
    decision : parameters, orders and plan
    executed : what really happened
    costs : of the day
    km : [km] of the trips that started
    stock : the snapshot at the end of the day
    """

    day: int
    decision: Decision
    executed: Executed
    costs: DayCosts
    km: float
    stock: Snapshot

    @property
    def parameters(self) -> OrderParameters:
        """Order parameters decided."""
        return self.decision.parameters

    @property
    def orders(self) -> tuple[Order, ...]:
        """Orders decided."""
        return self.decision.orders

    @property
    def plan(self) -> Plan:
        """Plan decided."""
        return self.decision.plan

    @property
    def kg(self) -> float:
        """[kg] dropped by the trips that started, later drops as planned."""
        return float(sum(trip.dropped_kg for trip in self.executed.trips))

    @property
    def stockout_tank_days(self) -> float:
        """Tanks that could not supply all that was demanded that day."""
        return float(stockout_days(self.executed.unmet_kg).sum())


@dataclass(frozen=True, eq=False)
class Rollout:
    """Consecutive days of a world under one planner.

    Attributes
    ----------
    world : the world simulated
    begin : the first morning
    days : outcome of each day as known on its evening; trips may still be under way then

    Examples
    --------
    >>> import lmrs_rl
    >>> from lmrs_rl.planning import open_source
    >>> rollout = lmrs_rl.simulate(open_source("demo", days=2)).rollout
    >>> len(rollout.days) == rollout.world.days.hours // 24
    True
    """

    world: World
    begin: DecisionState
    days: tuple[DayOutcome, ...]

    @cached_property
    def end(self) -> DecisionState:
        """The morning after the last day."""
        if not self.days:
            return self.begin
        # The latest plan first, as a state has them: pins and features look at yesterday's.
        plans = tuple(day.plan for day in reversed(self.days))
        first = self.begin
        return self.world.state(
            first.day + len(self.days), self.days[-1].stock, (*plans, *first.plans)
        )

    @cached_property
    def trips(self) -> tuple[Trip, ...]:
        """All trips driven, by start, with executed quantities, those after midnight included."""
        executed = [day.executed for day in self.days]
        # A drop after midnight was booked as planned; only the next day showed how much of it
        # fitted.
        driven = settled(self.world.network, self.begin.stock, executed).trips
        return tuple(sorted(driven, key=lambda trip: (trip.start_min, trip.driver, trip.vehicle)))

    @property
    def level_kg(self) -> FloatArray:
        """(H, n) [kg] level of each tank at the end of each hour."""
        return np.concatenate([day.executed.level_kg for day in self.days])

    @property
    def unmet_kg(self) -> FloatArray:
        """(H, n) [kg] demand that an empty tank could not supply."""
        return np.concatenate([day.executed.unmet_kg for day in self.days])


def run(
    world: World,
    planner: Planner,
    *,
    begin: DecisionState | None = None,
    days: int | None = None,
    on_day: Callable[[DayOutcome], None] | None = None,
) -> Rollout:
    """Run days of ``world`` under ``planner``: decide, execute one day, move on.

    Parameters
    ----------
    world : what happens
    planner : decides each morning
    begin : the morning to start from, the first one if not given
    days : how many, to the end of the world if not given
    on_day : called with every day as it ends (progress bars)

    Returns
    -------
    Rollout
        The days run, also if there are none.

    Raises
    ------
    InputError
        For more days than are left.

    Examples
    --------
    >>> import lmrs_rl
    >>> from lmrs_rl.dispatchers import FixedDispatcher
    >>> from lmrs_rl.routing import OrToolsRouter
    >>> from lmrs_rl.simulation import OrderPlanner
    >>> router = OrToolsRouter(lmrs_rl.RouterSettings.preset("quick"))
    >>> planner = OrderPlanner(FixedDispatcher(lmrs_rl.FixedParameters()), router)
    >>> rollout = lmrs_rl.run(lmrs_rl.open_world("demo", days=2), planner)
    >>> [day.day for day in rollout.days]
    [0, 1]
    """
    state = begin = world.start() if begin is None else begin
    outcomes: list[DayOutcome] = []
    for _ in range(_count(days, world.days_left(begin))):
        # Before the decision and not after the day, so that no forecast is made for a morning that
        # nobody decides.
        if outcomes:
            state = next_state(world, state, outcomes[-1])
        outcomes.append(carry_out(world, state, planner(state)))
        if on_day is not None:
            on_day(outcomes[-1])
    return Rollout(world, begin, tuple(outcomes))


def carry_out(world: World, state: DecisionState, decision: Decision) -> DayOutcome:
    """Execute the first day of a decision's plan against the true consumption of the world.

    Raises
    ------
    InputError
        After the last day of the world.
    """
    # By the clock and not by the number of the day: a rollout may begin in the middle of a world.
    first = (state.stock.time_min - world.days.start.time_min) // MINUTES_PER_HOUR
    use_kg = world.days.use_kg[first : first + HOURS_PER_DAY]
    if not len(use_kg):
        raise InputError(
            "day", state.day, "a day of the world", "the world is over: start another one"
        )
    # The last day of a world may be shorter, and `execute` refuses trips that start after it.
    today = decision.plan.starting_before(state.stock.time_min + MINUTES_PER_HOUR * len(use_kg))
    # From the stock and not from the snapshot: outages are put into each morning's snapshot anew.
    executed, stock = execute(world.network, state.stock, today, use_kg, world.days.call_in_orders)
    costs = day_costs(world.network, world.cost, world.prices, state.stock, executed, stock)
    km = driven_km(world.network, executed.trips)
    return DayOutcome(state.day, decision, executed, costs, km, stock)


def next_state(world: World, state: DecisionState, outcome: DayOutcome) -> DecisionState:
    """The morning that follows ``outcome``, the day that began at ``state``."""
    return world.state(state.day + 1, outcome.stock, (outcome.plan, *state.plans))


def _count(days: int | None, left: int) -> int:
    if days is None:
        return left
    wanted = f"a whole number, 0 to the {left} days that are left"
    return whole_number("days", days, 0, left, wanted, "run fewer days")
