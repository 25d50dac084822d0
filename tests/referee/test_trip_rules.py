"""Every rule about a trip by itself, on both sides of its limit. Times and quantities: see
`tests.tiny.trip`.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from lmrs_rl.domain import Network, Stop, Trip
from tests import tiny
from tests.referee.cases import days, later, network, relaxed, told, verdict, with_stop

NIGHT = {"night_min": [480]}
WELCOME = {"overnight": [False, True]}


def test_the_tiny_trip_is_valid() -> None:
    assert verdict(tiny.trip()).valid


def test_no_trips_are_valid_while_tanks_hold_out() -> None:
    assert verdict().valid


# LAY02, LAY03. The way from A (left at 90) to B takes 20 min: with a night of 480 min B is reached
# at 590, not before.


def test_lay02_a_night_needs_a_customer_where_it_is_allowed() -> None:
    trip = later(tiny.trip(), 2, 480)
    assert told(verdict(trip, on=network(drivers=NIGHT))) == [("LAY02", 1)]
    assert verdict(trip, on=network(drivers=NIGHT, tanks=WELCOME)).valid


def test_lay02_a_wait_one_minute_short_of_a_night_is_no_night() -> None:
    assert verdict(later(tiny.trip(), 2, 479), on=network(drivers=NIGHT)).valid


def test_lay02_a_driver_without_nights_only_waits() -> None:
    assert verdict(later(tiny.trip(), 2, 480)).valid


@pytest.mark.parametrize("stop", [0, 1, 2])
def test_lay02_nights_are_found_before_every_stop(stop: int) -> None:
    assert told(verdict(later(tiny.trip(), stop, 480), on=network(drivers=NIGHT))) == [("LAY02", 1)]


def test_lay02_a_night_may_be_in_transit_home() -> None:
    assert told(verdict(replace(tiny.trip(), end_min=680), on=network(drivers=NIGHT))) == [
        ("LAY02", 1)
    ]
    assert verdict(replace(tiny.trip(), end_min=679), on=network(drivers=NIGHT)).valid


def test_lay03_two_nights() -> None:
    on = network(drivers=NIGHT, tanks=WELCOME)
    assert told(verdict(later(later(tiny.trip(), 1, 480), 2, 480), on=on)) == [("LAY03", 1)]
    assert verdict(later(later(tiny.trip(), 1, 479), 2, 480), on=on).valid


# SHI02, SHI03


@pytest.mark.parametrize("stop", [0, 1, 2])
def test_shi02_one_minute_early_at_a_stop(stop: int) -> None:
    arrival = tiny.trip().stops[stop].arrival_min
    assert told(verdict(with_stop(tiny.trip(), stop, arrival_min=arrival - 1))) == [("SHI02", 1)]


def test_shi02_one_minute_early_at_the_base() -> None:
    broken = verdict(replace(tiny.trip(), end_min=199))
    assert told(broken) == [("SHI02", 1)]
    assert broken.violations[0].where == "trip 0, return"


def test_shi02_too_much_driving_puts_a_night_before_the_return() -> None:
    # 120 min of driving are over a limit of 119: home at 140 + 60 + 480 = 680, after 119 min before
    # and 1 after the night.
    on = network(drivers=NIGHT | {"max_driving_min": [119]}, tanks=WELCOME)
    assert verdict(replace(tiny.trip(), end_min=680), on=on).valid
    assert told(verdict(replace(tiny.trip(), end_min=679), on=on)) == [("SHI02", 1)]
    assert verdict(tiny.trip(), on=network(drivers=NIGHT | {"max_driving_min": [120]})).valid


def test_shi03_one_minute_short_of_the_setup() -> None:
    assert told(verdict(with_stop(tiny.trip(), 1, departure_min=89))) == [("SHI03", 1)]


@pytest.mark.parametrize(("kg", "minutes"), [(400.0, 34), (401.0, 35)])
def test_shi03_unloading_takes_quantity_by_rate_rounded_up(kg: float, minutes: int) -> None:
    # Set-up 30 min, then 100 kg/min: 4 min for 400 kg, 5 for 401. The relaxed trip arrives at A at
    # 70, drives on until 110.
    on = network(tanks={"unload_kg_per_min": [100.0, np.inf]})
    trip = with_stop(
        replace(
            relaxed(),
            stops=tuple(
                replace(s, kg=s.kg + 1) if s.kind == "load" else s for s in relaxed().stops
            ),
        ),
        1,
        kg=kg,
    )
    assert verdict(with_stop(trip, 1, departure_min=70 + minutes), on=on).valid
    assert told(verdict(with_stop(trip, 1, departure_min=70 + minutes - 1), on=on)) == [
        ("SHI03", 1)
    ]


def test_shi03_loading_takes_quantity_by_rate() -> None:
    # Set-up 20 min, then 1000 kg at 200 kg/min: 25 min; the relaxed trip arrives at 10 and has
    # until 40.
    on = network(sites={"load_kg_per_min": [200.0]})
    assert verdict(with_stop(relaxed(), 0, departure_min=35), on=on).valid
    assert told(verdict(with_stop(relaxed(), 0, departure_min=34), on=on)) == [("SHI03", 1)]


# SHI04, SRC02, SHI05


def access(start: int, end: int) -> Network:
    return network(tanks={"access_min": (np.array([[start, end]]), np.array([[0, 10**6]]))})


def test_shi04_service_inside_the_access_hours() -> None:
    assert verdict(tiny.trip(), on=access(60, 90)).valid
    assert told(verdict(tiny.trip(), on=access(61, 90))) == [("SHI04", 1)]
    assert told(verdict(tiny.trip(), on=access(60, 89))) == [("SHI04", 1)]


def test_shi04_service_may_not_go_over_from_one_window_to_the_next() -> None:
    on = network(tanks={"access_min": (np.array([[0, 75], [75, 200]]), np.array([[0, 10**6]]))})
    assert told(verdict(tiny.trip(), on=on)) == [("SHI04", 15)]


def test_shi04_a_customer_without_windows_is_never_open() -> None:
    on = network(tanks={"access_min": (np.zeros((0, 2)), np.array([[0, 10**6]]))})
    assert told(verdict(tiny.trip(), on=on)) == [("SHI04", 30)]


def test_src02_loading_inside_the_opening_hours() -> None:
    assert verdict(tiny.trip(), on=network(sites={"access_min": (np.array([[10, 30]]),)})).valid
    assert told(
        verdict(tiny.trip(), on=network(sites={"access_min": (np.array([[11, 30]]),)}))
    ) == [("SRC02", 1)]
    assert told(
        verdict(tiny.trip(), on=network(sites={"access_min": (np.array([[10, 29]]),)}))
    ) == [("SRC02", 1)]


def test_shi05_vehicle_not_allowed_at_a_customer() -> None:
    broken = verdict(tiny.trip(), on=network(tanks={"vehicle_allowed": [[True], [False]]}))
    assert told(broken) == [("SHI05", 1)]
    assert broken.violations[0].where == "trip 0, stop 2 (B)"


def test_shi05_vehicle_not_allowed_at_a_site() -> None:
    broken = verdict(tiny.trip(), on=network(sites={"vehicle_allowed": [[False]]}))
    assert told(broken) == [("SHI05", 1)]
    assert broken.violations[0].where == "trip 0, stop 0 (plant)"


# SHI11, SHI16


def test_shi11_a_negative_load() -> None:
    trip = tiny.trip(loaded_kg=-0.1)
    at = days(load_kg=[1000.1], load_product=[0])
    assert told(verdict(trip, at=at)) == [("SHI11", 0.1)]
    assert verdict(tiny.trip(loaded_kg=0.0), at=at).valid


def test_shi11_a_negative_drop() -> None:
    trip = tiny.trip(kg_a=-0.1, loaded_kg=599.9)
    # A drop below nothing is also below the least drop (0 kg), and the drops of its hour sum to
    # less than nothing.
    assert told(verdict(trip, at=days(47))) == [("SHI11", 0.1), ("SHI16", 0.1), ("DYN01", 0.1)]
    assert verdict(tiny.trip(kg_a=0.0, loaded_kg=600.0)).valid


def test_shi16_least_drop() -> None:
    assert verdict(tiny.trip(), on=network(tanks={"min_drop_kg": [400.0, 0.0]})).valid
    assert told(verdict(tiny.trip(), on=network(tanks={"min_drop_kg": [400.1, 0.0]}))) == [
        ("SHI16", 0.1)
    ]


@pytest.mark.parametrize(("kg", "codes"), [(1000.0, []), (1000.1, [("SHI16", 0.1)])])
def test_shi16_a_drop_above_the_capacity_even_where_use_makes_room(
    kg: float, codes: list[tuple[str, float]]
) -> None:
    use = tiny.use_kg(48)
    use[1, tiny.TANK_A] = (
        1000.0  # in the hour of the drop: 580 - 10 + 1000 - 1000 = 570 kg are left
    )
    assert told(verdict(tiny.trip(kg_a=kg, loaded_kg=kg + 600.0), at=days(use_kg=use))) == codes


# DRI03, DRI08, TL03


def test_dri03_driving_without_nights() -> None:
    assert verdict(tiny.trip(), on=network(drivers={"max_driving_min": [120]})).valid
    assert told(verdict(tiny.trip(), on=network(drivers={"max_driving_min": [119]}))) == [
        ("DRI03", 1)
    ]


@pytest.mark.parametrize(("limit", "codes"), [(60, []), (59, [("DRI03", 2)])])
def test_dri03_after_a_night_driving_counts_on_from_the_remainder(
    limit: int, codes: list[tuple[str, float]]
) -> None:
    # 40 min to A. Of the 20 min to B, limit - 40 are driven before the night, so 0 or 1 after it;
    # then 60 min home.
    on = network(drivers=NIGHT | {"max_driving_min": [limit]}, tanks=WELCOME)
    assert told(verdict(later(tiny.trip(), 2, 480), on=on)) == codes


def test_dri08_inside_one_working_window() -> None:
    for window, minutes in (([0, 200], 0), ([1, 200], 1), ([0, 199], 1)):
        broken = verdict(tiny.trip(), on=network(drivers={"shift_min": (np.array([window]),)}))
        assert told(broken) == ([("DRI08", minutes)] if minutes else [])


def test_dri08_two_windows_are_not_one() -> None:
    on = network(drivers={"shift_min": (np.array([[0, 150], [150, 300]]),)})
    assert told(verdict(tiny.trip(), on=on)) == [("DRI08", 50)]


def test_tl03_driver_and_vehicle() -> None:
    assert told(verdict(tiny.trip(), on=network(drivers={"vehicle_allowed": [[False]]}))) == [
        ("TL03", 1)
    ]


# PRD01, SRC01: two products, gas and oil


def two_products(
    tank_product: int = 0,
    carried: tuple[bool, bool] = (True, True),
    offered: tuple[bool, bool] = (True, True),
) -> Network:
    base = tiny.network()
    return replace(
        base,
        products=("gas", "oil"),
        tanks=replace(base.tanks, product=np.array([tank_product, 0])),
        vehicles=replace(base.vehicles, product_allowed=np.array([carried])),
        sites=replace(base.sites, product_offered=np.array([offered])),
    )


def test_prd01_the_customers_product() -> None:
    assert verdict(tiny.trip(), on=two_products()).valid
    broken = verdict(tiny.trip(), on=two_products(tank_product=1))
    assert told(broken) == [("PRD01", 1)]
    assert broken.violations[0].where == "trip 0, stop 1 (A)"


def test_prd01_the_vehicles_products() -> None:
    assert told(verdict(tiny.trip(), on=two_products(carried=(False, True)))) == [("PRD01", 1)]


@pytest.mark.parametrize(("left", "codes"), [(0.0, []), (0.5, [("PRD01", 0.5)])])
def test_prd01_another_product_left_on_board(left: float, codes: list[tuple[str, float]]) -> None:
    trip = tiny.trip(loaded_kg=1000.0 - left)
    assert (
        told(verdict(trip, on=two_products(), at=days(load_kg=[left], load_product=[1]))) == codes
    )


def test_prd01_what_a_trip_leaves_on_board_is_its_product() -> None:
    # The second trip carries oil while 1 kg of gas is on board; it only passes the plant and drops
    # nothing.
    second = Trip(0, 0, 1, 1000, 1040, (Stop("load", 0, 1010, 1030, 0.0),))
    assert told(verdict(tiny.trip(loaded_kg=1001.0), second, on=two_products())) == [("PRD01", 1)]
    assert verdict(tiny.trip(), second, on=two_products()).valid


def test_src01_the_sites_products() -> None:
    assert verdict(tiny.trip(), on=two_products(offered=(True, False))).valid
    assert told(verdict(tiny.trip(), on=two_products(offered=(False, True)))) == [("SRC01", 1)]
