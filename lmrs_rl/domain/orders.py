"""What a dispatcher decides each morning, and the orders that follow from it."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import ArrayLike

from lmrs_rl.domain.arrays import FloatArray, above, floats, not_below
from lmrs_rl.domain.network import _set
from lmrs_rl.errors import InputError


@dataclass(frozen=True, eq=False)
class OrderParameters:
    """The dispatcher's decision for every tank; symbols as in the design's order rules.

    Attributes
    ----------
    x_kg : (n,) [kg] the window opens when the level reaches ``h + x``; >= 0 (cut to ``c - h``)
    a : (n,) [1/day] slope of the least quantity in the days until dry, <= 0
    b : (n,) intercept of the least quantity as a share of ``q_max``, > 0
    alpha : (n,) [currency] penalty of missing an order whose tank is at the hit level now, >= 0
    beta : (n,) [1/h^2] how fast the penalty falls with the hours until stock-out, >= 0
    z : (n,) quantile of the forecast used for the projection, in (0, 1)
    value_per_kg : (n,) [currency/kg] worth of a kg delivered, added to the penalty for ``q_max``; 0
        in the source's rule
    q_min_floor : (n,) least quantity as a share of ``q_max`` whatever the slope says, in [0, 1]; 0
        in the source's rule
    fill_days : (n,) [days] after the window opens at which the room for ``q_max`` is counted, >= 0;
        0: as it opens
    call_in_penalty : [currency] of missing an order that a customer called in, >= 0
    """

    x_kg: FloatArray
    a: FloatArray
    b: FloatArray
    alpha: FloatArray
    beta: FloatArray
    z: FloatArray
    value_per_kg: FloatArray
    q_min_floor: FloatArray
    fill_days: FloatArray
    call_in_penalty: float

    @classmethod
    def shared(
        cls,
        n: int,
        *,
        x_kg: ArrayLike,
        a: ArrayLike = -0.1,
        b: ArrayLike = 1.0,
        alpha: ArrayLike = 1000.0,
        beta: ArrayLike = 1e-4,
        z: ArrayLike = 0.5,
        value_per_kg: ArrayLike = 0.0,
        q_min_floor: ArrayLike = 0.0,
        fill_days: ArrayLike = 0.0,
        call_in_penalty: float = 1e5,
    ) -> OrderParameters:
        """Parameters for ``n`` tanks from single numbers, or arrays (n,) where tanks differ."""

        def each(value: ArrayLike) -> FloatArray:
            return np.broadcast_to(np.asarray(value, dtype=np.float64), (n,))

        return cls(
            x_kg=each(x_kg),
            a=each(a),
            b=each(b),
            alpha=each(alpha),
            beta=each(beta),
            z=each(z),
            value_per_kg=each(value_per_kg),
            q_min_floor=each(q_min_floor),
            fill_days=each(fill_days),
            call_in_penalty=call_in_penalty,
        )

    def __post_init__(self) -> None:
        _set(self, "call_in_penalty", float(floats("call_in_penalty", self.call_in_penalty, ())))
        not_below(
            "call_in_penalty",
            np.array([self.call_in_penalty]),
            0,
            "give the price of a missed order",
        )
        if not self._taken_at_once():
            self._take_one_by_one()

    def _taken_at_once(self) -> bool:
        """Copy and check all arrays as one table, in a quarter of the time; False, and nothing
        done, where one of them needs a closer look.
        """
        given = [getattr(self, name) for name in PER_TANK]
        if any(
            not isinstance(each, np.ndarray)
            or each.dtype != np.float64
            or each.shape != given[0].shape
            for each in given
        ):
            return False
        table = np.array(given)
        if table.ndim != 2 or not ((table >= _LEAST) & (table <= _MOST)).all():
            return False
        table.setflags(write=False)
        for name, row in zip(PER_TANK, table, strict=True):
            _set(self, name, row)
        return True

    def _take_one_by_one(self) -> None:
        n = len(self.x_kg)
        for name in PER_TANK:
            _set(self, name, floats(name, getattr(self, name), (n,)))
        for name in ("x_kg", "alpha", "beta", "value_per_kg", "q_min_floor", "fill_days"):
            not_below(name, getattr(self, name), 0, "clip it where it is chosen")
        above("b", self.b, 0, "1 asks for all of q_max on the day the tank runs dry")
        not_below("-a", -self.a, 0, "a falls with the days until dry: give a <= 0")
        if np.any(self.z <= 0) or np.any(self.z >= 1):
            raise InputError(
                "z",
                f"{self.z.min():g} to {self.z.max():g}",
                "quantiles in (0, 1)",
                "0.5 is the median",
            )
        if np.any(self.q_min_floor > 1):
            raise InputError(
                "q_min_floor",
                float(self.q_min_floor.max()),
                "a share of q_max, at most 1",
                "divide by 100 if it is in per cent",
            )


PER_TANK = tuple(each.name for each in fields(OrderParameters) if each.name != "call_in_penalty")
"""Those of `OrderParameters` that each tank has."""
_MORE_THAN_0, _UNDER_1, _FINITE = (
    np.nextafter(0.0, 1.0),
    np.nextafter(1.0, 0.0),
    np.finfo(np.float64).max,
)
_RANGES = {
    "x_kg": (0.0, _FINITE),
    "a": (-_FINITE, 0.0),
    "b": (_MORE_THAN_0, _FINITE),
    "alpha": (0.0, _FINITE),
    "beta": (0.0, _FINITE),
    "z": (_MORE_THAN_0, _UNDER_1),
    "value_per_kg": (0.0, _FINITE),
    "q_min_floor": (0.0, 1.0),
    "fill_days": (0.0, _FINITE),
}
_LEAST, _MOST = np.array([_RANGES[name] for name in PER_TANK]).T[:, :, None]


@dataclass(frozen=True, eq=False)
class Order:
    """A wish for one drop at one customer.

    Attributes
    ----------
    customer : customer number
    windows_h : (k, 2) [h] on the network's clock: the drop starts in one of them, k >= 1, in order
    q_min_kg, q_max_kg : [kg] quantity range, 0 <= q_min <= q_max, q_max > 0
    penalty : [currency] of missing the order
    stockout_h : [h] from now until the projected level reaches the hit level; infinite where that
        is not in sight
    value_per_kg : [currency/kg] worth of each kg over ``q_min``
    """

    customer: int
    windows_h: FloatArray
    q_min_kg: float
    q_max_kg: float
    penalty: float
    stockout_h: float = float("inf")
    value_per_kg: float = 0.0

    @classmethod
    def trusted(
        cls,
        customer: int,
        windows_h: FloatArray,
        q_min_kg: float,
        q_max_kg: float,
        penalty: float,
        stockout_h: float,
        value_per_kg: float,
    ) -> Order:
        """An order of numbers that were checked before and a read-only array: nothing is checked
        or copied.
        """
        made = object.__new__(cls)
        made.__dict__.update(
            customer=customer,
            windows_h=windows_h,
            q_min_kg=q_min_kg,
            q_max_kg=q_max_kg,
            penalty=penalty,
            stockout_h=stockout_h,
            value_per_kg=value_per_kg,
        )
        return made

    def __post_init__(self) -> None:
        shape = np.shape(self.windows_h)
        if len(shape) != 2 or shape[0] == 0 or shape[1] != 2:
            raise InputError(
                "order.windows_h",
                f"shape {shape}",
                "shape (k, 2) with k >= 1",
                "leave out an order without a window",
            )
        _set(self, "windows_h", floats("order.windows_h", self.windows_h, shape))
        ends = self.windows_h.ravel()
        if (ends[1:] < ends[:-1]).any():
            raise InputError(
                "order.windows_h",
                self.windows_h.tolist(),
                "windows in order, start <= end, no overlap",
                "sort and merge them",
            )
        for name in ("q_min_kg", "q_max_kg", "penalty", "value_per_kg"):
            value = float(getattr(self, name))
            if not 0 <= value < math.inf:
                raise InputError(
                    f"order.{name}", value, "a finite number >= 0", "check the rule that made it"
                )
            _set(self, name, value)
        if self.q_max_kg <= 0 or self.q_min_kg > self.q_max_kg:
            raise InputError(
                "order.q_max_kg",
                self.q_max_kg,
                f"more than 0 and at least q_min_kg = {self.q_min_kg:g}",
                "check the rule that made it",
            )
        if math.isnan(self.stockout_h):
            raise InputError(
                "order.stockout_h", self.stockout_h, "hours or infinity", "check the projection"
            )
