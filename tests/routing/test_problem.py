"""What the problem states beyond the orders as given: drops of something, and loading times of
the vehicles that load.
"""

from __future__ import annotations

import numpy as np
import pytest

from lmrs_rl.routing.problem import build_problem
from tests import tiny
from tests.routing import cases
from tests.routing.cases import fleet, loaded, order, plan, visits, with_columns
from tests.tiny import TANK_A, TANK_B

DRY = with_columns(tiny.network(), sites={"product_offered": [[False]]})
"""Nothing to load: what is on board is all there is."""


@pytest.mark.parametrize(("on_board", "missed"), [(500.0, (TANK_A,)), (501.0, ())])
def test_an_order_that_asks_for_nothing_at_least_is_not_served_with_nothing(
    on_board: float, missed: tuple[int, ...]
) -> None:
    # B takes 500 kg. A thousandth of the 500 kg that A has room for is a kg, rounded up.
    made = plan([order(TANK_A, least=0.0), order(TANK_B, penalty=2e4)], DRY, loaded(on_board, DRY))
    assert made.missed == missed


def test_the_least_drop_is_a_thousandth_of_the_most() -> None:
    # A kg is worth more at A; B gets its least.
    made = plan(
        [
            order(TANK_A, most=1000.0, least=0.0, value_per_kg=0.1),
            order(TANK_B, most=800.0, least=0.0),
        ],
        DRY,
        loaded(500.0, DRY),
    )
    assert sorted(visits(made.trips[0])) == [("drop", TANK_A, 499.2), ("drop", TANK_B, 0.8)]


def test_a_truck_of_less_than_a_kg_serves_nobody() -> None:
    network = with_columns(tiny.network(), vehicles={"capacity_kg": [0.9]})
    assert plan([order(most=0.5, least=0.0)], network).missed == (TANK_A,)
    network = with_columns(tiny.network(), vehicles={"capacity_kg": [1.0]})
    assert plan([order(most=0.5, least=0.0)], network).missed == ()


def test_opening_hours_are_cut_by_the_loading_times_of_who_may_load_there() -> None:
    # 100 kg a minute and 20 min to set up: 40 min for 2000 kg, 30 for 1000 kg. The plant is open
    # until minute 100.
    network = with_columns(
        fleet(2),
        vehicles={"capacity_kg": [2000.0, 1000.0]},
        sites={
            "load_kg_per_min": [100.0],
            "access_min": (np.array([[0, 100]]),),
            "vehicle_allowed": [[True, True]],
        },
    )
    for allowed, last in (([True, True], 60), ([True, False], 60), ([False, True], 70)):
        stated = build_problem(
            with_columns(network, sites={"vehicle_allowed": [allowed]}),
            cases.start(network),
            [order()],
            horizon_min=1440,
        )
        assert stated.site_windows[0].tolist() == [[0, last]]


def test_a_truck_that_nobody_drives_does_not_shorten_opening_hours() -> None:
    network = with_columns(
        fleet(2),
        vehicles={"capacity_kg": [2000.0, 1000.0]},
        sites={"load_kg_per_min": [100.0], "access_min": (np.array([[0, 100]]),)},
        drivers={"vehicle_allowed": np.array([[False, False], [False, True]])},
    )
    assert build_problem(network, cases.start(network), [order()], horizon_min=1440).site_windows[
        0
    ].tolist() == [[0, 70]]
