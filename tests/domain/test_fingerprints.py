"""Fingerprints: equal for what is equal, and for nothing else."""

from __future__ import annotations

from dataclasses import dataclass, make_dataclass, replace
from pathlib import Path

import numpy as np
import pytest

from lmrs_rl.domain import InputError
from lmrs_rl.domain.fingerprints import definition_sha256, folder_sha256
from lmrs_rl.domain.shipped import shipped_worlds
from lmrs_rl.worlds import read_world_class
from tests.environment.small import SMALL


@dataclass(frozen=True, eq=False)
class Thing:
    a: object
    b: object = None


def test_shipped_classes_differ_and_are_themselves() -> None:
    twice = [
        [definition_sha256(read_world_class(name)) for name in shipped_worlds()] for _ in range(2)
    ]
    assert twice[0] == twice[1]
    assert len(set(twice[0])) == len(twice[0])


def test_a_change_anywhere_changes_it_and_another_way_to_write_a_number_does_not() -> None:
    changed = [
        replace(SMALL, name="other"),
        replace(SMALL, cost=replace(SMALL.cost, stock_value=SMALL.cost.stock_value + 1e-9)),
        replace(SMALL, episode=replace(SMALL.episode, days=4)),
        replace(SMALL, among=(SMALL,)),
    ]
    assert len({definition_sha256(each) for each in (SMALL, *changed)}) == 5
    written = replace(SMALL, fleet=replace(SMALL.fleet, tanks_per_driver=(4, 4)))
    assert definition_sha256(written) == definition_sha256(SMALL)


def test_an_array_counts_to_its_last_entry() -> None:
    # The text of a long array leaves out its middle.
    array = np.zeros(5000)
    other = array.copy()
    other[2500] = 1.0
    assert repr(Thing(array)) == repr(Thing(other))
    assert definition_sha256(Thing(array)) != definition_sha256(Thing(other))
    assert definition_sha256(Thing(array)) != definition_sha256(Thing(array.reshape(50, 100)))


@pytest.mark.parametrize(
    ("one", "two"),
    [
        (Thing("ab", "c"), Thing("a", "bc")),
        (Thing(()), Thing(("",))),
        (Thing("1"), Thing(1)),
        (Thing("None"), Thing(None)),
    ],
)
def test_parts_do_not_run_into_each_other(one: Thing, two: Thing) -> None:
    assert definition_sha256(one) != definition_sha256(two)


def test_what_it_does_not_know_is_refused() -> None:
    for thing in (object(), np.array([object()])):
        with pytest.raises(InputError, match="definition"):
            definition_sha256(Thing(thing))


def test_a_folder_is_its_files_with_their_names(tmp_path: Path) -> None:
    for name, files in {
        "a": {"x": b"1", "y": b"2"},
        "b": {"x": b"1", "y": b"2"},
        "c": {"x": b"2", "y": b"1"},
        "d": {"x": b"1"},
    }.items():
        (tmp_path / name).mkdir()
        for file, content in files.items():
            (tmp_path / name / file).write_bytes(content)
    a, b, c, d = (folder_sha256(tmp_path / name) for name in "abcd")
    assert a == b
    assert len({a, c, d}) == 3


def test_a_renamed_field_changes_nothing() -> None:
    before = make_dataclass("Snapshot", ["on_the_way"], frozen=True)
    now = make_dataclass("Snapshot", ["in_transit"], frozen=True)
    other = make_dataclass("Snapshot", ["elsewhere"], frozen=True)
    assert definition_sha256(before(1)) == definition_sha256(now(1))
    assert definition_sha256(other(1)) != definition_sha256(now(1))
