"""Dates."""

from __future__ import annotations

import datetime

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from lmrs_rl.domain.dates import weekdays


@given(st.dates())
def test_weekdays_are_those_of_the_standard_library(date: datetime.date) -> None:
    assert weekdays(np.datetime64(date)) == date.weekday()


def test_a_week_of_dates_counts_from_monday() -> None:
    assert weekdays(np.arange("2025-03-31", "2025-04-07", dtype="datetime64[D]")).tolist() == list(
        range(7)
    )
