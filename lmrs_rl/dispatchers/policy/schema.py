"""What a policy file says of itself: which features it reads, which numbers it answers.

A file is an ONNX graph from physical units to final order parameters, so that a reader needs to
know nothing of scales, cuts and residuals. Its metadata are texts: ``schema`` alone is plain, all
others are JSON. They name the features, actions and order parameters of the graph, in the order of
its columns; a reader hands it just those. So features that the library gets later do not concern a
policy of before. What a name means is fixed by its unit and version: a file that means something
else by it is refused. Scales and ranges are in the graph, and in the metadata for people only.

Schema 2 had all features of its time, none with a version: they are all of version 1.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np

from lmrs_rl.dispatchers.policy.features import NETWORK_FEATURES, TANK_FEATURES, Feature
from lmrs_rl.domain.aliases import new_name
from lmrs_rl.domain.arrays import IntArray
from lmrs_rl.domain.order_parameters import ACTIONS, LOGIT_RANGE, MOVED, Action, ParameterSpec
from lmrs_rl.errors import InputError

SCHEMA = "lmrs-policy/3"
READABLE = ("lmrs-policy/2", SCHEMA)
"""Schemas of files that are read."""

Row = TypeVar("Row", Feature, Action, ParameterSpec)


@dataclass(frozen=True)
class PolicyTables:
    """What a policy reads and answers, in the order of its graph's columns.

    Attributes
    ----------
    tank_features, network_features : that it reads
    actions : columns of ``u``
    parameters : order parameters that it decides; the others stay the baseline's
    """

    tank_features: tuple[Feature, ...] = TANK_FEATURES
    network_features: tuple[Feature, ...] = NETWORK_FEATURES
    actions: tuple[Action, ...] = ACTIONS
    parameters: tuple[ParameterSpec, ...] = MOVED

    @classmethod
    def moving(
        cls,
        tank_features: Sequence[Feature],
        network_features: Sequence[Feature],
        actions: Sequence[Action],
    ) -> PolicyTables:
        """With the order parameters that these actions move."""
        names = {each.name for each in actions}
        moved = tuple(each for each in MOVED if each.moved_by in names)
        return cls(tuple(tank_features), tuple(network_features), tuple(actions), moved)

    @classmethod
    def of_file(cls, about: Mapping[str, Any], name: str) -> PolicyTables:
        """From the metadata of a file; ``name`` is for errors.

        Raises
        ------
        InputError
            For a feature, action or parameter that this library does not have, or means something
            else by.
        """
        return cls(
            _rows_of_file("tank_features", TANK_FEATURES, about, name),
            _rows_of_file("network_features", NETWORK_FEATURES, about, name),
            _rows_of_file("actions", ACTIONS, about, name),
            _rows_of_file("parameters", MOVED, about, name),
        )

    @property
    def tank_columns(self) -> IntArray:
        """Where its features stand among `TANK_FEATURES`."""
        return np.array([TANK_FEATURES.index(each) for each in self.tank_features], dtype=np.int64)

    @property
    def network_columns(self) -> IntArray:
        """Where its features stand among `NETWORK_FEATURES`."""
        columns = [NETWORK_FEATURES.index(each) for each in self.network_features]
        return np.array(columns, dtype=np.int64)

    @property
    def action_names(self) -> tuple[str, ...]:
        """Of the columns of ``u``."""
        return tuple(each.name for each in self.actions)

    @property
    def parameter_outputs(self) -> tuple[str, ...]:
        """(B, N) each, float64: the final order parameters."""
        return tuple(each.name for each in self.parameters)

    @property
    def base_inputs(self) -> tuple[str, ...]:
        """(B, N) each, float64: the baseline's order parameters."""
        return tuple(f"base_{name}" for name in self.parameter_outputs)

    @property
    def inputs(self) -> tuple[str, ...]:
        """``tanks`` (B, N, F), ``network`` (B, G) in units, ``mask`` (B, N) 1 where there is a
        tank, the baseline's parameters, ``span_kg`` (B, N) from h' to full; all float64.
        """
        return ("tanks", "network", "mask", *self.base_inputs, "span_kg")

    @property
    def outputs(self) -> tuple[str, ...]:
        """The final parameters, and ``u`` (B, N, A), float32: what the actor says, for people."""
        return (*self.parameter_outputs, "u")

    def as_json(self) -> dict[str, Any]:
        """For the metadata of a file."""
        return {
            "tank_features": [_feature(each) for each in self.tank_features],
            "network_features": [_feature(each) for each in self.network_features],
            "parameters": [_parameter(each) for each in self.parameters],
            "actions": [_action(each) for each in self.actions],
            "limits": {"logit_range": list(LOGIT_RANGE)},
        }


ALL_TABLES = PolicyTables()
"""Everything that this library has."""
PARAMETER_OUTPUTS, BASE_INPUTS = ALL_TABLES.parameter_outputs, ALL_TABLES.base_inputs
INPUTS, OUTPUTS = ALL_TABLES.inputs, ALL_TABLES.outputs


def _feature(feature: Feature) -> dict[str, Any]:
    bounds = {"low": float(feature.low), "high": float(feature.high)}
    return {"name": feature.name, **_meaning(feature), "scale": float(feature.scale), **bounds}


def _action(action: Action) -> dict[str, Any]:
    least = {} if action.least is None else {"least": action.least}
    return {"name": action.name, **_meaning(action), "scale": float(action.scale), **least}


def _parameter(spec: ParameterSpec) -> dict[str, Any]:
    """``None`` is no limit."""
    ends = (spec.number.low, spec.number.high)
    low, high = (end if math.isfinite(end) else None for end in ends)
    return {"name": spec.name, **_meaning(spec), "low": low, "high": spec.span or high}


def _meaning(row: Feature | Action | ParameterSpec) -> dict[str, Any]:
    """In what a file and the library must agree about a name."""
    if isinstance(row, Action):
        return {"how": row.how, "version": row.version}
    unit = row.number.unit if isinstance(row, ParameterSpec) else row.unit
    return {"unit": unit, "version": row.version}


def _rows_of_file(
    key: str, table: Sequence[Row], about: Mapping[str, Any], name: str
) -> tuple[Row, ...]:
    """The library's rows that a file names, in its order, old names too."""
    field, known = f"{name}: {key}", {each.name: each for each in table}
    entries = about.get(key)
    if not isinstance(entries, list) or not all(
        isinstance(each, dict) and isinstance(each.get("name"), str) for each in entries
    ):
        wanted = "a list of tables, each with a name"
        raise InputError(field, f"{entries!r:.60}", wanted, "export the policy again")
    found: list[Row] = []
    for entry in entries:
        row = known.get(new_name(key, entry["name"]))
        if row is None:
            got = f"{entry['name']!r}, which this version of lmrs-rl does not have"
            wanted = f"some of {', '.join(known)}"
            remedy = "install the version of lmrs-rl that the policy was made with, or a newer one"
            raise InputError(field, got, wanted, remedy)
        if row in found:
            raise InputError(field, f"{row.name!r} twice", "each once", "export the policy again")
        _check_meaning(field, row, entry)
        found.append(row)
    return tuple(found)


def _check_meaning(
    field: str, row: Feature | Action | ParameterSpec, entry: Mapping[str, Any]
) -> None:
    ours = _meaning(row)
    # A file of schema 2 has no versions: what it names is of version 1.
    theirs = {key: entry.get(key, 1 if key == "version" else None) for key in ours}
    if theirs != ours:
        got, wanted = (
            f"{row.name!r} of {', '.join(f'{key} {value}' for key, value in each.items())}"
            for each in (theirs, ours)
        )
        raise InputError(
            field,
            got,
            f"{wanted}, as this version of lmrs-rl means it",
            "install the version of lmrs-rl that the policy was made with, or train and export a "
            "policy with this one",
        )
