"""Agents come from folders; what is wrong with one is told."""

from __future__ import annotations

import pickle
import shutil
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from lmrs_rl.dispatchers import (
    FixedDispatcher,
    FixedParameters,
    LearnedDispatcher,
    LearnedParameters,
    PriceDispatcher,
    RandomDispatcher,
    load_agent,
    shipped_agents,
)
from lmrs_rl.dispatchers.lookahead_settings import LookAheadSettings
from lmrs_rl.domain import InputError
from lmrs_rl.domain.shipped import shipped_folder
from lmrs_rl.errors import MissingExtraError

RNG = np.random.default_rng(0)
WILD = Path(__file__).resolve().parents[1] / "agents" / "wild"


def folder(root: Path, name: str, text: str) -> Path:
    (root / name).mkdir()
    (root / name / "parameters.toml").write_text(text)
    return root / name


@pytest.mark.parametrize("name", shipped_agents())
def test_every_shipped_agent_loads_and_has_a_card(name: str) -> None:
    assert load_agent(name).name == name
    card = (shipped_folder("agents") / name / "card.md").read_text(encoding="utf-8")
    assert card.startswith(f"# {name}: ")
    for section in ("## What", "## How its numbers came", "## Limits"):
        assert section in card


def test_the_baselines_ship() -> None:
    assert {"default", "tuned", "extended", "price", "random", "hindsight"} <= set(shipped_agents())


def test_default_is_the_sources_examples() -> None:
    assert load_agent("default").parameters == FixedParameters()


@pytest.mark.parametrize("name", ["default", "tuned"])
def test_the_sources_rules_know_no_value_of_a_kg_and_no_floor(name: str) -> None:
    found = load_agent(name).parameters
    assert isinstance(found, FixedParameters)
    assert (found.value_multiplier, found.q_min_floor) == (0.0, 0.0)


def test_kinds_make_their_dispatchers() -> None:
    assert isinstance(load_agent("default").dispatcher(RNG), FixedDispatcher)
    assert isinstance(load_agent("price").dispatcher(RNG), PriceDispatcher)
    assert isinstance(load_agent("random").dispatcher(RNG), RandomDispatcher)
    assert [name for name in shipped_agents() if load_agent(name).sees_truth] == ["hindsight"]


def test_hindsight_differs_from_extended_in_what_it_sees_alone() -> None:
    assert load_agent("hindsight").parameters == load_agent("extended").parameters


def test_a_folder_of_ones_own_is_read_and_named_after_itself(tmp_path: Path) -> None:
    agent = load_agent(folder(tmp_path, "mine", "z = 0.7\n"))
    assert agent.name == "mine"
    assert agent.parameters == FixedParameters(z=0.7)


def test_other_numbers_have_another_fingerprint(tmp_path: Path) -> None:
    a, b = (
        load_agent(folder(tmp_path, name, f"z = {z}\n")) for name, z in (("a", 0.7), ("b", 0.8))
    )
    assert a.fingerprint != b.fingerprint
    assert a.fingerprint == load_agent(tmp_path / "a").fingerprint


def test_an_unknown_name_is_refused_with_the_list() -> None:
    with pytest.raises(
        InputError, match=r"dispatcher: got 'defualt'; wanted one of default, .*extended.*; check"
    ):
        load_agent("defualt")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("kind = 'magic'\n", "kind: got 'magic'; wanted one of fixed, price"),
        ("zz = 0.5\n", "zz"),
        ("z = 'x'\n", "z: got 'x'; wanted a finite number"),
        ("z = 1.0\n", "quantile"),
        ("kind = 'price'\nurgency = -1.0\n", "urgency"),
        ("kind = 'price'\nalpha = 1.0\n", "alpha"),
        ("kind = 'random'\n", "parameters_of: got None"),
        ("kind = 'random'\nparameters_of = 'nobody'\n", "parameters_of: got 'nobody'"),
        ("kind = 'hindsight'\nparameters_of = 'fine'\nz = 0.5\n", "z: got an unknown key"),
        ("z = \n", "TOML"),
    ],
)
def test_a_bad_file_is_refused(tmp_path: Path, text: str, told: str) -> None:
    folder(tmp_path, "fine", "z = 0.5\n")
    with pytest.raises(InputError) as error:
        load_agent(folder(tmp_path, "bad", text))
    assert told in str(error.value)


def test_a_folder_without_the_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"parameters\.toml"):
        load_agent(tmp_path)


@pytest.fixture
def learned(tmp_path: Path) -> Path:
    """A copy of a learned agent's folder."""
    pytest.importorskip("onnxruntime", reason="policies are run by onnxruntime (extra serve)")
    return Path(shutil.copytree(WILD, tmp_path / "learned"))


def test_a_learned_agent_is_told_apart_by_its_policy(learned: Path) -> None:
    agent = load_agent(learned)
    assert agent.kind == "learned"
    assert isinstance(agent.dispatcher(RNG), LearnedDispatcher)
    assert (
        pickle.loads(pickle.dumps(agent)).fingerprint == agent.fingerprint
    )  # as worker processes get it
    content = (learned / "policy.onnx").read_bytes()
    (learned / "policy.onnx").write_bytes(content.replace(b'{"cost": 1.5}', b'{"cost": 1.6}'))
    assert load_agent(learned).fingerprint != agent.fingerprint


def test_a_learned_agent_may_name_the_agent_whose_numbers_it_changes(learned: Path) -> None:
    numbers = (learned / "parameters.toml").read_text().replace('kind = "learned"\n', "")
    folder(learned.parent, "base", numbers)
    (learned / "parameters.toml").write_text('kind = "learned"\nparameters_of = "base"\n')
    assert isinstance(load_agent(learned).parameters, LearnedParameters)
    (learned.parent / "base" / "parameters.toml").write_text(numbers.replace("z = 0.6", "z = 0.7"))
    with pytest.raises(
        InputError, match="baseline"
    ):  # tuned anew since: not what the policy was trained on
        load_agent(learned)


def test_a_learned_agent_without_its_policy_or_the_runtime_is_refused(
    learned: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    load_agent(learned)
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(MissingExtraError, match=r"onnxruntime.*serve"):
        load_agent(learned)
    (learned / "policy.onnx").unlink()
    with pytest.raises(InputError, match=r"policy\.onnx"):
        load_agent(learned)


LOOKING = "kind = 'lookahead'\nbase = 'fine'\ncandidates = 4\nseeds = 1\nbudget = 8\n"


def test_a_look_ahead_is_its_base_and_its_settings(tmp_path: Path) -> None:
    folder(tmp_path, "fine", "z = 0.5\n")
    folder(tmp_path, "learned", "z = 0.6\n")
    agent = load_agent(folder(tmp_path, "ahead", LOOKING + "proposer = 'learned'\n"))
    assert agent.search == LookAheadSettings(candidates=4, seeds=1, budget=8)
    assert agent.base == load_agent(tmp_path / "fine")
    assert agent.proposer == load_agent(tmp_path / "learned")
    assert not agent.sees_truth
    with pytest.raises(InputError, match="'ahead', a look-ahead"):
        agent.dispatcher(RNG)


def test_other_settings_another_base_or_proposer_have_another_fingerprint(tmp_path: Path) -> None:
    folder(tmp_path, "fine", "z = 0.5\n")
    texts = (LOOKING, LOOKING + "days = 2\n", LOOKING + "proposer = 'fine'\n")
    prints = [
        load_agent(folder(tmp_path, f"a{k}", text)).fingerprint for k, text in enumerate(texts)
    ]
    (tmp_path / "fine" / "parameters.toml").write_text("z = 0.6\n")
    assert len({*prints, load_agent(tmp_path / "a0").fingerprint}) == 4


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("kind = 'lookahead'\n", "base: got None; wanted the name of a folder beside this one"),
        (LOOKING.replace("fine", "bad"), "base: got 'bad'"),
        (LOOKING.replace("fine", "lots"), "base: got 'lots', which is random"),
        (LOOKING + "proposer = 'nobody'\n", "proposer: got 'nobody'"),
        (LOOKING + "z = 0.5\n", "z"),
        (LOOKING.replace("seeds = 1", "seeds = 5"), "seeds: got 5; wanted 1 to 4"),
    ],
)
def test_a_bad_look_ahead_is_refused(tmp_path: Path, text: str, told: str) -> None:
    folder(tmp_path, "fine", "z = 0.5\n")
    folder(tmp_path, "lots", "kind = 'random'\nparameters_of = 'fine'\n")
    with pytest.raises(InputError) as error:
        load_agent(folder(tmp_path, "bad", text))
    assert told in str(error.value)


def test_the_shipped_control_differs_from_the_look_ahead_in_seeds_alone() -> None:
    ahead, control = load_agent("lookahead"), load_agent("lookahead-control")
    assert ahead.search is not None
    assert ahead.search.seeds < ahead.search.candidates
    assert control.search == replace(ahead.search, seeds=ahead.search.candidates)
    assert (
        (control.base, control.proposer)
        == (ahead.base, ahead.proposer)
        == (load_agent("extended"), None)
    )
