"""Delivered quantities, and how much of them may have come without a loading."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lmrs_rl.domain.arrays import FloatArray, IntArray


@dataclass(frozen=True, eq=False)
class DeliveredQuantities:
    """Quantities that segments have to bring.

    Attributes
    ----------
    kg : (n,) [kg] delivered to each customer
    product : (n,) product of each customer
    free_kg : (products,) [kg] of each product that may have come without a segment
    """

    kg: FloatArray
    product: IntArray
    free_kg: FloatArray

    def least_cost_km(self, price: FloatArray) -> float:
        """[km] the least that the deliveries cost at prices (n,) [km/kg].

        The free kg go to the customers with the highest prices: any other split of them costs
        more, so the sum is a valid bound whoever really got them.
        """
        total = 0.0
        for product, free in enumerate(self.free_kg.tolist()):
            customers = np.flatnonzero(self.product == product)
            dearest_first = customers[np.argsort(-price[customers], kind="stable")]
            kg = self.kg[dearest_first]
            before = np.concatenate([[0.0], np.cumsum(kg)[:-1]])
            paid = np.clip(before + kg - free, 0.0, kg)
            total += float(price[dearest_first] @ paid)
        return total
