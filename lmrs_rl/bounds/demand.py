"""What was delivered, and what of it needed no loading."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lmrs_rl.domain.arrays import FloatArray, IntArray


@dataclass(frozen=True, eq=False)
class DeliveredQuantities:
    """Quantities that runs have to bring.

    Attributes
    ----------
    kg : (n,) [kg] delivered to each customer
    product : (n,) its product
    free_kg : (products,) [kg] of it that may have come without a run
    """

    kg: FloatArray
    product: IntArray
    free_kg: FloatArray

    def bill(self, price: FloatArray) -> float:
        """[km] the least that the deliveries cost at prices (n,) [km/kg], where the free kg go
        to the dearest customers.
        """
        total = 0.0
        for product, pool in enumerate(self.free_kg.tolist()):
            here = np.flatnonzero(self.product == product)
            order = here[np.argsort(-price[here], kind="stable")]
            before = np.concatenate([[0.0], np.cumsum(self.kg[order])[:-1]])
            paid = np.clip(before + self.kg[order] - pool, 0.0, self.kg[order])
            total += float(price[order] @ paid)
        return total
