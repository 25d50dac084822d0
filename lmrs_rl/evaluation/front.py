"""Driving cost against stock-outs at several costs of a stock-out, and cost at equal service."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from rich.markup import escape
from rich.table import Table

from lmrs_rl.domain import InputError
from lmrs_rl.evaluation.measure import DRIVING_COSTS, INVENTORY_CHANGE
from lmrs_rl.evaluation.store import Row, write_csv
from lmrs_rl.evaluation.sweep import cost_at, pareto


@dataclass(frozen=True)
class Point:
    """A dispatcher at one cost of a stock-out, over all its runs.

    Attributes
    ----------
    stockout_cost_factor : factor on the world's cost of a stock-out
    driving : [EUR a tank-day] cost of km, time and nights, net of the change in inventory value, so
        that draining stock is not rewarded
    stockouts : tank-days with a stock-out, in 1000
    on_front : whether the point is on the Pareto front of the dispatcher's points
    """

    stockout_cost_factor: float
    driving: float
    stockouts: float
    on_front: bool


@dataclass(frozen=True)
class Curve:
    """The points of a dispatcher.

    Attributes
    ----------
    agent : name of the dispatcher
    points : in the order of the factors of the grid
    cost_at_equal_service : [EUR a tank-day] driving cost at the reference's number of stock-outs,
        NaN where the curve does not reach it
    """

    agent: str
    points: tuple[Point, ...]
    cost_at_equal_service: float


def curves(rows: Sequence[Row], against: str) -> tuple[Curve, ...]:
    """The curve of each dispatcher.

    Equal service is the number of stock-outs of ``against`` at the world's own cost of a stock-out
    (at the factor nearest to 1 in the sweep).

    Raises
    ------
    InputError
        Where ``against`` has no runs.
    """
    agents = tuple(dict.fromkeys(row.cell.agent for row in rows))
    if against not in agents:
        raise InputError(
            "against",
            repr(against),
            f"one of {', '.join(agents)}",
            "compare with a dispatcher that takes part",
        )
    points = {agent: _points([row for row in rows if row.cell.agent == agent]) for agent in agents}
    # By logarithm, since factors are ratios: 0.5 is as far from 1 as 2 is.
    own = min(points[against], key=lambda point: abs(np.log(point.stockout_cost_factor)))
    return tuple(
        Curve(agent, points[agent], _cost_at(points[agent], own.stockouts)) for agent in agents
    )


def front_table(found: Sequence[Curve], against: str) -> Table:
    """Each dispatcher at each cost of a stock-out, and at equal service, as a table."""
    table = Table(
        title="driving, EUR a tank-day (stock-outs, tank-days in 1000), by factor on the cost of a "
        "stock-out; * on the dispatcher's front",
        title_justify="left",
    )
    table.add_column("")
    for point in found[0].points:
        table.add_column(f"x {point.stockout_cost_factor:g}", justify="right")
    table.add_column(f"at the service of {escape(against)}", justify="right")
    for curve in found:
        cells = (
            f"{point.driving:.2f} ({point.stockouts:.2f}){'*' if point.on_front else ' '}"
            for point in curve.points
        )
        equal = curve.cost_at_equal_service
        table.add_row(
            escape(curve.agent), *cells, "not reached" if np.isnan(equal) else f"{equal:.2f}"
        )
    return table


def write_front(path: Path, found: Sequence[Curve]) -> None:
    """Write the curves as CSV: one row for each dispatcher and cost of a stock-out."""
    write_csv(
        path,
        [
            {
                "dispatcher": curve.agent,
                "stockout_cost_factor": point.stockout_cost_factor,
                "driving": point.driving,
                "stockouts": point.stockouts,
                "on_front": int(point.on_front),
            }
            for curve in found
            for point in curve.points
        ],
    )


def _points(rows: Sequence[Row]) -> tuple[Point, ...]:
    factors = tuple(dict.fromkeys(row.cell.stockout_cost_factor for row in rows))
    sums = []
    for factor in factors:
        figures = [row.figures for row in rows if row.cell.stockout_cost_factor == factor]
        tank_days = sum(each["tank_days"] for each in figures)
        driving = sum(
            sum(each[name] for name in DRIVING_COSTS) - each[INVENTORY_CHANGE] for each in figures
        )
        dry = 1000.0 * sum(each["stockout_tank_days"] for each in figures) / tank_days
        sums.append((driving / tank_days, dry))
    driving_cost, stockouts = np.array(sums).T
    front = pareto(driving_cost, stockouts)
    columns = (factors, driving_cost.tolist(), stockouts.tolist(), front.tolist())
    return tuple(Point(*each) for each in zip(*columns, strict=True))


def _cost_at(points: Sequence[Point], service: float) -> float:
    return cost_at(
        service,
        np.array([point.driving for point in points]),
        np.array([point.stockouts for point in points]),
    )
