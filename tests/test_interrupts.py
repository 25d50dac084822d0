"""Ctrl-C at any moment of the command line is one line and 130; where it strikes is laid down,
not left to a clock.
"""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from lmrs_rl.interrupts import MESSAGE

AT_IMPORT = """
import signal, sys

class Strike:
    def find_spec(self, name, path=None, target=None):
        if name == {name!r}:
            sys.meta_path.remove(self)
            signal.raise_signal(signal.SIGINT)

sys.meta_path.insert(0, Strike())
"""
GUARDED = """
import signal, sys, time
from lmrs_rl.interrupts import run_guarded

def strike():
    signal.raise_signal(signal.SIGINT)
    for _ in range(1000):
        pass

def work():
{work}
    return 0

sys.exit(run_guarded(lambda: work))
"""


def told(*arguments: str, folder: Path) -> tuple[int, str, str]:
    """Exit code, stdout and stderr of Python where ``folder`` is looked into first."""
    done = subprocess.run(
        [sys.executable, *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        env={"PYTHONPATH": str(folder), "PATH": ""},
    )
    return done.returncode, done.stdout, done.stderr


@pytest.mark.parametrize("name", ["lmrs_rl.cli", "numpy", "numba", "typer", "lmrs_rl.cli.world"])
def test_an_interrupt_while_modules_are_imported_is_one_line(name: str, tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(AT_IMPORT.format(name=name))
    assert told("-m", "lmrs_rl", "world", "--help", folder=tmp_path) == (130, "", MESSAGE)


def test_an_interrupt_while_the_learning_part_is_imported_is_one_line(tmp_path: Path) -> None:
    pytest.importorskip("torch")
    (tmp_path / "sitecustomize.py").write_text(AT_IMPORT.format(name="torch"))
    assert told(
        "-m", "lmrs_rl", "train", "missing.toml", "--output", str(tmp_path / "run"), folder=tmp_path
    ) == (130, "", MESSAGE)
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    "work",
    [
        "    strike()",
        # Broken off half-made, and complaining of it.
        "    class Half:\n        def __init__(self): strike(); self.whole = True\n        def "
        "__del__(self): self.whole\n    Half()",
        # Python cannot pass on what is raised in __del__: the interrupt must come again.
        "    class Last:\n        def __del__(self): strike()\n    Last()\n    time.sleep(30)",
        # Another error on the way out.
        "    try: strike()\n    finally: raise ValueError",
        # A second one while the first is cleaned up after.
        "    try: strike()\n    finally: strike(); print('clean')",
        # In a text that is executed, of which Python keeps a mark.
        "    exec('strike()', {'strike': strike})",
        # Swallowed.
        "    try: strike()\n    except BaseException: pass",
    ],
)
def test_wherever_an_interrupt_strikes_it_is_one_line(work: str, tmp_path: Path) -> None:
    began = time.monotonic()
    # A module, as a script would lose Python's mark of an interrupted text by itself.
    (tmp_path / "guarded.py").write_text(GUARDED.format(work=work))
    code, shown, error = told("-m", "guarded", folder=tmp_path)
    assert (code, error) == (130, MESSAGE)
    assert shown == ("clean\n" if "clean" in work else "")
    assert time.monotonic() - began < 20


def test_without_an_interrupt_answers_and_errors_pass(tmp_path: Path) -> None:
    for work, code, error in (
        ("    return 3", 3, ""),
        ("    raise ValueError('loud')", 1, "ValueError: loud\n"),
    ):
        (tmp_path / "guarded.py").write_text(GUARDED.format(work=work))
        found = told("-m", "guarded", folder=tmp_path)
        assert found[0] == code
        assert found[2].endswith(error)


def test_the_end_of_the_process_hears_no_interrupt(tmp_path: Path) -> None:
    (tmp_path / "guarded.py").write_text(
        GUARDED.format(work="    import atexit\n    atexit.register(strike)")
    )
    assert told("-m", "guarded", folder=tmp_path) == (0, "", "")


def test_the_library_itself_is_light(tmp_path: Path) -> None:
    script = (
        "import sys, lmrs_rl.__main__; "
        "print([m for m in ('numpy', 'typer', 'pydantic', 'ortools') if m in sys.modules])"
    )
    assert told("-c", script, folder=tmp_path)[1] == "[]\n"


@pytest.mark.heavy
def test_helpers_end_with_an_interrupted_evaluation(tmp_path: Path) -> None:
    (tmp_path / "wee.toml").write_text(
        "[size]\ntanks = [6, 8]\nn_max = 8\n[episode]\ndays = 300\nwarmup_days = 1\nhistory_days "
        "= 56\n"
    )
    command = [
        "evaluate",
        "--worlds",
        str(tmp_path / "wee.toml"),
        "--seeds",
        "2",
        "--jobs",
        "2",
        "--output",
        str(tmp_path / "out"),
    ]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen([sys.executable, "-m", "lmrs_rl", *command], **pipes) as run:  # type: ignore[call-overload]
        assert run.stdout.readline() == "run 0/4 done\n"
        time.sleep(0.5)  # helpers have started, or are about to: both must do
        run.send_signal(signal.SIGINT)
        # Helpers hold the pipes, too: the end of both is theirs.
        _, error = run.communicate(timeout=60)
    assert (run.returncode, error) == (130, MESSAGE)


@pytest.mark.heavy
def test_helpers_end_with_an_interrupted_training_which_goes_on_as_if_nothing_had_been(
    tmp_path: Path,
) -> None:
    pytest.importorskip("stable_baselines3")
    from lmrs_rl.learning.checkpoint import GENERATIONS, PROGRESS, read_rows, read_weights
    from lmrs_rl.learning.recipe import Recipe
    from lmrs_rl.learning.training import train

    recipe, run = Path(__file__).resolve().parents[1] / "training" / "smoke.toml", tmp_path / "run"
    command = [
        sys.executable,
        "-m",
        "lmrs_rl",
        "train",
        str(recipe),
        "--output",
        str(run),
        "--jobs",
        "2",
    ]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as training:
        assert training.stdout is not None
        assert any("generation 1" in line for line in training.stdout)
        training.send_signal(signal.SIGINT)
        # Helpers hold the pipes, too: the end of both is theirs.
        _, error = training.communicate(timeout=60)
    assert (training.returncode, error) == (130, MESSAGE)
    assert 1 <= len(read_rows(run / GENERATIONS)) < 5
    assert not [each.name for each in run.iterdir() if each.name.endswith(".tmp")]
    for folder in (run, tmp_path / "whole"):
        train(Recipe.from_file(recipe), folder, 1, lambda _: None)
    for which in ("latest", "best"):
        whole = read_weights(tmp_path / "whole", which)
        assert all((each == whole[name]).all() for name, each in read_weights(run, which).items())
    assert [row["days"] for row in read_rows(run / PROGRESS)] == [
        row["days"] for row in read_rows(tmp_path / "whole" / PROGRESS)
    ]
