"""Finds the real data that worlds stand on, in the folder given or below it, so that one folder
serves several kinds.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from pathlib import Path

from lmrs_rl.domain import InputError

LPG_FILE = "lpg_tanks.csv"
NETWORK_FILE, SNAPSHOT_FILE = "network.json", "snapshot.json"
INSTANCE = "IRP_Roadef_Challenge_Instance"
"""Root of an instance's XML; plans of the challenge are XML too."""
BELOW = ("*", "*/*")
"""How far below the folder is looked."""


def ground_folder(kind: str, data: Path | str) -> Path:
    """The folder with the data of a kind of ground: ``data`` itself, or the one at most two floors
    below it that has them.

    ``data`` where there is none: the reader says what is missing.

    Raises
    ------
    InputError
        For several such folders.
    """
    has, given = HAS[kind], Path(data)
    if has(given):
        return given
    found = [
        folder
        for pattern in BELOW
        for folder in sorted(given.glob(pattern))
        if folder.is_dir() and has(folder)
    ]
    if len(found) > 1:
        raise InputError(
            "data",
            ", ".join(map(str, found)),
            f"one folder with data for {kind!r}",
            "name the one to use",
        )
    return found[0] if found else given


def _has_series(folder: Path) -> bool:
    return (folder / LPG_FILE).is_file()


def _has_instances(folder: Path) -> bool:
    """Told by the first of its XML files."""
    return any(_root(path) == INSTANCE for path in sorted(folder.glob("*.xml"))[:1])


def _has_network(folder: Path) -> bool:
    return all((folder / name).is_file() for name in (NETWORK_FILE, SNAPSHOT_FILE))


def _root(path: Path) -> str | None:
    try:
        return next(str(element.tag) for _, element in ET.iterparse(path, events=("start",)))
    except (OSError, ET.ParseError, StopIteration):
        return None


HAS = {"air-liquide": _has_instances, "lpg-tanks": _has_series, "network": _has_network}
"""Whether a folder has the data of each kind of ground."""
