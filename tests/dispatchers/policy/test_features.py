"""What each number of an observation can be, by what it means: where it is anything else, no policy
judges by it.
"""

from __future__ import annotations

import math

import numpy as np
import pytest

from lmrs_rl.dispatchers.policy import NETWORK_FEATURES, TANK_FEATURES, Feature, possible

SHARE, NOT_BELOW, ENDLESS, ANY = (0, 1), (0, 1e6), (0, math.inf), (-1e6, 1e6)

OF_TANKS: dict[tuple[float, float], str] = {
    # Where a level is, a meter may be off by as much as the tank holds.
    (-1, 2): "fill",
    ANY: "above_hit room room_2_days trend surprise",
    SHARE: "risk_1 risk_2 risk_3 risk_5 planned moved missed served base_x base_least",
    ENDLESS: "cover_10 cover_50 cover_90 full_cover_q90 detour_km detour_due_km base_due base_late",
    NOT_BELOW: "daily_fill_rate_q90 truck in_transit radial_km price near_due_1 near_kg_1 "
    "near_due_3 near_kg_3 planned_day planned_kg base_kg base_penalty",
    (0, 24): "open_today open_tomorrow",
    (0, 7): "days_open",
    # Nobody uses ten tanks a day; a spread may stand over a median of next to nothing.
    (0, 10): "use",
    (0, 1e12): "spread",
}
OF_NETWORK: dict[tuple[float, float], str] = {
    (-1, 1): "weekday_sin weekday_cos season_sin season_cos",
    SHARE: "drivers_0 drivers_1 drivers_2 drivers_3 drivers_4 drivers_5 drivers_6 vehicles_today "
    "vehicles_ahead sites_today sites_ahead at_hit_share low_cover_share missed",
    (0, 7): "until_off off_days",
    (0, 2): "board",
    (-1, 2): "fill",
    NOT_BELOW: "work_today work_3 work_7 due_1 due_3 planned_kg tanks",
}


@pytest.mark.parametrize(
    ("table", "wanted"), [(TANK_FEATURES, OF_TANKS), (NETWORK_FEATURES, OF_NETWORK)]
)
def test_numbers_can_be_what_their_meaning_allows(
    table: tuple[Feature, ...], wanted: dict[tuple[float, float], str]
) -> None:
    by_name = {name: limits for limits, names in wanted.items() for name in names.split()}
    assert {each.name: each.possible for each in table} == by_name


def test_policies_of_before_read_every_feature_as_it_was() -> None:
    # A number that comes to mean something else gets another version; none has so far.
    assert {each.version for each in (*TANK_FEATURES, *NETWORK_FEATURES)} == {1}


@pytest.mark.parametrize(
    ("value", "fine"), [(-9e-7, True), (-1.1e-6, False), (1 + 9e-7, True), (1 + 1.1e-6, False)]
)
def test_a_number_beyond_by_rounding_is_possible(value: float, fine: bool) -> None:
    table = (Feature("a", "share", 0, 1, "share", 1.0, SHARE),)
    assert possible(table, np.array([[value]])).tolist() == [[fine]]


def test_a_feature_without_a_scale_stands_for_itself() -> None:
    plain = Feature("a", "km", 0, 1, "way")
    assert (plain.scale, plain.one, plain.possible, plain.version) == (1.0, "km", ANY, 1)
    assert Feature("a", "km", 0, 1, "way", 2.0).one == "2 km"


@pytest.mark.parametrize(
    ("name", "one"),
    [
        ("cover_50", "14 days"),
        ("near_due_1", "8 tanks"),
        ("radial_km", "300 km"),
        ("price", "0.2 EUR/kg"),
        ("use", "0.1 capacities"),
        ("planned_day", "5 days"),
        ("base_penalty", "11.5129 ln EUR"),  # of 100,001 EUR
    ],
)
def test_one_is_a_large_number_of_its_kind(name: str, one: str) -> None:
    (found,) = [each for each in TANK_FEATURES if each.name == name]
    assert found.one == one
