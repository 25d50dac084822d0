"""What a learned policy computes: features in, seven numbers for each tank out; the same weights
for every tank.

Actors are deterministic torch modules without distributions: learners add noise around them, export
wraps them. All share one contract::

    actor(tanks (B, N, F), network (B, G), mask (B, N)) -> u (B, N, 7) in [-1, 1]

float32 throughout; ``tanks`` and ``network`` are those of an observation, ``mask`` is 1 where there
is a tank and 0 elsewhere, where u is 0. Whatever the weights, u does not depend on the order of
tanks nor on how many places are empty. New actors answer 0, the baseline, since their last layer is
0. ``tanh`` bounds u rather than a cut: near 0 both are the identity, but only the first has a slope
everywhere to learn by.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

from lmrs_rl.dispatchers.policy import ACTIONS, NETWORK_FEATURES, TANK_FEATURES
from lmrs_rl.domain import InputError

FORMS = ("linear", "network", "shared")
POOLINGS = ("mean-max", "attention")
LEAST = -1e9
"""Stands for minus infinity where a place is empty: finite, so that nothing becomes NaN where
all are.
"""


@dataclass(frozen=True)
class ActorSettings:
    """Shape of an actor; the linear form has none but the numbers of features.

    Attributes
    ----------
    hidden : width of its layers, >= 1
    pooling : how tanks hear of each other, one of `POOLINGS`
    queries : of "attention": how many weighted means are taken, >= 1
    seed : of the first weights
    tank_features, network_features, actions : widths of what comes in and goes out
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
        """See the module."""
        return torch.tanh(self.tanks(tanks) + self.network(network)[:, None, :]) * mask[:, :, None]


class NetworkActor(nn.Module):  # type: ignore[misc]
    """A shared encoder for each tank, a summary of all tanks, a shared head that sees both and
    the network's features.
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
        draw(self, settings.seed)
        nn.init.zeros_(self.last.weight)

    def forward(
        self, tanks: torch.Tensor, network: torch.Tensor, mask: torch.Tensor
    ) -> torch.Tensor:
        """See the module."""
        encoded, summary = self.seen(tanks, network, mask)
        shared = summary[:, None, :].expand(-1, tanks.shape[1], -1)
        return (
            torch.tanh(self.last(self.head(torch.cat([encoded, shared], dim=2)))) * mask[:, :, None]
        )

    def seen(
        self, tanks: torch.Tensor, network: torch.Tensor, mask: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """What the head sees: (B, N, hidden) of each tank and (B, K) of all of them."""
        encoded = self.encoder(tanks)
        return encoded, torch.cat([self.pool(encoded, mask), network], dim=1)


class SharedActor(nn.Module):  # type: ignore[misc]
    """The same seven numbers for every tank, from mean and greatest of each feature over the tanks
    and from the network's features.

    Its layers are those that soft actor-critic of stable-baselines3 has between a flat observation
    and the mean of an action.
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
        draw(self, settings.seed)
        nn.init.zeros_(self.last.weight)

    def forward(
        self, tanks: torch.Tensor, network: torch.Tensor, mask: torch.Tensor
    ) -> torch.Tensor:
        """See the module."""
        u = torch.tanh(self.last(self.head(torch.cat([self.pool(tanks, mask), network], dim=1))))
        return u[:, None, :] * mask[:, :, None]


class MeanMax(nn.Module):  # type: ignore[misc]
    """Mean and greatest of each entry over the tanks that there are; 0 without any."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.width = 2 * width

    def forward(self, encoded: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        there = mask[:, :, None]
        count = there.sum(dim=1)
        greatest = torch.where(there > 0, encoded, LEAST).amax(dim=1)
        return torch.cat(
            [
                (encoded * there).sum(dim=1) / count.clamp(min=1.0),
                torch.where(count > 0, greatest, 0.0),
            ],
            dim=1,
        )


class _Attention(nn.Module):  # type: ignore[misc]
    """Several means over the tanks, each weighted by a softmax of learned scores; 0 without any
    tank.

    Scaled dot products, Vaswani et al. 2017, doi:10.48550/arXiv.1706.03762; learned queries as in
    Lee et al. 2019, doi:10.48550/arXiv.1810.00825.
    """

    def __init__(self, width: int, queries: int) -> None:
        super().__init__()
        self.width = width * queries
        self.scores = nn.Linear(width, queries, bias=False)

    def forward(self, encoded: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        there = mask[:, :, None]
        scores = torch.where(there > 0, self.scores(encoded) / math.sqrt(encoded.shape[2]), LEAST)
        weights = torch.softmax(scores, dim=1) * there
        return torch.einsum("bnq,bnh->bqh", weights, encoded).flatten(1)


def actor_of(form: str, settings: ActorSettings | None = None) -> Any:
    """A new actor of one of `FORMS`: a `LinearActor`, a `NetworkActor` or a `SharedActor`
    (`InputError` for another form).
    """
    if form not in FORMS:
        raise InputError(
            "actor.form", repr(form), f"one of {', '.join(FORMS)}", "correct the setting"
        )
    kinds = {"linear": LinearActor, "network": NetworkActor, "shared": SharedActor}
    return kinds[form](ActorSettings() if settings is None else settings)


def draw(module: nn.Module, seed: int) -> None:
    """Weights after Glorot & Bengio 2010, constants 0."""
    generator = torch.Generator().manual_seed(seed)
    for each in module.parameters():
        if each.dim() > 1:
            nn.init.xavier_uniform_(each, generator=generator)
        else:
            nn.init.zeros_(each)
