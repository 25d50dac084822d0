"""From what customers want day by day to hours, and to the panel of what is ever known of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lmrs_rl.domain import Tanks
from lmrs_rl.domain.arrays import HOURS_PER_DAY, MINUTES_PER_DAY, FloatArray, IntArray
from lmrs_rl.forecast.panel import Panel
from lmrs_rl.worlds.generator.calendar import MARGIN_DAYS, Calendar
from lmrs_rl.worlds.generator.panel_parameters import Demand
from lmrs_rl.worlds.generator.panels import TrueUse
from lmrs_rl.worlds.parameters import TankMix

SNAPSHOT_DAYS = 42
"""Days of history in the first snapshot, for forecasters that have nothing else; the panel holds
them all.
"""
RECENT_DAYS = 60
"""Late tanks come at the earliest so long before the first morning."""


@dataclass(frozen=True, eq=False)
class Unfolded:
    """The panel, and (hours, n) [kg] what customers want in each hour from the first morning on,
    margin included.
    """

    panel: Panel
    hourly_kg: FloatArray


def draw_begin(
    p: Demand, calendar: Calendar, n: int, rng: np.random.Generator
) -> tuple[IntArray, IntArray]:
    """(n,) [min] from when each tank is there, and its first row in the panel; some come shortly
    before or in the days of the world.
    """
    days = calendar.days - MARGIN_DAYS
    late = rng.uniform(size=n) < p.late_share
    day = rng.integers(-min(RECENT_DAYS, calendar.history_days - 1), max(days - 6, 1), size=n)
    begin = np.where(late, calendar.history_days + day, 0)
    return np.where(late, MINUTES_PER_DAY * np.maximum(day, 0), 0), begin


def draw_profile(p: TankMix, n: int, rng: np.random.Generator) -> FloatArray:
    """(n, 24) share of a day's use in each hour: one share by day, one by night."""
    by_day = rng.uniform(*p.daytime_share, n)[:, None]
    hour = np.arange(HOURS_PER_DAY)
    return np.asarray(
        np.where((hour >= 6) & (hour < 18), by_day, 1.0 - by_day) / 12.0, dtype=np.float64
    )


def unfold(
    tanks: Tanks,
    kind: IntArray,
    calendar: Calendar,
    truth: TrueUse,
    begin: IntArray,
    profile: FloatArray,
    missing: float,
    rng: np.random.Generator,
) -> Unfolded:
    """Spread days over hours by each tank's ``profile`` (n, 24); nothing is used before row
    ``begin`` (n,), some days are not measured.
    """
    first, (rows, n) = calendar.history_days, truth.use_kg.shape
    there = np.arange(rows)[:, None] >= begin
    use = np.where(there, truth.use_kg, 0.0)
    hourly = np.round(use[first:, None, :] * profile.T[None, :, :], 2)
    use[first:] = hourly.sum(axis=1)
    seen = there & truth.measured & (rng.uniform(size=(rows, n)) >= missing)
    panel = Panel(
        ids=tanks.ids,
        first_day=calendar.panel_first,
        use=np.where(seen, np.round(use, 2), np.nan),
        capacity=tanks.capacity_kg,
        customer_type=kind,
        product=tanks.product,
        temperature=truth.temperature,
        issued=truth.issued,
        holidays=calendar.free,
        shutdowns=truth.shutdowns,
    )
    return Unfolded(panel, hourly.reshape(-1, n))
