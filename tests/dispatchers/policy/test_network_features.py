"""Features of the whole network by hand: calendar, fleet, work and state at their limits.

A kg takes 0.055 min at A and 0.075 min at B; the driver works 1440 min a day.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from lmrs_rl.domain import Costs, Network, OrderParameters, Plan
from tests import tiny
from tests.dispatchers.policy.features import forecast, of_network, steady
from tests.routing.cases import fleet

PER_KG = np.array([110 / 2000, 150 / 2000])


def test_weekday_and_day_of_the_year() -> None:
    # 2025-04-02 is a Wednesday, the 92nd day of its year.
    found = of_network(date="2025-04-02")
    assert found["weekday_sin"] == pytest.approx(np.sin(2 * np.pi * 2 / 7))
    assert found["weekday_cos"] == pytest.approx(np.cos(2 * np.pi * 2 / 7))
    assert found["season_sin"] == pytest.approx(np.sin(2 * np.pi * 91 / 365.25))
    assert found["season_cos"] == pytest.approx(np.cos(2 * np.pi * 91 / 365.25))


def shifts(*hours: float) -> Network:
    """The driver works so many hours from the beginning of each day on."""
    windows = [[1440 * d, 1440 * d + round(60 * h)] for d, h in enumerate(hours) if h]
    base = tiny.network()
    return replace(base, drivers=replace(base.drivers, shift_min=(np.array(windows),)))


@pytest.mark.parametrize(
    ("hours", "until", "count"),
    [
        ((10, 10, 10, 10, 10, 10, 10), 7, 0),
        ((10, 10, 5, 10, 10, 10, 10), 7, 0),  # half is not less than half
        ((10, 10, 4.9, 10, 10, 10, 10), 2, 1),
        ((4, 10, 10, 10, 4, 4, 10), 0, 1),  # today, and the later ones do not count
        ((10, 10, 10, 10, 0, 0, 0), 4, 3),
    ],
)
def test_days_off_begin_under_half_of_the_busiest_day(
    hours: tuple[float, ...], until: int, count: int
) -> None:
    found = of_network(network=shifts(*hours))
    assert (found["until_off"], found["off_days"]) == (until, count)
    assert [found[f"drivers_{d}"] for d in range(7)] == pytest.approx([h / 10 for h in hours])


def test_without_any_shift_shares_are_0() -> None:
    base = tiny.network()
    none = np.zeros((0, 2), dtype=np.int64)
    found = of_network(network=replace(base, drivers=replace(base.drivers, shift_min=(none,))))
    assert [found[f"drivers_{d}"] for d in range(7)] == [0] * 7
    # One minute stands for none, so that work is finite.
    assert found["work_today"] == pytest.approx(240 * PER_KG[0] + 120 * PER_KG[1])


@pytest.mark.parametrize(
    ("free", "today", "ahead"),
    [(719, 1, 1), (720, 0, 1), (4319, 0, 1), (4320, 0, 0)],
)
def test_vehicles_free_within_half_a_day_and_three_days(free: int, today: int, ahead: int) -> None:
    now = {"time_min": 1440, "vehicle_free_min": np.array([1440 + free])}
    found = of_network(snapshot=now)
    assert (found["vehicles_today"], found["vehicles_ahead"]) == (today, ahead)


def test_vehicles_count_by_payload() -> None:
    two = fleet(2)
    two = replace(two, vehicles=replace(two.vehicles, capacity_kg=np.array([500.0, 1500.0])))
    now = {
        "vehicle_free_min": np.array([0, 720]),
        "driver_free_min": np.zeros(2, dtype=np.int64),
        "load_kg": np.array([400.0, 600.0]),
        "load_product": np.array([0, 0]),
    }
    found = of_network(network=two, snapshot=now)
    assert (found["vehicles_today"], found["vehicles_ahead"]) == (0.25, 1)
    assert found["board"] == 0.5


def test_work_is_what_the_days_consumption_takes_over_the_drivers_time() -> None:
    a, b = [100.0, 200.0, 300.0, 0.0, 0.0, 0.0, 400.0, 900.0], [0.0] * 8
    found = of_network(seen=forecast([[a, b]]))
    for name, kg, days in (("work_today", 100, 1), ("work_3", 600, 3), ("work_7", 1000, 7)):
        assert found[name] == pytest.approx(kg * PER_KG[0] / (1440 * days)), name


def test_a_short_forecast_goes_on_at_its_mean() -> None:
    found = of_network(seen=forecast([[[100.0, 300.0], [0.0, 0.0]]]))
    # 200 kg a day: 600 in three days, 1400 in seven.
    for name, kg, days in (("work_today", 100, 1), ("work_3", 600, 3), ("work_7", 1400, 7)):
        assert found[name] == pytest.approx(kg * PER_KG[0] / (1440 * days)), name


def test_due_tanks_are_filled_within_the_time_of_the_days() -> None:
    # At 100 + 240 kg there is room for 660: of B after 12 h, of A after 24 h; at 100 + 200 kg for
    # 700: of B after 20 h, of A after 28 h.
    for x, day_1 in ((240.0, [660.0, 660.0]), (200.0, [0.0, 700.0])):
        found = of_network(base=OrderParameters.shared(2, x_kg=x))
        assert found["due_1"] == pytest.approx(day_1 @ PER_KG / 1440)
        assert found["due_3"] == pytest.approx((900 - x) * PER_KG.sum() / (3 * 1440))


def test_level_and_cover_of_the_tanks() -> None:
    # A at its hit level, B just over: 100.5 kg last six minutes.
    found = of_network(snapshot={"level_kg": np.array([100.0, 100.5])})
    assert found["at_hit_share"] == 0.5
    assert found["fill"] == pytest.approx(200.5 / 2000)
    assert found["low_cover_share"] == 1
    # A reaches its hit level in 48 h, which is not under two days.
    assert of_network()["low_cover_share"] == 0
    less = of_network(snapshot={"level_kg": np.array([579.0, 400.0])})
    assert less["low_cover_share"] == 0.5
    assert less["tanks"] == 2


def test_a_low_cover_is_one_by_the_median() -> None:
    # 480 kg of A last 4, 1.6 and 1.5 days, 300 kg of B 5, 2.5 and 0.6 days: under two days is A.
    day = [[[a] * 7, [b] * 7] for a, b in ((120.0, 60.0), (300.0, 120.0), (320.0, 480.0))]
    found = of_network(seen=forecast(day, (0.1, 0.5, 0.9)))
    assert found["low_cover_share"] == 0.5
    full_a = {"level_kg": np.array([1000.0, 400.0])}  # 900 kg of A last three days
    assert of_network(seen=forecast(day, (0.1, 0.5, 0.9)), snapshot=full_a)["low_cover_share"] == 0


def test_hours_of_sites_left_today_and_on_the_four_days_after() -> None:
    # Six hours today, then 12, 0, 24 and 0; what is open later is not looked at.
    hours = np.array([[0, 6], [24, 36], [72, 96], [120, 144]])
    base = tiny.network()
    found = of_network(network=replace(base, sites=replace(base.sites, access_min=(60 * hours,))))
    assert found["sites_today"] == pytest.approx(6 / 24)
    assert found["sites_ahead"] == pytest.approx(36 / 96)


def test_tanks_that_do_not_count_are_left_out_of_sums_and_means() -> None:
    found = of_network(
        counted=np.array([False, True]),
        snapshot={"level_kg": np.array([50.0, 400.0])},
        base=OrderParameters.shared(2, x_kg=240.0),
    )
    assert found["work_today"] == pytest.approx(120 * PER_KG[1] / 1440)
    assert found["due_1"] == pytest.approx(660 * PER_KG[1] / 1440)
    assert (found["fill"], found["at_hit_share"], found["low_cover_share"]) == (0.4, 0, 0)


@pytest.mark.parametrize(("now", "kg"), [(1440, 2000), (1441, 1000), (1801, 0)])
def test_what_yesterdays_plan_has_left(now: int, kg: float) -> None:
    # Trips of 1000 kg at minutes 1440 and 1800; of what was missed one is a tank.
    plan = Plan(0, (tiny.trip(1440), tiny.trip(1800)), (1, tiny.CALL_IN), Costs(0, 0, 0, 0))
    older = Plan(0, (tiny.trip(9999),), (0, 1), Costs(0, 0, 0, 0))
    found = of_network(
        network=tiny.network(call_ins=1), snapshot={"time_min": now}, plans=(plan, older)
    )
    assert found["planned_kg"] == pytest.approx(kg / 2000)
    assert found["missed"] == 0.5


def test_without_a_plan_nothing_is_planned_or_missed() -> None:
    found: dict[str, Any] = dict(of_network(seen=steady(1)))
    assert (found["planned_kg"], found["missed"]) == (0, 0)
