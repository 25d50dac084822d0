"""Which features and actions the weights of a run belong to, column by column."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from lmrs_rl.dispatchers.policy import ACTIONS, NETWORK_FEATURES, TANK_FEATURES, Action, Feature
from lmrs_rl.domain.aliases import new_names

KINDS = {"tanks": "tank_features", "network": "network_features", "actions": "actions"}
"""Kind of name, see `lmrs_rl.domain.aliases`, by the key of ``about.json``."""


def library_columns() -> dict[str, list[str]]:
    """Of an actor that is trained with this version, for ``about.json``."""
    return {
        "tanks": _columns(TANK_FEATURES),
        "network": _columns(NETWORK_FEATURES),
        "actions": _columns(ACTIONS),
    }


def run_columns(about: Mapping[str, Any]) -> dict[str, list[str]]:
    """Of a run, by the names of today; runs of the first days do not tell, and have those of
    today.
    """
    told = about.get("features", {})
    return {
        part: list(new_names(KINDS[part], told[part])) if part in told else ours
        for part, ours in library_columns().items()
    }


def _columns(table: Sequence[Feature | Action]) -> list[str]:
    # A version is part of the name: weights do not fit a feature that means something else now.
    return [
        each.name if each.version == 1 else f"{each.name} of version {each.version}"
        for each in table
    ]
