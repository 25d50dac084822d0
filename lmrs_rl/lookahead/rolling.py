"""What a decision costs: driven today, planned on by the base on the mornings after, over a future
that was drawn.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from lmrs_rl.domain.arrays import FloatArray
from lmrs_rl.lookahead.risk import DayRisk
from lmrs_rl.simulation import Decision, DecisionState, Planner, run
from lmrs_rl.simulation.futures import Futures
from lmrs_rl.simulation.prices import StockPrices
from lmrs_rl.worlds.parameters import Cost


@dataclass(frozen=True, eq=False)
class DecisionThenBase:
    """A `Planner` that takes ``decision`` on the morning at ``time_min``, and later asks
    ``base``.
    """

    decision: Decision
    time_min: int
    base: Planner

    def __call__(self, state: DecisionState) -> Decision:
        return self.decision if state.snapshot.time_min == self.time_min else self.base(state)


@dataclass(frozen=True, eq=False)
class Rolling:
    """A morning with the futures that may follow, see `Futures.world`.

    Attributes
    ----------
    state : from which all plans set out
    futures : the same for all plans
    risks : of each day of the futures
    base : who plans the mornings after
    cost, prices : cost model and stock prices of the days
    caution : multiple of its price at which a stock-out counts
    """

    state: DecisionState
    futures: Futures
    risks: tuple[DayRisk, ...]
    base: Planner
    cost: Cost
    prices: StockPrices
    caution: float = 1.0

    def costs(self, decision: Decision, paths: Sequence[int]) -> FloatArray:
        """(len(paths),) [EUR] what ``decision`` costs over each of the futures: the costs of all
        days, net of inventory change.

        Stock-outs count with their probability on each day, given its morning and its drops, see
        `DayRisk`; all else as it happens.
        """
        return np.array([self._cost(decision, path) for path in paths], dtype=np.float64)

    def _cost(self, decision: Decision, path: int) -> float:
        world = self.futures.world(self.state, path, self.cost, self.prices)
        begin = replace(self.state, stock=self.state.snapshot)
        planner = DecisionThenBase(decision, begin.stock.time_min, self.base)
        total, before = 0.0, begin.stock
        for risk, day in zip(self.risks, run(world, planner, begin=begin).days, strict=True):
            short = float(risk.running_short(before, day.executed).sum())
            stockouts = self.caution * self.cost.stockout_per_tank_day * short
            total += day.costs.total - day.costs.stockouts + stockouts
            before = day.stock
        return total
