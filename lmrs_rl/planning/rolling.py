"""The rolling horizon: plan five days, execute one, go on from what it left."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from lmrs_rl.domain import Days, Executed, InputError, Network, Plan, Trip
from lmrs_rl.domain.arrays import HOURS_PER_DAY, MINUTES_PER_HOUR, FloatArray
from lmrs_rl.planning.day import plan_day
from lmrs_rl.planning.protocols import (
    Dispatcher,
    Forecaster,
    Router,
    morning_dispatcher,
    next_router,
)
from lmrs_rl.stock import execute, settled

PLANS_KEPT = 2
"""Yesterday's plan and the one before it: from the two follows what was moved."""


@dataclass(frozen=True, eq=False)
class DayRecord:
    """What was planned on a morning and what the day brought."""

    day: int
    plan: Plan
    executed: Executed


@dataclass(frozen=True, eq=False)
class Rollout:
    """Executed days, joined.

    Attributes
    ----------
    days : each as it was booked on its evening
    trips : all that were driven, in order of start, with what really was dropped and loaded, after
        midnight too
    """

    days: tuple[DayRecord, ...]
    trips: tuple[Trip, ...]

    @property
    def level_kg(self) -> FloatArray:
        """(H, n) [kg] level of each tank at the end of each hour."""
        return np.concatenate([day.executed.level_kg for day in self.days])

    @property
    def unmet_kg(self) -> FloatArray:
        """(H, n) [kg] what customers wanted and an empty tank could not give."""
        return np.concatenate([day.executed.unmet_kg for day in self.days])


def roll(
    network: Network,
    days: Days,
    forecaster: Forecaster,
    dispatcher: Dispatcher,
    router: Router,
    *,
    date: np.datetime64 | None = None,
    on_day: Callable[[DayRecord], None] | None = None,
) -> Rollout:
    """Run the LMRS over all ``days``: each morning plan, commit the trips that start that day,
    execute them.

    A router that can (`FollowingRouter`) is handed each plan for the next morning, a dispatcher
    that can (`SeeingDispatcher`) the plans of the two mornings before and the calendar's date,
    where ``date``, that of the first morning, is known. The last day may be shorter than 24 hours.
    ``on_day`` is told of every day as it ends (progress bars).
    """
    days.check_against(network)
    if days.hours == 0:
        raise InputError(
            "days.use_kg",
            "no hours",
            "at least one hour",
            "give the consumption of the days to run",
        )
    snapshot, records = days.start, []
    plans: tuple[Plan, ...] = ()
    for day, first in enumerate(range(0, days.hours, HOURS_PER_DAY)):
        use_kg = days.use_kg[first : first + HOURS_PER_DAY]
        today_is = None if date is None else date + np.timedelta64(day, "D")
        plan = plan_day(
            network, snapshot, forecaster, morning_dispatcher(dispatcher, today_is, plans), router
        )
        today = plan.starting_before(snapshot.time_min + MINUTES_PER_HOUR * len(use_kg))
        executed, snapshot = execute(network, snapshot, today, use_kg, days.call_in_orders)
        records.append(DayRecord(day, plan, executed))
        router, plans = next_router(router, plan), (plan, *plans)[:PLANS_KEPT]
        if on_day is not None:
            on_day(records[-1])
    driven = settled(network, days.start, [record.executed for record in records]).trips
    return Rollout(
        tuple(records),
        tuple(sorted(driven, key=lambda trip: (trip.start_min, trip.driver, trip.vehicle))),
    )
