"""The figures of trips: cost, distance and quantity as the challenge counts them, and the
service of tanks.
"""

from __future__ import annotations

import numpy as np

from lmrs_rl.referee.evidence import EPS, Evidence
from lmrs_rl.referee.verdict import Figures


def trip_figures(e: Evidence) -> Figures:
    """Figures of the trips that start before the days' end (rule COST and objective of the
    ROADEF/EURO Challenge 2016).

    A trip costs its distance, at the rates of vehicle and driver, its duration without nights, and
    its nights.
    """
    j, drivers = e.journeys, e.network.drivers
    counted = j.start_min < e.days.end_min
    km = np.bincount(e.legs.trip, e.legs.km, minlength=len(j))
    night_min = np.bincount(e.legs.trip, e.legs.night_min, minlength=len(j))
    rate = e.network.vehicles.cost_per_km[j.vehicle] + drivers.cost_per_km[j.driver]
    minutes = j.end_min - j.start_min - night_min
    cost = (
        km * rate
        + minutes * drivers.cost_per_min[j.driver]
        + j.nights * drivers.cost_per_night[j.driver]
    )
    dropped = e.calls.drop & counted[e.calls.trip]
    short = e.network.tanks.hit_level_kg - e.levels.level_kg
    dry = e.levels.unmet_kg > EPS
    return Figures(
        km=float(km[counted].sum()),
        cost=float(cost[counted].sum()),
        kg=float(e.calls.kg[dropped].sum()),
        trips=int(counted.sum()),
        drops=int(dropped.sum()),
        nights=int(j.nights[counted].sum()),
        below_hit_tank_hours=int((short > EPS).sum()),
        below_hit_kg_hours=float(short[short > EPS].sum()),
        dry_tank_hours=int(dry.sum()),
        unmet_kg=float(e.levels.unmet_kg[dry].sum()),
    )
