"""Figures of the trips: cost, distance and quantity as in the challenge, and tank service."""

from __future__ import annotations

import numpy as np

from lmrs_rl.referee.evidence import EPS, Evidence
from lmrs_rl.referee.verdict import Figures


def trip_figures(e: Evidence) -> Figures:
    """Figures of the trips that start before the end of the days.

    A trip costs its distance, at the rates of vehicle and driver, its duration without nights, and
    its nights (rule COST and objective of the ROADEF/EURO Challenge 2016).
    """
    trips, drivers = e.trips, e.network.drivers
    counted = trips.start_min < e.days.end_min
    km = np.bincount(e.legs.trip, e.legs.km, minlength=len(trips))
    night_min = np.bincount(e.legs.trip, e.legs.night_min, minlength=len(trips))
    rate = e.network.vehicles.cost_per_km[trips.vehicle] + drivers.cost_per_km[trips.driver]
    minutes = trips.end_min - trips.start_min - night_min
    cost = (
        km * rate
        + minutes * drivers.cost_per_min[trips.driver]
        + trips.nights * drivers.cost_per_night[trips.driver]
    )
    dropped = e.stops.drop & counted[e.stops.trip]
    short = e.network.tanks.hit_level_kg - e.levels.level_kg
    dry = e.levels.unmet_kg > EPS
    return Figures(
        km=float(km[counted].sum()),
        cost=float(cost[counted].sum()),
        kg=float(e.stops.kg[dropped].sum()),
        trips=int(counted.sum()),
        drops=int(dropped.sum()),
        nights=int(trips.nights[counted].sum()),
        below_hit_tank_hours=int((short > EPS).sum()),
        below_hit_kg_hours=float(short[short > EPS].sum()),
        dry_tank_hours=int(dry.sum()),
        unmet_kg=float(e.levels.unmet_kg[dry].sum()),
    )
