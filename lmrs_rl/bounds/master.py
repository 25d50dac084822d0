"""The restricted master: the linear program over the runs found so far, solved with OR-Tools'
GLOP.
"""

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
WAYS = (
    (_P.PRIMAL, _P.PRESOLVE_ON),
    (_P.DUAL, _P.PRESOLVE_ON),
    (_P.DUAL, _P.PRESOLVE_OFF),
    (_P.PRIMAL, _P.PRESOLVE_OFF),
)
"""Simplex algorithm and presolve, in the order tried: GLOP now and then ends abnormally with one
of them.
"""


@dataclass(frozen=True, eq=False)
class Prices:
    """A solution of the master.

    Attributes
    ----------
    km : [km] its value
    price : (n,) [km/kg] what the last kg to each customer costs, >= 0
    potential : (N,) [km] of each node
    worth : (kinds,) [km] what another first run of that kind would save, >= 0; 0 for kinds that are
        not limited
    """

    km: float
    price: FloatArray
    potential: FloatArray
    worth: FloatArray


@dataclass(eq=False)
class Master:
    """Minimise the km of runs and moves, such that customers get what they got, by runs or from
    what was on board at the start.

    As many runs and moves start at a node as end there: every vehicle comes back to its base. A
    first run is driven once at most. Changed in place by `add`.
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
        for product, pool in enumerate((self.demand.free_kg / self._unit_kg).tolist()):
            if pool > 0:
                row = self._solver.Constraint(-infinity, pool)
                for i in np.flatnonzero((kg > 0) & (self.demand.product == product)).tolist():
                    free = self._solver.NumVar(0.0, float(kg[i]), "")
                    self._cover[i].SetCoefficient(free, 1.0)
                    row.SetCoefficient(free, 1.0)

    def add(self, runs: Sequence[Segment]) -> None:
        """New columns."""
        for run in runs:
            customer = self.relaxation.kinds[run.kind].customer
            brought: dict[int, float] = {}
            for visit, kg in zip(run.visits, run.kg, strict=True):
                if visit != BASE:
                    brought[int(customer[visit])] = brought.get(int(customer[visit]), 0.0) + kg
            column = self._column(run.km, brought, run.start, run.end)
            if run.kind in self._once:
                self._once[run.kind].SetCoefficient(column, 1.0)

    def _column(self, km: float, brought: dict[int, float], start: int, end: int) -> Any:
        column = self._solver.NumVar(0.0, self._solver.infinity(), "")
        self._solver.Objective().SetCoefficient(column, km)
        for customer, kg in ((i, kg) for i, kg in brought.items() if i in self._cover):
            self._cover[customer].SetCoefficient(column, kg / self._unit_kg)
        if start != end:
            self._balance[start].SetCoefficient(column, 1.0)
            self._balance[end].SetCoefficient(column, -1.0)
        return column

    def solve(self) -> Prices | None:
        """The optimum over the columns; None where GLOP, for reasons of numerics, finds it in none
        of the ways tried.

        There always is one: every customer has a run of its own from the start.
        """
        if not any(self._solver.Solve(_way(*way)) == pywraplp.Solver.OPTIMAL for way in WAYS):
            return None
        price = np.zeros(len(self.demand.kg))
        for customer, row in self._cover.items():
            price[customer] = max(0.0, row.dual_value()) / self._unit_kg
        worth = np.zeros(len(self.relaxation.kinds))
        for number, row in self._once.items():
            worth[number] = max(0.0, -row.dual_value())
        return Prices(
            self._solver.Objective().Value(),
            price,
            np.array([row.dual_value() for row in self._balance]),
            worth,
        )


def _way(algorithm: int, presolve: int) -> Any:
    parameters = _P()
    parameters.SetIntegerParam(_P.LP_ALGORITHM, algorithm)
    parameters.SetIntegerParam(_P.PRESOLVE, presolve)
    return parameters
