"""World classes: a file says what its dataclasses say and nothing else, seeds of splits do not
meet, sizes are sane.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import fields, replace
from pathlib import Path

import pytest

from lmrs_rl.domain import InputError
from lmrs_rl.domain.shipped import shipped_folder, shipped_world, shipped_worlds
from lmrs_rl.worlds import WorldClass, read_world_class
from lmrs_rl.worlds.generator.panel_parameters import Demand, Rhythm, Weather
from lmrs_rl.worlds.parameters import (
    Cost,
    Crew,
    Disruptions,
    Episode,
    Fleet,
    Geography,
    Sites,
    Size,
    Splits,
    TankMix,
)

GENERATED = ("calm", "demo", "mixed", "multi-site", "tight", "uncertain")


def test_an_empty_file_is_the_defaults(tmp_path: Path) -> None:
    (tmp_path / "w.toml").write_text("")
    assert read_world_class(tmp_path / "w.toml") == WorldClass(name="w")


def test_a_file_names_every_setting_by_its_dataclass(tmp_path: Path) -> None:
    (tmp_path / "w.toml").write_text(
        "[size]\ntanks = [5, 9]\n[fleet]\nutilisation = [0.5, 0.6]\n"
        "[demand]\nmissing = 0.1\n[demand.weather]\nregions = 2\n[demand.process]\nsunday = [0.5, "
        "0.6]\n"
    )
    made = read_world_class(tmp_path / "w.toml")
    assert (
        made.size.tanks,
        made.fleet.utilisation,
        made.demand.missing,
        made.demand.weather.regions,
    ) == ((5, 9), (0.5, 0.6), 0.1, 2)
    # A part of a customer type leaves its other settings as they are.
    assert made.demand.process == replace(Demand().process, sunday=(0.5, 0.6))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("sed = 3", "w.toml: sed: got 3; wanted one of the keys name, size"),
        ("name = 'x'", "w.toml: name: got 'x'; wanted no such key"),
        (
            "[tanks]\ncuont = 3",
            "w.toml: tanks.cuont: got 3; wanted one of the keys oversized_share",
        ),
        ("tanks = 3", "w.toml: tanks: got 3; wanted a table"),
        ("[size]\ntanks = [3, 4.5]", "w.toml: size.tanks[1]: got 4.5; wanted a whole number"),
        ("[size]\nn_max = true", "w.toml: size.n_max: got True; wanted a whole number"),
        ("[size]\ntanks = [0, 5]", "w.toml: size.tanks: got [0, 5]; wanted [least, most] with 1"),
        ("[size]\ntanks = [5, 100000]", "w.toml: size.tanks: got [5, 100000]"),
        ("[size]\ntanks = [-5, 5]", "w.toml: size.tanks: got [-5, 5]"),
        (
            "[size]\ntanks = [5, 61]",
            "w.toml: size.n_max: got 60; wanted at least the most tanks, 61",
        ),
        (
            "[tanks]\nmin_drop_share = nan",
            "w.toml: tanks.min_drop_share: got nan; wanted a finite number",
        ),
        (
            "[fleet]\nutilisation = [nan, 1]",
            "w.toml: fleet.utilisation[0]: got nan; wanted a finite number",
        ),
        (
            "[fleet]\nutilisation = [0.7, inf]",
            "w.toml: fleet.utilisation[1]: got inf; wanted a finite number",
        ),
        (
            "[tanks]\nmin_drop_share = '0.1'",
            "w.toml: tanks.min_drop_share: got '0.1'; wanted a finite number",
        ),
        ("[demand]\ncover_days = 4", "w.toml: demand.cover_days: got 4; wanted a list"),
        (
            "[demand]\ncover_days = [6, 4]",
            "w.toml: cover_days: got [6.0, 4.0]; wanted [least, most]",
        ),
        (
            "[demand]\ncover_days = [1.5, 4]",
            "w.toml: demand.cover_days: got [1.5, 4.0]; wanted at least 2 days",
        ),
        (
            "[fleet]\npayload_kg = []",
            "w.toml: fleet.payload_kg: got []; wanted one or more payloads",
        ),
        ("[fleet]\npayload_kg = [9e3, 8e3, 1e4]", "w.toml: fleet.payload_kg: got"),
        (
            "[fleet]\npayload_kg = [9e3]",
            "w.toml: fleet.cost_per_km: got [1.1, 1.4, 1.7]; wanted 1 numbers",
        ),
        (
            "[splits]\ntest = [1000500, 10]",
            "w.toml: splits.test: got [1000500, 10]; wanted seeds that train",
        ),
        ("[splits]\ntest = [5, 0]", "w.toml: splits.test: got [5, 0]; wanted [first seed, count]"),
        (
            "[splits]\ntest = [-1, 5]",
            "w.toml: splits.test: got [-1, 5]; wanted [first seed, count]",
        ),
        ("among = []", "w.toml: among: got []; wanted a list of names"),
        (
            "among = ['x']\n[tanks]\nsetup_min = 5",
            "w.toml: tanks: got a table; wanted beside 'among' only size",
        ),
    ],
)
def test_a_wrong_setting_is_refused_by_name(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "w.toml").write_text(text)
    with pytest.raises(InputError) as caught:
        read_world_class(tmp_path / "w.toml")
    assert str(caught.value).startswith(message)


@pytest.mark.parametrize(
    ("bad", "good", "field"),
    [
        (
            lambda: Geography(side_km=(0.5, 9.0)),
            lambda: Geography(side_km=(1.0, 9.0)),
            "geography.side_km",
        ),
        (
            lambda: Geography(detour=(0.9, 1.2)),
            lambda: Geography(detour=(1.0, 1.0)),
            "geography.detour",
        ),
        (lambda: Geography(slow_kmh=80.0), lambda: Geography(slow_kmh=75.0), "geography.slow_kmh"),
        (
            lambda: Geography(asymmetry=0.51),
            lambda: Geography(asymmetry=0.5),
            "geography.asymmetry",
        ),
        (
            lambda: TankMix(hit_share=(0.1, 0.6)),
            lambda: TankMix(hit_share=(0.1, 0.5)),
            "tanks.hit_share",
        ),
        (
            lambda: TankMix(oversized_share=1.1),
            lambda: TankMix(oversized_share=1.0),
            "tanks.oversized_share",
        ),
        (
            lambda: TankMix(access_hours=(7.0, 25.0)),
            lambda: TankMix(access_hours=(7.0, 24.0)),
            "tanks.access_hours",
        ),
        (
            lambda: Fleet(refused=(0.0, 0.0, 1.0)),
            lambda: Fleet(refused=(0.0, 0.0, 0.99)),
            "fleet.refused",
        ),
        (lambda: Fleet(products=(0, 1)), lambda: Fleet(products=(1, 1)), "fleet.products"),
        (lambda: Sites(count=(0, 1)), lambda: Sites(count=(1, 1)), "sites.count"),
        (
            lambda: Crew(shift_hours=(3.0, 8.0)),
            lambda: Crew(shift_hours=(4.0, 8.0)),
            "crew.shift_hours",
        ),
        (
            lambda: Crew(start_hour=(4.0, 14.0)),
            lambda: Crew(start_hour=(4.0, 12.0)),
            "crew.shift_hours",
        ),
        (
            lambda: Disruptions(breakdown_days=(0, 2)),
            lambda: Disruptions(breakdown_days=(1, 2)),
            "disruptions.breakdown_days",
        ),
        (
            lambda: Disruptions(closures_per_year=-1.0),
            lambda: Disruptions(closures_per_year=0.0),
            "disruptions.closures_per_year",
        ),
        (lambda: Episode(days=0), lambda: Episode(days=1), "episode.days"),
        (lambda: Episode(history_days=6), lambda: Episode(history_days=7), "episode.history_days"),
        (
            lambda: Cost(stockout_per_tank_day=-1.0),
            lambda: Cost(stockout_per_tank_day=0.0),
            "cost.stockout_per_tank_day",
        ),
        (
            lambda: Size(tanks=(1, 2001), n_max=2001),
            lambda: Size(tanks=(1, 2000), n_max=2000),
            "size.tanks",
        ),
        # The last train seed is 9: a validation that begins there meets it, one later does not.
        (
            lambda: Splits((0, 10), (9, 1), (20, 1)),
            lambda: Splits((0, 10), (10, 1), (20, 1)),
            "splits.validation",
        ),
        (
            lambda: Splits((0, 10), (20, 5), (24, 1)),
            lambda: Splits((0, 10), (20, 5), (25, 1)),
            "splits.test",
        ),
    ],
)
def test_settings_on_both_sides_of_their_limits(
    bad: Callable[[], object], good: Callable[[], object], field: str
) -> None:
    with pytest.raises(InputError) as told:
        bad()
    assert told.value.field == field
    good()


@pytest.mark.parametrize("name", GENERATED)
def test_shipped_classes_have_splits_that_share_no_seed(name: str) -> None:
    splits = read_world_class(name).splits
    spans = {split: splits.seeds(split) for split in ("train", "validation", "test")}
    assert [len(spans[split]) for split in spans] == [100_000, 1000, 1000]
    for a, b in itertools.combinations(spans.values(), 2):
        assert not set(a) & set(b)


def test_a_split_of_another_name_is_refused() -> None:
    with pytest.raises(InputError, match="train, validation or test"):
        Splits().seeds("tets")


def test_a_mixed_class_takes_size_length_cost_and_splits_and_leaves_the_rest(
    tmp_path: Path,
) -> None:
    (tmp_path / "a.toml").write_text(
        "[crew]\nmin_rest_min = 1\n[episode]\nseason = [3, 4]\ndays = 30\n"
    )
    (tmp_path / "m.toml").write_text(
        "among = ['a']\n[size]\ntanks = [3, 4]\n[cost]\nlost_per_kg = 9.0\n[episode]\ndays = 40\n"
    )
    one = read_world_class(tmp_path / "m.toml").chosen(0)
    assert (one.name, one.crew.min_rest_min, one.size.tanks, one.cost.lost_per_kg) == (
        "m:a",
        1,
        (3, 4),
        9.0,
    )
    assert (one.episode.season, one.episode.days) == ((3, 4), 40)


def test_a_mixed_class_does_not_draw_among_mixed_ones(tmp_path: Path) -> None:
    (tmp_path / "m.toml").write_text("among = ['m']")
    with pytest.raises(InputError, match=r"draws among no others"):
        read_world_class(tmp_path / "m.toml")


def test_broken_and_missing_files_are_refused(tmp_path: Path) -> None:
    (tmp_path / "w.toml").write_text("[tanks")
    for path in (tmp_path / "w.toml", tmp_path / "missing.toml"):
        with pytest.raises(InputError):
            read_world_class(path)


def test_every_field_is_explained_where_it_is_defined() -> None:
    for part in (
        Size,
        Geography,
        TankMix,
        Fleet,
        Sites,
        Crew,
        Disruptions,
        Episode,
        Cost,
        Splits,
        Demand,
        Weather,
        Rhythm,
        WorldClass,
    ):
        for each in fields(part):
            assert each.name in str(part.__doc__), f"{part.__name__}.{each.name}"


def test_shipped_worlds_are_found_by_name_and_unknown_ones_refused() -> None:
    assert set(GENERATED) <= set(shipped_worlds())
    assert (shipped_folder("agents") / "README.md").is_file()
    readme = (shipped_folder("envs") / "README.md").read_text(encoding="utf-8")
    assert [name for name in shipped_worlds() if f"`{name}.toml`" not in readme] == []
    with pytest.raises(InputError, match=r"^world: got 'dmeo'; wanted one of .*demo"):
        shipped_world("dmeo")
