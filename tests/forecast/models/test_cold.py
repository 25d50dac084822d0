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
from lmrs_rl.forecast.models.ridge import normal_scores
from lmrs_rl.forecast.panel import Shutdowns, View
from tests.forecast.stand_in_models import panel

NAN = float("nan")
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


def flat(kg: list[float]) -> FloatArray:
    """What a model says without any doubt: ``kg`` (N,) a day at every quantile."""
    return np.asarray(np.array(kg)[:, None, None] * np.ones((1, 2, len(QUANTILES))))


def never_measured(
    kg: list[float], capacity: list[float], kind: list[int] | None = None, days: int = 60
) -> View:
    """Grown tanks that use ``kg`` a day, NaN for a tank never measured."""
    n = len(kg)
    return panel(
        days,
        tuple(f"t{k}" for k in range(n)),
        use=np.tile(np.array(kg), (days, 1)),
        capacity=np.array(capacity),
        customer_type=np.array(kind or [0] * n),
        shutdowns=Shutdowns.none(),
    ).known_at(days)


@pytest.mark.parametrize(
    "capacity",
    [
        [1000.0, 1000, 1000, NAN],
        # Of one of the peers it is not known, so what they use is compared in kg.
        [1000.0, NAN, 1000, 5000],
        [1000.0, 0.0, 1000, 5000],
    ],
)
def test_without_a_capacity_a_new_tank_uses_as_much_as_its_peers(capacity: list[float]) -> None:
    # The geometric mean of 50, 100 and 200 kg.
    kg = [50.0, 100, 200, NAN]
    found = with_cold_start(never_measured(kg, capacity), flat([50.0, 100, 200, 1]))
    np.testing.assert_allclose(found[3, :, MIDDLE], 100.0)


def test_shares_of_capacity_are_averaged_in_logarithms() -> None:
    # 1 / 20, 1 / 10 and 1 / 5 of 1000, 2000 and 500 kg: a tenth of 3000 kg.
    view = never_measured([50.0, 200, 100, NAN], [1000.0, 2000, 500, 3000])
    found = with_cold_start(view, flat([50.0, 200, 100, 1]))
    np.testing.assert_allclose(found[3, :, MIDDLE], 300.0)


@pytest.mark.parametrize(("own_type", "kg"), [(3, 100.0), (2, 10 ** (7 / 4))])
def test_three_peers_of_its_type_are_needed(own_type: int, kg: float) -> None:
    """Those of its type use 100 kg, others 10 or 100 kg: with two of its own all four are peers,
    one of 10 kg among them.
    """
    kind = [0] * own_type + [1] * (4 - own_type) + [0]
    use = [100.0, 100, 100, 10, NAN]
    found = with_cold_start(never_measured(use, [NAN] * 5, kind), flat([100.0, 100, 100, 10, 1]))
    np.testing.assert_allclose(found[4, :, MIDDLE], kg)


def test_the_doubt_about_the_level_adds_to_that_of_the_peers_in_squares() -> None:
    """Peers agree: a deviation of a tenth of the logarithm of the level remains. What they say of
    themselves deviates by 0.4 (q - 1/2) of their level.
    """
    found = with_cold_start(peers_of(0), said(5.0))[3, 0] / 200
    for at in (2, 4, 10, 13):
        own = 0.4 * abs(QUANTILES[at] - 0.5)
        level = abs(np.exp(0.1 * normal_scores(QUANTILES[at : at + 1])[0]) - 1)
        sign = 1 if QUANTILES[at] > 0.5 else -1
        assert found[at] == pytest.approx(1 + sign * np.sqrt(own**2 + level**2))


def test_peers_that_differ_leave_more_doubt_and_own_days_less() -> None:
    """Logarithms of 50, 100 and 200 kg deviate by log(2) sqrt(2 / 3); a fifth is added, and 0.1.
    Of the variance, 3 / (m + 3) is left after m days of 100 kg.
    """
    spread = 1.2 * np.log(2) * np.sqrt(2 / 3) + 0.1
    score = normal_scores(QUANTILES[-2:-1])[0]
    for measured, left in ((0, 1.0), (6, 3 / 9)):
        use = np.tile([50.0, 100, 200, 100], (60, 1))
        use[: 60 - measured, 3] = np.nan
        view = panel(60, IDS, use=use, capacity=np.full(4, NAN)).known_at(60)
        found = with_cold_start(view, flat([50.0, 100, 200, 100]))[3, 0, -2]
        cold = 100 * np.exp(spread * np.sqrt(left) * score)
        share = measured / 18
        assert found == pytest.approx(share * 100 + (1 - share) * cold)


def test_quantiles_of_a_new_tank_are_never_negative() -> None:
    # Peers may use nothing; less than that, by the doubt about the level, there is not.
    quantiles = said(5.0) * np.where(QUANTILES < 0.1, 0.0, 1.0)
    found = with_cold_start(peers_of(0), quantiles)[3]
    assert np.all(found[:, 0] == 0.0)
    assert np.all(found[:, 3] > 0.0)


def test_days_before_the_last_eight_weeks_do_not_make_the_level() -> None:
    use = np.full((60, 4), 100.0)
    use[:4, :3] = 9999.0
    use[:, 3] = np.nan
    view = panel(60, IDS, use=use, capacity=np.full(4, NAN)).known_at(60)
    np.testing.assert_allclose(with_cold_start(view, flat([100.0] * 4))[3, :, MIDDLE], 100.0)
    use[4, :3] = 156.0  # the first of the 56 days adds 56 kg to their sum
    view = panel(60, IDS, use=use, capacity=np.full(4, NAN)).known_at(60)
    np.testing.assert_allclose(with_cold_start(view, flat([101.0] * 4))[3, :, MIDDLE], 101.0)


def test_a_series_without_use_is_no_peer() -> None:
    view = never_measured([100.0, 100, 100, 0.0, NAN], [NAN] * 5)
    found = with_cold_start(view, flat([100.0, 100, 100, 0, 1]))
    np.testing.assert_allclose(found[4, :, MIDDLE], 100.0)


def test_a_tank_that_used_nothing_yet_keeps_the_level_of_its_peers() -> None:
    found = with_cold_start(peers_of(6, own_kg=0.0), said(0.0))[3, 0, MIDDLE]
    assert found == pytest.approx((1 - 6 / 18) * 200.0)


@pytest.mark.parametrize(("said_kg", "factor"), [(200.0 * 100, 5.0), (200.0 / 100, 0.2)])
def test_the_models_own_word_moves_the_middle_by_a_factor_of_five_at_most(
    said_kg: float, factor: float
) -> None:
    found = with_cold_start(peers_of(3), said(said_kg))[3, 0, MIDDLE]
    share = 3 / 18
    assert found == pytest.approx(share * said_kg + (1 - share) * factor * 200.0)


def test_peers_that_say_zero_stay_at_zero_whatever_the_model_says() -> None:
    quantiles = said(300.0)
    quantiles[:3] = 0.0
    found = with_cold_start(peers_of(3), quantiles)[3, 0, MIDDLE]
    assert found == pytest.approx(3 / 18 * 300.0)


def test_without_any_peer_a_tank_never_measured_uses_a_tenth_of_its_capacity() -> None:
    found = with_cold_start(never_measured([NAN, NAN], [500.0, NAN]), said(5.0)[:2])
    for day in range(7):
        np.testing.assert_allclose(found[0, day], 50.0 * np.exp(normal_scores(QUANTILES)))
    # Without a capacity there is nothing better than the model's own.
    assert np.array_equal(found[1], said(5.0)[1])


def test_without_any_peer_a_measured_tank_keeps_the_models_word() -> None:
    view = never_measured([30.0], [500.0], days=1)
    assert np.array_equal(with_cold_start(view, said(5.0)[:1]), said(5.0)[:1])
    # Also where nothing was used.
    assert np.array_equal(
        with_cold_start(never_measured([0.0], [500.0], days=1), said(5.0)[:1]), said(5.0)[:1]
    )


@pytest.mark.parametrize("measured", [0, 2, 6])
def test_small_tanks_are_treated_as_large_ones(measured: int) -> None:
    view, unit = peers_of(measured), 1e-4
    small = panel(
        60, IDS, use=view.past.use * unit, capacity=np.asarray(view.past.capacity) * unit
    ).known_at(60)
    np.testing.assert_allclose(
        with_cold_start(small, said(300.0) * unit), with_cold_start(view, said(300.0)) * unit
    )
