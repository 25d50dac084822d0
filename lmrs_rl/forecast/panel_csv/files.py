"""Panels as CSV files in long format: one row a series and day.

Columns, in any order, named in the first line:

==============================  ================================================================================
``series``, ``date``, ``value``  id; day, ISO, with or without time and offset; use [kg], empty
where not measured ``temperature``                 [deg C] mean of the day at the customer's
``temperature_forecast_k``      [deg C] forecast at the end of that day for the k-th day after it, k
= 1, 2, ... ``capacity``                    [kg] of the tank, the same in every row of a series that
gives it ``customer_type``, ``product``  text, the same in every row of a series that gives it
``holiday``                     1 on a day without normal work ``shutdown``                    1 on
a day of a stop ``shutdown_announced``          date of the morning from which that stop was known;
without it, known when it is over
==============================  ================================================================================

The first three must be there. Rows without a value may lie after the last measured day, to tell of
coming holidays and stops.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from lmrs_rl.domain import InputError
from lmrs_rl.domain.arrays import BoolArray, FloatArray, IntArray
from lmrs_rl.domain.files import write_text_atomically
from lmrs_rl.forecast.panel import Panel, Shutdowns
from lmrs_rl.forecast.panel_csv.columns import Columns, NumberColumn, read_columns
from lmrs_rl.forecast.panel_csv.dates import local_days
from lmrs_rl.forecast.panel_csv.repair import Statements, find_outliers, lines, without_negatives

MOST_DAYS = 20000
"""A longer span between first and last date is taken for a slip of the pen in a year."""


@dataclass(frozen=True, eq=False)
class PanelFile:
    """What a CSV file holds.

    Attributes
    ----------
    panel : from the first to the last day of the file
    repairs : what was changed or is worth knowing, in sentences
    customer_types, products : names of the panel's numbers
    measured_to : the first day after the last measured one; `Panel.known_at` it is what was known
        on that morning
    """

    panel: Panel
    repairs: tuple[str, ...]
    customer_types: tuple[str, ...]
    products: tuple[str, ...]
    measured_to: int


def read_panel(
    path: Path, *, repair: bool = True, zone: str | None = None, drop_outliers: bool = False
) -> tuple[Panel, tuple[str, ...]]:
    """The panel of a CSV file, and what was repaired; see `read_panel_file`."""
    found = read_panel_file(path, repair=repair, zone=zone, drop_outliers=drop_outliers)
    return found.panel, found.repairs


def read_panel_file(
    path: Path,
    *,
    repair: bool = True,
    zone: str | None = None,
    drop_outliers: bool = False,
    customer_types: Sequence[str] = (),
    products: Sequence[str] = (),
) -> PanelFile:
    """Read a CSV file in the format above.

    Repaired, and said so: rows given twice with the same content, negative values (not measured),
    rows that disagree about a holiday (it is one). Said only: rows out of order, days without a row
    (not measured), series that begin later, outliers.

    Parameters
    ----------
    repair : False makes an error of what would be repaired
    zone : IANA name of the zone whose calendar days count; needed where offsets differ
    drop_outliers : take outliers as not measured, see `find_outliers`
    customer_types, products : names known before, which keep their numbers; others follow in the
        order of names

    Raises
    ------
    InputError
        Naming the line: for a file that cannot be read, an unknown or missing column, text for a
        number, infinite numbers, a broken date, two different rows of a series and day, static
        columns that change, offsets that differ without ``zone``.
    """
    told = Statements(path.name, repair)
    columns = read_columns(path)
    days = local_days(columns, zone, told)
    ids, series, first, count = _frame(columns, days)
    at = _cells(columns, series, days - first, told)
    use = without_negatives(
        _grid(columns.numbers["value"], at, (count, len(ids))),
        _line_grid(columns, at, (count, len(ids))),
        ids,
        told,
    )
    _tell_gaps(use, ids, told)
    use = find_outliers(use, ids, first, told, drop=drop_outliers)
    type_of, types = _named(columns, "customer_type", series, ids, customer_types)
    product_of, product_names = _named(columns, "product", series, ids, products)
    shape = (count, len(ids))
    forecasts = [_grid(columns.numbers[name], at, shape) for name in columns.forecasts]
    panel = Panel(
        ids=ids,
        first_day=np.datetime64(first, "D"),
        use=use,
        capacity=_static_numbers(columns, "capacity", series, ids),
        customer_type=type_of,
        product=product_of,
        temperature=_grid(columns.numbers["temperature"], at, shape)
        if "temperature" in columns.numbers
        else np.full(shape, np.nan),
        issued=np.stack(forecasts, axis=1) if forecasts else np.zeros((count, 0, len(ids))),
        holidays=_holidays(columns, days, told),
        shutdowns=_shutdowns(columns, at, shape, first),
    )
    measured = np.flatnonzero(np.any(~np.isnan(use), axis=1))
    return PanelFile(
        panel, told.said, types, product_names, int(measured[-1]) + 1 if len(measured) else 0
    )


def write_panel(
    path: Path, panel: Panel, *, customer_types: Sequence[str] = (), products: Sequence[str] = ()
) -> None:
    """Write a panel in the format above, whole days of every series; what lies beyond its days
    (stops, holidays) is left out.

    Numbers keep all their digits. Types and products without a name are written as their numbers.
    """
    n, leads = len(panel.ids), panel.leads
    header = [
        "series",
        "date",
        "value",
        "temperature",
        *(f"temperature_forecast_{k + 1}" for k in range(leads)),
    ]
    header += ["capacity", "customer_type", "product", "holiday", "shutdown", "shutdown_announced"]
    free = panel.known_at(panel.days).holiday(0, panel.days)
    stop = np.full((panel.days, n), -1)
    s = panel.shutdowns
    for k, (series, a, b) in enumerate(
        zip(s.series.tolist(), s.first_day.tolist(), s.last_day.tolist(), strict=True)
    ):
        stop[max(a, 0) : max(b + 1, 0), series] = k
    told = [",".join(header)]
    for k in range(n):
        kind, product = (
            _quoted(names[number] if number < len(names) else str(number))
            for names, number in (
                (customer_types, int(panel.customer_type[k])),
                (products, int(panel.product[k])),
            )
        )
        for d in range(panel.days):
            weather = (panel.temperature[d, k], *panel.issued[d, :, k])
            stopped = int(stop[d, k])
            known = str(panel.first_day + s.announced_day[stopped]) if stopped >= 0 else ""
            row = [
                _quoted(panel.ids[k]),
                str(panel.first_day + d),
                _text(panel.use[d, k]),
                *map(_text, weather),
                _text(panel.capacity[k]),
            ]
            told.append(
                ",".join([*row, kind, product, str(int(free[d])), str(int(stopped >= 0)), known])
            )
    write_text_atomically(path, "\n".join(told) + "\n")


def _frame(columns: Columns, days: IntArray) -> tuple[tuple[str, ...], IntArray, int, int]:
    """Ids in the order in which they come, the number of each row's, the first day and how many
    there are.
    """
    order: dict[str, int] = {}
    series = np.array(
        [order.setdefault(name, len(order)) for name in columns.texts["series"]], dtype=np.int64
    )
    first, last = int(days.min()), int(days.max())
    if last - first >= MOST_DAYS:
        a, b = int(days.argmin()), int(days.argmax())
        told = f"{np.datetime64(first, 'D')} in line {columns.line[a]} and {np.datetime64(last, 'D')} in line {columns.line[b]}"
        raise InputError(
            f"{columns.name}: date", told, f"dates within {MOST_DAYS} days", "correct the year"
        )
    return tuple(order), series, first, last - first + 1


def _cells(
    columns: Columns, series: IntArray, day: IntArray, told: Statements
) -> tuple[IntArray, IntArray, IntArray]:
    """Row numbers to keep, their days and series: one for each cell of the panel."""
    key = series * (int(day.max()) + 1) + day
    order = np.argsort(key, kind="stable")
    again = np.flatnonzero(np.diff(key[order]) == 0)
    for k in again.tolist():
        a, b = int(order[k]), int(order[k + 1])
        what = f"series {columns.texts['series'][a]!r} on {columns.texts['date'][a]}"
        if columns.row(a) != columns.row(b):
            field = f"{columns.name}: lines {columns.line[a]} and {columns.line[b]}"
            raise InputError(
                field,
                f"two different rows of {what}",
                "one row a series and day",
                "keep the right one, or add them up before",
            )
    if len(again):
        doubles = [int(columns.line[order[k + 1]]) for k in again.tolist()]
        told.repaired(
            f"{len(again)} rows given twice with the same content were read once "
            f"({lines(doubles)})",
            "remove them",
        )
    by_series_then_day = np.any(np.diff(day)[np.diff(series) == 0] < 0)
    if by_series_then_day:
        told.noted("dates of a series were out of order and have been sorted")
    keep = np.delete(order, again + 1)
    return keep, day[keep], series[keep]


def _grid(
    column: NumberColumn, at: tuple[IntArray, IntArray, IntArray], shape: tuple[int, int]
) -> FloatArray:
    row, day, series = at
    grid = np.full(shape, np.nan)
    grid[day, series] = column[row]
    return grid


def _line_grid(
    columns: Columns, at: tuple[IntArray, IntArray, IntArray], shape: tuple[int, int]
) -> IntArray:
    row, day, series = at
    grid = np.zeros(shape, dtype=np.int64)
    grid[day, series] = columns.line[row]
    return grid


def _tell_gaps(use: FloatArray, ids: tuple[str, ...], told: Statements) -> None:
    known = ~np.isnan(use)
    for k in np.flatnonzero(~known.any(axis=0)).tolist():
        told.noted(f"series {ids[k]!r} has no measured day")
    began = np.maximum.accumulate(known, axis=0)
    ended = np.maximum.accumulate(known[::-1], axis=0)[::-1]
    gaps = (began & ended & ~known).sum(axis=0)
    if gaps.any():
        most = int(gaps.argmax())
        told.noted(
            f"{int(gaps.sum())} days inside {int((gaps > 0).sum())} series are not measured, most "
            f"in {ids[most]!r} ({int(gaps[most])} days)"
        )
    late = int((~known[0] & known.any(axis=0)).sum())
    if late:
        told.noted(f"{late} series begin after the first day")


def _named(
    columns: Columns, name: str, series: IntArray, ids: tuple[str, ...], before: Sequence[str]
) -> tuple[IntArray, tuple[str, ...]]:
    """(N,) number of each series' name, and the names; all 0 where the column is missing, and
    where a series gives none.
    """
    of = _static(columns, name, series, ids)
    found = sorted(
        {each for each in of if each} - set(before),
        key=lambda text: (not text.isdigit(), int(text) if text.isdigit() else 0, text),
    )
    names = (*before, *found) or ("",)
    number = {each: k for k, each in enumerate(names)}
    return np.array([number.get(each, 0) for each in of], dtype=np.int64), names


def _static(columns: Columns, name: str, series: IntArray, ids: tuple[str, ...]) -> list[str]:
    """(N,) the one text that each series gives, empty where it gives none."""
    found, where = [""] * len(ids), [0] * len(ids)
    for k, (number, text) in enumerate(
        zip(series.tolist(), columns.texts.get(name, ()), strict=False)
    ):
        if text and found[number] and text != found[number]:
            field = f"{columns.name}: lines {where[number]} and {columns.line[k]}: {name}"
            wanted = f"one {name} for series {ids[number]!r}"
            raise InputError(
                field,
                f"{found[number]!r} and {text!r}",
                wanted,
                "correct one, or give the series another id from then on",
            )
        if text and not found[number]:
            found[number], where[number] = text, int(columns.line[k])
    return found


def _static_numbers(
    columns: Columns, name: str, series: IntArray, ids: tuple[str, ...]
) -> FloatArray:
    _static(columns, name, series, ids)
    result = np.full(len(ids), np.nan)
    if name in columns.numbers:
        known = ~np.isnan(columns.numbers[name])
        bad = np.flatnonzero(known & ~(columns.numbers[name] > 0))
        if len(bad):
            raise InputError(
                f"{columns.name}: line {columns.line[bad[0]]}: {name}",
                columns.texts[name][bad[0]],
                "more than 0",
                "leave it empty",
            )
        result[series[known]] = columns.numbers[name][known]
    return result


def _holidays(columns: Columns, days: IntArray, told: Statements) -> tuple[np.datetime64, ...]:
    flag = columns.flags("holiday")
    free = np.unique(days[flag])
    denied = (
        np.array(
            [bool(text) for text in columns.texts.get("holiday", [""] * len(days))], dtype=bool
        )
        & ~flag
    )
    disputed = np.intersect1d(free, days[denied])
    if len(disputed):
        text = f"{len(disputed)} days are holidays in some rows only, such as {np.datetime64(int(disputed[0]), 'D')}: taken as holidays of all series"
        told.repaired(text, "give every series the same holidays")
    return tuple(np.datetime64(int(day), "D") for day in free)


def _shutdowns(
    columns: Columns, at: tuple[IntArray, IntArray, IntArray], shape: tuple[int, int], first: int
) -> Shutdowns:
    """Stretches of days with one announcement, one stop each."""
    row, day, series = at
    flag = columns.flags("shutdown")
    announced = columns.dates("shutdown_announced")
    stray = np.flatnonzero(~flag & (announced != columns.NO_DATE))
    if len(stray):
        field = f"{columns.name}: line {columns.line[stray[0]]}: shutdown_announced"
        raise InputError(
            field,
            "a date on a day without shutdown",
            "shutdown 1 on that day",
            "set the shutdown, or remove the date",
        )
    closed: BoolArray = np.zeros(shape, dtype=bool)
    known = np.full(shape, columns.NO_DATE, dtype=np.int64)
    closed[day, series], known[day, series] = flag[row], announced[row]
    found: list[tuple[int, int, int, int]] = []
    for k in np.flatnonzero(closed.any(axis=0)).tolist():
        days = np.flatnonzero(closed[:, k])
        breaks = np.flatnonzero((np.diff(days) > 1) | (np.diff(known[days, k]) != 0)) + 1
        for stretch in np.split(days, breaks):
            a, b, told = int(stretch[0]), int(stretch[-1]), int(known[stretch[0], k])
            found.append((k, a, b, b + 1 if told == columns.NO_DATE else told - first))
    if not found:
        return Shutdowns.none()
    return Shutdowns(*np.array(found, dtype=np.int64).T)


def _text(value: float) -> str:
    return "" if np.isnan(value) else repr(float(value))


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"' if any(mark in text for mark in ',"\n\r') else text
