"""The look-ahead as a planner."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from lmrs_rl.dispatchers import FixedDispatcher, FixedParameters
from lmrs_rl.dispatchers.lookahead_settings import LookAheadSettings
from lmrs_rl.dispatchers.protocol import Dispatcher
from lmrs_rl.domain import CallInOrders, CumulativeForecast, InputError, OrderParameters
from lmrs_rl.domain.workers import WorkerPool
from lmrs_rl.forecast import WeekdayQuantiles
from lmrs_rl.lookahead import LookAhead
from lmrs_rl.lookahead.planner import distinct_today
from lmrs_rl.lookahead.risk import day_risks
from lmrs_rl.lookahead.rolling import RolloutEvaluator
from lmrs_rl.routing import OrToolsRouter, RouterSettings
from lmrs_rl.simulation import DecisionState, OrderPlanner, carry_out, run
from lmrs_rl.simulation.futures import draw_futures
from lmrs_rl.simulation.prices import StockPrices
from lmrs_rl.worlds import Breakdowns, Closures
from lmrs_rl.worlds.parameters import Cost
from tests import tiny
from tests.environment.small import DISPATCHER, first_morning, small_world
from tests.seer import Seer

TRAIN = RouterSettings.preset("train")
FEW = LookAheadSettings(candidates=4, seeds=1, days=2, paths=4, budget=12)


def look(
    settings: LookAheadSettings = FEW, dispatcher: Dispatcher = DISPATCHER, **changes: object
) -> LookAhead:
    return LookAhead(dispatcher, small_world().cost, settings, TRAIN, **changes)  # type: ignore[arg-type]


def tiny_morning(level_a: float) -> DecisionState:
    network, snapshot = (
        tiny.network(),
        replace(tiny.snapshot(), level_kg=np.array([level_a, 900.0])),
    )
    return DecisionState.known(
        network,
        snapshot,
        CumulativeForecast(
            0, np.array([0.5]), tiny.USE_KG_PER_H[None, :, None] * np.arange(24 * 5 + 1)
        ),
    )


def serving(
    morning: DecisionState, base: OrderParameters, rng: np.random.Generator
) -> Sequence[tuple[str, OrderParameters]]:
    """Parameters that make it dear to leave tank A."""
    return [("serving", replace(base, alpha=np.array([1e5, 0.0])))]


def test_a_tank_that_runs_dry_tomorrow_is_served_where_a_candidate_serves_it() -> None:
    # A holds 250 kg: 10 are left tomorrow, and the base, to whom a missed order costs nothing,
    # never sends anybody.
    idle = FixedDispatcher(FixedParameters(alpha=0.0))
    settings = LookAheadSettings(candidates=2, seeds=1, days=3, paths=2, budget=4, caution=1.0)
    cost = Cost(stockout_per_tank_day=1000.0, lost_per_kg=1.0, stock_value=0.0)
    found = LookAhead(idle, cost, settings, TRAIN, proposer=serving).consider(tiny_morning(250.0))
    assert [each.name for each in found.candidates] == ["base", "serving"]
    assert not found.decisions[0].plan.trips
    # Dry on the second day and the third: 230 and 240 kg not given.
    assert found.costs[0] == pytest.approx([2000.0 + 470.0] * 2)
    assert found.chosen == 1
    assert found.gain == pytest.approx(2470.0 - found.costs[1, 0])
    assert {
        stop.place
        for trip in found.decision.plan.trips
        for stop in trip.stops
        if stop.kind == "drop"
    } == {tiny.TANK_A}


def test_a_full_tank_is_left_alone_though_a_candidate_would_serve_it() -> None:
    # Neither tank runs dry in three days, and serving A today costs its way.
    idle = FixedDispatcher(FixedParameters(alpha=0.0))
    settings = LookAheadSettings(candidates=2, seeds=1, days=3, paths=2, budget=4, caution=1.0)
    found = LookAhead(idle, Cost(stock_value=0.0), settings, TRAIN, proposer=serving).consider(
        tiny_morning(770.0)
    )
    assert found.chosen == 0
    assert found.gain == 0.0


def test_all_plans_are_rolled_over_the_same_futures() -> None:
    looking, morning = look(), first_morning()
    found = looking.consider(morning)
    futures = draw_futures(
        morning.forecast,
        FEW.paths,
        FEW.days,
        np.random.default_rng((0, morning.snapshot.time_min, 0)),
    )
    world = small_world()
    base = OrderPlanner(DISPATCHER, OrToolsRouter(looking.rollout_router))
    prices = StockPrices.of(morning.network, world.cost)
    rolling = RolloutEvaluator(
        morning, futures, day_risks(futures), base, world.cost, prices, FEW.caution
    )
    assert len(found.distinct) > 1
    for k in found.distinct:
        paths = np.flatnonzero(~np.isnan(found.costs[k]))
        assert len(paths)
        assert paths.tolist() == list(range(len(paths)))  # the first ones, for everybody
        assert found.costs[k, paths] == pytest.approx(
            rolling.costs(found.decisions[k], paths.tolist()), rel=1e-12
        )


def test_the_budget_is_kept_and_the_best_of_the_last_round_wins() -> None:
    found = look().consider(first_morning())
    assert 0 < found.rollouts <= FEW.budget
    counts = (~np.isnan(found.costs)).sum(axis=1)
    last = np.flatnonzero(counts == counts.max())
    assert found.chosen == last[np.argmin(np.nanmean(found.costs[last], axis=1))]


def test_the_control_differs_in_routing_seeds_alone() -> None:
    morning = first_morning()
    control = look(replace(FEW, seeds=FEW.candidates)).consider(morning)
    ahead = look().consider(morning)
    assert [each.seed for each in control.candidates] == [each.seed for each in ahead.candidates]
    base = DISPATCHER(morning.network, morning.snapshot, morning.forecast)
    for each in control.candidates:
        for name in (
            "x_kg",
            "a",
            "b",
            "alpha",
            "beta",
            "z",
            "value_per_kg",
            "q_min_floor",
            "fill_days",
        ):
            assert np.array_equal(getattr(each.parameters, name), getattr(base, name))


def test_one_candidate_is_the_ordinary_planner() -> None:
    alone = look(LookAheadSettings(candidates=1, seeds=1, days=2, paths=1, budget=0))
    decision = alone(first_morning())
    assert decision.plan == OrderPlanner(DISPATCHER, OrToolsRouter(TRAIN))(first_morning()).plan


def test_plans_with_the_same_first_day_are_one() -> None:
    morning = first_morning()
    plan = OrderPlanner(DISPATCHER, OrToolsRouter(TRAIN))(morning).plan
    later = replace(plan, trips=plan.starting_before(morning.snapshot.time_min + 1440))
    nothing = replace(plan, trips=())
    assert distinct_today([plan, later, nothing, plan], morning.snapshot.time_min) == (0, 2)


def test_what_will_really_happen_changes_nothing() -> None:
    world, day = small_world(), 1440
    use = np.array(world.days.use_kg)
    use[24:] = 3 * use[24:] + 5
    broken = Breakdowns(
        np.array([2 * day]), np.array([4 * day]), np.array([2 * day]), vehicle=np.array([0])
    )
    closed = Closures(
        np.array([2 * day]), np.array([4 * day]), np.array([2 * day]), site=np.array([0])
    )
    other = replace(
        world,
        days=replace(world.days, use_kg=use),
        outages=replace(world.outages, breakdowns=broken, closures=closed),
    )
    ordinary = OrderPlanner(DISPATCHER, OrToolsRouter(TRAIN))
    mornings = [run(each, ordinary, days=1).end for each in (world, other)]
    found = [look().consider(morning) for morning in mornings]
    assert found[0].decision.plan == found[1].decision.plan
    assert np.array_equal(found[0].costs, found[1].costs, equal_nan=True)
    # The worlds do differ from that morning on.
    outcomes = [
        carry_out(each, morning, found[0].decision)
        for each, morning in zip((world, other), mornings, strict=True)
    ]
    assert outcomes[0].costs != outcomes[1].costs


def test_the_same_morning_and_seed_give_the_same_decision_and_another_seed_another_future() -> None:
    one, two, other = (
        look().consider(first_morning()),
        look().consider(first_morning()),
        look(seed=1).consider(first_morning()),
    )
    assert np.array_equal(one.costs, two.costs, equal_nan=True)
    assert one.decision.plan == two.decision.plan
    assert not np.array_equal(one.costs, other.costs, equal_nan=True)


@pytest.mark.heavy
def test_workers_change_nothing() -> None:
    alone = look().consider(first_morning())
    with WorkerPool(2) as workers:
        shared = look(workers=workers).consider(first_morning())
    assert np.array_equal(alone.costs, shared.costs, equal_nan=True)
    assert alone.chosen == shared.chosen
    assert [each.plan for each in alone.decisions] == [each.plan for each in shared.decisions]


def test_no_workers_are_refused() -> None:
    assert WorkerPool(1).map(max, [1, 5], [2, 3]) == [2, 5]
    with pytest.raises(InputError, match="workers"):
        WorkerPool(0)


def test_the_base_sees_date_and_plans_of_the_morning_and_of_imagined_ones() -> None:
    morning, seer = small_world().start(), Seer(DISPATCHER)
    look(dispatcher=seer).consider(morning)
    dates = [seen[0] for seen in seer.shown if seen is not None and seen[0] is not None]
    assert len(dates) == len(seer.shown)
    assert morning.date is not None
    assert dates[0] == morning.date
    assert set(dates[1:]) == {morning.date + np.timedelta64(1, "D")}
    assert seer.shown[1] is not None
    assert len(seer.shown[1][1]) == 1


def test_it_plays_days_like_any_planner() -> None:
    rollout = run(small_world(), look(), days=2)
    assert [day.day for day in rollout.days] == [0, 1]


def test_a_planner_in_use_needs_no_scenario() -> None:
    network = tiny.network(call_ins=1)
    history = np.tile([240.0, 120.0], (28, 1))
    calls = CallInOrders(
        np.array([2]),
        np.array([0]),
        np.array([2 * 1440]),
        np.array([100.0]),
        np.array([200.0]),
        np.array([0]),
    )
    snapshot = replace(tiny.snapshot(), history_kg=history, call_in_orders=calls)
    morning = DecisionState.known(network, snapshot, WeekdayQuantiles()(network, snapshot))
    decision = LookAhead(DISPATCHER, Cost(), FEW, TRAIN)(morning)
    assert {
        stop.place for trip in decision.plan.trips for stop in trip.stops if stop.kind == "drop"
    } >= {tiny.TANK_A, tiny.CALL_IN}
    with pytest.raises(InputError, match="start_min"):
        DecisionState.known(network, replace(snapshot, time_min=1440), morning.forecast)
