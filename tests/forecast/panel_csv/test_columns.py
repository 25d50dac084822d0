"""Columns of a CSV file: texts, numbers, flags and dates, and the line of what is none."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from lmrs_rl.domain import InputError
from lmrs_rl.forecast.panel_csv.columns import Columns, read_columns


def read(tmp_path: Path, *lines: str) -> Columns:
    path = tmp_path / "use.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return read_columns(path)


def refusal(tmp_path: Path, *lines: str) -> str:
    with pytest.raises(InputError) as told:
        read(tmp_path, *lines)
    return str(told.value)


def test_rows_are_texts_without_blanks_and_numbers_where_they_are_numeric(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        " series ,date,value,product,capacity,temperature",
        " a ,2024-01-01, 1.5 ,7,,-3",
    )
    assert found.name == "use.csv"
    assert found.row(0) == ("a", "2024-01-01", "1.5", "7", "", "-3")
    assert set(found.numbers) == {"value", "capacity", "temperature"}
    assert found.numbers["value"].tolist() == [1.5]
    assert found.numbers["temperature"].tolist() == [-3.0]
    assert np.isnan(found.numbers["capacity"]).all()
    assert found.forecasts == ()


def test_lines_are_those_of_the_file_on_which_rows_end(tmp_path: Path) -> None:
    """A row of two lines and an empty one lie before the second row."""
    found = read(tmp_path, "series,date,value", '"a', 'b",2024-01-01,1', "", "c,2024-01-01,2")
    assert found.line.tolist() == [3, 5]
    assert found.texts["series"] == ["a\nb", "c"]


@pytest.mark.parametrize("text", ["", "nan", "NaN", "NA", "n/a", "N/A", "null", "None"])
def test_texts_for_nothing_are_no_number(tmp_path: Path, text: str) -> None:
    found = read(tmp_path, "series,date,value", f"a,2024-01-01,{text}", "a,2024-01-02,4")
    assert np.isnan(found.numbers["value"]).tolist() == [True, False]
    assert found.numbers["value"][1] == 4.0


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("much", "use.csv: line 3: value: got 'much'; wanted a number; correct it, or leave it"),
        ('"1,5"', "use.csv: line 3: value: got '1,5'; wanted a number; write a decimal point"),
        ("inf", "use.csv: line 3: value: got 'inf'; wanted a finite number"),
        ("-inf", "use.csv: line 3: value: got '-inf'; wanted a finite number"),
    ],
)
def test_what_is_no_number_is_refused_with_its_line(tmp_path: Path, text: str, told: str) -> None:
    # An absent number before it takes the path on which texts are looked at one by one.
    for first in ("1", "n/a"):
        rows = (f"a,2024-01-01,{first}", f"a,2024-01-02,{text}")
        assert refusal(tmp_path, "series,date,value", *rows).startswith(told)


def test_flags_are_one_zero_or_nothing(tmp_path: Path) -> None:
    texts = ["1", "true", "True", "1.0", "0", "false", "FALSE", "0.0", ""]
    rows = [f"a,2024-01-{k + 1:02d},1,{text}" for k, text in enumerate(texts)]
    found = read(tmp_path, "series,date,value,holiday", *rows)
    assert found.flags("holiday").tolist() == [True] * 4 + [False] * 5
    assert found.flags("shutdown").tolist() == [False] * 9
    wrong = read(tmp_path, "series,date,value,holiday", rows[0], "a,2024-01-02,1,2")
    with pytest.raises(InputError, match=r"^use\.csv: line 3: holiday: got '2'; wanted 1 or 0"):
        wrong.flags("holiday")


def test_dates_are_days_since_1970(tmp_path: Path) -> None:
    header = "series,date,value,shutdown_announced"
    rows = ["a,2024-01-01,1,1970-01-01", "a,2024-01-02,1,", "a,2024-01-03,1,1970-02-01"]
    found = read(tmp_path, header, *rows)
    assert found.dates("shutdown_announced").tolist() == [0, Columns.NO_DATE, 31]
    assert found.dates("missing").tolist() == [Columns.NO_DATE] * 3
    # No date that Python knows is taken for it.
    assert np.datetime64("0001-01-01", "D").astype(np.int64) > Columns.NO_DATE
    wrong = read(tmp_path, header, rows[0], "a,2024-01-02,1,02.01.2024")
    with pytest.raises(
        InputError,
        match=r"^use\.csv: line 3: shutdown_announced: got '02\.01\.2024'; wanted a date",
    ):
        wrong.dates("shutdown_announced")


def test_forecasts_are_in_the_order_of_their_days(tmp_path: Path) -> None:
    names = [f"temperature_forecast_{k}" for k in (2, 1, 3)]
    found = read(tmp_path, ",".join(("series,date,value", *names)), "a,2024-01-01,1,2,1,3")
    assert found.forecasts == tuple(f"temperature_forecast_{k}" for k in (1, 2, 3))
    assert [found.numbers[name][0] for name in found.forecasts] == [1, 2, 3]


@pytest.mark.parametrize(
    ("header", "told"),
    [
        ("series,date,value,temperature_forecast_2", "temperature_forecast_2 but not all before"),
        (
            "series,date,value,temperature_forecast_1,temperature_forecast_3",
            "temperature_forecast_3 but not all before it; wanted temperature_forecast_1, _2",
        ),
        ("series,date,value,temperature_forecast_100", "got a column 'temperature_forecast_100'"),
        ("series,date,value,colour", "got a column 'colour'; wanted columns out of series, date"),
        ("series,date,value,date", "got two columns 'date'; wanted each column once"),
        ("series,date", "got the columns series, date; wanted a column 'value'"),
        ("date,value", "wanted a column 'series'"),
        ("series,value", "wanted a column 'date'"),
        ("series;date;value", "got 'series;date;value'; wanted columns separated by commas"),
        ("series\tdate\tvalue", "wanted columns separated by commas"),
        ("series", "got the columns series; wanted a column 'date'"),
    ],
)
def test_a_wrong_header_is_refused_in_line_one(tmp_path: Path, header: str, told: str) -> None:
    found = refusal(tmp_path, header, "a,2024-01-01,1")
    assert found.startswith("use.csv: line 1: got ")
    assert told in found


def test_all_columns_there_are_may_come_together(tmp_path: Path) -> None:
    names = ["temperature", "capacity", "customer_type", "product", "holiday", "shutdown"]
    names += ["shutdown_announced", *(f"temperature_forecast_{k + 1}" for k in range(12))]
    found = read(
        tmp_path, ",".join(("series,date,value", *names)), "a,2024-01-01,1" + "," * len(names)
    )
    assert len(found.forecasts) == 12
    assert len(found.texts) == 3 + len(names)


def test_rows_of_another_length_are_refused_with_their_line(tmp_path: Path) -> None:
    good = "a,2024-01-01,1"
    assert refusal(tmp_path, "series,date,value", good, "a,2024-01-02").startswith(
        "use.csv: line 3: got 2 entries; wanted 3 as in the first line"
    )


def test_a_row_without_an_id_is_refused_with_its_line(tmp_path: Path) -> None:
    told = refusal(tmp_path, "series,date,value", "a,2024-01-01,1", "", " ,2024-01-02,1")
    assert told.startswith("use.csv: line 4: series: got nothing; wanted the id of a series")


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "use.csv: got an empty file; wanted a first line with the columns series, date"),
        (b"series,date,value\n\n", "use.csv: got no rows after the header"),
        (b"series,date,value\n\xff,2024-01-01,1\n", "use.csv: got bytes that are no UTF-8 ("),
        (b'series,date,value\na,2024-01-01,"1\n', "use.csv: got broken CSV ("),
    ],
)
def test_a_file_that_holds_no_rows_of_text_is_refused(
    tmp_path: Path, content: bytes, told: str
) -> None:
    path = tmp_path / "use.csv"
    path.write_bytes(content)
    with pytest.raises(InputError) as error:
        read_columns(path)
    assert str(error.value).startswith(told)


def test_a_file_that_is_not_there_is_named_with_its_folder(tmp_path: Path) -> None:
    path = tmp_path / "none.csv"
    with pytest.raises(InputError) as error:
        read_columns(path)
    assert str(error.value).startswith(f"{path}: got No such file or directory")
