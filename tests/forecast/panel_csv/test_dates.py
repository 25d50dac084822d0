"""Calendar days of rows, with and without offsets from UTC."""

from __future__ import annotations

import numpy as np
import pytest

from lmrs_rl.domain import InputError
from lmrs_rl.forecast.panel_csv.columns import Columns
from lmrs_rl.forecast.panel_csv.dates import local_days
from lmrs_rl.forecast.panel_csv.repair import RepairLog


def days_of(*texts: str, zone: str | None = None) -> tuple[list[str], tuple[str, ...]]:
    """The days of rows from line 2 on, and what was said of them."""
    columns = Columns("use.csv", np.arange(2, 2 + len(texts)), {"date": list(texts)}, {}, ())
    log = RepairLog("use.csv", repair=False)
    found = local_days(columns, zone, log)
    return [str(np.datetime64(int(each), "D")) for each in found], log.sentences


def test_dates_without_an_offset_are_taken_as_they_stand() -> None:
    assert days_of("2024-01-02", "1970-01-01", "2024-01-02T23:59") == (
        ["2024-01-02", "1970-01-01", "2024-01-02"],
        (),
    )
    # Also where a zone is named: they are local already.
    assert days_of("2024-01-02T23:59", zone="Asia/Tokyo") == (["2024-01-02"], ())


def test_one_offset_counts_by_its_own_calendar() -> None:
    told = days_of("2024-01-02T00:30:00+02:00", "2024-01-02T23:30:00+02:00")
    assert told == (["2024-01-02", "2024-01-02"], ())
    # An offset of 0 is one too.
    assert days_of("2024-01-02T23:30:00Z") == (["2024-01-02"], ())


def test_times_are_converted_to_the_zone_and_that_is_said() -> None:
    found, said = days_of("2024-01-02T23:30:00Z", "2024-01-02T12:00:00+02:00", zone="Asia/Tokyo")
    assert found == ["2024-01-03", "2024-01-02"]
    assert said == ("times were converted to Asia/Tokyo, whose calendar days count",)


@pytest.mark.parametrize("zone", ["UTC", "utc"])
def test_utc_is_a_zone(zone: str) -> None:
    assert days_of("2024-01-02T01:00:00+02:00", zone=zone)[0] == ["2024-01-01"]


def test_offsets_that_differ_need_a_zone() -> None:
    with pytest.raises(
        InputError, match=r"^use\.csv: date: got times with the offsets UTC-03:00, UTC, UTC\+02:00;"
    ):
        days_of("2024-01-02T01:00+02:00", "2024-01-02T01:00Z", "2024-01-02T01:00-03:00")


def test_offsets_on_some_dates_only_are_refused_with_a_line_of_each() -> None:
    with pytest.raises(
        InputError,
        match=r"^use\.csv: lines 2 and 4: date: got '2024-01-02' without and "
        r"'2024-01-02T00:00Z' with an offset",
    ):
        days_of("2024-01-02", "2024-01-02", "2024-01-02T00:00Z")


def test_a_broken_date_is_refused_with_its_line() -> None:
    with pytest.raises(
        InputError, match=r"^use\.csv: line 3: date: got '2024-02-30'; wanted a date"
    ):
        days_of("2024-02-28", "2024-02-30")


@pytest.mark.parametrize("text", ["0001-01-01T00:00:00+00:00", "9999-12-31T23:00:00-05:00"])
def test_a_time_at_the_end_of_all_years_cannot_be_converted(text: str) -> None:
    zone = "America/New_York" if text.startswith("0001") else "Asia/Tokyo"
    with pytest.raises(InputError, match=r"^use\.csv: date: .*the years 2 to 9998"):
        days_of(text, zone=zone)


@pytest.mark.parametrize("zone", ["Mars/Base", "", "../etc/passwd"])
def test_an_unknown_zone_is_refused(zone: str) -> None:
    with pytest.raises(InputError, match=r"^zone: got .*wanted an IANA name"):
        days_of("2024-01-02T00:00Z", zone=zone)
