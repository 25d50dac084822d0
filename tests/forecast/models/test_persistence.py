"""What the latest days say of the days ahead, on records that are told by hand."""

from __future__ import annotations

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
