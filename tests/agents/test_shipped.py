"""Learned agents that ship: small, exact, told of, and without a pickle."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("onnxruntime", reason="policies are run by onnxruntime (extra serve)")

from lmrs_rl.dispatchers import load_agent, shipped_agents
from lmrs_rl.dispatchers.learned import LearnedParameters
from lmrs_rl.dispatchers.learned_file import PolicyFile
from lmrs_rl.dispatchers.policy.schema import INPUTS, OUTPUTS
from lmrs_rl.domain.shipped import shipped_folder

LEARNED = [name for name in shipped_agents() if load_agent(name).kind == "learned"]


def folder(name: str) -> Path:
    """Of a shipped agent."""
    return shipped_folder("agents") / name


def test_a_universal_agent_ships() -> None:
    assert "universal" in LEARNED


@pytest.mark.parametrize("name", LEARNED)
def test_golden_inputs_give_golden_outputs(name: str) -> None:
    policy = PolicyFile.read((folder(name) / "policy.onnx").read_bytes())
    with np.load(folder(name) / "golden.npz", allow_pickle=False) as golden:
        found = policy({each: golden[f"in_{each}"] for each in INPUTS})
        for each in OUTPUTS:
            assert found[each] == pytest.approx(golden[f"out_{each}"], rel=1e-5, abs=1e-5), each
        assert np.abs(golden["out_u"]).max() > 0.05  # not just the baseline


@pytest.mark.parametrize("name", LEARNED)
def test_files_are_small_and_of_the_kinds_that_are_told(name: str) -> None:
    sizes = {path.name: path.stat().st_size for path in folder(name).iterdir()}
    assert set(sizes) == {"policy.onnx", "parameters.toml", "weights.npz", "golden.npz", "card.md"}
    assert max(sizes.values()) < 5_000_000


@pytest.mark.parametrize("name", LEARNED)
def test_it_changes_the_extended_baseline_and_says_where_it_comes_from(name: str) -> None:
    parameters, extended = load_agent(name).parameters, load_agent("extended").parameters
    assert isinstance(parameters, LearnedParameters)
    assert parameters.baseline == extended
    about = PolicyFile.read(parameters.policy).about
    assert about["training_seeds"]
    assert len(about["commit"]) == 40
    assert about["environment"].startswith("lmrs/")


@pytest.mark.parametrize("name", LEARNED)
def test_the_card_tells_what_it_is_how_it_came_its_results_and_its_limits(name: str) -> None:
    card = (folder(name) / "card.md").read_text(encoding="utf-8")
    assert all(
        f"## {head}\n" in card
        for head in ("What", "How its numbers came", "Results", "Limits", "Facts")
    )
