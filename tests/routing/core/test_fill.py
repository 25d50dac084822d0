"""The value of the kg that drops fall short of their most, by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from lmrs_rl.domain import Order
from lmrs_rl.routing.core.arrays import Core, State, empty_state
from lmrs_rl.routing.core.fill import chain_shortfall_cost, sequence_cost
from lmrs_rl.routing.core.trip import LATE, LEGAL
from tests import tiny
from tests.routing import cases
from tests.routing.cases import order
from tests.routing.core.cores import core_of, nodes, put, times
from tests.tiny import TANK_A, TANK_B

A, B, LOAD, NIGHT = range(4)


def valued() -> list[Order]:
    """A takes 300 to 600 kg at 0.01 each, B 400 to 900 kg at 0.02."""
    return [
        order(TANK_A, 300.0, 600.0, value_per_kg=0.01),
        order(TANK_B, 400.0, 900.0, value_per_kg=0.02),
    ]


def start_of(kg: float, **more: Any) -> tuple[Core, State]:
    core = core_of(valued(), at=cases.loaded(kg), **more)
    return core, empty_state(core)


@pytest.mark.parametrize(
    ("kg", "sequence", "cost"),
    [
        (1000.0, (), 0.0),
        (1500.0, (A, B), 0.0),  # just enough for both
        # 300 kg are left for B, which lacks 200; A lacks 300.
        (1000.0, (A, B), 3.0 + 4.0),
        (1000.25, (A, B), 3.0 + 199.75 * 0.02),  # parts of a kg are dropped as well
        (1200.0, (A, B), 3.0),
        (1300.0, (A, B), 2.0),
        (700.0, (A, B), 3.0 + 10.0),
        (650.0, (A, B), 3.0 + 10.0),  # nobody falls short of less than nothing
        (400.0, (A, LOAD, B), 2.0),  # before the loading A lacks 200, after it nobody lacks any
        (600.0, (A, LOAD, B), 0.0),
        (0.0, (LOAD, A, B), 0.0),
        (900.0, (A, NIGHT, B), 3.0 + 300 * 0.02),
    ],
)
def test_the_dearest_kg_are_filled_first(kg: float, sequence: tuple[int, ...], cost: float) -> None:
    core, state = start_of(kg)
    found = chain_shortfall_cost(core, state, 0, nodes(*sequence), len(sequence))
    assert found == pytest.approx(cost)


def test_a_loading_brings_the_whole_payload_and_its_parts_of_a_kg() -> None:
    network = cases.with_columns(tiny.network(), vehicles={"capacity_kg": [1000.5]})
    core = core_of(valued(), network)
    found = chain_shortfall_cost(core, empty_state(core), 0, nodes(LOAD, A, B), 3)
    assert found == pytest.approx(3.0 + 199.5 * 0.02)


def test_an_order_of_no_more_than_its_least_lacks_nothing() -> None:
    core = core_of(valued(), at=cases.loaded(700.0), order_q_max=np.array([250.0, 900.0]))
    found = chain_shortfall_cost(core, empty_state(core), 0, nodes(A, B), 2)
    assert found == pytest.approx(10.0)


def test_rounding_leaves_no_kg_that_nobody_lacks() -> None:
    # Drops that lack 0.2, 1.1 and 1.1 kg: taken from their sum in the other order, 2e-16 are left.
    orders = [
        order(TANK_A, 1.0, 1.0 + kg, value_per_kg=v) for kg, v in ((0.2, 3), (1.1, 2), (1.1, 1))
    ]
    core = core_of(orders, at=cases.loaded(3.0))
    found = chain_shortfall_cost(core, empty_state(core), 0, nodes(0, 1, 2), 3)
    assert found == pytest.approx(0.2 * 3 + 1.1 * 2 + 1.1)


def test_the_cheapest_kg_are_left_out_in_any_order_of_visits() -> None:
    core, state = start_of(1000.0)
    assert chain_shortfall_cost(core, state, 0, nodes(B, A), 2) == pytest.approx(7.0)


def test_other_trips_of_the_vehicle_share_what_is_on_board() -> None:
    core, state = start_of(1000.0, days=2)
    put(core, state, 0, A)
    assert state.shortfall_cost.tolist() == [0.0]
    assert chain_shortfall_cost(core, state, 1, nodes(B), 1) == pytest.approx(7.0)
    # In place of the first trip, not on top of it.
    assert chain_shortfall_cost(core, state, 0, nodes(B), 1) == 0.0


def test_other_vehicles_do_not_share_it() -> None:
    network = cases.fleet(2)
    core = core_of(valued(), network, cases.loaded([500.0, 700.0], network))
    state = empty_state(core)
    put(core, state, 0, A)
    assert state.shortfall_cost.tolist() == [pytest.approx(1.0), 0.0]
    assert chain_shortfall_cost(core, state, 1, nodes(B), 1) == pytest.approx(4.0)


def test_a_sequence_costs_its_trip_and_what_drops_fall_short_of() -> None:
    core, state = start_of(1000.0)
    verdict, cost = sequence_cost(core, state, 0, nodes(A, B), 2, (0, 2000), times())
    assert verdict == LEGAL
    assert cost == pytest.approx(150.0 + 7.0)
    assert sequence_cost(core, state, 0, nodes(A, B), 2, (0, 179), times()) == (LATE, 0.0)


def test_kg_without_a_value_cost_nothing() -> None:
    orders = [order(TANK_A, 300.0, 600.0), order(TANK_B, 400.0, 900.0)]
    core = core_of(orders, at=cases.loaded(700.0))
    found = sequence_cost(core, empty_state(core), 0, nodes(A, B), 2, (0, 2000), times())
    assert found == (LEGAL, 150.0)
