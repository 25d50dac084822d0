"""What is known when: closures and breakdowns from their morning on and not before; plans made
with it are legal; variations leave the rest alone.
"""

from __future__ import annotations

import pickle
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lmrs_rl.dispatchers import FixedDispatcher, FixedParameters
from lmrs_rl.domain import InputError
from lmrs_rl.domain.arrays import FOREVER, always_open
from lmrs_rl.forecast import WeekdayQuantiles
from lmrs_rl.referee import judge
from lmrs_rl.routing import OrToolsRouter, RouterSettings
from lmrs_rl.simulation import OrderPlanner, World, run
from lmrs_rl.worlds import (
    Breakdowns,
    Closures,
    Scenario,
    WorldClass,
    draw_scenario,
    known_network,
    known_snapshot,
    network_as_it_was,
    read_world_class,
    with_demand,
    without_vehicle,
)
from lmrs_rl.worlds.outages import without_interval
from lmrs_rl.worlds.parameters import Cost, Disruptions, Fleet, Sites, Size
from tests.worlds.small import SHORT, SMALL, same

DAY = 1440
TROUBLED = replace(
    SMALL,
    size=Size(tanks=(30, 30), n_max=30),
    sites=Sites(count=(2, 2), open_hours=(5.0, 21.0)),
    fleet=Fleet(products=(1, 1), tanks_per_driver=(10.0, 10.0)),
    disruptions=Disruptions(
        breakdowns_per_year=40.0,
        closures_per_year=25.0,
        shortages_per_year=25.0,
        closure_notice_days=(0, 3),
    ),
)


def columns(*rows: tuple[int, int, int, int]) -> list[np.ndarray]:
    """From, to, known and number of outages given as (number, from, to, known)."""
    table = np.array(rows, dtype=np.int64).reshape(-1, 4).T
    return [table[1], table[2], table[3], table[0]]


def with_outages(
    broken: tuple[tuple[int, int, int, int], ...] = (),
    closed: tuple[tuple[int, int, int, int], ...] = (),
) -> Scenario:
    world = draw_scenario(replace(TROUBLED, disruptions=Disruptions(0.0)), 1)
    return replace(
        world, breakdowns=Breakdowns(*columns(*broken)), closures=Closures(*columns(*closed))
    )


@pytest.mark.parametrize(
    ("gap", "left"),
    [
        ((0, 10), [[10, 20], [30, 40]]),
        ((0, 12), [[12, 20], [30, 40]]),
        ((12, 15), [[10, 12], [15, 20], [30, 40]]),
        ((15, 35), [[10, 15], [35, 40]]),
        ((20, 30), [[10, 20], [30, 40]]),
        ((10, 20), [[30, 40]]),
        ((0, 50), []),
        ((40, 50), [[10, 20], [30, 40]]),
    ],
)
def test_a_closure_is_cut_out_of_opening_hours(gap: tuple[int, int], left: list[list[int]]) -> None:
    assert without_interval(np.array([[10, 20], [30, 40]]), *gap).tolist() == left


def test_a_closure_of_a_site_that_is_always_open() -> None:
    assert without_interval(always_open(), 100, 200).tolist() == [[0, 100], [200, FOREVER]]


@given(
    st.lists(st.integers(0, 60), min_size=2, max_size=8, unique=True),
    st.integers(0, 60),
    st.integers(1, 30),
)
def test_what_is_left_of_hours_is_just_the_minutes_outside_the_closure(
    edges: list[int], start: int, length: int
) -> None:
    edges = sorted(edges)[: len(edges) // 2 * 2]
    hours = np.array(edges).reshape(-1, 2)

    def minutes(windows: np.ndarray) -> set[int]:
        return {minute for a, b in windows.tolist() for minute in range(a, b)}

    assert minutes(without_interval(hours, start, start + length)) == minutes(hours) - set(
        range(start, start + length)
    )


def test_a_closure_is_known_from_its_announcement_until_its_end() -> None:
    world = with_outages(closed=((1, 5 * DAY, 7 * DAY, 3 * DAY),))
    for day in (0, 2, 7, 9):
        assert known_network(world.network, world.outages, day * DAY) is world.network
    for day in (3, 4, 5, 6):
        hours = known_network(world.network, world.outages, day * DAY).sites.access_min
        assert hours[0] is world.network.sites.access_min[0] or np.array_equal(
            hours[0], world.network.sites.access_min[0]
        )
        assert not any(5 * DAY <= a < 7 * DAY for a in hours[1][:, 0].tolist())
        assert len(hours[1]) == len(world.network.sites.access_min[1]) - 2
    assert (
        len(network_as_it_was(world.network, world.outages).sites.access_min[1])
        == len(world.network.sites.access_min[1]) - 2
    )


def test_a_breakdown_is_known_on_its_morning_and_holds_the_vehicle_until_its_end() -> None:
    world = with_outages(broken=((2, 5 * DAY, 7 * DAY, 5 * DAY),))
    for day, free in ((0, 0), (4, 0), (5, 7 * DAY), (6, 7 * DAY), (7, 0)):
        snapshot = replace(world.days.start, time_min=day * DAY)
        known = known_snapshot(snapshot, world.outages)
        assert known.vehicle_free_min.tolist() == [0, 0, free]
        assert (known is snapshot) == (free == 0)


def test_a_breakdown_never_makes_a_vehicle_free_earlier() -> None:
    world = with_outages(broken=((0, 5 * DAY, 6 * DAY, 5 * DAY),))
    snapshot = replace(
        world.days.start, time_min=5 * DAY, vehicle_free_min=np.array([6 * DAY + 30, 0, 0])
    )
    assert known_snapshot(snapshot, world.outages).vehicle_free_min.tolist() == [6 * DAY + 30, 0, 0]


def test_days_before_a_tank_came_are_not_measured() -> None:
    world = replace(with_outages(), installed_min=np.array([3 * DAY] + [0] * 29))
    history = np.ones((10, 30))
    snapshot = replace(world.days.start, time_min=5 * DAY, history_kg=history)
    known = known_snapshot(snapshot, world.outages).history_kg
    # The last row is day 4; days 3 and 4 have a tank.
    assert np.isnan(known[:8, 0]).all()
    assert known[8:, 0].tolist() == [1.0, 1.0]
    assert np.array_equal(known[:, 1:], history[:, 1:])


def test_outages_that_cannot_be_are_refused() -> None:
    with pytest.raises(InputError, match=r"^closures.from_min\[0\]: got 7"):
        Closures(*columns((0, 7, 7, 0)))
    with pytest.raises(InputError, match=r"^breakdowns.known_min\[0\]: got 8"):
        Breakdowns(*columns((0, 7, 9, 8)))
    with pytest.raises(InputError, match=r"^breakdowns.vehicle"):
        with_outages(broken=((3, 7, 9, 7),))
    Breakdowns(*columns((0, 7, 9, 7)))


@pytest.mark.parametrize("seed", range(6))
def test_a_product_keeps_a_tanker_and_an_open_site(seed: int) -> None:
    world = draw_scenario(
        replace(
            TROUBLED, fleet=Fleet(products=(2, 2), vehicles=(4, 5), tanks_per_driver=(7.0, 7.0))
        ),
        seed,
    )
    network = world.network
    assert len(world.breakdowns) > 3
    assert len(world.closures) > 3
    for day in range(world.days_total):
        noon = day * DAY + 720
        up = np.ones(len(network.vehicles), dtype=bool)
        up[
            world.breakdowns.vehicle[
                (world.breakdowns.from_min <= noon) & (world.breakdowns.to_min > noon)
            ]
        ] = False
        assert network.vehicles.product_allowed[up].any(axis=0).all()
        is_open = np.ones(len(network.sites), dtype=bool)
        today = (world.closures.from_min < (day + 1) * DAY) & (world.closures.to_min > day * DAY)
        is_open[world.closures.site[today]] = False
        assert network.sites.product_offered[is_open].any(axis=0).all()
    assert np.all(world.breakdowns.known_min == world.breakdowns.from_min)
    assert np.all(world.breakdowns.from_min % DAY == 0)
    assert np.all(world.closures.known_min % DAY == 0)


def plans(world: Scenario, days: int) -> None:
    """Roll some days with what is known each morning; nothing breaks a rule, no truck drives in
    repair.
    """
    cut_days = replace(world.days, use_kg=world.days.use_kg[: 24 * days])
    router = OrToolsRouter(RouterSettings.preset("train"))
    simulated = World.of(replace(world, days=cut_days), Cost(), WeekdayQuantiles())
    rollout = run(simulated, OrderPlanner(FixedDispatcher(FixedParameters()), router))
    assert rollout.trips
    verdict = judge(network_as_it_was(world.network, world.outages), cut_days, rollout.trips)
    # A tank that runs dry is a poor service, not an illegal plan.
    assert [v for v in verdict.operating if v.code != "DYN01" or "dry" not in v.where] == [], str(
        verdict
    )
    for trip in rollout.trips:
        rows = world.breakdowns.vehicle == trip.vehicle
        assert not np.any(
            (trip.end_min > world.breakdowns.from_min[rows])
            & (trip.start_min < world.breakdowns.to_min[rows])
        )
        assert all(
            stop.arrival_min >= world.installed_min[stop.place]
            for stop in trip.stops
            if stop.kind == "drop"
        )
    for day in rollout.days:
        morning = day.executed.from_min
        today = replace(
            cut_days, start=replace(world.days.start, time_min=morning), use_kg=cut_days.use_kg[:1]
        )
        sites = judge(
            known_network(world.network, world.outages, morning),
            today,
            [t for t in day.plan.trips if t.start_min < morning + DAY],
        )
        assert not [v for v in sites.operating if v.code in ("SRC02", "DRI08", "SHI04")]
    assert np.all(rollout.level_kg >= 0)
    assert np.all(rollout.level_kg <= world.network.tanks.capacity_kg + 1e-6)


@pytest.mark.parametrize("seed", [1, 2])
def test_plans_made_with_what_is_known_are_legal_in_a_troubled_world(seed: int) -> None:
    world = draw_scenario(replace(TROUBLED, demand=replace(TROUBLED.demand, late_share=0.2)), seed)
    assert len(world.breakdowns) > 0
    assert len(world.closures) > 0
    plans(world, 8)


@pytest.mark.parametrize("name", ["calm", "tight", "uncertain", "multi-site", "mixed"])
def test_plans_are_legal_in_every_class(name: str) -> None:
    world_class = read_world_class(name)
    plans(
        draw_scenario(replace(world_class, size=Size(tanks=(18, 18), n_max=200), episode=SHORT), 5),
        3,
    )


def before(world: Scenario, day: int) -> tuple[object, ...]:
    """All that is known on the morning of a row of the panel."""
    view = world.panel.known_at(day)
    stops = view.past.shutdowns
    return (
        view.past.use,
        view.past.temperature,
        view.past.issued,
        stops.series,
        stops.first_day,
        stops.last_day,
    )


def test_what_was_known_before_a_stop_that_nobody_announced_does_not_show_it() -> None:
    # Two worlds alike but for one unannounced stop and a shutdown announced on day 70, both in the
    # truth after row 80.
    world = draw_scenario(SMALL, 2)
    use = np.array(world.panel.use)
    use[80:, 3] *= 0.1
    stopped = replace(world, panel=replace(world.panel, use=use))
    for day in (0, 40, 79, 80):
        assert same(before(stopped, day), before(world, day))
    assert not same(before(stopped, 81), before(world, 81))


@pytest.mark.parametrize("seed", range(3))
def test_the_past_does_not_depend_on_how_long_breakdowns_or_closures_will_be(seed: int) -> None:
    calm = draw_scenario(replace(TROUBLED, disruptions=Disruptions(0.0)), seed)
    rough = draw_scenario(TROUBLED, seed)
    first = min(int(rough.breakdowns.known_min.min()), int(rough.closures.known_min.min()))
    for morning in range(0, first, DAY):
        assert known_network(rough.network, rough.outages, morning) is rough.network
        assert same(
            known_snapshot(replace(rough.days.start, time_min=morning), rough.outages),
            known_snapshot(replace(calm.days.start, time_min=morning), calm.outages),
        )
    assert same(rough.network, calm.network)
    assert same(rough.panel, calm.panel)


def test_sizes_do_not_depend_on_what_will_happen() -> None:
    # Noise and weather draw from other streams than sizes: another noise leaves capacities and
    # levels as they are.
    noisy = replace(SMALL.demand, stop_use=0.9, shift=1.0, shifts_per_year=9.0)
    a, b = draw_scenario(SMALL, 7), draw_scenario(replace(SMALL, demand=noisy), 7)
    assert same(a.network, b.network)
    assert same(a.days.start.level_kg, b.days.start.level_kg)


def test_more_demand_changes_demand_alone() -> None:
    world = draw_scenario(TROUBLED, 3)
    more = with_demand(world, 1.3)
    assert more.days.use_kg == pytest.approx(1.3 * world.days.use_kg)
    assert more.after_kg == pytest.approx(1.3 * world.after_kg)
    assert np.allclose(more.panel.use, 1.3 * world.panel.use, equal_nan=True)
    assert np.allclose(
        more.days.start.history_kg, 1.3 * world.days.start.history_kg, equal_nan=True
    )
    assert same(more.network, world.network)
    assert same(more.days.start.level_kg, world.days.start.level_kg)
    assert same((more.breakdowns, more.closures), (world.breakdowns, world.closures))
    assert same(with_demand(world, 1.0), world)


def test_more_demand_from_a_day_on_leaves_the_days_before() -> None:
    world = draw_scenario(SMALL, 3)
    day = world.first_day + 2
    more = with_demand(world, 2.0, from_day=day)
    assert same(before(more, day), before(world, day))
    assert np.array_equal(more.days.use_kg[:48], world.days.use_kg[:48])
    assert np.array_equal(more.days.use_kg[48:], 2 * world.days.use_kg[48:])


@pytest.mark.parametrize("factor", [-0.1, float("nan"), float("inf")])
def test_a_demand_that_cannot_be_is_refused(factor: float) -> None:
    with pytest.raises(InputError, match=r"^factor"):
        with_demand(draw_scenario(SMALL, 3), factor)


def test_a_vehicle_fewer_leaves_all_other_draws_alone() -> None:
    world = draw_scenario(TROUBLED, 3)
    fewer = without_vehicle(world, 1)
    assert fewer.network.vehicles.ids == ("truck-1", "truck-3")
    assert fewer.network.drivers.ids == ("driver-1", "driver-3")
    assert same(fewer.network.vehicles.capacity_kg, world.network.vehicles.capacity_kg[[0, 2]])
    assert same(
        fewer.network.tanks.vehicle_allowed,
        np.ascontiguousarray(world.network.tanks.vehicle_allowed[:, [0, 2]]),
    )
    assert same(
        (fewer.panel, fewer.closures, fewer.days.use_kg),
        (world.panel, world.closures, world.days.use_kg),
    )
    kept = world.breakdowns.vehicle != 1
    assert fewer.breakdowns.from_min.tolist() == world.breakdowns.from_min[kept].tolist()
    assert fewer.breakdowns.vehicle.tolist() == [
        {0: 0, 2: 1}[v] for v in world.breakdowns.vehicle[kept].tolist()
    ]
    fewer.days.check_against(fewer.network)


def test_drivers_stay_who_can_drive_another_vehicle() -> None:
    world = draw_scenario(read_world_class("demo"), 1)
    assert len(without_vehicle(world, 0).network.drivers) == 3


def test_the_last_vehicle_and_vehicles_that_are_none_are_refused() -> None:
    world = draw_scenario(TROUBLED, 3)
    for vehicle in (-1, 3):
        with pytest.raises(InputError, match="0 to 2"):
            without_vehicle(world, vehicle)
    one = without_vehicle(without_vehicle(world, 0), 0)
    with pytest.raises(InputError, match="another vehicle for nitrogen"):
        without_vehicle(one, 0)


@pytest.mark.parametrize("name", ["calm", "tight", "uncertain", "multi-site", "mixed"])
def test_any_vehicle_may_go_where_its_product_has_three(name: str) -> None:
    for seed in range(3):
        world = draw_scenario(replace(read_world_class(name), episode=SHORT), seed)
        for vehicle in range(len(world.network.vehicles)):
            product = world.network.vehicles.product_allowed[vehicle]
            if (world.network.vehicles.product_allowed == product).all(axis=1).sum() > 2:
                without_vehicle(world, vehicle)


def test_a_scenario_and_a_class_survive_pickling() -> None:
    world_class: WorldClass = read_world_class("mixed")
    assert pickle.loads(pickle.dumps(world_class)) == world_class
    world = draw_scenario(SMALL, 3)
    assert same(pickle.loads(pickle.dumps(world)), world)
