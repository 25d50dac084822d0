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

NumberColumn = FloatArray

NEEDED = ("series", "date", "value")
NUMBERS = ("value", "temperature", "capacity")
OPTIONAL = (
    "temperature",
    "capacity",
    "customer_type",
    "product",
    "holiday",
    "shutdown",
    "shutdown_announced",
)
FORECAST = re.compile(r"temperature_forecast_([1-9][0-9]?)")
ABSENT = ("", "nan", "na", "n/a", "null", "none")
"""What may stand where there is no number, in any case."""


@dataclass(frozen=True, eq=False)
class Columns:
    """R rows of a file.

    Attributes
    ----------
    name : of the file
    line : (R,) where each row ends in the file
    texts : every column (R,), stripped of blanks
    numbers : the numeric ones (R,), NaN where empty
    forecasts : names of the columns ``temperature_forecast_1`` to the last
    """

    NO_DATE: ClassVar[int] = -(10**8)

    name: str
    line: IntArray
    texts: dict[str, list[str]]
    numbers: dict[str, NumberColumn]
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
    """Read a file of the format of `csv_file` (`InputError` for anything that is not)."""
    try:
        with path.open(newline="", encoding="utf-8-sig") as stream:
            reader = csv.reader(stream, strict=True)
            header = _header(path.name, next(reader, None))
            rows, line = _rows(path.name, reader, len(header))
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
    if not rows:
        raise InputError(
            path.name,
            "no rows after the header",
            "one row a series and day",
            "check how the file was written",
        )
    texts = {
        name: [text.strip() for text in column]
        for name, column in zip(header, zip(*rows, strict=True), strict=True)
    }
    lines = np.array(line, dtype=np.int64)
    for k, text in enumerate(texts["series"]):
        if not text:
            raise InputError(
                f"{path.name}: line {line[k]}: series",
                "nothing",
                "the id of a series",
                "give the row its id",
            )
    forecasts = tuple(
        f"temperature_forecast_{k + 1}"
        for k in range(sum(FORECAST.fullmatch(name) is not None for name in header))
    )
    numeric = [name for name in header if name in NUMBERS or name in forecasts]
    numbers = {name: _numbers(path.name, name, texts[name], lines) for name in numeric}
    return Columns(path.name, lines, texts, numbers, forecasts)


def _header(name: str, found: list[str] | None) -> list[str]:
    if found is None:
        raise InputError(
            name,
            "an empty file",
            f"a first line with the columns {', '.join(NEEDED)}",
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
    for each in NEEDED:
        if each not in header:
            raise InputError(
                f"{name}: line 1",
                f"the columns {', '.join(header)}"[:200],
                f"a column {each!r}",
                "name the columns in the first line",
            )
    for k, each in enumerate(header):
        if each in header[:k]:
            raise InputError(
                f"{name}: line 1",
                f"two columns {each!r}",
                "each column once",
                "remove or rename one",
            )
        if each not in NEEDED and each not in OPTIONAL and FORECAST.fullmatch(each) is None:
            known = ", ".join((*NEEDED, *OPTIONAL, "temperature_forecast_1, ..."))
            raise InputError(
                f"{name}: line 1",
                f"a column {each!r}",
                f"columns out of {known}",
                "remove it or correct its name",
            )
    leads = sorted(int(match[1]) for each in header if (match := FORECAST.fullmatch(each)))
    if leads != list(range(1, len(leads) + 1)):
        told = f"temperature_forecast_{leads[-1]} but not all before it"
        raise InputError(
            f"{name}: line 1",
            told,
            "temperature_forecast_1, _2 and so on without a gap",
            "add the missing columns, empty if need be",
        )
    return header


def _rows(name: str, reader: object, width: int) -> tuple[list[list[str]], list[int]]:
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


def _numbers(file: str, name: str, texts: list[str], line: IntArray) -> NumberColumn:
    """(R,) numbers, NaN where there is none; infinite ones and text are refused."""
    try:
        result = np.array([float(text) if text else np.nan for text in texts], dtype=np.float64)
    except ValueError:
        result = np.array(
            [
                _number(file, name, text, int(at))
                for text, at in zip(texts, line.tolist(), strict=True)
            ],
            dtype=np.float64,
        )
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
    if text.lower() in ABSENT:
        return float("nan")
    try:
        return float(text)
    except ValueError:
        remedy = (
            "write a decimal point"
            if "," in text
            else "correct it, or leave it empty where not known"
        )
        raise InputError(f"{file}: line {line}: {name}", repr(text), "a number", remedy) from None
