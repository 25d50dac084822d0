"""``lmrs export``: what is refused; what it writes is looked at by the tests of export itself."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import pytest

from lmrs_rl.cli import main
from lmrs_rl.dispatchers import load_agent
from lmrs_rl.dispatchers.learned_file import PolicyFile


def test_without_the_extra_it_says_what_to_install(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    for name in [name for name in sys.modules if name.startswith("lmrs_rl.learning")]:
        monkeypatch.delitem(sys.modules, name)
    assert main(["export", str(tmp_path), "--output", str(tmp_path / "mine")]) == 2
    assert "lmrs-rl[train]" in capsys.readouterr().err


def test_a_folder_without_a_run_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("torch", reason="export needs torch (extra train)")
    assert main(["export", str(tmp_path), "--output", str(tmp_path / "mine")]) == 2
    assert "recipe.json" in capsys.readouterr().err
    assert not (tmp_path / "mine").exists()


@pytest.mark.parametrize("text", ["not json", "[1, 2]"])
def test_scores_must_be_an_object(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str
) -> None:
    pytest.importorskip("torch", reason="export needs torch (extra train)")
    (tmp_path / "scores.json").write_text(text)
    assert (
        main(
            [
                "export",
                str(tmp_path),
                "--output",
                str(tmp_path / "mine"),
                "--scores",
                str(tmp_path / "scores.json"),
            ]
        )
        == 2
    )
    assert "figures by name" in capsys.readouterr().err


def test_a_card_that_is_no_text_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("torch", reason="export needs torch (extra train)")
    (tmp_path / "card.md").write_bytes(b"\xff\xfe")
    assert (
        main(
            [
                "export",
                str(tmp_path),
                "--output",
                str(tmp_path / "mine"),
                "--card",
                str(tmp_path / "card.md"),
            ]
        )
        == 2
    )
    assert "not UTF-8" in capsys.readouterr().err


@pytest.mark.heavy
def test_a_run_becomes_an_agent_that_loads(tmp_path: Path) -> None:
    pytest.importorskip("torch", reason="export needs torch (extra train)")
    pytest.importorskip("onnxscript", reason="export needs onnx and onnxscript (extra train)")
    from lmrs_rl.learning.checkpoint import Checkpoint
    from lmrs_rl.learning.recipe import Recipe, WorldSettings
    from tests.learning.test_export import drawn

    recipe = Recipe(seed=7, world=WorldSettings(name="demo", tanks=(6, 6), days=2, warmup_days=1))
    weights = {name: value.numpy() for name, value in drawn("linear").state_dict().items()}
    run = Checkpoint(tmp_path / "run", recipe)
    run.write_weights({name: 0 * value for name, value in weights.items()}, weights)
    run.append("validation.jsonl", {"days": 10, "cost": -0.02})
    run.append("validation.jsonl", {"days": 20, "cost": -0.01})
    (tmp_path / "card.md").write_text("## What\n\nOf a test.\n")
    assert (
        main(
            [
                "export",
                str(tmp_path / "run"),
                "--output",
                str(tmp_path / "mine"),
                "--card",
                str(tmp_path / "card.md"),
            ]
        )
        == 0
    )
    assert load_agent(tmp_path / "mine").kind == "learned"
    about = PolicyFile.read((tmp_path / "mine" / "policy.onnx").read_bytes()).about
    assert (about["training_seeds"], about["environment"], about["scores"]) == (
        [7],
        "lmrs/Demo-v0",
        {"validation": {"days": 10, "cost": -0.02}},
    )
    with np.load(tmp_path / "mine" / "weights.npz") as kept:
        assert {name: kept[name].tolist() for name in kept.files} == {
            name: value.tolist() for name, value in weights.items()
        }
    card = (tmp_path / "mine" / "card.md").read_text()
    assert "Of a test." in card
    assert "| score: validation cost | -0.02 |" in card


def test_weights_for_other_features_are_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("torch", reason="export needs torch (extra train)")
    from lmrs_rl.learning.checkpoint import ABOUT, Checkpoint
    from lmrs_rl.learning.recipe import Recipe

    Checkpoint(tmp_path / "run", Recipe())
    path = tmp_path / "run" / ABOUT
    told = json.loads(path.read_text())
    told["features"]["network"][0] = "moon"
    path.write_text(json.dumps(told))
    assert main(["export", str(tmp_path / "run"), "--output", str(tmp_path / "mine")]) == 2
    assert "features.network" in capsys.readouterr().err
