"""Draw weather and its forecasts for generated series; public holidays."""

from __future__ import annotations

import numpy as np

from lmrs_rl.domain.arrays import FloatArray
from lmrs_rl.worlds.generator.panel_parameters import Weather

YEAR = 365.25
"""[days]"""
_FIXED_HOLIDAYS = ("01-01", "05-01", "10-03", "12-25", "12-26")
"""Month and day of Germany's public holidays on fixed dates."""
_FROM_EASTER = (-2, 1, 39, 50)
"""[days] from Easter Sunday to Good Friday, Easter Monday, Ascension and Whit Monday."""
COLDEST_DAY = 18
"""[days] from 1 January to the coldest day of the climate."""


def draw_weather(
    p: Weather, first_day: np.datetime64, days: int, rng: np.random.Generator
) -> tuple[FloatArray, FloatArray]:
    """Draw temperatures and their forecasts.

    Returns
    -------
    tuple
        Temperatures (days, regions) [deg C], and forecasts (days, leads, regions) [deg C] issued at
        the end of each day for the days after it.
    """
    # Forecasts of the last days are made from a truth that goes on beyond them.
    whole = days + p.leads
    year = (first_day - first_day.astype("datetime64[Y]")).astype(np.int64) + np.arange(whole)
    mean, swing = rng.uniform(*p.mean_c, p.regions), rng.uniform(*p.swing_c, p.regions)
    climate = mean - swing * np.cos(2 * np.pi * (year[:, None] - COLDEST_DAY) / YEAR)
    common = autoregressive(rng.normal(size=(whole, 1)), p.persistence)
    own = autoregressive(rng.normal(size=(whole, p.regions)), p.persistence)
    anomaly = p.anomaly_c * (np.sqrt(p.shared) * common + np.sqrt(1 - p.shared) * own) - _snaps(
        p, year, rng
    )
    issued = np.zeros((days, p.leads, p.regions))
    known, skill_before = anomaly, 1.0
    skill = np.geomspace(p.skill[0], p.skill[1], p.leads) if p.leads else np.zeros(0)
    for lead in range(1, p.leads + 1):
        # From the truth to ever older forecasts: each is a regression of the newer one that makes
        # it the newer one's conditional expectation, E[known_l-1 | known_l] = known_l.
        keep = skill[lead - 1] / skill_before
        noise = autoregressive(rng.normal(size=(whole, p.regions)), p.persistence)
        known = keep * known + p.anomaly_c * np.sqrt(skill[lead - 1] * (1 - keep)) * noise
        skill_before = skill[lead - 1]
        issued[:, lead - 1] = (climate + known)[lead : lead + days]
    return np.round((climate + anomaly)[:days], 2), np.round(issued, 2)


def _snaps(p: Weather, day_of_year: np.ndarray, rng: np.random.Generator) -> FloatArray:
    """(days, regions) [deg C] by how much cold snaps lower the temperature; they begin between
    November and March.
    """
    colder = np.zeros((len(day_of_year), p.regions))
    phase = day_of_year % YEAR
    winter = np.flatnonzero((phase < 90) | (phase >= 305))
    count = (
        rng.poisson(p.snaps_per_year * p.regions * len(day_of_year) / YEAR) if len(winter) else 0
    )
    for _ in range(count):
        start, region = int(rng.choice(winter)), int(rng.integers(p.regions))
        length = round(rng.uniform(*p.snap_days))
        shape = rng.uniform(*p.snap_c) * np.sin(np.pi * (np.arange(length) + 0.5) / length)
        # A view, so that adding to it changes `colder`; a snap at the end of the days is cut there.
        reach = colder[start : start + length, region]
        reach += shape[: len(reach)]
    return colder


def autoregressive(shocks: FloatArray, persistence: FloatArray | float) -> FloatArray:
    """A standard normal AR(1) process (days, k) from standard normal shocks; ``persistence`` is one
    number or one per column.
    """
    result = shocks.copy()
    scale = np.sqrt(1 - np.square(persistence))
    for day in range(1, len(shocks)):
        result[day] = persistence * result[day - 1] + scale * shocks[day]
    return result


def holidays(first_year: int, last_year: int) -> tuple[np.datetime64, ...]:
    """Dates of all public holidays from the first year to the last."""
    found = []
    for year in range(first_year, last_year + 1):
        found += [np.datetime64(f"{year:04d}-{day}") for day in _FIXED_HOLIDAYS]
        found += [easter_sunday(year) + np.timedelta64(shift, "D") for shift in _FROM_EASTER]
    return tuple(sorted(found))


def easter_sunday(year: int) -> np.datetime64:
    """Date of Gregorian Easter, by the anonymous algorithm (Meeus, Astronomical Algorithms, 1991,
    chapter 8); its intermediate values have no names.
    """
    a, b, c = year % 19, year // 100, year % 100
    h = (19 * a + b - b // 4 - (b - (b + 8) // 25 + 1) // 3 + 15) % 30
    weekday = (32 + 2 * (b % 4) + 2 * (c // 4) - h - c % 4) % 7
    m = (a + 11 * h + 22 * weekday) // 451
    month, day = divmod(h + weekday - 7 * m + 114, 31)
    return np.datetime64(f"{year:04d}-{month:02d}-{day + 1:02d}")
