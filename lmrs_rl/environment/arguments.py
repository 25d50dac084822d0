"""Validation of arguments from users, before anything is done with them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from lmrs_rl.dispatchers import FixedParameters
from lmrs_rl.domain import InputError
from lmrs_rl.domain.arrays import FloatArray
from lmrs_rl.domain.shipped import shipped_folder, shipped_worlds
from lmrs_rl.environment.errors import InvalidActionError
from lmrs_rl.worlds import WorldClass, read_world_class

_BASELINE = "extended"
"""Shipped agent whose parameters are the default baseline: a zero action reproduces it."""


def numbers_of(action: object, shape: Sequence[int]) -> FloatArray:
    """``action`` as an array of that shape.

    Raises
    ------
    InvalidActionError
        For another shape, or something that is no array of numbers.
    """
    wanted, remedy = f"numbers of shape {tuple(shape)}", "give one number for each place"
    try:
        given = np.asarray(action, dtype=np.float64)
    except (TypeError, ValueError) as error:
        got = f"no array of numbers ({error})"
        raise InvalidActionError("action", got, wanted, remedy) from error
    if given.shape != tuple(shape):
        raise InvalidActionError("action", f"shape {given.shape}", wanted, remedy)
    return given


def within_one(action: FloatArray) -> FloatArray:
    """``action`` unchanged, if all numbers are in [-1, 1].

    Raises
    ------
    InvalidActionError
        For NaN and for numbers outside [-1, 1].
    """
    bad = ~(np.abs(action) <= 1)
    if np.any(bad):
        place = ", ".join(str(k) for k in np.argwhere(bad)[0])
        raise InvalidActionError(
            f"action[{place}]",
            float(action[bad][0]),
            "a number in [-1, 1]",
            "clip the output of the policy; NaN means that the policy diverged",
        )
    return action


def world_class_of(world: object) -> WorldClass:
    """A world class given as it is, by its name, or by its file.

    Raises
    ------
    InputError
        For anything else, and for a class that needs data that do not ship.
    """
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
            f"{str(world)!r}, which needs data that do not ship",
            "its class, read with these data",
            "give read_world_class(name, data=folder)",
        ) from error


def baseline_of(baseline: object) -> FixedParameters:
    """Baseline parameters given as they are or by their file; ``None`` means the shipped ones.

    Raises
    ------
    InputError
        For anything else, such as the name of an agent.
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
    """An existing folder, or ``None``; `InputError` for anything else."""
    if path is None:
        return None
    if not isinstance(path, str | Path) or path == "" or not Path(path).is_dir():
        raise InputError(field, repr(str(path)), "an existing folder, or None", "check the path")
    return Path(path)


def baseline_file() -> Path:
    """Path of the shipped baseline's parameters."""
    return shipped_folder("agents") / _BASELINE / "parameters.toml"
