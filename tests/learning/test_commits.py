"""A run's folder tells the commits of the code that trained it, and no others."""

from __future__ import annotations

import json
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

pytest.importorskip("torch", reason="learning needs torch (extra train)")
pytest.importorskip("stable_baselines3")

from lmrs_rl.learning import checkpoint
from lmrs_rl.learning.averaging import average_runs
from lmrs_rl.learning.checkpoint import ABOUT, commits_of, read_json
from lmrs_rl.learning.export_run import export_run
from lmrs_rl.learning.training import train
from tests.learning.test_averaging import a_run
from tests.learning.test_evolution import TINY, quiet


def at(monkeypatch: pytest.MonkeyPatch, commit: str | None) -> None:
    monkeypatch.setattr(checkpoint, "_commit", lambda: commit)


def commits(folder: Path) -> list[str]:
    return commits_of(read_json(folder / ABOUT))


def test_a_run_that_goes_on_with_other_code_tells_both_commits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    at(monkeypatch, "one")
    train(replace(TINY, budget_days=9), tmp_path, 1, quiet)
    assert commits(tmp_path) == ["one"]
    at(monkeypatch, "two")
    train(replace(TINY, budget_days=9), tmp_path, 1, quiet)
    assert commits(tmp_path) == ["one"]  # there was nothing left to learn
    train(replace(TINY, budget_days=18), tmp_path, 1, quiet)
    assert commits(tmp_path) == ["one", "two"]
    at(monkeypatch, "one")
    train(replace(TINY, budget_days=27), tmp_path, 1, quiet)
    assert commits(tmp_path) == ["one", "two"]


def test_an_installed_library_has_no_commit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    at(monkeypatch, None)
    assert commits(a_run(tmp_path / "run", 1, 0.1)) == []
    assert checkpoint_commit(tmp_path) is None


def test_a_mean_tells_all_commits_of_its_runs_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("onnxruntime", reason="policies are run by onnxruntime (extra serve)")
    runs = []
    for seed, commit in enumerate(("one", "two", "one", None)):
        at(monkeypatch, commit)
        runs.append(a_run(tmp_path / str(seed), seed, 0.01))
    # As earlier versions wrote it.
    told = read_json(runs[0] / ABOUT)
    del told["commits"]
    (runs[0] / ABOUT).write_text(json.dumps({**told, "commit": "old"}))
    average_runs(runs, tmp_path / "mean")
    assert commits(tmp_path / "mean") == ["old", "two", "one"]
    export_run(tmp_path / "mean", tmp_path / "agent")
    assert "| commit | old, two, one |" in (tmp_path / "agent" / "card.md").read_text()


checkpoint_commit = checkpoint._commit
"""As it is, whatever tests put in its place."""


def test_a_commit_is_marked_where_what_runs_was_changed_since(tmp_path: Path) -> None:
    def git(*arguments: str) -> str:
        settings = (
            "-c",
            "user.name=test",
            "-c",
            "user.email=test@example.org",
            "-c",
            "commit.gpgsign=false",
        )
        return subprocess.run(
            ["git", *settings, *arguments], cwd=tmp_path, check=True, capture_output=True, text=True
        ).stdout.strip()

    git("init", "-q")
    for name in ("lmrs_rl", "docs"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "a.txt").write_text("a")
    git("add", ".")
    git("commit", "-qm", "first")
    head = git("rev-parse", "HEAD")
    assert checkpoint_commit(tmp_path) == head
    (tmp_path / "docs" / "a.txt").write_text("b")
    assert checkpoint_commit(tmp_path) == head
    (tmp_path / "lmrs_rl" / "new.py").write_text("")
    assert checkpoint_commit(tmp_path) == f"{head}-dirty"
