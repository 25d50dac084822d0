"""Where a sequence of visits gets its loading stop, and what it costs then."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from lmrs_rl.domain import LoadingSites, Network
from lmrs_rl.domain.arrays import always_open
from lmrs_rl.routing.core.arrays import LONGEST_ROUTE, empty_state
from lmrs_rl.routing.core.loading import (
    add_loading_stop,
    distance_and_duration,
    insert_node,
    point_after,
    point_before,
    price_sequence,
    shortest_loading,
)
from lmrs_rl.routing.core.trip import LATE, LEGAL, TOO_FAR
from tests import tiny
from tests.routing import cases
from tests.routing.cases import order
from tests.routing.core.cores import at_min, both, core_of, nodes, times
from tests.tiny import CALL_IN, TANK_A, TANK_B

A, B, LOAD, NIGHT = range(4)

WIDE = (0, 10_000)
BETWEEN = cases.line([0, 50, 40, 60, 70])
"""The plant lies between A and B."""


def two_plants(second: int) -> Network:
    """A second plant, at another point, with 10 min of loading."""
    return replace(
        tiny.network(call_ins=1),
        sites=LoadingSites(
            ("plant", "depot"),
            np.array([tiny.SITE, second]),
            np.ones((2, 1), dtype=bool),
            np.array([20, 10]),
            np.full(2, np.inf),
            np.ones((2, 1), dtype=bool),
            (always_open(), always_open()),
        ),
    )


def add(
    sequence: tuple[int, ...],
    last: int,
    *,
    network: Network | None = None,
    kg: float = 500.0,
    step: int = 1,
    room: tuple[int, int] = WIDE,
    limit: float = np.inf,
    slot: int = 0,
    orders: Any = None,
) -> tuple[float, list[int], int]:
    """Cost, visits and verdict of `add_loading_stop`."""
    core = core_of(orders or both(), network, cases.loaded(kg, network))
    state, visits = empty_state(core), nodes(*sequence)
    cost, n, verdict = add_loading_stop(
        core, state, slot, visits, len(sequence), last, step, room, times(), limit
    )
    return float(cost), visits[:n].tolist(), int(verdict)


def test_a_node_is_inserted_into_another_sequence_or_the_same() -> None:
    for position, expected in ((0, [9, 1, 2]), (1, [1, 9, 2]), (2, [1, 2, 9])):
        source, target = nodes(1, 2), nodes(7, 7, 7, 7)
        assert insert_node(source, 2, position, 9, target) == 3
        assert target[:4].tolist() == [*expected, 7]
        assert source[:3].tolist() == [1, 2, 0]
        assert insert_node(source, 2, position, 9, source) == 3
        assert source[:3].tolist() == expected


def test_a_sequence_is_as_long_as_its_legs_and_stops() -> None:
    core = core_of(both())
    # 10 + 30 + 20 + 60 min on the road, 20 of loading, twice 30 of service; the night counts not.
    assert distance_and_duration(core, 0, nodes(LOAD, A, NIGHT, B), 4) == (60.0, 200)
    assert distance_and_duration(core, 0, nodes(), 0) == (0.0, 0)


def test_the_points_beside_a_place_are_those_of_stops_and_not_of_nights() -> None:
    core = core_of(both())
    sequence = nodes(LOAD, A, NIGHT, B)
    before = [point_before(core, 0, sequence, k) for k in range(5)]
    after = [point_after(core, 0, sequence, 4, k) for k in range(5)]
    assert before == [tiny.BASE, tiny.SITE, tiny.A, tiny.A, tiny.B]
    assert after == [tiny.SITE, tiny.A, tiny.B, tiny.B, tiny.BASE]


def test_the_shortest_loading_is_that_of_the_sites_the_vehicle_may_use() -> None:
    network = two_plants(tiny.C)
    assert shortest_loading(core_of(both(), network), 0) == 10
    for allowed, shortest in ((True, False), 20), ((False, True), 10), ((False, False), 10**9):
        core = core_of(both(), network, site_allowed=np.array(allowed)[:, None])
        assert shortest_loading(core, 0) == shortest


def test_a_loading_takes_the_time_of_its_vehicle() -> None:
    network = cases.with_columns(
        cases.fleet(2),
        vehicles={"capacity_kg": [2000.0, 1000.0]},
        sites={"load_kg_per_min": [100.0]},
    )
    core = core_of(both(), network)
    assert [shortest_loading(core, slot) for slot in core.vehicle.tolist()] == [40, 30]


def test_the_stop_is_made_where_it_costs_least() -> None:
    # Before A: base - plant - A - B - base, 60 km and 200 min. Before B: 90 km.
    assert add((A, B), 1) == (160.0, [LOAD, A, B], LEGAL)
    # With the plant between them, before B: 60 km and 200 min. Before A: 70 km.
    network = replace(tiny.network(), **BETWEEN)
    assert add((A, B), 1, network=network) == (160.0, [A, LOAD, B], LEGAL)
    # An empty truck has to load before A: 140 min driven, 80 of service.
    assert add((A, B), 0, network=network, kg=0.0) == (180.0, [LOAD, A, B], LEGAL)
    assert add((A, B), 1, network=network, kg=0.0) == (180.0, [LOAD, A, B], LEGAL)


def test_equal_places_leave_the_last_one() -> None:
    # Base - plant - A - base and base - A - plant - base are equally long: 40 km, 130 min.
    assert add((A,), 1) == (105.0, [A, LOAD], LEGAL)


def test_only_every_so_many_positions_are_tried() -> None:
    # By twos the place before A is left out: base - A - plant - B - base, 90 km, 260 min.
    assert add((A, B), 1, step=2) == (220.0, [A, LOAD, B], LEGAL)


@pytest.mark.parametrize(("limit", "found"), [(160.0, False), (160.01, True)])
def test_the_stop_has_to_cost_less_than_the_limit(limit: float, found: bool) -> None:
    expected = (160.0, [LOAD, A, B], LEGAL) if found else (np.inf, [A, B], LEGAL)
    assert add((A, B), 1, limit=limit) == expected


@pytest.mark.parametrize(("end", "found"), [(299, False), (300, True)])
def test_the_stop_has_to_fit_into_the_time(end: int, found: bool) -> None:
    expected = (160.0, [LOAD, A, B], LEGAL) if found else (np.inf, [A, B], LEGAL)
    assert add((A, B), 1, room=(100, end)) == expected


@pytest.mark.parametrize(("driving", "found"), [(119, False), (120, True)])
def test_too_much_driving_is_told_since_a_night_might_help(driving: int, found: bool) -> None:
    network = cases.with_columns(tiny.network(), drivers={"max_driving_min": [driving]})
    expected = (160.0, [LOAD, A, B], LEGAL) if found else (np.inf, [A, B], TOO_FAR)
    assert add((A, B), 1, network=network) == expected


def test_the_best_of_two_plants_is_used() -> None:
    # The depot at B's door takes 10 min: between A and B or after B nothing is driven for it.
    assert add((A, B), 1, network=two_plants(tiny.B)) == (155.0, [A, LOAD + 1, B], LEGAL)
    # At C, 10 min behind B: 140 min of driving, 70 of service before B costs more than the plant.
    assert add((A, B), 1, network=two_plants(tiny.C)) == (160.0, [LOAD, A, B], LEGAL)


def test_a_plant_that_the_vehicle_may_not_use_is_no_choice() -> None:
    core = core_of(both(), at=cases.loaded(500.0), site_allowed=np.zeros((1, 1), dtype=bool))
    visits = nodes(A, B)
    found = add_loading_stop(
        core, empty_state(core), 0, visits, 2, 1, 1, WIDE, times(), float(np.inf)
    )
    assert found == (np.inf, 2, LEGAL)


def test_a_stop_that_brings_too_little_is_none() -> None:
    # A and B need 1500 kg each, so that one payload of 2000 kg before A does not do.
    orders = [order(TANK_A, 1500.0, 1500.0), order(TANK_B, 1500.0, 1500.0)]
    assert add((A, B), 1, kg=1500.0, orders=orders) == (90.0 + 130.0, [A, LOAD, B], LEGAL)
    assert add((A, B), 0, kg=0.0, orders=orders) == (np.inf, [A, B], LEGAL)


def test_a_night_stays_right_after_its_customer() -> None:
    network = cases.with_columns(
        tiny.network(),
        drivers={"max_driving_min": [100], "night_min": [600], "cost_per_night": [7.0]},
        tanks={"overnight": (True, True)},
    )
    # 60 km, 200 min without the night.
    assert add((A, NIGHT, B), 2, network=network, slot=1) == (167.0, [LOAD, A, NIGHT, B], LEGAL)
    # A minute short of that it is the time that is lacking, no night: between A and the night no
    # stop is tried, which would be TOO_FAR.
    late = add((A, NIGHT, B), 1, network=network, slot=1, room=(0, 799))
    assert late == (np.inf, [A, NIGHT, B], LEGAL)


def price(
    core: Any, sequence: tuple[int, ...], place: int = 0, limit: float = np.inf, room: Any = WIDE
) -> tuple[Any, list[int], int]:
    """Cost (about), visits and verdict of `price_sequence`."""
    visits = nodes(*sequence)
    cost, n, verdict = price_sequence(
        core, empty_state(core), 0, visits, len(sequence), place, room, times(), limit
    )
    return pytest.approx(float(cost)), visits[:n].tolist(), int(verdict)


def test_a_sequence_that_has_enough_costs_its_trip() -> None:
    core = core_of(both(), at=cases.loaded(1000.0))
    assert price(core, (A, B)) == (150.0, [A, B], LEGAL)
    assert price(core, (A, B), room=(0, 179)) == (np.inf, [A, B], LATE)


def test_a_sequence_that_is_too_long_says_so() -> None:
    network = cases.with_columns(tiny.network(), drivers={"max_driving_min": [119]})
    core = core_of(both(), network, cases.loaded(1000.0))
    assert price(core, (A, B)) == (np.inf, [A, B], TOO_FAR)


def test_a_sequence_that_lacks_product_gets_a_stop_before_the_shortage() -> None:
    network = replace(tiny.network(), **BETWEEN)
    assert price(core_of(both(), network, cases.loaded(500.0)), (A, B)) == (
        160.0,
        [A, LOAD, B],
        LEGAL,
    )
    assert price(core_of(both(), network), (A, B), 1) == (180.0, [LOAD, A, B], LEGAL)


def test_the_stop_that_a_sequence_needs_costs_less_than_the_limit() -> None:
    core = core_of(both(), at=cases.loaded(500.0))
    assert price(core, (A, B), limit=160.0) == (np.inf, [A, B], LEGAL)
    assert price(core, (A, B), limit=160.01) == (160.0, [LOAD, A, B], LEGAL)


@pytest.mark.parametrize(("n", "fits"), [(LONGEST_ROUTE - 2, True), (LONGEST_ROUTE - 1, False)])
def test_a_stop_has_to_fit_into_the_longest_route(n: int, fits: bool) -> None:
    core = core_of([order(TANK_A, 10.0, 10.0)] * n)
    cost, visits, verdict = price(core, tuple(range(n)))
    assert verdict == LEGAL
    assert visits == ([n] if fits else []) + list(range(n))
    # 40 km, 80 min on the road, 20 of loading and 30 at each drop.
    assert cost == (40 + (100 + 30 * n) / 2 if fits else np.inf)


TEN_MINUTES = cases.with_columns(tiny.network(), sites={"setup_min": [10]})


@pytest.mark.parametrize(
    ("value", "limit", "expected"),
    [
        (0.0, np.inf, (95.0, [0], LEGAL)),
        (0.0124, np.inf, (95.0 + 400 * 0.0124, [0], LEGAL)),
        (0.0125, np.inf, (100.0, [0], LEGAL)),  # equally dear: no stop
        (0.0126, np.inf, (100.0, [1, 0], LEGAL)),
        (0.0126, 100.0, (95.0 + 400 * 0.0126, [0], LEGAL)),  # not worth a look
        (0.0126, 100.01, (100.0, [1, 0], LEGAL)),
    ],
)
def test_fuller_drops_may_pay_for_a_stop(
    value: float, limit: float, expected: tuple[float, list[int], int]
) -> None:
    # 10 min of loading on the way make the drop at A 400 kg fuller.
    core = core_of(
        [order(TANK_A, 500.0, 900.0, value_per_kg=value)], TEN_MINUTES, cases.loaded(500.0)
    )
    assert price(core, (0,), limit=limit) == expected


@pytest.mark.parametrize(("n", "fits"), [(LONGEST_ROUTE - 2, True), (LONGEST_ROUTE - 1, False)])
def test_a_stop_for_fuller_drops_fits_into_the_longest_route(n: int, fits: bool) -> None:
    orders = [order(TANK_A, 10.0, 40.0, value_per_kg=1.0)] * n
    core = core_of(orders, TEN_MINUTES, cases.loaded(10.0 * n))
    _, visits, _ = price(core, tuple(range(n)))
    assert visits == ([n] if fits else []) + list(range(n))


def test_for_fuller_drops_only_two_places_are_tried() -> None:
    # Plant 50 between A 40 and B 60, C 70; 1500 kg on board, 500 to 900 kg each at 0.1. Without
    # a stop 70 km, 230 min, 1200 kg lacking: 305. Before C, the newest: 20 min more on the road and
    # 10 of loading; A and B lack 300 of 800 kg: 185 + 25 + 30. Before B it would be 190.
    network = replace(
        cases.with_columns(tiny.network(call_ins=1), sites={"setup_min": [10]}), **BETWEEN
    )
    orders = [
        order(who, 500.0, 900.0, value_per_kg=0.1, windows_h=at_min((0, 3000)))
        for who in (TANK_A, TANK_B, CALL_IN)
    ]
    core = core_of(orders, network, cases.loaded(1500.0, network))
    assert price(core, (0, 1, 2), 2) == (240.0, [0, 1, 3, 2], LEGAL)
    assert price(core, (0, 1, 2), 1) == (190.0, [0, 3, 1, 2], LEGAL)
