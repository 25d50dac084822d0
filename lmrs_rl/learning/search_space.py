"""Search spaces of the evolution strategy: the actor that a vector stands for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np

from lmrs_rl.domain.arrays import FloatArray
from lmrs_rl.learning.actor import ActorSettings, actor_of
from lmrs_rl.learning.linear import FeatureStats, LinearPolicy, LinearSubspace
from lmrs_rl.learning.policies import TorchPolicy, load_weights, weights_of
from lmrs_rl.learning.rollout import Policy
from lmrs_rl.learning.settings import ActorRecipe


class SearchSpace(Protocol):
    """Maps vectors to actors.

    The vector 0 stands for the actor that the search starts from: a trained one, or a new one that
    reproduces the baseline.
    """

    @property
    def form(self) -> str:
        """Form of the actor."""
        ...

    @property
    def settings(self) -> ActorSettings:
        """Shape of the actor."""
        ...

    @property
    def size(self) -> int:
        """Dimension of the search."""
        ...

    def weights(self, vector: FloatArray) -> dict[str, Any]:
        """Arrays of the actor at ``vector`` (size,)."""
        ...

    def policy(self, vector: FloatArray) -> Policy:
        """The actor at ``vector`` (size,), ready to run in another process."""
        ...


@dataclass(frozen=True, eq=False)
class LinearSearchSpace:
    """Some weights of a linear actor, as changes of the initial ones; episodes need no torch.

    Attributes
    ----------
    linear : the weights that are searched
    start : initial weights
    """

    linear: LinearSubspace
    start: dict[str, Any]
    form: str = "linear"
    settings: ActorSettings = field(default_factory=ActorSettings)

    @property
    def size(self) -> int:
        """Number of weights and biases that are searched."""
        return self.linear.size

    def weights(self, vector: FloatArray) -> dict[str, Any]:
        """The initial weights plus the change at ``vector``."""
        return {
            name: self.start[name] + change for name, change in self.linear.weights(vector).items()
        }

    def policy(self, vector: FloatArray) -> Policy:
        """The linear actor in numpy."""
        return LinearPolicy(self.weights(vector))


@dataclass(frozen=True, eq=False)
class NetworkSearchSpace:
    """All weights of a network or a shared actor, as changes of the initial ones.

    Changes are in units of 1 / sqrt(inputs of the layer), the scale of initial weights.

    Attributes
    ----------
    settings : shape of the actor
    start : initial weights
    form : of the actor
    """

    settings: ActorSettings
    start: dict[str, Any]
    form: str = "network"

    @property
    def size(self) -> int:
        """Number of weights and biases of the actor."""
        return sum(each.size for each in self.start.values())

    def weights(self, vector: FloatArray) -> dict[str, Any]:
        """The initial weights plus the change at ``vector``."""
        found, at = {}, 0
        for name, first in self.start.items():
            change = vector[at : at + first.size].reshape(first.shape) / np.sqrt(first.shape[-1])
            found[name] = (first + change).astype(np.float32)
            at += first.size
        return found

    def policy(self, vector: FloatArray) -> Policy:
        """The actor in torch."""
        return TorchPolicy(self.form, self.settings, self.weights(vector))


def search_space_of(
    actor: ActorRecipe, seed: int, stats: FeatureStats, start: Mapping[str, Any] | None = None
) -> SearchSpace:
    """The search space of a recipe, around the actor ``start`` or a new one.

    Raises
    ------
    InputError
        For arrays of another actor.
    """
    settings = settings_of(actor, seed)
    first = actor_of(actor.form, settings)
    if start is not None:
        load_weights(first, start)
    if actor.form == "linear":
        return LinearSearchSpace(
            LinearSubspace.named(actor.tank_features, actor.network_features, actor.actions, stats),
            weights_of(first),
        )
    return NetworkSearchSpace(settings, weights_of(first), actor.form)


def settings_of(actor: ActorRecipe, seed: int) -> ActorSettings:
    """The shape of a recipe's actor."""
    return ActorSettings(
        hidden=actor.hidden, pooling=actor.pooling, queries=actor.queries, seed=seed
    )
