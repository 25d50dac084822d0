"""The rolling horizon: what is executed when, solved by hand with a router that answers from a
list; then whole runs, judged.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from lmrs_rl.dispatchers import FixedDispatcher, FixedParameters
from lmrs_rl.domain import (
    CallInOrders,
    Costs,
    Days,
    InputError,
    Network,
    Order,
    Plan,
    Snapshot,
    Trip,
)
from lmrs_rl.domain.shipped import shipped_world
from lmrs_rl.forecast import KnownUse, WeekdayQuantiles
from lmrs_rl.formats.roadef import read_instance
from lmrs_rl.referee import judge
from lmrs_rl.routing import OrToolsRouter, RouterSettings
from lmrs_rl.routing.core import CoreSettings
from lmrs_rl.routing.protocol import router_after
from lmrs_rl.simulation import DayOutcome, OrderPlanner, Rollout, World, run
from lmrs_rl.worlds.generated import read_scenario
from tests import tiny
from tests.seer import Seer

BIG_WISH = FixedDispatcher(FixedParameters(x_share=1.0))
QUICK = OrToolsRouter(RouterSettings(core=CoreSettings(iterations=200, iterations_per_order=10)))


class Answers:
    """A router that answers each morning with the trips on its list and notes the snapshots it
    saw.
    """

    def __init__(self, *trips: Sequence[Trip]) -> None:
        self.trips, self.seen = trips, list[Snapshot]()

    def __call__(self, network: Network, snapshot: Snapshot, orders: Sequence[Order]) -> Plan:
        self.seen.append(snapshot)
        return Plan(
            snapshot.time_min, tuple(self.trips[len(self.seen) - 1]), (), Costs(0.0, 0.0, 0.0, 0.0)
        )


def roll(
    router: Answers, hours: int = 48, on_day: Callable[[DayOutcome], None] | None = None
) -> Rollout:
    days = Days("tiny", tiny.snapshot(), tiny.use_kg(hours), CallInOrders.none())
    world = World.of_days(tiny.network(), days, KnownUse(days))
    return run(world, OrderPlanner(BIG_WISH, router), on_day=on_day)


def test_a_day_moves_levels_by_use_and_drops() -> None:
    rollout = roll(Answers([tiny.trip()], []))
    # A: 580 - 24 * 10 + 400 after a day; B: 400 - 24 * 5 + 600.
    assert rollout.level_kg[23].tolist() == [740.0, 880.0]
    assert rollout.level_kg.shape == (48, 2)
    assert rollout.level_kg[47].tolist() == [500.0, 760.0]
    assert rollout.trips == (tiny.trip(),)


@pytest.mark.parametrize("date", [None, np.datetime64("2024-02-28")])
def test_a_dispatcher_that_can_is_shown_the_date_and_two_plans(date: np.datetime64 | None) -> None:
    days = Days("tiny", tiny.snapshot(), tiny.use_kg(96), CallInOrders.none())
    seer = Seer(BIG_WISH)
    world = World.of_days(tiny.network(), days, KnownUse(days), first_date=date)
    rollout = run(world, OrderPlanner(seer, Answers([], [], [], [])))
    plans = [day.plan for day in rollout.days]
    shown = [(str(seen[0]), seen[1]) for seen in seer.shown if seen is not None]
    dates = (
        ["None"] * 4 if date is None else ["2024-02-28", "2024-02-29", "2024-03-01", "2024-03-02"]
    )
    assert shown == [
        (dates[0], ()),
        (dates[1], (plans[0],)),
        (dates[2], (plans[1], plans[0])),
        (dates[3], (plans[2], plans[1])),
    ]


def test_what_an_empty_tank_cannot_give_is_joined_over_the_days() -> None:
    rollout = roll(Answers([], [], []), hours=72)
    # A holds 580 kg for 58 h at 10 kg/h; the 14 h after that are unmet. B's 400 kg do for 80 h.
    assert rollout.unmet_kg.shape == (72, 2)
    assert rollout.unmet_kg.sum(axis=0).tolist() == [140.0, 0.0]
    assert np.flatnonzero(rollout.unmet_kg[:, 0])[0] == 58


def test_only_trips_that_start_before_midnight_are_committed() -> None:
    # Planned on the first morning for 23:59 and for midnight; the second is planned anew, a minute
    # later.
    rollout = roll(Answers([tiny.trip(1439), replace(tiny.trip(1440), driver=0)], []))
    assert [t.start_min for t in rollout.trips] == [1439]
    again = roll(Answers([tiny.trip(1440)], [tiny.trip(1441)]))
    assert [t.start_min for t in again.trips] == [1441]


def test_a_trip_over_midnight_is_executed_once_and_delivers_the_next_day() -> None:
    router = Answers([tiny.trip(1380)], [])
    rollout = roll(router)
    assert rollout.trips == (tiny.trip(1380),)
    # It is at A at 24:00 and at B at 24:50: in the books of the second day.
    assert router.seen[1].in_transit.arrival_min.tolist() == [1440, 1490]
    assert router.seen[1].vehicle_free_min.tolist() == [1580]
    assert router.seen[1].driver_free_min.tolist() == [1580 + 480]
    assert rollout.level_kg[23].tolist() == [340.0, 280.0]
    assert rollout.level_kg[24].tolist() == [580.0 - 250 + 400, 400.0 - 125 + 600]


def test_a_drop_after_midnight_that_does_not_fit_is_told_as_it_went() -> None:
    rollout = roll(Answers([tiny.trip(1380, kg_a=100, kg_b=900)], []))
    # B has 400 - 24 * 5 = 280 kg at midnight and is at 275 an hour later: 725 fit, and are noticed
    # on the second day.
    assert [stop.kg for stop in rollout.days[0].executed.trips[0].stops] == [1000, 100, 900]
    assert [stop.kg for stop in rollout.trips[0].stops] == [1000, 100, 725]
    assert rollout.level_kg[24].tolist() == [580.0 - 250 + 100, 1000.0]


def test_the_last_day_may_be_shorter() -> None:
    router = Answers([], [tiny.trip(1440 + 359), tiny.trip(1440 + 360)])
    rollout = roll(router, hours=30)
    assert [day.executed.to_min for day in rollout.days] == [1440, 1800]
    # The run ends at 6:00 of the second day: what starts then is not driven.
    assert [t.start_min for t in rollout.trips] == [1799]
    assert rollout.level_kg.shape == (30, 2)


def test_a_run_of_an_hour() -> None:
    assert roll(Answers([tiny.trip(60)]), hours=1).trips == ()


def test_no_hours_are_refused() -> None:
    with pytest.raises(InputError, match=r"days\.use_kg"):
        roll(Answers(), hours=0)


def test_every_day_is_told_of_once_as_it_ends() -> None:
    told: list[DayOutcome] = []
    router = Answers([], [], [])

    def on_day(record: DayOutcome) -> None:
        told.append(record)
        assert len(router.seen) == len(told)  # the next morning has not been planned yet

    rollout = roll(router, hours=50, on_day=on_day)
    assert [record.day for record in told] == [0, 1, 2]
    assert tuple(told) == rollout.days
    assert [snapshot.time_min for snapshot in router.seen] == [0, 1440, 2880]


def test_days_of_another_network_are_refused() -> None:
    days = Days("other", tiny.snapshot(3), np.zeros((24, 3)), CallInOrders.none())
    with pytest.raises(InputError, match="level_kg"):
        World.of_days(tiny.network(), days, KnownUse(days))


class Follows(Answers):
    """Notes the plans that it is told to follow."""

    def __init__(self, *trips: Sequence[Trip]) -> None:
        super().__init__(*trips)
        self.told: list[int] = []

    def following(self, before: Plan) -> Follows:
        self.told.append(before.time_min)
        return self


def test_a_router_that_can_is_handed_the_plan_of_the_morning_before() -> None:
    router = Follows([], [], [])
    roll(router, hours=72)
    assert router.told[:2] == [0, 1440]  # each morning but the first has one before it
    assert len(router.seen) == 3


def test_a_plain_function_stays_the_router_of_all_mornings() -> None:
    router = Answers([], [])
    assert router_after(router, [Plan(0, (), (), Costs(0.0, 0.0, 0.0, 0.0))]) is router


def test_a_run_that_hands_plans_on_is_the_same_twice() -> None:
    world = read_scenario(shipped_world("demo"))
    days = replace(world.days, use_kg=world.days.use_kg[:72])
    train = OrToolsRouter(RouterSettings.preset("train"))
    planner = OrderPlanner(FixedDispatcher(FixedParameters()), train)
    first, second = (
        run(World.of_days(world.network, days, WeekdayQuantiles()), planner) for _ in range(2)
    )
    assert [day.plan for day in first.days] == [day.plan for day in second.days]
    assert train.previous_plan is None


def test_a_tank_that_would_run_dry_is_served_by_the_real_parts() -> None:
    days = tiny.days(6)
    world = World.of_days(tiny.network(), days, KnownUse(days))
    rollout = run(world, OrderPlanner(FixedDispatcher(FixedParameters()), QUICK))
    verdict = judge(tiny.network(), days, rollout.trips)
    assert verdict.valid, str(verdict)
    # A alone uses 6 * 240 kg and has 580: it was served.
    assert verdict.figures.kg > 800


def assert_sound(network: Network, days: Days, rollout: Rollout) -> None:
    """The joined run breaks no operating rule, drives no trip twice, has all hours, and no plan
    met the clock.
    """
    verdict = judge(network, days, rollout.trips)
    assert verdict.operating == (), str(verdict)
    assert len({(t.vehicle, t.start_min) for t in rollout.trips}) == len(rollout.trips) > 0
    assert rollout.level_kg.shape == rollout.unmet_kg.shape == days.use_kg.shape
    for day in rollout.days:
        assert day.plan.complete
        assert all(
            day.executed.from_min <= t.start_min < day.executed.to_min for t in day.executed.trips
        )


def test_the_demo_world_runs_by_the_rules() -> None:
    world = read_scenario(shipped_world("demo"))
    days = replace(world.days, use_kg=world.days.use_kg[: 24 * 4])
    planner = OrderPlanner(FixedDispatcher(FixedParameters()), QUICK)
    rollout = run(World.of_days(world.network, days, WeekdayQuantiles()), planner)
    assert_sound(world.network, days, rollout)


@pytest.mark.parametrize(("name", "whole_days"), [("V_1.3", 10), ("V_1.1", 30)])
def test_air_liquide_instances_run_by_the_rules(
    shared_data: Path, name: str, whole_days: int
) -> None:
    path = next(
        p
        for p in (shared_data / "roadef2016" / "instances").glob("*.xml")
        if p.stem.removeprefix("Instance_") == name
    )
    instance = read_instance(path)
    dear = FixedDispatcher(
        FixedParameters(
            a=-0.05, b=0.95, alpha=1e5, beta=7e-4, value_multiplier=0.8, q_min_floor=0.2
        )
    )  # no tank is left dry
    world = World.of_days(instance.network, instance.days, KnownUse(instance.days))
    rollout = run(world, OrderPlanner(dear, QUICK))
    assert len(rollout.days) == whole_days
    assert_sound(instance.network, instance.days, rollout)
