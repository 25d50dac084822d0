"""The guide's way from a network of one's own to plans by an agent trained on it, with budgets
of some days.
"""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from lmrs_rl.cli import main

GUIDE = (Path(__file__).resolve().parents[2] / "docs" / "guide.md").read_text(encoding="utf-8")
PAGE = GUIDE[
    GUIDE.index("## How do I train on my own") : GUIDE.index("## How do I forecast from a CSV")
]
SHORT = (
    ("budget_days = 40_000", "budget_days = 8"),
    ("every_days = 40_000", "every_days = 8"),
    ("tanks = [12, 12]", "tanks = [12, 12]\ndays = 2\nwarmup_days = 1"),
    ("pairs = 48", "pairs = 2\nmeasured = 1"),
    ("scenarios = 24", "scenarios = 1"),
)


def block(language: str, k: int = 0) -> str:
    found: list[str] = re.findall(
        rf"^```{language}\n(.*?)^```", PAGE, flags=re.DOTALL | re.MULTILINE
    )
    return found[k]


def quick(command: str) -> list[str]:
    """The arguments of a command line with the least work."""
    command = re.sub(r"--seeds \d+", "--seeds 1 --days 1", command).replace(" --jobs 2", "")
    name, *arguments = shlex.split(command)
    assert name == "lmrs"
    if arguments[0] == "simulate":
        arguments += ["--days", "1"]
    return (
        [*arguments, "--preset", "quick"]
        if arguments[0] in ("evaluate", "plan", "simulate")
        else arguments
    )


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The guide's files, where its commands are run."""
    recipe = block("toml", 1)
    for old, new in SHORT:
        assert old in recipe
        recipe = recipe.replace(old, new)
    (tmp_path / "my_recipe.toml").write_text(recipe, encoding="utf-8")
    world = block("toml", 0)
    (tmp_path / "my_network.toml").write_text(
        world + "days = 2\nwarmup_days = 1\n", encoding="utf-8"
    )
    monkeypatch.chdir(tmp_path)
    assert "`lmrs world demo --output mine`" in PAGE
    assert main(["world", "demo", "--output", "mine"]) == 0
    return tmp_path


def test_a_recipe_on_a_network_of_ones_own_trains(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("stable_baselines3")
    assert main(["train", "my_recipe.toml", "--output", "runs/mine"]) == 0
    assert "8/8 days, 0 h 00 min left; validation: cost " in capsys.readouterr().out
    assert (folder / "runs/mine/weights.npz").is_file()


@pytest.mark.heavy
def test_the_guides_commands_run_in_their_order(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for module in ("stable_baselines3", "onnxscript"):
        pytest.importorskip(module)
    for command in block("sh").splitlines():
        assert main(quick(command)) == 0, command
        assert capsys.readouterr().err == "", command
    assert (folder / "agents/mine/policy.onnx").is_file()
    assert (folder / "runs/judged/report.html").is_file()
    assert (folder / "plan.json").is_file()


def test_a_recipe_with_too_few_places_says_where_to_raise_them(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("stable_baselines3")
    recipe = (folder / "my_recipe.toml").read_text(encoding="utf-8").replace("[12, 12]", "[4, 8]")
    (folder / "my_recipe.toml").write_text(recipe, encoding="utf-8")
    assert main(["train", "my_recipe.toml", "--output", "runs/mine"]) == 2
    told = capsys.readouterr().err
    assert "size.n_max: got 8; wanted at least 12" in told
    assert "world.tanks" in told
