"""The dispatcher that a learned policy makes: the baseline, changed for each tank by a
trained graph.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from lmrs_rl.dispatchers.fixed import FixedDispatcher, FixedParameters
from lmrs_rl.dispatchers.learned_file import Arrays, PolicyFile
from lmrs_rl.dispatchers.policy import (
    TANK_FEATURES,
    Feature,
    Geometry,
    PolicyContext,
    physical,
    possible,
)
from lmrs_rl.dispatchers.policy.schema import ALL_TABLES, PolicyTables
from lmrs_rl.domain import Forecast, InputError, Network, OrderParameters, Plan, Snapshot
from lmrs_rl.domain.aliases import with_new_names
from lmrs_rl.domain.arrays import BoolArray, FloatArray


@dataclass(frozen=True)
class Fallback:
    """A tank that keeps the baseline's numbers, and why."""

    tank: int
    why: str


@dataclass(frozen=True, eq=False)
class Choice:
    """What was chosen on a morning, and from what.

    Attributes
    ----------
    parameters : chosen
    base : of the baseline, of which ``parameters`` are a change
    u : (n, A) the policy's answer in [-1, 1], 0 where a tank fell back
    span_kg : (n,) [kg] from h' to full
    tanks, network : (n, F) and (G,) the features that the policy reads, in their units
    fallbacks : tanks that keep the baseline, in order
    reads : names of the columns of ``tanks``, ``network`` and ``u``
    """

    parameters: OrderParameters
    base: OrderParameters
    u: FloatArray
    span_kg: FloatArray
    tanks: FloatArray
    network: FloatArray
    fallbacks: tuple[Fallback, ...]
    reads: PolicyTables = ALL_TABLES


@dataclass(frozen=True)
class LearnedParameters:
    """What a learned agent is made of.

    Attributes
    ----------
    baseline : numbers that the policy changes, those that it was trained on
    policy : content of the policy file
    """

    baseline: FixedParameters
    policy: bytes

    def __repr__(self) -> str:
        return f"LearnedParameters({self.baseline!r}, {hashlib.sha256(self.policy).hexdigest()})"


@dataclass(frozen=True, eq=False)
class LearnedDispatcher:
    """Answers with the baseline changed by the policy, once it has seen the date and the plans of
    the mornings before (`at`).

    A tank of which a feature that the policy reads is not what it can be (`Feature.possible`: NaN,
    a share of 3, ten capacities used in a day; covers may be infinite) keeps the baseline, and the
    policy does not see it. A tank with any such feature, read or not, counts neither as a neighbour
    nor in the features of the network: whatever is wrong with it, the others get the same. Where a
    feature of the network is of that kind, all tanks keep the baseline. The same morning gives the
    same bits.
    """

    policy: PolicyFile
    baseline: FixedParameters
    date: np.datetime64 | None = None
    plans: tuple[Plan, ...] = ()

    @classmethod
    def of(cls, parameters: LearnedParameters, name: str = "policy.onnx") -> LearnedDispatcher:
        """Open the policy (`InputError` for one that this code cannot read, or that was trained
        on another baseline).
        """
        policy = PolicyFile.read(parameters.policy, name)
        recorded, wanted = policy.about.get("baseline"), vars(parameters.baseline)
        if isinstance(recorded, dict):
            recorded = with_new_names("FixedParameters", recorded, f"{name}: baseline.")
        # The policy answers with changes of its baseline: on another one they would mean something
        # else.
        if recorded != wanted:
            raise InputError(
                f"{name}: baseline",
                repr(recorded),
                f"that of the agent, {wanted}",
                "give the numbers that the policy was trained on",
            )
        usual = policy.about.get("typical_network")
        count = len(policy.reads.network_features)
        if not isinstance(usual, list) or len(usual) != count:
            raise InputError(
                f"{name}: typical_network",
                repr(usual),
                f"{count} numbers, one for each feature of the network",
                "export the policy again",
            )
        return cls(policy, parameters.baseline)

    def at(self, date: np.datetime64 | None, plans: tuple[Plan, ...]) -> LearnedDispatcher:
        """The dispatcher of one morning."""
        return replace(self, date=date, plans=plans)

    def __call__(self, network: Network, snapshot: Snapshot, forecast: Forecast) -> OrderParameters:
        """The parameters (`InputError` without a date)."""
        return self.choose(network, snapshot, forecast).parameters

    def choose(self, network: Network, snapshot: Snapshot, forecast: Forecast) -> Choice:
        """The parameters, and what they came from."""
        if self.date is None:
            wanted = "the morning's date: a learned dispatcher looks at weekday and season"
            raise InputError(
                "date", "none", wanted, "give the date of the morning, such as 2025-03-31"
            )
        base = FixedDispatcher(self.baseline)(network, snapshot, forecast)
        geometry = Geometry.of(network)
        context = PolicyContext(network, snapshot, forecast, geometry, base, self.plans, self.date)
        tanks, of_network = self._features(context)
        reads = self.policy.reads
        judged, fallbacks = judged_tanks(tanks, of_network, reads)
        given = feed(tanks[None], of_network[None], judged, base, geometry.span_kg, reads)
        answer = {name: each[0] for name, each in self.policy(given).items()}
        # A tank is judged as a whole: half of an answer would be a mixture that nobody has trained.
        broken = judged & ~np.all(np.isfinite(np.stack(_columns(answer, reads))), axis=0)
        kept = judged & ~broken
        chosen: dict[str, Any] = {
            name: np.where(kept, answer[name], getattr(base, name))
            for name in reads.parameter_outputs
        }
        # Tanks that were not judged did not move, whatever the graph says at their places.
        u = np.where(kept[:, None], answer["u"], 0.0).astype(np.float64)
        fallbacks += tuple(
            Fallback(int(tank), "the policy's answer is not finite")
            for tank in np.flatnonzero(broken)
        )
        fell = tuple(sorted(fallbacks, key=lambda each: each.tank))
        parameters = replace(base, **chosen)
        return Choice(parameters, base, u, geometry.span_kg, tanks, of_network, fell, reads)

    def _features(self, context: PolicyContext) -> tuple[FloatArray, FloatArray]:
        """(n, F) and (G,) features that the policy reads, without what broken tanks would do to
        those of others.
        """
        reads = self.policy.reads
        tanks, of_network = physical(context)
        sound = _all_possible(TANK_FEATURES, tanks)
        # Features of neighbours and of the network count other tanks. One broken meter would
        # otherwise change the orders of tanks that are measured well, or take them out of the
        # possible range.
        if sound.any() and not sound.all():
            without, of_network = physical(replace(context, counted=sound))
            # Broken by a feature that the policy does not read, a tank is judged all the same.
            judged = sound | _all_possible(reads.tank_features, tanks[:, reads.tank_columns])
            tanks = np.where(judged[:, None], without, tanks)
        return (
            np.ascontiguousarray(tanks[:, reads.tank_columns]),
            of_network[reads.network_columns],
        )


def _all_possible(table: Sequence[Feature], tanks: FloatArray) -> BoolArray:
    """(n,) whether all features (n, F) of a tank are what they can be."""
    return np.asarray(possible(table, tanks).all(axis=1), dtype=np.bool_)


def _columns(answer: Arrays, reads: PolicyTables) -> list[np.ndarray]:
    """(n,) each, of everything that a policy says."""
    return [*(answer[name] for name in reads.parameter_outputs), *answer["u"].T]


def judged_tanks(
    tanks: FloatArray, network: FloatArray, reads: PolicyTables = ALL_TABLES
) -> tuple[BoolArray, tuple[Fallback, ...]]:
    """(n,) tanks whose features (n, F), and the network's (G,), are what they can be, and why
    the others are not judged.
    """
    good_network = possible(reads.network_features, network)
    # Every answer depends on the features of the network, so with a broken one no tank is judged.
    if not good_network.all():
        k = int(np.argmin(good_network))
        why = _why("the network's ", reads.network_features[k], float(network[k]))
        return np.zeros(len(tanks), dtype=np.bool_), tuple(
            Fallback(tank, why) for tank in range(len(tanks))
        )
    good = possible(reads.tank_features, tanks)
    judged: BoolArray = np.asarray(good.all(axis=1), dtype=np.bool_)
    first = {tank: int(np.argmin(good[tank])) for tank in np.flatnonzero(~judged).tolist()}
    return judged, tuple(
        Fallback(tank, _why("", reads.tank_features[k], float(tanks[tank, k])))
        for tank, k in first.items()
    )


def feed(
    tanks: FloatArray,
    network: FloatArray,
    judged: BoolArray,
    base: OrderParameters,
    span_kg: FloatArray,
    reads: PolicyTables = ALL_TABLES,
) -> Arrays:
    """The graph's inputs for features (B, n, F) and (B, G) that it ``reads``: the same ``judged``
    (n,), baseline and span (n,) [kg] in each of the B.
    """
    batch = len(tanks)

    def each(values: np.ndarray) -> np.ndarray:
        return np.broadcast_to(np.asarray(values, dtype=np.float64), (batch, len(values)))

    numbers = {f"base_{name}": each(getattr(base, name)) for name in reads.parameter_outputs}
    return {
        "tanks": tanks,
        "network": network,
        "mask": each(judged),
        **numbers,
        "span_kg": each(span_kg),
    }


def _why(whose: str, feature: Feature, value: float) -> str:
    low, high = feature.possible
    return f"{whose}{feature.name} is {value:g} {feature.unit}, which is not in [{low:g}, {high:g}]"
