"""Settings read from TOML: types come from the defaults, every refusal names its key."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from lmrs_rl.domain.tables import from_table, read_toml, require, require_range
from lmrs_rl.errors import InputError


@dataclass(frozen=True)
class Pump:
    kg_per_min: float = 40.0
    count: int = 1


@dataclass(frozen=True)
class Plant:
    name: str = "plant"
    seed: int = 3
    share: float = 0.5
    hours: tuple[int, ...] = (6, 22)
    span: tuple[float, ...] = (0.0, 1.0)
    mixed: tuple[float, ...] = (1, 2.5)
    none: tuple[float, ...] = ()
    types: tuple[str, ...] = ("gas",)
    pump: Pump = field(default_factory=Pump)

    def __post_init__(self) -> None:
        require("seed", self.seed, self.seed >= 0, "at least 0")


def test_an_empty_table_leaves_the_default() -> None:
    assert from_table(Plant(seed=8), {}) == Plant(seed=8)


def test_what_a_table_says_replaces_the_default_and_the_rest_stays() -> None:
    told = {
        "name": "north",
        "seed": 0,
        "share": 2,
        "hours": [1, 2, 3],
        "span": [1, 0.5],
        "types": ["gas", "fuel"],
        "pump": {"count": 2},
    }
    found = from_table(Plant(mixed=(3.0,)), told)
    assert found == Plant(
        "north",
        0,
        2.0,
        (1, 2, 3),
        (1.0, 0.5),
        (3.0,),
        types=("gas", "fuel"),
        pump=Pump(count=2),
    )
    # Whole numbers are taken for fractions too.
    assert type(found.share) is float
    assert [type(each) for each in found.span] == [float, float]
    assert [type(each) for each in found.hours] == [int] * 3


def test_a_list_with_one_fraction_or_none_by_default_holds_fractions() -> None:
    found = from_table(Plant(), {"mixed": [1, 2], "none": [3, 0.5]})
    assert [type(each) for each in (*found.mixed, *found.none)] == [float] * 4


@pytest.mark.parametrize(
    ("table", "told"),
    [
        ({"sed": 1}, r"^sed: got 1; wanted one of the keys name, seed, .*pump; check the spelling"),
        ({"pump": {"cont": 1}}, r"^pump\.cont: got 1; wanted one of the keys kg_per_min, count"),
        ({"pump": 3}, r"^pump: got 3; wanted a table \[pump\]"),
        ({"pump": {"count": 1.0}}, r"^pump\.count: got 1\.0; wanted a whole number"),
        ({"name": 3}, r"^name: got 3; wanted a text"),
        ({"seed": 1.0}, r"^seed: got 1\.0; wanted a whole number"),
        ({"seed": "1"}, r"^seed: got '1'; wanted a whole number"),
        ({"seed": True}, r"^seed: got True; wanted a whole number"),
        ({"seed": -1}, r"^seed: got -1; wanted at least 0"),
        ({"share": True}, r"^share: got True; wanted a finite number"),
        ({"share": "0.5"}, r"^share: got '0\.5'; wanted a finite number"),
        ({"share": float("inf")}, r"^share: got inf; wanted a finite number"),
        ({"share": float("nan")}, r"^share: got nan; wanted a finite number"),
        ({"hours": 6}, r"^hours: got 6; wanted a list of numbers"),
        ({"hours": [6, 7.5]}, r"^hours\[1\]: got 7\.5; wanted a whole number"),
        ({"span": ["a"]}, r"^span\[0\]: got 'a'; wanted a finite number"),
        ({"span": "ab"}, r"^span: got 'ab'; wanted a list of numbers"),
        ({"types": "gas"}, r"^types: got 'gas'; wanted a list of texts"),
        ({"types": ["gas", 3]}, r"^types: got \['gas', 3\]; wanted a list of texts"),
    ],
)
def test_a_wrong_key_or_type_is_refused_by_its_name(table: dict[str, Any], told: str) -> None:
    with pytest.raises(InputError, match=told):
        from_table(Plant(), table)


def test_a_prefix_comes_before_the_names_of_keys() -> None:
    with pytest.raises(InputError, match=r"^world\.pump\.count: "):
        from_table(Plant(), {"pump": {"count": "x"}}, "world.")


def test_a_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "plant.toml"
    path.write_text('name = "Süd"\n[pump]\ncount = 2\n', encoding="utf-8")
    assert read_toml(path) == {"name": "Süd", "pump": {"count": 2}}


def test_a_file_that_is_not_there_or_broken_is_refused_by_its_path(tmp_path: Path) -> None:
    path = tmp_path / "plant.toml"
    with pytest.raises(InputError, match=r"plant\.toml: got No such file.*check the path"):
        read_toml(path)
    for broken in (b"name = \n", b'name = "\xff"\n'):
        path.write_bytes(broken)
        with pytest.raises(InputError, match=r"plant\.toml: got broken TOML \(.*mend the line"):
            read_toml(path)


def test_a_setting_that_is_good_passes_and_another_is_named() -> None:
    require("share", 0.5, True, "in [0, 1]")
    with pytest.raises(InputError, match=r"^share: got 1\.5; wanted in \[0, 1\]"):
        require("share", 1.5, False, "in [0, 1]")


@pytest.mark.parametrize("value", [(0.0, 5.0), (0.0, 0.0), (5.0, 5.0), (1.0, 4.0)])
def test_a_pair_in_order_up_to_both_limits_is_a_range(value: tuple[float, ...]) -> None:
    require_range("span", value, 0, 5)


@pytest.mark.parametrize(
    "value",
    [
        (-0.1, 5.0),
        (0.0, 5.1),
        (3.0, 2.0),
        (1.0,),
        (1.0, 2.0, 3.0),
        (),
        (float("nan"), 2.0),
        (1.0, float("nan")),
    ],
)
def test_other_values_are_no_range(value: tuple[float, ...]) -> None:
    with pytest.raises(InputError, match=r"^span: .*\[least, most\] with 0 <= least <= most <= 5"):
        require_range("span", value, 0, 5)
