"""One truck in the tiny world, solved by hand.

Base 0, plant 10, A 40, B 60 [min]; loading takes 20 min, a drop 30 min; 1 a km, 0.5 a minute, two
minutes a km.
"""

from __future__ import annotations

import numpy as np
import pytest

from lmrs_rl.domain import InputError
from lmrs_rl.routing import OrToolsRouter, RouterSettings
from tests import tiny
from tests.routing import cases
from tests.routing.cases import order, plan, stops, visits
from tests.tiny import TANK_A, TANK_B


def test_an_empty_truck_loads_in_transit_to_its_one_order() -> None:
    made = plan([order()])
    # Out 10 + 30, back 40: 80 min are 40 km; with 20 min loading and 30 min service 130 min at 0.5.
    assert (made.costs.distance, made.costs.time, made.costs.nights, made.costs.missed) == (
        40.0,
        65.0,
        0.0,
        0.0,
    )
    (trip,) = made.trips
    assert stops(trip) == [
        ("load", 0, trip.start_min + 10, 2000.0),
        ("drop", TANK_A, trip.start_min + 60, 500.0),
    ]
    assert trip.end_min - trip.start_min == 130
    assert not cases.broken(made)


def test_two_orders_on_one_way_share_a_trip() -> None:
    made = plan([order(TANK_B), order(TANK_A)])
    # To B and back 120 min are 60 km; 20 + 30 + 30 min of service: 200 min at 0.5. Two trips would
    # cost 105 + 145.
    assert made.costs.total == 60.0 + 100.0
    (trip,) = made.trips
    assert [kind for kind, _, _ in visits(trip)] == ["load", "drop", "drop"]


def test_no_order_no_trip() -> None:
    made = plan([])
    assert (made.trips, made.missed, made.costs.total, made.complete) == ((), (), 0.0, True)


def test_reloads_in_the_middle_where_one_load_is_too_little() -> None:
    network = cases.with_columns(tiny.network(), vehicles={"capacity_kg": [900.0]})
    made = plan([order(TANK_A), order(TANK_B)], network)
    (trip,) = made.trips
    # 500 + 500 kg exceed 900 kg: plant, first tank, plant, second tank. One trip or two cost the
    # same 250 = 105 + 145; in one trip the way plant-base-plant is spared: 20 min are 10 km and 10
    # for time, so 230.
    assert made.costs.total == 230.0
    assert [kind for kind, _, _ in visits(trip)] == ["load", "drop", "load", "drop"]
    # Loading fills the truck: 900 kg, then the 500 kg dropped.
    assert [kg for _, _, kg in visits(trip)] == [900.0, 500.0, 500.0, 500.0]
    assert not cases.broken(made, network)


def test_four_full_loads_in_one_trip() -> None:
    network = cases.with_columns(tiny.network(2), vehicles={"capacity_kg": [500.0]})
    made = plan([order(k, windows_h=[[0.0, 23.0]]) for k in range(4)], network, days=1)
    # All in one trip, for the way plant-base-plant is spared each time: as many loading stops at
    # the plant as drops. Out and back 20 min, plant to A 60, to B 100, to C and D 120 each and
    # back: 420 min, 210 km; 4 * (20 + 30) min of service.
    assert made.costs.total == 210.0 + 310.0
    assert sum(s.kind == "load" for t in made.trips for s in t.stops) == 4
    assert not cases.broken(made, network)


def test_product_left_on_board_is_used_before_any_loading() -> None:
    at = cases.loaded(600.0)
    made = plan([order()], at=at)
    # Straight to A and back: 80 min are 40 km, with service 110 min at 0.5.
    assert made.costs.total == 40.0 + 55.0
    assert visits(made.trips[0]) == [("drop", TANK_A, 500.0)]


@pytest.mark.parametrize(("on_board", "loads"), [(499.0, 1), (500.0, 0)])
def test_a_kg_too_little_on_board_means_loading(on_board: float, loads: int) -> None:
    at = cases.loaded(on_board)
    made = plan([order()], at=at)
    assert sum(s.kind == "load" for s in made.trips[0].stops) == loads
    assert not cases.broken(made, at=at)


def test_what_the_first_trip_leaves_the_second_drops() -> None:
    # A in the first hours, B two days later: two trips; 1000 kg on board do for both without
    # loading.
    at = cases.loaded(1000.0)
    made = plan(
        [order(TANK_A, windows_h=[[0.0, 5.0]]), order(TANK_B, windows_h=[[48.0, 50.0]])], at=at
    )
    assert [visits(t) for t in made.trips] == [[("drop", TANK_A, 500.0)], [("drop", TANK_B, 500.0)]]
    # 40 km and 110 min, then 60 km and 150 min.
    assert made.costs.total == 40.0 + 55.0 + 60.0 + 75.0
    assert not cases.broken(made, at=at)


def test_a_driver_without_time_for_rest_makes_one_of_two_trips() -> None:
    network = cases.with_columns(
        tiny.network(), drivers={"shift_min": (np.array([[0, 200], [600, 800]]),)}
    )
    at = cases.loaded(1000.0, network)
    # The shift ends at 200, so A at 60 to 65 and B at 660 are two trips: base at 130 at the
    # earliest, rested at 610, B at 670.
    orders = [
        order(TANK_A, windows_h=[[1.0, 65 / 60]]),
        order(TANK_B, windows_h=[[660 / 60, 669 / 60]], penalty=5e3),
    ]
    made = plan(orders, network, at)
    assert made.missed == (TANK_B,)
    orders[1] = order(TANK_B, windows_h=[[660 / 60, 670 / 60]], penalty=5e3)
    made = plan(orders, network, at)
    assert made.missed == ()
    assert [t.start_min for t in made.trips] == [20, 610]
    assert not cases.broken(made, network, at)


@pytest.mark.parametrize(("limit", "missed"), [(119, (TANK_B,)), (120, ())])
def test_driving_limit(limit: int, missed: tuple[int, ...]) -> None:
    network = cases.with_columns(tiny.network(), drivers={"max_driving_min": [limit]})
    # To B and back are 120 min of driving.
    made = plan([order(TANK_B)], network)
    assert made.missed == missed
    assert made.costs.missed == (1e4 if missed else 0.0)


@pytest.mark.parametrize(("penalty", "served"), [(104.0, False), (106.0, True)])
def test_an_order_is_missed_where_that_is_cheaper_than_the_trip(
    penalty: float, served: bool
) -> None:
    made = plan([order(penalty=penalty)])  # the trip costs 105
    assert made.costs.total == (105.0 if served else penalty)
    assert made.missed == (() if served else (TANK_A,))


def test_two_orders_that_only_together_are_worth_a_trip() -> None:
    # Alone A costs 105 and B 145, both in one trip 160: worth it for 2 * 90, though for neither
    # alone.
    made = plan([order(TANK_A, penalty=90.0), order(TANK_B, penalty=90.0)])
    assert made.costs.total == 160.0


def test_an_order_larger_than_the_truck_gets_a_full_load() -> None:
    network = cases.with_columns(tiny.network(), vehicles={"capacity_kg": [400.0]})
    made = plan([order(least=500.0, most=600.0)], network)
    assert visits(made.trips[0]) == [("load", 0, 400.0), ("drop", TANK_A, 400.0)]
    assert not cases.broken(made, network)


def test_a_drop_is_never_more_than_is_on_board() -> None:
    # A full load is 400.7 kg, in whole kg 400; with 400.3 kg on board nothing needs loading, and
    # all of it is dropped.
    network, at = (
        cases.with_columns(tiny.network(), vehicles={"capacity_kg": [400.7]}),
        cases.loaded(400.3),
    )
    made = plan([order(least=500.0, most=600.0)], network, at)
    assert [s.kg for s in made.trips[0].stops] == pytest.approx([400.3])
    assert not cases.broken(made, network, at)


def test_a_truck_smaller_than_the_least_drop_stays_at_home() -> None:
    network = cases.with_columns(
        tiny.network(), vehicles={"capacity_kg": [400.0]}, tanks={"min_drop_kg": [401.0, 0.0]}
    )
    assert plan([order(least=500.0, most=600.0)], network).missed == (TANK_A,)


def test_a_call_in_order_takes_all_or_nothing() -> None:
    network = tiny.network(call_ins=1)
    # To C and back 140 min: 70 km; 20 + 30 min of service: 190 min at 0.5.
    assert plan([order(tiny.CALL_IN, 1500.0, 2000.0)], network).costs.total == 70.0 + 95.0
    assert plan([order(tiny.CALL_IN, 2001.0, 2100.0)], network).missed == (tiny.CALL_IN,)


def test_least_quantities_first_then_the_rest_in_the_order_of_visits() -> None:
    at = cases.loaded(1000.0)
    orders = [
        order(TANK_A, 300.0, 600.0, windows_h=[[0.0, 1.0]]),
        order(TANK_B, 400.0, 900.0, windows_h=[[0.0, 2.0]]),
    ]
    made = plan(
        orders,
        at=at,
        network=cases.with_columns(tiny.network(), sites={"access_min": (np.zeros((0, 2)),)}),
    )
    # 1000 - 300 - 400 kg are left: A, visited first, takes 300 more up to 600; nothing is left for
    # B.
    assert visits(made.trips[0]) == [("drop", TANK_A, 600.0), ("drop", TANK_B, 400.0)]


def test_top_up_stops_at_q_max_and_the_rest_stays_on_board() -> None:
    orders = [order(TANK_A, 300.0, 350.0), order(TANK_B, 400.0, 450.0)]
    made = plan(orders)
    assert sorted(kg for kind, _, kg in visits(made.trips[0]) if kind == "drop") == [350.0, 450.0]
    assert visits(made.trips[0])[0] == ("load", 0, 2000.0)


def test_loading_stops_are_not_made_for_a_top_up() -> None:
    # 500 kg on board do for q_min; q_max is no reason to load.
    made = plan([order(TANK_A, 500.0, 900.0)], at=cases.loaded(500.0))
    assert visits(made.trips[0]) == [("drop", TANK_A, 500.0)]


@pytest.mark.parametrize("horizon", [0, -1])
def test_a_horizon_of_no_day_is_refused(horizon: int) -> None:
    with pytest.raises(InputError, match="horizon_days"):
        RouterSettings(horizon_days=horizon)
    OrToolsRouter(RouterSettings(horizon_days=1))
