"""Arguments from users, looked at before anything is done with them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from lmrs_rl.dispatchers import FixedParameters
from lmrs_rl.domain import InputError
from lmrs_rl.domain.arrays import FloatArray
from lmrs_rl.domain.shipped import shipped_folder, shipped_worlds
from lmrs_rl.worlds import WorldClass, read_world_class

BASELINE = "extended"
"""Agent that a zero action stands for."""
READ = "give read_world_class(name, data=folder)"
"""How to get at worlds on real ground."""


def numbers_of(action: object, shape: Sequence[int]) -> FloatArray:
    """``action`` as an array of that shape (`InputError` for another shape and for what is no
    number).
    """
    wanted, remedy = f"numbers of shape {tuple(shape)}", "give one number for each place"
    try:
        given = np.asarray(action, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise InputError("action", f"no array of numbers ({error})", wanted, remedy) from error
    if given.shape != tuple(shape):
        raise InputError("action", f"shape {given.shape}", wanted, remedy)
    return given


def within_one(action: FloatArray) -> FloatArray:
    """``action`` as it is (`InputError` for NaN and for what lies outside of [-1, 1])."""
    bad = ~(np.abs(action) <= 1)
    if np.any(bad):
        place = ", ".join(str(k) for k in np.argwhere(bad)[0])
        raise InputError(
            f"action[{place}]",
            float(action[bad][0]),
            "a number in [-1, 1]",
            "clip what the policy says; NaN tells of one gone astray",
        )
    return action


def world_class_of(world: object) -> WorldClass:
    """The class itself, or read from the name or file that stands for it."""
    if isinstance(world, WorldClass):
        return world
    if not isinstance(world, str | Path):
        wanted = f"one of {', '.join(shipped_worlds())}, the path of a .toml file, or a WorldClass"
        raise InputError("world", repr(world), wanted, "see lmrs_rl.worlds.read_world_class")
    try:
        return read_world_class(world)
    except InputError as error:
        if not error.field.endswith(": data"):
            raise
        raise InputError(
            "world",
            f"{str(world)!r}, which stands on data that do not ship",
            "its class, read with them",
            READ,
        ) from error


def baseline_of(baseline: object) -> FixedParameters:
    """The parameters themselves, or read from the file that holds them; those of the agent that
    ships for ``None``.
    """
    if isinstance(baseline, FixedParameters):
        return baseline
    path = baseline_file() if baseline is None else baseline
    if not isinstance(path, str | Path) or not Path(path).is_file():
        wanted = "a TOML file of fixed parameters, FixedParameters, or None for those of 'extended'"
        raise InputError(
            "baseline",
            repr(baseline),
            wanted,
            "for an agent by its name give load_agent(name).parameters",
        )
    return FixedParameters.from_file(path)


def folder_of(field: str, path: object) -> Path | None:
    """A folder that is there, or ``None``."""
    if path is None:
        return None
    if not isinstance(path, str | Path) or path == "" or not Path(path).is_dir():
        raise InputError(
            field, repr(str(path)), "a folder that is there, or None", "check the path"
        )
    return Path(path)


def baseline_file() -> Path:
    """Parameters of the baseline that ships."""
    return shipped_folder("agents") / BASELINE / "parameters.toml"
