"""The features of each tank; what they mean is told in their table."""

from __future__ import annotations

import numpy as np

from lmrs_rl.dispatchers.policy.context import DerivedFeatures, PolicyContext
from lmrs_rl.dispatchers.policy.features import AHEAD, COVER_QUANTILES, DUE_DAYS, RISK_DAYS
from lmrs_rl.dispatchers.policy.geometry import FAR_KM
from lmrs_rl.dispatchers.policy.plans import planned_drops, was_moved
from lmrs_rl.domain.arrays import HOURS_PER_DAY, MINUTES_PER_HOUR, FloatArray
from lmrs_rl.orders.make import least_quantity, penalty

WEEK = 7
WITHOUT_DAY = 5.0
"""[days] The day of a drop that is not planned."""
LEAST_DAYS = 1e-3
"""[days] A tank lasts, so that its pace stays finite."""
LEAST_KG = 1e-3
"""[kg] a day; added to both sides of a ratio of consumptions, so that a tank without any has
none.
"""


def tank_features(sight: PolicyContext, outlook: DerivedFeatures) -> dict[str, FloatArray]:
    """Name to (n,), each in its unit; covers and ways without an end are infinite."""
    return {
        **_stock(sight, outlook),
        **_place(sight, outlook),
        **_consumption(sight, outlook),
        **_plan(sight),
        **_baseline(sight, outlook),
    }


def _stock(sight: PolicyContext, outlook: DerivedFeatures) -> dict[str, FloatArray]:
    tanks, level, truck = (
        sight.network.tanks,
        sight.snapshot.level_kg,
        _over(sight.geometry.truckload_kg),
    )
    usable = tanks.capacity_kg - tanks.hit_level_kg
    used = outlook.day_kg[:, :2].sum(axis=1)
    way = sight.snapshot.on_the_way
    coming = (
        np.bincount(way.tank, weights=way.kg, minlength=len(tanks))
        if len(way)
        else np.zeros(len(tanks))
    )
    risk = sight.forecast.stockout_probability(np.maximum(level - tanks.hit_level_kg, 0.0) + coming)
    last = risk.shape[1]
    lasts = np.maximum(outlook.covers[-1].uses(usable) / HOURS_PER_DAY, LEAST_DAYS)
    return {
        "fill": level / tanks.capacity_kg,
        "above_hit": (level - tanks.hit_level_kg) / usable,
        **{
            f"cover_{round(100 * q)}": hours / HOURS_PER_DAY
            for q, hours in zip(COVER_QUANTILES, outlook.cover_h, strict=True)
        },
        **{f"risk_{d}": risk[:, min(d, last) - 1] for d in RISK_DAYS},
        "full_cover_q90": lasts,
        "daily_fill_rate_q90": 1.0 / lasts,
        "room": (tanks.capacity_kg - level) / truck,
        "room_2_days": (tanks.capacity_kg - np.maximum(level - used, 0.0)) / truck,
        "truck": sight.geometry.truckload_kg / tanks.capacity_kg,
        "in_transit": coming / truck,
    }


def _place(sight: PolicyContext, outlook: DerivedFeatures) -> dict[str, FloatArray]:
    geometry, truck = sight.geometry, _over(sight.geometry.truckload_kg)
    due = outlook.due_within(DUE_DAYS[-1])
    near = geometry.near.astype(np.float64)
    found: dict[str, FloatArray] = {
        "radial_km": geometry.radial_km,
        "price": geometry.price,
        "detour_km": _way(geometry.detour_km),
        "detour_due_km": _way(geometry.detour_km[:, due]),
    }
    for days in DUE_DAYS:
        who = outlook.due_within(days)
        found[f"near_due_{days}"] = near @ who.astype(np.float64)
        found[f"near_kg_{days}"] = near @ np.where(who, outlook.room_kg, 0.0) / truck
    minutes = geometry.access.minutes(sight.snapshot.time_min, AHEAD)
    found["open_today"], found["open_tomorrow"] = (
        minutes[:, 0] / MINUTES_PER_HOUR,
        minutes[:, 1] / MINUTES_PER_HOUR,
    )
    found["days_open"] = (minutes > 0).sum(axis=1).astype(np.float64)
    return found


def _consumption(sight: PolicyContext, outlook: DerivedFeatures) -> dict[str, FloatArray]:
    day_kg, days = outlook.day_kg, outlook.day_kg.shape[1]
    half = max(days // 2, 1)
    mean = day_kg.mean(axis=1)
    past = sight.snapshot.history_kg[-WEEK:]
    known = ~np.isnan(past)
    measured = known.sum(axis=0)
    before = np.where(known, past, 0.0).sum(axis=0) / np.maximum(measured, 1)
    third = HOURS_PER_DAY * min(3, days)
    low, middle, high = (projection.cumulative_kg[:, third] for projection in outlook.covers)
    return {
        "use": mean / sight.network.tanks.capacity_kg,
        "trend": np.log(
            (day_kg[:, half:].mean(axis=1) + LEAST_KG) / (day_kg[:, :half].mean(axis=1) + LEAST_KG)
        )
        if days > 1
        else 0.0 * mean,
        "surprise": np.where(measured > 0, np.log((mean + LEAST_KG) / (before + LEAST_KG)), 0.0),
        "spread": (high - low) / (2.0 * np.maximum(middle, LEAST_KG)),
    }


def _plan(sight: PolicyContext) -> dict[str, FloatArray]:
    n, now = sight.network.n_tanks, sight.snapshot.time_min
    latest = sight.plans[0] if sight.plans else None
    ahead = planned_drops(latest, n, now)
    missed = np.zeros(n)
    if latest is not None:
        missed[[tank for tank in latest.missed if tank < n]] = 1.0
    served = np.zeros(n)
    served[
        [
            s.place
            for t in (latest.starting_before(now) if latest else ())
            for s in t.stops
            if s.kind == "drop" and s.place < n
        ]
    ] = 1.0
    return {
        "planned": (ahead.day >= 0).astype(np.float64),
        "planned_day": np.where(ahead.day >= 0, ahead.day, WITHOUT_DAY),
        "planned_kg": ahead.kg / _over(sight.geometry.truckload_kg),
        "moved": was_moved(sight.plans, n),
        "missed": missed,
        "served": served,
    }


def _baseline(sight: PolicyContext, outlook: DerivedFeatures) -> dict[str, FloatArray]:
    base, wishes, span = sight.base, outlook.wishes, sight.geometry.span_kg
    who = np.arange(sight.network.n_tanks)
    most = np.maximum(outlook.room_kg, 0.0)
    least = least_quantity(sight.network, wishes.stockout_h, most, base, who)
    price = penalty(wishes.stockout_h, most, base, who)
    return {
        "base_x": np.minimum(base.x_kg, span) / _over(span),
        "base_due": wishes.due_h / HOURS_PER_DAY,
        "base_late": wishes.late_h / HOURS_PER_DAY,
        "base_kg": most / _over(sight.geometry.truckload_kg),
        "base_least": least / _over(most),
        "base_penalty": np.log1p(price),
    }


def _way(km: FloatArray) -> FloatArray:
    """(n,) [km] the least of (n, k); infinite where there is none."""
    least = km.min(axis=1, initial=np.inf)
    return np.where(least < FAR_KM, least, np.inf)


def _over(kg: FloatArray) -> FloatArray:
    """A denominator: infinite where it would be 0, so that the ratio is 0."""
    return np.where(kg > 0, kg, np.inf)
