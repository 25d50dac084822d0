"""What needed no loading, because it was on board or on its way when the days started."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lmrs_rl.domain import NO_PRODUCT, Network, Snapshot
from lmrs_rl.domain.arrays import FloatArray, IntArray

LEAST_LOAD_KG = 1.0
"""[kg] Vehicles with less on board have no first run of their own: that little is free."""


@dataclass(frozen=True, eq=False)
class InitialStock:
    """Product at the start.

    Attributes
    ----------
    load_kg, load_product : (V,) [kg] what vehicles can drop on a first run from their base, and
        which product
    free_kg : (products,) [kg] what may turn up anywhere: on its way at the start and back on board
        where it does not fit, and traces
    all_kg : (products,) [kg] both
    """

    load_kg: FloatArray
    load_product: IntArray
    free_kg: FloatArray
    all_kg: FloatArray


def initial_stock(network: Network, start: Snapshot | None) -> InitialStock:
    """What was on board and on its way at the start.

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
    loaded, way = start.load_kg > 0, start.on_the_way
    everything = np.bincount(
        start.load_product[loaded], start.load_kg[loaded], minlength=products
    ).astype(np.float64)
    everything = everything + np.bincount(
        network.tanks.product[way.tank], way.kg, minlength=products
    ).astype(np.float64)
    runs = start.load_kg >= LEAST_LOAD_KG
    on_board = np.bincount(start.load_product[runs], start.load_kg[runs], minlength=products)
    return InitialStock(
        np.where(runs, start.load_kg, 0.0),
        start.load_product,
        np.maximum(everything - on_board, 0.0),
        everything,
    )
