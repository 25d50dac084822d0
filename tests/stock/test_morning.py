"""When a called-in order counts as served: rounding is forgiven, a missing kg is not."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from lmrs_rl.domain import CallInOrders, Snapshot, Stop, Trip
from lmrs_rl.stock import execute
from tests import tiny

LEAST_KG, MOST_KG = 80.0, 100.0


def morning_after(dropped_kg: float) -> Snapshot:
    """One order of 80 to 100 kg, one drop at its customer in its window."""
    known = np.array([[tiny.CALL_IN], [0], [5000], [LEAST_KG], [MOST_KG], [0]])
    before = replace(tiny.snapshot(), call_in_orders=CallInOrders(*known))
    stops = (Stop("load", 0, 10, 30, 100.0), Stop("drop", tiny.CALL_IN, 60, 90, dropped_kg))
    trip = Trip(0, 0, 0, 0, 200, stops)
    nothing = CallInOrders.none()
    return execute(tiny.network(call_ins=1), before, (trip,), tiny.use_kg(24), nothing)[1]


@pytest.mark.parametrize("dropped_kg", [LEAST_KG + 1, LEAST_KG, LEAST_KG - 5e-7])
def test_an_order_that_lacks_only_rounding_is_served(dropped_kg: float) -> None:
    assert len(morning_after(dropped_kg).call_in_orders) == 0


@pytest.mark.parametrize("dropped_kg", [LEAST_KG - 2e-6, LEAST_KG - 0.5, LEAST_KG - 1, 1e-3])
def test_an_order_that_lacks_more_than_rounding_stays_open_for_it(dropped_kg: float) -> None:
    left = morning_after(dropped_kg).call_in_orders
    assert left.min_kg.tolist() == [LEAST_KG - dropped_kg]
    assert left.max_kg.tolist() == [MOST_KG - dropped_kg]


def test_an_order_without_a_least_quantity_is_open_until_something_is_dropped() -> None:
    known = np.array([[tiny.CALL_IN], [0], [5000], [0.0], [MOST_KG], [0]])
    before = replace(tiny.snapshot(), call_in_orders=CallInOrders(*known))
    network, nothing = tiny.network(call_ins=1), CallInOrders.none()
    after = execute(network, before, (), tiny.use_kg(24), nothing)[1]
    assert len(after.call_in_orders) == 1
