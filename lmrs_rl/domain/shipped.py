"""Finds the content that ships with the library: in a wheel beside the code, in a checkout at
its root.
"""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from typing import Literal

from lmrs_rl.domain import InputError


def shipped_folder(folder: Literal["envs", "agents"]) -> Path:
    """Where the shipped environments or agents lie.

    Raises
    ------
    InputError
        Where neither an installed copy nor a checkout has the folder.
    """
    package = Path(str(files("lmrs_rl")))
    for candidate in (package / "_data" / folder, package.parent / folder):
        if (candidate / "README.md").is_file():
            return candidate
    raise InputError(
        folder,
        "no such folder beside the library",
        "a wheel or a checkout that carries it",
        "install lmrs-rl again",
    )


def shipped_worlds() -> tuple[str, ...]:
    """Names of the generated worlds that ship, in alphabetical order."""
    return tuple(sorted(path.stem for path in shipped_folder("envs").glob("*.toml")))


def real_worlds() -> tuple[str, ...]:
    """Names of the worlds that stand on data of the user's, in alphabetical order."""
    return tuple(sorted(path.stem for path in (shipped_folder("envs") / "real").glob("*.toml")))


def shipped_world(name: str) -> Path:
    """The TOML file of a shipped world, of one on real ground too; `InputError` with the list of
    names for an unknown one.
    """
    if name not in (*shipped_worlds(), *real_worlds()):
        raise InputError(
            "world",
            repr(name),
            f"one of {', '.join(shipped_worlds())}",
            "choose a shipped world or give the path of a .toml file",
        )
    folder = shipped_folder("envs")
    return (folder if name in shipped_worlds() else folder / "real") / f"{name}.toml"
