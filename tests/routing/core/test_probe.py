"""What an order costs at its cheapest place, and what it costs if others make room for it."""

from __future__ import annotations

import numpy as np
import pytest

from lmrs_rl.domain import Network
from lmrs_rl.routing.core.annealing import state_objective
from lmrs_rl.routing.core.arrays import Core, State, empty_state
from lmrs_rl.routing.core.probe import insertion_cost, least_displacement
from tests import tiny
from tests.routing import cases
from tests.routing.cases import order
from tests.routing.core.cores import at_min, both, core_of, put, route
from tests.tiny import TANK_A, TANK_B

A, B, C = range(3)


def no_plant() -> Network:
    closed = (np.zeros((0, 2), dtype=np.int64),)
    return cases.with_columns(tiny.network(), sites={"access_min": closed})


def test_an_order_costs_what_its_place_adds_and_is_inserted() -> None:
    core = core_of(both(penalty=1.0), at=cases.loaded(1000.0))
    state = empty_state(core)
    put(core, state, 0, A)
    # 40 min more on the road and 30 of service, whatever the penalty is.
    assert insertion_cost(core, state, B) == pytest.approx(55.0)
    assert state.slot_of.tolist() == [0, 0]


def test_an_order_that_fits_nowhere_costs_without_limit() -> None:
    core = core_of(both(), no_plant(), cases.loaded(999.0))
    state = empty_state(core)
    put(core, state, 0, A)
    assert insertion_cost(core, state, B) == np.inf
    assert route(state) == [A]


def full(wanted_kg: float, *penalty: float) -> tuple[Core, State]:
    """Orders 0 and 2 of 300 kg share a truck of 600 kg, order 1 at B is wanted."""
    orders = [
        order(TANK_A, 300.0, 300.0, penalty=penalty[0]),
        order(TANK_B, wanted_kg, wanted_kg, penalty=1000.0),
        order(TANK_A, 300.0, 300.0, penalty=penalty[1]),
    ]
    core = core_of(orders, no_plant(), cases.loaded(600.0))
    state = empty_state(core)
    put(core, state, 0, A, C)
    return core, state


@pytest.mark.parametrize(("first", "second", "leaves"), [(70.0, 80.0, A), (80.0, 70.0, C)])
def test_the_cheapest_order_makes_room(first: float, second: float, leaves: int) -> None:
    core, state = full(300.0, first, second)
    change, answer = least_displacement(core, state, B)
    # A trip of 40 km and 140 min becomes one of 60 km and 180 min, 40 more; 70 are lost, B gained.
    assert change == pytest.approx(40.0 + 70.0 - 1000.0)
    assert answer is not None
    assert [k for k in (A, B, C) if answer.slot_of[k] < 0] == [leaves]
    assert float(state_objective(core, answer)) == pytest.approx(
        float(state_objective(core, state)) + change
    )
    # The state itself stays as it was.
    assert route(state) == [A, C]
    assert state.slot_of.tolist() == [0, -1, 0]


def test_a_whole_trip_makes_room_where_no_single_order_does() -> None:
    core, state = full(600.0, 70.0, 80.0)
    change, answer = least_displacement(core, state, B)
    # 110 (40 km, 140 min) become 135; 150 are lost, 1000 gained.
    assert change == pytest.approx(25.0 + 150.0 - 1000.0)
    assert answer is not None
    assert route(answer) == [B]
    assert answer.slot_of.tolist() == [-1, 0, -1]


def test_no_removal_helps_where_the_order_fits_nowhere() -> None:
    core, state = full(601.0, 70.0, 80.0)
    assert least_displacement(core, state, B) == (np.inf, None)
    assert route(state) == [A, C]


def test_nothing_is_displaced_where_there_is_no_trip() -> None:
    core = core_of(both(), at=cases.loaded(1000.0))
    assert least_displacement(core, empty_state(core), B) == (np.inf, None)


def test_a_trip_of_one_order_makes_room_as_well() -> None:
    core = core_of([order(penalty=70.0), order(TANK_B)], no_plant(), cases.loaded(500.0))
    state = empty_state(core)
    put(core, state, 0, A)
    change, answer = least_displacement(core, state, B)
    assert change == pytest.approx(135.0 - 95.0 + 70.0 - 1e4)
    assert answer is not None
    assert answer.slot_of.tolist() == [-1, 0]


@pytest.mark.parametrize(("penalty", "again"), [(95.0, False), (96.0, True)])
def test_orders_that_made_room_are_served_elsewhere_where_that_pays(
    penalty: float, again: bool
) -> None:
    # B can be reached at 60 only, by a trip straight there; A at 40, or the day after.
    orders = [
        order(TANK_A, windows_h=at_min((40, 40), (1500, 1500)), penalty=penalty),
        order(TANK_B, windows_h=at_min((60, 60))),
    ]
    core = core_of(orders, at=cases.loaded(1000.0), days=2)
    state = empty_state(core)
    put(core, state, 0, A)
    change, answer = least_displacement(core, state, B)
    # B's trip for 135; A's again for 95, or its penalty.
    assert change == pytest.approx(135.0 + (95.0 if again else penalty) - 95.0 - 1e4)
    assert answer is not None
    assert answer.slot_of.tolist() == [1 if again else -1, 0]


@pytest.mark.parametrize(
    ("penalties", "back"),
    [((70.0, 80.0, 75.0), 1), ((80.0, 70.0, 75.0), 0), ((75.0, 70.0, 80.0), 2), ((80.0,) * 3, 0)],
)
def test_of_orders_that_made_room_the_dearest_comes_back_first(
    penalties: tuple[float, ...], back: int
) -> None:
    # Three of 300 kg fill the truck; 600 kg at B take the room of two, so that no single removal
    # helps, and one of the three comes back.
    orders = [order(TANK_A, 300.0, 300.0, penalty=each) for each in penalties]
    core = core_of([*orders, order(TANK_B, 600.0, 600.0)], no_plant(), cases.loaded(900.0))
    state = empty_state(core)
    put(core, state, 0, 0, 1, 2)
    change, answer = least_displacement(core, state, 3)
    assert answer is not None
    assert [k for k in range(3) if answer.slot_of[k] == 0] == [back]
    # 40 km and 170 min become 60 km and 180 min.
    assert change == pytest.approx(25.0 + sum(penalties) - penalties[back] - 1e4)
