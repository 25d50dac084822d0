"""What a policy file names, and which files are refused for it."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace
from types import MappingProxyType
from typing import Any

import pytest

import lmrs_rl.domain.aliases as aliases
from lmrs_rl.dispatchers.policy import ACTIONS, NETWORK_FEATURES, TANK_FEATURES
from lmrs_rl.dispatchers.policy.schema import ALL_TABLES, PolicyTables
from lmrs_rl.domain import InputError

KINDS = ("tank_features", "network_features", "actions", "parameters")


def metadata() -> dict[str, Any]:
    return deepcopy(ALL_TABLES.as_json())


def test_a_file_names_what_the_library_has() -> None:
    assert PolicyTables.of_file(metadata(), "policy.onnx") == ALL_TABLES
    assert all(each["version"] == 1 for kind in KINDS for each in metadata()[kind])
    assert ALL_TABLES.tank_columns.tolist() == list(range(len(TANK_FEATURES)))


def test_a_file_without_versions_has_the_first() -> None:
    about = metadata()
    for kind in KINDS:
        for each in about[kind]:
            del each["version"]
    assert PolicyTables.of_file(about, "policy.onnx") == ALL_TABLES


def test_a_file_may_name_some_in_its_own_order() -> None:
    about = metadata()
    about["tank_features"] = [about["tank_features"][k] for k in (5, 0)]
    about["network_features"] = about["network_features"][3:4]
    about["actions"], about["parameters"] = about["actions"][3:4], about["parameters"][3:4]
    found = PolicyTables.of_file(about, "policy.onnx")
    assert found.tank_features == (TANK_FEATURES[5], TANK_FEATURES[0])
    assert (found.tank_columns.tolist(), found.network_columns.tolist()) == ([5, 0], [3])
    assert found.inputs == ("tanks", "network", "mask", "base_alpha", "span_kg")
    assert found.outputs == ("alpha", "u")
    assert found.action_names == ("alpha",)


def test_parameters_follow_from_the_actions_that_move_them() -> None:
    alpha = next(each for each in ACTIONS if each.name == "alpha")
    found = PolicyTables.moving(TANK_FEATURES, NETWORK_FEATURES, (alpha,))
    assert found.parameter_outputs == ("alpha", "value_per_kg")
    assert PolicyTables.moving(TANK_FEATURES, NETWORK_FEATURES, ACTIONS) == ALL_TABLES


def test_scales_and_ranges_are_for_people() -> None:
    about = metadata()
    about["tank_features"][2] |= {"scale": 3.0, "low": -1.0, "high": 7.0}
    about["actions"][2] |= {"scale": 3.0, "least": 0.2}
    assert PolicyTables.of_file(about, "policy.onnx") == ALL_TABLES


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"version": 2}, "version 2.*version 1"),
        ({"name": "quite_new"}, "'quite_new'.*does not have"),
        ({"unit": "furlong", "how": "odd"}, "furlong|odd"),
    ],
)
def test_another_meaning_and_an_unknown_name_are_refused_by_name(
    kind: str, change: dict[str, Any], said: str
) -> None:
    about = metadata()
    about[kind][1] |= change
    with pytest.raises(InputError, match=rf"mine\.onnx: {kind}.*({said})") as caught:
        PolicyTables.of_file(about, "mine.onnx")
    assert about[kind][1]["name"] in str(caught.value)
    assert "install the version of lmrs-rl that the policy was made with" in str(caught.value)


@pytest.mark.parametrize("kind", KINDS)
def test_a_name_given_twice_and_what_is_no_table_are_refused(kind: str) -> None:
    about = metadata()
    about[kind].append(about[kind][0])
    with pytest.raises(InputError, match=rf"{kind}: .*twice"):
        PolicyTables.of_file(about, "policy.onnx")
    for broken in (None, {"fill": 1}, ["fill"], [{"unit": "share"}]):
        with pytest.raises(InputError, match=rf"{kind}: .*export"):
            PolicyTables.of_file({**metadata(), kind: broken}, "policy.onnx")


def test_a_renamed_feature_is_read_by_its_old_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        aliases, "ALIASES", MappingProxyType({"tank_features": {"filling": "fill"}})
    )
    about = metadata()
    about["tank_features"][0]["name"] = "filling"
    assert PolicyTables.of_file(about, "policy.onnx") == ALL_TABLES
    about["tank_features"][1]["name"] = "fill"
    about["tank_features"][1]["unit"] = "share"
    with pytest.raises(InputError, match="'fill' twice"):
        PolicyTables.of_file(about, "policy.onnx")


def test_a_feature_that_changed_its_meaning_has_another_version() -> None:
    changed = replace(ALL_TABLES, tank_features=(replace(TANK_FEATURES[0], version=2),))
    with pytest.raises(InputError, match="'fill' of unit share, version 2"):
        PolicyTables.of_file(changed.as_json(), "policy.onnx")
