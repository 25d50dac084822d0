"""Read the LPG tanks of the dss4lpg data set (13 tanks, 2015 to 2018) as a panel.

The file ``lpg_tanks.csv`` is the user's. Times in it, as found by `tests/forecast/test_lpg.py`:

- A row's consumption is that of the 24 hours before ``day_end``.
- Its ``temp_mean`` is that of the 24 hours before *those*: consumption follows the next row's
  temperature, not its own, and the forecast for tomorrow fits the temperature two or three rows
  later, depending on the hour of ``day_end``.
- ``temp_forecast_k`` is issued on the calendar day of ``day_end`` for k calendar days later.

Here every number gets the calendar day that it belongs to, and a forecast counts as known at the
end of the calendar day on which it was issued.
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

_LEADS = 7
"""[days] for which temperatures are forecast."""
_KG_PER_M3 = 520.0
"""[kg/m3] density of liquid LPG; scores do not depend on it, it only makes the numbers kg."""
_SMALLEST_FALL = 0.004
"""Least fall of the level, as a share of the capacity, that says something about the capacity: two
steps of the sensor.
"""

_CsvRow = dict[str, str]


def read_lpg(path: Path, *, drop_outliers: bool = False) -> Panel:
    """Read the tanks over all days of the file; two rows of one calendar day are averaged.

    Some values are no use but the sensor's trouble with a refill: up to 1.5 times the tank's
    capacity within a day. In the last year one of them (tank 52412, August 2018) makes a seasonal
    naive forecast's scaled loss 14 times the use, and thereby decides any mean over 13 series.

    Customer types and products are all 0, holidays are unknown. The capacity is what the file's
    consumption and falls of the level imply.

    Parameters
    ----------
    path : of ``lpg_tanks.csv``
    drop_outliers : treat values beyond `outlier_limits` as not measured, in training and in scores
    """
    by_tank: dict[str, list[_CsvRow]] = defaultdict(list)
    with path.open(newline="", encoding="utf-8") as stream:
        for row in csv.DictReader(stream):
            by_tank[row["tank"]].append(row)
    ids = tuple(by_tank)
    # A day of 24 hours belongs to the calendar day of its middle.
    used = {tank: [_day(row, 12) for row in rows] for tank, rows in by_tank.items()}
    first = min(min(days) for days in used.values())
    count = int((max(max(days) for days in used.values()) - first).astype(int)) + 1
    use, temperature = np.full((count, len(ids)), np.nan), np.full((count, len(ids)), np.nan)
    issued = np.full((count, _LEADS, len(ids)), np.nan)
    for k, rows in enumerate(by_tank.values()):
        use[:, k] = _KG_PER_M3 * _daily(
            rows, "consumption", [_day(row, 12) for row in rows], first, count
        )
        temperature[:, k] = _daily(rows, "temp_mean", [_day(row, 36) for row in rows], first, count)
        for lead in range(1, _LEADS + 1):
            issued[:, lead - 1, k] = _daily(
                rows, f"temp_forecast_{lead}", [_day(row, 0) for row in rows], first, count
            )
    if drop_outliers:
        use = np.where(use > outlier_limits(use), np.nan, use)
    none = np.zeros(len(ids), dtype=np.int64)
    capacity = np.array([_capacity(rows) for rows in by_tank.values()])
    return Panel(ids, first, use, capacity, none, none, temperature, issued, (), Shutdowns.none())


def _day(row: _CsvRow, hours_before: int) -> np.datetime64:
    """Calendar day of the time ``hours_before`` the row's ``day_end``."""
    time = datetime.fromisoformat(row["day_end"]) - timedelta(hours=hours_before)
    return np.datetime64(time.date(), "D")


def _daily(
    rows: list[_CsvRow], column: str, days: list[np.datetime64], first: np.datetime64, count: int
) -> FloatArray:
    """(count,) mean of a column's values on each day from ``first`` on, NaN where there is none."""
    total, times = np.zeros(count), np.zeros(count)
    for row, day in zip(rows, days, strict=True):
        at = int((day - first).astype(int))
        # Days are those of use; temperatures are moved against it, so a few lie outside.
        if row[column] and 0 <= at < count:
            total[at] += float(row[column])
            times[at] += 1
    return np.where(times > 0, total / np.maximum(times, 1), np.nan)


def _capacity(rows: list[_CsvRow]) -> float:
    """Capacity [kg]: median of consumption over fall of the level."""
    fill = np.array([float(row["fill_end"] or "nan") for row in rows])
    use = np.array([float(row["consumption"] or "nan") for row in rows])
    # A row's use is that of the day before it, in which the level fell from the row above.
    fall = fill[:-1] - fill[1:]
    clear = (fall >= _SMALLEST_FALL) & (use[1:] > 0)
    return _KG_PER_M3 * float(np.median(use[1:][clear] / fall[clear]))
