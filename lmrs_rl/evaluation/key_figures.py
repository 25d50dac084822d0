"""Key figures of a run, counted from its executed trips."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np

from lmrs_rl.domain import Days, Network, Trip
from lmrs_rl.referee import Figures, judge
from lmrs_rl.simulation import Rollout


@dataclass(frozen=True)
class Kpis:
    """Key figures of a run.

    Attributes
    ----------
    days : [days] length of the run
    figures : counted by the referee: km, cost, kg, trips, drops, hours dry and below the hit level
    missed_orders : sum over mornings of the orders that the plan left unserved; an order missed on
        three mornings counts three times
    shift_use : share of the drivers' working time that was spent on trips, waiting and nights
        included
    mean_fill : kg dropped as a share of the payload sent out, see `sent_kg`
    broken_rules : operating rules that the referee found broken; 0 in a sound run
    unfinished_plans : mornings on which the router stopped at its time limit
    """

    days: int
    figures: Figures
    missed_orders: int
    shift_use: float
    mean_fill: float
    broken_rules: int
    unfinished_plans: int

    def as_dict(self) -> dict[str, float]:
        """All figures under one name each, for files."""
        own = {name: value for name, value in asdict(self).items() if name != "figures"}
        ratios = {
            "kg_per_km": self.figures.kg_per_km,
            "logistic_ratio": self.figures.logistic_ratio,
        }
        return {"days": own.pop("days"), **asdict(self.figures), **ratios, **own}


def kpis(network: Network, days: Days, rollout: Rollout) -> Kpis:
    """Key figures of a run; the referee counts them and checks the trips.

    Parameters
    ----------
    network : where it took place
    days : true use and orders of the run
    rollout : what happened, day by day
    """
    trips = rollout.trips
    verdict = judge(network, days, trips)
    return Kpis(
        days=len(rollout.days),
        figures=verdict.figures,
        missed_orders=sum(len(day.plan.missed) for day in rollout.days),
        shift_use=_shift_use(network, days, trips),
        mean_fill=_mean_fill(network, trips),
        broken_rules=len(verdict.operating),
        unfinished_plans=sum(not day.plan.complete for day in rollout.days),
    )


def _shift_use(network: Network, days: Days, trips: Sequence[Trip]) -> float:
    first, last = days.start.time_min, days.end_min
    offered = sum(
        float(np.maximum(np.diff(np.clip(shifts, first, last), axis=1), 0).sum())
        for shifts in network.drivers.shift_min
    )
    # Trips may end after the last day, beyond which no working time is offered either.
    used = sum(min(trip.end_min, last) - trip.start_min for trip in trips)
    return used / offered if offered else 0.0


def sent_kg(network: Network, trips: Sequence[Trip]) -> float:
    """Payload sent out [kg]: the vehicle's payload for each loading, and at least once per trip.

    A trip without a loading delivers what an earlier trip loaded, so it counts one payload too.
    """
    capacity = network.vehicles.capacity_kg
    return sum(
        (
            float(capacity[trip.vehicle]) * max(1, sum(stop.kind == "load" for stop in trip.stops))
            for trip in trips
        ),
        0.0,
    )


def _mean_fill(network: Network, trips: Sequence[Trip]) -> float:
    sent = sent_kg(network, trips)
    return sum(trip.dropped_kg for trip in trips) / sent if sent else 0.0
