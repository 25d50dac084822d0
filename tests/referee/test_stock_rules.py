"""Rules about tanks and call-in orders, on both sides of their limits; levels against a plain
loop over hours.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lmrs_rl.domain import CallInOrders, Days, Deliveries
from lmrs_rl.referee import judge
from tests import tiny
from tests.referee.cases import days, network, order, to_c, told, verdict

NO_HIT_LEVEL = {"hit_level_kg": [0.0, 0.0]}


def test_dyn01_overflow() -> None:
    # A at the end of hour 1: 580 - 20 + 440 = 1000 kg, its capacity.
    assert verdict(tiny.trip(kg_a=440.0, loaded_kg=1040.0)).valid
    broken = verdict(tiny.trip(kg_a=440.1, loaded_kg=1040.1))
    assert told(broken) == [("DYN01", 0.1)]
    assert broken.violations[0].where == "tank A, overflow in hours 1 to 1"


def test_dyn01_levels_are_looked_at_when_hours_end() -> None:
    # Arriving at 119 counts for hour 1, at 120 for hour 2, when 10 kg more have been used.
    late = tiny.trip(60, kg_a=450.0, loaded_kg=1050.0)
    assert verdict(late).valid
    assert told(verdict(tiny.trip(59, kg_a=450.0, loaded_kg=1050.0))) == [("DYN01", 10)]


def test_dyn01_dry() -> None:
    # A holds 580 kg and uses 10 an hour: nothing is left after 58 hours, 10 kg are missing in the
    # next.
    on = network(tanks=NO_HIT_LEVEL)
    assert verdict(on=on, at=days(58)).valid
    broken = verdict(on=on, at=days(60))
    assert told(broken) == [("DYN01", 20)]
    assert broken.violations[0].where == "tank A, dry in hours 58 to 59"
    assert (broken.figures.dry_tank_hours, broken.figures.unmet_kg) == (2, 20.0)


@pytest.mark.parametrize(("extra", "overflow"), [(10.0, []), (10.1, [("DYN01", 0.1)])])
def test_dyn01_a_drop_after_a_dry_spell_fills_from_empty(
    extra: float, overflow: list[tuple[str, float]]
) -> None:
    # What 20 kg of demand in hours 58 and 59 did not get is lost: 990 kg and the extra in hour 60,
    # without use, meet an empty tank of 1000 kg.
    use = tiny.use_kg(61)
    use[60, tiny.TANK_A] = 0.0
    way = Deliveries(np.array([tiny.TANK_A]), np.array([3600]), np.array([extra]))
    trip = tiny.trip(3540, kg_a=990.0, kg_b=0.0)
    assert told(
        verdict(trip, on=network(tanks=NO_HIT_LEVEL), at=days(use_kg=use, in_transit=way))
    ) == [("DYN01", 20), *overflow]


def test_qs02_the_hit_level() -> None:
    assert verdict(at=days(48)).valid  # 580 - 480 = 100 kg, the hit level
    broken = verdict(at=days(50))
    assert told(broken) == [("QS02", 20)]
    assert broken.violations[0].where == "tank A, under the hit level in hours 48 to 49"
    # 10 kg short after hour 48, 20 after hour 49.
    assert (broken.figures.below_hit_tank_hours, broken.figures.below_hit_kg_hours) == (2, 30.0)


def test_qs02_is_a_rule_of_service_not_of_operation() -> None:
    broken = verdict(at=days(50))
    assert not broken.valid
    assert broken.operating == ()


def test_stock_deliveries_in_transit_arrive() -> None:
    way = Deliveries(np.array([0]), np.array([48 * 60]), np.array([20.0]))
    assert verdict(at=days(50, in_transit=way)).valid
    late = Deliveries(np.array([0]), np.array([49 * 60]), np.array([20.0]))
    assert told(verdict(at=days(50, in_transit=late))) == [("QS02", 10)]


def test_qs01_quantity_of_a_call_in_order() -> None:
    on, at = network(1), days(orders=order(least=80.0, most=100.0))
    for kg, short in ((80.0, 0.0), (100.0, 0.0), (79.9, 0.1), (100.1, 0.1)):
        assert told(verdict(to_c(kg), on=on, at=at)) == ([("QS01", short)] if short else [])


def test_qs01_an_order_that_nobody_serves() -> None:
    assert told(verdict(on=network(1), at=days(orders=order(least=80.0)))) == [("QS01", 80)]


def test_qs01_orders_that_end_after_the_days_are_not_due() -> None:
    assert verdict(on=network(1), at=days(48, orders=order(latest=48 * 60 + 1))).valid
    assert not verdict(on=network(1), at=days(48, orders=order(latest=48 * 60))).valid


def test_qs01_orders_of_the_past_are_not_due() -> None:
    assert verdict(on=network(1), at=days(48, time_min=1440, orders=order(latest=1439))).valid
    assert told(verdict(on=network(1), at=days(48, time_min=1440, orders=order(latest=1440)))) == [
        ("QS01", 80)
    ]


def test_qs01_orders_served_before_the_days_are_not_due() -> None:
    every = order(earliest=1000, latest=2000)
    # The order was announced at 0 and is no longer open.
    morning = replace(tiny.snapshot(), time_min=1440)
    assert judge(network(1), Days("tiny", morning, tiny.use_kg(48), every), ()).valid


def test_qs01_orders_announced_later_are_due() -> None:
    every = replace(order(earliest=600, latest=1000), announced_min=np.array([300]))
    assert told(judge(network(1), Days("tiny", tiny.snapshot(), tiny.use_kg(48), every), ())) == [
        ("QS01", 80)
    ]


@pytest.mark.parametrize(
    ("earliest", "latest", "codes"),
    [(150, 150, []), (151, 200, ["QS01", "QS03"]), (0, 149, ["QS01", "QS03"])],
)
def test_qs01_qs03_the_drop_arrives_in_the_window(
    earliest: int, latest: int, codes: list[str]
) -> None:
    broken = verdict(to_c(90.0), on=network(1), at=days(orders=order(earliest, latest)))
    assert [violation.code for violation in broken.violations] == codes


def test_qs03_a_drop_that_nobody_ordered() -> None:
    # The only order is not due within the days, but its window does not cover minute 150 either.
    at = days(48, orders=order(earliest=151, latest=10**4))
    assert told(verdict(to_c(90.0), on=network(1), at=at)) == [("QS03", 1)]
    assert verdict(
        to_c(90.0), on=network(1), at=days(48, orders=order(earliest=150, latest=10**4))
    ).valid


def test_qs03_customers_without_orders_are_exempt() -> None:
    assert verdict(to_c(90.0), on=network(1)).valid


def test_qs01_a_drop_in_two_windows_counts_for_both() -> None:
    two = CallInOrders(
        *(np.array([value, value]) for value in (tiny.CALL_IN, 100, 200, 80.0, 100.0, 0))
    )
    assert verdict(to_c(90.0), on=network(1), at=days(orders=two)).valid


@given(
    use=st.lists(st.integers(0, 400), min_size=12, max_size=12),
    kg=st.integers(0, 1000),
    start=st.integers(0, 9 * 60),
)
def test_levels_follow_a_plain_loop_over_hours(use: list[int], kg: int, start: int) -> None:
    trip = tiny.trip(start, kg_a=kg, kg_b=0.0, loaded_kg=kg)
    wanted = np.column_stack([use, np.zeros(12)])
    level, unmet, dry, over = 580.0, 0.0, 0, False
    for hour in range(12):
        level += kg * ((start + 60) // 60 == hour) - use[hour]
        over |= level > 1000 + 1e-6
        unmet += max(-level, 0.0) * (level < -1e-6)
        dry += level < -1e-6
        level = max(level, 0.0)
    said = verdict(trip, on=network(tanks=NO_HIT_LEVEL), at=days(use_kg=wanted))
    assert said.figures.dry_tank_hours == dry
    assert said.figures.unmet_kg == pytest.approx(unmet, abs=1e-5)
    assert said.valid == (dry == 0 and not over)


def test_a_drop_after_the_end_moves_no_level() -> None:
    trip = tiny.trip(60 * 48 - 61, kg_a=0.0, kg_b=1000.0)
    assert verdict(trip).valid  # B is reached at 48 h 49 min
