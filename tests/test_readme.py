"""What README and guide show is true: commands run, files are read, tables are whole."""

from __future__ import annotations

import re
import shlex
from dataclasses import fields
from importlib.util import find_spec
from pathlib import Path

import pytest

from lmrs_rl.cli import main
from lmrs_rl.dispatchers import FixedParameters
from lmrs_rl.evaluation import Kpis
from lmrs_rl.formats.files import read_network, read_snapshot
from lmrs_rl.referee import RULES, Figures

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
GUIDE = (ROOT / "docs" / "guide.md").read_text(encoding="utf-8")


def blocks(text: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", text, flags=re.DOTALL | re.MULTILINE)


def small(command: str) -> list[str]:
    """The arguments of a command line, cut to one day where it runs over days."""
    name, *arguments = shlex.split(command)
    assert name == "lmrs"
    return (
        [*arguments, "--days", "1"] if arguments[0] in ("simulate", "check", "world") else arguments
    )


def learns(command: str) -> bool:
    """Whether the command needs the extra ``[train]``, or what one that does has made."""
    return shlex.split(command)[1] in ("train", "export") or "runs/agents" in command


@pytest.mark.heavy
def test_the_readmes_commands_run_in_their_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "training").symlink_to(ROOT / "training")
    commands = [line for block in blocks(README, "sh") for line in block.splitlines()]
    assert {shlex.split(command)[1] for command in commands} == {
        "simulate",
        "check",
        "plan",
        "world",
        "evaluate",
        "train",
        "export",
    }
    able = all(
        find_spec(part) is not None
        for part in ("torch", "stable_baselines3", "cmaes", "onnxscript")
    )
    for command in commands:
        if able or not learns(command):
            assert main(small(command)) in ((0, 1) if " check " in command else (0,)), command
            assert capsys.readouterr().err == "", command
    made = {
        "demo",
        "world",
        "plan.json",
        "again",
        "compared",
        "ahead.json",
        "learned.json",
        "why",
    } | ({"smoke", "agents"} if able else set())
    assert {path.name for path in (tmp_path / "runs").iterdir()} == made
    # A morning on which nobody drives would show little.
    assert (
        len((tmp_path / "runs" / "why" / "trips.csv").read_text(encoding="utf-8").splitlines()) > 1
    )


@pytest.mark.heavy
def test_the_readmes_python_runs(capsys: pytest.CaptureFixture[str]) -> None:
    (block,) = blocks(README, "python")
    exec(compile(block, "README.md", "exec"), {})
    assert "truck-" in capsys.readouterr().out


def test_the_readme_names_the_make_targets_that_there_are() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    pages = README + GUIDE + (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    named = set(re.findall(r"\bmake ([a-z]+)", pages)) - {"to"}
    assert {"demo", "test"} <= named
    assert [target for target in named if f"\n{target}:" not in makefile] == []


def test_the_guides_files_are_read(tmp_path: Path) -> None:
    network, snapshot = blocks(GUIDE, "json")
    (tmp_path / "network.json").write_text(network)
    (tmp_path / "snapshot.json").write_text(snapshot)
    found = read_network(tmp_path / "network.json")
    assert read_snapshot(tmp_path / "snapshot.json", found).call_in_orders.customer.tolist() == [1]
    # Monday and Tuesday, as the guide's bakery has it.
    assert found.tanks.access_min[0].tolist() == [[420, 960], [1860, 2400]]


@pytest.mark.parametrize("code", sorted(RULES))
def test_the_guide_has_every_code_in_the_referees_words(code: str) -> None:
    assert f"| {code} | {RULES[code]} |" in GUIDE


def test_the_guide_has_every_order_parameter_and_key_figure() -> None:
    names = {field.name for part in (FixedParameters, Figures, Kpis) for field in fields(part)} - {
        "figures",
        "days",
    }
    assert [name for name in sorted(names) if f"`{name}`" not in GUIDE] == []
