"""Training of the quantile network: its windows, where it sets out, and the loss by hand.

Training itself hides what it is fed with, hence private functions.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from lmrs_rl.domain.arrays import FloatArray
from lmrs_rl.forecast.models.network_layout import MEDIAN, NeuralSettings, layer_shapes
from lmrs_rl.forecast.models.network_training import (
    _initial_weights,
    _pinball_loss,
    _training_windows,
    fit_network,
)
from lmrs_rl.forecast.models.network_windows import Prior, make_windows
from lmrs_rl.forecast.models.protocol import QUANTILES
from lmrs_rl.forecast.panel import View
from tests.forecast.small_panels import small_panel, with_use

WHOLE = NeuralSettings(hidden=4, embedding=2, epochs=1, shortened=0.0)
"""Without shortened windows."""


def torch_or_skip() -> Any:
    return pytest.importorskip("torch", reason="torch is not installed: pip install lmrs-rl[train]")


def view_of(use: FloatArray) -> View:
    return with_use(small_panel(use.shape[1], len(use)), use).known_at(len(use))


def test_windows_are_those_of_mornings_spread_evenly_over_the_past() -> None:
    """Of 11 days, 6 windows of two series are those of 3 mornings: the first, 6th and 10th."""
    view = view_of(np.arange(22.0).reshape(11, 2))
    prior = Prior.learn(view)
    found, target = _training_windows(view, 2, prior, replace(WHOLE, windows=7))
    assert target.shape == (6, 2)
    for k, morning in enumerate((1, 6, 10)):
        mine = make_windows(view.at(morning), 2, prior)
        rows = slice(2 * k, 2 * k + 2)
        for name in ("past", "ahead", "static", "kind", "product", "scale"):
            assert np.array_equal(getattr(found, name)[rows], getattr(mine, name)), name
        known = view.past.use[morning : morning + 2].T / mine.scale[:, None]
        np.testing.assert_allclose(target[rows, : known.shape[1]], known, rtol=1e-6)
    # The last morning's second day is not known yet.
    assert np.isnan(target[4:, 1]).all()


@pytest.mark.parametrize(
    ("windows", "mornings"), [(1, 1), (2, 1), (4, 2), (18, 9), (20, 10), (99, 10)]
)
def test_there_are_as_many_mornings_as_windows_need_up_to_all(windows: int, mornings: int) -> None:
    view = view_of(np.ones((11, 2)))
    _, target = _training_windows(view, 2, Prior.learn(view), replace(WHOLE, windows=windows))
    assert len(target) == 2 * mornings


@pytest.mark.parametrize(("days", "rows"), [(0, 0), (1, 0), (2, 1)])
def test_a_window_needs_a_day_before_it_and_one_after(days: int, rows: int) -> None:
    view = view_of(np.ones((days, 1)))
    windows, target = _training_windows(view, 3, Prior.learn(view), WHOLE)
    assert target.shape == (rows, 3)
    assert rows == 0 or len(windows.scale) == rows


def test_windows_without_a_measured_day_ahead_are_left_out() -> None:
    use = np.ones((11, 2))
    use[3:, 1] = np.nan
    view = view_of(use)
    windows, target = _training_windows(view, 2, Prior.learn(view), WHOLE)
    # All ten of the first series, of the second those of the mornings 1 and 2.
    assert windows.kind.tolist() == [0, 1, 0, 1, *[0] * 8]
    assert np.isnan(target[3]).tolist() == [False, True]


def test_shortened_windows_are_as_many_as_asked_for_and_drawn_by_the_seed() -> None:
    view = small_panel(20, 100).known_at(100)
    prior, twelve = Prior.learn(view), replace(WHOLE, windows=240)
    whole, _ = _training_windows(view, 7, prior, twelve)

    def shortened(share: float, seed: int = 0) -> FloatArray:
        settings = replace(twelve, shortened=share, seed=seed)
        some, _ = _training_windows(view, 7, prior, settings)
        return np.asarray(np.any(some.past != whole.past, axis=1), dtype=np.float64)

    assert shortened(0.3).mean() == pytest.approx(0.3, abs=0.08)
    assert not np.array_equal(shortened(0.3), shortened(0.3, seed=1))
    # The first mornings have less to show than what is left of it.
    assert shortened(1.0)[-100:].mean() > 0.9


def test_sixty_four_windows_are_enough_to_learn() -> None:
    view = small_panel(1, 64).known_at(64)
    assert (
        fit_network(with_use(view.past, np.ones((64, 1))).known_at(64), 3, Prior.learn(view), WHOLE)
        == {}
    )
    torch_or_skip()
    more = with_use(small_panel(1, 65), np.ones((65, 1))).known_at(65)
    weights = fit_network(more, 3, Prior.learn(more), WHOLE)
    assert {name: weights[f"{name}_w"].shape for name in layer_shapes(WHOLE)} == layer_shapes(WHOLE)


def test_the_network_sets_out_from_the_level_with_small_outputs() -> None:
    """Scaled, the median is 1 and the others near: softplus(-2) is 0.13 a step."""
    torch = torch_or_skip()
    settings = NeuralSettings(hidden=64)
    view = small_panel().known_at(100)
    weights = {
        name: value.detach().numpy()
        for name, value in _initial_weights(
            torch, torch.Generator().manual_seed(3), view, settings
        ).items()
    }
    for name, shape in layer_shapes(settings).items():
        assert weights[f"{name}_w"].shape == shape
        size = np.sqrt(2 / shape[0]) * (0.1 if name == "out" else 1.0)
        assert weights[f"{name}_w"].std() == pytest.approx(size, rel=0.1)
        assert weights[f"{name}_b"].shape == (shape[1],)
        if name != "out":
            assert np.all(weights[f"{name}_b"] == 0)
    assert weights["out_b"].tolist() == [1.0 if k == MEDIAN else -2.0 for k in range(15)]
    # Two types and two products, and a row for one that is not known.
    for name in ("kind", "product"):
        assert weights[name].shape == (3, settings.embedding)
        assert 0.03 < weights[name].std() < 0.2


def test_the_loss_is_the_mean_pinball_loss_of_measured_days() -> None:
    """One day of 3 units too little, one of 2 too much, one not measured."""
    torch = torch_or_skip()
    output = torch.ones((1, 3, 15)) * 5.0
    target = torch.tensor([[8.0, 3.0, float("nan")]])
    expected = np.mean([3 * QUANTILES.mean(), 2 * (1 - QUANTILES).mean()])
    assert float(_pinball_loss(torch, output, target)) == pytest.approx(expected, rel=1e-6)


def test_the_same_seed_learns_the_same_bits() -> None:
    torch_or_skip()
    view = small_panel(2, 60).known_at(60)
    one, same, other = (
        fit_network(view, 3, Prior.learn(view), replace(WHOLE, seed=seed)) for seed in (5, 5, 6)
    )
    assert all(np.array_equal(one[name], same[name]) for name in one)
    assert not np.array_equal(one["mix_w"], other["mix_w"])
