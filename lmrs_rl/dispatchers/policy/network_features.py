"""Computes the features of the network as a whole; their table says what they mean."""

from __future__ import annotations

import numpy as np

from lmrs_rl.dispatchers.policy.context import DerivedFeatures, PolicyContext
from lmrs_rl.dispatchers.policy.features import AHEAD, DUE_DAYS
from lmrs_rl.dispatchers.policy.geometry import Hours
from lmrs_rl.domain.arrays import HOURS_PER_DAY, MINUTES_PER_DAY, FloatArray
from lmrs_rl.domain.dates import weekdays

YEAR = 365.25


def network_features(context: PolicyContext, derived: DerivedFeatures) -> dict[str, float]:
    """Name to number, each in its unit."""
    minutes = context.geometry.shifts.minutes(
        context.snapshot.time_min, AHEAD, context.snapshot.driver_free_min
    ).sum(axis=0)
    return {
        **_calendar(context, minutes),
        **_fleet(context),
        **_work(context, derived, minutes),
        **_state(context, derived),
    }


def _calendar(context: PolicyContext, minutes: FloatArray) -> dict[str, float]:
    date = context.date.astype("datetime64[D]")
    week = 2 * np.pi * int(weekdays(date)) / 7
    year = 2 * np.pi * int((date - date.astype("datetime64[Y]")).astype(np.int64)) / YEAR
    busiest = max(float(minutes.max()), 1.0)
    # The False at the end stops the last run of off days, and is a run of length 0 without any.
    off = np.append(minutes < 0.5 * busiest, False)
    first = int(np.argmax(off)) if off.any() else AHEAD
    return {
        "weekday_sin": float(np.sin(week)),
        "weekday_cos": float(np.cos(week)),
        "season_sin": float(np.sin(year)),
        "season_cos": float(np.cos(year)),
        **{f"drivers_{d}": float(minutes[d]) / busiest for d in range(AHEAD)},
        "until_off": float(first),
        "off_days": float(np.argmin(off[first:])),
    }


def _fleet(context: PolicyContext) -> dict[str, float]:
    now, vehicles = context.snapshot.time_min, context.network.vehicles
    payload = vehicles.capacity_kg / vehicles.capacity_kg.sum()
    free = context.snapshot.vehicle_free_min
    sites = (
        Hours.of(context.network.sites.access_min).minutes(now, 5).mean(axis=0) / MINUTES_PER_DAY
    )
    return {
        "vehicles_today": float(payload[free < now + MINUTES_PER_DAY // 2].sum()),
        "vehicles_ahead": float(payload[free < now + 3 * MINUTES_PER_DAY].sum()),
        "sites_today": float(sites[0]),
        "sites_ahead": float(sites[1:].mean()),
        "board": float(context.snapshot.load_kg.sum() / vehicles.capacity_kg.sum()),
    }


def _work(
    context: PolicyContext, derived: DerivedFeatures, minutes: FloatArray
) -> dict[str, float]:
    offered = np.maximum(np.cumsum(minutes), 1.0)
    each = np.cumsum(
        context.of_counted(context.geometry.minutes_per_kg) @ context.of_counted(derived.day_kg)
    )

    def consumption(days: int) -> float:
        """[min] for so many days; a shorter forecast goes on at its mean rate."""
        return float(each[min(days, len(each)) - 1]) * max(days / len(each), 1.0)

    # Tanks that do not count are never due, so they are not in these sums either.
    due = {
        days: float(
            (derived.room_kg * context.geometry.minutes_per_kg)[derived.due_within(days)].sum()
        )
        for days in DUE_DAYS
    }
    return {
        "work_today": consumption(1) / float(offered[0]),
        "work_3": consumption(3) / float(offered[2]),
        "work_7": consumption(AHEAD) / float(offered[AHEAD - 1]),
        **{f"due_{days}": due[days] / float(offered[days - 1]) for days in DUE_DAYS},
    }


def _state(context: PolicyContext, derived: DerivedFeatures) -> dict[str, float]:
    tanks, n, now = context.network.tanks, context.network.n_tanks, context.snapshot.time_min
    level, capacity, hit_level, cover = map(
        context.of_counted,
        (context.snapshot.level_kg, tanks.capacity_kg, tanks.hit_level_kg, derived.cover_h[1]),
    )
    latest = context.plans[0] if context.plans else None
    planned = (
        sum(trip.dropped_kg for trip in latest.trips if trip.start_min >= now) if latest else 0.0
    )
    missed = sum(tank < n for tank in latest.missed) if latest else 0
    return {
        "fill": float(np.mean(level / capacity)),
        "at_hit_share": float(np.mean(level <= hit_level)),
        "low_cover_share": float(np.mean(cover < 2 * HOURS_PER_DAY)),
        "planned_kg": planned / float(context.network.vehicles.capacity_kg.sum()),
        "missed": missed / n,
        "tanks": float(n),
    }
