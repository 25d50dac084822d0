"""Execution of trips, solved by hand in the tiny world."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lmrs_rl.domain import (
    NO_PRODUCT,
    CallInOrders,
    Deliveries,
    Executed,
    InputError,
    Network,
    Snapshot,
    Stop,
    Trip,
)
from lmrs_rl.domain.arrays import FloatArray
from lmrs_rl.stock import execute
from tests import tiny


def run(
    trips: tuple[Trip, ...] = (),
    hours: int = 24,
    snapshot: Snapshot | None = None,
    network: Network | None = None,
    use_kg: FloatArray | None = None,
    announced: CallInOrders | None = None,
) -> tuple[Executed, Snapshot]:
    use = tiny.use_kg(hours) if use_kg is None else use_kg
    return execute(
        network or tiny.network(),
        snapshot or tiny.snapshot(),
        trips,
        use,
        announced or CallInOrders.none(),
    )


def calls(*rows: tuple[int, int, int, float, float, int]) -> CallInOrders:
    """(customer, earliest, latest, min, max, announced) of each order."""
    return CallInOrders(*np.array(rows, dtype=np.float64).reshape(-1, 6).T)


def test_two_tanks_by_hand() -> None:
    done, after = run((tiny.trip(kg_a=300, kg_b=500),))
    # A gets 300 kg in hour 1 (minute 60), B 500 kg in hour 1 (minute 110).
    assert done.level_kg[0].tolist() == [570, 395]
    assert done.level_kg[1].tolist() == [560 + 300, 390 + 500]
    assert after.level_kg.tolist() == [580 - 240 + 300, 400 - 120 + 500]
    # 1000 kg loaded, 800 kg dropped.
    assert after.load_kg.tolist() == [200]
    assert after.load_product.tolist() == [0]
    assert done.unmet_kg.sum() == 0


def test_a_trip_that_goes_as_planned_is_what_was_planned() -> None:
    fits, too_much = tiny.trip(kg_a=300, kg_b=500), tiny.trip(kg_a=900, kg_b=100)
    assert run((fits,))[0].trips == (fits,)
    # A has room for 1000 - (580 - 2 * 10) = 440 kg in hour 1.
    assert [stop.kg for stop in run((too_much,))[0].trips[0].stops] == [1000, 440, 100]


def test_the_next_morning() -> None:
    _, after = run((tiny.trip(start_min=60),))
    assert after.time_min == 1440
    assert after.vehicle_free_min.tolist() == [260]
    assert after.driver_free_min.tolist() == [260 + 480]
    assert after.history_kg.tolist() == [[240, 120]]
    assert len(after.in_transit) == 0
    after.check_against(tiny.network())


def test_all_sold_leaves_the_vehicle_empty_and_free_for_another_product() -> None:
    _, after = run((tiny.trip(kg_a=400, kg_b=600),))
    assert after.load_kg.tolist() == [0]
    assert after.load_product.tolist() == [NO_PRODUCT]


def test_unmet_is_what_an_empty_tank_could_not_give() -> None:
    # A: 580 kg last 58 hours, the 2 hours left want 20 kg. B: 80 hours are not over.
    done, after = run(hours=60)
    assert done.unmet_kg.sum(axis=0).tolist() == [20, 0]
    assert np.flatnonzero(done.unmet_kg[:, 0]).tolist() == [58, 59]
    assert after.level_kg.tolist() == [0, 100]
    # The 12 hours left over are no whole day.
    assert after.history_kg.tolist() == [
        [240, 120],
        [240, 120],
    ]


def test_history_is_what_was_taken_not_what_was_wanted() -> None:
    dry = replace(tiny.snapshot(), level_kg=np.array([100.0, 400.0]))
    _, after = run(snapshot=dry)
    assert after.history_kg.tolist() == [[100, 120]]


def test_a_drop_and_the_use_of_its_hour_are_netted() -> None:
    # A full tank uses 10 kg in the hour of the drop: exactly 10 kg fit at any minute of it.
    full = replace(tiny.snapshot(), level_kg=np.array([1000.0, 400.0]))
    late = Stop("drop", tiny.TANK_A, 10, 59, 400)
    trip = Trip(0, 0, 0, 0, 100, (Stop("load", 0, 5, 10, 500), late))
    done, after = run((trip,), hours=1, snapshot=full)
    assert done.trips[0].stops[1].kg == 10
    assert done.level_kg[0, 0] == 1000
    assert after.load_kg.tolist() == [490]


def test_a_drop_in_the_hour_in_which_the_tank_runs_dry_saves_it() -> None:
    # 4 kg left, 10 kg wanted, 50 kg dropped in the same hour: 44 kg at its end and nothing unmet.
    low = replace(tiny.snapshot(), level_kg=np.array([4.0, 400.0]))
    trip = Trip(
        0, 0, 0, 0, 100, (Stop("load", 0, 5, 10, 500), Stop("drop", tiny.TANK_A, 40, 59, 50))
    )
    done, _ = run((trip,), hours=1, snapshot=low)
    assert done.level_kg[0, 0] == 44
    assert done.unmet_kg[0, 0] == 0


def test_two_drops_of_an_hour_share_the_room() -> None:
    # Room for A at the end of hour 1: 1000 - 560 = 440 kg.
    stops = (
        Stop("load", 0, 10, 30, 900),
        Stop("drop", tiny.TANK_A, 60, 61, 400),
        Stop("drop", tiny.TANK_A, 70, 71, 400),
    )
    done, after = run((Trip(0, 0, 0, 0, 200, stops),))
    assert [stop.kg for stop in done.trips[0].stops] == [900, 400, 40]
    assert after.load_kg.tolist() == [460]


def test_no_more_is_dropped_than_is_on_board() -> None:
    done, after = run((tiny.trip(kg_a=300, kg_b=500, loaded_kg=400),))
    assert [stop.kg for stop in done.trips[0].stops] == [400, 300, 100]
    assert after.load_kg.tolist() == [0]


def test_no_more_is_loaded_than_fits_on_board() -> None:
    half = replace(tiny.snapshot(), load_kg=np.array([1500.0]), load_product=np.array([0]))
    done, _ = run((tiny.trip(loaded_kg=1000),), snapshot=half)
    assert done.trips[0].stops[0].kg == 500


def test_what_was_cut_is_on_board_for_the_next_trip() -> None:
    full = replace(tiny.snapshot(), level_kg=np.array([1000.0, 400.0]))
    second = Trip(0, 0, 0, 700, 900, (Stop("drop", tiny.TANK_B, 760, 790, 500),))
    done, after = run((tiny.trip(kg_a=600, kg_b=400), second), snapshot=full)
    # A takes the 20 kg of two hours (minute 60 lies in hour 1), B 400, so 580 kg are left for B.
    assert done.trips[0].stops[1].kg == 20
    assert done.trips[1].stops[0].kg == pytest.approx(min(500, 1000 - (400 + 400 - 13 * 5)))
    assert after.load_kg[0] == pytest.approx(1000 - 20 - 400 - done.trips[1].stops[0].kg)


def test_executed_trips_come_in_order_of_start() -> None:
    done, _ = run((tiny.trip(start_min=700), tiny.trip(start_min=0)))
    assert [trip.start_min for trip in done.trips] == [0, 700]


def test_a_drop_after_the_last_hour_is_in_transit() -> None:
    done, after = run((tiny.trip(start_min=1350, kg_a=300, kg_b=500),))
    # Loads at 1360, drops at A at 1410 and at B at 1460, twenty minutes into the next day.
    assert after.in_transit.tank.tolist() == [tiny.TANK_B]
    assert after.in_transit.arrival_min.tolist() == [1460]
    assert after.in_transit.kg.tolist() == [500]
    assert after.level_kg.tolist() == [580 - 240 + 300, 280]
    assert after.load_kg.tolist() == [200]  # when the vehicle is back
    assert done.trips[0].stops[2].kg == 500
    _, later = run(snapshot=after)
    assert later.level_kg.tolist() == [640 - 240, 280 - 120 + 500]
    assert len(later.in_transit) == 0


@pytest.mark.parametrize(("arrival", "under_way"), [(1439, 0), (1440, 1)])
def test_a_drop_at_the_first_minute_of_the_morning_is_in_transit(
    arrival: int, under_way: int
) -> None:
    stops = (Stop("load", 0, 10, 30, 100), Stop("drop", tiny.TANK_A, arrival, arrival + 30, 100))
    done, after = run((Trip(0, 0, 0, 0, 1500, stops),))
    assert len(after.in_transit) == under_way
    assert after.level_kg[0] == 580 - 240 + (0 if under_way else 100)
    assert done.trips[0].stops[1].kg == 100


def test_what_does_not_fit_of_a_delivery_in_transit_goes_back_on_board() -> None:
    way = Deliveries(np.array([tiny.TANK_A]), np.array([30]), np.array([700.0]), np.array([0]))
    done, after = run(snapshot=replace(tiny.snapshot(), in_transit=way), hours=1)
    # Room at the end of hour 0: 1000 - 570.
    assert done.level_kg[0, 0] == 1000
    assert after.load_kg.tolist() == [270]
    assert after.load_product.tolist() == [0]


def test_what_does_not_fit_leaves_the_books_where_the_vehicle_is_not_known() -> None:
    way = Deliveries(np.array([tiny.TANK_A]), np.array([30]), np.array([700.0]))
    done, after = run(snapshot=replace(tiny.snapshot(), in_transit=way), hours=1)
    assert done.level_kg[0, 0] == 1000
    assert after.load_kg.tolist() == [0]


def test_a_delivery_still_under_way_after_the_hours_stays_in_transit() -> None:
    way = Deliveries(np.array([tiny.TANK_A]), np.array([90]), np.array([100.0]), np.array([0]))
    _, after = run(snapshot=replace(tiny.snapshot(), in_transit=way), hours=1)
    assert after.in_transit.arrival_min.tolist() == [90]
    assert after.in_transit.kg.tolist() == [100]
    assert after.in_transit.vehicle.tolist() == [0]


def test_an_overdue_delivery_arrives_in_the_first_hour() -> None:
    way = Deliveries(np.array([tiny.TANK_A]), np.array([-30]), np.array([100.0]), np.array([0]))
    done, _ = run(snapshot=replace(tiny.snapshot(), in_transit=way), hours=1)
    assert done.level_kg[0, 0] == 670


@pytest.mark.parametrize(
    ("start_min", "fine"), [(-1, False), (0, True), (1439, True), (1440, False)]
)
def test_only_trips_that_start_in_the_hours_are_executed(start_min: int, fine: bool) -> None:
    trip = tiny.trip(start_min=start_min)
    if fine:
        run((trip,))
    else:
        with pytest.raises(InputError, match=r"trips\[0\]\.start_min"):
            run((trip,))


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"driver": 1}, "driver"),
        ({"driver": -1}, "driver"),
        ({"vehicle": 1}, "vehicle"),
        ({"product": 1}, "product"),
        (
            {"stops": (Stop("drop", 2, 60, 90, 1.0),)},
            "place",
        ),  # customer 2 needs a call-in customer
        ({"stops": (Stop("load", 1, 60, 90, 1.0),)}, "place"),
        ({"stops": (Stop("drop", 0, 60, 90, -1.0),)}, "kg"),
        ({"stops": (Stop("drop", 0, 60, 90, float("nan")),)}, "kg"),
        ({"stops": (Stop("drop", 0, -1, 90, 1.0),)}, "arrival_min"),  # before the trip starts
        ({"stops": (Stop("drop", 0, 60, 90, 1.0), Stop("drop", 0, 59, 90, 1.0))}, "arrival_min"),
        ({"end_min": 109}, "end_min"),  # arrives at B at minute 110
    ],
)
def test_trips_that_cannot_be_reckoned_with_are_refused(change: dict[str, Any], field: str) -> None:
    with pytest.raises(InputError, match=field):
        run((replace(tiny.trip(), **change),))


def test_mixed_products_are_refused() -> None:
    two = tiny.network()
    two = replace(
        two,
        products=("gas", "oil"),
        sites=replace(two.sites, product_offered=np.ones((1, 2), dtype=bool)),
        vehicles=replace(two.vehicles, product_allowed=np.ones((1, 2), dtype=bool)),
    )
    loaded = replace(tiny.snapshot(), load_kg=np.array([10.0]), load_product=np.array([0]))
    oil = replace(tiny.trip(), product=1)
    with pytest.raises(InputError, match="product on board"):
        run((oil,), snapshot=loaded, network=two)
    run((oil,), network=two)  # an empty vehicle may change the product


@pytest.mark.parametrize(
    "use",
    [
        np.zeros((0, 2)),
        np.zeros((24, 3)),
        np.zeros(24),
        np.full((24, 2), -1.0),
        np.full((24, 2), np.nan),
        np.full((24, 2), np.inf),
    ],
)
def test_bad_use_is_refused(use: FloatArray) -> None:
    with pytest.raises(InputError, match="use_kg"):
        run(use_kg=use)


def test_orders_called_in_are_served_expire_stay_open_and_join() -> None:
    network = tiny.network(call_ins=2)
    c, d = 2, 3
    known = calls(
        (c, 0, 600, 80, 100, 0),  # served at minute 60
        (d, 0, 1439, 80, 100, 0),  # expires
        (d, 0, 1440, 80, 100, 0),  # its last moment is the next morning
    )
    announced = calls(
        (d, 0, 5000, 1, 2, 0),  # was announced before: not new
        (d, 0, 5000, 1, 3, 1),
        (d, 0, 5000, 1, 4, 1440),
        (d, 0, 5000, 1, 5, 1441),  # comes later
    )
    stops = (Stop("load", 0, 10, 30, 90), Stop("drop", c, 60, 90, 90))
    _, after = run(
        (Trip(0, 0, 0, 0, 200, stops),),
        snapshot=replace(tiny.snapshot(), call_in_orders=known),
        network=network,
        announced=announced,
    )
    assert after.call_in_orders.max_kg.tolist() == [100, 3, 4]
    assert after.load_kg.tolist() == [0]


def test_an_order_served_under_way_is_no_longer_open() -> None:
    known = calls((2, 0, 5000, 80, 100, 0))
    stops = (Stop("load", 0, 1400, 1420, 90), Stop("drop", 2, 1500, 1530, 90))
    trip = Trip(0, 0, 0, 1390, 1600, stops)
    _, after = run(
        (trip,),
        snapshot=replace(tiny.snapshot(), call_in_orders=known),
        network=tiny.network(call_ins=1),
    )
    assert len(after.call_in_orders) == 0
    assert len(after.in_transit) == 0  # only tanks are refilled


def test_an_order_served_in_part_stays_open_for_the_rest() -> None:
    known = calls((2, 0, 5000, 80, 100, 0))
    stops = (Stop("load", 0, 10, 30, 50), Stop("drop", 2, 60, 90, 90))  # only 50 kg are on board
    done, after = run(
        (Trip(0, 0, 0, 0, 200, stops),),
        snapshot=replace(tiny.snapshot(), call_in_orders=known),
        network=tiny.network(call_ins=1),
    )
    assert done.trips[0].stops[1].kg == 50
    assert after.call_in_orders.min_kg.tolist() == [30]
    assert after.call_in_orders.max_kg.tolist() == [50]


def test_a_drop_outside_the_window_does_not_serve_the_order() -> None:
    known = calls((2, 61, 5000, 80, 100, 0))
    stops = (Stop("load", 0, 10, 30, 90), Stop("drop", 2, 60, 90, 90))
    _, after = run(
        (Trip(0, 0, 0, 0, 200, stops),),
        snapshot=replace(tiny.snapshot(), call_in_orders=known),
        network=tiny.network(call_ins=1),
    )
    assert len(after.call_in_orders) == 1


kilograms = st.floats(0, 2000)


@st.composite
def worlds(draw: st.DrawFn) -> tuple[Snapshot, tuple[Trip, ...], FloatArray]:
    """Three days of any use, with up to two trips a day, 12 h apart, that may still be under way
    at midnight.
    """
    level = np.array([draw(st.floats(0, 1000)), draw(st.floats(0, 1000))])
    use = np.array(
        draw(st.lists(st.tuples(st.floats(0, 60), st.floats(0, 60)), min_size=72, max_size=72))
    )
    starts = [720 * k + draw(st.integers(0, 500)) for k in range(6)]
    trips = tuple(
        tiny.trip(s, draw(kilograms), draw(kilograms), draw(kilograms))
        for s in starts
        if draw(st.booleans())
    )
    return replace(tiny.snapshot(), level_kg=level), trips, use


@given(worlds())
def test_product_is_conserved_and_levels_stay_in_the_tank(
    world: tuple[Snapshot, tuple[Trip, ...], FloatArray],
) -> None:
    snapshot, trips, use = world
    done, after = run(trips, snapshot=snapshot, use_kg=use)
    loaded = sum(stop.kg for trip in done.trips for stop in trip.stops if stop.kind == "load")
    before_kg = snapshot.level_kg.sum() + snapshot.load_kg.sum() + loaded
    after_kg = (
        after.level_kg.sum() + after.load_kg.sum() + after.in_transit.kg.sum() + done.used_kg.sum()
    )
    assert after_kg == pytest.approx(before_kg, abs=1e-6)
    assert done.level_kg.min() >= 0
    assert done.level_kg.max() <= 1000 + 1e-9
    assert after.load_kg.max() <= 2000
    np.testing.assert_allclose(done.used_kg + done.unmet_kg, use)
    assert np.all(done.level_kg[done.unmet_kg > 0] == 0)


@given(worlds(), st.sampled_from([1, 6, 24]))
def test_hour_by_hour_is_the_same_as_in_one_piece(
    world: tuple[Snapshot, tuple[Trip, ...], FloatArray], hours: int
) -> None:
    """Where the plan asks for no more than it has on board: what it lacks can be cut late, but
    not handed out again.
    """
    snapshot, trips, use = world
    trips = tuple(
        replace(
            trip,
            stops=(replace(trip.stops[0], kg=sum(s.kg for s in trip.stops[1:])), *trip.stops[1:]),
        )
        for trip in trips
    )
    network = tiny.network()
    network = replace(network, vehicles=replace(network.vehicles, capacity_kg=np.array([1e6])))
    whole, whole_after = execute(network, snapshot, trips, use, CallInOrders.none())
    part, levels, unmet = snapshot, [], []
    for first in range(0, len(use), hours):
        mine = tuple(
            trip for trip in trips if part.time_min <= trip.start_min < part.time_min + 60 * hours
        )
        done, part = execute(network, part, mine, use[first : first + hours], CallInOrders.none())
        levels.append(done.level_kg)
        unmet.append(done.unmet_kg)
    np.testing.assert_allclose(np.concatenate(levels), whole.level_kg, atol=1e-9)
    np.testing.assert_allclose(np.concatenate(unmet), whole.unmet_kg, atol=1e-9)
    np.testing.assert_allclose(part.load_kg, whole_after.load_kg, atol=1e-5)
    assert part.vehicle_free_min.tolist() == whole_after.vehicle_free_min.tolist()
    assert part.driver_free_min.tolist() == whole_after.driver_free_min.tolist()
    if hours == 24:
        np.testing.assert_allclose(part.history_kg, whole_after.history_kg, atol=1e-9)
