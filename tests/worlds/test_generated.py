"""Generated worlds: the same seed gives the same bits, and every world can be served."""

from __future__ import annotations

from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lmrs_rl.domain import InputError
from lmrs_rl.worlds.files import write_days, write_network
from lmrs_rl.worlds.generated import GeneratedWorld, generate, read_world
from lmrs_rl.worlds.parameters import Calendar, Crew, Fleet, Geography, TankMix, Use, WorldParameters
from lmrs_rl.worlds.shipped import shipped_folder, shipped_world, shipped_worlds

SMALL = WorldParameters(tanks=TankMix(count=4), calendar=Calendar(days=9, history_days=21))


def world(parameters: WorldParameters = SMALL, seed: int = 1) -> GeneratedWorld:
    return generate("w", parameters, np.random.default_rng(seed))


def as_text(folder: Path, made: GeneratedWorld) -> str:
    write_network(folder / "n.json", made.network)
    write_days(folder / "d.json", made.days, made.network)
    return (folder / "n.json").read_text() + (folder / "d.json").read_text()


def test_the_same_seed_gives_the_same_bits_and_another_seed_others(tmp_path: Path) -> None:
    assert as_text(tmp_path, world(seed=1)) == as_text(tmp_path, world(seed=1))
    assert as_text(tmp_path, world(seed=1)) != as_text(tmp_path, world(seed=2))


def test_a_noisier_world_keeps_its_geography(tmp_path: Path) -> None:
    noisy = world(replace(SMALL, use=Use(noise=0.5)))
    write_network(tmp_path / "a.json", world().network)
    write_network(tmp_path / "b.json", noisy.network)
    assert (tmp_path / "a.json").read_text() == (tmp_path / "b.json").read_text()
    assert not np.array_equal(noisy.days.use_kg, world().days.use_kg)


def test_the_demo_has_twelve_tanks_three_trucks_thirty_days_and_six_weeks_of_history() -> None:
    made = read_world(shipped_world("demo"))
    assert (made.network.n_tanks, len(made.network.vehicles), made.days.hours) == (12, 3, 30 * 24)
    assert made.days.start.history_kg.shape == (42, 12)
    assert made.network.tanks.capacity_kg.max() > made.network.vehicles.capacity_kg.max()
    cover = made.network.tanks.capacity_kg / made.days.start.history_kg.mean(axis=0)
    # The parameters say 3 to 25 days; a month's mean strays from the long one by the noise.
    assert cover.min() == pytest.approx(3.0, rel=0.3)
    assert cover.max() == pytest.approx(25.0, rel=0.3)


def test_roads_differ_by_direction_and_keep_within_the_stated_share() -> None:
    distance = world().network.distance_km
    assert not np.array_equal(distance, distance.T)
    off = ~np.eye(len(distance), dtype=bool)
    # Each direction strays at most 6 % from the mean of both, plus rounding to 0.1 km.
    assert np.all(np.abs(distance - distance.T)[off] <= 0.12 / 0.94 * np.minimum(distance, distance.T)[off] + 0.2)
    assert np.all(np.diag(world().network.travel_min) == 0)


def test_drivers_work_on_weekdays_and_one_on_saturdays() -> None:
    made = world(replace(SMALL, crew=Crew(saturday_drivers=1, shift_hours=(6.0, 14.5))))
    weekdays = [set((shifts[:, 0] // 1440 % 7).tolist()) for shifts in made.network.drivers.shift_min]
    assert weekdays == [{0, 1, 2, 3, 4}, {0, 1, 2, 3, 4}, {0, 1, 2, 3, 4, 5}]
    assert made.network.drivers.shift_min[0][0].tolist() == [360, 870]


def test_without_noise_use_follows_the_weekday_rhythm_exactly() -> None:
    made = world(replace(SMALL, use=Use(noise=0.0, weekend_share=(0.5, 0.5))))
    daily = made.days.use_kg.reshape(-1, 24, 4).sum(axis=1)
    assert daily[5] / daily[0] == pytest.approx(np.full(4, 0.5), rel=1e-2)
    assert daily[7] == pytest.approx(daily[0])
    # History ends the day before: its last row is a Sunday, its last but six a Monday.
    assert made.days.start.history_kg[-1] == pytest.approx(daily[6])
    assert made.days.start.history_kg[-7] == pytest.approx(daily[0])


def test_short_cover_means_no_access_hours() -> None:
    made = world(WorldParameters(tanks=TankMix(count=12, access_share=1.0)))
    tanks = made.network.tanks
    limited = np.array([len(hours) > 1 for hours in tanks.access_min])
    cover = tanks.capacity_kg / made.days.start.history_kg.mean(axis=0)
    assert 0 < limited.sum() < 12
    assert cover[limited].min() > cover[~limited].max() * 0.7


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 2**63 - 1), count=st.integers(1, 30), sites=st.integers(1, 4))
def test_any_seed_gives_a_sound_world(seed: int, count: int, sites: int) -> None:
    parameters = WorldParameters(
        geography=Geography(side_km=120.0),
        tanks=TankMix(count=count, use_kg_per_day=(200.0, 1200.0)),
        fleet=Fleet(loading_sites=sites),
        calendar=Calendar(days=3, history_days=14),
    )
    made = generate("any", parameters, np.random.default_rng(seed))
    made.days.check_against(made.network)
    start, tanks = made.days.start, made.network.tanks
    assert np.all(start.level_kg > tanks.hit_level_kg)
    assert np.all(made.days.use_kg > 0)
    shift_ends = [shifts[-1, 1] for shifts in made.network.drivers.shift_min]
    assert min(shift_ends) > made.days.end_min + 5 * 1440


def test_a_fleet_that_cannot_carry_the_use_is_refused() -> None:
    with pytest.raises(InputError, match=r"^fleet.capacity_kg: got 5000 kg a week"):
        world(replace(SMALL, tanks=TankMix(count=4, oversized=0), fleet=Fleet(capacity_kg=(1000.0,))))


def test_customers_out_of_a_drivers_reach_are_refused() -> None:
    with pytest.raises(InputError, match=r"^geography.side_km: got \d+ min of driving"):
        world(replace(SMALL, geography=Geography(side_km=900.0)))


def test_an_empty_file_is_the_defaults(tmp_path: Path) -> None:
    (tmp_path / "w.toml").write_text("")
    assert WorldParameters.from_file(tmp_path / "w.toml") == WorldParameters()


def test_a_file_names_every_setting_by_its_dataclass(tmp_path: Path) -> None:
    (tmp_path / "w.toml").write_text("seed = 3\n[tanks]\ncount = 5\ncover_days = [4, 6]\n[fleet]\ncapacity_kg = [9000]\n")
    expected = WorldParameters(seed=3, tanks=TankMix(count=5, cover_days=(4.0, 6.0)), fleet=Fleet(capacity_kg=(9000.0,)))
    assert WorldParameters.from_file(tmp_path / "w.toml") == expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("sed = 3", "w.toml: sed: got 3; wanted one of the keys seed, geography"),
        ("[tanks]\ncuont = 3", "w.toml: tanks.cuont: got 3; wanted one of the keys count"),
        ("[tank]\ncount = 3", "w.toml: tank: got"),
        ("tanks = 3", "w.toml: tanks: got 3; wanted a table"),
        ("[tanks]\ncount = 3.0", "w.toml: tanks.count: got 3.0; wanted a whole number"),
        ("[tanks]\ncount = true", "w.toml: tanks.count: got True; wanted a whole number"),
        ("[tanks]\ncount = 0", "w.toml: tanks.count: got 0; wanted at least 1"),
        ("[tanks]\nhit_share = nan", "w.toml: tanks.hit_share: got nan; wanted a finite number"),
        ("[tanks]\nhit_share = '0.1'", "w.toml: tanks.hit_share: got '0.1'; wanted a finite number"),
        ("[tanks]\ncover_days = 4", "w.toml: tanks.cover_days: got 4; wanted a list"),
        ("[tanks]\ncover_days = [6, 4]", "w.toml: tanks.cover_days: got [6.0, 4.0]; wanted [least, most]"),
        ("[tanks]\ncover_days = [3]", "w.toml: tanks.cover_days: got [3.0]; wanted [least, most]"),
        ("[fleet]\ncapacity_kg = []", "w.toml: fleet.capacity_kg: got []; wanted one or more payloads"),
        ("[fleet]\ncapacity_kg = [0]", "w.toml: fleet.capacity_kg: got [0.0]; wanted one or more payloads"),
        ("[use]\npersistence = 1", "w.toml: use.persistence: got 1.0; wanted from 0 to less than 1"),
        ("seed = -1", "w.toml: seed: got -1; wanted at least 0"),
    ],
)
def test_a_wrong_setting_is_refused_by_name(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "w.toml").write_text(text)
    with pytest.raises(InputError) as caught:
        WorldParameters.from_file(tmp_path / "w.toml")
    assert str(caught.value).startswith(message)


def test_broken_and_missing_files_are_refused(tmp_path: Path) -> None:
    (tmp_path / "w.toml").write_text("[tanks")
    for path in (tmp_path / "w.toml", tmp_path / "missing.toml", tmp_path):
        with pytest.raises(InputError):
            read_world(path)


def test_every_field_has_a_default_and_a_docstring() -> None:
    for part in (Geography, TankMix, Fleet, Crew, Use, Calendar):
        for field in fields(part):
            assert field.name in str(part.__doc__)


def test_another_seed_can_be_asked_for() -> None:
    demo = shipped_world("demo")
    assert np.array_equal(read_world(demo, seed=7).days.use_kg, read_world(demo).days.use_kg)
    assert not np.array_equal(read_world(demo, seed=8).days.use_kg, read_world(demo).days.use_kg)


def test_shipped_worlds_are_found_by_name_and_unknown_ones_refused() -> None:
    assert "demo" in shipped_worlds()
    assert (shipped_folder("agents") / "README.md").is_file()
    with pytest.raises(InputError, match=r"^world: got 'dmeo'; wanted one of .*demo"):
        shipped_world("dmeo")
