"""What the features read of plans made before."""

from __future__ import annotations

from lmrs_rl.dispatchers.policy.plans import planned_drops
from lmrs_rl.domain import Costs, Plan
from tests import tiny


def test_the_first_drop_of_each_tank_counts_and_loads_do_not() -> None:
    # The plant has number 0, as tank A has; the second trip drops other quantities.
    trips = (tiny.trip(360, kg_a=400.0, kg_b=600.0), tiny.trip(1800, kg_a=100.0, kg_b=200.0))
    found = planned_drops(Plan(0, trips, (), Costs(0, 0, 0, 0)), 2, 0)
    assert found.day.tolist() == [0, 0]
    assert found.kg.tolist() == [400.0, 600.0]


def test_trips_before_the_morning_and_call_in_customers_are_left_out() -> None:
    trips = (tiny.trip(360), tiny.trip(1800, kg_a=100.0, kg_b=200.0))
    found = planned_drops(Plan(0, trips, (), Costs(0, 0, 0, 0)), 1, 1440)
    assert found.day.tolist() == [0]
    assert found.kg.tolist() == [100.0]


def test_without_a_plan_no_tank_has_a_drop() -> None:
    found = planned_drops(None, 2, 0)
    assert found.day.tolist() == [-1, -1]
    assert found.kg.tolist() == [0.0, 0.0]
