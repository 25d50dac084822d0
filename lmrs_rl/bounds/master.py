"""The restricted master: the linear program over the segments found so far, solved by GLOP."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from ortools.linear_solver import pywraplp

from lmrs_rl.bounds.demand import DeliveredQuantities
from lmrs_rl.bounds.pricing import BASE, Segment
from lmrs_rl.bounds.segments import Relaxation
from lmrs_rl.domain.arrays import FloatArray

_P = pywraplp.MPSolverParameters
_ATTEMPTS = (
    (_P.PRIMAL, _P.PRESOLVE_ON),
    (_P.DUAL, _P.PRESOLVE_ON),
    (_P.DUAL, _P.PRESOLVE_OFF),
    (_P.PRIMAL, _P.PRESOLVE_OFF),
)
"""Simplex algorithm and presolve, in the order in which they are tried.

GLOP of OR-Tools now and then ends abnormally with one of the combinations.
"""


@dataclass(frozen=True, eq=False)
class Prices:
    """Optimal value and dual prices of the master.

    Attributes
    ----------
    km : [km] optimal value
    price : (n,) [km/kg] dual of each customer's demand: what the last kg costs, >= 0
    potential : (N,) [km] dual of the balance at each node
    first_saving : (kinds,) [km] dual of the limit of one first segment: what another one of that
        kind would save, >= 0; 0 for kinds that are not limited
    """

    km: float
    price: FloatArray
    potential: FloatArray
    first_saving: FloatArray


@dataclass(eq=False)
class Master:
    """Minimise the km of segments and empty moves that deliver the demand.

    Demand is covered by segments or by free product. As many segments and moves start at a node
    as end there, since every vehicle comes back to its base; a first segment is driven at most
    once. `add` changes the program in place.

    Quantities are in units of the largest payload, so that the coefficients are near 1.
    """

    relaxation: Relaxation
    demand: DeliveredQuantities
    _solver: Any = field(init=False)
    _cover: dict[int, Any] = field(init=False)
    _balance: list[Any] = field(init=False)
    _once: dict[int, Any] = field(init=False)
    _unit_kg: float = field(init=False)

    def __post_init__(self) -> None:
        self._solver = pywraplp.Solver.CreateSolver("GLOP")
        self._unit_kg = max(kind.payload_kg for kind in self.relaxation.kinds)
        kg, infinity = self.demand.kg / self._unit_kg, self._solver.infinity()
        self._cover = {
            i: self._solver.Constraint(float(kg[i]), infinity) for i in np.flatnonzero(kg).tolist()
        }
        self._balance = [self._solver.Constraint(0.0, 0.0) for _ in self.relaxation.node_point]
        firsts = [number for number, kind in enumerate(self.relaxation.kinds) if kind.first]
        self._once = {number: self._solver.Constraint(-infinity, 1.0) for number in firsts}
        for (a, b), km in zip(
            self.relaxation.moves.tolist(), self.relaxation.move_km.tolist(), strict=True
        ):
            self._column(km, {}, a, b)
        self._add_free_product(kg)

    def _add_free_product(self, kg: FloatArray) -> None:
        """Variables that cover demand ``kg`` (n,) [units] without a segment, limited by product."""
        for product, pool in enumerate((self.demand.free_kg / self._unit_kg).tolist()):
            if pool > 0:
                row = self._solver.Constraint(-self._solver.infinity(), pool)
                for i in np.flatnonzero((kg > 0) & (self.demand.product == product)).tolist():
                    free = self._solver.NumVar(0.0, float(kg[i]), "")
                    self._cover[i].SetCoefficient(free, 1.0)
                    row.SetCoefficient(free, 1.0)

    def add(self, segments: Sequence[Segment]) -> None:
        """Add a column for each segment."""
        for segment in segments:
            customer = self.relaxation.kinds[segment.kind].customer
            # Added up: a segment may visit a customer again, and a second coefficient would
            # replace the first.
            brought: dict[int, float] = {}
            for visit, kg in zip(segment.visits, segment.kg, strict=True):
                if visit != BASE:
                    brought[int(customer[visit])] = brought.get(int(customer[visit]), 0.0) + kg
            column = self._column(segment.km, brought, segment.start, segment.end)
            if segment.kind in self._once:
                self._once[segment.kind].SetCoefficient(column, 1.0)

    def _column(self, km: float, brought: dict[int, float], start: int, end: int) -> Any:
        """A variable that costs ``km``, brings ``brought`` and goes from one node to another."""
        column = self._solver.NumVar(0.0, self._solver.infinity(), "")
        self._solver.Objective().SetCoefficient(column, km)
        # Customers that only first segments reach are left out of the demand and have no row.
        for customer, kg in ((i, kg) for i, kg in brought.items() if i in self._cover):
            self._cover[customer].SetCoefficient(column, kg / self._unit_kg)
        # Back at its own start both entries would be one, and the second would replace the first.
        if start != end:
            self._balance[start].SetCoefficient(column, 1.0)
            self._balance[end].SetCoefficient(column, -1.0)
        return column

    def solve(self) -> Prices | None:
        """The optimum over the columns, or None where every attempt of GLOP ends abnormally.

        There always is an optimum, since every customer has a segment of its own from the start;
        GLOP may miss it for numerical reasons.
        """
        optimal = pywraplp.Solver.OPTIMAL
        if not any(self._solver.Solve(_parameters(*each)) == optimal for each in _ATTEMPTS):
            return None
        # Duals are cut at 0 below: within its tolerance the solver may give them the wrong sign.
        price = np.zeros(len(self.demand.kg))
        for customer, row in self._cover.items():
            price[customer] = max(0.0, row.dual_value()) / self._unit_kg
        first_saving = np.zeros(len(self.relaxation.kinds))
        for number, row in self._once.items():
            first_saving[number] = max(0.0, -row.dual_value())
        return Prices(
            self._solver.Objective().Value(),
            price,
            np.array([row.dual_value() for row in self._balance]),
            first_saving,
        )


def _parameters(algorithm: int, presolve: int) -> Any:
    parameters = _P()
    parameters.SetIntegerParam(_P.LP_ALGORITHM, algorithm)
    parameters.SetIntegerParam(_P.PRESOLVE, presolve)
    return parameters
