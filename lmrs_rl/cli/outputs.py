"""Where results go, looked at before the work: a path that cannot be written costs nobody an
hour.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from lmrs_rl.domain import InputError


def check_file(
    option: str, path: Path | None, ending: str = "", inputs: Sequence[Path | None] = ()
) -> None:
    """Refuse a path that no file can be written to.

    Parameters
    ----------
    option : named in errors, such as "--output"
    path : of the file to be, ``None`` where none is asked for
    ending : that its name must have
    inputs : files that it must not take the place of

    Raises
    ------
    InputError
        For a folder, a folder that is missing or must not be written to, another ending, an input.
    """
    if path is None:
        return
    if path.is_dir():
        raise InputError(
            option, f"{_named(path)}, which is a folder", "a file", "add the name of a file"
        )
    if ending and path.suffix.lower() != ending:
        raise InputError(option, path, f"a file whose name ends in {ending}", "add the ending")
    if not path.parent.is_dir():
        raise InputError(
            option,
            path,
            "a file in a folder that is there",
            f"make the folder {path.parent} first, or name another",
        )
    if any(each is not None and each.resolve() == path.resolve() for each in inputs):
        raise InputError(
            option, f"{path}, which this command reads", "another file", "name another"
        )
    _check_writable(option, path, path.parent)


def check_folder(option: str, path: Path | None, *, empty: bool = False) -> None:
    """Refuse a path that no folder can be made at or written to; with ``empty`` one that holds
    something, too. Nothing is made yet.

    Raises
    ------
    InputError
        For a file, a way that leads through a file, a folder that must not be written to, one that
        should be empty and is not.
    """
    if path is None:
        return
    if str(path) == ".":
        path = path.resolve()
    there = next(each for each in (path, *path.absolute().parents) if each.exists())
    if not there.is_dir():
        raise InputError(
            option,
            f"{path}, but {there} is a file",
            "a folder, new or there already",
            "name another",
        )
    _check_writable(option, path, there)
    if empty and there == path and any(path.iterdir()):
        raise InputError(
            option,
            f"{path}, which holds something already",
            "a new folder, or an empty one",
            "name another, or empty this one",
        )


def check_apart(**paths: Path | None) -> None:
    """Refuse two outputs at one path (`InputError`); ``paths`` by the names of their options,
    without dashes.
    """
    found: dict[Path, str] = {}
    for name, path in paths.items():
        if path is None:
            continue
        option = f"--{name.replace('_', '-')}"
        if path.resolve() in found:
            raise InputError(
                option, f"{path}, as {found[path.resolve()]}", "a path of its own", "name another"
            )
        found[path.resolve()] = option


def _check_writable(option: str, path: Path, folder: Path) -> None:
    if not os.access(folder, os.W_OK | os.X_OK) or (
        path.is_file() and not os.access(path, os.W_OK)
    ):
        raise InputError(
            option,
            f"{path}, where this user may not write",
            "a path that may be written to",
            "change permissions, or name another",
        )


def _named(path: Path) -> str:
    return "'' or '.'" if str(path) == "." else str(path)
