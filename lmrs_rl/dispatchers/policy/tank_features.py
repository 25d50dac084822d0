"""Computes the features of each tank; their table says what they mean."""

from __future__ import annotations

import numpy as np

from lmrs_rl.dispatchers.policy.context import DerivedFeatures, PolicyContext
from lmrs_rl.dispatchers.policy.features import AHEAD, COVER_QUANTILES, DUE_DAYS, RISK_DAYS
from lmrs_rl.dispatchers.policy.geometry import FAR_KM
from lmrs_rl.dispatchers.policy.plans import planned_drops, was_moved
from lmrs_rl.domain.arrays import HOURS_PER_DAY, MINUTES_PER_HOUR, FloatArray
from lmrs_rl.orders.make import minimum_quantity, penalty

WEEK = 7
WITHOUT_DAY = 5.0
"""[days] The day of a drop that is not planned."""
LEAST_DAYS = 1e-3
"""[days] A tank lasts, so that its pace stays finite."""
LEAST_KG = 1e-3
"""[kg] a day; added to both sides of a ratio of consumptions, so that a tank without any has
none.
"""


def tank_features(context: PolicyContext, derived: DerivedFeatures) -> dict[str, FloatArray]:
    """Name to (n,), each in its unit; covers and detours without an end are infinite."""
    return {
        **_stock(context, derived),
        **_place(context, derived),
        **_consumption(context, derived),
        **_plan(context),
        **_baseline(context, derived),
    }


def _stock(context: PolicyContext, derived: DerivedFeatures) -> dict[str, FloatArray]:
    tanks, level, truck = (
        context.network.tanks,
        context.snapshot.level_kg,
        _over(context.geometry.truckload_kg),
    )
    usable = tanks.capacity_kg - tanks.hit_level_kg
    used = derived.day_kg[:, :2].sum(axis=1)
    transit = context.snapshot.in_transit
    coming = (
        np.bincount(transit.tank, weights=transit.kg, minlength=len(tanks))
        if len(transit)
        else np.zeros(len(tanks))
    )
    risk = context.forecast.stockout_probability(
        np.maximum(level - tanks.hit_level_kg, 0.0) + coming
    )
    last = risk.shape[1]
    lasts = np.maximum(derived.covers[-1].hours_to_use(usable) / HOURS_PER_DAY, LEAST_DAYS)
    return {
        "fill": level / tanks.capacity_kg,
        "above_hit": (level - tanks.hit_level_kg) / usable,
        **{
            f"cover_{round(100 * q)}": hours / HOURS_PER_DAY
            for q, hours in zip(COVER_QUANTILES, derived.cover_h, strict=True)
        },
        **{f"risk_{d}": risk[:, min(d, last) - 1] for d in RISK_DAYS},
        "full_cover_q90": lasts,
        "daily_fill_rate_q90": 1.0 / lasts,
        "room": (tanks.capacity_kg - level) / truck,
        "room_2_days": (tanks.capacity_kg - np.maximum(level - used, 0.0)) / truck,
        "truck": context.geometry.truckload_kg / tanks.capacity_kg,
        "in_transit": coming / truck,
    }


def _place(context: PolicyContext, derived: DerivedFeatures) -> dict[str, FloatArray]:
    geometry, truck = context.geometry, _over(context.geometry.truckload_kg)
    due = derived.due_within(DUE_DAYS[-1])
    near = geometry.near.astype(np.float64)
    found: dict[str, FloatArray] = {
        "radial_km": geometry.radial_km,
        "price": geometry.price,
        "detour_km": _least_km(geometry.detour_km),
        "detour_due_km": _least_km(geometry.detour_km[:, due]),
    }
    for days in DUE_DAYS:
        soon = derived.due_within(days)
        found[f"near_due_{days}"] = near @ soon.astype(np.float64)
        found[f"near_kg_{days}"] = near @ np.where(soon, derived.room_kg, 0.0) / truck
    minutes = geometry.access.minutes(context.snapshot.time_min, AHEAD)
    found["open_today"], found["open_tomorrow"] = (
        minutes[:, 0] / MINUTES_PER_HOUR,
        minutes[:, 1] / MINUTES_PER_HOUR,
    )
    found["days_open"] = (minutes > 0).sum(axis=1).astype(np.float64)
    return found


def _consumption(context: PolicyContext, derived: DerivedFeatures) -> dict[str, FloatArray]:
    day_kg, days = derived.day_kg, derived.day_kg.shape[1]
    half = max(days // 2, 1)
    mean = day_kg.mean(axis=1)
    past = context.snapshot.history_kg[-WEEK:]
    known = ~np.isnan(past)
    measured = known.sum(axis=0)
    # Not by `nanmean`, which warns of tanks without a measured day.
    before = np.where(known, past, 0.0).sum(axis=0) / np.maximum(measured, 1)
    third = HOURS_PER_DAY * min(3, days)
    low, middle, high = (projection.cumulative_kg[:, third] for projection in derived.covers)
    return {
        "use": mean / context.network.tanks.capacity_kg,
        "trend": np.log(
            (day_kg[:, half:].mean(axis=1) + LEAST_KG) / (day_kg[:, :half].mean(axis=1) + LEAST_KG)
        )
        if days > 1
        else 0.0 * mean,
        "surprise": np.where(measured > 0, np.log((mean + LEAST_KG) / (before + LEAST_KG)), 0.0),
        "spread": (high - low) / (2.0 * np.maximum(middle, LEAST_KG)),
    }


def _plan(context: PolicyContext) -> dict[str, FloatArray]:
    n, now = context.network.n_tanks, context.snapshot.time_min
    latest = context.plans[0] if context.plans else None
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
        "planned_kg": ahead.kg / _over(context.geometry.truckload_kg),
        "moved": was_moved(context.plans, n),
        "missed": missed,
        "served": served,
    }


def _baseline(context: PolicyContext, derived: DerivedFeatures) -> dict[str, FloatArray]:
    base, windows, span = context.base, derived.windows, context.geometry.span_kg
    everyone = np.arange(context.network.n_tanks)
    most = np.maximum(derived.room_kg, 0.0)
    least = minimum_quantity(context.network, windows.stockout_h, most, base, everyone)
    price = penalty(windows.stockout_h, most, base, everyone)
    return {
        "base_x": np.minimum(base.x_kg, span) / _over(span),
        "base_due": windows.due_h / HOURS_PER_DAY,
        "base_late": windows.closes_h / HOURS_PER_DAY,
        "base_kg": most / _over(context.geometry.truckload_kg),
        "base_least": least / _over(most),
        "base_penalty": np.log1p(price),
    }


def _least_km(km: FloatArray) -> FloatArray:
    """(n,) [km] the least of (n, k); infinite where there is none."""
    least = km.min(axis=1, initial=np.inf)
    return np.where(least < FAR_KM, least, np.inf)


def _over(kg: FloatArray) -> FloatArray:
    """A denominator: infinite where it would be 0, so that the ratio is 0."""
    return np.where(kg > 0, kg, np.inf)
