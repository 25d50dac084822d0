"""What deliveries cost at prices where some of them were free."""

from __future__ import annotations

import numpy as np
import pytest

from lmrs_rl.bounds.demand import DeliveredQuantities


@pytest.mark.parametrize(
    ("free", "km"),
    [
        ((0.0, 0.0), 100 * 1 + 200 * 2 + 50 * 3),
        ((150.0, 0.0), 100 * 1 + 50 * 2 + 50 * 3),  # the dearest of the product
        ((250.0, 0.0), 50 * 1 + 50 * 3),
        ((300.0, 0.0), 50 * 3),
        ((400.0, 0.0), 50 * 3),  # more than was delivered is worth nothing more
        ((0.0, 20.0), 100 * 1 + 200 * 2 + 30 * 3),
        ((250.0, 20.0), 50 * 1 + 30 * 3),
    ],
)
def test_free_kg_go_to_the_dearest_customers_of_their_product(
    free: tuple[float, float], km: float
) -> None:
    demand = DeliveredQuantities(
        np.array([100.0, 200.0, 50.0]), np.array([0, 0, 1]), np.array(free)
    )
    assert demand.least_cost_km(np.array([1.0, 2.0, 3.0])) == pytest.approx(km)


def test_between_equally_dear_customers_it_makes_no_difference() -> None:
    demand = DeliveredQuantities(np.array([100.0, 200.0]), np.array([0, 0]), np.array([150.0]))
    assert demand.least_cost_km(np.array([2.0, 2.0])) == pytest.approx(300.0)
