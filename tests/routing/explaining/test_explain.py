"""Reasons, slacks and costs in the tiny world, solved by hand, each limit from both sides.

Base 0, plant 10, A 40, B 60, C 70 [min]; loading takes 20 min, a drop 30 min; 1 a km, 0.5 a minute,
two minutes a km. An empty truck is back from A after 130 min (80 of driving), from B after 170 min
(120 of driving).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from lmrs_rl.domain import Costs, InputError, Network, Order, Plan, Snapshot
from lmrs_rl.routing.explaining.explain import explain
from lmrs_rl.routing.explaining.explanation import Explanation, MissedOrder
from lmrs_rl.routing.explaining.reasons import MissedReason
from tests import tiny
from tests.routing import cases
from tests.routing.cases import order, plan, with_columns
from tests.routing.checks import QUICK, solve
from tests.routing.random_problems import random_problem
from tests.tiny import TANK_A, TANK_B


def explained(
    orders: Sequence[Order], network: Network | None = None, at: Snapshot | None = None
) -> Explanation:
    network = tiny.network() if network is None else network
    at = cases.start(network) if at is None else at
    return explain(network, at, orders, plan(orders, network, at))


def reasons(*args: Any) -> list[MissedReason]:
    return [missed.reason for missed in explained(*args).missed]


def only(*args: Any) -> MissedOrder:
    (missed,) = explained(*args).missed
    return missed


def test_a_plan_that_serves_everybody_misses_nobody() -> None:
    assert explained([order(TANK_A), order(TANK_B)]).missed == ()


def test_no_order_no_reason() -> None:
    assert explained([]) == Explanation((), (), (), Costs(0.0, 0.0, 0.0, 0.0), 0.0, 0.0)


def test_no_vehicle_may_come() -> None:
    closed = with_columns(tiny.network(), tanks={"vehicle_allowed": [[False], [True]]})
    assert reasons([order(TANK_A)], closed) == [MissedReason.NO_VEHICLE]
    assert reasons([order(TANK_B)], closed) == []


def test_no_vehicle_that_may_come_may_carry_the_product() -> None:
    network = with_columns(tiny.network(), vehicles={"product_allowed": [[False]]})
    assert reasons([order()], network) == [MissedReason.NO_VEHICLE]


@pytest.mark.parametrize(("payload", "found"), [(500.0, []), (499.9, [MissedReason.TOO_LARGE])])
def test_larger_than_any_truck_that_may_come(payload: float, found: list[MissedReason]) -> None:
    network = with_columns(tiny.network(call_ins=1), vehicles={"capacity_kg": [payload]})
    assert reasons([order(tiny.CALL_IN)], network) == found


def test_how_large_is_told() -> None:
    network = with_columns(tiny.network(call_ins=1), vehicles={"capacity_kg": [499.0]})
    assert (
        only([order(tiny.CALL_IN)], network).detail
        == "at least 500 kg, and the largest truck that may come carries 499 kg"
    )


def two_products() -> Network:
    """As `tiny.network`, with a second product that B uses."""
    network, both = tiny.network(), np.array([[True, True]])
    return replace(
        network,
        products=("gas", "oil"),
        tanks=replace(network.tanks, product=np.array([0, 1])),
        sites=replace(network.sites, product_offered=both),
        vehicles=replace(network.vehicles, product_allowed=both),
    )


def test_the_one_truck_carries_another_product() -> None:
    network = two_products()
    at = cases.loaded(500.0, network)
    assert reasons([order(TANK_A), order(TANK_B)], network, at) == [MissedReason.OTHER_PRODUCT]
    assert reasons([order(TANK_B)], network, cases.start(network)) == []


def test_nobody_drives() -> None:
    network = with_columns(tiny.network(), drivers={"vehicle_allowed": [[False]]})
    assert reasons([order()], network) == [MissedReason.NO_DRIVER]
    later = with_columns(tiny.network(), drivers={"shift_min": (np.array([[5 * 1440, 6 * 1440]]),)})
    assert reasons([order(windows_h=[[0.0, 200.0]])], later) == [MissedReason.NO_DRIVER]
    in_time = with_columns(
        tiny.network(), drivers={"shift_min": (np.array([[5 * 1440 - 1, 6 * 1440]]),)}
    )
    assert reasons([order(windows_h=[[0.0, 200.0]])], in_time) == []


@pytest.mark.parametrize(("on_board", "found"), [(500.0, []), (499.0, [MissedReason.NO_PRODUCT])])
def test_no_product_at_a_site_within_reach(on_board: float, found: list[MissedReason]) -> None:
    dry = with_columns(tiny.network(), sites={"product_offered": [[False]]})
    assert reasons([order()], dry, cases.loaded(on_board)) == found


def test_a_site_that_never_opens_has_no_product() -> None:
    closed = with_columns(tiny.network(), sites={"access_min": (np.zeros((0, 2)),)})
    assert reasons([order()], closed) == [MissedReason.NO_PRODUCT]


@pytest.mark.parametrize(("limit", "found"), [(120, []), (119, [MissedReason.DRIVING])])
def test_the_driving_limit(limit: int, found: list[MissedReason]) -> None:
    network = with_columns(tiny.network(), drivers={"max_driving_min": [limit]})
    assert reasons([order(TANK_B)], network) == found


def test_how_far_beyond_the_driving_limit_is_told() -> None:
    network = with_columns(tiny.network(), drivers={"max_driving_min": [100]})
    assert (
        only([order(TANK_B)], network).detail
        == "the trip there and back takes 20 min more than any driver may drive"
    )


@pytest.mark.parametrize(("end", "found"), [(130, []), (129, [MissedReason.DUTY])])
def test_the_working_hours(end: int, found: list[MissedReason]) -> None:
    network = with_columns(tiny.network(), drivers={"shift_min": cases.shifts(0, end)})
    assert reasons([order(TANK_A)], network) == found


def test_how_much_longer_a_shift_would_have_to_be_is_told() -> None:
    network = with_columns(tiny.network(), drivers={"shift_min": cases.shifts(0, 100)})
    assert (
        only([order(TANK_A)], network).detail
        == "a trip there takes 30 min more than any driver's working hours last"
    )


@pytest.mark.parametrize(("opens", "found"), [(20, []), (21, [MissedReason.SITE_HOURS])])
def test_the_opening_hours_of_the_site(opens: int, found: list[MissedReason]) -> None:
    # From the opening on 20 min loading, 30 to A, 30 there, 40 back: the shift ends after 140 min.
    hours = np.array([[opens, 1000]])
    network = with_columns(
        tiny.network(),
        drivers={"shift_min": (np.array([[0, 140]]),)},
        sites={"access_min": (hours,)},
    )
    assert reasons([order(TANK_A)], network) == found


@pytest.mark.parametrize(("last", "found"), [(60, []), (59, [MissedReason.WINDOW])])
def test_a_window_that_closes_before_any_driver_can_be_there(
    last: int, found: list[MissedReason]
) -> None:
    assert reasons([order(TANK_A, windows_h=[[0.0, last / 60]])]) == found


def test_a_window_in_the_night_when_nobody_works() -> None:
    network = with_columns(tiny.network(), drivers={"shift_min": cases.shifts(360, 1080)})
    # Back by 1080 means: the drop starts by 1010. The window opens at 1080.
    missed = only([order(TANK_A, windows_h=[[18.0, 29.0]])], network)
    # The other side: on the next day the drop starts at 1440 + 360 + 60 at the earliest, 120 min
    # after the window.
    assert (missed.reason, missed.detail) == (
        MissedReason.WINDOW,
        "its windows would have to open 70 min earlier or close 70 min later",
    )


def test_a_window_that_is_over() -> None:
    at = cases.start(time_min=120, vehicle_free_min=[120], driver_free_min=[120])
    assert reasons([order(TANK_A, windows_h=[[0.0, 119 / 60]])], None, at) == [MissedReason.WINDOW]


def one_trip_a_day() -> Network:
    """The shift of 170 min does for A or B but not for both (200 min), on one day only."""
    return with_columns(tiny.network(), drivers={"shift_min": (np.array([[0, 170]]),)})


def test_truck_and_driver_are_taken_by_a_dearer_order() -> None:
    # Serving A in the place of B: 105 + 400 missed instead of 145 + 300 missed: 60 more.
    missed = only([order(TANK_A, penalty=300.0), order(TANK_B, penalty=400.0)], one_trip_a_day())
    assert (missed.customer, missed.reason, missed.extra_cost) == (TANK_A, MissedReason.TAKEN, 60.0)
    assert missed.detail == "in the place of B: 60.00 more than missing it"


def test_who_keeps_a_place_is_not_displaced() -> None:
    # Truck 0 does for A or B; truck 1, which alone may visit the third customer, has no part in it.
    network = with_columns(
        cases.fleet(2, tiny.network(call_ins=1)),
        drivers={"shift_min": (np.array([[0, 170]]), np.array([[0, 190]]))},
        tanks={"vehicle_allowed": np.array([[True, False], [True, False]])},
        call_ins={"vehicle_allowed": np.array([[False, True]])},
    )
    third = order(tiny.CALL_IN)
    missed = only([order(TANK_A, penalty=300.0), order(TANK_B, penalty=400.0), third], network)
    assert missed.detail == "in the place of B: 60.00 more than missing it"


def test_with_a_longer_shift_nobody_is_taken() -> None:
    longer = with_columns(tiny.network(), drivers={"shift_min": (np.array([[0, 200]]),)})
    assert reasons([order(TANK_A, penalty=300.0), order(TANK_B, penalty=400.0)], longer) == []


@pytest.mark.parametrize("penalty", [104.0, 105.0, 106.0])
def test_cheaper_to_miss_than_to_serve_by_how_much(penalty: float) -> None:
    found = explained([order(penalty=penalty)])
    if penalty > 105.0:
        assert found.missed == ()
    else:
        (missed,) = found.missed
        assert (missed.reason, missed.extra_cost) == (MissedReason.CHEAPER, 105.0 - penalty)


def test_cheaper_to_miss_counts_against_the_trips_that_there_are() -> None:
    # B is driven to anyway; A on the way costs its 30 min of service, 15.
    orders = [order(TANK_A, penalty=14.0), order(TANK_B)]
    assert only(orders).extra_cost == 1.0


def test_a_plan_that_a_better_search_would_beat_is_told_so() -> None:
    network, at = tiny.network(), cases.start()
    nothing = Plan(0, (), (TANK_A,), Costs(0.0, 0.0, 0.0, 1e4))
    (missed,) = explain(network, at, [order()], nothing).missed
    assert (missed.reason, missed.extra_cost) == (MissedReason.SEARCH, 105.0 - 1e4)


def test_of_two_orders_of_one_customer_the_missed_one_is_explained() -> None:
    network = tiny.network(call_ins=1)
    orders = [order(tiny.CALL_IN, windows_h=[[0.0, 0.5]]), order(tiny.CALL_IN)]
    missed = only(orders, network)
    assert (missed.order, missed.reason) == (0, MissedReason.WINDOW)


def test_slack_in_time_is_what_the_window_leaves() -> None:
    # The drop at A is due by minute 100; from an opening at 80 on it waits for nobody.
    found = explained([order(TANK_A, windows_h=[[80 / 60, 100 / 60]])])
    (slack,) = found.slack
    assert (slack.time_min, slack.tightest) == (20, "window of A")


def test_slack_in_time_is_what_the_next_trip_of_the_driver_leaves() -> None:
    network = with_columns(
        tiny.network(), drivers={"shift_min": (np.array([[0, 200], [600, 800]]),)}
    )
    at = cases.loaded(1000.0, network)
    orders = [
        order(TANK_A, windows_h=[[1.0, 10.0]]),
        order(TANK_B, windows_h=[[670 / 60, 675 / 60]]),
    ]
    first, second = explained(orders, network, at).slack
    # A from 60 to 90, back at 130; the driver is off at 610 for B at 670, so rested since 130: not
    # a minute later.
    assert (first.time_min, first.tightest) == (0, "next trip of driver Ann")
    assert (second.time_min, second.tightest) == (5, "window of B")


def test_slack_in_load_is_the_least_that_is_left_on_board() -> None:
    # 2000 kg loaded, 500 dropped.
    assert explained([order()]).slack[0].load_kg == 1500.0
    # 600 kg on board do for A, 100 are left.
    assert explained([order()], None, cases.loaded(600.0)).slack[0].load_kg == 100.0


def test_slack_in_load_knows_what_later_trips_need() -> None:
    at = cases.loaded(1100.0)
    orders = [order(TANK_A, windows_h=[[0.0, 5.0]]), order(TANK_B, windows_h=[[48.0, 50.0]])]
    # 1100 kg do for both trips without loading: 100 kg to spare in the two together.
    assert [slack.load_kg for slack in explained(orders, None, at).slack] == [100.0, 100.0]


def test_costs_by_part_and_by_trip() -> None:
    found = explained([order(TANK_A), order(TANK_B, windows_h=[[0.0, 0.1]])])
    assert found.trip_costs == (Costs(40.0, 65.0, 0.0, 0.0),)
    assert found.costs == Costs(40.0, 65.0, 0.0, 1e4)
    assert found.late == 0.0


def test_late_drops_are_priced_apart() -> None:
    found = explained([order(TANK_A, windows_h=[[4.0, 4.0]], penalty=1440.0, stockout_h=0.0)])
    # 240 min late at 1440 / 1440 a minute.
    assert found.late == pytest.approx(240.0)


def test_a_plan_of_other_orders_is_refused() -> None:
    network, at = tiny.network(), cases.start()
    made = plan([order(TANK_A)], network, at)
    with pytest.raises(InputError, match=r"plan\.trips\[0\]\.stops\[1\]"):
        explain(network, at, [order(TANK_B)], made)
    with pytest.raises(InputError, match=r"plan\.trips\[0\]"):
        explain(
            network,
            at,
            [order(TANK_A)],
            replace(made, trips=(replace(made.trips[0], start_min=5 * 1440),)),
        )


@pytest.mark.parametrize("seed", range(150))
def test_every_missed_order_of_a_random_plan_has_a_reason(seed: int) -> None:
    case = random_problem(seed)
    got = solve(case, QUICK)
    found = explain(
        case.network, case.snapshot, case.orders, got.plan, horizon_days=case.horizon_days
    )
    assert sorted(missed.customer for missed in found.missed) == sorted(got.plan.missed)
    assert all(slack.time_min >= 0 and slack.load_kg >= 0 for slack in found.slack)
    parts = [(c.distance, c.time, c.nights) for c in found.trip_costs]
    assert np.sum(parts) == pytest.approx(got.plan.costs.total - got.plan.costs.missed)


def test_a_plan_whose_waits_the_core_would_not_share_out_is_explained() -> None:
    # Nights last 600 min, so no wait may. Leaving at 1439, the last minute of the one day planned,
    # for a drop at A at 2100: the core would load at once and wait 601 min at A; the plan waits 100
    # min at the plant and 501 at A.
    network = with_columns(
        tiny.network(), drivers={"night_min": [600], "shift_min": (np.array([[0, 2879]]),)}
    )
    load, drop, _ = tiny.trip().stops
    stops = (
        replace(load, arrival_min=1549, departure_min=1569, kg=2000.0),
        replace(drop, arrival_min=2100, departure_min=2130, kg=500.0),
    )
    trip = replace(tiny.trip(start_min=1439), stops=stops, end_min=2170)
    made = Plan(0, (trip,), (TANK_B,), Costs(40.0, 365.5, 0.0, 10.0))
    assert not cases.broken(made, network)
    orders = [order(TANK_A, windows_h=[[35.0, 35.0]]), order(TANK_B, penalty=10.0)]
    (missed,) = explain(network, cases.start(network), orders, made, horizon_days=1).missed
    # On the way to A the driver waits long enough to serve B first: 20 km more, at a penalty of 10.
    assert (missed.customer, missed.reason, missed.extra_cost) == (
        TANK_B,
        MissedReason.CHEAPER,
        10.0,
    )
