"""The problem that a run is trained on, by content: the files that it came from may change."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from typing import Any, cast

from lmrs_rl.dispatchers import FixedParameters
from lmrs_rl.domain import InputError
from lmrs_rl.domain.fingerprints import definition_sha256
from lmrs_rl.domain.tables import from_table
from lmrs_rl.worlds import WorldClass

_ABSENT = "nothing"


@dataclass(frozen=True, eq=False)
class Problem:
    """Worlds and baseline of a training run.

    Attributes
    ----------
    world : the world class as in its file, with the classes that it mixes
    baseline : order parameters that a new actor reproduces
    """

    world: WorldClass
    baseline: FixedParameters

    def as_json(self) -> dict[str, Any]:
        """All numbers including defaults; of data of real ground only the SHA-256."""
        table = {
            "world": asdict(replace(self.world, ground=None)),
            "data_sha256": self._data_sha256,
            "baseline": asdict(self.baseline),
        }
        # As it is read back from a file, where tuples are lists.
        return cast("dict[str, Any]", json.loads(json.dumps(table)))

    @cached_property
    def _data_sha256(self) -> str | None:
        return None if self.world.ground is None else definition_sha256(self.world.ground)


def problem_of(stored: Mapping[str, Any]) -> Problem:
    """The problem stored by `Problem.as_json`, without data of real ground.

    Raises
    ------
    InputError
        For a table without worlds or baseline, or with bad values.
    """
    return Problem(
        _world_of(_table("world", stored)),
        from_table(FixedParameters(), _table("baseline", stored), "baseline."),
    )


def first_difference(stored: Mapping[str, Any], now: Problem) -> tuple[str, Any, Any] | None:
    """The first number in which ``now`` differs from a ``stored`` problem.

    A setting that the library did not have when the problem was stored counts as its default.

    Returns
    -------
    tuple or None
        Name, value now and value stored; ``None`` if all are equal.
    """
    # Through `problem_of`, which adds the defaults of settings that are new since then.
    then = _flat({**problem_of(stored).as_json(), "data_sha256": stored.get("data_sha256")})
    current = _flat(now.as_json())
    for name in dict.fromkeys((*then, *current)):
        if then.get(name, _ABSENT) != current.get(name, _ABSENT):
            return name, current.get(name, _ABSENT), then.get(name, _ABSENT)
    return None


def _world_of(table: Mapping[str, Any]) -> WorldClass:
    rest = {key: value for key, value in table.items() if key not in ("name", "ground", "among")}
    among = tuple(_world_of(each) for each in table.get("among", ()))
    return from_table(WorldClass(name=str(table.get("name", "")), among=among), rest, "world.")


def _table(name: str, stored: Mapping[str, Any]) -> Mapping[str, Any]:
    found = stored.get(name)
    if not isinstance(found, Mapping):
        raise InputError(name, repr(found), "a table", "take the file as the run wrote it")
    return found


def _flat(table: Mapping[str, Any], before: str = "") -> dict[str, Any]:
    """Leaves of nested tables and of lists of tables under dotted names."""
    found: dict[str, Any] = {}
    for key, value in table.items():
        if isinstance(value, list) and value and all(isinstance(each, Mapping) for each in value):
            found |= _flat({str(k): each for k, each in enumerate(value)}, f"{before}{key}.")
        elif isinstance(value, Mapping):
            found |= _flat(value, f"{before}{key}.")
        else:
            found[before + key] = value
    return found
