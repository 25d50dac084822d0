"""What is written of an agent's choice: each kind of agent tells what it has to tell."""

from __future__ import annotations

import csv
import json
import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import lmrs_rl
from lmrs_rl.dispatchers import Agent
from lmrs_rl.domain import Costs, Plan
from lmrs_rl.lookahead import planner_of
from lmrs_rl.planning.choice import (
    ChosenParameters,
    _reason,
    explain_choice,
    require_date,
    write_choice,
)
from lmrs_rl.simulation import Decision, DecisionState, World

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


def rows_of(folder: Path) -> list[dict[str, str]]:
    with (folder / "parameters.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_a_learned_agent_tells_what_it_started_from_what_it_saw_and_why(
    tmp_path: Path, world: World
) -> None:
    state = world.start()
    # A level far over the capacity of the second tank is no number that a policy should judge by.
    level = state.snapshot.level_kg.copy()
    level[1] = 10 * state.network.tanks.capacity_kg[1]
    state = replace(state, snapshot=replace(state.snapshot, level_kg=level))
    chosen = chosen_by(lmrs_rl.load_agent("universal"), world, state)
    found = written(tmp_path / "out", chosen, state)
    assert chosen.choice is not None
    assert (found["format"], found["agent"]) == ("lmrs-parameters/1", "universal")
    assert (found["date"], found["time_min"]) == (str(state.date), state.snapshot.time_min)
    names = [each.name for each in chosen.choice.reads.network_features]
    assert list(found["network"]) == names
    assert found["network"]["tanks"] == state.network.n_tanks
    tank, broken = found["tanks"][0], found["tanks"][1]
    assert tank["baseline"]["z"] == float(chosen.choice.base.z[0])
    assert list(tank["answer"]) == list(chosen.choice.reads.action_names)
    assert list(tank["answer"].values()) == [float(each) for each in chosen.choice.u[0]]
    # A tank without sound numbers keeps the baseline's, and the reason is told.
    assert tank["fallback"] is chosen.fallback(0) is None
    assert broken["fallback"] == chosen.fallback(1) == chosen.fallbacks[0].why
    assert broken["parameters"] == broken["baseline"]
    assert [each.tank for each in chosen.fallbacks] == [1]
    # Five reasons in JSON, three in a table, the strongest first.
    assert [each["feature"] for each in tank["reasons"]] == [
        each.feature.name for each in chosen.reasons(0, 5)
    ]
    assert len(tank["reasons"]) == 5
    assert [each["feature"] for each in found["network_reasons"]] == [
        each.feature.name for each in chosen.shared_reasons(5)
    ]
    assert found["network_reasons"]
    first, second = rows_of(tmp_path / "out")[:2]
    assert [first[f"reason_{k}"] for k in (1, 2, 3)] == [each.text for each in chosen.reasons(0, 3)]
    assert "reason_4" not in first
    assert float(first["baseline_z"]) == tank["baseline"]["z"]
    assert (first["fallback"], second["fallback"]) == ("", broken["fallback"])


def test_what_is_endless_is_null_in_json(tmp_path: Path, world: World) -> None:
    # A tank that uses nothing has endless cover.
    state = world.start()
    chosen = chosen_by(lmrs_rl.load_agent("universal"), world, state)
    assert chosen.why is not None
    reason = chosen.reasons(0, 1)[0]
    endless = replace(reason, value=math.inf, usual=2.0)
    assert _reason(endless) == {
        "feature": reason.feature.name,
        "value": None,
        "usual": 2.0,
        "unit": reason.feature.unit,
        "moves": reason.moves,
    }


def test_rows_of_a_look_ahead_have_its_base_and_the_candidate_that_won(
    tmp_path: Path, world: World
) -> None:
    for name, text in (("ahead", SMALL_AHEAD), ("mine", "z = 0.8\n")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "parameters.toml").write_text(text)
    state = world.start()
    agent = lmrs_rl.load_agent(str(tmp_path / "ahead"))
    assert agent.base is not None
    own = chosen_by(agent.base, world, state).parameters
    # The decision of another candidate, and one that does not say of which: the base's own.
    made = Decision(replace(own, z=own.z / 2), (), Plan(0, (), (), Costs(0, 0, 0, 0)), "half")
    for decision, candidate in ((made, "half"), (replace(made, candidate=None), "base")):
        chosen = explain_choice(agent, state, decision)
        found = written(tmp_path / f"out-{candidate}", chosen, state)
        assert (found["agent"], found["look_ahead"]["candidate"]) == ("ahead", candidate)
        row = rows_of(tmp_path / f"out-{candidate}")[0]
        assert (float(row["z"]), float(row["base_z"])) == pytest.approx((0.4, 0.8))
        assert row["candidate"] == candidate
        assert found["tanks"][0]["base"]["z"] == pytest.approx(0.8)
    assert chosen.reasons(0) == chosen.shared_reasons() == ()
    assert chosen.fallbacks == ()


def test_a_look_ahead_with_a_learned_base_needs_the_date_too() -> None:
    ahead = lmrs_rl.load_agent("universal-lookahead")
    assert (ahead.kind, ahead.base is not None and ahead.base.kind) == ("lookahead", "learned")
    require_date(ahead, np.datetime64("2025-03-31"))
    require_date(lmrs_rl.load_agent("lookahead"), None)
    with pytest.raises(lmrs_rl.InputError, match="date: got nothing"):
        require_date(ahead, None)
