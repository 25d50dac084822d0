"""Costs of a decision by rollout: executed today, followed by the base, over drawn futures."""

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
    """A `Planner` that takes ``decision`` at ``time_min`` and follows ``base`` later."""

    decision: Decision
    time_min: int
    base: Planner

    def __call__(self, state: DecisionState) -> Decision:
        return self.decision if state.snapshot.time_min == self.time_min else self.base(state)


@dataclass(frozen=True, eq=False)
class RolloutEvaluator:
    """Evaluates decisions of a morning over the futures that may follow, see `Futures.world`.

    Attributes
    ----------
    state : of the morning
    futures : the same for all decisions
    risks : of each day of the futures
    base : planner of the later mornings
    cost, prices : cost model and inventory prices of the days
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
        """Costs (len(paths),) [EUR] of ``decision`` over each of the futures ``paths``.

        They are those of all days, net of inventory change. Stock-outs count with their probability
        on each day, given its morning and its drops, see `DayRisk`; all else as it happens.
        """
        return np.array([self._cost(decision, path) for path in paths], dtype=np.float64)

    def _cost(self, decision: Decision, path: int) -> float:
        world = self.futures.world(self.state, path, self.cost, self.prices)
        # The world of a future starts from this snapshot and has no outages of its own.
        begin = replace(self.state, stock=self.state.snapshot)
        planner = DecisionThenBase(decision, begin.stock.time_min, self.base)
        total, before = 0.0, begin.stock
        for risk, day in zip(self.risks, run(world, planner, begin=begin).days, strict=True):
            expected = float(risk.stockout_probability(before, day.executed).sum())
            stockouts = self.caution * self.cost.stockout_per_tank_day * expected
            total += day.costs.total - day.costs.stockouts + stockouts
            before = day.stock
        return total
