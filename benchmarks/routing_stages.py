"""What each stage of the router buys on generated mornings and on those of a rolling horizon,
for each preset.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from time import process_time
from typing import Any

import numpy as np

from benchmarks.routing_cases import routing_case
from benchmarks.routing_engines import or_tools
from lmrs_rl.dispatchers import FixedDispatcher, FixedParameters
from lmrs_rl.domain import Network, Order, Plan, Snapshot
from lmrs_rl.domain.arrays import HOURS_PER_DAY, MINUTES_PER_DAY
from lmrs_rl.domain.shipped import shipped_world
from lmrs_rl.forecast import WeekdayQuantiles
from lmrs_rl.routing import OrToolsRouter, RouterSettings
from lmrs_rl.routing.core import CoreSettings
from lmrs_rl.routing.costs import objective
from lmrs_rl.routing.problem import RoutingProblem, build_problem
from lmrs_rl.routing.router import PRESETS, search_routes, warm_start
from lmrs_rl.routing.routes import Route
from lmrs_rl.simulation import OrderPlanner, World, run
from lmrs_rl.worlds.generated import read_scenario

INSERTION = CoreSettings(iterations=0, iterations_per_order=0)
FIRST_NET_S = 60.0
"""[s] Where a first solution of OR-Tools is stopped."""


@dataclass(frozen=True, eq=False)
class RoutingMorning:
    """What a router is asked on a morning, and the plan of the morning before if there is one."""

    network: Network
    snapshot: Snapshot
    orders: tuple[Order, ...]
    before: Plan | None

    def problem(self) -> RoutingProblem:
        return build_problem(
            self.network,
            self.snapshot,
            self.orders,
            horizon_min=RouterSettings().horizon_days * MINUTES_PER_DAY,
        )


Stage = Callable[[RoutingProblem, Plan | None], tuple[Route, ...]]
"""From a problem and the plan of the morning before to routes."""


class Recorder:
    """A router that keeps what it is asked and answers as another does."""

    def __init__(self, router: OrToolsRouter) -> None:
        self.router, self.mornings = router, list[RoutingMorning]()

    def __call__(self, network: Network, snapshot: Snapshot, orders: Sequence[Order]) -> Plan:
        self.mornings.append(
            RoutingMorning(network, snapshot, tuple(orders), self.router.previous_plan)
        )
        return self.router(network, snapshot, orders)

    def following(self, before: Plan) -> Recorder:
        self.router = self.router.following(before)
        return self


def generated_mornings(tanks: int, count: int) -> list[RoutingMorning]:
    """Cases without and with reloading in turn; there is no plan before them."""
    return [
        RoutingMorning(*routing_case(tanks, seed=k // 2, reloads=k % 2 == 1), None)
        for k in range(count)
    ]


def rolling_mornings(world: str, count: int) -> list[RoutingMorning]:
    """The mornings of a run of a shipped world by the preset "plan", but the first, which has no
    plan before it.
    """
    found = read_scenario(shipped_world(world))
    days = replace(found.days, use_kg=found.days.use_kg[: (count + 1) * HOURS_PER_DAY])
    recorder = Recorder(OrToolsRouter())
    rolling = World.of_days(found.network, days, WeekdayQuantiles())
    run(rolling, OrderPlanner(FixedDispatcher(FixedParameters()), recorder))
    return recorder.mornings[1:]


def stages(names: Sequence[str]) -> dict[str, Stage]:
    """The stages alone and joined, under names for the table."""

    def first(problem: RoutingProblem, _: Plan | None) -> tuple[Route, ...]:
        return or_tools(problem, (), "first", process_time() + FIRST_NET_S)

    result: dict[str, Stage] = {
        "OR-Tools, first solution": first,
        "insertion": _stage(RouterSettings(core=INSERTION, search=None)),
    }
    result["OR-Tools alone"] = _stage(RouterSettings(core=None, from_previous=False))
    for name in names:
        settings = PRESETS[name]
        result[f"{name}: core"] = _stage(replace(settings, search=None, from_previous=False))
        result[f"{name}: core + OR-Tools"] = _stage(replace(settings, from_previous=False))
        result[f"{name}: yesterday + core + OR-Tools"] = _stage(
            replace(settings, from_previous=True)
        )
    return result


def _stage(settings: RouterSettings) -> Stage:
    return lambda problem, before: (
        search_routes(problem, settings, warm_start(problem, settings, before)).routes
    )


def measured(mornings: list[RoutingMorning], table: dict[str, Stage]) -> list[dict[str, Any]]:
    """For each stage the mean gap [%] to the best of all of them on the same morning, and the
    median CPU ms from problem to routes.
    """
    cost, milliseconds = (
        np.zeros((len(table), len(mornings))),
        np.zeros((len(table), len(mornings))),
    )
    for j, morning in enumerate(mornings):
        problem = morning.problem()
        for k, stage in enumerate(table.values()):
            started = process_time()
            routes = stage(problem, morning.before)
            milliseconds[k, j] = 1000 * (process_time() - started)
            cost[k, j] = objective(problem, routes)
    gap = 100 * (cost / np.maximum(cost.min(axis=0), 1e-9) - 1)
    return [
        {
            "stage": name,
            "mean_gap": float(gap[k].mean()),
            "mean_cost": float(cost[k].mean()),
            "median_cpu_ms": float(np.median(milliseconds[k])),
        }
        for k, name in enumerate(table)
    ]


def stage_tables(
    *, sizes: Sequence[int], cases: int, world: str, days: int, presets: Sequence[str]
) -> dict[str, Any]:
    """A table for each size of generated cases, and one for the mornings of a shipped world;
    ``presets`` are named in all of them.
    """
    table = stages(presets)
    warm = generated_mornings(10, 2)
    measured(warm, table)
    alone = {name: stage for name, stage in table.items() if "yesterday" not in name}
    result = {
        f"{n} tanks, {cases} generated mornings": measured(generated_mornings(n, cases), alone)
        for n in sizes
    }
    return {
        "tables": {
            **result,
            f"{world}, {days} mornings of a rolling horizon": measured(
                rolling_mornings(world, days), table
            ),
        }
    }


def stage_lines(part: dict[str, Any]) -> list[str]:
    """The tables as Markdown, side by side: one line a stage."""
    tables: dict[str, list[dict[str, Any]]] = part["tables"]
    names = list(dict.fromkeys(row["stage"] for rows in tables.values() for row in rows))
    lines = ["| stage | " + " | ".join(tables) + " |", "|---|" + "---|" * len(tables)]
    for name in names:
        cells = [
            next((_cell(row) for row in rows if row["stage"] == name), "–")
            for rows in tables.values()
        ]
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return [
        *lines,
        "",
        "Mean gap to the best of the column's stages on the same morning; median CPU time from "
        "problem to routes.",
    ]


def _cell(row: dict[str, Any]) -> str:
    return f"{row['mean_gap']:.2f} % ({row['median_cpu_ms']:.3g} ms)"
