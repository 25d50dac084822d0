"""Which numbers of an actor an evolution strategy searches, and the actor that a vector of them stands for."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np

from lmrs_rl.domain.arrays import FloatArray
from lmrs_rl.learning.actor import ActorSettings, actor_of
from lmrs_rl.learning.linear import LinearChoice, LinearPolicy, Moments
from lmrs_rl.learning.policies import TorchPolicy, weights_of
from lmrs_rl.learning.recipe import ActorChoice
from lmrs_rl.learning.rollout import Policy


class Choice(Protocol):
    """A vector of 0 stands for a new actor, the baseline."""

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
class OfLinear:
    """Some weights of a linear actor; episodes need no torch."""

    linear: LinearChoice
    form: str = "linear"
    settings: ActorSettings = field(default_factory=ActorSettings)

    @property
    def size(self) -> int:
        """See `Choice`."""
        return self.linear.size

    def weights(self, vector: FloatArray) -> dict[str, Any]:
        """See `Choice`."""
        return dict(self.linear.weights(vector))

    def policy(self, vector: FloatArray) -> Policy:
        """See `Choice`."""
        return LinearPolicy(self.linear.weights(vector))


@dataclass(frozen=True, eq=False)
class OfNetwork:
    """All weights of a network or a shared actor, as changes of the first ones in units of 1 / sqrt(inputs of the layer).

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
        """See `Choice`."""
        return sum(each.size for each in self.start.values())

    def weights(self, vector: FloatArray) -> dict[str, Any]:
        """See `Choice`."""
        found, at = {}, 0
        for name, first in self.start.items():
            change = vector[at : at + first.size].reshape(first.shape) / np.sqrt(first.shape[-1])
            found[name] = (first + change).astype(np.float32)
            at += first.size
        return found

    def policy(self, vector: FloatArray) -> Policy:
        """See `Choice`."""
        return TorchPolicy(self.form, self.settings, self.weights(vector))


def choice_of(actor: ActorChoice, seed: int, moments: Moments) -> Choice:
    """What a recipe says to search."""
    if actor.form == "linear":
        return OfLinear(LinearChoice.named(actor.tank_features, actor.network_features, actor.actions, moments))
    settings = settings_of(actor, seed)
    return OfNetwork(settings, weights_of(actor_of(actor.form, settings)), actor.form)


def settings_of(actor: ActorChoice, seed: int) -> ActorSettings:
    """The shape that a recipe gives an actor."""
    return ActorSettings(hidden=actor.hidden, pooling=actor.pooling, queries=actor.queries, seed=seed)
