"""What quantities by value buy: on given routes, and in the search, which then weighs an extra
stop against a fuller drop.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from benchmarks.routing_cases import DAYS, routing_case
from lmrs_rl.domain import Order
from lmrs_rl.domain.arrays import MINUTES_PER_DAY
from lmrs_rl.routing.core import CoreSettings, ruin_and_recreate
from lmrs_rl.routing.costs import plan_costs
from lmrs_rl.routing.problem import RoutingProblem, build_problem
from lmrs_rl.routing.quantities import set_quantities
from lmrs_rl.routing.routes import Route, Routes

LEAST_SHARE = 0.3
"""``q_min`` as a share of ``q_max`` in these cases: low enough that there is something to weigh."""

VALUE_PER_KG = 0.05
"""[currency/kg] About what a kg costs on a full truck in these cases."""

USUAL_SHARE = 0.9
"""``q_min`` as the source's example has it a day before the tank is dry: what was asked for
before kg had a value.
"""

WAYS = (
    "`q_min` at 90 % of `q_max`, filled in the order of visits",
    "blind search, filled in the order of visits",
    "blind search, filled by value",
    "search that sees the value of kg",
)


def quantity_tables(*, sizes: Sequence[int], cases: int) -> dict[str, Any]:
    """For each size and way the means over ``cases`` mornings, with and without reloading in
    turn; the core's default work.
    """
    return {
        "share": LEAST_SHARE,
        "value": VALUE_PER_KG,
        "cases": cases,
        "tables": {str(n): _means(n, cases) for n in sizes},
    }


def _means(tanks: int, cases: int) -> list[dict[str, Any]]:
    found = [_ways(tanks, k // 2, reloads=k % 2 == 1) for k in range(cases)]
    return [
        {
            "way": way,
            **{name: float(np.mean([case[way][name] for case in found])) for name in found[0][way]},
        }
        for way in WAYS
    ]


def _ways(tanks: int, seed: int, *, reloads: bool) -> dict[str, dict[str, float]]:
    """The ways on one morning, each with all costs counted."""
    network, snapshot, orders = routing_case(tanks, seed=seed, reloads=reloads)
    price = VALUE_PER_KG * np.random.default_rng([seed, tanks]).uniform(0.5, 1.5, len(orders))
    valued = tuple(_valued(order, float(each)) for order, each in zip(orders, price, strict=True))
    problem = build_problem(network, snapshot, valued, horizon_min=DAYS * MINUTES_PER_DAY)
    blind = replace(problem, order_value=np.zeros(problem.n_orders))
    high = tuple(
        replace(order, q_min_kg=USUAL_SHARE * order.q_max_kg, value_per_kg=0.0) for order in valued
    )
    usual = build_problem(network, snapshot, high, horizon_min=DAYS * MINUTES_PER_DAY)
    nearly_full = ruin_and_recreate(usual, CoreSettings(), seed)
    without, with_value = (
        ruin_and_recreate(each, CoreSettings(), seed) for each in (blind, problem)
    )
    return {
        WAYS[0]: _figures(problem, nearly_full, usual),
        WAYS[1]: _figures(problem, without, blind),
        WAYS[2]: _figures(problem, without, problem),
        WAYS[3]: _figures(problem, with_value, problem),
    }


def _valued(order: Order, price: float) -> Order:
    """The order with a low ``q_min`` and a value of its kg, which is in the penalty, too, as the
    order rules have it.
    """
    return replace(
        order,
        q_min_kg=LEAST_SHARE * order.q_max_kg,
        value_per_kg=price,
        penalty=order.penalty + price * order.q_max_kg,
    )


def _figures(
    problem: RoutingProblem, routes: tuple[Route, ...], filling: RoutingProblem
) -> dict[str, float]:
    """Costs of the routes with the quantities that ``filling`` sets."""
    kg = set_quantities(filling, Routes(routes))
    drops = [
        (v.order, x)
        for route, amounts in zip(routes, kg, strict=True)
        for v, x in zip(route.visits, amounts, strict=True)
        if v.order >= 0
    ]
    lacking = sum(problem.order_value[k] * max(problem.order_q_max[k] - x, 0.0) for k, x in drops)
    costs, dropped = plan_costs(problem, routes), sum(x for _, x in drops)
    return {
        "objective": costs.total + float(lacking),
        "trips": costs.total - costs.missed,
        "missed": costs.missed,
        "lacking": float(lacking),
        "stops": float(len(drops)),
        "kg": float(dropped),
        "cents_per_kg": 100 * (costs.total - costs.missed) / max(float(dropped), 1.0),
    }


def quantity_lines(part: dict[str, Any]) -> list[str]:
    """The tables as Markdown."""
    lines = [
        f"{part['cases']} generated mornings a size, `q_min` at {part['share']:.0%} of `q_max` "
        f"where nothing else is said, "
        f"kg worth {part['value']:g} each on average, the core's default work.",
        "",
        "| tanks | quantities | objective | trips | penalties of misses | value of kg that drops "
        "lack | stops | kg | trips, cents a kg |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for tanks, rows in part["tables"].items():
        for r in rows:
            figures = " | ".join(
                f"{r[name]:,.0f}"
                for name in ("objective", "trips", "missed", "lacking", "stops", "kg")
            )
            lines.append(f"| {tanks} | {r['way']} | {figures} | {r['cents_per_kg']:.2f} |")
    return lines
