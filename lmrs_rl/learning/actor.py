"""Actors: networks that map features to an action of seven numbers for each tank.

All tanks share the weights. Actors are deterministic torch modules without distributions: learners
add noise around them, the export wraps them. All have one interface::

    actor(tanks (B, N, F), network (B, G), mask (B, N)) -> u (B, N, 7) in [-1, 1]

float32 throughout; ``tanks`` and ``network`` are those of an observation, ``mask`` is 1 where there
is a tank and 0 elsewhere, where u is 0. Whatever the weights, u is equivariant to the order of
tanks and independent of the number of empty places. A new actor returns 0, the baseline, since its
last layer is 0. ``tanh`` bounds u rather than a clip: near 0 both are the identity, but only the
first has a gradient everywhere.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

from lmrs_rl.dispatchers.policy import ACTIONS, NETWORK_FEATURES, TANK_FEATURES
from lmrs_rl.domain import InputError
from lmrs_rl.learning.settings import FORMS, POOLINGS

_LEAST = -1e9
"""Stands for minus infinity at empty places; finite, so that a row without tanks gives no NaN."""


@dataclass(frozen=True)
class ActorSettings:
    """Shape of an actor; the linear form only has the widths of inputs and outputs.

    Attributes
    ----------
    hidden : width of the layers, >= 1
    pooling : how information of all tanks is combined, "mean-max" or "attention"
    queries : number of weighted means of "attention", >= 1
    seed : of the initial weights
    tank_features, network_features, actions : widths of inputs and outputs
    """

    hidden: int = 32
    pooling: str = "mean-max"
    queries: int = 4
    seed: int = 0
    tank_features: int = len(TANK_FEATURES)
    network_features: int = len(NETWORK_FEATURES)
    actions: int = len(ACTIONS)

    def __post_init__(self) -> None:
        for name in ("hidden", "queries", "tank_features", "network_features", "actions"):
            if getattr(self, name) < 1:
                raise InputError(
                    f"actor.{name}", getattr(self, name), "at least 1", "correct the setting"
                )
        if self.pooling not in POOLINGS:
            raise InputError(
                "actor.pooling",
                repr(self.pooling),
                f"one of {', '.join(POOLINGS)}",
                "correct the setting",
            )


class LinearActor(nn.Module):  # type: ignore[misc]
    """``u = tanh(tanks A + network B + c)``."""

    def __init__(self, settings: ActorSettings) -> None:
        super().__init__()
        self.tanks = nn.Linear(settings.tank_features, settings.actions)
        self.network = nn.Linear(settings.network_features, settings.actions, bias=False)
        for each in self.parameters():
            nn.init.zeros_(each)

    def forward(
        self, tanks: torch.Tensor, network: torch.Tensor, mask: torch.Tensor
    ) -> torch.Tensor:
        """The action, see the module."""
        return torch.tanh(self.tanks(tanks) + self.network(network)[:, None, :]) * mask[:, :, None]


class NetworkActor(nn.Module):  # type: ignore[misc]
    """An encoder for each tank, a pooled summary of all tanks, and a head on top of both.

    The head also gets the features of the network (deep sets: Zaheer et al. 2017,
    doi:10.48550/arXiv.1703.06114).
    """

    def __init__(self, settings: ActorSettings) -> None:
        super().__init__()
        width = settings.hidden
        pool = (
            MeanMax(width)
            if settings.pooling == "mean-max"
            else _Attention(width, settings.queries)
        )
        self.encoder = nn.Sequential(
            nn.Linear(settings.tank_features, width), nn.Tanh(), nn.Linear(width, width), nn.Tanh()
        )
        self.pool = pool
        self.head = nn.Sequential(
            nn.Linear(width + pool.width + settings.network_features, width), nn.Tanh()
        )
        self.last = nn.Linear(width, settings.actions)
        init_weights(self, settings.seed)
        # Only the last layer is 0: with zeros before it, too, no weight would have a gradient.
        nn.init.zeros_(self.last.weight)

    def forward(
        self, tanks: torch.Tensor, network: torch.Tensor, mask: torch.Tensor
    ) -> torch.Tensor:
        """The action, see the module."""
        encoded = self.encoder(tanks)
        summary = torch.cat([self.pool(encoded, mask), network], dim=1)
        shared = summary[:, None, :].expand(-1, tanks.shape[1], -1)
        head = self.head(torch.cat([encoded, shared], dim=2))
        return torch.tanh(self.last(head)) * mask[:, :, None]


class SharedActor(nn.Module):  # type: ignore[misc]
    """One action for all tanks, from pooled features of the tanks and features of the network.

    The features of tanks are pooled to mean and maximum. The layers are those that soft
    actor-critic of stable-baselines3 has between a flat observation and the mean of an action, so
    that its weights can be copied.
    """

    def __init__(self, settings: ActorSettings) -> None:
        super().__init__()
        width = settings.hidden
        self.pool = MeanMax(settings.tank_features)
        self.head = nn.Sequential(
            nn.Linear(self.pool.width + settings.network_features, width),
            nn.ReLU(),
            nn.Linear(width, width),
            nn.ReLU(),
        )
        self.last = nn.Linear(width, settings.actions)
        init_weights(self, settings.seed)
        nn.init.zeros_(self.last.weight)

    def forward(
        self, tanks: torch.Tensor, network: torch.Tensor, mask: torch.Tensor
    ) -> torch.Tensor:
        """The action, see the module."""
        u = torch.tanh(self.last(self.head(torch.cat([self.pool(tanks, mask), network], dim=1))))
        return u[:, None, :] * mask[:, :, None]


class MeanMax(nn.Module):  # type: ignore[misc]
    """Mean and maximum of each entry over the tanks; 0 without tanks."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.width = 2 * width

    def forward(self, encoded: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        present = mask[:, :, None]
        count = present.sum(dim=1)
        greatest = torch.where(present > 0, encoded, _LEAST).amax(dim=1)
        return torch.cat(
            [
                (encoded * present).sum(dim=1) / count.clamp(min=1.0),
                torch.where(count > 0, greatest, 0.0),
            ],
            dim=1,
        )


class _Attention(nn.Module):  # type: ignore[misc]
    """Several means over the tanks, weighted by a softmax of learned scores; 0 without tanks.

    Scaled dot products, Vaswani et al. 2017, doi:10.48550/arXiv.1706.03762; learned queries as in
    Lee et al. 2019, doi:10.48550/arXiv.1810.00825.
    """

    def __init__(self, width: int, queries: int) -> None:
        super().__init__()
        self.width = width * queries
        self.scores = nn.Linear(width, queries, bias=False)

    def forward(self, encoded: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        present = mask[:, :, None]
        scaled = self.scores(encoded) / math.sqrt(encoded.shape[2])
        scores = torch.where(present > 0, scaled, _LEAST)
        # Without tanks all scores are equal, and softmax alone would weigh empty places equally.
        weights = torch.softmax(scores, dim=1) * present
        return torch.einsum("bnq,bnh->bqh", weights, encoded).flatten(1)


def actor_of(form: str, settings: ActorSettings | None = None) -> Any:
    """A new actor of a form in `lmrs_rl.learning.settings.FORMS` (`InputError` for another one)."""
    if form not in FORMS:
        raise InputError(
            "actor.form", repr(form), f"one of {', '.join(FORMS)}", "correct the setting"
        )
    kinds = {"linear": LinearActor, "network": NetworkActor, "shared": SharedActor}
    return kinds[form](ActorSettings() if settings is None else settings)


def init_weights(module: nn.Module, seed: int) -> None:
    """Draw weights after Glorot & Bengio 2010 and set biases to 0."""
    # A generator of its own, so that the weights do not depend on earlier draws of torch.
    generator = torch.Generator().manual_seed(seed)
    for each in module.parameters():
        if each.dim() > 1:
            nn.init.xavier_uniform_(each, generator=generator)
        else:
            nn.init.zeros_(each)
