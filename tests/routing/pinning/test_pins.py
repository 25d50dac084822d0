"""Fixed trips, appointments and the price of moving, in the tiny world, solved by hand.

Base 0, plant 10, A 40, B 60 [min]; loading takes 20 min, a drop 30 min; 1 a km, 0.5 a minute, two
minutes a km.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from lmrs_rl.domain import Costs, InputError, Network, Order, Plan, Snapshot, Trip
from lmrs_rl.routing import RouterSettings
from lmrs_rl.routing.core import CoreSettings, ruin_and_recreate
from lmrs_rl.routing.costs import objective
from lmrs_rl.routing.explaining.explain import explain
from lmrs_rl.routing.explaining.reasons import MissedReason
from lmrs_rl.routing.pinning.pinned import PinnedRouter, with_move_price
from lmrs_rl.routing.pinning.pins import Appointment, Pins, pin
from lmrs_rl.routing.problem import build_problem
from lmrs_rl.routing.router import search_routes
from lmrs_rl.routing.shift import planned_days, shifted_routes
from tests import tiny
from tests.routing import cases
from tests.routing.cases import fleet, order, with_columns
from tests.routing.checks import plan_faults, solve
from tests.routing.random_problems import random_problem
from tests.tiny import TANK_A, TANK_B

LITTLE = RouterSettings(core=CoreSettings(iterations=200, iterations_per_order=20))
DAY = 1440


def pinned(
    orders: Sequence[Order],
    network: Network | None = None,
    at: Snapshot | None = None,
    pins: Pins | None = None,
) -> Plan:
    network = tiny.network() if network is None else network
    at = cases.start(network) if at is None else at
    made = PinnedRouter(pins or Pins(), settings=LITTLE)(network, at, orders)
    assert not cases.broken(made, network, at)
    return made


def drops(plan: Plan) -> list[tuple[int, int, int]]:
    """Customer, arrival and vehicle of every drop."""
    return [
        (s.place, s.arrival_min, t.vehicle) for t in plan.trips for s in t.stops if s.kind == "drop"
    ]


def test_without_pins_it_is_the_plain_router() -> None:
    orders = [order(TANK_A), order(TANK_B, penalty=10.0)]
    assert pinned(orders) == cases.plan(orders)


def test_a_fixed_trip_is_taken_over_as_it_is_and_its_orders_are_not_planned_again() -> None:
    fixed = tiny.trip(start_min=300)
    made = pinned([order(TANK_A), order(TANK_B)], pins=Pins((fixed,)))
    assert made.trips == (fixed,)
    assert made.missed == ()
    # 120 min of driving are 60 km; 200 min from start to end at 0.5.
    assert made.costs == Costs(60.0, 100.0, 0.0, 0.0)


def test_other_orders_are_planned_around_a_fixed_trip() -> None:
    network = tiny.network(call_ins=1)
    fixed = tiny.trip(start_min=300)  # back at 500; the driver has rested at 980
    made = pinned([order(tiny.CALL_IN)], network, pins=Pins((fixed,)))
    own = next(trip for trip in made.trips if trip != fixed)
    # 1000 kg loaded, all of it dropped: the truck is empty again and loads.
    assert [s.kind for s in own.stops] == ["load", "drop"]
    assert own.start_min >= 980


@pytest.mark.parametrize(("latest", "missed"), [(979 + 90, (tiny.CALL_IN,)), (980 + 90, ())])
def test_the_driver_rests_after_a_fixed_trip(latest: int, missed: tuple[int, ...]) -> None:
    # Base to C by way of the plant takes 70 min and 20 for loading.
    network = tiny.network(call_ins=1)
    made = pinned(
        [order(tiny.CALL_IN, windows_h=[[0.0, latest / 60]])],
        network,
        pins=Pins((tiny.trip(start_min=300),)),
    )
    assert made.missed == missed


@pytest.mark.parametrize(("start", "missed"), [(130 + 480, ()), (129 + 480, (TANK_B,))])
def test_the_driver_drives_another_truck_before_a_fixed_trip_if_rested_in_time(
    start: int, missed: tuple[int, ...]
) -> None:
    # Two trucks, one driver. The fixed trip takes truck 0; truck 1 is back from B after 170 min,
    # with 500 kg on board after 150, and from A after 130 or 110. B in the first two hours by truck
    # 1: start 0, B at 60 to 90, back at 150.
    network = with_columns(fleet(2), drivers={"vehicle_allowed": [[True, True], [False, False]]})
    at = cases.loaded(500.0, network)
    trip = Trip(
        0,
        0,
        0,
        start + 20,
        start + 130,
        (
            replace(
                tiny.trip().stops[1], arrival_min=start + 60, departure_min=start + 90, kg=500.0
            ),
        ),
    )
    made = pinned(
        [order(TANK_A), order(TANK_B, windows_h=[[0.0, 1.0]])], network, at, Pins((trip,))
    )
    assert made.missed == missed


def test_product_that_a_fixed_trip_leaves_on_board_is_used() -> None:
    fixed = tiny.trip(start_min=0, loaded_kg=1500.0)
    network = tiny.network(call_ins=1)
    made = pinned([order(tiny.CALL_IN)], network, pins=Pins((fixed,)))
    assert [s.kind for s in made.trips[1].stops] == ["drop"]


def test_a_fixed_trip_that_starts_before_its_vehicle_is_free_is_refused() -> None:
    at = cases.start(vehicle_free_min=[301])
    with pytest.raises(InputError, match=r"pins\.trips\[0\]\.start_min"):
        pinned([], at=at, pins=Pins((tiny.trip(start_min=300),)))
    pinned([], at=cases.start(vehicle_free_min=[300]), pins=Pins((tiny.trip(start_min=300),)))


def test_two_fixed_trips_of_one_vehicle_at_a_time_are_refused() -> None:
    with pytest.raises(InputError, match=r"pins\.trips\[1\]\.start_min"):
        pinned([], pins=Pins((tiny.trip(start_min=300), tiny.trip(start_min=499))))


@pytest.mark.parametrize(
    ("loaded_kg", "fine"), [(1000.0, True), (999.0, False), (2000.0, True), (2001.0, False)]
)
def test_a_fixed_trip_needs_its_product_and_has_room_for_what_it_loads(
    loaded_kg: float, fine: bool
) -> None:
    pins = Pins((tiny.trip(loaded_kg=loaded_kg),))
    if fine:
        pinned([], pins=pins)
    else:
        with pytest.raises(InputError, match=r"pins\.trips\[0\]\.stops\[[02]\]\.kg"):
            pinned([], pins=pins)


def test_an_appointment_is_kept_though_the_order_alone_is_not_worth_it() -> None:
    appointment = Appointment(TANK_A, first_min=2 * DAY + 600, last_min=2 * DAY + 660)
    made = pinned([order(TANK_A, penalty=1.0)], pins=Pins(appointments=(appointment,)))
    ((who, at, _),) = drops(made)
    assert who == TANK_A
    assert 2 * DAY + 600 <= at <= 2 * DAY + 660
    assert made.costs.missed == 0.0


def test_without_the_appointment_that_order_is_missed() -> None:
    assert pinned([order(TANK_A, penalty=1.0)]).missed == (TANK_A,)


@pytest.mark.parametrize("who", [0, 1])
def test_the_vehicle_and_driver_of_an_appointment_come(who: int) -> None:
    # The other truck is cheaper.
    network = with_columns(
        fleet(2), vehicles={"cost_per_km": np.array([1.0, 1.0]) + 4.0 * np.eye(2)[who]}
    )
    for appointment in (Appointment(TANK_A, vehicle=who), Appointment(TANK_A, driver=who)):
        assert [
            v
            for _, _, v in drops(
                pinned([order(TANK_A)], network, pins=Pins(appointments=(appointment,)))
            )
        ] == [who]
    assert [v for _, _, v in drops(pinned([order(TANK_A)], network))] == [1 - who]


def test_an_appointment_goes_before_a_dearer_order() -> None:
    network = with_columns(tiny.network(), drivers={"shift_min": (np.array([[0, 170]]),)})
    orders = [order(TANK_A, penalty=1.0), order(TANK_B, penalty=9e5)]
    assert pinned(orders, network).missed == (TANK_A,)
    assert pinned(orders, network, pins=Pins(appointments=(Appointment(TANK_A),))).missed == (
        TANK_B,
    )


@pytest.mark.parametrize(("last", "missed"), [(60, ()), (59, (TANK_A,))])
def test_an_appointment_that_cannot_be_kept_is_missed_at_the_orders_own_price_and_explained(
    last: int, missed: tuple[int, ...]
) -> None:
    pins = Pins(appointments=(Appointment(TANK_A, last_min=last),))
    orders = [order(TANK_A, penalty=300.0)]
    made = pinned(orders, pins=pins)
    assert made.missed == missed
    assert made.costs.missed == 300.0 * len(missed)
    found = explain(tiny.network(), cases.start(), orders, made, pins=pins)
    assert [m.reason for m in found.missed] == [MissedReason.APPOINTMENT] * len(missed)


def test_an_explanation_knows_fixed_trips_and_the_place_of_each_order() -> None:
    network = tiny.network(call_ins=1)
    pins = Pins((tiny.trip(start_min=300),))
    orders = [order(TANK_A), order(TANK_B), order(tiny.CALL_IN, windows_h=[[0.0, 1.0]])]
    made = pinned(orders, network, pins=pins)
    found = explain(network, cases.start(network), orders, made, pins=pins)
    assert [(m.order, m.customer, m.reason) for m in found.missed] == [
        (2, tiny.CALL_IN, MissedReason.WINDOW)
    ]
    assert [(s.time_min, s.tightest, s.load_kg) for s in found.slack] == [(0, "it is fixed", 0.0)]
    assert found.trip_costs == (Costs(60.0, 100.0, 0.0, 0.0),)


def test_an_appointment_to_a_customer_without_an_order_is_refused() -> None:
    with pytest.raises(InputError, match=r"pins\.appointments\[0\]\.customer"):
        pinned([order(TANK_B)], pins=Pins(appointments=(Appointment(TANK_A),)))
    # One whose appointment a fixed trip keeps is not.
    pinned([order(TANK_B)], pins=Pins((tiny.trip(),), (Appointment(TANK_A),)))


def test_a_window_of_an_appointment_that_ends_before_it_begins_is_refused() -> None:
    with pytest.raises(InputError, match=r"appointment\.last_min"):
        Appointment(TANK_A, 10, 9)
    Appointment(TANK_A, 10, 10)


@pytest.mark.parametrize("bad", [-0.01, float("nan"), float("inf")])
def test_a_price_of_moving_that_makes_no_sense_is_refused(bad: float) -> None:
    with pytest.raises(InputError, match="move_price"):
        PinnedRouter(move_price=bad)
    PinnedRouter(move_price=0.0)


@pytest.mark.parametrize("seed", range(60))
def test_fixing_the_first_trips_of_a_random_plan_breaks_no_rule(seed: int) -> None:
    case = random_problem(seed, mild=True)
    first = solve(case).plan
    pins = Pins(first.trips[: (len(first.trips) + 1) // 2])
    made = PinnedRouter(pins, settings=replace(LITTLE, horizon_days=case.horizon_days))(
        case.network, case.snapshot, case.orders
    )
    assert set(pins.trips) <= set(made.trips)
    assert not plan_faults(case, made)
    found = explain(
        case.network, case.snapshot, case.orders, made, pins=pins, horizon_days=case.horizon_days
    )
    assert sorted(m.customer for m in found.missed) == sorted(made.missed)


@pytest.mark.parametrize("seed", range(60))
def test_a_plan_on_its_own_morning_is_a_start_that_serves_the_same_orders(seed: int) -> None:
    case = random_problem(seed, mild=True)
    got = solve(case)
    served = [
        sorted(v.order for r in routes for v in r.visits if v.order >= 0)
        for routes in (shifted_routes(got.problem, got.plan), got.routes.routes)
    ]
    assert served[0] == served[1]


def tomorrow(network: Network, at: Snapshot) -> Snapshot:
    return replace(at, time_min=at.time_min + DAY)


def test_a_plan_shifted_by_a_day_keeps_what_is_to_come_and_legal() -> None:
    network = tiny.network(call_ins=1)
    at = cases.loaded(2000.0, network)
    before = cases.plan(
        [
            order(TANK_A, windows_h=[[50.0, 52.0]]),
            order(TANK_B, windows_h=[[50.0, 53.0]]),
            order(tiny.CALL_IN),
        ],
        network,
        at,
    )
    # B has no order any more: of the trip to A and B, A is left.
    problem = build_problem(
        network,
        tomorrow(network, at),
        [order(TANK_A, windows_h=[[50.0, 52.0]])],
        horizon_min=5 * DAY,
    )
    (route,) = shifted_routes(problem, before)
    assert [(v.order, v.site) for v in route.visits] == [(0, -1)]
    assert 26 * 60 <= route.visits[0].arrival_min <= 28 * 60


def test_of_a_shifted_trip_a_stop_whose_window_has_moved_is_left_out() -> None:
    network, at = tiny.network(), cases.loaded(2000.0)
    before = cases.plan(
        [order(TANK_A, windows_h=[[50.0, 50.0]]), order(TANK_B, windows_h=[[51.0, 51.0]])],
        network,
        at,
    )
    assert len(before.trips) == 1
    moved = [order(TANK_A, windows_h=[[50.0, 50.0]]), order(TANK_B, windows_h=[[110.0, 111.0]])]
    problem = build_problem(network, tomorrow(network, at), moved, horizon_min=5 * DAY)
    (route,) = shifted_routes(problem, before)
    assert [v.order for v in route.visits] == [0]


def test_the_search_sets_out_from_a_start_that_it_would_not_find_itself() -> None:
    # Without work the first insertion is all: A and B, each worth less than its own trip, are
    # missed; together they are not.
    problem = build_problem(
        tiny.network(),
        cases.start(),
        [order(TANK_A, penalty=90.0), order(TANK_B, penalty=90.0)],
        horizon_min=DAY,
    )
    none = CoreSettings(iterations=0, iterations_per_order=0)
    assert ruin_and_recreate(problem, none, 0) == ()
    start = shifted_routes(problem, Plan(0, (tiny.trip(),), (), Costs(0.0, 0.0, 0.0, 0.0)))
    assert objective(problem, ruin_and_recreate(problem, none, 0, start)) == 160.0


def test_a_start_that_is_worse_than_none_is_not_taken() -> None:
    problem = build_problem(
        tiny.network(), cases.start(), [order(TANK_A, penalty=90.0)], horizon_min=DAY
    )
    start = shifted_routes(problem, Plan(0, (tiny.trip(),), (), Costs(0.0, 0.0, 0.0, 0.0)))
    assert objective(problem, start) == 105.0
    assert (
        ruin_and_recreate(problem, CoreSettings(iterations=0, iterations_per_order=0), 0, start)
        == ()
    )


def old_plan(day: int, who: int = TANK_A) -> Plan:
    """Made on the morning of day 0: one tank on the given day."""
    trip = tiny.trip(start_min=day * DAY)
    keep = [stop for stop in trip.stops if stop.kind == "load" or stop.place == who]
    return Plan(0, (replace(trip, stops=tuple(keep)),), (), Costs(0.0, 0.0, 0.0, 0.0))


@pytest.mark.parametrize(("price", "day"), [(79.0, 1), (81.0, 3)])
def test_an_order_moves_to_another_day_if_that_spares_more_than_its_price(
    price: float, day: int
) -> None:
    # Now is the morning of day 1; B is due today, and yesterday's plan had A on day 3. With 1000 kg
    # on board B alone costs 60 km and 150 min at 0.5, so 135; with A on the way 30 min more, so
    # 150; A on a day of its own 40 + 55. Moving spares 80.
    network, at = tiny.network(), replace(cases.loaded(1000.0), time_min=DAY)
    orders = [order(TANK_A), order(TANK_B, windows_h=[[24.0, 30.0]])]
    router = PinnedRouter(previous_plan=old_plan(3), move_price=price, settings=LITTLE)
    made = router(network, at, orders)
    assert [
        (s.place, t.start_min // DAY) for t in made.trips for s in t.stops if s.place == TANK_A
    ] == [(TANK_A, day)]
    # The price of moving is no cost.
    assert made.costs.total == (150.0 if day == 1 else 230.0)


@pytest.mark.parametrize(("from_day", "day"), [(2, 3), (3, 1)])
def test_days_before_the_first_stable_one_have_no_price(from_day: int, day: int) -> None:
    # Yesterday's plan has A on day 3, which is day 2 from this morning.
    network, at = tiny.network(), replace(cases.loaded(1000.0), time_min=DAY)
    orders = [order(TANK_A), order(TANK_B, windows_h=[[24.0, 30.0]])]
    made = PinnedRouter(
        previous_plan=old_plan(3), move_price=81.0, stable_from_day=from_day, settings=LITTLE
    )(network, at, orders)
    assert [t.start_min // DAY for t in made.trips for s in t.stops if s.place == TANK_A] == [day]


def test_old_days_count_from_this_morning() -> None:
    at = replace(cases.loaded(1000.0), time_min=DAY)
    problem = build_problem(tiny.network(), at, [order(TANK_B), order(TANK_A)], horizon_min=5 * DAY)
    assert planned_days(problem, old_plan(3)).tolist() == [-1, 2]
    assert planned_days(problem, old_plan(0)).tolist() == [-1, -1]  # its trips have started


def test_the_price_of_moving_counts_in_the_objective() -> None:
    at = replace(cases.loaded(1000.0), time_min=DAY)
    problem = build_problem(
        tiny.network(), at, [order(TANK_A, windows_h=[[24.0, 30.0]])], horizon_min=5 * DAY
    )
    routes = search_routes(problem, LITTLE).routes
    assert (
        objective(with_move_price(problem, old_plan(3), 7.0, 1), routes)
        - objective(problem, routes)
        == 7.0
    )


def test_pins_state_the_problem_that_is_left() -> None:
    network = tiny.network(call_ins=1)
    got = pin(
        network,
        cases.start(network),
        [order(TANK_A), order(tiny.CALL_IN)],
        Pins((tiny.trip(),)),
        horizon_min=DAY,
    )
    assert got.order_index.tolist() == [1]
    # The truck is back at 200, the driver rested at 680.
    assert got.problem.slots.open_min.tolist() == [680]


@pytest.mark.parametrize(
    ("opens_h", "appointed"), [((0.0, 0.0), 0), ((20.0, 0.0), 1), ((20.0, 20.0), 0)]
)
def test_an_appointment_is_of_the_customers_first_order_whose_windows_it_meets(
    opens_h: tuple[float, float], appointed: int
) -> None:
    network = tiny.network(call_ins=1)
    orders = [order(tiny.CALL_IN, windows_h=[[opens, 24.0]]) for opens in opens_h]
    pins = Pins(appointments=(Appointment(tiny.CALL_IN, 600, 720),))
    assert pin(network, cases.start(network), orders, pins, horizon_min=DAY).appointed == (
        appointed,
    )
