"""What is written of an agent's choice: each kind of agent tells what it has to tell."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import lmrs_rl
from lmrs_rl.dispatchers import Agent
from lmrs_rl.lookahead import planner_of
from lmrs_rl.planning.choice import ChosenParameters, explain_choice, require_date, write_choice
from lmrs_rl.simulation import DecisionState, World

SMALL_AHEAD = """
kind = "lookahead"
base = "mine"
candidates = 3
seeds = 1
days = 2
paths = 2
"""


@pytest.fixture(scope="module")
def world() -> World:
    return lmrs_rl.open_world("demo", days=1)


def chosen_by(agent: Agent, world: World, state: DecisionState) -> ChosenParameters:
    router = lmrs_rl.RouterSettings.preset("quick")
    planner = planner_of(agent, router, world.cost, np.random.default_rng(0))
    return explain_choice(agent, state, planner(state))


def written(folder: Path, chosen: ChosenParameters, state: DecisionState) -> dict[str, Any]:
    folder.mkdir()
    write_choice(folder, chosen, state.network, state.snapshot)
    found: dict[str, Any] = json.loads((folder / "parameters.json").read_text(encoding="utf-8"))
    return found


def test_fixed_parameters_are_told_without_reasons(tmp_path: Path, world: World) -> None:
    state = world.start()
    chosen = chosen_by(lmrs_rl.load_agent("default"), world, state)
    found = written(tmp_path / "out", chosen, state)
    assert (found["agent"], found["look_ahead"]) == ("default", None)
    assert [each["id"] for each in found["tanks"]] == list(state.network.tanks.ids)
    assert all(set(each) == {"id", "parameters"} for each in found["tanks"])
    assert found["tanks"][3]["parameters"]["z"] == pytest.approx(float(chosen.parameters.z[3]))
    with (tmp_path / "out" / "parameters.csv").open(encoding="utf-8", newline="") as file:
        assert len(list(csv.DictReader(file))) == state.network.n_tanks


def test_a_look_ahead_tells_its_base_and_how_many_plans_it_made(
    tmp_path: Path, world: World
) -> None:
    for name, text in (("ahead", SMALL_AHEAD), ("mine", "z = 0.8\n")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "parameters.toml").write_text(text)
    state = world.start()
    chosen = chosen_by(lmrs_rl.load_agent(str(tmp_path / "ahead")), world, state)
    found = written(tmp_path / "out", chosen, state)
    assert (found["look_ahead"]["base"], found["look_ahead"]["plans"]) == ("mine", 3)
    assert all(set(each) == {"id", "parameters", "base"} for each in found["tanks"])


def test_only_a_learned_agent_needs_the_date() -> None:
    require_date(lmrs_rl.load_agent("default"), None)
    require_date(lmrs_rl.load_agent("universal"), np.datetime64("2025-03-31"))
    with pytest.raises(lmrs_rl.InputError, match="date: got nothing"):
        require_date(lmrs_rl.load_agent("universal"), None)
