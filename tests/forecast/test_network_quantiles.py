"""What the network's last layer says, by hand and without torch."""

from __future__ import annotations

import numpy as np

from lmrs_rl.domain.quantile_function import Float32Array
from lmrs_rl.forecast.models.network_layout import MEDIAN, NeuralSettings, layer_shapes
from lmrs_rl.forecast.models.network_model import quantiles
from lmrs_rl.forecast.models.network_windows import Prior, make_windows
from lmrs_rl.forecast.models.protocol import QUANTILES
from tests.forecast.small_panels import small_panel

SETTINGS = NeuralSettings(hidden=8)


def test_steps_from_the_median_are_softplus_of_the_last_layer() -> None:
    weights: dict[str, Float32Array] = {}
    for name, (rows, columns) in layer_shapes(SETTINGS).items():
        weights[f"{name}_w"] = np.zeros((rows, columns), dtype=np.float32)
        weights[f"{name}_b"] = np.zeros(columns, dtype=np.float32)
    for name in ("kind", "product"):
        weights[name] = np.zeros((3, SETTINGS.embedding), dtype=np.float32)
    last = np.random.default_rng(0).normal(0, 2, len(QUANTILES)).astype(np.float32)
    weights["out_b"] = last
    view = small_panel().known_at(100)
    found = quantiles(weights, make_windows(view, 7, Prior.learn(view)))
    assert found.shape == (view.n, 7, len(QUANTILES))
    np.testing.assert_allclose(found[..., MEDIAN], last[MEDIAN], rtol=1e-6)
    step = np.delete(np.log1p(np.exp(last.astype(np.float64))), MEDIAN)
    np.testing.assert_allclose(
        np.diff(found, axis=-1), np.broadcast_to(step, (view.n, 7, len(step))), rtol=1e-3
    )
