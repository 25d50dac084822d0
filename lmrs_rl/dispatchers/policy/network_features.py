"""The features of the network as a whole; what they mean is told in their table."""

from __future__ import annotations

import numpy as np

from lmrs_rl.dispatchers.policy.context import DerivedFeatures, PolicyContext
from lmrs_rl.dispatchers.policy.features import AHEAD, DUE_DAYS
from lmrs_rl.dispatchers.policy.geometry import Hours
from lmrs_rl.domain.arrays import HOURS_PER_DAY, MINUTES_PER_DAY, FloatArray
from lmrs_rl.domain.dates import weekdays

YEAR = 365.25


def network_features(sight: PolicyContext, outlook: DerivedFeatures) -> dict[str, float]:
    """Name to number, each in its unit."""
    minutes = sight.geometry.shifts.minutes(
        sight.snapshot.time_min, AHEAD, sight.snapshot.driver_free_min
    ).sum(axis=0)
    return {
        **_calendar(sight, minutes),
        **_fleet(sight),
        **_work(sight, outlook, minutes),
        **_state(sight, outlook),
    }


def _calendar(sight: PolicyContext, minutes: FloatArray) -> dict[str, float]:
    date = sight.date.astype("datetime64[D]")
    week = 2 * np.pi * int(weekdays(date)) / 7
    year = 2 * np.pi * int((date - date.astype("datetime64[Y]")).astype(np.int64)) / YEAR
    busiest = max(float(minutes.max()), 1.0)
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


def _fleet(sight: PolicyContext) -> dict[str, float]:
    now, vehicles = sight.snapshot.time_min, sight.network.vehicles
    payload = vehicles.capacity_kg / vehicles.capacity_kg.sum()
    free = sight.snapshot.vehicle_free_min
    sites = Hours.of(sight.network.sites.access_min).minutes(now, 5).mean(axis=0) / MINUTES_PER_DAY
    return {
        "vehicles_today": float(payload[free < now + MINUTES_PER_DAY // 2].sum()),
        "vehicles_ahead": float(payload[free < now + 3 * MINUTES_PER_DAY].sum()),
        "sites_today": float(sites[0]),
        "sites_ahead": float(sites[1:].mean()),
        "board": float(sight.snapshot.load_kg.sum() / vehicles.capacity_kg.sum()),
    }


def _work(sight: PolicyContext, outlook: DerivedFeatures, minutes: FloatArray) -> dict[str, float]:
    offered = np.maximum(np.cumsum(minutes), 1.0)
    each = np.cumsum(
        sight.of_counted(sight.geometry.minutes_per_kg) @ sight.of_counted(outlook.day_kg)
    )

    def consumption(days: int) -> float:
        """[min] for so many days; a shorter forecast goes on at its mean rate."""
        return float(each[min(days, len(each)) - 1]) * max(days / len(each), 1.0)

    due = {
        days: float(
            (outlook.room_kg * sight.geometry.minutes_per_kg)[outlook.due_within(days)].sum()
        )
        for days in DUE_DAYS
    }
    return {
        "work_today": consumption(1) / float(offered[0]),
        "work_3": consumption(3) / float(offered[2]),
        "work_7": consumption(AHEAD) / float(offered[AHEAD - 1]),
        **{f"due_{days}": due[days] / float(offered[days - 1]) for days in DUE_DAYS},
    }


def _state(sight: PolicyContext, outlook: DerivedFeatures) -> dict[str, float]:
    tanks, n, now = sight.network.tanks, sight.network.n_tanks, sight.snapshot.time_min
    level, capacity, hit_level, cover = map(
        sight.of_counted,
        (sight.snapshot.level_kg, tanks.capacity_kg, tanks.hit_level_kg, outlook.cover_h[1]),
    )
    latest = sight.plans[0] if sight.plans else None
    planned = (
        sum(trip.dropped_kg for trip in latest.trips if trip.start_min >= now) if latest else 0.0
    )
    missed = sum(tank < n for tank in latest.missed) if latest else 0
    return {
        "fill": float(np.mean(level / capacity)),
        "at_hit_share": float(np.mean(level <= hit_level)),
        "low_cover_share": float(np.mean(cover < 2 * HOURS_PER_DAY)),
        "planned_kg": planned / float(sight.network.vehicles.capacity_kg.sum()),
        "missed": missed / n,
        "tanks": float(n),
    }
