"""Columns of a CSV file as arrays, every error with its line."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import ClassVar

import numpy as np

from lmrs_rl.domain import InputError
from lmrs_rl.domain.arrays import BoolArray, FloatArray, IntArray

_NEEDED = ("series", "date", "value")
_NUMBERS = ("value", "temperature", "capacity")
_OPTIONAL = (
    "temperature",
    "capacity",
    "customer_type",
    "product",
    "holiday",
    "shutdown",
    "shutdown_announced",
)
_FORECAST = re.compile(r"temperature_forecast_([1-9][0-9]?)")
_ABSENT = ("", "nan", "na", "n/a", "null", "none")
"""Texts for a missing number, in lower or upper case."""


@dataclass(frozen=True, eq=False)
class Columns:
    """The R rows of a file, column by column.

    Attributes
    ----------
    name : of the file
    line : (R,) line of the file on which each row ends
    texts : every column (R,) as text, stripped of blanks
    numbers : numeric columns (R,), NaN where empty
    forecasts : names of the columns ``temperature_forecast_1``, ``_2`` and so on
    """

    # Earlier than any date that Python knows, so that none in a file is taken for it.
    NO_DATE: ClassVar[int] = -(10**8)

    name: str
    line: IntArray
    texts: dict[str, list[str]]
    numbers: dict[str, FloatArray]
    forecasts: tuple[str, ...]

    def row(self, k: int) -> tuple[str, ...]:
        """All entries of a row."""
        return tuple(column[k] for column in self.texts.values())

    def flags(self, name: str) -> BoolArray:
        """(R,) a column of 0, 1 or nothing; all False where it is missing."""
        result = np.zeros(len(self.line), dtype=bool)
        for k, text in enumerate(self.texts.get(name, ())):
            if text.lower() in ("1", "true", "1.0"):
                result[k] = True
            elif text.lower() not in ("", "0", "false", "0.0"):
                raise InputError(
                    f"{self.name}: line {self.line[k]}: {name}",
                    repr(text),
                    "1 or 0",
                    "write 1 on such days, 0 or nothing on others",
                )
        return result

    def dates(self, name: str) -> IntArray:
        """(R,) days since 1970-01-01 of a column of ISO dates, `NO_DATE` where empty or missing."""
        result = np.full(len(self.line), self.NO_DATE, dtype=np.int64)
        for k, text in enumerate(self.texts.get(name, ())):
            if text:
                try:
                    result[k] = (date.fromisoformat(text) - date(1970, 1, 1)).days
                except ValueError:
                    raise InputError(
                        f"{self.name}: line {self.line[k]}: {name}",
                        repr(text),
                        "a date such as 2024-03-31",
                        "correct it",
                    ) from None
        return result


def read_columns(path: Path) -> Columns:
    """Read a CSV file in the format of `files` (`InputError` for anything else)."""
    header, rows, line = _read_rows(path)
    if not rows:
        raise InputError(
            path.name,
            "no rows after the header",
            "one row a series and day",
            "check how the file was written",
        )
    columns = zip(header, zip(*rows, strict=True), strict=True)
    texts = {name: [text.strip() for text in column] for name, column in columns}
    lines = np.array(line, dtype=np.int64)
    for k, text in enumerate(texts["series"]):
        if not text:
            raise InputError(
                f"{path.name}: line {line[k]}: series",
                "nothing",
                "the id of a series",
                "give the row its id",
            )
    leads = sum(_FORECAST.fullmatch(name) is not None for name in header)
    forecasts = tuple(f"temperature_forecast_{k + 1}" for k in range(leads))
    numeric = [name for name in header if name in _NUMBERS or name in forecasts]
    numbers = {name: _numbers(path.name, name, texts[name], lines) for name in numeric}
    return Columns(path.name, lines, texts, numbers, forecasts)


def _read_rows(path: Path) -> tuple[list[str], list[list[str]], list[int]]:
    """Header, rows and the rows' lines; errors of the file system and the encoding explained."""
    try:
        # A file may begin with a byte order mark, which would be read as part of a column's name.
        with path.open(newline="", encoding="utf-8-sig") as stream:
            reader = csv.reader(stream, strict=True)
            header = _header(path.name, next(reader, None))
            return header, *_rows(path.name, reader, len(header))
    except OSError as error:
        raise InputError(
            str(path), str(error.strerror), "a readable CSV file", "check the path"
        ) from error
    except UnicodeDecodeError as error:
        raise InputError(
            path.name,
            f"bytes that are no UTF-8 ({error.reason})",
            "text in UTF-8",
            "save the file with that encoding",
        ) from error
    except csv.Error as error:
        raise InputError(
            path.name,
            f"broken CSV ({error})",
            "comma-separated values",
            "look for a quote that is never closed",
        ) from error


def _header(name: str, found: list[str] | None) -> list[str]:
    """The column names of the first line, checked."""
    if found is None:
        raise InputError(
            name,
            "an empty file",
            f"a first line with the columns {', '.join(_NEEDED)}",
            "check how the file was written",
        )
    header = [each.strip() for each in found]
    if len(header) == 1 and (";" in header[0] or "\t" in header[0]):
        raise InputError(
            f"{name}: line 1",
            repr(header[0])[:60],
            "columns separated by commas",
            "write the file with commas and decimal points",
        )
    for each in _NEEDED:
        if each not in header:
            raise InputError(
                f"{name}: line 1",
                f"the columns {', '.join(header)}"[:200],
                f"a column {each!r}",
                "name the columns in the first line",
            )
    _check_known(name, header)
    leads = sorted(int(match[1]) for each in header if (match := _FORECAST.fullmatch(each)))
    if leads != list(range(1, len(leads) + 1)):
        raise InputError(
            f"{name}: line 1",
            f"temperature_forecast_{leads[-1]} but not all before it",
            "temperature_forecast_1, _2 and so on without a gap",
            "add the missing columns, empty if need be",
        )
    return header


def _check_known(name: str, header: list[str]) -> None:
    """Refuse unknown columns and columns that come twice."""
    for k, each in enumerate(header):
        if each in header[:k]:
            raise InputError(
                f"{name}: line 1",
                f"two columns {each!r}",
                "each column once",
                "remove or rename one",
            )
        if each not in _NEEDED and each not in _OPTIONAL and _FORECAST.fullmatch(each) is None:
            known = ", ".join((*_NEEDED, *_OPTIONAL, "temperature_forecast_1, ..."))
            raise InputError(
                f"{name}: line 1",
                f"a column {each!r}",
                f"columns out of {known}",
                "remove it or correct its name",
            )


def _rows(name: str, reader: object, width: int) -> tuple[list[list[str]], list[int]]:
    """All rows but empty ones, and the lines on which they end."""
    rows, line = [], []
    for row in reader:  # type: ignore[attr-defined]
        if not row:
            continue
        at = reader.line_num  # type: ignore[attr-defined]
        if len(row) != width:
            raise InputError(
                f"{name}: line {at}",
                f"{len(row)} entries",
                f"{width} as in the first line",
                "look for a comma too many or too few",
            )
        rows.append(row)
        line.append(at)
    return rows, line


def _numbers(file: str, name: str, texts: list[str], line: IntArray) -> FloatArray:
    """(R,) numbers, NaN where there is none; infinite ones and text are refused."""
    try:
        result = np.array([float(text) if text else np.nan for text in texts], dtype=np.float64)
    except ValueError:
        # The slow path, only for files with texts such as "n/a", or to find the line of an error.
        each = zip(texts, line.tolist(), strict=True)
        result = np.array([_number(file, name, text, int(at)) for text, at in each])
    bad = np.flatnonzero(np.isinf(result))
    if len(bad):
        raise InputError(
            f"{file}: line {line[bad[0]]}: {name}",
            repr(texts[bad[0]]),
            "a finite number, or nothing where not known",
            "correct it",
        )
    return result


def _number(file: str, name: str, text: str, line: int) -> float:
    if text.lower() in _ABSENT:
        return float("nan")
    try:
        return float(text)
    except ValueError:
        remedy = "correct it, or leave it empty where not known"
        if "," in text:
            remedy = "write a decimal point"
        raise InputError(f"{file}: line {line}: {name}", repr(text), "a number", remedy) from None
