"""Drawn worlds: the same bits from the same seed, sound for every seed and class, and what the
parameters promise.
"""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lmrs_rl.domain import InputError
from lmrs_rl.worlds import Scenario, WorldClass, draw_scenario, read_world_class
from lmrs_rl.worlds.generated import read_scenario
from lmrs_rl.worlds.generator.calendar import MARGIN_DAYS
from lmrs_rl.worlds.generator.panel_parameters import Demand, Rhythm, Weather
from lmrs_rl.worlds.parameters import Disruptions, Episode, Fleet, Geography, Sites, Size, TankMix
from tests.worlds.small import SHORT, SMALL, same

CLASSES = ("calm", "demo", "mixed", "multi-site", "tight", "uncertain")
STEADY = Rhythm((100.0, 900.0), trend_per_year=(0.0, 0.0), noise=(0.0, 0.0))
STILL = Demand(
    Weather(),
    STEADY,
    STEADY,
    STEADY,
    STEADY,
    STEADY,
    cover_days=(3.0, 25.0),
    shifts_per_year=0.0,
    late_share=0.0,
    missing=0.0,
)
"""Nothing moves: tests switch on one thing at a time."""


@pytest.mark.parametrize("name", CLASSES)
def test_the_same_seed_gives_the_same_bits_and_another_seed_others(name: str) -> None:
    world_class = read_world_class(name)
    first, again, other = (draw_scenario(world_class, seed) for seed in (11, 11, 12))
    assert same(first, again)
    assert not same(first, other)


def sound(scenario: Scenario, world_class: WorldClass) -> None:
    """What holds for every world."""
    network, days, tanks = scenario.network, scenario.days, scenario.network.tanks
    n = network.n_tanks
    assert world_class.size.tanks[0] <= n <= world_class.size.tanks[1] <= world_class.size.n_max
    assert scenario.days_total == world_class.episode.warmup_days + world_class.episode.days
    assert scenario.panel.days == scenario.first_day + scenario.days_total + MARGIN_DAYS
    assert len(scenario.after_kg) == 24 * MARGIN_DAYS
    # The first morning is a Monday; 1970-01-01 was a Thursday.
    assert (scenario.panel.first_day + scenario.first_day).astype(int) % 7 == 4
    assert np.all(days.start.level_kg > tanks.hit_level_kg)
    assert np.all(tanks.min_drop_kg < tanks.capacity_kg - tanks.hit_level_kg)
    assert np.allclose(scenario.profile.sum(axis=1), 1.0)
    assert np.all(network.full_truckload_kg() > 0)
    offered_at = network.sites.product_offered[:, tanks.product]
    assert np.all(offered_at.sum(axis=0) >= min(2, len(network.sites)))
    for k, begin in enumerate(scenario.installed_min.tolist()):
        assert not np.any(days.use_kg[: begin // 60, k])
        assert tanks.access_min[k][0, 0] >= begin
        assert begin == 0 or days.start.level_kg[k] == tanks.capacity_kg[k]
    assert min(hours[-1, 1] for hours in tanks.access_min) >= days.end_min + 1440 * (
        MARGIN_DAYS - 5
    )


def reachable(scenario: Scenario) -> None:
    """Every tank can be served by a trip of its own in the shortest shift, with its product from
    some site.
    """
    network = scenario.network
    way, base = network.travel_min, int(network.vehicles.base_point[0])
    site, tank = network.sites.point, network.tanks.point
    there = way[base, site][:, None] + way[np.ix_(site, tank)]
    there = np.where(network.sites.product_offered[:, network.tanks.product], there, 10**6)
    driving = there.min(axis=0) + way[tank, base]
    assert driving.max() <= network.drivers.max_driving_min.min()
    load = network.full_truckload_kg()
    handling = (
        network.sites.setup_min[0]
        + load / network.sites.load_kg_per_min[0]
        + network.tanks.setup_min
        + load / network.tanks.unload_kg_per_min
    )
    shortest = min(int(np.diff(shifts, axis=1).min()) for shifts in network.drivers.shift_min)
    assert np.all(driving + handling <= shortest)


@given(seed=st.integers(0, 2**63 - 1), name=st.sampled_from(CLASSES))
def test_any_seed_of_any_class_gives_a_sound_world(seed: int, name: str) -> None:
    world_class = read_world_class(name)
    world_class = replace(
        world_class, episode=replace(world_class.episode, days=28, history_days=60)
    )
    scenario = draw_scenario(world_class, seed)
    sound(scenario, world_class)
    reachable(scenario)


@given(
    seed=st.integers(0, 10**6),
    n=st.integers(1, 30),
    sites=st.integers(1, 9),
    products=st.integers(1, 9),
    vehicles=st.integers(1, 12),
    side=st.floats(1.0, 600.0),
    oversized=st.floats(0.0, 1.0),
)
def test_extreme_settings_give_sound_worlds_too(
    seed: int, n: int, sites: int, products: int, vehicles: int, side: float, oversized: float
) -> None:
    world_class = replace(
        SMALL,
        size=Size(tanks=(n, n), n_max=n),
        geography=Geography(side_km=(side, side)),
        tanks=TankMix(oversized_share=oversized, access_share=1.0),
        fleet=Fleet(products=(products, products), vehicles=(vehicles, vehicles)),
        sites=Sites(count=(sites, sites), offer_share=0.0),
        disruptions=Disruptions(
            breakdowns_per_year=100.0, closures_per_year=50.0, shortages_per_year=50.0
        ),
        demand=replace(SMALL.demand, late_share=1.0),
    )
    scenario = draw_scenario(world_class, seed)
    sound(scenario, world_class)
    reachable(scenario)


def test_a_negative_seed_is_refused() -> None:
    with pytest.raises(InputError, match=r"^seed: got -1"):
        draw_scenario(SMALL, -1)
    draw_scenario(SMALL, 0)


def test_hours_of_handling_that_fill_a_shift_are_refused() -> None:
    slow = replace(SMALL, tanks=TankMix(unload_kg_per_min=30.0))
    with pytest.raises(InputError, match=r"^crew.shift_hours: got"):
        draw_scenario(slow, 1)


def test_days_and_panel_tell_the_same() -> None:
    scenario = draw_scenario(
        replace(SMALL, demand=replace(SMALL.demand, missing=0.1, late_share=0.3)), 4
    )
    daily = scenario.days.use_kg.reshape(scenario.days_total, 24, -1).sum(axis=1)
    seen = scenario.panel.use[scenario.first_day :][: scenario.days_total]
    assert np.isnan(seen).any()
    assert np.all(np.isnan(seen) | (np.abs(seen - daily) <= 0.0051))
    after = scenario.after_kg.reshape(-1, 24, daily.shape[1]).sum(axis=1)
    end = scenario.panel.use[-len(after) :]
    assert np.all(np.isnan(end) | (np.abs(end - after) <= 0.0051))


def test_one_stream_a_purpose() -> None:
    world = draw_scenario(SMALL, 3)
    # More breakdowns leave demand, places and fleet as they are; so do closures.
    troubled = draw_scenario(
        replace(SMALL, disruptions=Disruptions(breakdowns_per_year=60.0, closures_per_year=9.0)), 3
    )
    assert len(troubled.breakdowns) > len(world.breakdowns)
    assert same(troubled.panel, world.panel)
    assert same(troubled.days, world.days)
    # Noisier demand leaves the network as it is.
    noisy = replace(
        SMALL.demand, process=replace(SMALL.demand.process, noise=(0.5, 0.6)), mix=SMALL.demand.mix
    )
    loud = draw_scenario(replace(SMALL, demand=noisy), 3)
    assert same(loud.network, world.network)
    assert same(loud.breakdowns, world.breakdowns)
    assert not same(loud.panel, world.panel)
    # Another geography leaves the customers' weather and stops as they are.
    far = draw_scenario(replace(SMALL, geography=Geography(rural_share=1.0)), 3)
    assert same(far.panel.shutdowns, world.panel.shutdowns)


def test_without_noise_use_is_the_level_times_the_weekday_share() -> None:
    steady = replace(STEADY, saturday=(0.5, 0.5), sunday=(0.25, 0.25))
    demand = replace(
        STILL, heating=steady, industry=steady, process=steady, intermittent=steady, hospital=steady
    )
    episode = Episode(days=14, warmup_days=0, history_days=14, season=(150, 150))
    scenario = draw_scenario(replace(SMALL, demand=demand, episode=episode), 5)
    daily = scenario.days.use_kg.reshape(14, 24, -1).sum(axis=1)
    free = np.isin(
        scenario.panel.first_day + scenario.first_day + np.arange(14),
        np.array(scenario.panel.holidays),
    )
    weekday = np.arange(14) % 7
    share = np.where((weekday == 6) | free, 0.25, np.where(weekday == 5, 0.5, 1.0))
    level = daily[np.argmax(share == 1.0)]
    assert daily / level == pytest.approx(
        np.broadcast_to(share[:, None], daily.shape), rel=1e-2, abs=1e-3
    )


def test_covers_spread_over_their_range() -> None:
    # No heating and no shifts: on a working day a tank uses its level, which its cover is measured
    # in.
    world_class = replace(
        SMALL,
        size=Size(tanks=(60, 60), n_max=60),
        demand=STILL,
        tanks=TankMix(oversized_share=0.0),
        fleet=Fleet(utilisation=(0.3, 0.3)),
    )
    scenario = draw_scenario(world_class, 2)
    use = scenario.days.use_kg.reshape(-1, 24, 60).sum(axis=1).max(axis=0)
    cover = scenario.network.tanks.capacity_kg / use
    assert cover.min() == pytest.approx(3.0, rel=0.1)
    assert cover.max() == pytest.approx(25.0, rel=0.1)
    assert np.median(cover) == pytest.approx(np.sqrt(3 * 25), rel=0.2)


def test_some_tanks_hold_more_than_a_truckload_and_the_others_less() -> None:
    scenario = draw_scenario(
        replace(
            SMALL,
            size=Size(tanks=(40, 40), n_max=40),
            tanks=TankMix(oversized_share=0.1),
            fleet=Fleet(utilisation=(0.2, 0.2)),
        ),
        6,
    )
    loads = scenario.network.tanks.capacity_kg / scenario.network.full_truckload_kg()
    assert np.sum(loads > 1) == 4
    assert np.sort(loads)[-4:] == pytest.approx(np.full(4, 1.5), rel=1e-3)


def test_more_utilisation_is_more_use_in_the_same_world() -> None:
    low, high = (
        draw_scenario(replace(SMALL, fleet=Fleet(utilisation=(u, u))), 9) for u in (0.4, 0.8)
    )
    assert 1.5 < high.days.use_kg.sum() / low.days.use_kg.sum() < 3.0
    assert same(low.network.travel_min, high.network.travel_min)


def test_late_tanks_begin_full_without_history_and_others_have_it() -> None:
    scenario = draw_scenario(replace(SMALL, demand=replace(SMALL.demand, late_share=0.5)), 8)
    late = scenario.installed_min > 0
    assert late.any()
    assert not late.all()
    before = np.isnan(scenario.panel.use[: scenario.first_day])
    assert before[:, late].all()
    assert scenario.panel.use.shape[0] > scenario.first_day + scenario.installed_min.max() / 1440


def test_the_first_snapshot_ends_with_the_panels_history() -> None:
    scenario = draw_scenario(SMALL, 8)
    history = scenario.days.start.history_kg
    assert len(history) == 42
    assert np.array_equal(
        history, scenario.panel.use[scenario.first_day - 42 : scenario.first_day], equal_nan=True
    )


def test_the_demo_has_twelve_tanks_three_trucks_thirty_days_and_six_weeks_of_history() -> None:
    made = read_scenario("demo")
    assert (made.network.n_tanks, len(made.network.vehicles), made.days.hours) == (12, 3, 30 * 24)
    assert made.days.start.history_kg.shape == (42, 12)
    assert np.sum(made.network.tanks.capacity_kg > made.network.vehicles.capacity_kg.max()) == 1
    assert len(made.breakdowns) == len(made.closures) == 0


def test_another_seed_can_be_asked_for() -> None:
    first = read_world_class("demo").splits.test[0]
    assert same(read_scenario("demo"), read_scenario("demo", seed=first))
    assert not same(read_scenario("demo"), read_scenario("demo", seed=first + 1))


@pytest.mark.heavy
def test_a_mixed_class_draws_all_of_its_classes_and_sizes_up_to_two_hundred() -> None:
    mixed = replace(read_world_class("mixed"), episode=SHORT)
    drawn = [draw_scenario(mixed, seed) for seed in range(40)]
    assert {scenario.name for scenario in drawn} == {
        "mixed:calm",
        "mixed:tight",
        "mixed:uncertain",
        "mixed:multi-site",
    }
    sizes = [scenario.network.n_tanks for scenario in drawn]
    assert min(sizes) < 20
    assert max(sizes) > 150
    assert all(3 <= len(scenario.network.vehicles) <= 20 for scenario in drawn)


@pytest.mark.heavy
@pytest.mark.parametrize(("n", "seconds"), [(40, 0.3), (200, 1.5)])
def test_drawing_is_quick(n: int, seconds: float) -> None:
    world_class = WorldClass(
        size=Size(tanks=(n, n), n_max=n), episode=Episode(days=84, warmup_days=28)
    )
    took = []
    for seed in range(3):
        begin = time.process_time()
        draw_scenario(world_class, seed)
        took.append(time.process_time() - begin)
    # The quickest of three: other work on the machine is not ours.
    assert min(took) < seconds
