"""What a run is trained on, by its content and not by the files that it was read from, which may
change or go.
"""

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

ABSENT = "nothing"


@dataclass(frozen=True, eq=False)
class Problem:
    """Worlds and what a new actor answers on them.

    Attributes
    ----------
    world : the class as its file says, those that it draws among in it
    baseline : order parameters
    """

    world: WorldClass
    baseline: FixedParameters

    def as_json(self) -> dict[str, Any]:
        """All numbers, defaults too; of data that the worlds stand on only the SHA-256."""
        told = {
            "world": asdict(replace(self.world, ground=None)),
            "data_sha256": self._data_sha256,
            "baseline": asdict(self.baseline),
        }
        return cast("dict[str, Any]", json.loads(json.dumps(told)))

    @cached_property
    def _data_sha256(self) -> str | None:
        return None if self.world.ground is None else definition_sha256(self.world.ground)


def problem_of(told: Mapping[str, Any]) -> Problem:
    """From `Problem.as_json`, without the data that the worlds stand on (`InputError` for what
    is no such table).
    """
    return Problem(
        _world_of(_table("world", told)),
        from_table(FixedParameters(), _table("baseline", told), "baseline."),
    )


def first_difference(told: Mapping[str, Any], now: Problem) -> tuple[str, Any, Any] | None:
    """Name, value now and value told of the first number in which ``now`` differs from what was
    told; none where they are the same.

    A setting that the library did not have yet when it was told counts as its default.
    """
    kept = _flat({**problem_of(told).as_json(), "data_sha256": told.get("data_sha256")})
    here = _flat(now.as_json())
    for name in dict.fromkeys((*kept, *here)):
        if kept.get(name, ABSENT) != here.get(name, ABSENT):
            return name, here.get(name, ABSENT), kept.get(name, ABSENT)
    return None


def _world_of(table: Mapping[str, Any]) -> WorldClass:
    rest = {key: value for key, value in table.items() if key not in ("name", "ground", "among")}
    among = tuple(_world_of(each) for each in table.get("among", ()))
    return from_table(WorldClass(name=str(table.get("name", "")), among=among), rest, "world.")


def _table(name: str, told: Mapping[str, Any]) -> Mapping[str, Any]:
    found = told.get(name)
    if not isinstance(found, Mapping):
        raise InputError(name, repr(found), "a table", "take the file as the run wrote it")
    return found


def _flat(table: Mapping[str, Any], before: str = "") -> dict[str, Any]:
    """Leaves of nested tables and of lists of tables, names joined by dots."""
    found: dict[str, Any] = {}
    for key, value in table.items():
        if isinstance(value, list) and value and all(isinstance(each, Mapping) for each in value):
            found |= _flat({str(k): each for k, each in enumerate(value)}, f"{before}{key}.")
        elif isinstance(value, Mapping):
            found |= _flat(value, f"{before}{key}.")
        else:
            found[before + key] = value
    return found
