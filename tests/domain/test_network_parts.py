"""Parts of a network: kept as read-only arrays, with the limits of what is real."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

import numpy as np
import pytest

from lmrs_rl.domain import InputError, Network
from tests import tiny

PARTS = ("tanks", "call_ins", "sites", "vehicles", "drivers")


def as_lists(part: Any) -> dict[str, Any]:
    """The columns of a part as a user may write them."""
    columns = {each.name: getattr(part, each.name) for each in fields(part)}
    return {
        name: [each.tolist() for each in value]
        if name in ("access_min", "shift_min")
        else list(value)
        if name == "ids"
        else value.tolist()
        for name, value in columns.items()
    }


@pytest.mark.parametrize("name", PARTS)
def test_lists_become_read_only_arrays(name: str) -> None:
    part = getattr(tiny.network(call_ins=1), name)
    made = type(part)(**as_lists(part))
    assert made.ids == part.ids
    assert len(made) == len(part.ids)
    for each in fields(part):
        mine, given = getattr(made, each.name), getattr(part, each.name)
        if isinstance(given, np.ndarray):
            mine, given = (mine,), (given,)
        elif each.name == "ids":
            continue
        assert isinstance(mine, tuple)
        for array, original in zip(mine, given, strict=True):
            assert array.dtype == original.dtype, each.name
            assert array.tolist() == original.tolist()
            assert not array.flags.writeable


@pytest.mark.parametrize("name", PARTS)
def test_what_the_caller_changes_later_does_not_reach_the_network(name: str) -> None:
    part = getattr(tiny.network(call_ins=1), name)
    for each in fields(part):
        value = getattr(part, each.name)
        if isinstance(value, np.ndarray):
            mine = value.copy()
            made = replace(part, **{each.name: mine})
            mine[:] = 99
            assert getattr(made, each.name).tolist() == value.tolist(), each.name


def change(table: str, **changes: Any) -> Network:
    network = tiny.network(call_ins=1)
    return replace(network, **{table: replace(getattr(network, table), **changes)})


@pytest.mark.parametrize(
    ("table", "name", "most"),
    [
        ("vehicles", "cost_per_km", 1e6),
        ("vehicles", "capacity_kg", 1e9),
        ("drivers", "cost_per_km", 1e6),
        ("drivers", "cost_per_min", 1e6),
        ("drivers", "cost_per_night", 1e6),
    ],
)
def test_the_most_of_a_thing_is_a_million_or_a_thousand_million_kg(
    table: str, name: str, most: float
) -> None:
    assert getattr(getattr(change(table, **{name: [most]}), table), name)[0] == most
    beyond = np.nextafter(most, np.inf)
    with pytest.raises(InputError, match=rf"{table}\.{name}\[0\]: .*wanted at most 1e\+0[69]"):
        change(table, **{name: [beyond]})


def test_a_tank_holds_a_thousand_million_kg_at_most() -> None:
    assert change("tanks", capacity_kg=[1e9, 1000]).tanks.capacity_kg[0] == 1e9
    with pytest.raises(
        InputError, match=r"^tanks\.capacity_kg\[1\]: got .*; wanted at most 1e\+09"
    ):
        change("tanks", capacity_kg=[1000, 1.001e9])


def test_a_hit_level_or_drop_over_the_capacity_is_told_with_it() -> None:
    """A hit level at the capacity is one too much, a drop of the whole tank is not."""
    with pytest.raises(
        InputError,
        match=r"^tanks\.hit_level_kg\[1\]: got 250\.0; "
        r"wanted below the tank's capacity \(250 kg\); check the unit of both",
    ):
        change("tanks", capacity_kg=[1000, 250], hit_level_kg=[100, 250])
    with pytest.raises(
        InputError,
        match=r"^tanks\.min_drop_kg\[0\]: got 1001\.0; "
        r"wanted at most the tank's capacity \(1000 kg\)",
    ):
        change("tanks", min_drop_kg=[1001, 1002])
    assert change("tanks", min_drop_kg=[1000, 1000]).tanks.min_drop_kg.tolist() == [1000, 1000]


@pytest.mark.parametrize(
    ("table", "name", "value", "told"),
    [
        ("tanks", "vehicle_allowed", [[1], [1]], None),
        (
            "tanks",
            "vehicle_allowed",
            [1, 1],
            r"^tanks\.vehicle_allowed: got shape \(2,\); wanted shape \(2, 0\)",
        ),
        ("call_ins", "setup_min", [-1], r"^customers\.setup_min\[0\]: got -1"),
        (
            "sites",
            "product_offered",
            [1],
            r"^loading_sites\.product_offered: got shape \(1,\); wanted shape \(1, 0\)",
        ),
        ("sites", "vehicle_allowed", [1], r"^loading_sites\.vehicle_allowed: .*shape \(1, 0\)"),
        ("sites", "load_kg_per_min", [0], r"^loading_sites\.load_kg_per_min\[0\]: got 0"),
        (
            "sites",
            "access_min",
            (None, None),
            r"^loading_sites\.access_min: got 2 entries; wanted 1",
        ),
        (
            "vehicles",
            "product_allowed",
            [1],
            r"^vehicles\.product_allowed: got shape \(1,\); wanted shape \(1, 0\)",
        ),
        (
            "drivers",
            "vehicle_allowed",
            [1],
            r"^drivers\.vehicle_allowed: got shape \(1,\); wanted shape \(1, 0\)",
        ),
        ("drivers", "shift_min", ([[5, 1]],), r"^drivers\.shift_min\[0\]\[0\]: got \[5, 1\]"),
    ],
)
def test_columns_of_another_shape_are_refused_by_the_part(
    table: str, name: str, value: Any, told: str | None
) -> None:
    if told is None:
        change(table, **{name: value})
        return
    with pytest.raises(InputError, match=told):
        change(table, **{name: value})


def test_a_fleet_is_not_empty_but_nobody_need_drive_it() -> None:
    network = tiny.network()
    none = {
        each.name: getattr(network.vehicles, each.name)[:0] for each in fields(network.vehicles)
    }
    with pytest.raises(InputError, match=r"^vehicles\.ids: got an empty list"):
        replace(network.vehicles, **none)
    nobody = {
        each.name: getattr(network.drivers, each.name)[:0] for each in fields(network.drivers)
    }
    assert len(replace(network.drivers, **nobody)) == 0
