"""Layout of the quantile network, shared by its training in PyTorch and its use in numpy."""

from __future__ import annotations

from dataclasses import dataclass

from lmrs_rl.domain import InputError
from lmrs_rl.forecast.models.network_windows import (
    AHEAD_FEATURES,
    CONTEXT,
    PAST_CHANNELS,
    STATIC_FEATURES,
)
from lmrs_rl.forecast.models.protocol import QUANTILES

MEDIAN = len(QUANTILES) // 2
"""Position of the median in `QUANTILES`."""
LEAST_WINDOWS = 64
"""With fewer windows nothing is learned, and the seasonal naive forecasts instead."""


@dataclass(frozen=True)
class NeuralSettings:
    """Size and training of the network.

    Attributes
    ----------
    hidden : width of every layer, >= 1
    embedding : width of the embeddings of customer type and product, >= 1
    windows : maximum number of training windows, >= 1
    epochs : passes over them, >= 1
    batch : windows per step, >= 1
    learning_rate : initial rate of AdamW, > 0; falls to 0 along a cosine
    weight_decay : of AdamW, >= 0
    shortened : share of windows that see only 0 to 28 days of their series, so that the network
        learns to start cold
    seed : of the weights, the order and the choice of windows
    """

    hidden: int = 96
    embedding: int = 4
    windows: int = 30_000
    epochs: int = 12
    batch: int = 512
    learning_rate: float = 4e-3
    weight_decay: float = 1e-2
    shortened: float = 0.15
    seed: int = 0

    def __post_init__(self) -> None:
        for name in ("hidden", "embedding", "windows", "epochs", "batch"):
            if getattr(self, name) < 1:
                raise InputError(f"network.{name}", getattr(self, name), "at least 1", "raise it")
        if not self.learning_rate > 0 or self.weight_decay < 0 or not 0 <= self.shortened <= 1:
            got = (self.learning_rate, self.weight_decay, self.shortened)
            raise InputError(
                "network.learning_rate, weight_decay, shortened",
                got,
                "> 0, >= 0 and a share in [0, 1]",
                "correct them",
            )


def layer_shapes(settings: NeuralSettings) -> dict[str, tuple[int, int]]:
    """(inputs, outputs) of every layer, in the order in which they are applied."""
    h, e = settings.hidden, settings.embedding
    return {
        "state": (CONTEXT * PAST_CHANNELS + STATIC_FEATURES + 2 * e, h),
        "mix": (h, h),
        "day": (h + AHEAD_FEATURES, h),
        "deep": (h, h),
        "out": (h, len(QUANTILES)),
    }
