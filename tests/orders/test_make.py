"""The order rules one by one, solved by hand in the tiny world."""

from __future__ import annotations

from dataclasses import fields, replace
from math import exp
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from lmrs_rl.domain import (
    CallInOrders,
    Deliveries,
    InputError,
    Network,
    Order,
    OrderParameters,
    Snapshot,
)
from lmrs_rl.domain.arrays import FloatArray
from lmrs_rl.orders import make_orders, pulled_hit_level
from tests import tiny
from tests.orders.test_projection import forecast

X = 200.0
"""[kg] With it the window of A is [28 h, 48 h] (levels 300 and 100), that of B [20 h, 60 h]."""


def orders(
    snapshot: Snapshot | None = None,
    network: Network | None = None,
    use_kg: FloatArray | None = None,
    horizon_h: float = 120.0,
    **parameters: Any,
) -> dict[int, Order]:
    chosen = OrderParameters.shared(2, **{"x_kg": X, **parameters})
    snapshot = snapshot or tiny.snapshot()
    made = make_orders(
        network or tiny.network(),
        snapshot,
        forecast(use_kg, snapshot.time_min),
        chosen,
        horizon_h=horizon_h,
    )
    return {order.customer: order for order in made}


def of_a(level_kg: float = 580.0, **changes: Any) -> Order:
    return orders(replace(tiny.snapshot(), level_kg=np.array([level_kg, 400.0])), **changes)[
        tiny.TANK_A
    ]


def tanks(**changes: Any) -> Network:
    network = tiny.network()
    return replace(network, tanks=replace(network.tanks, **changes))


def payload(kg: float) -> Network:
    network = tiny.network()
    return replace(network, vehicles=replace(network.vehicles, capacity_kg=np.array([kg])))


def test_the_window_opens_at_h_plus_x_and_closes_at_h() -> None:
    made = orders()
    assert made[tiny.TANK_A].windows_h.tolist() == [[28, 48]]
    assert made[tiny.TANK_B].windows_h.tolist() == [[20, 60]]


@pytest.mark.parametrize(
    ("fill_days", "more_kg"), [(0.0, 0), (0.25, 60), (0.5, 120), (0.8, 190), (2.0, 200)]
)
def test_q_max_is_the_room_some_time_after_the_window_opens_and_not_after_it_closes(
    fill_days: float, more_kg: float
) -> None:
    # A uses 10 kg/h; its window is 20 h long. Whole hours: room within an hour is that at its
    # start.
    assert of_a(fill_days=fill_days).q_max_kg == pytest.approx(of_a().q_max_kg + more_kg)
    assert of_a(fill_days=fill_days).windows_h.tolist() == [[28, 48]]


def test_orders_would_pass_the_checks_that_they_are_spared() -> None:
    for made in orders().values():
        checked = Order(**{f.name: getattr(made, f.name) for f in fields(Order)})
        assert checked.windows_h.tolist() == made.windows_h.tolist()
        assert not made.windows_h.flags.writeable


def test_an_order_that_is_not_sound_is_refused_by_name() -> None:
    with pytest.raises(InputError, match=r"order\.penalty"), np.errstate(over="ignore"):
        orders(alpha=1.7e308, value_per_kg=1.7e308)


def test_windows_are_on_the_networks_clock() -> None:
    tomorrow = replace(tiny.snapshot(), time_min=1440)
    order = orders(tomorrow)[tiny.TANK_A]
    assert order.windows_h.tolist() == [[24 + 28, 24 + 48]]
    assert order.stockout_h == 48


def test_x_is_cut_to_the_tank() -> None:
    assert of_a(x_kg=5000.0).windows_h.tolist() == of_a(x_kg=900.0).windows_h.tolist() == [[0, 48]]


def test_q_max_is_the_room_when_the_window_opens() -> None:
    # 300 kg are left in either tank.
    assert {order.q_max_kg for order in orders().values()} == {700}


def test_q_max_is_at_most_a_full_truckload() -> None:
    # A is overdue with 50 kg: 950 kg would fit.
    assert of_a(50.0, network=payload(650.0)).q_max_kg == 650


@pytest.mark.parametrize(("days", "share"), [(1, 0.9), (2, 0.8), (3, 0.7)])
def test_q_min_falls_by_a_tenth_a_day_as_in_the_source(days: int, share: float) -> None:
    # The source's example, a = -0.1 and b = 1. A uses 240 kg a day over its hit level of 100 kg.
    order = of_a(100 + 240 * days, x_kg=900.0)
    assert order.q_min_kg == pytest.approx(share * order.q_max_kg)


@pytest.mark.parametrize(
    ("a", "b", "floor", "share"),
    [(-1.0, 1.0, 0.3, 0.3), (0.0, 5.0, 0.0, 1.0), (0.0, 0.4, 0.5, 0.5)],
)
def test_q_min_is_clipped_between_its_floor_and_q_max(
    a: float, b: float, floor: float, share: float
) -> None:
    # Two days until dry.
    assert of_a(a=a, b=b, q_min_floor=floor).q_min_kg == pytest.approx(share * 700)


@pytest.mark.parametrize(("min_drop", "least"), [(0.0, 1.0), (0.9, 1.0), (1.1, 1.1)])
def test_q_min_is_never_nothing(min_drop: float, least: float) -> None:
    # The slope asks for nothing two days before; a thousandth of the tank is the least that is
    # worth a stop.
    assert (
        of_a(a=-1.0, b=1.0, network=tanks(min_drop_kg=np.array([min_drop, 0.0]))).q_min_kg == least
    )


def test_q_min_is_at_least_the_minimum_drop_and_at_most_q_max() -> None:
    assert orders(network=tanks(min_drop_kg=np.array([650.0, 0.0])))[tiny.TANK_A].q_min_kg == 650


def test_the_penalty_falls_with_the_square_of_the_hours_until_stock_out() -> None:
    order = of_a(alpha=500.0, beta=1e-3)
    assert order.penalty == pytest.approx(500 * exp(-1e-3 * 48**2))
    assert order.stockout_h == 48


def test_the_value_of_a_kg_is_in_the_penalty_for_all_of_q_max() -> None:
    order = of_a(alpha=500.0, beta=0.0, value_per_kg=0.25)
    assert order.penalty == pytest.approx(500 + 0.25 * 700)
    assert order.value_per_kg == 0.25


def test_a_large_tank_is_due_when_a_full_load_fits() -> None:
    # FTL 500 kg: h' = 500, reached by A after 8 h; with x = 30 kg the window opens at 530 kg, after
    # 5 h.
    network = payload(500.0)
    assert pulled_hit_level(network).tolist() == [500, 500]
    order = of_a(network=network, x_kg=30.0)
    assert order.windows_h.tolist() == [[5, 8]]
    # 1000 - 530 = 470 kg fit at hour 5. The stock-out is still that of the plain hit level.
    assert order.q_max_kg == 470
    assert order.stockout_h == 48


def test_a_tank_overdue_by_h_prime_stays_open_until_the_horizon() -> None:
    # B holds 400 kg, under h' = 500. Its plain hit level is reached after 60 h, the horizon is 120
    # h.
    assert orders(network=payload(500.0))[tiny.TANK_B].windows_h.tolist() == [[0, 120]]


def test_a_tank_overdue_by_h_prime_stays_open_until_the_plain_hit_level() -> None:
    assert orders(network=payload(500.0), horizon_h=24.0)[tiny.TANK_B].windows_h.tolist() == [
        [0, 60]
    ]


@pytest.mark.parametrize(
    ("level", "late"), [(100.0, 120.0), (50.0, 120.0), (340.0, 120.0), (350.0, 25.0)]
)
def test_late_is_better_than_never_where_the_hit_level_is_a_day_away_or_less(
    level: float, late: float
) -> None:
    # A uses 10 kg an hour over its hit level of 100 kg.
    order = of_a(level, x_kg=900.0)
    assert order.windows_h.tolist() == [[0, late]]
    assert order.stockout_h == max(level - 100, 0) / 10


def test_without_x_the_window_opens_at_the_hit_level_and_stays_open() -> None:
    assert of_a(x_kg=0.0).windows_h.tolist() == [[48, 120]]


def test_nothing_is_ordered_before_the_deliveries_in_transit() -> None:
    # 50 kg + 30 kg at hour 2, less 20 kg used: overdue, but not before hour 2.
    way = Deliveries(np.array([tiny.TANK_A]), np.array([120]), np.array([30.0]))
    low = replace(tiny.snapshot(), level_kg=np.array([50.0, 400.0]), in_transit=way)
    order = orders(low)[tiny.TANK_A]
    assert order.windows_h.tolist() == [[2, 120]]
    assert order.q_max_kg == 1000 - 60


def test_access_hours_split_the_window_and_move_q_max() -> None:
    # 08:00 to 17:00; the window of A is [28 h, 48 h], hour 28 is 04:00 of the second day. Service
    # takes 30 min.
    hours = np.array([[480 + 1440 * day, 1020 + 1440 * day] for day in range(5)])
    order = orders(network=tanks(access_min=(hours, hours)))[tiny.TANK_A]
    assert order.windows_h.tolist() == [[32, 40.5]]
    assert order.q_max_kg == 1000 - (580 - 320)
    b = orders(network=tanks(access_min=(hours, hours)))[tiny.TANK_B]
    assert b.windows_h.tolist() == [[32, 40.5], [56, 60]]


def test_no_piece_left_is_no_order() -> None:
    evenings = np.array([[1200, 1320]])
    assert tiny.TANK_A not in orders(network=tanks(access_min=(evenings, evenings)))


@pytest.mark.parametrize(("horizon", "included"), [(28.0, True), (27.99, False)])
def test_an_order_is_kept_if_its_window_overlaps_the_horizon(
    horizon: float, included: bool
) -> None:
    assert (tiny.TANK_A in orders(horizon_h=horizon)) == included


def test_no_vehicle_no_order() -> None:
    assert list(orders(network=tanks(vehicle_allowed=np.array([[False], [True]])))) == [tiny.TANK_B]


@pytest.mark.parametrize(("least", "opens"), [(700.0, 28), (701.0, 29), (900.0, 48)])
def test_the_window_waits_until_the_minimum_drop_fits(least: float, opens: float) -> None:
    assert (
        orders(network=tanks(min_drop_kg=np.array([least, 0.0])))[tiny.TANK_A].windows_h[0, 0]
        == opens
    )


def test_no_order_where_the_minimum_drop_fits_only_after_the_window() -> None:
    # 901 kg fit when 99 kg are left, after hour 48.
    assert tiny.TANK_A not in orders(network=tanks(min_drop_kg=np.array([901.0, 0.0])))


@pytest.mark.parametrize(("truckload", "count"), [(499.0, 0), (500.0, 1)])
def test_no_order_where_the_minimum_drop_is_more_than_a_truckload(
    truckload: float, count: int
) -> None:
    network = payload(truckload)
    network = replace(network, tanks=replace(network.tanks, min_drop_kg=np.array([500.0, 0.0])))
    low = replace(tiny.snapshot(), level_kg=np.array([50.0, 400.0]))
    assert len([who for who in orders(low, network) if who == tiny.TANK_A]) == count


def test_a_full_tank_with_the_widest_window_waits_for_room() -> None:
    # A thousandth of the tank, 1 kg, fits from the first full hour on.
    order = of_a(1000.0, x_kg=900.0)
    assert order.windows_h[0, 0] == 1
    assert order.q_max_kg == 10


def test_a_tank_that_nobody_uses_is_ordered_for_without_a_stock_out() -> None:
    order = of_a(use_kg=np.zeros((24, 2)), x_kg=900.0, beta=1e-4)
    assert order.stockout_h == np.inf
    assert order.penalty == 0
    assert order.q_min_kg == 1


def test_flat_parameters_do_not_stumble_over_an_endless_stock() -> None:
    order = of_a(use_kg=np.zeros((24, 2)), x_kg=900.0, beta=0.0, a=0.0, b=0.5)
    assert order.penalty == 1000
    assert order.q_min_kg == 0.5 * 420


def test_shared_parameters_are_the_same_as_equal_ones_for_each_tank() -> None:
    numbers = (X, -0.2, 0.9, 70.0, 1e-3, 0.4, 0.1, 0.2, 0.3)
    each: dict[str, Any] = {
        f.name: np.full(2, v) for f, v in zip(fields(OrderParameters)[:-1], numbers, strict=True)
    }
    single: dict[str, Any] = {name: float(value[0]) for name, value in each.items()}
    assert str(orders(**each)) == str(orders(**single))


@pytest.mark.parametrize("horizon", [0.0, -1.0, float("nan"), float("inf")])
def test_a_horizon_that_is_not_positive_hours_is_refused(horizon: float) -> None:
    with pytest.raises(InputError, match="horizon_h"):
        orders(horizon_h=horizon)


def test_parameters_of_another_network_are_refused() -> None:
    with pytest.raises(InputError, match="3 tanks"):
        make_orders(
            tiny.network(), tiny.snapshot(), forecast(), OrderParameters.shared(3, x_kg=1.0)
        )


def called(
    earliest: int,
    latest: int,
    low: float = 80.0,
    high: float = 100.0,
    *,
    payload_kg: float = 2000.0,
    horizon_h: float = 120.0,
) -> Order | None:
    network = tiny.network(call_ins=1)
    hours = np.array([[480, 1020], [1920, 2460]])
    network = replace(network, call_ins=replace(network.call_ins, access_min=(hours,)))
    network = replace(
        network, vehicles=replace(network.vehicles, capacity_kg=np.array([payload_kg]))
    )
    one = CallInOrders(*np.array([[2, earliest, latest, 80, 100, 0]], dtype=np.float64).T)
    now = replace(tiny.snapshot(), time_min=600, call_in_orders=one)
    return orders(now, network, horizon_h=horizon_h, call_in_penalty=777.0).get(2)


def test_an_order_called_in_keeps_its_range_and_is_cut_by_access_hours() -> None:
    order = called(0, 2000)
    assert order is not None
    # From now (minute 600) until service of 30 min ends at closing, and the next morning.
    np.testing.assert_allclose(order.windows_h * 60, [[600, 990], [1920, 2000]])
    assert (order.q_min_kg, order.q_max_kg, order.penalty, order.stockout_h) == (
        80,
        100,
        777,
        np.inf,
    )


@pytest.mark.parametrize(("latest", "made"), [(599, False), (600, True)])
def test_an_order_called_in_whose_window_is_past_is_left_out(latest: int, made: bool) -> None:
    assert (called(0, latest) is not None) == made


@pytest.mark.parametrize(("horizon_h", "made"), [(21.99, False), (22.0, True)])
def test_an_order_called_in_for_later_waits(horizon_h: float, made: bool) -> None:
    # Opens at minute 1920, 22 h after minute 600.
    assert (called(1500, 2400, horizon_h=horizon_h) is not None) == made


@pytest.mark.parametrize(
    ("payload_kg", "q_max"), [(100.0, 100), (90.0, 90), (80.0, 80), (79.0, 100)]
)
def test_an_order_called_in_is_cut_to_a_truckload_that_can_serve_it(
    payload_kg: float, q_max: float
) -> None:
    order = called(0, 2000, payload_kg=payload_kg)
    assert order is not None
    assert order.q_max_kg == q_max


levels = st.floats(0, 1000)
wide = {"x_kg": 900.0}


@given(levels, st.floats(0, 500))
def test_a_fuller_tank_is_less_urgent(level: float, more: float) -> None:
    assume(level + more <= 999)
    low, high = of_a(level, **wide), of_a(level + more, **wide)
    assert high.stockout_h >= low.stockout_h
    assert high.penalty <= low.penalty
    assert high.q_max_kg <= low.q_max_kg
    assert high.windows_h[0, 0] >= low.windows_h[0, 0]


@given(st.floats(1, 40), st.floats(0, 40))
def test_more_use_is_more_urgent(use: float, more: float) -> None:
    less, much = (of_a(use_kg=np.full((240, 2), each), **wide) for each in (use, use + more))
    assert much.stockout_h <= less.stockout_h
    assert much.penalty >= less.penalty
    assert much.q_min_kg >= less.q_min_kg - 1e-9


@given(st.floats(1, 900), st.floats(0, 900))
def test_a_larger_x_opens_no_later_and_asks_for_no_more(x: float, more: float) -> None:
    narrow, broad = of_a(x_kg=x), of_a(x_kg=x + more)
    assert broad.windows_h[0, 0] <= narrow.windows_h[0, 0]
    assert broad.windows_h[0, 1] == narrow.windows_h[0, 1]
    assert broad.q_max_kg <= narrow.q_max_kg


RANGES = {
    "a": (-1.0, 0.0),
    "b": (0.01, 2.0),
    "q_min_floor": (0.0, 1.0),
    "alpha": (0.0, 1e4),
    "value_per_kg": (0.0, 10.0),
    "beta": (0.0, 1e-2),
}


@pytest.mark.parametrize(
    ("name", "what", "rises"),
    [
        ("a", "q_min_kg", True),
        ("b", "q_min_kg", True),
        ("q_min_floor", "q_min_kg", True),
        ("alpha", "penalty", True),
        ("value_per_kg", "penalty", True),
        ("beta", "penalty", False),
    ],
)
@given(shares=st.tuples(st.floats(0, 1), st.floats(0, 1)), level=st.floats(0, 1000))
def test_each_parameter_pushes_its_way(
    name: str, what: str, rises: bool, shares: tuple[float, float], level: float
) -> None:
    least, most = RANGES[name]
    small, large = (
        getattr(of_a(level, **wide, **{name: least + share * (most - least)}), what)
        for share in sorted(shares)
    )
    assert (large >= small - 1e-9) if rises else (large <= small + 1e-9)


@given(levels, levels, st.floats(0, 900), st.floats(50, 3000), st.integers(0, 5000))
def test_orders_are_always_within_their_tanks(
    level_a: float, level_b: float, x: float, payload_kg: float, time_min: int
) -> None:
    network = payload(payload_kg)
    now = replace(tiny.snapshot(), time_min=time_min, level_kg=np.array([level_a, level_b]))
    for who, order in orders(now, network, x_kg=x).items():
        first = (order.windows_h[0, 0] * 60 - time_min) / 60
        level_then = max(0.0, now.level_kg[who] - tiny.USE_KG_PER_H[who] * np.floor(first + 1e-9))
        assert order.windows_h[0, 0] * 60 >= time_min - 1e-6
        assert order.q_max_kg <= min(payload_kg, 1000 - level_then) + 1e-6
        assert 0 < order.q_min_kg <= order.q_max_kg
