"""The quantile network: what it sees, that numpy says what torch learned, and that it learns."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from lmrs_rl.domain import InputError
from lmrs_rl.errors import MissingExtraError
from lmrs_rl.forecast.models.network_layout import MEDIAN, NeuralSettings
from lmrs_rl.forecast.models.network_model import FittedNeuralModel, NeuralModel, quantiles
from lmrs_rl.forecast.models.network_training import _training_windows
from lmrs_rl.forecast.models.network_windows import (
    CONTEXT,
    PAST_CHANNELS,
    Prior,
    known_kind,
    make_windows,
)
from lmrs_rl.forecast.models.protocol import QUANTILES
from lmrs_rl.forecast.models.seasonal_naive import SeasonalNaive
from lmrs_rl.forecast.panel import Panel, Shutdowns
from tests.forecast.small_panels import small_panel, with_use

SMALL = NeuralSettings(hidden=8, windows=200, epochs=2)


def torch_or_skip() -> None:
    pytest.importorskip("torch", reason="torch is not installed: pip install lmrs-rl[train]")


@pytest.fixture(scope="module")
def fitted() -> FittedNeuralModel:
    torch_or_skip()
    return NeuralModel(SMALL).fit(small_panel().known_at(140), 7)


def past(panel: Panel, day: int) -> np.ndarray:
    view = panel.known_at(day)
    return make_windows(view, 7, Prior.learn(view)).past.reshape(view.n, CONTEXT, PAST_CHANNELS)


def test_the_context_holds_the_last_42_days_scaled() -> None:
    panel = with_use(small_panel(), np.full((160, 4), 7.0))
    seen = past(panel, 100)
    assert np.all(seen[:, :, 0] == seen[:, :1, 0])
    assert np.all(seen[:, :, 1] == 1.0)
    assert seen[0, 0, 0] == pytest.approx(np.arcsinh(1.0), rel=0.01)


def test_days_before_the_first_and_not_measured_are_marked() -> None:
    use = small_panel().use.copy()
    use[:10] = 1.0
    use[4, 2] = np.nan
    seen = past(with_use(small_panel(), use), 10)[2]
    assert seen[:, 1].tolist() == [0.0] * 32 + [1, 1, 1, 1, 0, 1, 1, 1, 1, 1]
    assert np.all(seen[seen[:, 1] == 0, 0] == 0.0)


def test_stops_are_seen_from_their_announcement_on() -> None:
    for morning, known in ((34, 0.0), (35, 6.0)):  # announced on day 35 for days 40 .. 45
        view = small_panel().known_at(morning)
        ahead = make_windows(view, 14, Prior.learn(view)).ahead
        stopped = ahead[0, :, 11]
        assert stopped.sum() == known


def test_a_shortened_window_is_that_of_a_series_that_began_later() -> None:
    view = small_panel().known_at(100)
    use = view.past.use.copy()
    use[:95, 1] = np.nan
    use[:, 2] = np.nan
    young = with_use(view.past, use).known_at(100)
    prior = Prior.learn(view)
    short = make_windows(view, 7, prior, np.array([100, 5, 0, 100]))
    same = make_windows(young, 7, prior)
    for name in ("past", "ahead", "static", "scale"):
        assert np.array_equal(getattr(short, name), getattr(same, name)), name


def test_some_shortened_windows_of_training_show_no_day_at_all() -> None:
    view, settings = small_panel().known_at(150), replace(SMALL, shortened=1.0)
    windows, _ = _training_windows(view, 7, Prior.learn(view), settings)
    measured = windows.past.reshape(-1, CONTEXT, PAST_CHANNELS)[:, :, 1].sum(axis=1)
    # Mornings after the first month have at least 29 days to show.
    assert measured.max() <= 28
    assert (measured == 0).mean() == pytest.approx(1 / 29, abs=0.05)
    assert (measured[4 * 40 :] == 0).any()


def test_the_scale_is_positive_and_starts_from_the_peers() -> None:
    panel = small_panel()
    prior = Prior.learn(panel.known_at(150))
    expected = panel.capacity * prior.share[known_kind(panel.customer_type, 2)]
    view = replace(panel, use=np.full_like(panel.use, np.nan)).known_at(150)
    np.testing.assert_allclose(make_windows(view, 7, prior).scale, expected)
    nothing = make_windows(
        replace(view.past, capacity=np.full(4, np.nan)).known_at(150),
        7,
        Prior(np.zeros(3), np.zeros(3)),
    )
    assert np.all(nothing.scale > 0)


def test_prior_by_type_by_hand() -> None:
    use = np.tile([1.0, 3.0, np.nan], (10, 1))
    kinds = np.array([0, 0, 1])
    empty = np.full((10, 3), np.nan)
    panel = Panel(
        ("a", "b", "c"),
        np.datetime64("2024-01-01"),
        use,
        np.array([10.0, 10.0, 50.0]),
        kinds,
        kinds,
        empty,
        np.zeros((10, 0, 3)),
        (),
        Shutdowns.none(),
    )
    prior = Prior.learn(panel.known_at(10))
    np.testing.assert_allclose(prior.share, [0.2, 0.2, 0.2])  # type 1 has no measured day
    np.testing.assert_allclose(prior.level, [2.0, 2.0, 2.0])
    np.testing.assert_allclose(prior.of(panel.known_at(10)), [2.0, 2.0, 10.0])


def test_numpy_says_what_torch_says(fitted: FittedNeuralModel) -> None:
    import torch

    from lmrs_rl.forecast.models.network_training import _inputs, network_output

    windows = make_windows(small_panel().known_at(150), 7, fitted.prior)
    weights = {name: torch.from_numpy(np.array(value)) for name, value in fitted.weights.items()}
    inputs = {
        name: torch.from_numpy(np.array(value))
        for name, value in _inputs(windows, fitted.weights).items()
    }
    np.testing.assert_allclose(
        quantiles(fitted.weights, windows),
        network_output(torch, weights, inputs).numpy(),
        rtol=1e-4,
        atol=1e-5,
    )


def test_quantiles_cannot_cross_whatever_the_weights(fitted: FittedNeuralModel) -> None:
    rng = np.random.default_rng(0)
    wild = {
        name: rng.normal(0, 3, value.shape).astype(np.float32)
        for name, value in fitted.weights.items()
    }
    found = quantiles(wild, make_windows(small_panel().known_at(150), 7, fitted.prior))
    assert np.all(np.diff(found, axis=2) >= 0)
    assert found.shape == (4, 7, len(QUANTILES))


def test_it_learns_a_weekly_rhythm_that_no_level_explains() -> None:
    """Half of the series rest at the weekend, half on Mondays: only their own past tells which."""
    torch_or_skip()
    rng = np.random.default_rng(1)
    day = np.arange(300)[:, None] % 7
    rests = np.where(np.arange(20) % 2 == 0, day >= 5, day == 0)
    use = 100.0 * ~rests * rng.gamma(100.0, 0.01, (300, 20))
    flat = small_panel(20, 300)
    panel = replace(
        with_use(flat, use),
        customer_type=np.zeros(20, dtype=np.int64),
        product=np.zeros(20, dtype=np.int64),
        shutdowns=Shutdowns.none(),
    )
    view = panel.known_at(280)
    found = NeuralModel(NeuralSettings(windows=5000, epochs=15, learning_rate=5e-3)).fit(view, 7)(
        view, 7
    )[:, :, MEDIAN]
    assert found[rests[280:287].T].mean() < 20
    assert found[~rests[280:287].T].mean() > 80


def test_another_seed_gives_other_weights(fitted: FittedNeuralModel) -> None:
    other = NeuralModel(replace(SMALL, seed=1)).fit(small_panel().known_at(140), 7)
    assert not np.array_equal(other.weights["mix_w"], fitted.weights["mix_w"])


def test_threads_are_given_back(fitted: FittedNeuralModel) -> None:
    import torch

    before = torch.get_num_threads()
    NeuralModel(SMALL).fit(small_panel().known_at(100), 7)
    assert torch.get_num_threads() == before


def test_saved_and_loaded_it_says_the_same_to_the_bit(
    fitted: FittedNeuralModel, tmp_path: Path
) -> None:
    fitted.save(tmp_path)
    view = small_panel().known_at(150)
    assert FittedNeuralModel.load(tmp_path)(view, 7).tobytes() == fitted(view, 7).tobytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["network.json", "network.npz"]


@pytest.mark.parametrize(
    "damage",
    [
        "nothing there",
        "cut off",
        "another format",
        "other settings",
        "unknown settings",
        "no JSON",
        "a weight lost",
    ],
)
def test_a_damaged_file_is_refused(fitted: FittedNeuralModel, tmp_path: Path, damage: str) -> None:
    if damage != "nothing there":
        fitted.save(tmp_path)
    header = tmp_path / "network.json"
    if damage == "cut off":
        whole = (tmp_path / "network.npz").read_bytes()
        (tmp_path / "network.npz").write_bytes(whole[: len(whole) // 2])
    if damage == "another format":
        header.write_text(json.dumps({**json.loads(header.read_text()), "format": 99}))
    if damage == "other settings":  # they would not run
        header.write_text(json.dumps({"format": 1, "days": 7, "settings": {"hidden": 9}}))
    if damage == "unknown settings":
        header.write_text(json.dumps({"format": 1, "days": 7, "settings": {"hiden": 8}}))
    if damage == "a weight lost":
        weights = {name: value for name, value in fitted.weights.items() if name != "mix_b"}
        replace(fitted, weights=weights).save(tmp_path)
    if damage == "no JSON":
        header.write_text("{")
    with pytest.raises(InputError, match=tmp_path.name):
        FittedNeuralModel.load(tmp_path)


def test_more_days_than_trained_for_are_refused(fitted: FittedNeuralModel) -> None:
    with pytest.raises(InputError, match="at most 7"):
        fitted(small_panel().known_at(150), 8)


def test_a_type_not_seen_in_training_is_answered(fitted: FittedNeuralModel) -> None:
    view = replace(small_panel(), customer_type=np.array([0, 7, 1, 9])).known_at(150)
    assert np.all(np.isfinite(fitted(view, 7)))
    assert known_kind(np.array([0, 1, 2, 9]), 2).tolist() == [1, 2, 0, 0]


def test_with_too_little_to_learn_from_the_seasonal_naive_answers() -> None:
    view = small_panel(days=9).known_at(9)
    assert np.array_equal(NeuralModel(SMALL).fit(view, 7)(view, 7), SeasonalNaive()(view, 7))


def test_without_torch_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(MissingExtraError, match=r"lmrs-rl\[train\]"):
        NeuralModel(SMALL).fit(small_panel().known_at(150), 7)


@pytest.mark.parametrize(
    "wrong",
    [
        {"hidden": 0},
        {"epochs": 0},
        {"learning_rate": 0.0},
        {"shortened": 1.1},
        {"weight_decay": -1.0},
    ],
)
def test_settings_out_of_range_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(InputError, match="network"):
        NeuralSettings(**wrong)  # type: ignore[arg-type]
