"""Tails, knots and ranks of quantile functions, by hand."""

from __future__ import annotations

import numpy as np
import pytest

from lmrs_rl.domain.arrays import FloatArray
from lmrs_rl.domain.quantile_function import TAIL, PlacedRanks, push_ranks, with_tails

Q: FloatArray = np.array([0.1, 0.5, 0.9])
KG: FloatArray = np.array([30.0, 40.0, 60.0])
LEVELS = [0.003, 0.01, 0.03, 0.1, 0.5, 0.9, 0.97, 0.99, 0.997]
"""A tail has knots at 3, 10 and 30 % of the probability beyond the outermost quantile, a tenth."""


def one(rank: float, kg: FloatArray = KG, q: FloatArray = Q) -> float:
    """What one rank means in kg."""
    return float(push_ranks(q, kg[None, None], np.array([[[rank]]]))[0, 0, 0])


def test_tails_go_on_at_the_pace_of_the_outermost_two_quantiles() -> None:
    """From 50 to 10 % of exceedance, a factor of 5, use grows by 20 kg: by 20 / log(5) for each
    factor of e, and as much again beyond. Below it falls by 10 kg for the factor of 5.
    """
    levels, knots = with_tails(Q, KG)
    assert levels == pytest.approx(LEVELS)
    assert knots[:3] == pytest.approx(30 - 10 * np.log(1 / TAIL) / np.log(5))
    assert knots[3:6].tolist() == [30, 40, 60]
    assert knots[6:] == pytest.approx(60 + 20 * np.log(1 / TAIL[::-1]) / np.log(5))


def test_the_lower_tail_ends_at_zero() -> None:
    # A third as much by each factor of 5: 10 kg would fall to 0 and further.
    _, knots = with_tails(Q, np.array([1.0, 40.0, 60.0]))
    assert knots[:4].tolist() == [0, 0, 0, 1]


def test_a_single_quantile_has_no_tails() -> None:
    levels, knots = with_tails(np.array([0.5]), np.array([7.0]))
    assert levels == pytest.approx([0.015, 0.05, 0.15, 0.5, 0.85, 0.95, 0.985])
    assert knots.tolist() == [7.0] * 7


def test_two_quantiles_have_tails() -> None:
    _, knots = with_tails(np.array([0.25, 0.75]), np.array([50.0, 60.0]))
    # 10 kg for a factor of 3 on both sides.
    assert knots[0] == pytest.approx(50 - 10 * np.log(1 / 0.03) / np.log(3))
    assert knots[-1] == pytest.approx(60 + 10 * np.log(1 / 0.03) / np.log(3))


@pytest.mark.parametrize(
    ("rank", "kg"),
    [(0.1, 30), (0.3, 35), (0.5, 40), (0.6, 45), (0.7, 50), (0.9, 60)],
)
def test_a_rank_is_read_between_the_quantiles_around_it(rank: float, kg: float) -> None:
    assert one(rank) == pytest.approx(kg, rel=1e-6)


def test_a_rank_in_a_tail_is_read_between_its_knots() -> None:
    _, knots = with_tails(Q, KG)
    assert one(0.98) == pytest.approx((knots[6] + knots[7]) / 2, rel=1e-6)
    assert one(0.02) == pytest.approx((knots[1] + knots[2]) / 2, rel=1e-6)


def test_beyond_the_last_knots_the_tails_are_flat() -> None:
    _, knots = with_tails(Q, KG)
    assert one(0.0) == one(0.003) == pytest.approx(knots[0], rel=1e-6)
    assert one(1.0) == one(0.997) == pytest.approx(knots[-1], rel=1e-6)


def test_every_tank_and_day_has_a_function_of_its_own() -> None:
    """Function k of the six has 100 k kg at the median, 1 kg more for each tenth of the rank."""
    middle = 100.0 * np.arange(1, 7).reshape(2, 3)
    kg = middle[:, :, None] + np.array([-4.0, 0.0, 4.0])
    ranks = np.array([0.5, 0.1, 0.7])[:, None, None] * np.ones((3, 2, 3))
    pushed = push_ranks(Q, kg, ranks)
    assert pushed.shape == (3, 2, 3)
    for draw, more in enumerate((0.0, -4.0, 2.0)):
        np.testing.assert_allclose(pushed[draw], middle + more, rtol=1e-6)


def test_placed_ranks_by_tank_are_the_same_with_the_draws_last() -> None:
    rng = np.random.default_rng(0)
    kg = np.sort(rng.uniform(0, 100, (2, 3, 3)), axis=2)
    placed = PlacedRanks.of(Q, rng.random((4, 2, 3)))
    assert placed.by_tank().cell.shape == (2, 3, 4)
    assert np.array_equal(placed.by_tank().pushed(Q, kg), placed.pushed(Q, kg).transpose(1, 2, 0))


@pytest.mark.parametrize(
    "quantiles",
    [
        Q,
        # Several levels in one of the 4096 bins, and some on the limits of bins.
        np.array([0.25, 0.5, 0.50001, 0.50002, 0.50003, 0.75]),
        # So close to 1 that the last levels are 1 in single precision.
        np.array([1e-9, 0.5, 1 - 1e-9]),
    ],
)
def test_ranks_lie_in_the_cell_that_a_search_finds(quantiles: FloatArray) -> None:
    levels = with_tails(quantiles, quantiles)[0].astype(np.float32)
    ranks = np.concatenate(
        [
            levels,
            np.nextafter(levels, np.float32(0)),
            np.nextafter(levels, np.float32(1)),
            np.linspace(0, 1, 257, dtype=np.float32),
        ]
    )
    inside = np.clip(ranks, levels[0], levels[-1])
    expected = np.searchsorted(levels[1:-1], inside, side="right")
    placed = PlacedRanks.of(quantiles, ranks[:, None, None])
    assert placed.cell[:, 0, 0].tolist() == expected.tolist()
    assert np.array_equal(placed.beyond[:, 0, 0], inside - levels[expected])
    assert np.all(placed.beyond >= 0)


def test_use_never_falls_as_the_rank_rises_over_a_knot() -> None:
    rng = np.random.default_rng(1)
    kg = np.cumsum(rng.exponential(1000.0, (50, 1, 3)), axis=2)
    level = np.float32(0.5)
    ranks = np.array([np.nextafter(level, np.float32(0)), level], dtype=np.float32)
    pushed = push_ranks(Q, kg, np.broadcast_to(ranks[:, None, None], (2, 50, 1)))
    assert np.all(pushed[0] <= pushed[1])
    np.testing.assert_allclose(pushed[1, :, 0], kg[:, 0, 1], rtol=1e-6)
