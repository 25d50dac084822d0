"""Old names of keys in files, still read: the one table of them.

A file keeps its meaning when a word changes: readers call `with_new_names` on what they read, and
write new names only.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import TypeVar

from lmrs_rl.errors import InputError

Value = TypeVar("Value")

_SHAPING = MappingProxyType({"near": "shaping_weight", "near_price": "shaping_cost"})

ALIASES: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        # Files of fixed parameters, and the baseline in policies, recordings and runs.
        "FixedParameters": MappingProxyType({"kg_value": "value_multiplier"}),
        # Features in recipes, runs and policies.
        "tank_features": MappingProxyType(
            {
                "lasts_90": "full_cover_q90",
                "pace_90": "daily_fill_rate_q90",
                "coming": "in_transit",
            }
        ),
        "network_features": MappingProxyType({"low": "at_hit_share", "short": "low_cover_share"}),
        # Entries of a step's info, as recorded episodes name them.
        "info": MappingProxyType({"lost_eur": "lost_sales_eur"}),
        # Training recipes: TOML files, and recipe.json in the folders of runs.
        "EvolutionSettings": MappingProxyType(
            {
                **_SHAPING,
                "cut": "clip_relative_cost",
                "halfway": "step_half_life",
                "measured": "norm_scenarios",
            }
        ),
        "ValidationSettings": _SHAPING,
        "PpoSettings": MappingProxyType(
            {
                "envs": "n_envs",
                "entropy": "ent_coef",
                "discount": "gamma",
                "trace": "gae_lambda",
                "spread": "init_std",
            }
        ),
        "SacSettings": MappingProxyType(
            {
                "envs": "n_envs",
                "before": "learning_starts",
                "entropy": "ent_coef",
                "discount": "gamma",
                "spread": "init_std",
                "kept_every_days": "save_every_days",
            }
        ),
        # Arrays of a run's moments.npz.
        "FeatureStats": MappingProxyType(
            {"tank_spread": "tank_std", "network_spread": "network_std"}
        ),
        # Results of comparisons.
        "Grid": MappingProxyType({"prices": "stockout_cost_factors"}),
        # Snapshots in JSON.
        "Snapshot": MappingProxyType({"on_the_way": "in_transit"}),
        # Plans in JSON.
        "PlanModel": MappingProxyType({"left_out": "unordered"}),
    }
)
"""Old name to new name, by the kind of table that it stands in: the name of the dataclass that the
table becomes, or of the part of a file; of features, that of their table."""


def new_name(kind: str, name: str) -> str:
    """What ``name`` is called now."""
    return ALIASES.get(kind, {}).get(name, name)


def new_names(kind: str, names: Iterable[str]) -> tuple[str, ...]:
    """What each of ``names`` is called now."""
    return tuple(new_name(kind, name) for name in names)


def first_name(kind: str, name: str) -> str:
    """What ``name`` was called at first: what is identified by a fingerprint keeps it so."""
    return next((old for old, new in ALIASES.get(kind, {}).items() if new == name), name)


def with_old_names(kind: str, text: str) -> str:
    """The ``repr`` of a dataclass as it was before its attributes were renamed.

    What is identified by a fingerprint of that text keeps its fingerprint.
    """
    for old, new in ALIASES.get(kind, {}).items():
        text = text.replace(f"{new}=", f"{old}=")
    return text


def with_new_names(kind: str, table: Mapping[str, Value], prefix: str = "") -> dict[str, Value]:
    """``table`` with its old keys renamed, in order.

    Parameters
    ----------
    kind : of table, see `ALIASES`; one without aliases stays as it is
    table : keys as a file has them
    prefix : of the keys in errors

    Raises
    ------
    InputError
        For a key that is there under both of its names.
    """
    aliases = ALIASES.get(kind, {})
    renamed: dict[str, Value] = {}
    for key, value in table.items():
        name = aliases.get(key, key)
        if name in renamed or (name != key and name in table):
            raise InputError(
                f"{prefix}{key}",
                f"also given as {name}",
                f"{name} alone: {key} is its old name",
                "leave the old name out",
            )
        renamed[name] = value
    return renamed
