"""Calendar days of the rows of a CSV file."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np

from lmrs_rl.domain import InputError
from lmrs_rl.domain.arrays import IntArray
from lmrs_rl.forecast.panel_csv.columns import Columns
from lmrs_rl.forecast.panel_csv.repair import RepairLog

_EPOCH = date(1970, 1, 1)


def local_days(columns: Columns, zone: str | None, log: RepairLog) -> IntArray:
    """(R,) days since 1970-01-01 of the column ``date``.

    Dates without an offset are local and taken as they stand. With one offset throughout, its
    calendar counts. Where offsets differ, every time is converted to ``zone``, which must be given:
    which day a late evening belongs to cannot be guessed.

    Raises
    ------
    InputError
        For a broken date, dates with and without offset in one file, offsets that differ without
        ``zone``, an unknown zone.
    """
    # Each distinct text is parsed once: a panel repeats every date for each of its series.
    distinct = {text: k for k, text in enumerate(columns.texts["date"])}
    parsed = {text: _parse(columns, text, k) for text, k in distinct.items()}
    has_offset = _have_offsets(columns, parsed)
    target = _zone(zone)
    if has_offset and target is None:
        offsets = sorted({time.utcoffset() or timedelta() for time in parsed.values()})
        if len(offsets) > 1:
            raise InputError(
                f"{columns.name}: date",
                f"times with the offsets {', '.join(str(timezone(each)) for each in offsets)}",
                "one offset, or the zone whose days count",
                "name the zone, such as Europe/Berlin (--zone on the command line)",
            )
    if has_offset and target is not None:
        parsed = {text: _converted(columns, time, target) for text, time in parsed.items()}
        log.note(f"times were converted to {zone}, whose calendar days count")
    day = {text: (time.date() - _EPOCH).days for text, time in parsed.items()}
    return np.array([day[text] for text in columns.texts["date"]], dtype=np.int64)


def _have_offsets(columns: Columns, parsed: dict[str, datetime]) -> bool:
    """Whether the dates have an offset from UTC; refused where only some have."""
    bare = next((text for text, time in parsed.items() if time.tzinfo is None), None)
    aware = next((text for text, time in parsed.items() if time.tzinfo is not None), None)
    if bare is not None and aware is not None:
        rows = (columns.texts["date"].index(text) for text in (bare, aware))
        lines = " and ".join(str(columns.line[row]) for row in rows)
        raise InputError(
            f"{columns.name}: lines {lines}: date",
            f"{bare!r} without and {aware!r} with an offset from UTC",
            "an offset on all dates or on none",
            "write them all alike",
        )
    return aware is not None


def _parse(columns: Columns, text: str, k: int) -> datetime:
    """The time in an ISO date; row ``k`` is for the error."""
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        field = f"{columns.name}: line {columns.line[k]}: date"
        raise InputError(
            field,
            repr(text),
            "a date such as 2024-03-31 or 2024-03-31T06:00:00+02:00",
            "write year, month, day",
        ) from None


def _converted(columns: Columns, time: datetime, target: tzinfo) -> datetime:
    """The time in another zone."""
    try:
        return time.astimezone(target)
    except OverflowError:
        raise InputError(
            f"{columns.name}: date",
            str(time),
            "a time inside the years 2 to 9998",
            "correct the year",
        ) from None


def _zone(name: str | None) -> tzinfo | None:
    """The zone of an IANA name."""
    if name is None:
        return None
    # Found without the time zone database, which some systems lack.
    if name.upper() == "UTC":
        return UTC
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise InputError(
            "zone",
            repr(name),
            "an IANA name such as Europe/Berlin or UTC",
            "check the spelling; some systems need tzdata",
        ) from None
