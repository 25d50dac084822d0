"""The features that a policy sees: the table against the arrays, and numbers by hand in the tiny
world.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from lmrs_rl.dispatchers import FixedDispatcher, FixedParameters
from lmrs_rl.dispatchers.policy import (
    NETWORK_FEATURES,
    TANK_FEATURES,
    Feature,
    Geometry,
    PolicyContext,
    bounds,
    observe,
    physical,
    possible,
    scaled,
)
from lmrs_rl.dispatchers.policy.context import DerivedFeatures
from lmrs_rl.dispatchers.policy.network_features import network_features
from lmrs_rl.dispatchers.policy.tank_features import tank_features
from lmrs_rl.domain import Costs, Deliveries, InputError, Network, Plan, Snapshot
from lmrs_rl.forecast import KnownUse
from tests import tiny

NETWORK = tiny.network()


def sight(
    network: Network = NETWORK,
    snapshot: Snapshot | None = None,
    plans: tuple[Plan, ...] = (),
    **parameters: float,
) -> PolicyContext:
    """The tiny world on the Monday 2024-01-01, its future known, under the source's parameters."""
    now = tiny.snapshot() if snapshot is None else snapshot
    forecast = KnownUse(tiny.days(14))(network, now)
    base = FixedDispatcher(FixedParameters(**parameters))(network, now, forecast)
    return PolicyContext(
        network, now, forecast, Geometry.of(network), base, plans, np.datetime64("2024-01-01")
    )


def tanks(seen: PolicyContext) -> dict[str, np.ndarray]:
    arrays = observe(seen, 3)["tanks"]
    return {each.name: arrays[:2, k] for k, each in enumerate(TANK_FEATURES)}


def network(seen: PolicyContext) -> dict[str, float]:
    return {
        each.name: float(observe(seen, 3)["network"][k]) for k, each in enumerate(NETWORK_FEATURES)
    }


def plan(*days: int, made: int = 0, missed: tuple[int, ...] = ()) -> Plan:
    """A plan made at ``made`` with a trip to A and B at 06:00 of each of ``days``."""
    return Plan(made, tuple(tiny.trip(1440 * day + 360) for day in days), missed, Costs(0, 0, 0, 0))


@pytest.mark.parametrize("table", [TANK_FEATURES, NETWORK_FEATURES])
def test_the_table_names_each_feature_once_with_unit_range_and_meaning(
    table: tuple[Feature, ...],
) -> None:
    assert len({each.name for each in table}) == len(table)
    for each in table:
        assert each.low <= 0 < each.high  # 0 stands for a place without a tank
        assert each.unit
        assert each.scale > 0
        assert each.possible[0] <= 0 < each.possible[1]
        assert len(each.meaning) > 3


def test_the_table_has_the_features_that_are_made_and_no_other() -> None:
    seen = sight()
    outlook = DerivedFeatures.of(seen)
    assert set(tank_features(seen, outlook)) == {each.name for each in TANK_FEATURES}
    assert set(network_features(seen, outlook)) == {each.name for each in NETWORK_FEATURES}


def test_units_of_the_numbers_before_they_are_scaled() -> None:
    tanks_, network_ = physical(sight(x_share=0.5))
    seen = {each.name: tanks_[:, k] for k, each in enumerate(TANK_FEATURES)}
    assert seen["cover_50"] == pytest.approx([2, 2.5])  # days
    assert seen["radial_km"] == pytest.approx([30, 50])
    assert seen["near_kg_1"] == pytest.approx([600 / 2000, 450 / 2000])  # truckloads
    assert seen["use"] == pytest.approx([0.24, 0.12])  # capacities a day
    assert seen["open_tomorrow"].tolist() == [24, 24]
    assert network_[[each.name for each in NETWORK_FEATURES].index("tanks")] == 2


def test_scaling_divides_and_cuts_endless_ways_too() -> None:
    table = (Feature("a", "km", -1, 2, "way", 100.0), Feature("b", "days", 0, 1, "cover", 14.0))
    assert scaled(table, np.array([[-200.0, 7.0], [50.0, np.inf], [200.0, 0.0]])).tolist() == [
        [-1, 0.5],
        [0.5, 1],
        [2, 0],
    ]
    assert [each.one for each in table] == ["100 km", "14 days"]


def test_what_a_number_cannot_be_is_told_on_both_sides_of_the_limit() -> None:
    table = (
        Feature("a", "share", 0, 1, "share", 1.0, (0.0, 1.0)),
        Feature("b", "days", 0, 1, "cover", 14.0, (0.0, np.inf)),
    )
    rows = np.array(
        [
            [0.0, 0.0],
            [1.0, np.inf],
            [1.0 + 1e-9, 1e9],
            [1.01, 1.0],
            [-0.01, 1.0],
            [0.5, -1.0],
            [np.nan, 1.0],
            [0.5, np.nan],
        ]
    )
    assert possible(table, rows).all(axis=1).tolist() == [
        True,
        True,
        True,
        False,
        False,
        False,
        False,
        False,
    ]


def test_a_tank_without_a_neighbour_or_an_end_is_possible() -> None:
    alone = replace(
        NETWORK, tanks=replace(NETWORK.tanks, vehicle_allowed=np.zeros((2, 1), dtype=bool))
    )
    tanks_, network_ = physical(sight(alone))
    assert np.isinf(tanks_[:, [each.name for each in TANK_FEATURES].index("detour_km")]).all()
    assert possible(TANK_FEATURES, tanks_).all()
    assert possible(NETWORK_FEATURES, network_).all()


def test_stock_by_hand() -> None:
    seen = tanks(sight())
    assert seen["fill"] == pytest.approx([0.58, 0.4])
    assert seen["above_hit"] == pytest.approx([480 / 900, 300 / 900])
    # A reaches 100 kg after 48 h, B after 60 h; nothing is in doubt.
    for name in ("cover_10", "cover_50", "cover_90"):
        assert seen[name] == pytest.approx([2 / 14, 2.5 / 14])
    assert [seen[f"risk_{d}"].tolist() for d in (1, 2, 3, 5)] == [[0, 0], [1, 0], [1, 1], [1, 1]]
    assert seen["room"] == pytest.approx([420 / 2000, 600 / 2000])
    assert seen["room_2_days"] == pytest.approx([900 / 2000, 840 / 2000])
    assert seen["truck"].tolist() == [2.0, 2.0]


def test_product_on_its_way_counts() -> None:
    way = Deliveries(np.array([0]), np.array([60]), np.array([300.0]))
    seen = tanks(sight(snapshot=replace(tiny.snapshot(), in_transit=way)))
    assert seen["in_transit"] == pytest.approx([300 / 2000, 0])
    assert seen["cover_50"] == pytest.approx([78 / 24 / 14, 2.5 / 14])  # 30 h more


def test_place_by_hand() -> None:
    seen = tanks(sight(x_share=0.5))
    assert seen["radial_km"] == pytest.approx([0.1, 50 / 300])
    assert seen["price"] == pytest.approx([60 / 2000 / 0.2, 100 / 2000 / 0.2])
    assert seen["detour_km"] == pytest.approx([0, 0.2])
    # The window opens at 550 kg: A after 3 h, B at once.
    assert seen["near_due_1"] == pytest.approx([1 / 8, 1 / 8])
    assert seen["near_kg_1"] == pytest.approx([600 / 4000, 450 / 4000])
    assert seen["detour_due_km"] == pytest.approx([0, 0.2])
    assert seen["days_open"].tolist() == [1.0, 1.0]


def test_consumption_by_hand() -> None:
    history = np.array([[np.nan, 60.0], [np.nan, 60.0]])
    seen = tanks(sight(snapshot=replace(tiny.snapshot(), history_kg=history)))
    assert seen["use"] == pytest.approx([2.0, 1.2])  # 240 of 1000 kg, cut at 2
    assert seen["trend"] == pytest.approx([0, 0], abs=1e-6)
    assert seen["surprise"] == pytest.approx([0, np.log(2)], abs=1e-4)
    assert seen["spread"].tolist() == [0, 0]


def test_yesterdays_plan() -> None:
    today = replace(tiny.snapshot(), time_min=1440)
    seen = tanks(sight(snapshot=today, plans=(plan(0, 2, missed=(1,)), plan(3, made=-1440))))
    assert seen["planned"].tolist() == [1, 1]
    assert seen["planned_day"] == pytest.approx([1 / 5, 1 / 5])
    assert seen["planned_kg"] == pytest.approx([0.2, 0.3])
    assert seen["missed"].tolist() == [0, 1]
    assert seen["served"].tolist() == [1, 1]
    assert seen["moved"].tolist() == [1, 1]  # from day 3 to day 0
    still = tanks(sight(snapshot=today, plans=(plan(3), plan(3, made=-1440))))
    assert still["moved"].tolist() == still["served"].tolist() == [0, 0]
    assert tanks(sight())["planned_day"].tolist() == [1, 1]


def test_the_baselines_numbers() -> None:
    seen = tanks(sight(x_share=0.5, alpha=1000.0, beta=1e-4))
    assert seen["base_x"].tolist() == [0.5, 0.5]
    assert seen["base_due"] == pytest.approx([3 / 24 / 14, 0])
    assert seen["base_late"] == pytest.approx([2 / 14, 2.5 / 14])
    assert seen["base_kg"] == pytest.approx([450 / 2000, 600 / 2000])
    assert seen["base_least"] == pytest.approx([0.8, 0.75])  # 1 - 0.1 a day until the hit level
    assert seen["base_penalty"] == pytest.approx(
        np.log1p(1000 * np.exp(-1e-4 * np.array([48, 60]) ** 2)) / np.log1p(1e5)
    )


def test_network_by_hand() -> None:
    seen = network(
        sight(
            snapshot=replace(
                tiny.snapshot(),
                vehicle_free_min=np.array([1000]),
                load_kg=np.array([500.0]),
                load_product=np.array([0]),
            )
        )
    )
    assert (seen["weekday_sin"], seen["weekday_cos"]) == pytest.approx((0, 1))
    assert (seen["season_sin"], seen["season_cos"]) == pytest.approx((0, 1))
    assert (seen["vehicles_today"], seen["vehicles_ahead"]) == (0, 1)
    assert seen["board"] == 0.25
    # 240 kg of A at 110 / 2000 min/kg and 120 of B at 150 / 2000, of 1440 min.
    assert seen["work_today"] == pytest.approx((240 * 0.055 + 120 * 0.075) / 1440)
    assert seen["work_7"] == pytest.approx(seen["work_today"], rel=1e-5)
    assert seen["due_1"] == pytest.approx((450 * 0.055 + 600 * 0.075) / 1440)
    assert (seen["at_hit_share"], seen["low_cover_share"]) == (0, 0)
    assert seen["fill"] == pytest.approx(0.49)
    assert (seen["until_off"], seen["off_days"]) == (1, 0)


def test_opening_hours_of_sites_left_today_and_on_the_four_days_after() -> None:
    # Seen at 04:00: days go from 04:00 to 04:00, and the first two hours are past.
    hours = [[0, 6], [28, 40], [76, 94], [96, 102], [120, 144]]
    sites = replace(NETWORK.sites, access_min=(60 * np.array(hours),))
    seen = network(sight(replace(NETWORK, sites=sites), replace(tiny.snapshot(), time_min=240)))
    assert seen["sites_today"] == pytest.approx(2 / 24)
    assert seen["sites_ahead"] == pytest.approx((12 + 0 + 22 + 6) / 96)


def test_days_off_ahead() -> None:
    shifts = np.array([[1440 * d + 300, 1440 * d + 900] for d in (0, 1, 4, 5, 6)])
    weekend = replace(NETWORK, drivers=replace(NETWORK.drivers, shift_min=(shifts,)))
    seen = network(sight(weekend))
    assert [seen[f"drivers_{d}"] for d in range(7)] == [1, 1, 0, 0, 1, 1, 1]
    assert (seen["until_off"], seen["off_days"]) == pytest.approx((2 / 7, 2 / 4))


def test_arrays_fit_their_ranges_and_stay_apart() -> None:
    seen = sight(snapshot=replace(tiny.snapshot(), level_kg=np.array([0.0, 1000.0])))
    one, other = observe(seen, 5), observe(seen, 5)
    assert one["tanks"].dtype == one["network"].dtype == np.float32
    assert one["mask"].tolist() == [1, 1, 0, 0, 0]
    low, high = bounds(TANK_FEATURES)
    assert np.all((one["tanks"] >= low) & (one["tanks"] <= high))
    assert not one["tanks"][2:].any()
    assert not any(np.shares_memory(one[name], other[name]) for name in one)


def test_more_tanks_than_places_are_refused() -> None:
    observe(sight(), 2)
    with pytest.raises(InputError, match="n_max"):
        observe(sight(), 1)
