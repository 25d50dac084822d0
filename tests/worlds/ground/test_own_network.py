"""Worlds on a planner's own network: read from the files of ``lmrs plan``, turned to weeks that
begin on a Monday, drawn around what was used.
"""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from lmrs_rl.cli import main
from lmrs_rl.domain import CallInOrders, InputError, Network, Snapshot
from lmrs_rl.domain.arrays import FOREVER, FloatArray, IntArray, always_open
from lmrs_rl.domain.fingerprints import definition_sha256
from lmrs_rl.formats.files import read_network, read_snapshot, write_network, write_snapshot
from lmrs_rl.worlds import Scenario, WorldClass, draw_scenario, read_world_class
from lmrs_rl.worlds.ground.instances import InstanceGround
from lmrs_rl.worlds.ground.on_instance import product_groups
from lmrs_rl.worlds.ground.own_network import OwnNetwork, from_monday, own_network, weekly_means
from lmrs_rl.worlds.parameters import Disruptions, TankMix
from tests import tiny
from tests.worlds.small import SHORT, same
from tests.worlds.test_real_ground import STILL, check

DAY = 1440
SHIFTS = np.array([[DAY * day + 480, DAY * day + 900] for day in range(14) if day % 7 < 5])
"""[min] Of working days, in two weeks whose first day is a Monday."""


def workdays(network: Network) -> Network:
    return replace(network, drivers=replace(network.drivers, shift_min=(SHIFTS,)))


def snapshot(history_kg: FloatArray, time_min: int = 0) -> Snapshot:
    return replace(tiny.snapshot(), time_min=time_min, history_kg=history_kg)


def used(days: int = 28, weekday: int = 0) -> FloatArray:
    """(days, 2) [kg] up to a morning that is a ``weekday``: A uses 10 kg a Monday, 11 a Tuesday
    and so on, B twice as much.
    """
    of = (weekday - days + np.arange(days)) % 7
    return np.stack([10.0 + of, 20.0 + 2 * of], axis=1)


def world_class(ground: OwnNetwork) -> WorldClass:
    return WorldClass(
        name="own",
        ground=InstanceGround((ground,)),
        demand=STILL,
        disruptions=Disruptions(0.0),
        episode=SHORT,
    )


def daily(world: Scenario) -> FloatArray:
    return np.asarray(world.days.use_kg.reshape(-1, 24, world.network.n_tanks).sum(axis=1))


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a planner has: network and snapshot of the demo world."""
    folder = tmp_path_factory.mktemp("mine")
    assert main(["world", "demo", "--output", str(folder)]) == 0
    return folder


def test_worlds_have_the_network_as_it_is_and_use_about_what_was_used(files: Path) -> None:
    network = read_network(files / "network.json")
    history = read_snapshot(files / "snapshot.json", network).history_kg
    told = replace(read_world_class("network", data=files), episode=SHORT)
    assert (told.size.tanks, told.size.n_max) == ((12, 12), 12)
    ratio = []
    for seed in range(12):
        world = draw_scenario(told, seed)
        check(world)
        assert same(world.network.vehicles, network.vehicles)
        assert same(world.network.tanks.capacity_kg, network.tanks.capacity_kg)
        assert same(world.network.travel_min, network.travel_min)
        assert same(world.network.point_xy, network.point_xy)
        ratio.append(daily(world).mean(axis=0).sum() / np.nanmean(history, axis=0).sum())
    assert 0.85 < float(np.mean(ratio)) < 1.1
    assert same(draw_scenario(told, 3), draw_scenario(told, 3))
    assert not np.array_equal(
        draw_scenario(told, 3).days.use_kg, draw_scenario(told, 4).days.use_kg
    )


def test_each_weekday_uses_what_it_used() -> None:
    world = draw_scenario(
        world_class(own_network("two", workdays(tiny.network()), snapshot(used()), 0)), 5
    )
    assert daily(world)[:7] == pytest.approx(used(7), abs=0.3)
    assert daily(world)[7:14] == pytest.approx(daily(world)[:7])
    assert world.name == "own:two"


@pytest.mark.parametrize("weekday", range(7))
def test_a_snapshot_of_any_weekday_gives_the_same_weeks(weekday: int) -> None:
    # The same two tanks and drivers, seen from other mornings of the week.
    windows = np.array([[DAY * day + 480, DAY * day + 900] for day in range(21) if day % 7 < 5])
    network = replace(tiny.network(), drivers=replace(tiny.network().drivers, shift_min=(windows,)))
    found = own_network("two", network, snapshot(used(35, weekday), DAY * weekday), weekday)
    assert same(
        draw_scenario(world_class(found), 5),
        draw_scenario(world_class(own_network("two", network, snapshot(used(35)), 0)), 5),
    )
    world = draw_scenario(world_class(found), 5)
    assert world.network.drivers.shift_min[0][:6].tolist() == windows[:6].tolist()
    assert daily(world)[:7] == pytest.approx(used(7), abs=0.3)


def test_the_weekday_is_that_of_the_snapshots_date(files: Path, tmp_path: Path) -> None:
    network = read_network(files / "network.json")
    start = read_snapshot(files / "snapshot.json", network)
    write_network(tmp_path / "network.json", network)
    grounds = []
    for day in range(7):
        # The first one is a Monday.
        write_snapshot(
            tmp_path / "snapshot.json", start, network, np.datetime64("2025-03-31") + day
        )
        ground = read_world_class("network", data=tmp_path).ground
        assert isinstance(ground, InstanceGround)
        grounds.append(ground.instances[0].days.use_kg.reshape(-1, 24, 12).sum(axis=1))
    for day, use in enumerate(grounds):
        assert use[day : day + 7] == pytest.approx(grounds[0][:7])
    write_snapshot(tmp_path / "snapshot.json", start, network)
    with pytest.raises(
        InputError, match=r"snapshot.json: date: got nothing; wanted the morning's date"
    ):
        read_world_class("network", data=tmp_path)


def test_mornings_are_at_the_hour_of_the_snapshots() -> None:
    # At six: a shift from eight on begins two hours later, and half of the day's use is over twelve
    # hours later.
    by_day = TankMix(daytime_share=(0.9, 0.9))
    for hour in (0, 6):
        found = own_network("two", workdays(tiny.network()), snapshot(used(), 60 * hour), 0)
        world = draw_scenario(replace(world_class(found), tanks=by_day), 5)
        assert world.network.drivers.shift_min[0][0].tolist() == [480 - 60 * hour, 900 - 60 * hour]
        light = world.days.use_kg[: 24 * 7].reshape(7, 24, 2).sum(axis=(0, 2))
        assert light[6 - hour : 18 - hour].sum() / light.sum() == pytest.approx(0.9, abs=0.01)


@pytest.mark.parametrize(
    ("windows", "now", "weekday", "weeks", "wanted"),
    [
        ([[480, 900], [10_560, 10_980]], 0, 0, 1, [[480, 900]]),
        (
            [[480, 900], [10_560, 10_980]],
            600,
            0,
            1,
            [[9960, 10_380]],
        ),  # begun: it comes with the week's end
        ([[480, 900], [10_560, 10_980]], 0, 2, 1, [[3360, 3780]]),
        (
            [[9000, 9600]],
            0,
            2,
            1,
            [[1800, 2400]],
        ),  # the eve of the snapshot's weekday, at the week's beginning
        (
            [[480, 900], [10_600, 10_980]],
            0,
            0,
            2,
            [[480, 900], [10_600, 10_980]],
        ),  # a roster of two weeks
        ([[-120, 360], [9960, 10_440]], 0, 1, 1, [[1320, 1800]]),  # a night in one piece
        ([[-120, 9000]], 0, 0, 1, [[0, 9000]]),
        ([[-120, 10_080]], 0, 3, 1, [[0, FOREVER]]),
        ([[0, FOREVER]], 77, 3, 1, [[0, FOREVER]]),
        ([], 77, 3, 1, []),
    ],
)
def test_hours_turned_to_a_monday_by_hand(
    windows: list[list[int]], now: int, weekday: int, weeks: int, wanted: list[list[int]]
) -> None:
    given: IntArray = np.array(windows, dtype=np.int64).reshape(-1, 2)
    assert from_monday(given, now, weekday, weeks).tolist() == wanted


def test_sites_keep_their_hours_week_after_week() -> None:
    hours = np.array([[DAY * day + 300, DAY * day + 1200] for day in range(7)])
    network = tiny.network()
    network = replace(network, sites=replace(network.sites, access_min=(hours,)))
    world = draw_scenario(world_class(own_network("two", network, snapshot(used()), 0)), 5)
    assert world.network.sites.access_min[0][:, 0].tolist() == [
        DAY * day + 300 for day in range(SHORT.warmup_days + SHORT.days + 14)
    ]


def test_means_by_weekday_by_hand() -> None:
    network = tiny.network()
    history = used(21, 3)
    assert weekly_means(network, history, 3)[:, 0].tolist() == [10, 11, 12, 13, 14, 15, 16]
    history[3, 0] = np.nan
    # Two of a weekday are too few: the mean of all days that were measured.
    assert weekly_means(network, history, 3)[:, 0] == pytest.approx(
        np.full(7, np.nanmean(history[:, 0]))
    )
    assert weekly_means(network, history, 3)[:, 1].tolist() == [20, 22, 24, 26, 28, 30, 32]


def test_a_tank_that_used_nothing_uses_nothing() -> None:
    history = used()
    history[:, 0] = 0.0
    world = draw_scenario(
        world_class(own_network("two", workdays(tiny.network()), snapshot(history), 0)), 5
    )
    assert daily(world)[:, 0].max() == 0.0
    assert daily(world)[:, 1].min() > 0.0


def test_orders_called_in_come_every_week_on_their_weekday_and_loads_stay_on_board() -> None:
    network = workdays(tiny.network(call_ins=1))
    order = CallInOrders(*(np.array([value]) for value in (2, 4000, 4500, 50.0, 60.0, 2000)))
    start = replace(
        snapshot(used(), 2880),
        call_in_orders=order,
        load_kg=np.array([700.0]),
        load_product=np.array([0]),
    )
    world = draw_scenario(world_class(own_network("two", network, start, 1)), 5)
    # On a Tuesday 1120 min ahead, known for 880 min.
    assert world.days.call_in_orders.earliest_min[:3].tolist() == [
        1440 + 1120 + 10_080 * week for week in range(3)
    ]
    assert world.days.call_in_orders.announced_min[:2].tolist() == [1440 - 880, 1440 - 880 + 10_080]
    assert world.days.start.load_kg.tolist() == [700.0]
    assert len(world.days.start.call_in_orders) == 0


def test_tankers_that_break_down_are_counted_with_those_of_their_products(files: Path) -> None:
    # All take the one product; of two, the last one that takes the second may not fail with the
    # others at work.
    network = read_network(files / "network.json")
    assert product_groups(network).tolist() == [0, 0, 0]
    allowed = np.array([[True, False], [False, True], [True, False]])
    two = replace(
        network,
        products=("nitrogen", "argon"),
        vehicles=replace(network.vehicles, product_allowed=allowed),
        sites=replace(
            network.sites, product_offered=np.ones((len(network.sites), 2), dtype=np.bool_)
        ),
    )
    assert len(set(product_groups(two)[[0, 2]])) == 1
    assert len(set(product_groups(two))) == 2


def test_a_file_that_is_missing_is_named(tmp_path: Path, files: Path) -> None:
    with pytest.raises(InputError, match=r"network.json"):
        read_world_class("network", data=tmp_path)
    (tmp_path / "network.json").write_text((files / "network.json").read_text())
    with pytest.raises(InputError, match=r"snapshot.json"):
        read_world_class("network", data=tmp_path)
    with pytest.raises(InputError, match="do not ship"):
        read_world_class("network")
    # From the folder above, as for other data.
    (tmp_path / "a" / "b").mkdir(parents=True)
    for name in ("network.json", "snapshot.json"):
        (tmp_path / "a" / "b" / name).write_text((files / name).read_text())
    assert read_world_class("network", data=tmp_path).ground is not None


def test_tanks_without_history_are_named() -> None:
    history = used()
    history[:, 1] = np.nan
    with pytest.raises(
        InputError, match=r"snapshot.json: history_kg of B: got no measured day.*an estimate"
    ):
        own_network("two", workdays(tiny.network()), snapshot(history), 0)
    with pytest.raises(InputError, match=r"history_kg of A, B: got no measured day"):
        own_network("two", workdays(tiny.network()), tiny.snapshot(), 0)


def test_hours_of_less_than_a_week_are_refused_and_of_one_are_not() -> None:
    network = workdays(tiny.network())
    # From the second Wednesday on there are two days of shifts left, from the first Friday on a
    # week.
    with pytest.raises(
        InputError,
        match=r"network.json: drivers \(Ann\).shift_min: got hours that end 3 days after.*wanted "
        r"7 days",
    ):
        own_network("two", network, snapshot(used(), DAY * 9), 2)
    own_network("two", network, snapshot(used(), DAY * 4), 4)
    short = replace(
        network, tanks=replace(network.tanks, access_min=(always_open(), np.array([[480, 900]])))
    )
    with pytest.raises(InputError, match=r"tanks \(B\).access_min: got hours that end 1 days"):
        own_network("two", short, snapshot(used()), 0)


def test_a_network_too_large_for_the_class_is_refused(files: Path, tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text('ground = "network"\n[size]\ntanks = [1, 5]\nn_max = 5\n')
    with pytest.raises(InputError, match=r"size.n_max: got 5; wanted at least 12"):
        draw_scenario(read_world_class(tmp_path / "mine.toml", data=files), 1)


def test_another_history_is_another_class(files: Path, tmp_path: Path) -> None:
    network = read_network(files / "network.json")
    start = read_snapshot(files / "snapshot.json", network)
    write_network(tmp_path / "network.json", network)
    write_snapshot(
        tmp_path / "snapshot.json",
        replace(start, history_kg=start.history_kg * 2),
        network,
        np.datetime64("2025-03-31"),
    )
    known = [
        definition_sha256(read_world_class("network", data=folder))
        for folder in (files, files, tmp_path)
    ]
    assert known[0] == known[1] != known[2]
    assert re.fullmatch("[0-9a-f]{64}", known[0])
