"""Gaps of several series: how many, and where most are."""

from __future__ import annotations

from pathlib import Path

from tests.forecast.panel_csv.test_files import read


def test_the_series_with_most_gaps_is_named(tmp_path: Path) -> None:
    rows = [f"{name},2024-01-{day:02},1" for name in "abc" for day in (1, 9)]
    rows += [f"a,2024-01-{day:02},1" for day in (2, 3, 4, 5)]
    rows += [f"c,2024-01-{day:02},1" for day in range(2, 9)]
    told = read(tmp_path, *rows)[1]
    expected = "10 days inside 2 series are not measured, most in 'b' (7 days)"
    assert expected in told


def test_days_before_the_first_measured_one_and_after_the_last_are_no_gaps(tmp_path: Path) -> None:
    rows = [f"a,2024-01-{day:02},1" for day in range(1, 11)]
    rows += [f"b,2024-01-{day:02},1" for day in (3, 4, 6)]
    told = read(tmp_path, *rows)[1]
    assert "1 days inside 1 series are not measured, most in 'b' (1 days)" in told
