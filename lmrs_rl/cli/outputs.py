"""Checks of output paths before the work starts, so that no long run ends in an unwritable path."""

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
    option : name in errors, such as "--output"
    path : file to write, ``None`` for no file
    ending : required ending of its name
    inputs : files that it must not overwrite

    Raises
    ------
    InputError
        For a folder, a parent folder that is missing or cannot be written to, another ending, an
        input.
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
    """Refuse a path at which no folder can be created or written to; nothing is created yet.

    Parameters
    ----------
    option : name in errors, such as "--output"
    path : folder to write, ``None`` for no folder
    empty : whether a folder that holds something is refused, too

    Raises
    ------
    InputError
        For a file, a path through a file, a folder that cannot be written to or is not empty.
    """
    if path is None:
        return
    if str(path) == ".":
        path = path.resolve()
    # The folder and its parents may be new: what has to be writable is the nearest one there is.
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
    """Refuse two outputs at the same path.

    Parameters
    ----------
    paths : by the names of their options, underscores for hyphens

    Raises
    ------
    InputError
        For two equal paths.
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
    # Files are replaced by renaming: that takes both rights on the folder, but would overwrite
    # even a file that is protected, so the file is looked at, too.
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
