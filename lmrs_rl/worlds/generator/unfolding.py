"""Spread daily demand over hours, and make the panel of what is ever known of it."""

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
"""[days] of history in the first snapshot, for forecasters that have nothing else; the panel holds
the whole history.
"""
_RECENT_DAYS = 60
"""[days] before the first morning at which late tanks are installed at the earliest."""


@dataclass(frozen=True, eq=False)
class Unfolded:
    """Demand by the hour and its panel.

    Attributes
    ----------
    panel : of daily demand, measured days only
    hourly_kg : (hours, n) [kg] demand from the first morning on, margin included
    """

    panel: Panel
    hourly_kg: FloatArray


def draw_begin(
    p: Demand, calendar: Calendar, n: int, rng: np.random.Generator
) -> tuple[IntArray, IntArray]:
    """Draw when tanks are installed; some are shortly before the world's days or during them.

    Returns
    -------
    tuple
        (n,) [min] from when each tank is there, and (n,) its first row in the panel.
    """
    days = calendar.days - MARGIN_DAYS
    late = rng.uniform(size=n) < p.late_share
    day = rng.integers(-min(_RECENT_DAYS, calendar.history_days - 1), max(days - 6, 1), size=n)
    begin = np.where(late, calendar.history_days + day, 0)
    return np.where(late, MINUTES_PER_DAY * np.maximum(day, 0), 0), begin


def draw_profile(p: TankMix, n: int, rng: np.random.Generator) -> FloatArray:
    """(n, 24) share of a day's use in each hour: one value by day, one by night."""
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
    """Spread daily demand over hours, and make the panel.

    Parameters
    ----------
    tanks, kind : of the customers
    calendar : dates
    truth : demand by the day
    begin : (n,) row before which a tank is not there
    profile : (n, 24) share of a day's use in each hour
    missing : probability that a day is not measured
    rng : of the days that are not measured
    """
    first, (rows, n) = calendar.history_days, truth.use_kg.shape
    there = np.arange(rows)[:, None] >= begin
    use = np.where(there, truth.use_kg, 0.0)
    # Days are the sums of their rounded hours, so that history and simulation agree.
    hourly = np.round(use[first:, None, :] * profile.T[None, :, :], 2)
    use[first:] = hourly.sum(axis=1)
    # Drawn for all tanks and days, so that a late tank changes nothing for the others.
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
