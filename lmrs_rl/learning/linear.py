"""The linear actor without torch: its trainable weights, and its output.

A search works on a short vector: a bias and a weight for each chosen feature, for each chosen
action. Features enter as ``(f - mean) / std``, so that a step of the search has a similar effect
for every feature; the vector is converted to the weights of `lmrs_rl.learning.actor.LinearActor`,
which takes features as they are.
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

LEAST_STD = 0.02
"""Lower bound on a feature's standard deviation: nearly constant ones are not scaled up."""

Weights = dict[str, Float32Array]
"""``tanks.weight`` (7, F), ``tanks.bias`` (7,), ``network.weight`` (7, G): the state of a
`LinearActor`.
"""


@dataclass(frozen=True, eq=False)
class FeatureStats:
    """Mean and standard deviation of features under the baseline.

    Attributes
    ----------
    tank_mean, tank_std : (F,) over all tanks of all mornings
    network_mean, network_std : (G,) over all mornings
    """

    tank_mean: FloatArray
    tank_std: FloatArray
    network_mean: FloatArray
    network_std: FloatArray

    @classmethod
    def of(cls, observations: Sequence[Observation]) -> FeatureStats:
        """Statistics of observations; places without a tank do not count."""
        # In float64, since long sums in float32 lose digits.
        tanks = np.concatenate([each["tanks"][each["mask"] > 0] for each in observations]).astype(
            np.float64
        )
        network = np.stack([each["network"] for each in observations]).astype(np.float64)
        return cls(
            tanks.mean(axis=0),
            np.maximum(tanks.std(axis=0), LEAST_STD),
            network.mean(axis=0),
            np.maximum(network.std(axis=0), LEAST_STD),
        )


@dataclass(frozen=True, eq=False)
class LinearSubspace:
    """The weights of a linear actor that are trained; the others stay 0.

    Attributes
    ----------
    tank, network : (k,), (m,) columns of the chosen features
    action : (a,) columns of the chosen actions
    stats : of all features
    """

    tank: IntArray
    network: IntArray
    action: IntArray
    stats: FeatureStats

    @classmethod
    def named(
        cls,
        tank_features: Sequence[str],
        network_features: Sequence[str],
        actions: Sequence[str],
        stats: FeatureStats,
    ) -> LinearSubspace:
        """The subspace of named features and actions; old names are read.

        Raises
        ------
        InputError
            For a name that is unknown or repeated.
        """
        return cls(
            _columns_of("tank_features", tank_features, names_of(TANK_FEATURES)),
            _columns_of("network_features", network_features, names_of(NETWORK_FEATURES)),
            _columns_of("actions", actions, ACTION_NAMES),
            stats,
        )

    @property
    def size(self) -> int:
        """Number of trained weights and biases."""
        return len(self.action) * (1 + len(self.tank) + len(self.network))

    def weights(self, vector: FloatArray) -> Weights:
        """The actor's weights at ``vector`` (size,).

        The vector is an array (actions, 1 + tank features + network features) row by row.
        """
        rows = np.asarray(vector, dtype=np.float64).reshape(len(self.action), -1)
        k, stats = len(self.tank), self.stats
        tank = np.zeros((len(ACTION_NAMES), len(TANK_FEATURES)))
        network = np.zeros((len(ACTION_NAMES), len(NETWORK_FEATURES)))
        tank[np.ix_(self.action, self.tank)] = rows[:, 1 : 1 + k] / stats.tank_std[self.tank]
        network[np.ix_(self.action, self.network)] = (
            rows[:, 1 + k :] / stats.network_std[self.network]
        )
        bias = np.zeros(len(ACTION_NAMES))
        bias[self.action] = rows[:, 0]
        # Centring moves into the bias: w (f - mean) / std = (w / std) f - (w / std) mean.
        bias -= tank @ stats.tank_mean + network @ stats.network_mean
        return {
            "tanks.weight": tank.astype(np.float32),
            "tanks.bias": bias.astype(np.float32),
            "network.weight": network.astype(np.float32),
        }


@dataclass(frozen=True, eq=False)
class LinearPolicy:
    """The output of a `LinearActor` with these ``weights`` on one observation, in numpy."""

    weights: Weights

    def __call__(self, observation: Observation) -> Float32Array:
        """The action (N_max, 7) in [-1, 1], 0 where there is no tank."""
        of_network = (
            self.weights["network.weight"] @ observation["network"] + self.weights["tanks.bias"]
        )
        u = np.tanh(observation["tanks"] @ self.weights["tanks.weight"].T + of_network)
        return np.asarray(u * observation["mask"][:, None], dtype=np.float32)


def columns(field: str, names: Sequence[str], known: Sequence[str]) -> IntArray:
    """Positions of ``names`` in ``known`` (`InputError` for a name unknown or repeated)."""
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
    """Names of the features in a table."""
    return [each.name for each in table]
