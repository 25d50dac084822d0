"""Training of the quantile network: the one place of the forecasts that imports PyTorch, and
only when something is learned.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np

from lmrs_rl.domain import InputError
from lmrs_rl.domain.arrays import IntArray
from lmrs_rl.domain.quantile_function import Float32Array
from lmrs_rl.forecast.models.network_model import (
    LEAST_WINDOWS,
    MEDIAN,
    NeuralSettings,
    layer_shapes,
)
from lmrs_rl.forecast.models.network_windows import (
    Prior,
    Windows,
    known_kind,
    make_windows,
)
from lmrs_rl.forecast.models.protocol import QUANTILES
from lmrs_rl.forecast.panel import View

if TYPE_CHECKING:
    import torch

SHORTEST_DAYS = 28
"""[days] Most days that a shortened window sees."""
UNKNOWN_SHARE = 0.05
"""Share of windows whose customer type or product is hidden, so that the network learns what to
say of a new one.
"""


def fit_network(
    view: View, days: int, prior: Prior, settings: NeuralSettings
) -> dict[str, Float32Array]:
    """Weights of the network by name; none where fewer than `LEAST_WINDOWS` windows hold a
    measured day.
    """
    windows, target = training_windows(view, days, prior, settings)
    if len(target) < LEAST_WINDOWS:
        return {}
    with _one_thread() as torch:
        generator = torch.Generator().manual_seed(settings.seed)
        weights = _start(torch, generator, view, settings)
        inputs = {
            name: torch.from_numpy(value) for name, value in _inputs(windows, weights).items()
        }
        _descend(torch, generator, weights, inputs, torch.from_numpy(target), settings)
        return {name: value.detach().numpy().copy() for name, value in weights.items()}


def training_windows(
    view: View, days: int, prior: Prior, settings: NeuralSettings
) -> tuple[Windows, Float32Array]:
    """Windows of past mornings, evenly spread, and their scaled use (W, days), NaN where not
    measured.

    Each is made of `View.at` its morning: the weather as it was forecast then, the stops announced
    by then.
    """
    rng = np.random.default_rng(settings.seed)
    count = min(max(view.origin - 1, 0), max(1, settings.windows // max(view.n, 1)))
    mornings = (
        np.unique(np.linspace(1, view.origin - 1, count).round().astype(np.int64))
        if count
        else np.zeros(0, dtype=np.int64)
    )
    parts, targets = [], []
    for morning in mornings.tolist():
        ahead = np.full((view.n, days), np.nan)
        later = view.past.use[morning : morning + days]
        ahead[:, : len(later)] = later.T
        shortened = rng.random(view.n) < settings.shortened
        kept = np.where(shortened, rng.integers(0, SHORTEST_DAYS + 1, view.n), view.origin)
        window = make_windows(view.at(morning), days, prior, kept)
        parts.append(window)
        targets.append((ahead / window.scale[:, None]).astype(np.float32))
    if not parts:
        return make_windows(view, days, prior), np.zeros((0, days), dtype=np.float32)
    joined, target = Windows.join(parts), np.concatenate(targets)
    useful = np.flatnonzero((~np.isnan(target)).any(axis=1))
    return _rows(joined, useful), target[useful]


def network_output(
    torch: Any, weights: Mapping[str, torch.Tensor], inputs: Mapping[str, torch.Tensor]
) -> torch.Tensor:
    """Scaled quantiles (W, days, Q): `network_model.quantiles` in PyTorch."""

    def layer(name: str, x: torch.Tensor) -> torch.Tensor:
        return torch.relu(x @ weights[f"{name}_w"] + weights[f"{name}_b"])

    ahead = inputs["ahead"]
    who = [weights["kind"][inputs["kind"]], weights["product"][inputs["product"]]]
    state = layer("mix", layer("state", torch.cat([inputs["past"], inputs["static"], *who], dim=1)))
    repeated = state[:, None, :].expand(-1, ahead.shape[1], -1)
    out = (
        layer("deep", layer("day", torch.cat([repeated, ahead], dim=2))) @ weights["out_w"]
        + weights["out_b"]
    )
    step = torch.nn.functional.softplus(out)
    up = torch.cumsum(step[..., MEDIAN + 1 :], dim=-1)
    down = torch.cumsum(step[..., :MEDIAN].flip(-1), dim=-1).flip(-1)
    median = out[..., MEDIAN : MEDIAN + 1]
    return torch.cat([median - down, median, median + up], dim=-1)


def _descend(
    torch: Any,
    generator: torch.Generator,
    weights: Mapping[str, torch.Tensor],
    inputs: Mapping[str, torch.Tensor],
    target: torch.Tensor,
    settings: NeuralSettings,
) -> None:
    """AdamW on the pinball loss over shuffled batches; ``weights`` are changed in place."""
    level = torch.tensor(QUANTILES, dtype=torch.float32)
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
                hidden = torch.rand(len(rows), generator=generator) < UNKNOWN_SHARE
                batch[name] = torch.where(hidden, torch.zeros_like(batch[name]), batch[name])
            wanted = target[rows][:, :, None]
            measured = ~torch.isnan(wanted)
            error = torch.where(measured, wanted - network_output(torch, weights, batch), 0.0)
            loss = torch.maximum(level * error, (level - 1.0) * error).sum() / (
                measured.sum() * len(level)
            )
            optimiser.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(list(weights.values()), 1.0)
            optimiser.step()
            schedule.step()


def _start(
    torch: Any, generator: torch.Generator, view: View, settings: NeuralSettings
) -> dict[str, torch.Tensor]:
    """Weights before training: He's initialisation (2015), the quantiles spread about the level
    of the series.
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
    """Arrays of the windows that `network_output` reads."""
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
    return Windows(
        *(
            getattr(windows, name)[keep]
            for name in ("past", "ahead", "static", "kind", "product", "scale")
        )
    )


@contextmanager
def _one_thread() -> Iterator[Any]:
    """PyTorch on one thread, for the same bits and for workers beside us; its former number of
    threads comes back afterwards.
    """
    try:
        import torch
    except ModuleNotFoundError as error:
        raise InputError(
            "torch", "not installed", "torch 2.13.0", 'pip install "lmrs-rl[train]"'
        ) from error
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield torch
    finally:
        torch.set_num_threads(threads)
