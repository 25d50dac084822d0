"""Find the real data that worlds are built on, in a folder or below it.

So one folder can hold the data of several kinds of ground.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from pathlib import Path

from lmrs_rl.domain import InputError

LPG_FILE = "lpg_tanks.csv"
NETWORK_FILE, SNAPSHOT_FILE = "network.json", "snapshot.json"
_INSTANCE_ROOT = "IRP_Roadef_Challenge_Instance"
"""Tag of the root of an instance; solutions of the challenge are XML files, too."""
_BELOW = ("*", "*/*")
"""Patterns of the folders that are searched."""


def ground_folder(kind: str, data: Path | str) -> Path:
    """The folder with the data of a kind of ground.

    Parameters
    ----------
    kind : "air-liquide", "lpg-tanks" or "network"
    data : the folder itself, or one at most two levels above it

    Returns
    -------
    Path
        ``data`` where no folder has the data: their reader says what is missing.

    Raises
    ------
    InputError
        For several such folders.
    """
    has_data, given = _HAS_DATA[kind], Path(data)
    if has_data(given):
        return given
    found = [
        folder
        for pattern in _BELOW
        for folder in sorted(given.glob(pattern))
        if folder.is_dir() and has_data(folder)
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
    # The first XML file tells: reading all of them would take seconds.
    return any(_root(path) == _INSTANCE_ROOT for path in sorted(folder.glob("*.xml"))[:1])


def _has_network(folder: Path) -> bool:
    return all((folder / name).is_file() for name in (NETWORK_FILE, SNAPSHOT_FILE))


def _root(path: Path) -> str | None:
    """Tag of a file's root, from its beginning alone; ``None`` for what is not XML."""
    try:
        return next(str(element.tag) for _, element in ET.iterparse(path, events=("start",)))
    except (OSError, ET.ParseError, StopIteration):
        return None


_HAS_DATA = {"air-liquide": _has_instances, "lpg-tanks": _has_series, "network": _has_network}
"""Whether a folder has the data, by kind of ground."""
