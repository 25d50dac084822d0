"""Explains a learned policy: what would it answer if a feature were as usual?

Occlusion (Zeiler & Fergus 2014, doi:10.1007/978-3-319-10590-1_53): one feature after another is set
to what is usual, and the change of the answer is what the feature did. For a linear policy that is
weight times distance from the usual, but for the bend of its ends.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from lmrs_rl.dispatchers.learned import Choice, LearnedDispatcher, feed
from lmrs_rl.dispatchers.policy import Feature
from lmrs_rl.domain.arrays import FloatArray

MOST_ROWS = 1_000_000
"""Rows of tanks that the graph may be run on, all in all: two seconds on one core."""


@dataclass(frozen=True, eq=False)
class Influences:
    """What each feature did to the answer.

    Attributes
    ----------
    effect : (n, F + G, A) answer u less what it would be with the feature as usual; features of the
        tank first, then those of the network
    usual : (F + G,) in units: of a tank's feature the median over the network's tanks; of the
        network's the median over the mornings that the policy was exported with
    """

    effect: FloatArray
    usual: FloatArray

    def of_tank(self, choice: Choice, tank: int, count: int) -> tuple[FeatureInfluence, ...]:
        """The tank's own features, that with the largest effect on one of its numbers first;
        those without any left out.
        """
        table = choice.reads.tank_features
        effect = self.effect[tank, : len(table)]
        usual, names = self.usual[: len(table)], choice.reads.action_names
        return _strongest(table, choice.tanks[tank], usual, effect, names, count)

    def of_network(self, choice: Choice, count: int) -> tuple[FeatureInfluence, ...]:
        """Features of the network, which all tanks share, by their mean effect on the tanks;
        in the order of `of_tank`.
        """
        f = len(choice.reads.tank_features)
        effect = self.effect[:, f:].mean(axis=0)
        table, names = choice.reads.network_features, choice.reads.action_names
        return _strongest(table, choice.network, self.usual[f:], effect, names, count)


@dataclass(frozen=True)
class FeatureInfluence:
    """A feature that mattered.

    Attributes
    ----------
    feature : which
    value, usual : in its unit, perhaps infinite
    moves : by the name of an action, how far the feature moved the answer u
    """

    feature: Feature
    value: float
    usual: float
    moves: dict[str, float]

    @property
    def text(self) -> str:
        """In a few words, with the number that it moved most."""
        name = max(self.moves, key=lambda each: abs(self.moves[each]))
        values = f"{self.feature.name} {self.value:.3g}, usual {self.usual:.3g}"
        return f"{values}: {name} {self.moves[name]:+.2f}"


def influences(dispatcher: LearnedDispatcher, choice: Choice) -> Influences:
    """Effect of every feature on every tank; 0 for tanks that fell back.

    A tank's feature is set to what is usual for that tank alone where the network is small, else
    for a few tanks spread over it at a time (`MOST_ROWS`): a policy that looks at all tanks
    together answers a little by the others'.
    """
    reads = choice.reads
    n, f, g = len(choice.tanks), len(reads.tank_features), len(reads.network_features)
    judged = np.ones(n, dtype=np.bool_)
    judged[[each.tank for each in choice.fallbacks]] = False
    # The median of no tanks is NaN, and numpy warns of it.
    if not judged.any():
        return Influences(np.zeros((n, f + g, len(reads.actions))), np.full(f + g, np.nan))
    usual = np.concatenate(
        [
            np.median(choice.tanks[judged], axis=0),
            np.asarray(dispatcher.policy.about["typical_network"], dtype=np.float64),
        ]
    )

    def answer(tanks: FloatArray, network: FloatArray) -> FloatArray:
        """(B, n, A) for (B, n, F) and (B, G)."""
        given = feed(tanks, network, judged, choice.base, choice.span_kg, reads)
        return np.asarray(dispatcher.policy(given)["u"], dtype=np.float64)

    without = np.concatenate(
        [_without_tanks(answer, choice, usual[:f]), _without_network(answer, choice, usual[f:])]
    )
    return Influences(
        np.where(judged[:, None, None], choice.u[:, None, :] - without.transpose(1, 0, 2), 0.0),
        usual,
    )


def _without_tanks(
    answer: Callable[[FloatArray, FloatArray], FloatArray], choice: Choice, usual: FloatArray
) -> FloatArray:
    """(F, n, A) each tank's answer with one of its features as usual."""
    n, f = choice.tanks.shape
    # Each of the f runs of the graph takes turns * n rows.
    turns = int(np.clip(MOST_ROWS // max(f * n, 1), 1, n))
    turn, each = np.arange(n) % turns, np.arange(n)
    network, found = np.tile(choice.network, (turns, 1)), np.empty((f, *choice.u.shape))
    for k in range(f):
        tanks = np.tile(choice.tanks, (turns, 1, 1))
        tanks[turn, each, k] = usual[k]
        found[k] = answer(tanks, network)[turn, each]
    return found


def _without_network(
    answer: Callable[[FloatArray, FloatArray], FloatArray], choice: Choice, usual: FloatArray
) -> FloatArray:
    """(G, n, A) the answers with one feature of the network as usual."""
    g = len(usual)
    network = np.tile(choice.network, (g, 1))
    network[np.arange(g), np.arange(g)] = usual
    return answer(np.tile(choice.tanks, (g, 1, 1)), network)


def _strongest(
    table: Sequence[Feature],
    values: FloatArray,
    usual: FloatArray,
    effect: FloatArray,
    actions: Sequence[str],
    count: int,
) -> tuple[FeatureInfluence, ...]:
    """``effect`` is (F, A)."""
    most = np.abs(effect).max(axis=1)
    order = [k for k in np.argsort(-most, kind="stable")[:count].tolist() if most[k] > 0]
    moves = [dict(zip(actions, each, strict=True)) for each in effect.tolist()]
    return tuple(
        FeatureInfluence(table[k], float(values[k]), float(usual[k]), moves[k]) for k in order
    )
