"""Product that needed no loading: on board or in transit when the days started."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lmrs_rl.domain import NO_PRODUCT, Network, Snapshot
from lmrs_rl.domain.arrays import BoolArray, FloatArray, IntArray

_LEAST_LOAD_KG = 1.0
"""[kg] Vehicles with less on board get no first segment of their own: that little is free."""


@dataclass(frozen=True, eq=False)
class InitialStock:
    """Product on board and in transit at the start.

    Attributes
    ----------
    load_kg, load_product : (V,) [kg] what each vehicle can drop on a first segment from its base,
        and which product
    free_kg : (products,) [kg] what may turn up anywhere: product in transit at the start, which
        comes back on board where it does not fit, and traces on board
    all_kg : (products,) [kg] both together
    """

    load_kg: FloatArray
    load_product: IntArray
    free_kg: FloatArray
    all_kg: FloatArray


def initial_stock(network: Network, start: Snapshot | None) -> InitialStock:
    """Product on board and in transit at ``start``; none without a snapshot.

    Raises
    ------
    InputError
        For a snapshot of another network.
    """
    vehicles, products = len(network.vehicles), len(network.products)
    if start is None:
        return InitialStock(
            np.zeros(vehicles),
            np.full(vehicles, NO_PRODUCT),
            np.zeros(products),
            np.zeros(products),
        )
    start.check_against(network)
    transit = start.in_transit
    # Only vehicles with something on board: the number of no product cannot be counted.
    all_kg = _by_product(start.load_product, start.load_kg, start.load_kg > 0, products)
    all_kg = all_kg + np.bincount(
        network.tanks.product[transit.tank], transit.kg, minlength=products
    ).astype(np.float64)
    has_segment = start.load_kg >= _LEAST_LOAD_KG
    on_board = _by_product(start.load_product, start.load_kg, has_segment, products)
    return InitialStock(
        np.where(has_segment, start.load_kg, 0.0),
        start.load_product,
        np.maximum(all_kg - on_board, 0.0),
        all_kg,
    )


def _by_product(product: IntArray, kg: FloatArray, chosen: BoolArray, products: int) -> FloatArray:
    """(products,) [kg] on board of the ``chosen`` vehicles."""
    return np.bincount(product[chosen], kg[chosen], minlength=products).astype(np.float64)
