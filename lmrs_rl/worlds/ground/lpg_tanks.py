"""The real LPG tanks of the dss4lpg data set (13 tanks, 2015 to 2018) as a panel, from a file
``lpg_tanks.csv`` that the user has.

Clocks of the file, as measured (see `tests/forecast/test_lpg.py`): a row's consumption is that of
the 24 hours before ``day_end``; its ``temp_mean`` is that of the 24 hours before *those*
(consumption follows the next row's temperature, not its own, and the forecast for tomorrow meets
the temperature that stands two or three rows later, according to the hour of ``day_end``);
``temp_forecast_k`` is issued on the calendar day of ``day_end`` for k calendar days later. Here
every number gets the calendar day that it belongs to, and a forecast counts as known at the end of
the calendar day on which it was issued.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np

from lmrs_rl.domain.arrays import FloatArray
from lmrs_rl.forecast.panel import Panel, Shutdowns
from lmrs_rl.forecast.panel_csv.repair import outlier_limits

LEADS = 7
KG_PER_M3 = 520.0
"""[kg/m3] of liquid LPG; scores are free of scale, so that it only makes the numbers kg."""
SMALLEST_FALL = 0.004
"""Of the fill: falls under two steps of the sensor say little about the capacity."""

Row = dict[str, str]


def read_lpg(path: Path, *, drop_outliers: bool = False) -> Panel:
    """The 13 tanks over all days of ``lpg_tanks.csv``; nothing repaired but two rows of one
    calendar day, which are averaged.

    Some days are no use but the sensor's trouble with a refill: up to 1.5 times the tank's capacity
    within a day. In the last year one of them (tank 52412, August 2018) makes a seasonal naive
    forecast's scaled loss 14 times the use, and by that decides any mean over 13 series.
    ``drop_outliers`` takes what lies beyond `outlier_limits` as not measured, in what is learned
    from and in what is judged.

    Types and products are all 0, holidays unknown. The capacity is what the file's own consumption
    and fall of the fill imply.
    """
    by_tank: dict[str, list[Row]] = defaultdict(list)
    with path.open(newline="", encoding="utf-8") as stream:
        for row in csv.DictReader(stream):
            by_tank[row["tank"]].append(row)
    ids = tuple(by_tank)
    used = {tank: [_day(row, 12) for row in rows] for tank, rows in by_tank.items()}
    first = min(min(days) for days in used.values())
    count = int((max(max(days) for days in used.values()) - first).astype(int)) + 1
    use, temperature = np.full((count, len(ids)), np.nan), np.full((count, len(ids)), np.nan)
    issued = np.full((count, LEADS, len(ids)), np.nan)
    for k, rows in enumerate(by_tank.values()):
        use[:, k] = KG_PER_M3 * _daily(
            rows, "consumption", [_day(row, 12) for row in rows], first, count
        )
        temperature[:, k] = _daily(rows, "temp_mean", [_day(row, 36) for row in rows], first, count)
        for lead in range(1, LEADS + 1):
            issued[:, lead - 1, k] = _daily(
                rows, f"temp_forecast_{lead}", [_day(row, 0) for row in rows], first, count
            )
    if drop_outliers:
        use = np.where(use > outlier_limits(use), np.nan, use)
    none = np.zeros(len(ids), dtype=np.int64)
    capacity = np.array([_capacity(rows) for rows in by_tank.values()])
    return Panel(ids, first, use, capacity, none, none, temperature, issued, (), Shutdowns.none())


def _day(row: Row, hours_before: int) -> np.datetime64:
    return np.datetime64(
        (datetime.fromisoformat(row["day_end"]) - timedelta(hours=hours_before)).date(), "D"
    )


def _daily(
    rows: list[Row], column: str, days: list[np.datetime64], first: np.datetime64, count: int
) -> FloatArray:
    """(count,) mean of a column's entries on each day, NaN where there is none."""
    total, times = np.zeros(count), np.zeros(count)
    for row, day in zip(rows, days, strict=True):
        at = int((day - first).astype(int))
        if row[column] and 0 <= at < count:
            total[at] += float(row[column])
            times[at] += 1
    return np.where(times > 0, total / np.maximum(times, 1), np.nan)


def _capacity(rows: list[Row]) -> float:
    """[kg] median of consumption over fall of the fill."""
    fill = np.array([float(row["fill_end"] or "nan") for row in rows])
    use = np.array([float(row["consumption"] or "nan") for row in rows])
    fall = fill[:-1] - fill[1:]
    clear = (fall >= SMALLEST_FALL) & (use[1:] > 0)
    return KG_PER_M3 * float(np.median(use[1:][clear] / fall[clear]))
