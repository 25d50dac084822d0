"""The simulated world: a network, its true days, and the cost model."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lmrs_rl.domain import Days, InputError, Network, Plan, Snapshot
from lmrs_rl.domain.arrays import HOURS_PER_DAY, MINUTES_PER_DAY, MINUTES_PER_HOUR
from lmrs_rl.forecast import Forecaster
from lmrs_rl.simulation.prices import StockPrices
from lmrs_rl.simulation.state import PLANS_KEPT, DecisionState
from lmrs_rl.worlds import Outages, Scenario, known_network, known_snapshot
from lmrs_rl.worlds.parameters import Cost


@dataclass(frozen=True, eq=False)
class World:
    """Days of a network, with cost model, forecaster and inventory prices.

    Attributes
    ----------
    network : permanent network data; `outages` change it for a while
    days : what really happens; the last day may be shorter than 24 hours
    outages : breakdowns and closures, and from when each is known
    forecaster : forecasts each morning from what is known then
    cost : cost model of a day
    prices : of inventory
    first_date : calendar date of the first morning, ``None`` where it is not known
    seed : of the draw, 0 where nothing was drawn; randomized dispatchers derive theirs from it

    Examples
    --------
    >>> import lmrs_rl
    >>> world = lmrs_rl.open_world("demo", days=3)
    >>> world.network.n_tanks, world.days.hours
    (12, 72)
    """

    network: Network
    days: Days
    outages: Outages
    forecaster: Forecaster
    cost: Cost
    prices: StockPrices
    first_date: np.datetime64 | None = None
    seed: int = 0

    @classmethod
    def of(cls, scenario: Scenario, cost: Cost, forecaster: Forecaster) -> World:
        """The world of a drawn scenario."""
        return cls(
            scenario.network,
            scenario.days,
            scenario.outages,
            forecaster,
            cost,
            StockPrices.of(scenario.network, cost),
            scenario.date(0),
            scenario.seed,
        )

    @classmethod
    def of_days(
        cls,
        network: Network,
        days: Days,
        forecaster: Forecaster,
        *,
        cost: Cost | None = None,
        first_date: np.datetime64 | None = None,
    ) -> World:
        """The world of given days without outages; the cost model is `Cost()` by default.

        Raises
        ------
        InputError
            For days that do not belong to the network, or hold no hour.
        """
        days.check_against(network)
        if days.hours == 0:
            raise InputError(
                "days.use_kg",
                "no hours",
                "at least one hour",
                "give the consumption of the days to run",
            )
        model = Cost() if cost is None else cost
        prices = StockPrices.of(network, model)
        outages = Outages.none(network.n_tanks)
        return cls(network, days, outages, forecaster, model, prices, first_date)

    def days_left(self, state: DecisionState) -> int:
        """Days from the morning of ``state`` to the end of the world."""
        gone_min = state.stock.time_min - self.days.start.time_min
        return max(0, -(-(self.days.hours - gone_min // MINUTES_PER_HOUR) // HOURS_PER_DAY))

    def start(self) -> DecisionState:
        """The first morning."""
        return self.state(0, self.days.start, ())

    def state(self, day: int, stock: Snapshot, plans: tuple[Plan, ...]) -> DecisionState:
        """The morning of ``day`` with the stock and the plans that the previous days left.

        The time is that of ``stock``; ``day`` is only a label.
        """
        network = known_network(self.network, self.outages, stock.time_min)
        snapshot = known_snapshot(stock, self.outages)
        forecast = self.forecaster(network, snapshot)
        return DecisionState(
            day, network, snapshot, forecast, plans[:PLANS_KEPT], stock, self._date(stock.time_min)
        )

    def _date(self, time_min: int) -> np.datetime64 | None:
        if self.first_date is None:
            return None
        days = (time_min - self.days.start.time_min) // MINUTES_PER_DAY
        return self.first_date + np.timedelta64(days, "D")
