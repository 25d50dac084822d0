"""Builds the OR-Tools model of a routing problem, with all its constraints.

A vehicle of OR-Tools is a slot. Nodes are the bases, the orders, a night twin of each order whose
customer lets a driver sleep ("serve, then sleep"), and copies of the loading sites for each
vehicle. All matrices and vectors are registered in C++; no Python is called during the search.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np
from ortools.constraint_solver import pywrapcp

from lmrs_rl.domain.arrays import FloatArray, IntArray
from lmrs_rl.routing.ortools.restriction import Restriction
from lmrs_rl.routing.problem import RoutingProblem

COST_SCALE = 1000
"""OR-Tools counts in whole numbers: thousandths of the currency."""


@dataclass(frozen=True, eq=False)
class ModelNodes:
    """The nodes of the model.

    Attributes
    ----------
    order : (N,) order number, -1 for other nodes; a night twin has its order's number
    site : (N,) loading-site number, -1 for other nodes
    vehicle : (N,) vehicle that a loading node belongs to, -1 otherwise
    point : (N,) point in the travel matrices
    service_min : (N,) [min] service, without the night of a night twin
    night : (N,) whether it is a night twin
    base : (K,) node at which each slot starts and ends
    slot_vehicle : (K,) vehicle of each slot
    """

    order: IntArray
    site: IntArray
    vehicle: IntArray
    point: IntArray
    service_min: IntArray
    night: np.ndarray[Any, np.dtype[np.bool_]]
    base: IntArray
    slot_vehicle: IntArray


@dataclass(frozen=True, eq=False)
class OrToolsModel:
    """A closed OR-Tools model with its nodes; ``routing`` owns all C++ objects, which live as long
    as this.
    """

    nodes: ModelNodes
    manager: Any
    routing: Any

    @cached_property
    def index(self) -> list[int]:
        """OR-Tools' number of each node."""
        return [self.manager.NodeToIndex(node) for node in range(len(self.nodes.point))]


def _lay_out_nodes(problem: RoutingProblem, restriction: Restriction) -> ModelNodes:
    """Number the nodes: bases, orders, night twins, loading nodes."""
    slots, m = problem.slots, problem.n_orders
    bases, base = np.unique(slots.base_point, return_inverse=True)
    twins = (
        np.flatnonzero(problem.order_overnight)
        if np.any(slots.night)
        else np.zeros(0, dtype=np.int64)
    )
    site, loader = _loading_nodes(problem, restriction)
    order = np.concatenate([np.full(len(bases), -1), np.arange(m), twins, np.full(len(site), -1)])
    night = np.zeros(len(order), dtype=bool)
    night[len(bases) + m : len(bases) + m + len(twins)] = True
    head = np.full(len(night) - len(site), -1)
    service = np.concatenate(
        [
            np.zeros(len(bases), dtype=np.int64),
            problem.order_service_min,
            problem.order_service_min[twins],
        ]
    )
    return ModelNodes(
        order=order,
        site=np.concatenate([head, site]),
        vehicle=np.concatenate([head, loader]),
        point=np.concatenate(
            [bases, problem.order_point, problem.order_point[twins], problem.site_point[site]]
        ),
        service_min=np.concatenate([service, problem.site_service_min[site, loader]]),
        night=night,
        base=base.astype(np.int64),
        slot_vehicle=slots.vehicle,
    )


def _loading_nodes(problem: RoutingProblem, restriction: Restriction) -> tuple[IntArray, IntArray]:
    """Site and vehicle of each loading node: by vehicle, then by site.

    A vehicle gets one node more at a site than the incumbent has loadings there: more of them find
    nothing further and double the time of a search. If the incumbent is empty, it gets as many as
    its slots or orders may use.
    """
    found: list[tuple[int, int]] = []
    for vehicle in np.unique(problem.slots.vehicle).tolist():
        slots = np.flatnonzero(problem.slots.vehicle == vehicle)
        may_load: list[bool] = np.any(problem.site_allowed[:, slots], axis=1).tolist()
        orders = problem.order_allowed[:, slots].any(axis=1)
        copies = min(int(orders.sum()), 1)
        if restriction.from_nothing:
            need = problem.order_need[orders, slots[0]].sum()
            copies = min(
                int(orders.sum()),
                3 * len(slots),
                len(slots) + 2 + int(np.ceil(need / problem.slots.capacity_kg[slots[0]])),
            )
        for site, loadings in enumerate(restriction.loadings[:, vehicle].tolist()):
            if may_load[site] and len(problem.site_windows[site]):
                found += [(site, vehicle)] * max(copies, loadings + 1)
    table = np.array(found, dtype=np.int64).reshape(-1, 2)
    return table[:, 0], table[:, 1]


def build_model(problem: RoutingProblem, restriction: Restriction, parameters: Any) -> OrToolsModel:
    """Build the model of the problem within the restriction and close it for ``parameters``
    (OR-Tools search parameters).
    """
    nodes = _lay_out_nodes(problem, restriction)
    base = nodes.base.tolist()
    manager = pywrapcp.RoutingIndexManager(len(nodes.point), len(problem.slots), base, base)
    routing = pywrapcp.RoutingModel(manager)
    model = OrToolsModel(nodes, manager, routing)
    _add_costs(problem, model)
    _add_time(problem, restriction, model)
    _add_driving(problem, model)
    _add_load(problem, restriction, model)
    _add_orders(problem, restriction, model)
    routing.CloseModelWithParameters(parameters)
    return model


def _add_costs(problem: RoutingProblem, model: OrToolsModel) -> None:
    """Costs of arcs and of nights."""
    slots, nodes, routing = problem.slots, model.nodes, model.routing
    km = problem.km[np.ix_(nodes.point, nodes.point)]
    # OR-Tools prices arcs, so an order's price in a slot is on the arc that leaves it. As a rule
    # the slots of a day share such prices, and with them a matrix.
    moves, move_of = _distinct_columns(problem.order_slot_cost)
    evaluators: dict[tuple[float, int], int] = {}
    for k, kind in enumerate(zip(slots.cost_per_km.tolist(), move_of.tolist(), strict=True)):
        if kind not in evaluators:
            price, column = kind
            leaving = np.where(nodes.order >= 0, moves[nodes.order, column], 0.0)
            cost = np.rint((km * price + leaving[:, None]) * COST_SCALE)
            evaluators[kind] = routing.RegisterTransitMatrix(cost.astype(np.int64).tolist())
        routing.SetArcCostEvaluatorOfVehicle(evaluators[kind], k)
    # The time of a night is priced like driving time: only what it costs beyond that is added.
    spared = slots.cost_per_min * slots.night_min
    extra = np.where(slots.night, np.maximum(slots.cost_per_night - spared, 0.0), 0.0)
    for k, cost in enumerate(extra.tolist()):
        routing.SetFixedCostOfVehicle(round(cost * COST_SCALE), k)


def _distinct_columns(table: FloatArray) -> tuple[FloatArray, IntArray]:
    """The distinct columns, and which of them each column is; all zeros, the usual case, need no
    sorting.
    """
    if not np.any(table):
        return table[:, :1], np.zeros(table.shape[1], dtype=np.int64)
    columns, which = np.unique(table, axis=1, return_inverse=True)
    return columns, which


def _add_time(problem: RoutingProblem, restriction: Restriction, model: OrToolsModel) -> None:
    """The dimension of time: travel, service, nights, windows and the price of working time."""
    slots, nodes, routing = problem.slots, model.nodes, model.routing
    travel = problem.travel_min[np.ix_(nodes.point, nodes.point)] + nodes.service_min[:, None]
    lengths = np.unique(slots.night_min).tolist()
    evaluators = {
        night: routing.RegisterTransitMatrix((travel + night * nodes.night[:, None]).tolist())
        for night in lengths
    }
    of_slot = [evaluators[night] for night in slots.night_min.tolist()]
    # The slack of this dimension is the wait before the next visit.
    routing.AddDimensionWithVehicleTransitAndCapacity(
        of_slot, slots.max_wait_min, restriction.close_min.tolist(), False, "time"
    )
    time = routing.GetDimensionOrDie("time")
    opens, lasts, prices = (
        restriction.open_min.tolist(),
        restriction.last_start_min.tolist(),
        slots.cost_per_min.tolist(),
    )
    for k, (first, last, price) in enumerate(zip(opens, lasts, prices, strict=True)):
        start, stop = time.CumulVar(routing.Start(k)), time.CumulVar(routing.End(k))
        start.SetRange(first, last)
        stop.SetMin(first)
        time.SetSpanCostCoefficientForVehicle(round(price * COST_SCALE), k)
        # As in the core: a trip ends as early as it can, then starts as late as that allows.
        routing.AddVariableMinimizedByFinalizer(stop)
        routing.AddVariableMaximizedByFinalizer(start)
    end, latest = int(restriction.close_min.max()), restriction.latest_min.tolist()
    solver = routing.solver()
    for index, order, site in zip(
        model.index, nodes.order.tolist(), nodes.site.tolist(), strict=True
    ):
        if order >= 0:
            _keep_in_windows(
                solver, time.CumulVar(index), problem.order_windows[order], min(end, latest[order])
            )
        elif site >= 0:
            _keep_in_windows(solver, time.CumulVar(index), problem.site_windows[site], end)


def _opens_by(windows: IntArray, end: int) -> bool:
    return len(windows) > 0 and int(windows[0, 0]) <= end


def _keep_in_windows(solver: Any, variable: Any, windows: IntArray, end: int) -> None:
    """Restrict a time variable to the windows up to ``end``.

    Holes between windows are a constraint: ``RemoveInterval`` takes them out of the variable minute
    by minute, which takes twenty times as long.
    """
    rows = windows.tolist()
    if not rows or rows[0][0] > end:
        return  # the node is kept out of every route in _add_orders
    variable.SetRange(rows[0][0], min(rows[-1][1], end))
    holes = [
        (close + 1, reopen - 1)
        for (_, close), (reopen, _) in pairwise(rows)
        if close + 1 < reopen and close < end
    ]
    if holes:
        solver.Add(
            solver.NotMemberCt(variable, [first for first, _ in holes], [last for _, last in holes])
        )


def _add_driving(problem: RoutingProblem, model: OrToolsModel) -> None:
    """The dimension of driving time, limited by day, and the number of nights."""
    slots, nodes, routing = problem.slots, model.nodes, model.routing
    travel = problem.travel_min[np.ix_(nodes.point, nodes.point)]
    limit = slots.max_driving_min.tolist()
    if not np.any(nodes.night):
        routing.AddDimensionWithVehicleCapacity(
            routing.RegisterTransitMatrix(travel.tolist()), 0, limit, True, "driving"
        )
        return
    # With nights the dimension counts the driving time left, which a night (as slack) raises to the
    # limit again.
    routing.AddDimensionWithVehicleCapacity(
        routing.RegisterTransitMatrix((-travel).tolist()), max(limit), limit, False, "driving"
    )
    driving = routing.GetDimensionOrDie("driving")
    for k in range(len(slots)):
        driving.CumulVar(routing.Start(k)).SetValue(limit[k])
        driving.SlackVar(routing.Start(k)).SetValue(0)
    for node in np.flatnonzero((nodes.order >= 0) | (nodes.site >= 0)).tolist():
        if not nodes.night[node]:
            driving.SlackVar(model.index[node]).SetValue(0)
    evaluator = routing.RegisterUnaryTransitVector(nodes.night.astype(int).tolist())
    routing.AddDimensionWithVehicleCapacity(
        evaluator, 0, slots.night.astype(int).tolist(), True, "nights"
    )


def _add_load(problem: RoutingProblem, restriction: Restriction, model: OrToolsModel) -> None:
    """The dimension of load, which falls by ``q_min`` at an order and rises by any amount at a
    loading site.
    """
    slots, nodes, routing = problem.slots, model.nodes, model.routing
    capacity = np.floor(slots.capacity_kg).astype(np.int64)
    evaluators: dict[int, int] = {}
    # Needs differ between slots by payload alone (see `order_need`): one vector for each payload.
    for k, kg in enumerate(capacity.tolist()):
        if kg not in evaluators:
            demand = np.where(nodes.order >= 0, -problem.order_need[nodes.order, k], 0)
            evaluators[kg] = routing.RegisterUnaryTransitVector(demand.tolist())
    of_slot = [evaluators[kg] for kg in capacity.tolist()]
    routing.AddDimensionWithVehicleTransitAndCapacity(
        of_slot, int(capacity.max()), capacity.tolist(), False, "load"
    )
    load = routing.GetDimensionOrDie("load")
    for node in np.flatnonzero(nodes.order >= 0).tolist():
        load.SlackVar(model.index[node]).SetValue(0)
    start_load = np.minimum(np.floor(restriction.start_load_kg + 1e-6).astype(np.int64), capacity)
    end_load = np.where(
        restriction.enabled,
        np.minimum(np.floor(restriction.min_end_load_kg).astype(np.int64), capacity),
        0,
    )
    for k, (first, last) in enumerate(zip(start_load.tolist(), end_load.tolist(), strict=True)):
        index = routing.Start(k)
        load.SlackVar(index).SetValue(0)
        load.CumulVar(index).SetValue(first)
        load.CumulVar(routing.End(k)).SetMin(last)


def _add_orders(problem: RoutingProblem, restriction: Restriction, model: OrToolsModel) -> None:
    """Penalties of missed orders, optional loading nodes, and the slots in which nodes may be."""
    nodes, routing, index = model.nodes, model.routing, model.index
    allowed = _slots_allowed(problem, restriction, nodes)
    twin_of = dict(
        zip(nodes.order[nodes.night].tolist(), np.flatnonzero(nodes.night).tolist(), strict=True)
    )
    penalty = np.rint(problem.order_penalty * COST_SCALE).astype(np.int64).tolist()
    for node in np.flatnonzero((nodes.order >= 0) & ~nodes.night).tolist():
        order = int(nodes.order[node])
        group = [node, twin_of[order]] if order in twin_of else [node]
        routing.AddDisjunction([index[k] for k in group], penalty[order], 1)
    for node in np.flatnonzero(nodes.site >= 0).tolist():
        routing.AddDisjunction([index[node]], 0)
    for node in np.flatnonzero((nodes.order >= 0) | (nodes.site >= 0)).tolist():
        if len(allowed[node]) < len(problem.slots):
            # -1 is the vehicle of nodes that are not visited.
            routing.VehicleVar(index[node]).SetValues([-1, *allowed[node]])


def _slots_allowed(
    problem: RoutingProblem, restriction: Restriction, nodes: ModelNodes
) -> list[list[int]]:
    """For each node the slots whose routes may visit it."""
    slots, end = problem.slots, int(restriction.close_min.max())
    orders, sites = nodes.order >= 0, nodes.site >= 0
    allowed = np.zeros((len(nodes.order), len(slots)), dtype=np.bool_)
    open_orders = np.array(
        [_opens_by(windows, end) for windows in problem.order_windows], dtype=np.bool_
    )
    open_sites = np.array(
        [_opens_by(windows, end) for windows in problem.site_windows], dtype=np.bool_
    )
    allowed[orders] = (problem.order_allowed & open_orders[:, None])[nodes.order[orders]]
    allowed[nodes.night] &= slots.night
    allowed[sites] = (problem.site_allowed & open_sites[:, None])[nodes.site[sites]] & (
        slots.vehicle == nodes.vehicle[sites][:, None]
    )
    return [row.nonzero()[0].tolist() for row in allowed & restriction.enabled]
