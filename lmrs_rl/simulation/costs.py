"""What a day costs, by part."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np

from lmrs_rl.domain import Executed, Network, Snapshot, Trip
from lmrs_rl.domain.arrays import HOURS_PER_DAY, FloatArray
from lmrs_rl.routing.costs import trip_costs
from lmrs_rl.simulation.prices import StockPrices
from lmrs_rl.worlds.parameters import Cost

EPS_KG = 1e-6
"""[kg] Less than this not given is rounding, not a stock-out."""


@dataclass(frozen=True)
class DayCosts:
    """[EUR] of a day by part.

    Attributes
    ----------
    distance, time, nights : of the trips that started
    stockouts : price of tank-days on which a tank could not give what was wanted
    lost : price of the kg that were not given
    stock : what stock in tanks, on its way and on board gained in worth; negative where it lost
    """

    distance: float
    time: float
    nights: float
    stockouts: float
    lost: float
    stock: float

    @property
    def total(self) -> float:
        """[EUR] all costs less what the stock gained."""
        return self.distance + self.time + self.nights + self.stockouts + self.lost - self.stock

    def as_dict(self) -> dict[str, float]:
        """Each part under its name."""
        return {each.name: float(getattr(self, each.name)) for each in fields(self)}


def stockout_days(unmet_kg: FloatArray) -> FloatArray:
    """(n,) number of days of ``unmet_kg`` (hours, n) [kg] on which each tank could not give all
    that was wanted; a part of a day counts.
    """
    hours, n = unmet_kg.shape
    days = -(-hours // HOURS_PER_DAY)
    padded = np.zeros((days * HOURS_PER_DAY, n))
    padded[:hours] = unmet_kg
    return np.asarray(
        (padded.reshape(days, HOURS_PER_DAY, n).sum(axis=1) > EPS_KG).sum(axis=0), dtype=np.float64
    )


def day_costs(
    network: Network,
    cost: Cost,
    prices: StockPrices,
    before: Snapshot,
    executed: Executed,
    after: Snapshot,
) -> DayCosts:
    """What ``executed`` cost, between the mornings ``before`` and ``after``."""
    trips = [trip_costs(network, trip) for trip in executed.trips]
    return DayCosts(
        distance=sum((each.distance for each in trips), 0.0),
        time=sum((each.time for each in trips), 0.0),
        nights=sum((each.nights for each in trips), 0.0),
        stockouts=cost.stockout_per_tank_day * float(stockout_days(executed.unmet_kg).sum()),
        lost=cost.lost_per_kg * float(executed.unmet_kg.sum()),
        stock=prices.worth(network, after) - prices.worth(network, before),
    )


def driven_km(network: Network, trips: Sequence[Trip]) -> float:
    """[km] of trips, base to base."""
    total = 0.0
    for trip in trips:
        base = int(network.vehicles.base_point[trip.vehicle])
        points = [
            base,
            *(
                int((network.sites if s.kind == "load" else network.customers).point[s.place])
                for s in trip.stops
            ),
            base,
        ]
        total += float(network.distance_km[points[:-1], points[1:]].sum())
    return total
