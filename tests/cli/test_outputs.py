"""Where results go is looked at before the work: one line that names the option, and nothing is
made.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from lmrs_rl.cli import main
from lmrs_rl.cli.outputs import check_apart, check_file, check_folder
from lmrs_rl.domain import InputError
from lmrs_rl.domain.files import write_text_atomically


@pytest.fixture
def there(tmp_path: Path) -> Path:
    """A folder with a file, ``full/f.txt``, and an empty folder, ``void``."""
    (tmp_path / "full").mkdir()
    (tmp_path / "void").mkdir()
    (tmp_path / "full" / "f.txt").write_text("f")
    return tmp_path


def never(*_: object, **__: object) -> None:
    raise AssertionError("the work began")


COMMANDS: dict[str, tuple[str, list[str]]] = {
    "plan": ("lmrs_rl.cli.plan.read_network", ["plan", "n.json", "s.json", "--output"]),
    "plan, map": ("lmrs_rl.cli.plan.read_network", ["plan", "n.json", "s.json", "--map"]),
    "plan, explained": (
        "lmrs_rl.cli.plan.read_network",
        ["plan", "n.json", "s.json", "--explain-output"],
    ),
    "simulate": ("lmrs_rl.cli.simulate.open_source", ["simulate", "demo", "--output"]),
    "world": ("lmrs_rl.cli.world.open_source", ["world", "demo", "--output"]),
    "evaluate": ("lmrs_rl.cli.evaluate.make_grid", ["evaluate", "--output"]),
    "export": ("lmrs_rl.cli.export.leaving_at_once", ["export", "run", "--output"]),
    "train": ("lmrs_rl.cli.train.leaving_at_once", ["train", "r.toml", "--output"]),
    "backtest": (
        "lmrs_rl.cli.forecast._read",
        ["forecast", "backtest", "d.csv", "--model", "naive", "--output"],
    ),
    "fit": ("lmrs_rl.cli.forecast._read", ["forecast", "fit", "d.csv", "--output"]),
    "predict": (
        "lmrs_rl.cli.forecast.read_artefact",
        ["forecast", "predict", "fitted", "d.csv", "--output"],
    ),
}


@pytest.mark.parametrize("command", COMMANDS)
def test_every_output_is_looked_at_before_the_work(
    command: str, there: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    work, arguments = COMMANDS[command]
    monkeypatch.setattr(work, never)
    assert main([*arguments, str(there / "full" / "f.txt" / "below.png")]) == 2
    told = capsys.readouterr().err
    assert told.startswith(f"lmrs: {arguments[-1]}: got {there / 'full' / 'f.txt'}")
    assert told.count("\n") == 1


def test_a_file_needs_a_folder_that_is_there_and_a_name_of_its_own(there: Path) -> None:
    for path, told in (
        (there / "void", "is a folder"),
        (Path(), "'' or '.', which is a folder"),
        (there / "missing" / "p.json", f"make the folder {there / 'missing'} first"),
        (there / "full" / "f.txt" / "p.json", "a folder that is there"),
        (there / "full" / ".." / "full" / "f.txt", "which this command reads"),
    ):
        with pytest.raises(InputError, match=r"^--output: ") as error:
            check_file("--output", path, inputs=(None, there / "full" / "f.txt"))
        assert told in str(error.value)
    check_file("--output", there / "void" / "p.json")
    check_file("--output", there / "full" / "f.txt")  # takes its place
    check_file("--output", None)


def test_a_picture_is_a_png(there: Path) -> None:
    with pytest.raises(InputError, match=r"ends in \.png"):
        check_file("--map", there / "map.pdf", ".png")
    check_file("--map", there / "map.PNG", ".png")


def test_a_folder_may_be_new_or_there(there: Path) -> None:
    for path in (there / "full" / "f.txt", there / "full" / "f.txt" / "deeper" / "still"):
        with pytest.raises(InputError, match=r"f\.txt is a file"):
            check_folder("--output", path)
    for path in (there / "new" / "deep", there / "void", there / "full"):
        check_folder("--output", path)
    assert not (there / "new").exists()


def test_a_folder_that_is_to_be_empty_must_be(there: Path) -> None:
    with pytest.raises(InputError, match="holds something already"):
        check_folder("--output", there / "full", empty=True)
    check_folder("--output", there / "void", empty=True)
    check_folder("--output", there / "full" / "new", empty=True)


@pytest.mark.parametrize(
    "check",
    [
        lambda path: check_file("--output", path),
        lambda path: check_folder("--output", path / "deep"),
    ],
)
def test_a_folder_that_must_not_be_written_to_is_refused(
    check: Callable[[Path], None], there: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "access", lambda path, mode: Path(path) != there)
    with pytest.raises(InputError, match="may not write"):
        check(there / "p.json")


def test_two_outputs_need_two_paths(there: Path) -> None:
    with pytest.raises(InputError, match=r"^--explain-output: .*as --output"):
        check_apart(output=there / "a", explain_output=there / "void" / ".." / "a", map=None)
    check_apart(output=there / "a", explain_output=there / "b", map=None)


def test_a_run_does_not_mix_with_another(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = [
        "simulate",
        "demo",
        "--days",
        "1",
        "--preset",
        "train",
        "--output",
        str(tmp_path / "run"),
    ]
    assert main(arguments) == 0
    before = (tmp_path / "run" / "kpis.json").read_bytes()
    capsys.readouterr()
    assert main(arguments) == 2
    told = capsys.readouterr()
    assert "--output" in told.err
    assert "an empty one" in told.err
    assert "day 1" not in told.out
    assert (tmp_path / "run" / "kpis.json").read_bytes() == before


def test_an_error_while_writing_names_the_file_and_no_temporary_one(
    there: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(FileNotFoundError) as missing:
        write_text_atomically(there / "missing" / "p.json", "{}")
    assert missing.value.filename == str(there / "missing" / "p.json")

    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left") as error:
        write_text_atomically(there / "void" / "p.json", "{}")
    assert error.value.filename == str(there / "void" / "p.json")
    assert list((there / "void").iterdir()) == []
