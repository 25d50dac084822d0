"""New tanks: peers of the type scaled by capacity, the tank's own word as its days are measured."""

from __future__ import annotations

import numpy as np
import pytest

from lmrs_rl.domain.arrays import FloatArray
from lmrs_rl.forecast.models.cold import (
    CENTRE_SHARE,
    FULL_HISTORY,
    LEVEL_DAYS,
    OWN_CENTRE,
    with_cold_start,
)
from lmrs_rl.forecast.models.protocol import QUANTILES
from lmrs_rl.forecast.panel import View
from tests.forecast.stand_in_models import panel

MIDDLE = len(QUANTILES) // 2
IDS = ("a", "b", "c", "new")


def peers_of(measured: int, own_kg: float = 200.0) -> View:
    """Three tanks that use a tenth of their capacity of 1000 kg a day, and one of 2000 kg
    measured on its last days.
    """
    use = np.full((60, 4), 100.0)
    use[:, 3] = own_kg
    use[: 60 - measured, 3] = np.nan
    return panel(60, IDS, use=use, capacity=np.array([1000.0, 1000, 1000, 2000])).known_at(60)


def said(new_kg: float) -> FloatArray:
    """What a model says: 100 kg a day of the peers, ``new_kg`` of the new tank, give or take a
    fifth.
    """
    return np.asarray(
        np.array([100.0, 100, 100, new_kg])[:, None, None]
        * (1 + 0.4 * (QUANTILES - 0.5))
        * np.ones((1, 7, 1))
    )


def test_a_tank_never_measured_uses_the_share_of_its_capacity_that_its_peers_do() -> None:
    found = with_cold_start(peers_of(0), said(5.0))
    np.testing.assert_allclose(found[3, :, MIDDLE], 200.0, rtol=1e-9)
    assert np.all(np.diff(found[3], axis=1) > 0)


def test_grown_series_are_left_as_they_are() -> None:
    quantiles = said(200.0)
    assert with_cold_start(peers_of(FULL_HISTORY), quantiles) is quantiles
    assert np.array_equal(with_cold_start(peers_of(FULL_HISTORY - 1), quantiles)[:3], quantiles[:3])


def test_the_doubt_about_the_level_shrinks_as_days_are_measured() -> None:
    width = [
        np.ptp(with_cold_start(peers_of(k), said(200.0))[3, 0]) for k in (0, 3, 7, 14, FULL_HISTORY)
    ]
    assert width == sorted(width, reverse=True)
    assert width[0] > width[-1]


@pytest.mark.parametrize("measured", [1, OWN_CENTRE, 14])
def test_the_middle_lies_between_the_peers_and_the_models_own_word(measured: int) -> None:
    """Peers and the tank's own days speak of 200 kg, the model of 300 kg: it knows the week and
    the weather.
    """
    found = with_cold_start(peers_of(measured), said(300.0))[3, 0, MIDDLE]
    pull = CENTRE_SHARE * min(measured / OWN_CENTRE, 1.0)
    share = measured / FULL_HISTORY
    assert found == pytest.approx(share * 300 + (1 - share) * 200 * 1.5**pull, rel=1e-9)


def test_a_median_of_zero_of_the_model_pulls_nothing() -> None:
    found = with_cold_start(peers_of(OWN_CENTRE), said(0.0))[3, 0, MIDDLE]
    assert found == pytest.approx((1 - OWN_CENTRE / FULL_HISTORY) * 200.0)


def test_own_days_move_the_level_in_logarithms() -> None:
    found = with_cold_start(peers_of(3, own_kg=800.0), said(0.0))[3, 0, MIDDLE]
    own = 3 / (3 + LEVEL_DAYS)
    assert found == pytest.approx((1 - 3 / FULL_HISTORY) * 200.0 * 4.0**own)
