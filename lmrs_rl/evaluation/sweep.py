"""Dispatchers at other prices of a stock-out, and the front of km against stock-outs: service
made equal before km are compared.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from lmrs_rl.dispatchers.protocol import Dispatcher, dispatcher_at
from lmrs_rl.domain import Forecast, Network, OrderParameters, Plan, Snapshot
from lmrs_rl.domain.arrays import FloatArray

Z_RANGE = (0.005, 0.995)
"""Quantiles stay within."""
PRICES = (0.1, 0.3, 1.0, 3.0, 10.0)
"""Multiples of the price of a stock-out that a sweep tries."""


@dataclass(frozen=True, eq=False)
class PricedDispatcher:
    """What ``dispatcher`` would say if a stock-out cost ``price`` times as much.

    Missing an order costs that much more (``alpha``), and the quantile that is planned for follows
    the newsvendor's rule, by which its odds ``z / (1 - z)`` are proportional to the price of having
    too little (Arrow, Harris & Marschak 1951, doi:10.2307/1906813). A price of 1 changes nothing,
    to the bit. So any dispatcher, learned or not, gives a curve instead of a point.
    """

    dispatcher: Dispatcher
    price: float

    def __call__(self, network: Network, snapshot: Snapshot, forecast: Forecast) -> OrderParameters:
        parameters = self.dispatcher(network, snapshot, forecast)
        if self.price == 1.0:
            return parameters
        odds = self.price * parameters.z / (1.0 - parameters.z)
        return replace(
            parameters,
            alpha=self.price * parameters.alpha,
            z=np.clip(odds / (1.0 + odds), *Z_RANGE),
        )

    def at(self, date: np.datetime64 | None, plans: tuple[Plan, ...]) -> PricedDispatcher:
        """Hands what is known of the morning on."""
        return replace(self, dispatcher=dispatcher_at(self.dispatcher, date, plans))


def pareto(cost: FloatArray, stockouts: FloatArray) -> np.ndarray:
    """(m,) whether each point is on the front: no other has no more of both and less of one."""
    better = (
        (cost[:, None] <= cost)
        & (stockouts[:, None] <= stockouts)
        & ((cost[:, None] < cost) | (stockouts[:, None] < stockouts))
    )
    return np.asarray(~better.any(axis=0))


def cost_at(service: float, cost: FloatArray, stockouts: FloatArray) -> float:
    """Cost on the front of the points (m,) at ``service`` stock-outs, linear between its points;
    NaN outside of what they span.
    """
    front = np.flatnonzero(pareto(cost, stockouts))
    front = front[np.argsort(stockouts[front], kind="stable")]
    x, y = stockouts[front], cost[front]
    return float(np.interp(service, x, y)) if x[0] <= service <= x[-1] else float("nan")
