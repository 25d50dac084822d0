"""Which numbers of an actor an evolution strategy searches, and the actor that a vector of them
stands for.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np

from lmrs_rl.domain.arrays import FloatArray
from lmrs_rl.learning.actor import ActorSettings, actor_of
from lmrs_rl.learning.linear import FeatureStats, LinearChoice, LinearPolicy
from lmrs_rl.learning.policies import TorchPolicy, load_weights, weights_of
from lmrs_rl.learning.recipe import ActorChoice
from lmrs_rl.learning.rollout import Policy


class SearchSpace(Protocol):
    """A vector of 0 stands for the actor that the search starts from: a new one, the baseline,
    or a trained one.
    """

    @property
    def form(self) -> str:
        """Of the actor."""

    @property
    def settings(self) -> ActorSettings:
        """Of the actor."""

    @property
    def size(self) -> int:
        """How many numbers are searched."""

    def weights(self, vector: FloatArray) -> dict[str, Any]:
        """Arrays of the actor at ``vector`` (size,)."""

    def policy(self, vector: FloatArray) -> Policy:
        """That actor, ready to play in another process."""


@dataclass(frozen=True, eq=False)
class LinearSearchSpace:
    """Some weights of a linear actor, as changes of the first ones; episodes need no torch.

    Attributes
    ----------
    linear : which weights
    start : first ones
    """

    linear: LinearChoice
    start: dict[str, Any]
    form: str = "linear"
    settings: ActorSettings = field(default_factory=ActorSettings)

    @property
    def size(self) -> int:
        """See `SearchSpace`."""
        return self.linear.size

    def weights(self, vector: FloatArray) -> dict[str, Any]:
        """See `SearchSpace`."""
        return {
            name: self.start[name] + change for name, change in self.linear.weights(vector).items()
        }

    def policy(self, vector: FloatArray) -> Policy:
        """See `SearchSpace`."""
        return LinearPolicy(self.weights(vector))


@dataclass(frozen=True, eq=False)
class NetworkSearchSpace:
    """All weights of a network or a shared actor, as changes of the first ones in units of 1 /
    sqrt(inputs of the layer).

    Attributes
    ----------
    settings : of the network
    start : its first weights
    form : of the actor
    """

    settings: ActorSettings
    start: dict[str, Any]
    form: str = "network"

    @property
    def size(self) -> int:
        """See `SearchSpace`."""
        return sum(each.size for each in self.start.values())

    def weights(self, vector: FloatArray) -> dict[str, Any]:
        """See `SearchSpace`."""
        found, at = {}, 0
        for name, first in self.start.items():
            change = vector[at : at + first.size].reshape(first.shape) / np.sqrt(first.shape[-1])
            found[name] = (first + change).astype(np.float32)
            at += first.size
        return found

    def policy(self, vector: FloatArray) -> Policy:
        """See `SearchSpace`."""
        return TorchPolicy(self.form, self.settings, self.weights(vector))


def search_space_of(
    actor: ActorChoice, seed: int, moments: FeatureStats, start: Mapping[str, Any] | None = None
) -> SearchSpace:
    """What a recipe says to search, from ``start`` on or from a new actor (`InputError` for
    arrays of another actor).
    """
    settings = settings_of(actor, seed)
    first = actor_of(actor.form, settings)
    if start is not None:
        load_weights(first, start)
    if actor.form == "linear":
        return LinearSearchSpace(
            LinearChoice.named(actor.tank_features, actor.network_features, actor.actions, moments),
            weights_of(first),
        )
    return NetworkSearchSpace(settings, weights_of(first), actor.form)


def settings_of(actor: ActorChoice, seed: int) -> ActorSettings:
    """The shape that a recipe gives an actor."""
    return ActorSettings(
        hidden=actor.hidden, pooling=actor.pooling, queries=actor.queries, seed=seed
    )
