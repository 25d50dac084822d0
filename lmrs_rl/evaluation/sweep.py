"""Dispatchers at other costs of a stock-out, and the Pareto front of driving and stock-outs.

Varying the cost of a stock-out moves a dispatcher along its front, so that driving costs can be
compared at equal service.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from lmrs_rl.dispatchers.protocol import Dispatcher, dispatcher_at
from lmrs_rl.domain import Forecast, Network, OrderParameters, Plan, Snapshot
from lmrs_rl.domain.arrays import FloatArray

_Z_RANGE = (0.005, 0.995)
"""Range of the quantile ``z`` that dispatchers may choose."""
STOCKOUT_COST_FACTORS = (0.1, 0.3, 1.0, 3.0, 10.0)
"""Factors on the cost of a stock-out in a sweep."""


@dataclass(frozen=True, eq=False)
class PricedDispatcher:
    """The parameters of ``dispatcher``, adapted to a stock-out that costs ``factor`` times as much.

    The penalty of a missed order (``alpha``) is multiplied by the factor, and so are the odds
    ``z / (1 - z)`` of the quantile of use that is planned for: by the newsvendor rule they are
    proportional to the cost of having too little (Arrow, Harris & Marschak 1951,
    doi:10.2307/1906813). A factor of 1 changes nothing, to the bit. In this way every dispatcher,
    learned or not, gives a curve instead of a point.
    """

    dispatcher: Dispatcher
    factor: float

    def __call__(self, network: Network, snapshot: Snapshot, forecast: Forecast) -> OrderParameters:
        parameters = self.dispatcher(network, snapshot, forecast)
        if self.factor == 1.0:
            return parameters
        odds = self.factor * parameters.z / (1.0 - parameters.z)
        return replace(
            parameters,
            alpha=self.factor * parameters.alpha,
            z=np.clip(odds / (1.0 + odds), *_Z_RANGE),
        )

    def at(self, date: np.datetime64 | None, plans: tuple[Plan, ...]) -> PricedDispatcher:
        """The dispatcher with the morning's date and the previous plans; see `dispatcher_at`."""
        return replace(self, dispatcher=dispatcher_at(self.dispatcher, date, plans))


def pareto(cost: FloatArray, stockouts: FloatArray) -> np.ndarray:
    """(m,) whether each point is on the Pareto front.

    No other point is better in one of cost and stock-outs and no worse in the other.
    """
    better = (
        (cost[:, None] <= cost)
        & (stockouts[:, None] <= stockouts)
        & ((cost[:, None] < cost) | (stockouts[:, None] < stockouts))
    )
    return np.asarray(~better.any(axis=0))


def cost_at(service: float, cost: FloatArray, stockouts: FloatArray) -> float:
    """Cost on the Pareto front of some points at a given number of stock-outs.

    Parameters
    ----------
    service : stock-outs at which the cost is read
    cost, stockouts : (m,) of the points

    Returns
    -------
    float
        Interpolated linearly between points of the front; NaN beyond its ends.
    """
    front = np.flatnonzero(pareto(cost, stockouts))
    front = front[np.argsort(stockouts[front], kind="stable")]
    x, y = stockouts[front], cost[front]
    # `np.interp` would continue the curve flat beyond its ends, where nothing was measured.
    return float(np.interp(service, x, y)) if x[0] <= service <= x[-1] else float("nan")
