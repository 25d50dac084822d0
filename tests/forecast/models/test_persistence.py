"""What the latest days say of the days ahead, on records that are told by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from lmrs_rl.domain.arrays import FloatArray
from lmrs_rl.forecast.models.persistence import FADING, OFF_SHARE, chance_of_use, faded_error
from lmrs_rl.forecast.models.ridge import RidgeForecast

SPELLS: FloatArray = np.asarray(np.repeat(np.arange(40) % 2, 10)[:, None] * 10.0, dtype=np.float64)
"""Ten days without use, ten with, and so on; the last with."""


def base(use: FloatArray, days: int, expected: float = 10.0) -> RidgeForecast:
    """What a ridge that always expects ``expected`` kg says of the recorded ``use`` (days, N)."""
    n = use.shape[1]
    fitted = np.full(use.shape, expected)
    return RidgeForecast(
        np.full((n, days), expected),
        fitted,
        use - fitted,
        np.ones(n),
        np.full(n, expected),
        np.full(n, float(len(use))),
        np.zeros((n, 0)),
    )


def test_long_spells_go_on_and_lead_to_the_long_run_share() -> None:
    chance, amount = chance_of_use(base(SPELLS, 60), 60)
    assert chance[0, 0] > 0.85  # the last spell is one with use
    assert np.all(np.diff(chance[0]) < 0)
    assert chance[0, -1] == pytest.approx(0.5, abs=0.03)
    assert amount[0] == pytest.approx(1.0)


def test_the_last_measured_day_decides_where_the_chain_sets_out() -> None:
    gap = SPELLS.copy()
    gap[-3:] = np.nan
    assert chance_of_use(base(gap, 3), 3)[0][0] == pytest.approx(
        chance_of_use(base(SPELLS, 3), 3)[0][0], abs=0.02
    )
    idle = np.concatenate([SPELLS, np.zeros((1, 1))])
    assert chance_of_use(base(idle, 1), 1)[0][0, 0] < 0.3


def test_use_under_the_share_of_what_is_expected_is_none() -> None:
    steady = np.full((100, 2), 10.0)
    steady[-1] = [10 * OFF_SHARE - 0.01, 10 * OFF_SHARE + 0.01]
    now = chance_of_use(base(steady, 1), 1)[0][:, 0]
    assert now[0] < now[1]


def test_an_error_fades_by_its_persistence_and_is_relative_to_what_is_expected() -> None:
    rng = np.random.default_rng(3)
    error = np.zeros(5000)
    for day in range(1, 5000):
        error[day] = 0.6 * error[day - 1] + rng.normal()
    found = faded_error(base(10.0 + error[:, None], 3), 3)[0]
    last = error[-1]
    np.testing.assert_allclose(found, last * 0.6 ** np.arange(1, 4), rtol=0.1)


def test_one_pair_of_days_says_little_of_the_persistence() -> None:
    found = faded_error(base(np.array([[11.0], [11.0]]), 1), 1)[0, 0]
    assert found == pytest.approx((1 + 20 * FADING) / 21, rel=1e-6)  # of the last error of 1 kg


def test_without_a_record_nothing_is_left_over_and_use_is_likely() -> None:
    nothing = base(np.zeros((0, 2)), 4)
    assert faded_error(nothing, 4).tolist() == [[0.0] * 4] * 2
    chance, amount = chance_of_use(nothing, 4)
    assert np.all((chance >= 0) & (chance <= 1))
    assert amount.tolist() == [1.0, 1.0]


def test_a_last_day_not_measured_leaves_no_error() -> None:
    use = np.full((30, 1), 12.0)
    use[-1] = np.nan
    assert faded_error(base(use, 2), 2).tolist() == [[0.0, 0.0]]


def week_of(use: list[float], expected: float = 10.0) -> RidgeForecast:
    return base(np.array(use)[:, None], 3, expected)


def test_rates_of_a_short_record_by_hand() -> None:
    """Four days with use, then none. Of 4 chances to stop, 1 was taken: (1 + 1/2) / (4 + 1) = 0.3
    for all series, (1 + 10 * 0.3) / (4 + 10) = 2/7 for this one. There was no chance to start
    again: 1/2. Without use now, the chance of use tomorrow is that of a start, 1/2; the long run
    is 1/2 over 1/2 + 2/7 = 7/11, from which each day takes the part 1 - 1/2 - 2/7 = 3/14.
    """
    chance, amount = chance_of_use(week_of([12, 12, 12, 12, 0]), 3)
    assert chance[0] == pytest.approx([7 / 11 * (1 - (3 / 14) ** k) for k in (1, 2, 3)])
    # Four days of 1.2 times what is expected, three of once as much.
    assert amount[0] == pytest.approx((4 * 1.2 + 3) / (4 + 3))


def test_rates_are_drawn_to_those_of_all_series() -> None:
    """A second series starts in 1 of 4: (1 + 1/2) / (4 + 1) = 0.3 is the rate of all, and of the
    first one, which had no chance of its own.
    """
    use = np.array([[10.0, 0], [10, 0], [10, 0], [10, 0], [10, 10]])
    chance, _ = chance_of_use(base(use, 1), 1)
    # All series: no stop in 4 chances, (0 + 1/2) / (4 + 1) = 0.1; the first: 1 / 14.
    assert chance[0, 0] == pytest.approx(1 - 1 / 14)
    # The second one is on, and had no chance to stop: the rate of all.
    assert chance[1, 0] == pytest.approx(1 - 0.1)


@pytest.mark.parametrize(("gap", "known"), [(6, True), (7, False)])
def test_a_state_is_remembered_for_a_week(gap: int, known: bool) -> None:
    """After a week nothing but the long run is known, which stays the same on all days."""
    chance, _ = chance_of_use(week_of([0, 10, 0, 10, 10, 10, 10] + [np.nan] * gap), 2)
    assert (chance[0, 0] == pytest.approx(chance[0, 1])) != known


def test_days_on_which_nothing_is_expected_tell_nothing_of_spells() -> None:
    """In a shutdown no use is no sign, and neither is the step into it or out of it."""
    told = week_of([12, 12, 12, 12, 0, 0, 12, 12])
    fitted = told.fitted.copy()
    fitted[4:6] = 0.0
    gap = week_of([12, 12, 12, 12, np.nan, np.nan, 12, 12])
    for mine, other in zip(
        chance_of_use(replace(told, fitted=fitted), 3), chance_of_use(gap, 3), strict=True
    ):
        assert np.array_equal(mine, other)


def test_no_state_is_for_ever() -> None:
    """3000 days with use: at least 1 in 100 stops is expected all the same, and a start of 1/2."""
    chance, _ = chance_of_use(base(np.full((3001, 1), 10.0), 1), 1)
    assert chance[0, 0] == pytest.approx(0.99)
    none, _ = chance_of_use(base(np.zeros((3001, 1)), 1), 1)
    assert none[0, 0] == pytest.approx(0.01)


def test_use_of_just_the_share_counts() -> None:
    # 12 of 100 kg: a day with use, as it is one.
    assert OFF_SHARE == 0.12
    _, amount = chance_of_use(week_of([12.0], expected=100.0), 1)
    assert amount[0] == pytest.approx((0.12 + 3) / (1 + 3))


def test_the_persistence_of_an_error_by_hand() -> None:
    """Errors of 1/2, 1/2 and -1/4 of what is expected. Their products are 1/4 and -1/8; the squares
    of the earlier ones 1/4 each. Twenty pairs with a correlation of 0.3 stand beside.
    """
    correlation = (0.125 + 20 * 0.3 * 0.25) / (0.5 + 20 * 0.25)
    found = faded_error(week_of([15, 15, 7.5]), 3)[0]
    assert found == pytest.approx([-2.5 * correlation**k for k in (1, 2, 3)])


def test_only_neighbouring_days_make_pairs() -> None:
    """The gap leaves one pair, of 1/2 and 1/2: a correlation of 1 beside 20 of 0.3."""
    found = faded_error(week_of([15, 15, np.nan, 7.5]), 1)[0, 0]
    assert found == pytest.approx(-2.5 * (1 + 20 * 0.3) / 21)


def test_a_single_outlier_counts_as_three_times_what_is_expected() -> None:
    assert faded_error(week_of([10, 100]), 3)[0] == pytest.approx(
        faded_error(week_of([10, 30]), 3)[0]
    )
    assert faded_error(week_of([10, 30]), 1)[0, 0] > faded_error(week_of([10, 29]), 1)[0, 0] > 0


def test_errors_that_alternate_do_not_go_on_and_no_error_goes_on_for_ever() -> None:
    turns = np.tile([[15.0], [5.0]], (200, 1))
    assert faded_error(base(turns, 3), 3).tolist() == [[0.0] * 3]
    # All the same for 1000 days: a correlation of 1014 / 1019, were it not cut.
    same = faded_error(base(np.full((1000, 1), 15.0), 2), 2)[0]
    assert same == pytest.approx([5 * 0.95, 5 * 0.95**2])


def test_an_error_is_relative_to_what_was_expected_then() -> None:
    """3 of 20 kg then, of 10 kg ahead."""
    told = week_of([23.0, 23.0], expected=20.0)
    found = faded_error(replace(told, ahead=np.full((1, 3), 10.0)), 1)[0, 0]
    assert found == pytest.approx(1.5 * (1 + 20 * 0.3) / 21)
    # Where nothing was expected there is no error, whatever was used.
    nothing = replace(told, fitted=np.array([[20.0], [0.0]]))
    assert faded_error(nothing, 1)[0, 0] == 0.0


def test_a_series_of_grams_is_treated_as_one_of_tonnes() -> None:
    told = np.array([12.0, 3, 0, 0, 9, 11, np.nan, 8])[:, None]
    large, small = base(told * 1000, 3, 1e4), base(told / 1000, 3, 0.01)
    for mine, other in zip(chance_of_use(large, 3), chance_of_use(small, 3), strict=True):
        np.testing.assert_allclose(mine, other)
    np.testing.assert_allclose(faded_error(large, 3), faded_error(small, 3) * 1e6)
