"""Fixed parameters with their old names are read, wherever they stand."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest

from lmrs_rl.dispatchers import FixedParameters, load_agent
from lmrs_rl.domain import InputError
from lmrs_rl.domain.aliases import ALIASES, with_new_names, with_old_names
from lmrs_rl.domain.tables import from_table
from lmrs_rl.environment.recording import FORMAT, PARTS, Recording
from lmrs_rl.learning.problem import problem_of
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
