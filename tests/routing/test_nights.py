"""Nights on the road in the tiny world, solved by hand: the driver may sleep 600 min at a customer
who allows it.

Base 0, plant 10, A 40, B 60 [min]; loading takes 20 min, a drop 30 min; 1 a km, 0.5 a minute, two
minutes a km.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from lmrs_rl.domain import Network
from tests import tiny
from tests.routing import cases
from tests.routing.cases import order, plan, visits
from tests.tiny import TANK_A, TANK_B


def sleepy(limit: int = 80, hosts: tuple[bool, bool] = (True, True), **drivers: Any) -> Network:
    """The tiny network with nights of 600 min at 7 and a driving limit, by default that of the
    way to A and back.
    """
    columns = {"max_driving_min": [limit], "night_min": [600], "cost_per_night": [7.0], **drivers}
    return cases.with_columns(tiny.network(), drivers=columns, tanks={"overnight": hosts})


def test_a_tank_beyond_a_days_driving_is_served_with_a_night_there() -> None:
    network, at = sleepy(), cases.loaded(500.0)
    made = plan([order(TANK_B)], network, at)
    # To B and back 120 min exceed 80, but 60 before and 60 after a night do not: 60 km, 150 min
    # without the night, one night.
    assert (made.costs.distance, made.costs.time, made.costs.nights, made.costs.missed) == (
        60.0,
        75.0,
        7.0,
        0.0,
    )
    assert made.trips[0].end_min - made.trips[0].start_min == 750
    assert not cases.broken(made, network, at)


def test_an_empty_truck_loads_in_transit_to_a_night() -> None:
    network = sleepy()
    made = plan([order(TANK_B)], network)
    assert visits(made.trips[0]) == [("load", 0, 2000.0), ("drop", TANK_B, 500.0)]
    # As above with 20 min of loading on the way.
    assert made.costs.total == 60.0 + 85.0 + 7.0
    assert not cases.broken(made, network)


def test_an_empty_truck_loads_in_transit_to_a_night_though_it_serves_others() -> None:
    # A is served within a day and gives OR-Tools a start to improve; B must not be lost for that.
    network = cases.with_columns(sleepy(), tanks={"capacity_kg": [1600.0, 1000.0]})
    orders = [
        order(TANK_A, 1600.0, 1600.0, windows_h=[[0.0, 5.0]]),
        order(TANK_B, windows_h=[[72.0, 80.0]]),
    ]
    made = plan(orders, network)
    assert made.missed == ()
    # 105 for A; 400 kg stay on board, too little for B: as above.
    assert made.costs.total == 105.0 + 152.0
    assert not cases.broken(made, network)


@pytest.mark.parametrize(("hosts", "served"), [((True, False), False), ((False, True), True)])
def test_no_night_without_a_host(hosts: tuple[bool, bool], served: bool) -> None:
    network, at = sleepy(hosts=hosts), cases.loaded(500.0)
    assert plan([order(TANK_B)], network, at).missed == (() if served else (TANK_B,))


@pytest.mark.parametrize(("shift", "served"), [(749, False), (750, True)])
def test_the_night_lies_inside_the_working_window(shift: int, served: bool) -> None:
    # 60 min there, 30 of service, 600 of night, 60 back: 750 min.
    network, at = sleepy(shift_min=(np.array([[0, shift]]),)), cases.loaded(500.0)
    made = plan([order(TANK_B)], network, at)
    assert made.missed == (() if served else (TANK_B,))
    assert not cases.broken(made, network, at)


@pytest.mark.parametrize(("limit", "served"), [(59, False), (60, True)])
def test_the_driving_limit_holds_before_and_after_the_night_each(limit: int, served: bool) -> None:
    network, at = sleepy(limit), cases.loaded(500.0)
    assert plan([order(TANK_B)], network, at).missed == (() if served else (TANK_B,))


def test_no_driver_sleeps_where_nobody_must() -> None:
    # A week of work in one window, all within a day's driving: a night costs 7 and brings nothing.
    network = sleepy(limit=600)
    made = plan([order(TANK_A), order(TANK_B)], network)
    assert made.costs.total == 160.0
    assert made.costs.nights == 0.0


def test_a_wait_as_long_as_a_night_is_not_planned() -> None:
    # From A at 60 min to B at 12:00 are 720 - 90 - 20 = 610 min of waiting, which would count as a
    # night, with no host.
    network, at = (
        sleepy(limit=600, hosts=(False, False), shift_min=(np.array([[0, 900]]),)),
        cases.loaded(1000.0),
    )
    orders = [order(TANK_A, windows_h=[[1.0, 1.0]]), order(TANK_B, windows_h=[[12.0, 12.0]])]
    assert len(plan(orders, network, at).missed) == 1
    orders[0] = order(TANK_A, windows_h=[[1.2, 1.2]])  # at 72 min: 598 min of waiting
    made = plan(orders, network, at)
    assert made.missed == ()
    assert not cases.broken(made, network, at)


def test_a_cheap_night_is_counted_as_cheap_as_it_is() -> None:
    # A night is unpaid time: 750 min at 0.5 less 600, and 0 for the night.
    network, at = sleepy(cost_per_night=[0.0]), cases.loaded(500.0)
    assert plan([order(TANK_B)], network, at).costs.total == 60.0 + 75.0
