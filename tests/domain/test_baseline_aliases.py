"""Files with old names of keys are still read."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lmrs_rl.dispatchers import FixedParameters, load_agent
from lmrs_rl.dispatchers.learned_file import PolicyFile
from lmrs_rl.dispatchers.policy import NETWORK_FEATURES, TANK_FEATURES
from lmrs_rl.domain import InputError
from lmrs_rl.domain.aliases import ALIASES, with_new_names, with_old_names
from lmrs_rl.domain.tables import from_table
from lmrs_rl.environment.recording import FORMAT, PARTS, Recording
from lmrs_rl.learning.linear import FeatureStats, LinearSubspace
from lmrs_rl.learning.problem import problem_of
from lmrs_rl.learning.recipe import Recipe
from lmrs_rl.learning.run_features import library_columns, run_columns
from lmrs_rl.learning.settings import ActorRecipe
from lmrs_rl.worlds import read_world_class

AGENTS = Path(__file__).resolve().parents[1] / "agents"


def test_no_new_name_is_an_old_one_of_the_same_kind() -> None:
    for aliases in ALIASES.values():
        assert not aliases.keys() & set(aliases.values())


def test_a_key_under_both_of_its_names_is_refused() -> None:
    for table in (
        {"kg_value": 1.0, "value_multiplier": 2.0},
        {"value_multiplier": 2.0, "kg_value": 1.0},
    ):
        with pytest.raises(InputError, match=r"baseline\.kg_value.*value_multiplier"):
            with_new_names("FixedParameters", table, "baseline.")


def test_other_kinds_and_keys_stay_as_they_are() -> None:
    assert with_new_names("another kind", {"kg_value": 1}) == {"kg_value": 1}
    assert list(with_new_names("FixedParameters", {"b": 1, "kg_value": 2, "a": 3}).items()) == [
        *(("b", 1), ("value_multiplier", 2), ("a", 3))
    ]


def test_fixed_parameters_of_an_old_file(tmp_path: Path) -> None:
    path = tmp_path / "old.toml"
    path.write_text("kg_value = 1.5\n")
    assert FixedParameters.from_file(path) == FixedParameters(value_multiplier=1.5)
    assert from_table(FixedParameters(), {"kg_value": 1.5}).value_multiplier == 1.5


def test_an_agent_of_an_old_folder_with_the_baseline_in_its_policy() -> None:
    pytest.importorskip("onnxruntime", reason="policies are run by onnxruntime (extra serve)")
    assert "kg_value" in (AGENTS / "wild" / "parameters.toml").read_text(encoding="utf-8")
    assert load_agent(AGENTS / "wild").kind == "learned"


def test_an_agents_fingerprint_is_that_of_results_of_before() -> None:
    assert load_agent("default").fingerprint == "a7c1e12b6a505b9d"
    assert with_old_names("FixedParameters", repr(FixedParameters())).count("kg_value=0.0") == 1


def test_a_recording_of_before(tmp_path: Path) -> None:
    baseline = asdict(FixedParameters(value_multiplier=1.5))
    old = {"kg_value" if key == "value_multiplier" else key: v for key, v in baseline.items()}
    about = {
        **dict.fromkeys(("world_sha256", "cube_sha256"), None),
        **{"world": "demo", "seed_of_world": 1, "days": 0, "preset": "train"},
        **{"forecast": "weekly", "baseline": old},
    }
    text = json.dumps({**about, "format": FORMAT, "parts": list(PARTS), "digests": ["one"]})
    none = np.zeros((0, 2))
    np.savez(tmp_path / "old.npz", about=np.array(text), actions=none, rewards=none, parts=none)
    assert Recording.load(tmp_path / "old.npz").about == {**about, "baseline": baseline}


def test_the_problem_of_a_run_of_before() -> None:
    baseline = {**asdict(FixedParameters()), "kg_value": 1.5}
    del baseline["value_multiplier"]
    told = {"world": {"name": read_world_class("demo").name}, "baseline": baseline}
    assert problem_of(told).baseline == FixedParameters(value_multiplier=1.5)


OLD: dict[str, Any] = {
    "tank_features": ("spread", "lasts_90", "pace_90", "coming"),
    "network_features": ("short", "low"),
}
NEW: dict[str, Any] = {
    "tank_features": ("spread", "full_cover_q90", "daily_fill_rate_q90", "in_transit"),
    "network_features": ("low_cover_share", "at_hit_share"),
}


def test_features_of_an_old_recipe(tmp_path: Path) -> None:
    assert ActorRecipe(**OLD) == ActorRecipe(**NEW)
    path = tmp_path / "old.toml"
    path.write_text('[actor]\ntank_features = ["pace_90"]\nnetwork_features = ["short"]\n')
    found = Recipe.from_file(path).actor
    assert found.tank_features == ("daily_fill_rate_q90",)
    assert found.network_features == ("low_cover_share",)
    with pytest.raises(InputError, match="each name once"):
        ActorRecipe(tank_features=("pace_90", "daily_fill_rate_q90"))


def test_linear_weights_by_old_names() -> None:
    f, g = len(TANK_FEATURES), len(NETWORK_FEATURES)
    stats = FeatureStats(np.zeros(f), np.ones(f), np.zeros(g), np.ones(g))
    one, other = (
        LinearSubspace.named(each["tank_features"], each["network_features"], ("x",), stats)
        for each in (OLD, NEW)
    )
    assert one.tank.tolist() == other.tank.tolist()
    assert one.network.tolist() == other.network.tolist()


def test_the_features_of_a_run_of_before() -> None:
    back = {new: old for kind in NEW for old, new in ALIASES[kind].items()}
    told = {part: [back.get(n, n) for n in names] for part, names in library_columns().items()}
    assert told["tanks"] != library_columns()["tanks"]
    assert run_columns({"features": told}) == library_columns()
    assert run_columns({}) == library_columns()


def test_a_policy_of_before_names_features_by_their_old_names() -> None:
    pytest.importorskip("onnxruntime", reason="policies are run by onnxruntime (extra serve)")
    content = (AGENTS / "wild" / "policy.onnx").read_bytes()
    assert b'"name": "pace_90"' in content
    reads = PolicyFile.read(content).reads
    assert (reads.tank_features, reads.network_features) == (TANK_FEATURES, NETWORK_FEATURES)
