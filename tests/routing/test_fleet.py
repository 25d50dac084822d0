"""Several trucks, products and loading sites, solved by hand in worlds derived from the tiny one.

Base 0, plant 10, A 40, B 60 [min]; loading takes 20 min, a drop 30 min; 1 a km, 0.5 a minute, two
minutes a km.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from lmrs_rl.domain import Deliveries, Network
from lmrs_rl.domain.arrays import always_open
from tests import tiny
from tests.routing import cases
from tests.routing.cases import order, plan, visits
from tests.tiny import TANK_A, TANK_B


def two_products() -> Network:
    """A takes gas, B takes oil; two trucks, either may carry either."""
    network = cases.fleet(2)
    return replace(
        network,
        products=("gas", "oil"),
        tanks=replace(network.tanks, product=np.array([0, 1])),
        vehicles=replace(network.vehicles, product_allowed=np.ones((2, 2), dtype=bool)),
        sites=replace(network.sites, product_offered=np.ones((1, 2), dtype=bool)),
    )


def two_plants(**columns: object) -> Network:
    """A second plant at 50, between A and B; it offers what the first does."""
    network = replace(tiny.network(), **cases.line([*tiny.LINE_MIN, 50]))
    sites = {
        "ids": ("plant", "near"),
        "point": [tiny.SITE, 5],
        "product_offered": np.ones((2, 1)),
        "setup_min": [20, 20],
        "load_kg_per_min": [np.inf, np.inf],
        "vehicle_allowed": np.ones((2, 1)),
        "access_min": (always_open(), always_open()),
        **columns,
    }
    return cases.with_columns(network, sites=sites)


def test_two_products_go_on_two_trucks() -> None:
    network = two_products()
    made = plan([order(TANK_A), order(TANK_B)], network)
    assert sorted(t.product for t in made.trips) == [0, 1]
    # 105 for A and 145 for B: a truck has one product.
    assert made.costs.total == 250.0
    assert not cases.broken(made, network)


def test_a_truck_that_is_loaded_keeps_its_product() -> None:
    network = two_products()
    at = replace(
        cases.start(network), load_kg=np.array([500.0, 500.0]), load_product=np.array([1, 1])
    )
    made = plan([order(TANK_A), order(TANK_B)], network, at)
    assert made.missed == (TANK_A,)
    assert [visits(t) for t in made.trips] == [[("drop", TANK_B, 500.0)]]


def test_a_truck_that_may_carry_nothing_stays_at_home() -> None:
    network = cases.with_columns(tiny.network(), vehicles={"product_allowed": [[False]]})
    assert plan([order()], network).missed == (TANK_A,)


def test_the_product_must_be_offered() -> None:
    network = cases.with_columns(tiny.network(), sites={"product_offered": [[False]]})
    assert plan([order()], network).missed == (TANK_A,)
    assert plan([order()], network, cases.loaded(500.0)).missed == ()


def test_the_cheaper_truck_goes() -> None:
    network = cases.with_columns(cases.fleet(2), vehicles={"cost_per_km": [1.5, 1.0]})
    made = plan([order()], network)
    assert [t.vehicle for t in made.trips] == [1]
    assert made.costs.total == 105.0


def test_the_larger_truck_spares_a_loading() -> None:
    # 1000 kg: the small, cheaper truck would load twice, as in the case with 900 kg: 60 + 20 / 2
    # ... = 230; the other costs 60 km at 1.2 and 200 min at 0.5: 172.
    network = cases.with_columns(
        cases.fleet(2), vehicles={"cost_per_km": [1.0, 1.2], "capacity_kg": [900.0, 2000.0]}
    )
    made = plan([order(TANK_A), order(TANK_B)], network)
    assert [t.vehicle for t in made.trips] == [1]
    assert made.costs.total == pytest.approx(172.0)


def test_customers_take_only_their_vehicles_and_drivers_drive_only_theirs() -> None:
    allowed = np.array([[False, True], [True, True]])
    network = cases.with_columns(
        cases.fleet(2), tanks={"vehicle_allowed": allowed}, vehicles={"cost_per_km": [1.0, 9.0]}
    )
    made = plan([order(TANK_A)], network)
    assert [(t.driver, t.vehicle) for t in made.trips] == [(1, 1)]
    # The second truck without a driver: A is missed.
    without = cases.with_columns(
        network, drivers={"vehicle_allowed": [[True, False], [False, False]]}
    )
    assert plan([order(TANK_A)], without).missed == (TANK_A,)


def test_one_driver_drives_one_truck_at_a_time() -> None:
    network = cases.with_columns(
        cases.fleet(2), drivers={"vehicle_allowed": [[True, True], [False, False]]}
    )
    # A at 60 min and B at 60 min exactly, a truck loaded for each, but one driver.
    orders = [
        order(TANK_A, windows_h=[[1.0, 1.0]], penalty=5e3),
        order(TANK_B, windows_h=[[1.0, 1.0]]),
    ]
    at = cases.loaded(500.0, network)
    assert plan(orders, network, at).missed == (TANK_A,)
    assert plan(orders, cases.fleet(2), at).missed == ()


@pytest.mark.parametrize(("free", "served"), [(21, False), (20, True)])
def test_a_vehicle_that_is_free_later_starts_later(free: int, served: bool) -> None:
    # A by 60 min: the truck leaves at 20.
    at = cases.loaded(500.0, vehicle_free_min=np.array([free]))
    made = plan([order(windows_h=[[0.0, 1.0]])], at=at)
    assert made.missed == (() if served else (TANK_A,))
    assert not cases.broken(made, at=at)


@pytest.mark.parametrize(("free", "served"), [(21, False), (20, True)])
def test_a_driver_who_is_free_later_starts_later(free: int, served: bool) -> None:
    at = cases.loaded(500.0, driver_free_min=np.array([free]))
    assert plan([order(windows_h=[[0.0, 1.0]])], at=at).missed == (() if served else (TANK_A,))


def test_the_morning_is_the_plans_first_minute() -> None:
    # On the network's clock it is 10:00 of the second day; A may be served until 11:00, 40 min
    # away.
    at = cases.loaded(
        500.0, time_min=2040, vehicle_free_min=np.array([1800]), driver_free_min=np.array([0])
    )
    made = plan([order(windows_h=[[0.0, 35.0]])], at=at)
    assert made.time_min == 2040
    assert made.trips[0].start_min >= 2040
    assert made.trips[0].stops[0].arrival_min <= 2100
    assert not cases.broken(made, at=at)


def test_deliveries_in_transit_are_nobodys_orders() -> None:
    way = Deliveries(np.array([TANK_B]), np.array([30]), np.array([500.0]))
    at = cases.loaded(500.0, in_transit=way)
    made = plan([order()], at=at)
    assert made.costs.total == 40.0 + 55.0
    assert not cases.broken(made, at=at)


def test_loads_at_the_site_that_is_in_transit() -> None:
    # 500 kg on board for A, B needs a loading: at 50 min it is on the way, 60 km and 30 + 20 + 30
    # min of service; going back is not.
    network = cases.with_columns(two_plants(), vehicles={"capacity_kg": [500.0]})
    at = cases.loaded(500.0, network)
    made = plan([order(TANK_A), order(TANK_B)], network, at)
    # Between the drops, whichever comes first.
    assert visits(made.trips[0])[1] == (
        "load",
        1,
        500.0,
    )
    assert made.costs.total == 60.0 + 100.0


def test_a_site_open_too_short_is_passed_by() -> None:
    # The near plant is open for 19 min a go, loading takes 20: to the first plant it is.
    hours = {"access_min": (always_open(), np.array([[0, 19], [60, 79]]))}
    made = plan([order(TANK_B)], two_plants(**hours))
    assert visits(made.trips[0])[0] == ("load", 0, 2000.0)


@pytest.mark.parametrize(("closes", "served"), [(59, False), (60, True)])
def test_a_site_is_open_from_the_start_of_loading_to_its_end(closes: int, served: bool) -> None:
    # The driver comes at 40: arrives at 50 at the earliest or waits; loading of 20 min must lie in
    # 40 to `closes`.
    hours = (np.array([[40, closes]]),)
    network = cases.with_columns(tiny.network(), sites={"access_min": hours})
    made = plan([order()], network, days=1)
    assert made.missed == (() if served else (TANK_A,))
    assert not cases.broken(made, network)


def test_the_way_back_may_differ_from_the_way_there() -> None:
    # From A to the base only 20 min and 10 km: to A by the plant 40 min, 20 km; with service 110
    # min.
    network = tiny.network()
    travel, km = network.travel_min.copy(), network.distance_km.copy()
    travel[tiny.A, tiny.BASE], km[tiny.A, tiny.BASE] = 20, 10.0
    assert (
        plan([order()], replace(network, travel_min=travel, distance_km=km)).costs.total
        == 20.0 + 10.0 + 55.0
    )


def test_a_detour_that_is_shorter_than_the_direct_way_is_taken_as_the_matrices_say() -> None:
    # Base to B directly takes 500 min, by A 40 + 20: with 120 min of driving B alone is out of
    # reach, with A it is not.
    network = cases.with_columns(tiny.network(), drivers={"max_driving_min": [120]})
    travel = network.travel_min.copy()
    travel[tiny.BASE, tiny.B] = 500
    network, at = replace(network, travel_min=travel), cases.loaded(1000.0)
    closed = cases.with_columns(network, sites={"access_min": (np.zeros((0, 2)),)})
    assert plan([order(TANK_B)], closed, at).missed == (TANK_B,)
    assert plan([order(TANK_A), order(TANK_B)], closed, at).costs.total == 60.0 + 90.0


def test_a_customer_with_split_windows_is_served_in_one_of_them() -> None:
    # A is open 0:00-0:30 and 5:00-6:00; the truck needs 40 min, so it comes in the second and
    # leaves the base late.
    made = plan([order(windows_h=[[0.0, 0.5], [5.0, 6.0]])], at=cases.loaded(500.0))
    (trip,) = made.trips
    assert 300 <= trip.stops[0].arrival_min <= 360
    assert trip.end_min - trip.start_min == 110  # it waits at the base


def test_waits_between_split_windows_where_that_is_cheaper_than_a_second_trip() -> None:
    # A at 60 min, B at 140 min or later: driven without a stop B would come at 110; 30 min of
    # waiting cost 15.
    at = cases.loaded(1000.0)
    made = plan(
        [
            order(TANK_A, windows_h=[[1.0, 1.0]]),
            order(TANK_B, windows_h=[[0.0, 1.5], [140 / 60, 4.0]]),
        ],
        at=at,
    )
    (trip,) = made.trips
    assert [s.arrival_min for s in trip.stops] == [60, 140]
    assert made.costs.total == 60.0 + 0.5 * (140 + 30 + 60 - 20)


def test_windows_after_the_last_slot_are_not_served_at_its_end() -> None:
    # A tank at the base itself with no service time, open only after the last working day.
    network = cases.with_columns(
        tiny.network(),
        tanks={"point": [tiny.BASE, tiny.B], "setup_min": [0, 30]},
        drivers={"shift_min": cases.shifts(0, 600)},
    )
    assert plan(
        [order(windows_h=[[99.0, 100.0]])], network, cases.loaded(500.0), days=2
    ).missed == (TANK_A,)


def test_service_grows_with_the_quantity() -> None:
    # 500 kg at 10 kg a minute are 50 min on top of 30, whatever is dropped between q_min and q_max.
    network = cases.with_columns(
        tiny.network(),
        tanks={"unload_kg_per_min": [10.0, 10.0]},
        sites={"load_kg_per_min": [100.0]},
    )
    made = plan([order(least=300.0)], network)
    stops = made.trips[0].stops
    # A full vehicle of 2000 kg loads in 20 + 20 min.
    assert [s.departure_min - s.arrival_min for s in stops] == [40, 80]
    assert not cases.broken(made, network)
