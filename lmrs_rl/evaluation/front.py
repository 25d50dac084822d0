"""Equal service: driving cost against stock-outs as the price of a stock-out is swept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from rich.markup import escape
from rich.table import Table

from lmrs_rl.domain import InputError
from lmrs_rl.evaluation.measure import DRIVING, STOCK
from lmrs_rl.evaluation.store import Row, write_csv
from lmrs_rl.evaluation.sweep import cost_at, pareto


@dataclass(frozen=True)
class Point:
    """A dispatcher at a price of a stock-out, over all its runs.

    Attributes
    ----------
    price : multiple of the world's
    driving : [EUR a tank-day] km, time and nights, less what the stock gained in worth, so that
        nobody lives on stock
    stockouts : tank-days in 1000
    on_front : whether no other price of the same dispatcher is better in one and no worse in the
        other
    """

    price: float
    driving: float
    stockouts: float
    on_front: bool


@dataclass(frozen=True)
class Curve:
    """A dispatcher's points in order of price; ``equal`` [EUR a tank-day] is its cost at the
    service of the one judged against, NaN out of reach.
    """

    agent: str
    points: tuple[Point, ...]
    equal: float


def curves(rows: Sequence[Row], against: str) -> tuple[Curve, ...]:
    """The curve of each dispatcher; service is made equal to that of ``against`` at the price as it
    is (the nearest to 1 swept).

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
    service = min(points[against], key=lambda point: abs(np.log(point.price))).stockouts
    return tuple(Curve(agent, points[agent], _at(points[agent], service)) for agent in agents)


def front_table(found: Sequence[Curve], against: str) -> Table:
    """Each dispatcher at each price, and at equal service."""
    table = Table(
        title="driving, EUR a tank-day (stock-outs, tank-days in 1000), by price of a stock-out; "
        "* on the dispatcher's front",
        title_justify="left",
    )
    table.add_column("")
    for point in found[0].points:
        table.add_column(f"x {point.price:g}", justify="right")
    table.add_column(f"at the service of {escape(against)}", justify="right")
    for curve in found:
        cells = (
            f"{point.driving:.2f} ({point.stockouts:.2f}){'*' if point.on_front else ' '}"
            for point in curve.points
        )
        table.add_row(
            escape(curve.agent),
            *cells,
            "not reached" if np.isnan(curve.equal) else f"{curve.equal:.2f}",
        )
    return table


def write_front(path: Path, found: Sequence[Curve]) -> None:
    """One row for each dispatcher and price."""
    write_csv(
        path,
        [
            {
                "dispatcher": curve.agent,
                "price": point.price,
                "driving": point.driving,
                "stockouts": point.stockouts,
                "on_front": int(point.on_front),
            }
            for curve in found
            for point in curve.points
        ],
    )


def _points(rows: Sequence[Row]) -> tuple[Point, ...]:
    prices = tuple(dict.fromkeys(row.cell.price for row in rows))
    sums = []
    for price in prices:
        figures = [row.figures for row in rows if row.cell.price == price]
        tank_days = sum(each["tank_days"] for each in figures)
        driving = sum(sum(each[name] for name in DRIVING) - each[STOCK] for each in figures)
        sums.append(
            (
                driving / tank_days,
                1000.0 * sum(each["stockout_tank_days"] for each in figures) / tank_days,
            )
        )
    driving_cost, stockouts = np.array(sums).T
    front = pareto(driving_cost, stockouts)
    return tuple(
        Point(*each)
        for each in zip(
            prices, driving_cost.tolist(), stockouts.tolist(), front.tolist(), strict=True
        )
    )


def _at(points: Sequence[Point], service: float) -> float:
    return cost_at(
        service,
        np.array([point.driving for point in points]),
        np.array([point.stockouts for point in points]),
    )
