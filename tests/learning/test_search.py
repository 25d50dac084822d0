"""Searches find the foot of a noisy bowl, and say the same again for the same seed."""

from __future__ import annotations

import numpy as np
import pytest

from lmrs_rl.domain.arrays import FloatArray
from lmrs_rl.learning.recipe import EvolutionSettings
from lmrs_rl.learning.search import SEARCHES, GradientSearch, Search, mirrored

GOAL = np.array([0.3, -0.2, 0.1, 0.0])


def new(kind: str, seed: int = 0) -> Search:
    if kind == "gradient":
        return GradientSearch(
            np.zeros(4),
            0.1,
            6,
            step=0.03,
            step_half_life=50.0,
            momentum=0.0,
            rng=np.random.default_rng(seed),
        )
    pytest.importorskip("cmaes")
    from lmrs_rl.learning.search import CmaSearch

    return CmaSearch(kind, np.zeros(4), 0.1, 6, seed)


def walk(search: Search, generations: int, noise: float = 0.0) -> FloatArray:
    rng = np.random.default_rng(9)
    for _ in range(generations):
        candidates = search.ask()
        search.tell(
            candidates,
            ((candidates - GOAL) ** 2).sum(axis=1) + noise * rng.standard_normal(len(candidates)),
        )
    return search.mean


@pytest.mark.parametrize("kind", SEARCHES)
def test_the_foot_of_a_bowl_is_found(kind: str) -> None:
    before, after = np.linalg.norm(GOAL), np.linalg.norm(walk(new(kind), 80) - GOAL)
    assert after < 0.1 * before


def test_noise_as_large_as_the_slope_leaves_the_gradient_on_its_way() -> None:
    # A pair's difference is about 4 * sigma * |goal| = 0.15 at first.
    assert np.linalg.norm(walk(new("gradient"), 120, noise=0.1) - GOAL) < 0.35 * np.linalg.norm(
        GOAL
    )


@pytest.mark.parametrize("kind", SEARCHES)
def test_the_same_seed_says_the_same(kind: str) -> None:
    assert (walk(new(kind, 3), 3) == walk(new(kind, 3), 3)).all()
    assert (walk(new(kind, 3), 3) != walk(new(kind, 4), 3)).any()


@pytest.mark.parametrize("kind", SEARCHES)
def test_candidates_come_in_mirrored_pairs(kind: str) -> None:
    search = new(kind)
    candidates = search.ask()
    assert candidates.shape == (12, 4)
    # Nothing has been told yet, so the middle is the start.
    assert candidates[::2] + candidates[1::2] == pytest.approx(0.0)


def test_mirrors() -> None:
    assert mirrored(np.array([1.0, 0.0]), np.array([[2.0, 3.0], [1.0, -1.0]])).tolist() == [
        [2, 3],
        [0, -3],
        [1, -1],
        [1, 1],
    ]


def test_equal_costs_move_nothing() -> None:
    search = new("gradient")
    search.tell(search.ask(), np.ones(12))
    assert (search.mean == 0).all()


def test_a_step_goes_to_the_cheaper_side_and_the_first_place_is_the_mean() -> None:
    search = GradientSearch(
        np.zeros(1),
        1.0,
        1,
        step=0.5,
        step_half_life=1.0,
        momentum=0.0,
        rng=np.random.default_rng(0),
    )
    candidates = search.ask()
    search.tell(candidates, candidates[:, 0])
    # One pair: its difference over its own size is -1 times the sign, its noise the first
    # candidate.
    assert search.mean == pytest.approx([-0.5 * abs(candidates[0, 0])])


def test_every_search_of_the_settings_can_be_made() -> None:
    assert {EvolutionSettings(search=kind).search for kind in SEARCHES} == set(SEARCHES)
