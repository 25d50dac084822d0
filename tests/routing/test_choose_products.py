"""Which product an empty truck takes, and what is told of a truck that is too small by grams."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from lmrs_rl.routing.problem import choose_products
from tests import tiny
from tests.routing import cases
from tests.routing.cases import order, with_columns
from tests.routing.explaining.test_explain import only
from tests.tiny import TANK_A, TANK_B

PENALTIES = (100.0, 10.0)


@pytest.mark.parametrize(
    ("allowed", "chosen"),
    [
        # Gas for the first, 100 to 10 over 2000 kg, and the second, 100 over 4000 to 10 over 2000.
        ([[True, True], [True, True]], [0, 0]),
        ([[False, True], [True, True]], [1, 0]),
        ([[True, False], [True, False]], [0, 0]),
        ([[False, True], [False, True]], [1, 1]),
    ],
)
def test_an_empty_truck_takes_what_it_may(allowed: list[list[bool]], chosen: list[int]) -> None:
    network = cases.fleet(2)
    network = replace(
        network,
        products=("gas", "oil"),
        tanks=replace(network.tanks, product=np.array([0, 1])),
        sites=replace(network.sites, product_offered=np.ones((1, 2), dtype=bool)),
        vehicles=replace(network.vehicles, product_allowed=np.array(allowed)),
    )
    orders = [
        order(who, penalty=penalty)
        for who, penalty in zip((TANK_A, TANK_B), PENALTIES, strict=True)
    ]
    assert choose_products(network, cases.start(network), orders).tolist() == chosen


def test_the_payload_told_is_in_whole_kg_that_can_be_carried() -> None:
    network = with_columns(tiny.network(call_ins=1), vehicles={"capacity_kg": [499.9]})
    told = only([order(tiny.CALL_IN)], network).detail
    assert told == "at least 500 kg, and the largest truck that may come carries 499 kg"
