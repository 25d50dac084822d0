"""What a dispatcher decides each morning, and the orders that follow from it."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from lmrs_rl.domain.arrays import FloatArray, floats, refuse_entries
from lmrs_rl.domain.network_parts import _set
from lmrs_rl.domain.order_parameters import PER_TANK, SPECS
from lmrs_rl.errors import InputError

_DEFAULTS = {name: spec.number.default for name, spec in SPECS.items()}
_LEAST, _MOST = np.array([SPECS[name].number.limits for name in PER_TANK]).T[:, :, None]
"""(P, 1) The range of each of `PER_TANK`, for one comparison of all tanks and parameters."""


@dataclass(frozen=True, eq=False)
class OrderParameters:
    """The dispatcher's decision for every tank; symbols as in the design's order rules.

    Units, ranges, defaults and meanings are in one table,
    `lmrs_rl.domain.order_parameters.ORDER_PARAMETERS`.

    Attributes
    ----------
    x_kg, a, b, alpha, beta, z, value_per_kg, q_min_floor, fill_days : (n,) of each tank
    call_in_penalty : of the network

    Raises
    ------
    InputError
        For a number out of its range, or arrays of different lengths.
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
        a: ArrayLike = _DEFAULTS["a"],
        b: ArrayLike = _DEFAULTS["b"],
        alpha: ArrayLike = _DEFAULTS["alpha"],
        beta: ArrayLike = _DEFAULTS["beta"],
        z: ArrayLike = _DEFAULTS["z"],
        value_per_kg: ArrayLike = _DEFAULTS["value_per_kg"],
        q_min_floor: ArrayLike = _DEFAULTS["q_min_floor"],
        fill_days: ArrayLike = _DEFAULTS["fill_days"],
        call_in_penalty: float = _DEFAULTS["call_in_penalty"],
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
        SPECS["call_in_penalty"].number.require(self.call_in_penalty)
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
        # NaN is in no range, so it is left to the checks that name the entry.
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
        for name in PER_TANK:
            values, spec = getattr(self, name), SPECS[name].number
            refuse_entries(name, values, ~spec.allows(values), spec.wanted, spec.remedy)


@dataclass(frozen=True, eq=False)
class Order:
    """A request for one drop at one customer.

    Attributes
    ----------
    customer : customer number
    windows_h : (k, 2) [h] on the network's clock: the drop starts in one of them, k >= 1, in order
    q_min_kg, q_max_kg : [kg] quantity range, 0 <= q_min <= q_max, q_max > 0
    penalty : [currency] of missing the order
    stockout_h : [h] from now until the projected level reaches the hit level; infinite where
        the forecast does not reach so far
    value_per_kg : [currency/kg] value of each kg over ``q_min``
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
        # Start and end of one window after the other never fall if all windows are in order.
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
