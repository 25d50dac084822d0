"""What a plan comes to, by hand in the tiny world."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from lmrs_rl.domain import Costs, OrderParameters, Plan, Trip
from lmrs_rl.forecast import KnownUse
from lmrs_rl.lookahead.risk import DayRisk, day_risks
from lmrs_rl.lookahead.rolling import RolloutEvaluator
from lmrs_rl.simulation import Decision, DecisionState
from lmrs_rl.simulation.futures import draw_futures
from lmrs_rl.simulation.prices import StockPrices
from lmrs_rl.worlds.parameters import Cost
from tests import tiny
from tests.environment.small import DISPATCHER, PLANNER

COST = Cost(stockout_per_tank_day=1000.0, lost_per_kg=1.0, stock_value=0.0)


def plan(time_min: int, *trips: Trip) -> Plan:
    return Plan(time_min, trips, (), Costs(0.0, 0.0, 0.0, 0.0))


def first(*trips: Trip) -> Decision:
    """What is decided on the first morning, with the given trips."""
    parameters = OrderParameters.shared(2, x_kg=900.0, alpha=50.0, beta=0.0)
    return Decision(parameters, (), plan(0, *trips))


class Idle:
    """A planner that never sends anybody, and notes the mornings that it saw."""

    def __init__(self) -> None:
        self.mornings: list[DecisionState] = []

    def __call__(self, morning: DecisionState) -> Decision:
        self.mornings.append(morning)
        parameters = DISPATCHER(morning.network, morning.snapshot, morning.forecast)
        return Decision(parameters, (), plan(morning.snapshot.time_min))


def rolling(days: int, base: Idle, cost: Cost = COST, paths: int = 1) -> RolloutEvaluator:
    network, snapshot = tiny.network(), tiny.snapshot()
    morning = DecisionState.known(
        network,
        snapshot,
        KnownUse(tiny.days())(network, snapshot),
        date=np.datetime64("2024-02-28"),
    )
    futures = draw_futures(morning.forecast, paths, days, np.random.default_rng(0))
    prices = StockPrices.of(network, cost)
    return RolloutEvaluator(morning, futures, day_risks(futures), base, cost, prices)


def test_a_tank_that_nobody_visits_runs_dry_on_the_third_day() -> None:
    # A holds 580 kg and uses 240 a day: on the third day 140 kg are not given. B has 40 kg left
    # then.
    assert rolling(2, Idle()).costs(first(), [0]).tolist() == [0.0]
    assert rolling(3, Idle()).costs(first(), [0]) == pytest.approx([1000.0 + 140.0])


def test_caution_raises_the_price_of_a_stockout_and_nothing_else() -> None:
    careful = replace(rolling(3, Idle()), caution=3.0)
    assert careful.costs(first(), [0]) == pytest.approx([3 * 1000.0 + 140.0])


def test_a_stockout_that_no_path_shows_counts_with_its_probability() -> None:
    # One day in a hundred A uses more than it holds; the one path that is drawn is another one.
    roller = rolling(1, Idle())
    rare = DayRisk(
        np.array([0.01, 0.99]), np.array([[200.0, 580.0], [100.0, 200.0]]), np.ones((24, 2))
    )
    low = replace(roller.state.snapshot, level_kg=np.array([579.999, 400.0]))
    morning = replace(roller.state, snapshot=low)
    rarely = replace(roller, state=morning, risks=(rare,))
    assert rarely.costs(first(), [0]) == pytest.approx([10.0], rel=1e-3)


def test_a_trip_today_costs_its_way_and_saves_the_stockout() -> None:
    # 60 km at 1 EUR, 200 min at 0.5 EUR.
    assert rolling(3, Idle()).costs(first(tiny.trip()), [0]) == pytest.approx([60.0 + 100.0])


def test_trips_of_later_days_are_left_to_the_base() -> None:
    assert rolling(3, Idle()).costs(first(tiny.trip(start_min=1440)), [0]) == pytest.approx(
        [1140.0]
    )


def test_what_the_stock_gained_is_taken_off() -> None:
    cost = replace(COST, stock_value=1.0)
    roller = rolling(1, Idle(), cost)
    price = roller.prices.tank
    # A: 400 brought, 240 used; B: 600 brought, 120 used; all that was loaded is dropped.
    assert roller.costs(first(tiny.trip()), [0]) == pytest.approx([160.0 - price @ [160.0, 480.0]])


def test_imagined_mornings_know_date_plans_and_what_is_left_of_the_forecast() -> None:
    idle = Idle()
    today = first(tiny.trip())
    rolling(3, idle).costs(today, [0])
    one, two = idle.mornings
    assert [str(each.date) for each in (one, two)] == ["2024-02-29", "2024-03-01"]
    assert one.plans == (today.plan,)
    assert [each.time_min for each in two.plans] == [1440, 0]
    assert (one.forecast.start_min, two.forecast.start_min) == (1440, 2880)
    # A: 580 + 400 - 240, B: 400 + 600 - 120.
    assert one.snapshot.level_kg == pytest.approx([740.0, 880.0])
    assert one.stock is one.snapshot


def test_a_path_costs_the_same_alone_and_among_others() -> None:
    from tests.environment.small import first_morning, small_world

    morning, world = first_morning(), small_world()
    futures = draw_futures(morning.forecast, 3, 2, np.random.default_rng(1))
    roller = RolloutEvaluator(
        morning, futures, day_risks(futures), PLANNER, world.cost, world.prices
    )
    today = PLANNER(morning)
    together = roller.costs(today, [0, 1, 2])
    assert [float(roller.costs(today, [k])[0]) for k in (2, 0, 1)] == together[[2, 0, 1]].tolist()
    assert len(set(together.tolist())) == 3
