"""Repairs: which days are outliers, and how they are told."""

from __future__ import annotations

import numpy as np
import pytest

from lmrs_rl.domain import InputError
from lmrs_rl.forecast.panel_csv.repair import (
    RepairLog,
    find_outliers,
    line_list,
    outlier_limits,
    without_negatives,
)

NAN = float("nan")


def test_a_log_holds_notes_and_repairs_in_order() -> None:
    log = RepairLog("use.csv", repair=True)
    log.note("one")
    log.repair("two", "mend it")
    log.note("three")
    assert log.sentences == ("one", "two", "three")


def test_where_nothing_may_be_repaired_a_repair_is_refused_and_a_note_is_not() -> None:
    log = RepairLog("use.csv", repair=False)
    log.note("one")
    with pytest.raises(
        InputError,
        match=r"^use\.csv: got two; wanted nothing to repair; mend it, or let it be repaired",
    ):
        log.repair("two", "mend it")
    assert log.sentences == ("one",)


def test_negative_days_are_not_measured_and_told_for_each_series() -> None:
    use = np.array([[1.0, 0.0, -3.0], [-2.0, 4.0, NAN], [-0.5, 5.0, 6.0]])
    line = np.array([[2, 3, 4], [5, 6, 0], [8, 9, 10]])
    log = RepairLog("use.csv", repair=True)
    found = without_negatives(use, line, ["a", "b", "c"], log)
    expected = [[1, 0, NAN], [NAN, 4, NAN], [NAN, 5, 6]]
    np.testing.assert_array_equal(found, expected)
    assert log.sentences == (
        "series 'a': 2 negative values count as not measured (lines 5, 8)",
        "series 'c': 1 negative values count as not measured (line 4)",
    )


def test_the_limit_of_a_steady_series_is_four_and_a_half_times_its_median() -> None:
    """exp(6 x 0.25), since it hardly deviates."""
    use = np.full((20, 1), 10.0)
    assert outlier_limits(use)[0] == pytest.approx(10 * np.exp(1.5))


def test_the_limit_of_another_is_six_robust_deviations_above_its_median() -> None:
    """Ten days each at half, once and twice the median: the median deviation is log(2) of all
    but the middle ones.
    """
    use = np.repeat([5.0, 10.0, 20.0], 10)[:, None]
    assert outlier_limits(use)[0] == pytest.approx(10 * np.exp(6 * 1.4826 * np.log(2)))


def test_twenty_days_with_use_are_needed_for_a_limit() -> None:
    """Days without use and days not measured are none of them."""
    use = np.full((22, 3), 10.0)
    use[:2, 0] = 0.0
    use[:2, 1], use[2, 1] = NAN, 0.0
    found = outlier_limits(use)
    assert found[0] == pytest.approx(10 * np.exp(1.5))
    assert found[1] == np.inf
    assert found[2] == pytest.approx(10 * np.exp(1.5))


def test_use_at_the_limit_is_no_outlier() -> None:
    use = np.full((21, 1), 10.0)
    limit = outlier_limits(use)[0]
    for last, far in ((limit * (1 - 1e-9), False), (limit * (1 + 1e-9), True)):
        use[-1] = last
        log = RepairLog("use.csv", repair=True)
        found = find_outliers(use, ["a"], 0, log, drop=True)
        assert bool(np.isnan(found[-1, 0])) == far
        assert len(log.sentences) == far


@pytest.mark.parametrize(("count", "more"), [(5, ""), (6, ", ...")])
def test_five_outliers_are_shown_with_their_dates(count: int, more: str) -> None:
    """Day 19723 after the first of 1970 is the first of 2024; outliers are on the days from the
    third on.
    """
    use = np.full((40, 2), 10.0)
    use[2 : 2 + count, 1] = 1234.5
    log = RepairLog("use.csv", repair=True)
    assert find_outliers(use, ["a", "b"], 19723, log, drop=False) is use
    shown = ", ".join(f"2024-01-0{3 + k} 1234.5" for k in range(5))
    assert log.sentences == (
        f"series 'b': {count} outliers above 44.8169 kg ({shown}{more}) are kept",
    )


def test_dropped_outliers_are_a_repair() -> None:
    use = np.full((40, 1), 10.0)
    use[2] = 1234.5
    log = RepairLog("use.csv", repair=True)
    found = find_outliers(use, ["a"], 19723, log, drop=True)
    assert np.flatnonzero(np.isnan(found[:, 0])).tolist() == [2]
    assert log.sentences == (
        "series 'a': 1 outliers above 44.8169 kg (2024-01-03 1234.5) count as not measured",
    )
    with pytest.raises(InputError, match="correct them, or let it be repaired"):
        find_outliers(use, ["a"], 19723, RepairLog("use.csv", repair=False), drop=True)


@pytest.mark.parametrize(
    ("numbers", "told"),
    [
        ([7], "line 7"),
        ([7, 3], "lines 3, 7"),
        ([5, 4, 3, 2, 1], "lines 1, 2, 3, 4, 5"),
        ([6, 5, 4, 3, 2, 1], "lines 1, 2, 3, 4, 5, ..."),
    ],
)
def test_lines_in_words(numbers: list[int], told: str) -> None:
    assert line_list(numbers) == told
