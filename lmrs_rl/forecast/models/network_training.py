"""Training of the quantile network, the only module of the forecasts that imports PyTorch.

PyTorch is imported when there is something to learn, so that forecasts do without it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np

from lmrs_rl.domain.arrays import IntArray
from lmrs_rl.domain.quantile_function import Float32Array
from lmrs_rl.errors import MissingExtraError
from lmrs_rl.forecast.models.network_layout import (
    LEAST_WINDOWS,
    MEDIAN,
    NeuralSettings,
    layer_shapes,
)
from lmrs_rl.forecast.models.network_windows import Prior, Windows, known_kind, make_windows
from lmrs_rl.forecast.models.protocol import QUANTILES
from lmrs_rl.forecast.panel import View

if TYPE_CHECKING:
    import torch

_SHORTENED_DAYS = 28
"""[days] Maximum number of days that a shortened window sees."""
_UNKNOWN_SHARE = 0.05
"""Share of windows whose customer type or product is hidden.

The network learns from them what to forecast for a type or product that it has not seen."""


def fit_network(
    view: View, days: int, prior: Prior, settings: NeuralSettings
) -> dict[str, Float32Array]:
    """Weights of the network by name.

    None where fewer than `LEAST_WINDOWS` windows hold a measured day.
    """
    windows, target = _training_windows(view, days, prior, settings)
    if len(target) < LEAST_WINDOWS:
        return {}
    with _one_thread() as torch:
        generator = torch.Generator().manual_seed(settings.seed)
        weights = _initial_weights(torch, generator, view, settings)
        inputs = {
            name: torch.from_numpy(value) for name, value in _inputs(windows, weights).items()
        }
        _train(torch, generator, weights, inputs, torch.from_numpy(target), settings)
        return {name: value.detach().numpy().copy() for name, value in weights.items()}


def _training_windows(
    view: View, days: int, prior: Prior, settings: NeuralSettings
) -> tuple[Windows, Float32Array]:
    """Windows of past mornings, evenly spread, and their scaled use (W, days), NaN where unknown.

    Each window is made from `View.at` its morning, with the weather as it was forecast then and the
    shutdowns announced by then: what became known later must not leak into it.
    """
    rng = np.random.default_rng(settings.seed)
    count = min(max(view.origin - 1, 0), max(1, settings.windows // max(view.n, 1)))
    if not count:
        return make_windows(view, days, prior), np.zeros((0, days), dtype=np.float32)
    mornings = np.unique(np.linspace(1, view.origin - 1, count).round().astype(np.int64))
    parts, targets = [], []
    for morning in mornings.tolist():
        ahead = np.full((view.n, days), np.nan)
        # The last windows reach beyond the past: their other days stay unknown and do not count.
        later = view.past.use[morning : morning + days]
        ahead[:, : len(later)] = later.T
        shortened = rng.random(view.n) < settings.shortened
        few_days = rng.integers(0, _SHORTENED_DAYS + 1, view.n)
        visible_days = np.where(shortened, few_days, view.origin)
        window = make_windows(view.at(morning), days, prior, visible_days)
        parts.append(window)
        targets.append((ahead / window.scale[:, None]).astype(np.float32))
    joined, target = Windows.join(parts), np.concatenate(targets)
    measured = np.flatnonzero((~np.isnan(target)).any(axis=1))
    return _rows(joined, measured), target[measured]


def network_output(
    torch: Any, weights: Mapping[str, torch.Tensor], inputs: Mapping[str, torch.Tensor]
) -> torch.Tensor:
    """Scaled quantiles (W, days, Q): `network_model.quantiles` in PyTorch."""

    def layer(name: str, x: torch.Tensor) -> torch.Tensor:
        return torch.relu(x @ weights[f"{name}_w"] + weights[f"{name}_b"])

    ahead = inputs["ahead"]
    kind, product = weights["kind"][inputs["kind"]], weights["product"][inputs["product"]]
    series = torch.cat([inputs["past"], inputs["static"], kind, product], dim=1)
    state = layer("mix", layer("state", series))
    repeated = state[:, None, :].expand(-1, ahead.shape[1], -1)
    day = layer("deep", layer("day", torch.cat([repeated, ahead], dim=2)))
    out = day @ weights["out_w"] + weights["out_b"]
    step = torch.nn.functional.softplus(out)
    up = torch.cumsum(step[..., MEDIAN + 1 :], dim=-1)
    down = torch.cumsum(step[..., :MEDIAN].flip(-1), dim=-1).flip(-1)
    median = out[..., MEDIAN : MEDIAN + 1]
    return torch.cat([median - down, median, median + up], dim=-1)


def _train(
    torch: Any,
    generator: torch.Generator,
    weights: Mapping[str, torch.Tensor],
    inputs: Mapping[str, torch.Tensor],
    target: torch.Tensor,
    settings: NeuralSettings,
) -> None:
    """Minimise the pinball loss with AdamW over shuffled batches, changing ``weights`` in place."""
    steps = settings.epochs * math.ceil(len(target) / settings.batch)
    optimiser = torch.optim.AdamW(
        list(weights.values()), lr=settings.learning_rate, weight_decay=settings.weight_decay
    )
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimiser, lambda step: 0.5 * (1.0 + math.cos(math.pi * step / steps))
    )
    for _ in range(settings.epochs):
        for rows in torch.randperm(len(target), generator=generator).split(settings.batch):
            batch = {name: value[rows] for name, value in inputs.items()}
            for name in ("kind", "product"):
                hidden = torch.rand(len(rows), generator=generator) < _UNKNOWN_SHARE
                batch[name] = torch.where(hidden, torch.zeros_like(batch[name]), batch[name])
            loss = _pinball_loss(torch, network_output(torch, weights, batch), target[rows])
            optimiser.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(list(weights.values()), 1.0)
            optimiser.step()
            schedule.step()


def _pinball_loss(torch: Any, output: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
    """Mean pinball loss of ``output`` (W, days, Q) against the measured days of ``target``."""
    level = torch.tensor(QUANTILES, dtype=torch.float32)
    actual = target[:, :, None]
    measured = ~torch.isnan(actual)
    error = torch.where(measured, actual - output, 0.0)
    loss = torch.maximum(level * error, (level - 1.0) * error).sum()
    # Never divided by 0: windows without a measured day are not trained on.
    return loss / (measured.sum() * len(level))


def _initial_weights(
    torch: Any, generator: torch.Generator, view: View, settings: NeuralSettings
) -> dict[str, torch.Tensor]:
    """Weights before training, by He's initialisation (2015).

    The last layer starts small, with a bias that puts the median at the series' level and the other
    quantiles close to it.
    """
    weights = {}
    for name, (rows, columns) in layer_shapes(settings).items():
        gain = 0.1 if name == "out" else 1.0
        weights[f"{name}_w"] = torch.randn(rows, columns, generator=generator) * (
            gain * math.sqrt(2.0 / rows)
        )
        weights[f"{name}_b"] = torch.zeros(columns)
    weights["out_b"][:] = -2.0
    weights["out_b"][MEDIAN] = 1.0
    for name, kinds in (("kind", view.past.customer_type), ("product", view.past.product)):
        weights[name] = 0.1 * torch.randn(
            int(kinds.max()) + 2, settings.embedding, generator=generator
        )
    return {name: value.requires_grad_(True) for name, value in weights.items()}


def _inputs(windows: Windows, weights: Mapping[str, Any]) -> dict[str, Any]:
    """The arrays of the windows that `network_output` reads, with types as rows of embeddings."""
    kind, product = (
        known_kind(getattr(windows, name), len(weights[name]) - 1) for name in ("kind", "product")
    )
    return {
        "past": windows.past,
        "ahead": windows.ahead,
        "static": windows.static,
        "kind": kind,
        "product": product,
    }


def _rows(windows: Windows, keep: IntArray) -> Windows:
    """Some of the windows."""
    return Windows(
        *(
            getattr(windows, name)[keep]
            for name in ("past", "ahead", "static", "kind", "product", "scale")
        )
    )


@contextmanager
def _one_thread() -> Iterator[Any]:
    """PyTorch on one thread: for reproducible bits, and to leave cores to parallel workers.

    The former number of threads is restored afterwards.
    """
    try:
        import torch
    except ModuleNotFoundError as error:
        raise MissingExtraError("torch", "train") from error
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield torch
    finally:
        torch.set_num_threads(threads)
