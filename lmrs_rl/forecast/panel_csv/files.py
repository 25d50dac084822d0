"""Panels as CSV files in long format, with one row for each series and day.

The first line names the columns, in any order:

==============================  =================================================================
``series``                      id
``date``                        day, ISO, with or without time and offset
``value``                       [kg] use, empty where not measured
``temperature``                 [deg C] daily mean at the customer's site
``temperature_forecast_k``      [deg C] forecast issued at the end of that day for the k-th day
                                after it, k = 1, 2, ...
``capacity``                    [kg] of the tank, the same wherever a series gives it
``customer_type``, ``product``  text, the same wherever a series gives it
``holiday``                     1 on a day without normal work
``shutdown``                    1 on a day of a shutdown
``shutdown_announced``          date of the morning from which that shutdown was known; if empty,
                                it is known when it is over
==============================  =================================================================

The first three are required. Rows without a value may follow the last measured day, for coming
holidays and shutdowns.
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
from lmrs_rl.forecast.panel_csv.columns import Columns, read_columns
from lmrs_rl.forecast.panel_csv.dates import local_days
from lmrs_rl.forecast.panel_csv.repair import (
    RepairLog,
    find_outliers,
    line_list,
    without_negatives,
)

_MOST_DAYS = 20000
"""[days] A longer span between first and last date is taken for a mistyped year."""


@dataclass(frozen=True, eq=False)
class _Cells:
    """Where the R rows of a file go in the panel.

    Attributes
    ----------
    row, day, series : (R,) row of the file, day of the panel and series
    shape : (D, N) of the panel
    """

    row: IntArray
    day: IntArray
    series: IntArray
    shape: tuple[int, int]

    def grid(self, column: FloatArray) -> FloatArray:
        """(D, N) a column of the file, NaN where there is no row."""
        values = np.full(self.shape, np.nan)
        values[self.day, self.series] = column[self.row]
        return values

    def lines(self, columns: Columns) -> IntArray:
        """(D, N) line of the file that each cell stands in, 0 where there is no row."""
        line = np.zeros(self.shape, dtype=np.int64)
        line[self.day, self.series] = columns.line[self.row]
        return line


@dataclass(frozen=True, eq=False)
class PanelFile:
    """The content of a CSV file.

    Attributes
    ----------
    panel : from the first to the last day of the file
    repairs : sentences about what was changed or is worth knowing
    customer_types, products : names of the panel's numbers of types and products
    measured_to : day after the last measured one; ``panel.known_at(measured_to)`` is all that is
        known
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

    Repaired and reported: rows given twice with the same content, negative values (taken as not
    measured), rows that disagree about a holiday (taken as one). Only reported: rows out of order,
    days without a row (not measured), series that begin later, outliers.

    Parameters
    ----------
    path : of the file
    repair : False turns repairs into errors
    zone : IANA name of the time zone whose calendar days count; needed where offsets differ
    drop_outliers : take outliers as not measured, see `find_outliers`
    customer_types, products : known names, which keep their numbers; others follow in the order of
        names

    Raises
    ------
    InputError
        With the line in the file: for a file that cannot be read, an unknown or missing column,
        text instead of a number, infinite numbers, a broken date, two different rows of a series
        and day, static columns that change, offsets that differ without ``zone``.
    """
    log = RepairLog(path.name, repair)
    columns = read_columns(path)
    days = local_days(columns, zone, log)
    ids, series, first, count = _frame(columns, days)
    cells = _cells(columns, series, days - first, (count, len(ids)), log)
    use = without_negatives(cells.grid(columns.numbers["value"]), cells.lines(columns), ids, log)
    _report_gaps(use, ids, log)
    use = find_outliers(use, ids, first, log, drop=drop_outliers)
    type_of, types = _named(columns, "customer_type", series, ids, customer_types)
    product_of, product_names = _named(columns, "product", series, ids, products)
    temperature, issued = _weather(columns, cells)
    panel = Panel(
        ids=ids,
        first_day=np.datetime64(first, "D"),
        use=use,
        capacity=_static_numbers(columns, "capacity", series, ids),
        customer_type=type_of,
        product=product_of,
        temperature=temperature,
        issued=issued,
        holidays=_holidays(columns, days, log),
        shutdowns=_shutdowns(columns, cells, first),
    )
    measured = np.flatnonzero(np.any(~np.isnan(use), axis=1))
    measured_to = int(measured[-1]) + 1 if len(measured) else 0
    return PanelFile(panel, log.sentences, types, product_names, measured_to)


def write_panel(
    path: Path, panel: Panel, *, customer_types: Sequence[str] = (), products: Sequence[str] = ()
) -> None:
    """Write a panel in the format above.

    All days of all series are written; shutdowns and holidays beyond them are lost. Numbers keep
    all their digits. Types and products without a name are written as their numbers.
    """
    leads = (f"temperature_forecast_{k + 1}" for k in range(panel.leads))
    header = ["series", "date", "value", "temperature", *leads, "capacity"]
    header += ["customer_type", "product", "holiday", "shutdown", "shutdown_announced"]
    holiday = panel.known_at(panel.days).holiday(0, panel.days)
    shutdown = _shutdown_numbers(panel)
    rows = [",".join(header)]
    for k in range(len(panel.ids)):
        kind = _name(customer_types, int(panel.customer_type[k]))
        product = _name(products, int(panel.product[k]))
        for d in range(panel.days):
            weather = (panel.temperature[d, k], *panel.issued[d, :, k])
            stop = int(shutdown[d, k])
            known = ""
            if stop >= 0:
                known = str(panel.first_day + panel.shutdowns.announced_day[stop])
            row = [
                _quoted(panel.ids[k]),
                str(panel.first_day + d),
                _text(panel.use[d, k]),
                *map(_text, weather),
                _text(panel.capacity[k]),
                *(kind, product, str(int(holiday[d])), str(int(stop >= 0)), known),
            ]
            rows.append(",".join(row))
    write_text_atomically(path, "\n".join(rows) + "\n")


def _shutdown_numbers(panel: Panel) -> IntArray:
    """(D, N) number of the shutdown that covers a day, -1 where none does."""
    number = np.full((panel.days, len(panel.ids)), -1)
    s = panel.shutdowns
    spans = zip(s.series.tolist(), s.first_day.tolist(), s.last_day.tolist(), strict=True)
    for k, (series, first, last) in enumerate(spans):
        number[max(first, 0) : max(last + 1, 0), series] = k
    return number


def _frame(columns: Columns, days: IntArray) -> tuple[tuple[str, ...], IntArray, int, int]:
    """Ids in order of appearance, each row's series, the first day and the number of days."""
    order: dict[str, int] = {}
    series = np.array(
        [order.setdefault(name, len(order)) for name in columns.texts["series"]], dtype=np.int64
    )
    first, last = int(days.min()), int(days.max())
    if last - first >= _MOST_DAYS:
        a, b = columns.line[days.argmin()], columns.line[days.argmax()]
        got = f"{np.datetime64(first, 'D')} in line {a} and {np.datetime64(last, 'D')} in line {b}"
        raise InputError(
            f"{columns.name}: date", got, f"dates within {_MOST_DAYS} days", "correct the year"
        )
    return tuple(order), series, first, last - first + 1


def _cells(
    columns: Columns, series: IntArray, day: IntArray, shape: tuple[int, int], log: RepairLog
) -> _Cells:
    """The rows to read, at most one for each cell of the panel."""
    key = series * (int(day.max()) + 1) + day
    # Stable, so that errors and repairs name lines in the order of the file.
    order = np.argsort(key, kind="stable")
    again = np.flatnonzero(np.diff(key[order]) == 0)
    for k in again.tolist():
        a, b = int(order[k]), int(order[k + 1])
        if columns.row(a) != columns.row(b):
            name, date = columns.texts["series"][a], columns.texts["date"][a]
            raise InputError(
                f"{columns.name}: lines {columns.line[a]} and {columns.line[b]}",
                f"two different rows of series {name!r} on {date}",
                "one row a series and day",
                "keep the right one, or add them up before",
            )
    if len(again):
        doubles = [int(columns.line[order[k + 1]]) for k in again.tolist()]
        log.repair(
            f"{len(again)} rows given twice with the same content were read once "
            f"({line_list(doubles)})",
            "remove them",
        )
    if np.any(np.diff(day)[np.diff(series) == 0] < 0):
        log.note("dates of a series were out of order and have been sorted")
    kept = np.delete(order, again + 1)
    return _Cells(kept, day[kept], series[kept], shape)


def _weather(columns: Columns, cells: _Cells) -> tuple[FloatArray, FloatArray]:
    """Measured temperatures (D, N) and forecast ones (D, L, N) [deg C]."""
    days, n = cells.shape
    temperature, issued = np.full((days, n), np.nan), np.zeros((days, 0, n))
    if "temperature" in columns.numbers:
        temperature = cells.grid(columns.numbers["temperature"])
    if columns.forecasts:
        leads = [cells.grid(columns.numbers[name]) for name in columns.forecasts]
        issued = np.stack(leads, axis=1)
    return temperature, issued


def _report_gaps(use: FloatArray, ids: tuple[str, ...], log: RepairLog) -> None:
    """Report series without a measured day, with gaps or with a late beginning."""
    known = ~np.isnan(use)
    for k in np.flatnonzero(~known.any(axis=0)).tolist():
        log.note(f"series {ids[k]!r} has no measured day")
    began = np.maximum.accumulate(known, axis=0)
    ended = np.maximum.accumulate(known[::-1], axis=0)[::-1]
    gaps = (began & ended & ~known).sum(axis=0)
    if gaps.any():
        most = int(gaps.argmax())
        log.note(
            f"{int(gaps.sum())} days inside {int((gaps > 0).sum())} series are not measured, most "
            f"in {ids[most]!r} ({int(gaps[most])} days)"
        )
    late = int((~known[0] & known.any(axis=0)).sum())
    if late:
        log.note(f"{late} series begin after the first day")


def _named(
    columns: Columns, name: str, series: IntArray, ids: tuple[str, ...], before: Sequence[str]
) -> tuple[IntArray, tuple[str, ...]]:
    """(N,) number of each series' name in a text column, and the names.

    The number is 0 where the column is missing and where a series gives no name.
    """

    def rank(text: str) -> tuple[bool, int, str]:
        """Numbers by value, so that `write_panel` without names is read back with the same ones."""
        return not text.isdigit(), int(text) if text.isdigit() else 0, text

    texts = _static(columns, name, series, ids)
    found = sorted({each for each in texts if each} - set(before), key=rank)
    names = (*before, *found) or ("",)
    number = {each: k for k, each in enumerate(names)}
    return np.array([number.get(each, 0) for each in texts], dtype=np.int64), names


def _static(columns: Columns, name: str, series: IntArray, ids: tuple[str, ...]) -> list[str]:
    """(N,) the one text that each series gives in a column, empty where it gives none."""
    found, where = [""] * len(ids), [0] * len(ids)
    # A missing column has no texts, so the shorter of the two ends the loop.
    cells = zip(series.tolist(), columns.texts.get(name, ()), strict=False)
    for k, (number, text) in enumerate(cells):
        if text and found[number] and text != found[number]:
            raise InputError(
                f"{columns.name}: lines {where[number]} and {columns.line[k]}: {name}",
                f"{found[number]!r} and {text!r}",
                f"one {name} for series {ids[number]!r}",
                "correct one, or give the series another id from then on",
            )
        if text and not found[number]:
            found[number], where[number] = text, int(columns.line[k])
    return found


def _static_numbers(
    columns: Columns, name: str, series: IntArray, ids: tuple[str, ...]
) -> FloatArray:
    """(N,) the one positive number that each series gives in a column, NaN where it gives none."""
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


def _holidays(columns: Columns, days: IntArray, log: RepairLog) -> tuple[np.datetime64, ...]:
    """Days that any row calls a holiday."""
    flag = columns.flags("holiday")
    holidays = np.unique(days[flag])
    texts = columns.texts.get("holiday", [""] * len(days))
    denied = np.array([bool(text) for text in texts], dtype=bool) & ~flag
    disputed = np.intersect1d(holidays, days[denied])
    if len(disputed):
        example = np.datetime64(int(disputed[0]), "D")
        log.repair(
            f"{len(disputed)} days are holidays in some rows only, such as {example}: "
            "taken as holidays of all series",
            "give every series the same holidays",
        )
    return tuple(np.datetime64(int(day), "D") for day in holidays)


def _shutdowns(columns: Columns, cells: _Cells, first: int) -> Shutdowns:
    """One shutdown for each period of successive days with one announcement."""
    day, series = cells.day, cells.series
    flag = columns.flags("shutdown")
    announced = columns.dates("shutdown_announced")
    stray = np.flatnonzero(~flag & (announced != columns.NO_DATE))
    if len(stray):
        raise InputError(
            f"{columns.name}: line {columns.line[stray[0]]}: shutdown_announced",
            "a date on a day without shutdown",
            "shutdown 1 on that day",
            "set the shutdown, or remove the date",
        )
    closed: BoolArray = np.zeros(cells.shape, dtype=bool)
    known = np.full(cells.shape, columns.NO_DATE, dtype=np.int64)
    closed[day, series], known[day, series] = flag[cells.row], announced[cells.row]
    found: list[tuple[int, int, int, int]] = []
    for k in np.flatnonzero(closed.any(axis=0)).tolist():
        days = np.flatnonzero(closed[:, k])
        breaks = np.flatnonzero((np.diff(days) > 1) | (np.diff(known[days, k]) != 0)) + 1
        for period in np.split(days, breaks):
            a, b, date = int(period[0]), int(period[-1]), int(known[period[0], k])
            # Not announced: known only when it is over.
            found.append((k, a, b, b + 1 if date == columns.NO_DATE else date - first))
    if not found:
        return Shutdowns.none()
    return Shutdowns(*np.array(found, dtype=np.int64).T)


def _text(value: float) -> str:
    return "" if np.isnan(value) else repr(float(value))


def _name(names: Sequence[str], number: int) -> str:
    """The name of a type or product as written in a file: its number where it has none."""
    return _quoted(names[number] if number < len(names) else str(number))


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"' if any(mark in text for mark in ',"\n\r') else text
