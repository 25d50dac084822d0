"""Worlds on real ground: series and instances made by hand, then the third-party data where they
lie beside the checkout.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from lmrs_rl.domain import CallInOrders, Days, InputError, Tanks
from lmrs_rl.domain.arrays import FOREVER
from lmrs_rl.forecast.panel import Panel, Shutdowns
from lmrs_rl.formats.roadef import RoadefInstance
from lmrs_rl.worlds import Scenario, WorldClass, draw_scenario, read_world_class
from lmrs_rl.worlds.generator.customers import SeriesGround
from lmrs_rl.worlds.generator.panel_parameters import Demand, Rhythm
from lmrs_rl.worlds.ground.instances import (
    InstanceGround,
    _repeated,
    extended_network,
    orders_until,
    weekly_use,
)
from lmrs_rl.worlds.parameters import Disruptions, Fleet, Size
from tests import tiny
from tests.worlds.small import SHORT, SMALL, same

FLAT = Rhythm((100.0, 100.0), trend_per_year=(0.0, 0.0), noise=(0.0, 0.0))
STILL = Demand(
    heating=FLAT,
    industry=FLAT,
    process=FLAT,
    intermittent=FLAT,
    hospital=FLAT,
    cover_days=(3.0, 25.0),
    shifts_per_year=0.0,
    late_share=0.0,
    missing=0.0,
)


def series(days: int = 400, n: int = 3) -> Panel:
    """Series that begin on a Wednesday; the k-th uses k + 1 kg and one more on each further
    Monday, with a gap of a day in the first.
    """
    weeks = (np.arange(days) + 2) // 7
    use = np.arange(1.0, n + 1) + weeks[:, None]
    use[5, 0] = np.nan
    none = np.zeros(n, dtype=np.int64)
    weather = np.broadcast_to(np.arange(days)[:, None] + 0.5, (days, n))
    ids = tuple(f"s{k}" for k in range(n))
    nothing = np.zeros((days, 2, n))
    return Panel(
        ids,
        np.datetime64("2020-01-01"),
        use,
        np.full(n, np.nan),
        none,
        none,
        weather,
        nothing,
        (),
        Shutdowns.none(),
    )


def on_series(panel: Panel) -> WorldClass:
    return replace(SMALL, ground=SeriesGround(panel), demand=STILL, fleet=Fleet(products=(1, 1)))


def test_tanks_on_series_use_what_the_series_used_at_a_scale_of_their_own() -> None:
    panel = series()
    world = draw_scenario(on_series(panel), 4)
    start = int((world.panel.first_day - panel.first_day).astype(int))
    assert start >= 0
    here = world.panel.use
    ratios = []
    for tank in range(world.network.n_tanks):
        each = [here[:, tank] / panel.use[start : start + len(here), k] for k in range(3)]
        spread = [np.nanmax(ratio) / np.nanmin(ratio) - 1 for ratio in each]
        ratios.append(min(spread))
    # Rounding to hundredths of a kg in each hour is all that differs.
    assert max(ratios) < 0.05
    assert np.array_equal(
        world.panel.temperature[:, 0], panel.temperature[start : start + len(here), 0]
    )


def test_a_day_that_was_not_measured_is_not_measured_and_yet_used() -> None:
    panel = series(SHORT.history_days + SHORT.warmup_days + SHORT.days + 14 + 9, 1)
    use = np.array(panel.use)
    use[80, 0] = np.nan
    world = draw_scenario(on_series(replace(panel, use=use)), 4)
    row = 80 - int((world.panel.first_day - panel.first_day).astype(int))
    assert np.isnan(world.panel.use[row]).all()
    day = row - world.first_day
    assert 0 <= day < world.days_total
    assert np.all(world.days.use_kg[24 * day : 24 * day + 24].sum(axis=0) > 0)


def test_series_too_short_for_a_world_and_series_without_use_are_refused() -> None:
    panel = series(60)
    with pytest.raises(InputError, match="days that a series has"):
        draw_scenario(on_series(panel), 1)
    with pytest.raises(InputError, match="without any use"):
        SeriesGround(replace(panel, use=np.zeros_like(panel.use)))


SEEDS = {"train": 1_000_000, "validation": 2_000_000, "test": 3_000_000}
MARGIN = 14


def played_rows(world: Scenario, panel: Panel) -> tuple[int, int]:
    """First row of ``panel`` that the world plays or sees coming, and the row after the last."""
    first = int((world.panel.first_day - panel.first_day).astype(int)) + world.first_day
    return first, first + world.days_total + MARGIN


@pytest.mark.heavy
def test_splits_play_days_that_no_other_split_plays() -> None:
    # Parts of 600, 200 and 200 days.
    world_class = on_series(series(1000))
    for name, (begin, end) in {
        "train": (0, 600),
        "validation": (600, 800),
        "test": (800, 1000),
    }.items():
        rows = [
            played_rows(draw_scenario(world_class, SEEDS[name] + k), series(1000))
            for k in range(30)
        ]
        assert all(begin <= first and last <= end for first, last in rows)
        assert len(set(rows)) > 5


def test_tanks_of_other_years_stay_in_the_part_too() -> None:
    # Two years and more in each split's part, so that tanks of one world play different years.
    panel = series(4000)
    for name, share in {"train": (0.0, 0.6), "validation": (0.6, 0.8), "test": (0.8, 1.0)}.items():
        ground = SeriesGround(panel, name)
        calendar = ground.draw_calendar(SHORT, np.random.default_rng(0))
        found = ground.draw_customers(STILL, calendar, 12, {"customer": np.random.default_rng(1)})
        first = found.first + SHORT.history_days
        assert len(set(found.first.tolist())) > 1
        assert (first >= share[0] * 4000).all()
        assert (first + calendar.days <= share[1] * 4000).all()


def test_a_seed_of_no_split_plays_anywhere() -> None:
    # 105 days have room for a world, a fifth of them has not.
    panel = series(SHORT.history_days + SHORT.warmup_days + SHORT.days + MARGIN + 7)
    world_class = on_series(panel)
    assert world_class.split_of(4) is None
    draw_scenario(world_class, 4)
    with pytest.raises(InputError, match="test part"):
        draw_scenario(world_class, SEEDS["test"])


def test_a_part_is_long_enough_or_too_short_by_a_week() -> None:
    played = SHORT.warmup_days + SHORT.days + MARGIN
    # Some Monday in a part of a fifth of the days: six days more than are played are always enough.
    for days, good in ((5 * (played + 6), True), (5 * (played - 1), False)):
        world_class = on_series(series(days))
        if good:
            draw_scenario(world_class, SEEDS["test"])
        else:
            with pytest.raises(
                InputError, match=r"episode: got a Monday and .*the test part of the series \("
            ):
                draw_scenario(world_class, SEEDS["test"])
    with pytest.raises(InputError, match="split: got 'tests'"):
        SeriesGround(series(), "tests")


def instance() -> RoadefInstance:
    """The tiny network over ten days; on days 0 to 6 the k-th tank uses 24 (k + 1) kg, on the
    second day three times as much.
    """
    network = tiny.network()
    use = np.broadcast_to(np.arange(1.0, 3.0), (240, 2)).copy()
    use[24:48] *= 3
    shifts = np.array([[480, 900], [1920, 2340], [10_000, 10_200], [10_080 + 480, 10_080 + 900]])
    network = replace(
        network, drivers=replace(network.drivers, shift_min=(shifts,) * len(network.drivers))
    )
    return RoadefInstance(network, Days("ten", tiny.snapshot(), use, CallInOrders.none()), (1, 2))


def test_hours_of_a_whole_week_go_on() -> None:
    hours = _repeated(np.array([[480, 900], [9000, 10_700], [11_000, 11_100]]), 10_080, 20_160)
    # The third window begins in the second week and is left out; the second one ends where the next
    # week's first begins.
    assert hours.tolist() == [[480, 900], [9000, 10_560], [10_560, 10_980], [19_080, 20_780]]
    always = np.array([[0, FOREVER]])
    assert _repeated(always, 10_080, 20_160) is always


def test_an_instance_is_prolonged_week_by_week() -> None:
    shifts = extended_network(instance(), 21).drivers.shift_min[0]
    assert shifts[:, 0].tolist() == [
        week + first for week in (0, 10_080, 20_160) for first in (480, 1920, 10_000)
    ]


def test_mean_use_of_a_weekday_by_hand() -> None:
    weekly, profile = weekly_use(instance().days)
    assert weekly[:, 0].tolist() == [24, 72, 24, 24, 24, 24, 24]
    assert weekly[:, 1].tolist() == [48, 144, 48, 48, 48, 48, 48]
    assert profile == pytest.approx(np.full((2, 24), 1 / 24))


def test_consumption_varies_around_the_instances_own() -> None:
    world_class = replace(
        SMALL, ground=InstanceGround((instance(),)), demand=STILL, disruptions=Disruptions(0.0)
    )
    world = draw_scenario(world_class, 2)
    daily = world.days.use_kg.reshape(-1, 24, 2).sum(axis=1)
    # Nothing is drawn but what does not move: the instance's weekday means, up to rounding in each
    # hour.
    assert daily[:7] == pytest.approx(weekly_use(instance().days)[0], abs=0.2)
    assert daily[7:14] == pytest.approx(daily[:7])
    noisy = replace(
        world_class,
        demand=replace(STILL, process=replace(FLAT, noise=(0.3, 0.3)), mix=(0, 0, 1.0, 0, 0)),
    )
    assert not np.allclose(draw_scenario(noisy, 2).days.use_kg, draw_scenario(noisy, 3).days.use_kg)
    assert same(draw_scenario(noisy, 2), draw_scenario(noisy, 2))


def test_orders_called_in_come_again_with_their_announcement() -> None:
    orders = CallInOrders(*(np.array([value]) for value in (2, 600, 700, 50.0, 60.0, 0)))
    again = orders_until(replace(instance().days, call_in_orders=orders), 40 * 1440)
    # Ten days fit in two weeks.
    assert again.earliest_min.tolist() == [600, 600 + 20_160, 600 + 40_320]
    assert again.announced_min.tolist() == [0, 20_160, 40_320]


def test_instances_too_large_for_the_class_are_refused() -> None:
    world_class = replace(
        SMALL, size=Size(tanks=(1, 1), n_max=1), ground=InstanceGround((instance(),))
    )
    with pytest.raises(InputError, match=r"size.n_max: got 1; wanted at least 2"):
        draw_scenario(world_class, 2)


def test_data_that_are_not_there_are_asked_for(tmp_path: Path) -> None:
    for name in ("air-liquide", "lpg-tanks"):
        with pytest.raises(InputError, match="do not ship"):
            read_world_class(name)
        with pytest.raises(InputError):
            read_world_class(name, data=tmp_path)
    with pytest.raises(InputError, match="for a class with data"):
        read_world_class("calm", data=tmp_path)


def check(world: Scenario) -> None:
    tanks: Tanks = world.network.tanks
    world.days.check_against(world.network)
    assert np.all(world.days.start.level_kg > tanks.hit_level_kg)
    assert np.isfinite(world.days.use_kg).all()
    assert (
        min(shifts[-1, 1] for shifts in world.network.drivers.shift_min)
        > world.days.end_min + 5 * 1440
    )


@pytest.mark.heavy
def test_worlds_on_real_instances_use_about_what_the_instance_does(shared_data: Path) -> None:
    world_class = replace(
        read_world_class("air-liquide", data=shared_data / "roadef2016" / "instances"),
        episode=SHORT,
    )
    assert isinstance(world_class.ground, InstanceGround)
    assert len(world_class.ground.instances) == 12  # all but V_1.8, which lasts 82 hours
    names, ratio = set(), []
    for seed in range(25):
        world = draw_scenario(world_class, seed)
        check(world)
        names.add(world.name)
        own = next(
            each
            for each in world_class.ground.instances
            if world.name.endswith(f":{each.days.name}")
        )
        ratio.append(
            world.days.use_kg.sum() / world.days.hours / (own.days.use_kg.sum() / own.days.hours)
        )
    assert len(names) > 6
    assert 0.75 < float(np.mean(ratio)) < 1.1  # the mean of the busiest weeks is the instance's


@pytest.mark.heavy
def test_real_series_are_played_at_other_times_in_each_split(shared_data: Path) -> None:
    world_class = read_world_class("lpg-tanks", data=shared_data / "lpg_tanks")
    assert isinstance(world_class.ground, SeriesGround)
    panel = world_class.ground.panel
    spans = []
    for name, seed in SEEDS.items():
        worlds = [draw_scenario(world_class, seed + k) for k in range(6)]
        for world in worlds:
            assert world_class.split_of(world.seed) == name
            check(world)
        rows = np.array([played_rows(world, panel) for world in worlds])
        spans.append((rows[:, 0].min(), rows[:, 1].max()))
    assert spans[0][1] <= spans[1][0]
    assert spans[1][1] <= spans[2][0]


@pytest.mark.heavy
def test_worlds_on_real_series_are_sound(shared_data: Path) -> None:
    world_class = read_world_class("lpg-tanks", data=shared_data / "lpg_tanks")
    for seed in range(6):
        world = draw_scenario(world_class, seed)
        check(world)
        assert 12 <= world.network.n_tanks <= 39
        daily = world.days.use_kg.reshape(-1, 24, world.network.n_tanks).sum(axis=1)
        assert np.all(daily.mean(axis=0) > 0)
        assert same(draw_scenario(world_class, seed), world)
