"""Panels in CSV: what is read, what is repaired and said, and what is refused with its line."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lmrs_rl.domain import InputError
from lmrs_rl.forecast.panel import Panel
from lmrs_rl.forecast.panel_csv.files import read_panel, read_panel_file, write_panel
from lmrs_rl.worlds.generator.panel_parameters import PanelParameters
from lmrs_rl.worlds.generator.panels import generate_panel

HEADER = "series,date,value"


def read(
    tmp_path: Path,
    *rows: str,
    header: str = HEADER,
    repair: bool = True,
    zone: str | None = None,
    drop: bool = False,
) -> tuple[Panel, str]:
    """A panel, and all that was said of it."""
    path = tmp_path / "use.csv"
    path.write_text("\n".join((header, *rows)) + "\n", encoding="utf-8")
    panel, told = read_panel(path, repair=repair, zone=zone, drop_outliers=drop)
    return panel, "; ".join(told)


def refusal(
    tmp_path: Path, *rows: str, header: str = HEADER, repair: bool = True, zone: str | None = None
) -> str:
    with pytest.raises(InputError) as told:
        read(tmp_path, *rows, header=header, repair=repair, zone=zone)
    return str(told.value)


PLAIN = ("a,2024-01-01,1", "a,2024-01-02,2", "b,2024-01-01,3", "b,2024-01-02,0")


def test_a_plain_file_needs_no_word(tmp_path: Path) -> None:
    panel, told = read(tmp_path, *PLAIN)
    assert told == ""
    assert panel.ids == ("a", "b")
    assert panel.first_day == np.datetime64("2024-01-01")
    assert panel.use.tolist() == [[1, 3], [2, 0]]
    assert panel.leads == len(panel.holidays) == len(panel.shutdowns) == 0
    assert np.isnan(panel.temperature).all()
    assert np.isnan(panel.capacity).all()


def test_columns_in_any_order_with_blanks_a_bom_and_empty_lines(tmp_path: Path) -> None:
    (tmp_path / "use.csv").write_bytes(
        b"\xef\xbb\xbfvalue , series,date\r\n 4 , a ,2024-01-01\r\n\r\n"
    )
    panel, told = read_panel(tmp_path / "use.csv")
    assert panel.ids == ("a",)
    assert panel.use.tolist() == [[4.0]]
    assert told == ()


def test_all_covariates_land_where_they_belong(tmp_path: Path) -> None:
    header = (
        "series,date,value,capacity,customer_type,product,temperature,temperature_forecast_1,"
        "temperature_forecast_2,holiday"
    )
    rows = (
        "a,2024-01-01,1,900,bakery,LIN,-2,-1,0,1",
        "a,2024-01-02,2,,,,0.5,,,0",
        "b,2024-01-02,3,,,LOX,7,8,9,0",
    )
    panel, _ = read(tmp_path, *rows, header=header)
    assert np.array_equal(panel.capacity, [900, np.nan], equal_nan=True)
    assert panel.product.tolist() == [0, 1]
    assert np.array_equal(panel.temperature, [[-2, np.nan], [0.5, 7]], equal_nan=True)
    assert np.array_equal(panel.issued[0, :, 0], [-1, 0])
    assert np.array_equal(panel.issued[1, :, 1], [8, 9])
    assert panel.holidays == (np.datetime64("2024-01-01"),)


def test_names_keep_their_numbers_and_new_ones_follow(tmp_path: Path) -> None:
    path = tmp_path / "use.csv"
    path.write_text(
        HEADER + ",customer_type\na,2024-01-01,1,zoo\nb,2024-01-01,1,bakery\nc,2024-01-01,1,arena\n"
    )
    first = read_panel_file(path)
    assert first.customer_types == ("arena", "bakery", "zoo")
    again = read_panel_file(path, customer_types=("zoo", "x"))
    assert again.customer_types == ("zoo", "x", "arena", "bakery")
    assert again.panel.customer_type.tolist() == [0, 3, 2]


def test_number_names_are_in_the_order_of_numbers(tmp_path: Path) -> None:
    panel, _ = read(tmp_path, "a,2024-01-01,1,10", "b,2024-01-01,1,9", header=HEADER + ",product")
    assert panel.product.tolist() == [1, 0]


def test_a_generated_panel_is_read_back_to_the_bit(tmp_path: Path) -> None:
    panel = generate_panel(PanelParameters(late_share=0.5, missing=0.05), 3, series=12, days=120)
    write_panel(tmp_path / "use.csv", panel)
    again, told = read_panel(tmp_path / "use.csv")
    for name in ("use", "capacity", "customer_type", "product", "temperature", "issued"):
        assert np.array_equal(getattr(again, name), getattr(panel, name), equal_nan=True), name
    inside = [
        day for day in panel.holidays if panel.first_day <= day < panel.first_day + panel.days
    ]
    assert list(again.holidays) == inside
    assert np.array_equal(again.known_at(60).shutdown(0, 120), panel.known_at(60).shutdown(0, 120))
    assert np.array_equal(
        again.known_at(120).shutdown(0, 120), panel.known_at(120).shutdown(0, 120)
    )
    assert any("not measured" in sentence for sentence in told)


def test_an_id_with_a_comma_and_quotes_is_read_back(tmp_path: Path) -> None:
    panel = generate_panel(PanelParameters(), 3, series=1, days=3)
    write_panel(tmp_path / "use.csv", replace(panel, ids=('tank "A", north',)))
    assert read_panel(tmp_path / "use.csv")[0].ids == ('tank "A", north',)


# --- stops ----------------------------------------------------------------------------------------

STOPS = HEADER + ",shutdown,shutdown_announced"


def test_a_stop_is_known_from_its_announcement_and_another_when_it_is_over(tmp_path: Path) -> None:
    days = [
        f"a,2024-01-{d:02d},1,{int(d in (4, 5, 8))},{'2024-01-02' if d in (4, 5) else ''}"
        for d in range(1, 11)
    ]
    panel, _ = read(tmp_path, *days, header=STOPS)
    s = panel.shutdowns
    # Row 0 is 1 January: 4 and 5 January are rows 3 and 4, announced on row 1; the 8th, row 7, is
    # known on row 8.
    assert list(
        zip(s.first_day.tolist(), s.last_day.tolist(), s.announced_day.tolist(), strict=True)
    ) == [(3, 4, 1), (7, 7, 8)]
    assert not panel.known_at(0).shutdown(0, 10).any()
    assert np.flatnonzero(panel.known_at(1).shutdown(0, 10)[:, 0]).tolist() == [3, 4]


def test_two_stops_in_a_row_announced_apart_are_two(tmp_path: Path) -> None:
    panel, _ = read(
        tmp_path, "a,2024-01-05,1,1,2024-01-01", "a,2024-01-06,1,1,2024-01-02", header=STOPS
    )
    assert panel.shutdowns.announced_day.tolist() == [-4, -3]


def test_a_stop_after_the_last_measured_day_is_kept_for_the_forecast(tmp_path: Path) -> None:
    path = tmp_path / "use.csv"
    path.write_text(f"{STOPS},holiday\na,2024-01-01,1,0,,0\na,2024-01-02,,1,2024-01-01,1\n")
    found = read_panel_file(path)
    assert found.measured_to == 1
    view = found.panel.known_at(1)
    assert view.shutdown(1, 1).all()
    assert view.holiday(1, 1).all()


def test_a_day_is_measured_where_any_series_is(tmp_path: Path) -> None:
    path = tmp_path / "use.csv"
    path.write_text(f"{HEADER}\na,2024-01-01,1\na,2024-01-02,1\nb,2024-01-01,1\nb,2024-01-03,\n")
    assert read_panel_file(path).measured_to == 2


def test_an_announcement_without_a_stop_is_refused(tmp_path: Path) -> None:
    assert "line 2: shutdown_announced" in refusal(
        tmp_path, "a,2024-01-05,1,0,2024-01-01", header=STOPS
    )
    assert "line 2: shutdown_announced: got 'soon'" in refusal(
        tmp_path, "a,2024-01-05,1,1,soon", header=STOPS
    )
    assert "line 2: shutdown: got 'yes'" in refusal(tmp_path, "a,2024-01-05,1,yes,", header=STOPS)


# --- repairs --------------------------------------------------------------------------------------


def test_missing_days_are_not_measured_and_zeros_stay_zeros(tmp_path: Path) -> None:
    panel, told = read(
        tmp_path,
        "a,2024-01-01,1",
        "a,2024-01-03,0",
        "a,2024-01-04,",
        "a,2024-01-05,NA",
        "a,2024-01-06,2",
    )
    assert np.array_equal(panel.use[:, 0], [1, np.nan, 0, np.nan, np.nan, 2], equal_nan=True)
    assert "3 days inside 1 series are not measured, most in 'a' (3 days)" in told


def test_a_late_series_and_one_without_a_day_are_said(tmp_path: Path) -> None:
    panel, told = read(
        tmp_path, "a,2024-01-01,1", "a,2024-01-02,1", "b,2024-01-02,1", "c,2024-01-02,"
    )
    assert "1 series begin after the first day" in told
    assert "series 'c' has no measured day" in told
    assert np.isnan(panel.use[0]).tolist() == [False, True, True]


def test_rows_given_twice_are_read_once_unless_they_differ(tmp_path: Path) -> None:
    panel, told = read(tmp_path, *PLAIN, PLAIN[1], PLAIN[1])
    assert panel.use.tolist() == [[1, 3], [2, 0]]
    assert "2 rows given twice with the same content were read once (lines 6, 7)" in told
    assert "lines 3 and 6: got two different rows of series 'a' on 2024-01-02" in refusal(
        tmp_path, *PLAIN, "a,2024-01-02,2.5"
    )


def test_two_times_of_one_day_are_two_different_rows(tmp_path: Path) -> None:
    assert "lines 2 and 3" in refusal(tmp_path, "a,2024-01-01 06:00,1", "a,2024-01-01 18:00,1")


def test_a_refill_booked_as_negative_use_is_not_measured(tmp_path: Path) -> None:
    panel, told = read(tmp_path, "a,2024-01-01,1", "a,2024-01-02,-900", "a,2024-01-03,-0.0")
    assert np.array_equal(panel.use[:, 0], [1, np.nan, 0], equal_nan=True)
    assert "series 'a': 1 negative values count as not measured (line 3)" in told


def test_dates_out_of_order_are_sorted_and_said(tmp_path: Path) -> None:
    panel, told = read(tmp_path, PLAIN[1], PLAIN[0])
    assert panel.use[:, 0].tolist() == [1, 2]
    assert "out of order" in told
    assert read(tmp_path, *PLAIN[2:], *PLAIN[:2])[1] == ""


def test_an_outlier_is_said_and_dropped_only_if_asked(tmp_path: Path) -> None:
    # Twenty days of 10 kg: the limit is 10 exp(6 x 0.25) = 44.8 kg.
    rows = [f"a,2024-01-{d:02d},10" for d in range(1, 21)]
    panel, told = read(tmp_path, *rows, "a,2024-01-21,44.9")
    assert panel.use[20, 0] == 44.9
    assert "1 outliers above 44.8169 kg (2024-01-21 44.9) are kept" in told
    panel, told = read(tmp_path, *rows, "a,2024-01-21,44.9", drop=True)
    assert np.isnan(panel.use[20, 0])
    assert "count as not measured" in told
    assert read(tmp_path, *rows, "a,2024-01-21,44.7")[1] == ""
    # With fewer days than twenty nothing is far from usual.
    assert read(tmp_path, *rows[:18], "a,2024-01-21,9999")[1].count("outlier") == 0


def test_rows_that_disagree_about_a_holiday(tmp_path: Path) -> None:
    panel, told = read(tmp_path, "a,2024-01-01,1,1", "b,2024-01-01,1,0", header=HEADER + ",holiday")
    assert len(panel.holidays) == 1
    assert "1 days are holidays in some rows only, such as 2024-01-01" in told
    # A row that says nothing does not disagree.
    assert (
        read(tmp_path, "a,2024-01-01,1,1", "b,2024-01-01,1,", header=HEADER + ",holiday")[1] == ""
    )


@pytest.mark.parametrize(
    ("rows", "header"),
    [
        ((*PLAIN, PLAIN[0]), HEADER),
        (("a,2024-01-01,-1",), HEADER),
        (("a,2024-01-01,1,1", "b,2024-01-01,1,0"), HEADER + ",holiday"),
    ],
)
def test_what_would_be_repaired_is_an_error_on_demand(
    tmp_path: Path, rows: tuple[str, ...], header: str
) -> None:
    assert read(tmp_path, *rows, header=header)[1] != ""
    assert "nothing to repair" in refusal(tmp_path, *rows, header=header, repair=False)


def test_gaps_are_no_repair(tmp_path: Path) -> None:
    assert "not measured" in read(tmp_path, "a,2024-01-01,1", "a,2024-01-03,1", repair=False)[1]


# --- time zones -----------------------------------------------------------------------------------


def test_one_offset_counts_by_its_own_calendar(tmp_path: Path) -> None:
    panel, told = read(tmp_path, "a,2024-01-01T00:30:00+02:00,1", "a,2024-01-02T00:30:00+02:00,2")
    assert panel.first_day == np.datetime64("2024-01-01")
    assert told == ""


def test_mixed_offsets_need_a_zone_and_are_converted(tmp_path: Path) -> None:
    # Midnight in Berlin on both sides of the change to summer time on 31 March 2024.
    rows = ("a,2024-03-31T00:00:00+01:00,1", "a,2024-04-01T00:00:00+02:00,2")
    told = refusal(tmp_path, *rows)
    assert "offsets UTC+01:00, UTC+02:00" in told
    assert "name the zone" in told
    panel, said = read(tmp_path, *rows, zone="Europe/Berlin")
    assert panel.first_day == np.datetime64("2024-03-31")
    assert panel.use[:, 0].tolist() == [1, 2]
    assert "converted to Europe/Berlin" in said
    # The same moments belong to the days before in UTC.
    assert read(tmp_path, *rows, zone="UTC")[0].first_day == np.datetime64("2024-03-30")


def test_offsets_on_some_dates_only_are_refused(tmp_path: Path) -> None:
    told = refusal(tmp_path, "a,2024-01-01,1", "a,2024-01-02T00:00:00Z,2", zone="UTC")
    assert "lines 2 and 3" in told
    assert "an offset on all dates or on none" in told


def test_an_unknown_zone_is_refused(tmp_path: Path) -> None:
    assert "zone: got 'Mars/Base'" in refusal(tmp_path, *PLAIN, zone="Mars/Base")


# --- refusals -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "an empty file"),
        ("series,date,value\n", "no rows after the header"),
        ("series;date;value\na;2024-01-01;1\n", "separated by commas"),
        ("series,date\na,2024-01-01\n", "wanted a column 'value'"),
        ("series,date,value,value\na,2024-01-01,1,2\n", "two columns 'value'"),
        ("series,date,value,colour\na,2024-01-01,1,red\n", "got a column 'colour'"),
        ("series,date,value,temperature_forecast_2\na,2024-01-01,1,2\n", "without a gap"),
        (
            "series,date,value,temperature_forecast_0\na,2024-01-01,1,2\n",
            "got a column 'temperature_forecast_0'",
        ),
        ("series,date,value\na,2024-01-01\n", "line 2: got 2 entries"),
        ("series,date,value\na,2024-01-01,1,2\n", "line 2: got 4 entries"),
        ("series,date,value\n,2024-01-01,1\n", "line 2: series: got nothing"),
        ("series,date,value\na,2024-01-01,much\n", "line 2: value: got 'much'"),
        ('series,date,value\na,2024-01-01,"1,5"\n', "write a decimal point"),
        ("series,date,value\na,2024-01-01,1\na,2024-01-02,inf\n", "line 3: value: got 'inf'"),
        ("series,date,value\na,31.01.2024,1\n", "line 2: date: got '31.01.2024'"),
        ("series,date,value\na,,1\n", "line 2: date: got ''"),
        ("series,date,value\na,2024-02-30,1\n", "line 2: date: got '2024-02-30'"),
        (
            "series,date,value\na,0224-01-01,1\na,2024-01-01,1\n",
            "0224-01-01 in line 2 and 2024-01-01 in line 3",
        ),
        ('series,date,value\na,2024-01-01,"1\n', "broken CSV"),
        (
            "series,date,value,capacity\na,2024-01-01,1,5\na,2024-01-02,1,6\n",
            "lines 2 and 3: capacity: got '5' and '6'",
        ),
        ("series,date,value,capacity\na,2024-01-01,1,0\n", "line 2: capacity: got 0"),
        (
            "series,date,value,product\na,2024-01-01,1,LIN\na,2024-01-02,1,LOX\n",
            "lines 2 and 3: product",
        ),
        ("series,date,value,holiday\na,2024-01-01,1,2\n", "line 2: holiday: got '2'"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_place(
    tmp_path: Path, text: str, told: str
) -> None:
    path = tmp_path / "use.csv"
    path.write_text(text)
    with pytest.raises(InputError) as error:
        read_panel(path)
    assert told in str(error.value)
    assert "use.csv" in str(error.value)


def test_files_that_are_no_text_or_not_there(tmp_path: Path) -> None:
    (tmp_path / "latin.csv").write_bytes(
        "series,date,value\nbäcker,2024-01-01,1\n".encode("latin-1")
    )
    with pytest.raises(InputError, match="UTF-8"):
        read_panel(tmp_path / "latin.csv")
    with pytest.raises(InputError, match="No such file"):
        read_panel(tmp_path / "missing.csv")
    with pytest.raises(InputError, match="directory"):
        read_panel(tmp_path)


CELLS = st.one_of(
    st.sampled_from(
        [
            "",
            "a",
            "b",
            "2024-01-01",
            "2024-01-03",
            "2024-01-02T23:30:00+05:00",
            "0001-01-01T00:00Z",
            "9999-12-31",
            "1",
            "0",
            "-1",
        ]
    ),
    st.sampled_from(["1e308", "-0.0", "nan", "inf", "NA", "1,5", '"', "\n", "\x00", "２"]),
    st.text(max_size=4),
)
WIDE = (
    "series,date,value,capacity,customer_type,temperature,temperature_forecast_1,holiday,"
    "shutdown,shutdown_announced"
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.lists(st.lists(CELLS, min_size=10, max_size=10), max_size=4),
    zone=st.sampled_from([None, "UTC", "Europe/Berlin"]),
)
def test_whatever_stands_in_a_file_it_is_a_panel_or_an_input_error(
    tmp_path: Path, rows: list[list[str]], zone: str | None
) -> None:
    path = tmp_path / "use.csv"
    text = "\n".join([WIDE, "a,2024-01-01,1,,,,,,,", *(",".join(row) for row in rows)])
    path.write_bytes(text.encode("utf-8", errors="surrogatepass"))
    try:
        panel, _ = read_panel(path, zone=zone)
    except InputError:
        return
    assert panel.use.shape[1] >= 1
    assert panel.known_at(panel.days).temperature_ahead(2).shape == (2, len(panel.ids))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    use=st.lists(st.one_of(st.just(float("nan")), st.floats(0, 1e9)), min_size=1, max_size=12),
    begin=st.dates(),
)
def test_any_series_is_read_back_to_the_bit(tmp_path: Path, use: list[float], begin: date) -> None:
    source = generate_panel(PanelParameters(), 3, series=1, days=len(use))
    written = replace(source, use=np.array(use)[:, None], first_day=np.datetime64(begin, "D"))
    write_panel(tmp_path / "use.csv", written)
    again, _ = read_panel(tmp_path / "use.csv")
    assert np.array_equal(again.use, written.use, equal_nan=True)
    assert again.first_day == written.first_day
