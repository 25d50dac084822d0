"""The linear actor without torch: which of its weights are trained, and what it answers.

A search works on a short vector of numbers: a constant and a weight for each chosen feature, for
each chosen action. Features enter as ``(f - centre) / spread``, so that a step of the search means
as much whatever a feature's scale; what comes out are the weights of
`lmrs_rl.learning.actor.LinearActor`, which knows nothing of that.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lmrs_rl.dispatchers.policy import (
    ACTION_NAMES,
    NETWORK_FEATURES,
    TANK_FEATURES,
    Feature,
    Observation,
)
from lmrs_rl.domain import InputError
from lmrs_rl.domain.aliases import new_names
from lmrs_rl.domain.arrays import FloatArray, IntArray
from lmrs_rl.domain.quantile_function import Float32Array

LEAST_SPREAD = 0.02
"""A feature that hardly ever moves counts as if it spread this much."""

Weights = dict[str, Float32Array]
"""``tanks.weight`` (7, F), ``tanks.bias`` (7,), ``network.weight`` (7, G): the state of a
`LinearActor`.
"""


@dataclass(frozen=True, eq=False)
class FeatureStats:
    """Mean and standard deviation of features under the baseline.

    Attributes
    ----------
    tank_mean, tank_spread : (F,)
    network_mean, network_spread : (G,)
    """

    tank_mean: FloatArray
    tank_spread: FloatArray
    network_mean: FloatArray
    network_spread: FloatArray

    @classmethod
    def of(cls, observations: Sequence[Observation]) -> FeatureStats:
        """Over mornings; each tank of each counts the same."""
        tanks = np.concatenate([each["tanks"][each["mask"] > 0] for each in observations]).astype(
            np.float64
        )
        network = np.stack([each["network"] for each in observations]).astype(np.float64)
        return cls(
            tanks.mean(axis=0),
            np.maximum(tanks.std(axis=0), LEAST_SPREAD),
            network.mean(axis=0),
            np.maximum(network.std(axis=0), LEAST_SPREAD),
        )


@dataclass(frozen=True, eq=False)
class LinearChoice:
    """Weights that are trained; the others stay 0.

    Attributes
    ----------
    tank, network : (k,), (m,) columns of the features
    action : (a,) of the actions
    moments : of all features
    """

    tank: IntArray
    network: IntArray
    action: IntArray
    moments: FeatureStats

    @classmethod
    def named(
        cls,
        tank_features: Sequence[str],
        network_features: Sequence[str],
        actions: Sequence[str],
        moments: FeatureStats,
    ) -> LinearChoice:
        """By the names of the tables, old ones too (`InputError` for an unknown name, or one
        given twice).
        """
        return cls(
            _columns_of("tank_features", tank_features, names_of(TANK_FEATURES)),
            _columns_of("network_features", network_features, names_of(NETWORK_FEATURES)),
            _columns_of("actions", actions, ACTION_NAMES),
            moments,
        )

    @property
    def size(self) -> int:
        """How many numbers are searched."""
        return len(self.action) * (1 + len(self.tank) + len(self.network))

    def weights(self, vector: FloatArray) -> Weights:
        """The actor's weights at ``vector`` (size,), which is (actions, 1 + tank features +
        network features) row after row.
        """
        rows = np.asarray(vector, dtype=np.float64).reshape(len(self.action), -1)
        k = len(self.tank)
        tank, network = (
            np.zeros((len(ACTION_NAMES), len(TANK_FEATURES))),
            np.zeros((len(ACTION_NAMES), len(NETWORK_FEATURES))),
        )
        tank[np.ix_(self.action, self.tank)] = (
            rows[:, 1 : 1 + k] / self.moments.tank_spread[self.tank]
        )
        network[np.ix_(self.action, self.network)] = (
            rows[:, 1 + k :] / self.moments.network_spread[self.network]
        )
        bias = np.zeros(len(ACTION_NAMES))
        bias[self.action] = rows[:, 0]
        bias -= tank @ self.moments.tank_mean + network @ self.moments.network_mean
        return {
            "tanks.weight": tank.astype(np.float32),
            "tanks.bias": bias.astype(np.float32),
            "network.weight": network.astype(np.float32),
        }


@dataclass(frozen=True, eq=False)
class LinearPolicy:
    """Answers as a `LinearActor` of the same ``weights`` does, on one observation."""

    weights: Weights

    def __call__(self, observation: Observation) -> Float32Array:
        """(N_max, 7) in [-1, 1], 0 where there is no tank."""
        of_network = (
            self.weights["network.weight"] @ observation["network"] + self.weights["tanks.bias"]
        )
        u = np.tanh(observation["tanks"] @ self.weights["tanks.weight"].T + of_network)
        return np.asarray(u * observation["mask"][:, None], dtype=np.float32)


def columns(field: str, names: Sequence[str], known: Sequence[str]) -> IntArray:
    """Where ``names`` stand in ``known``, in the order given (`InputError` for an unknown name,
    or one given twice).
    """
    for name in names:
        if name not in known:
            raise InputError(
                field, repr(name), f"some of {', '.join(known)}", "correct or remove it"
            )
    if len(set(names)) != len(names):
        raise InputError(field, list(names), "each name once", "remove the repetition")
    return np.array([known.index(name) for name in names], dtype=np.int64)


def _columns_of(kind: str, names: Sequence[str], known: Sequence[str]) -> IntArray:
    return columns(kind, new_names(kind, names), known)


def names_of(table: Sequence[Feature]) -> list[str]:
    """The names of a table of features."""
    return [each.name for each in table]
