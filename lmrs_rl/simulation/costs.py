"""The cost of a day, by component."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np

from lmrs_rl.domain import Executed, Network, Snapshot, Trip
from lmrs_rl.domain.arrays import HOURS_PER_DAY, FloatArray
from lmrs_rl.routing.costs import trip_costs
from lmrs_rl.simulation.prices import StockPrices
from lmrs_rl.worlds.parameters import Cost

_EPS_KG = 1e-6
"""[kg] Unmet demand below this is rounding error, not a stock-out."""


@dataclass(frozen=True)
class DayCosts:
    """Costs of a day [EUR] by component.

    Attributes
    ----------
    distance, time, nights : of the trips that started on the day
    stockouts : penalty for tank-days on which a tank could not supply all demand
    lost_sales : penalty for the kg of demand that were not supplied
    stock : change in the value of the inventory in tanks, in transit and on board of vehicles;
        negative where it fell
    """

    distance: float
    time: float
    nights: float
    stockouts: float
    lost_sales: float
    stock: float

    @property
    def total(self) -> float:
        """[EUR] all costs, net of the change in inventory value."""
        # Without the last term, emptying the tanks towards the end would look like a saving. The
        # order of the sum is fixed: recordings compare it to the bit.
        trips = self.distance + self.time + self.nights
        return trips + self.stockouts + self.lost_sales - self.stock

    def as_dict(self) -> dict[str, float]:
        """Each component under its name in tables of results, where lost sales are ``lost``."""
        # The short name is a column of committed benchmark rows, which must stay comparable.
        return {
            "lost" if each.name == "lost_sales" else each.name: float(getattr(self, each.name))
            for each in fields(self)
        }


def stockout_days(unmet_kg: FloatArray) -> FloatArray:
    """(n,) number of days on which each tank could not supply all demand.

    ``unmet_kg`` is (hours, n) [kg]; a last day of fewer than 24 hours counts as a day.
    """
    hours, n = unmet_kg.shape
    days = -(-hours // HOURS_PER_DAY)
    padded = np.zeros((days * HOURS_PER_DAY, n))
    padded[:hours] = unmet_kg
    return np.asarray(
        (padded.reshape(days, HOURS_PER_DAY, n).sum(axis=1) > _EPS_KG).sum(axis=0), dtype=np.float64
    )


def day_costs(
    network: Network,
    cost: Cost,
    prices: StockPrices,
    before: Snapshot,
    executed: Executed,
    after: Snapshot,
) -> DayCosts:
    """Costs of the day ``executed`` between the snapshots ``before`` and ``after`` it."""
    trips = [trip_costs(network, trip) for trip in executed.trips]
    return DayCosts(
        distance=sum((each.distance for each in trips), 0.0),
        time=sum((each.time for each in trips), 0.0),
        nights=sum((each.nights for each in trips), 0.0),
        stockouts=cost.stockout_per_tank_day * float(stockout_days(executed.unmet_kg).sum()),
        lost_sales=cost.lost_per_kg * float(executed.unmet_kg.sum()),
        stock=prices.inventory_value(network, after) - prices.inventory_value(network, before),
    )


def driven_km(network: Network, trips: Sequence[Trip]) -> float:
    """Distance [km] of trips from base to base."""
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
