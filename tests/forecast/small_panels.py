"""Small panels for the tests of models: everything a panel may hold, in a few series, and every
way to hold little.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from lmrs_rl.domain.arrays import FloatArray
from lmrs_rl.forecast.panel import Panel, Shutdowns

FIRST_DAY = np.datetime64("2023-01-02")  # a Monday


def small_panel(n: int = 4, days: int = 160, seed: int = 0) -> Panel:
    """Weekly rhythm, heating, an intermittent series, gaps, a holiday, two announced stops,
    weather issued 7 days ahead.
    """
    rng = np.random.default_rng(seed)
    day = np.arange(days)[:, None]
    temperature = 10.0 - 8.0 * np.cos(2 * np.pi * day / 365.0) + rng.normal(0, 2, (days, n))
    level = rng.uniform(50, 400, n)
    use = (
        level
        * (1.0 + 0.3 * (day % 7 < 5) + 0.03 * np.maximum(15.0 - temperature, 0.0))
        * rng.gamma(20.0, 1 / 20.0, (days, n))
    )
    use[:, -1] *= rng.random(days) < 0.4
    use[rng.random((days, n)) < 0.03] = np.nan
    issued = np.full((days, 7, n), np.nan)
    for lead in range(1, 8):
        issued[: days - lead, lead - 1] = (
            temperature[lead:] + rng.normal(0, 0.5 * lead, (days - lead, n))
            if lead < days
            else np.nan
        )
    stops = Shutdowns(
        np.array([0, n - 1]), np.array([40, 118]), np.array([45, 124]), np.array([35, 110])
    )
    kinds = np.arange(n) % 2
    return Panel(
        tuple(f"tank {k}" for k in range(n)),
        FIRST_DAY,
        use,
        level * 12.0,
        kinds,
        1 - kinds,
        temperature,
        issued,
        (FIRST_DAY + 60,),
        stops,
    )


def with_use(panel: Panel, use: FloatArray) -> Panel:
    """The same panel with other consumption."""
    return replace(panel, use=use)


def strange_panels() -> dict[str, Panel]:
    """Panels that hold little or nothing, by what they are; each is to be asked on the morning
    after its last day.
    """
    panel = small_panel()
    use = panel.use.copy()
    late = use.copy()
    late[:-1, 0] = np.nan
    nan_series, zero_series = use.copy(), use.copy()
    nan_series[:, 1], zero_series[:, 1] = np.nan, 0.0
    outage = use.copy()
    outage[-5:] = np.nan
    long_outage = use.copy()
    long_outage[-90:, 2] = np.nan
    nowhere = np.full_like(panel.temperature, np.nan)
    no_capacity = np.full(4, np.nan)
    huge = use.copy()
    huge[:, 3] *= 1e9
    return {
        "one series": small_panel(1),
        "no history": small_panel(days=0),
        "no history and nothing known": replace(small_panel(days=0), capacity=no_capacity),
        "one day": replace(small_panel(days=1)),
        "thirteen days": small_panel(days=13),
        "a series with one day among others": with_use(panel, late),
        "a series never measured among others": with_use(panel, nan_series),
        "no series measured": with_use(panel, np.full_like(use, np.nan)),
        "a series of zeros among others": with_use(panel, zero_series),
        "nothing but zeros": with_use(panel, np.zeros_like(use)),
        "constant use": with_use(panel, np.full_like(use, 5.0)),
        "the last five days missing": with_use(panel, outage),
        "ninety days missing": with_use(panel, long_outage),
        "no weather": replace(panel, temperature=nowhere, issued=np.zeros((panel.days, 0, 4))),
        "no capacities": replace(panel, capacity=no_capacity),
        "one series uses a thousand million times more": with_use(panel, huge),
    }
