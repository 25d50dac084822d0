"""Policies and libraries that do not have the same features: what is new does not concern a policy
of before, and a policy may read and move less than there is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import lmrs_rl.dispatchers.learned as learned
from lmrs_rl.dispatchers import LearnedDispatcher, load_agent
from lmrs_rl.dispatchers.learned_reasons import influences
from lmrs_rl.dispatchers.policy import (
    ACTIONS,
    NETWORK_FEATURES,
    TANK_FEATURES,
    Feature,
    Geometry,
    PolicyContext,
    observation,
    physical,
    schema,
)
from lmrs_rl.dispatchers.policy.schema import PolicyTables
from lmrs_rl.dispatchers.policy.tank_features import tank_features
from lmrs_rl.domain import Forecast, InputError, Network, OrderParameters, Snapshot
from lmrs_rl.planning.choice import ChosenParameters, write_choice
from tests.environment.small import BASELINE, first_morning

WILD = Path(__file__).resolve().parents[1] / "agents" / "wild"
MONDAY = np.datetime64("2024-01-01")
READS = PolicyTables.moving(
    [each for name in ("room", "fill") for each in TANK_FEATURES if each.name == name],
    [each for each in NETWORK_FEATURES if each.name == "tanks"],
    [each for each in ACTIONS if each.name == "alpha"],
)


class Small:
    """A policy in numpy that reads room, fill and the number of tanks, and moves alpha."""

    reads = READS
    about: dict[str, Any] = {"typical_network": [3.0]}  # noqa: RUF012

    def __call__(self, given: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        assert list(given) == list(READS.inputs)
        assert (given["tanks"].shape[2], given["network"].shape[1]) == (2, 1)
        u = 0.1 * given["tanks"][:, :, 1] + 0.01 * given["network"][:, 0, None]
        factor = np.exp(2.0 * u)
        answer = {name: given[f"base_{name}"] * factor for name in READS.parameter_outputs}
        return {**answer, "u": u[:, :, None]}


def small() -> LearnedDispatcher:
    policy: Any = Small()
    return LearnedDispatcher(policy, BASELINE, MONDAY)


def wild() -> LearnedDispatcher:
    pytest.importorskip("onnxruntime", reason="policies are run by onnxruntime (extra serve)")
    found = load_agent(WILD).dispatcher(np.random.default_rng(0))
    assert isinstance(found, LearnedDispatcher)
    return found.at(MONDAY, ())


def morning() -> tuple[Network, Snapshot, Forecast]:
    found = first_morning()
    return found.network, found.snapshot, found.forecast


def bits(parameters: OrderParameters) -> dict[str, bytes]:
    return {
        each.name: np.asarray(getattr(parameters, each.name)).tobytes()
        for each in fields(OrderParameters)
    }


def in_the_library(
    monkeypatch: pytest.MonkeyPatch, table: tuple[Feature, ...], name: str = "TANK_FEATURES"
) -> None:
    """A library with this table of features."""
    for module in (schema, observation, learned):
        if hasattr(module, name):
            monkeypatch.setattr(module, name, table)


def test_a_library_with_a_feature_more_gives_an_old_policy_the_same_bits(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before = wild().choose(*morning())
    more = (Feature("quite_new", "kg", 0, 1, "new"), *TANK_FEATURES)
    in_the_library(monkeypatch, more)
    of_before = tank_features

    def with_one_more(*given: Any) -> dict[str, np.ndarray]:
        found = of_before(*given)
        return {**found, "quite_new": np.arange(float(len(found["fill"])))}

    monkeypatch.setattr(observation, "tank_features", with_one_more)
    after = wild().choose(*morning())
    assert bits(after.parameters) == bits(before.parameters)
    assert after.u.tobytes() == before.u.tobytes()
    assert after.tanks.tolist() == before.tanks.tolist()


def test_a_feature_that_means_something_else_now_refuses_an_old_policy_by_name(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    changed = tuple(
        replace(each, version=2) if each.name == "risk_2" else each for each in TANK_FEATURES
    )
    in_the_library(monkeypatch, changed)
    with pytest.raises(InputError, match=r"policy\.onnx: tank_features.*'risk_2'.*version 1"):
        wild()


def test_a_feature_that_is_gone_refuses_an_old_policy_by_name(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    in_the_library(monkeypatch, NETWORK_FEATURES[1:], "NETWORK_FEATURES")
    with pytest.raises(InputError, match=r"network_features.*'weekday_sin'.*does not have"):
        wild()


def test_a_policy_gets_its_own_columns_and_moves_its_own_parameters() -> None:
    choice = small().choose(*morning())
    tanks, network = physical(
        PolicyContext(*morning(), Geometry.of(morning()[0]), choice.base, (), MONDAY)
    )
    names = [each.name for each in TANK_FEATURES]
    columns = [names.index("room"), names.index("fill")]
    assert choice.tanks.tolist() == tanks[:, columns].tolist()
    assert choice.network.tolist() == [network[-1]]
    assert choice.u.shape == (len(tanks), 1)
    moved, base = bits(choice.parameters), bits(choice.base)
    assert {name for name in moved if moved[name] != base[name]} == {"alpha", "value_per_kg"}


def test_a_fault_in_a_feature_that_a_policy_does_not_read_is_not_its_affair(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    names = [each.name for each in TANK_FEATURES]

    def spoilt(name: str) -> LearnedDispatcher:
        def seen(context: PolicyContext) -> tuple[np.ndarray, np.ndarray]:
            tanks, of_network = physical(context)
            tanks[2, names.index(name)] = np.nan
            return tanks, of_network

        monkeypatch.setattr(learned, "physical", seen)
        return small()

    whole = small().choose(*morning())
    assert spoilt("price").choose(*morning()).fallbacks == ()
    assert bits(spoilt("price").choose(*morning()).parameters) == bits(whole.parameters)
    broken = spoilt("fill").choose(*morning())
    assert [each.tank for each in broken.fallbacks] == [2]
    assert broken.fallbacks[0].why.startswith("fill is nan")
    assert broken.parameters.alpha[2] == broken.base.alpha[2]


def test_reasons_are_told_of_its_own_features_and_actions(tmp_path: Path) -> None:
    dispatcher = small()
    network, snapshot, forecast = morning()
    choice = dispatcher.choose(network, snapshot, forecast)
    why = influences(dispatcher, choice)
    assert why.effect.shape == (network.n_tanks, 3, 1)
    told = [each for tank in range(network.n_tanks) for each in why.of_tank(choice, tank, 5)]
    assert {each.feature.name for each in told} == {"fill"}
    assert all(list(each.moves) == ["alpha"] for each in told)
    assert [each.feature.name for each in why.of_network(choice, 5)] == ["tanks"]
    chosen = ChosenParameters(choice.parameters, "small", MONDAY, choice, why)
    write_choice(tmp_path, chosen, network, snapshot)
    text = (tmp_path / "parameters.json").read_text(encoding="utf-8")
    assert '"network": {\n  "tanks": ' in text
    assert text.count('"answer": {') == network.n_tanks
    assert '"beta"' not in text.split('"answer": {')[1].split("}")[0]
