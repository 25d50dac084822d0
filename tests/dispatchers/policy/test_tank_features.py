"""Features of each tank by hand: at their limits, and with forecasts that are short or in doubt.

Tank A holds 580 kg of 1000, B 400; both have their hit level at 100 kg; a truck carries 2000 kg.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from lmrs_rl.dispatchers import FixedParameters
from lmrs_rl.dispatchers.policy.context import DerivedFeatures
from lmrs_rl.domain import Costs, Deliveries, Network, OrderParameters, Plan, Stop, Trip
from tests import tiny
from tests.dispatchers.policy.features import context, forecast, of_tanks, steady


def network(**tanks: Any) -> Network:
    return replace(tiny.network(), tanks=replace(tiny.network().tanks, **tanks))


LEVELS = (0.1, 0.5, 0.9)


def test_spread_is_that_of_the_first_three_days() -> None:
    # A's first three days: 120, 240 or 480 kg each; all later ones are alike. B's use is known.
    a = [[kg] * 3 + [240.0] * 4 for kg in (120.0, 240.0, 480.0)]
    found = of_tanks(seen=forecast([[row, [120.0] * 7] for row in a], LEVELS))
    assert found["spread"] == pytest.approx([(1440 - 360) / (2 * 720), 0])


def test_spread_of_a_forecast_of_less_than_three_days_is_that_at_its_end() -> None:
    a = [[240.0, kg] for kg in (120.0, 240.0, 480.0)]
    found = of_tanks(seen=forecast([[row, [120.0] * 2] for row in a], LEVELS))
    assert found["spread"] == pytest.approx([(720 - 360) / (2 * 480), 0])


def test_spread_without_median_use_is_finite() -> None:
    a = [[kg] * 3 for kg in (0.0, 0.0, 2.0)]
    found = of_tanks(seen=forecast([[row, [0.0] * 3] for row in a], LEVELS))
    assert found["spread"] == pytest.approx([6.0 / 2e-3, 0])


@pytest.mark.parametrize(
    ("a", "trend"),
    [
        ([100.0] * 3 + [200.0] * 4, np.log(2)),  # of seven days the middle one is late
        ([100.0, 200.0], np.log(2)),
        ([200.0, 100.0, 100.0], -np.log(2)),
        ([100.0], 0.0),
    ],
)
def test_trend_compares_the_later_half_with_the_earlier(a: list[float], trend: float) -> None:
    found = of_tanks(seen=forecast([[a, [0.0] * len(a)]]))
    assert found["trend"] == pytest.approx([trend, 0], abs=1e-4)


def test_use_and_surprise_are_of_the_mean_of_the_forecast_and_of_the_last_week() -> None:
    # A used 1000 kg a day until a week ago, then 120 where it was measured; B was never measured.
    history = np.full((9, 2), np.nan)
    history[:2, 0], history[2:8, 0] = 1000.0, 120.0
    found = of_tanks(
        seen=forecast([[[200.0, 280.0], [120.0] * 2]]), snapshot={"history_kg": history}
    )
    assert found["use"] == pytest.approx([0.24, 0.12])
    assert found["surprise"] == pytest.approx([np.log(2), 0], abs=1e-4)


def test_a_full_tank_lasts_what_it_holds_over_the_hit_level() -> None:
    # By the 0.9 quantile, at which A uses 480 kg a day.
    day = [[[kg] * 7, [0.0] * 7] for kg in (120.0, 240.0, 480.0)]
    found = of_tanks(seen=forecast(day, LEVELS))
    assert found["full_cover_q90"] == pytest.approx([900 / 480, np.inf])
    assert found["daily_fill_rate_q90"] == pytest.approx([480 / 900, 0])
    assert found["cover_10"][0] == pytest.approx(480 / 120)
    assert found["cover_50"][0] == pytest.approx(480 / 240)
    assert found["cover_90"][0] == pytest.approx(480 / 480)


def test_a_broken_meter_leaves_the_pace_finite() -> None:
    # A full tank would last 9e-7 days: it is cut at a thousandth of a day.
    found = of_tanks(seen=forecast([[[1e9] * 7, [120.0] * 7]]))
    assert found["full_cover_q90"][0] == 1e-3
    assert found["daily_fill_rate_q90"][0] == pytest.approx(1000)


def test_risk_after_the_forecast_is_that_of_its_last_day() -> None:
    # A is down by 480 kg after exactly two days, B by 300 kg after two and a half.
    found = of_tanks(seen=steady(2))
    assert [found[f"risk_{d}"].tolist() for d in (1, 2, 3, 5)] == [[0, 0], [1, 0], [1, 0], [1, 0]]


def test_all_product_on_its_way_counts_even_for_a_tank_under_its_hit_level() -> None:
    way = Deliveries(np.array([0, 0]), np.array([0, 0]), np.array([100.0, 150.0]))
    # Under the hit level only what comes is counted: 250 kg last a day of 240 kg, not two.
    found = of_tanks(snapshot={"in_transit": way, "level_kg": np.array([50.0, 400.0])})
    assert found["in_transit"] == pytest.approx([250 / 2000, 0])
    assert [found[f"risk_{d}"][0] for d in (1, 2)] == [0, 1]
    assert found["above_hit"] == pytest.approx([-50 / 900, 300 / 900])
    assert of_tanks()["in_transit"].tolist() == [0, 0]


@pytest.mark.parametrize(("days", "left"), [(1, 560), (2, 440), (7, 440)])
def test_room_in_two_days_is_at_most_the_tank(days: int, left: float) -> None:
    # A holds 100 kg and would use 480 in two days. B holds 680 and uses 120 a day.
    found = of_tanks(seen=steady(days), snapshot={"level_kg": np.array([100.0, 680.0])})
    assert found["room_2_days"] == pytest.approx([0.5, (1000 - left) / 2000])
    assert found["room"] == pytest.approx([900 / 2000, 320 / 2000])


def test_where_no_vehicle_may_come_shares_of_a_truckload_are_0() -> None:
    found = of_tanks(network=network(vehicle_allowed=np.array([[False], [True]])))
    for name in ("room", "room_2_days", "truck", "in_transit", "base_kg", "base_x", "near_kg_3"):
        assert found[name][0] == 0, name
    assert np.isinf(found["detour_km"]).all()  # no tank left to go with
    assert found["room"][1] == pytest.approx(600 / 2000)


def test_the_detour_to_a_due_tank_is_endless_where_none_is_due() -> None:
    # Both windows open at the hit level: A after 48 h, B after 60 h.
    late = FixedParameters(x_share=0.0)
    assert of_tanks(parameters=late)["detour_due_km"] == pytest.approx([0, 20])
    two_full = {"level_kg": np.array([1000.0, 1000.0])}  # A after 90 h, B after 180 h
    found = of_tanks(parameters=late, snapshot=two_full)
    assert np.isinf(found["detour_due_km"]).all()
    assert np.isfinite(found["detour_km"]).all()
    assert found["near_due_3"].tolist() == found["near_kg_3"].tolist() == [0, 0]


def test_neighbours_count_on_the_day_they_are_due() -> None:
    # A's window opens at 100 + 240 kg after 24 h, B's at the same level after 12 h.
    x = OrderParameters.shared(2, x_kg=240.0)
    found = of_tanks(base=x)
    assert found["near_due_1"].tolist() == [1, 1]
    # By then there is room for 660 kg in each.
    assert found["near_kg_1"] == pytest.approx([660 / 2000, 660 / 2000])
    x = OrderParameters.shared(2, x_kg=239.0)
    assert of_tanks(base=x)["near_due_1"].tolist() == [1, 0]


def test_access_hours_left_today_and_tomorrow() -> None:
    # Seen at 07:00, from where on days count: A is open 06-18 today and 08-12 on the next two days.
    hours = 60 * np.array([[6, 18], [32, 36], [56, 60]])
    on = network(access_min=(hours, hours[:0]))
    found = of_tanks(network=on, snapshot={"time_min": 420})
    assert found["open_today"].tolist() == [11, 0]
    assert found["open_tomorrow"].tolist() == [4, 0]
    assert found["days_open"].tolist() == [3, 0]


def plan(made: int, *starts: int, missed: tuple[int, ...] = ()) -> Plan:
    """Trips to the call-in customer, then to A."""

    def trip(start: int) -> Trip:
        own = tiny.trip(start, 300.0, 0.0)
        called = Stop("drop", tiny.CALL_IN, start + 40, start + 50, 100.0)
        return replace(own, stops=(own.stops[0], called, own.stops[1]))

    return Plan(made, tuple(trip(start) for start in starts), missed, Costs(0, 0, 0, 0))


def test_customers_who_call_in_are_no_tanks() -> None:
    seen = {"network": tiny.network(call_ins=1), "snapshot": {"time_min": 1440}}
    found = of_tanks(**seen, plans=(plan(0, 1439, 2880, missed=(tiny.CALL_IN, tiny.TANK_B)),))
    assert found["served"].tolist() == [1, 0]
    assert found["missed"].tolist() == [0, 1]
    assert found["planned"].tolist() == [1, 0]
    assert found["planned_day"].tolist() == [1, 5]
    assert found["planned_kg"] == pytest.approx([300 / 2000, 0])
    # A trip that starts this very minute is planned, and no trip of yesterday.
    found = of_tanks(**seen, plans=(plan(0, 1440),))
    assert (found["served"].tolist(), found["planned_day"].tolist()) == ([0, 0], [0, 5])


def test_the_baselines_x_is_a_share_of_what_the_tank_holds_over_its_hit_level() -> None:
    assert of_tanks(base=OrderParameters.shared(2, x_kg=450.0))["base_x"].tolist() == [0.5, 0.5]
    assert of_tanks(base=OrderParameters.shared(2, x_kg=5000.0))["base_x"].tolist() == [1, 1]


def test_the_baselines_room_and_penalty() -> None:
    # The window opens at 340 kg, where there is room for 660 kg; A is at its hit level in 48 h.
    x = OrderParameters.shared(2, x_kg=240.0, alpha=100.0, beta=0.0, a=0.0, b=0.5)
    found = of_tanks(base=x)
    assert found["base_kg"] == pytest.approx([660 / 2000] * 2)
    assert found["base_due"] == pytest.approx([1.0, 0.5])
    assert found["base_late"] == pytest.approx([2.0, 2.5])
    assert found["base_least"] == pytest.approx([0.5, 0.5])
    assert found["base_penalty"] == pytest.approx([np.log(101)] * 2)


def test_a_tank_that_does_not_count_is_never_due() -> None:
    seen = context(counted=np.array([True, False]), base=OrderParameters.shared(2, x_kg=240.0))
    derived = DerivedFeatures.of(seen)
    assert derived.due_within(1).tolist() == [True, False]
    assert derived.due_within(0.9).tolist() == [False, False]
    assert seen.of_counted(np.array([1.0, 2.0])).tolist() == [1.0]


def test_the_room_when_the_window_opens_is_at_most_a_truckload_and_what_is_free_now() -> None:
    # A small truck: h' of A is 1000 - 300 = 700 kg, which A is below already.
    small = replace(
        tiny.network(),
        vehicles=replace(tiny.network().vehicles, capacity_kg=np.array([300.0])),
    )
    derived = DerivedFeatures.of(context(network=small))
    assert derived.room_kg.tolist() == [300, 300]
    # A large one: the window opens at 340 kg, above the 200 kg that A holds.
    low = {"level_kg": np.array([200.0, 400.0])}
    x = OrderParameters.shared(2, x_kg=240.0)
    derived = DerivedFeatures.of(context(snapshot=low, base=x))
    assert derived.room_kg == pytest.approx([800, 660])
    assert derived.day_kg == pytest.approx(np.array([[240.0] * 7, [120.0] * 7]))
