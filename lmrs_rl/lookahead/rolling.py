"""What a plan comes to: driven today, planned on by the base on the mornings after, over a
future that was drawn.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from lmrs_rl.domain import CallInOrders, Plan, Snapshot
from lmrs_rl.domain.arrays import MINUTES_PER_DAY, FloatArray
from lmrs_rl.environment.costs import day_costs
from lmrs_rl.environment.prices import StockPrices
from lmrs_rl.environment.simulation import PLANS_KEPT, Morning, Planner
from lmrs_rl.lookahead.futures import Futures
from lmrs_rl.stock import execute
from lmrs_rl.worlds.parameters import Cost


@dataclass(frozen=True, eq=False)
class Rolling:
    """A morning with the futures that may follow.

    Only what is known on the morning goes in: its network (closures announced later are not in it),
    its snapshot (with breakdowns known by then), its forecast. Nobody calls in on imagined days.

    Attributes
    ----------
    morning : from which all plans set out
    futures : the same for all plans
    base : who plans the mornings after
    cost, prices : what days are reckoned with
    caution : multiple of its price at which a stock-out counts
    """

    morning: Morning
    futures: Futures
    base: Planner
    cost: Cost
    prices: StockPrices
    caution: float = 1.0

    def costs(self, plan: Plan, paths: Sequence[int]) -> FloatArray:
        """(len(paths),) [EUR] what ``plan`` comes to over each of the futures: the costs of all
        days less what the stock gained in worth.

        Stock-outs count with their probability on each day, given its morning and its drops, see
        `DayRisk`; all else as it happens.
        """
        return np.array([self._cost(plan, path) for path in paths], dtype=np.float64)

    def _cost(self, plan: Plan, path: int) -> float:
        morning, total = self.morning, 0.0
        morning = replace(morning, stock=morning.snapshot)
        for day in range(self.futures.days):
            if day:
                plan = self.base(morning).plan
            today = plan.starting_before(morning.snapshot.time_min + MINUTES_PER_DAY)
            executed, after = execute(
                morning.network,
                morning.stock,
                today,
                self.futures.use_kg[path, day],
                CallInOrders.none(),
            )
            costs = day_costs(
                morning.network, self.cost, self.prices, morning.stock, executed, after
            )
            short = self.futures.risks[day].running_short(morning.stock, executed).sum()
            total += (
                costs.total
                - costs.stockouts
                + self.caution * self.cost.stockout_per_tank_day * float(short)
            )
            if day + 1 < self.futures.days:
                morning = next_morning(morning, after, plan, self.futures, day + 1)
        return total


def next_morning(
    morning: Morning, stock: Snapshot, plan: Plan, futures: Futures, day: int
) -> Morning:
    """The imagined morning after, ``day`` days after the real one."""
    date = None if morning.date is None else morning.date + np.timedelta64(1, "D")
    plans = (plan, *morning.plans)[:PLANS_KEPT]
    return Morning(
        morning.day + 1, morning.network, stock, futures.forecasts[day], plans, stock, date
    )
