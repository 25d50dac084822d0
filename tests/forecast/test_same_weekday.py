"""Errors of the same weekday, more than a week ahead too."""

from __future__ import annotations

import numpy as np

from lmrs_rl.forecast.models.boosted import _same_weekday


def test_each_day_ahead_has_the_mean_of_its_weekdays_last_three_errors() -> None:
    error = np.arange(28.0)[:, None]
    # Tomorrow is day 28, as 21, 14 and 7 were; the eighth day ahead is the same weekday.
    assert _same_weekday(error, 9)[0].tolist() == [14, 15, 16, 17, 18, 19, 20, 14, 15]


def test_a_short_record_has_what_it_has() -> None:
    error = np.arange(8.0)[:, None]
    assert _same_weekday(error, 8)[0].tolist() == [1, 2, 3, 4, 5, 6, 3.5, 1]
    assert _same_weekday(error[:2], 7)[0].tolist() == [0, 0, 0, 0, 0, 0, 1]
