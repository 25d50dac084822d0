r"""Our routing engines beside OR-Tools alone and PyVRP, on generated cases, plans checked by the
referee.

    python -m benchmarks.routing [--quick] [--sizes 25 50] [--variants single reload] \
        [--instances 5] [--budgets 0.1 1 10] [--seeds 1] [--engines NAME ...] [--long 60] \
        [--few ENGINE BUDGET COUNT ...] [--resume] \
        [--parts quality stages quantities train memory compile] [--output benchmarks/routing]

Cases come from `benchmarks.routing_cases`: PyVRP states them exactly. Budgets are CPU seconds
of one thread. Every plan is costed by one evaluator (trips and penalties of missed orders). The
best known cost of a case is the least of this run and of the results file, over all engines.
Results go to ``OUTPUT.json`` and ``OUTPUT.md``; parts that are not run are kept as they are there.
Rows are written as each case ends; with ``--resume`` an interrupted run takes over those that are
there (from this code: do not resume what another version began) and goes on. ``--few`` runs an
engine at a budget on the first instances only; the table says so.
"""

from __future__ import annotations

import argparse
import datetime
import hashlib
import json
import os
import platform
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.routing_cases import DAYS, routing_case
from benchmarks.routing_elsewhere import bars_elsewhere
from benchmarks.routing_engines import (
    BUDGETED,
    ENDS_BY_ITSELF,
    MOST_FOR_OR_TOOLS,
    NET_S,
    Answer,
    chosen,
    core,
)
from benchmarks.routing_quantities import quantity_lines, quantity_tables
from benchmarks.routing_report import VARIANTS, Row, bars, beside_peer_lines, gaps_table, with_gaps
from benchmarks.routing_stages import stage_lines, stage_tables
from benchmarks.routing_training import (
    TRAIN,
    compiling,
    lines,
    memory,
    training_bars,
    training_plans,
)
from lmrs_rl.domain import CallInOrders, Days, Network, Order, Snapshot
from lmrs_rl.domain.arrays import HOURS_PER_DAY, MINUTES_PER_DAY
from lmrs_rl.domain.files import write_text_atomically
from lmrs_rl.referee import judge
from lmrs_rl.routing.costs import objective
from lmrs_rl.routing.problem import RoutingProblem, build_problem
from lmrs_rl.routing.quantities import set_quantities
from lmrs_rl.routing.router import plan_of_routes
from lmrs_rl.routing.routes import Route, Routes

HERE = Path(__file__).parent
PARTS = ("quality", "stages", "quantities", "train", "memory", "compile")
SEED_STEP = 100
"""Between the engines' seeds on a case."""
LONG_ENGINES = ("ruin and recreate", "PyVRP")


@dataclass(frozen=True, eq=False)
class Case:
    """A generated morning and its problem."""

    name: str
    tanks: int
    variant: str
    seed: int
    network: Network
    snapshot: Snapshot
    orders: tuple[Order, ...]
    problem: RoutingProblem


def make_case(tanks: int, variant: str, seed: int) -> Case:
    """The case with this name, compiled."""
    network, snapshot, orders = routing_case(tanks, seed=seed, reloads=variant == "reload")
    problem = build_problem(network, snapshot, orders, horizon_min=DAYS * MINUTES_PER_DAY)
    return Case(
        f"{variant}-{tanks}-{seed}", tanks, variant, seed, network, snapshot, orders, problem
    )


def fingerprint(problem: RoutingProblem) -> str:
    """Changes when what is asked for does; a best known cost belongs to it."""
    s = problem.slots
    arrays: list[NDArray[Any]] = [
        problem.km,
        problem.travel_min,
        problem.order_point,
        problem.order_need,
        problem.order_penalty,
        problem.order_service_min,
    ]
    arrays += [
        problem.order_allowed,
        *problem.order_windows,
        problem.site_point,
        s.open_min,
        s.close_min,
        s.capacity_kg,
        s.cost_per_km,
        s.cost_per_min,
    ]
    digest = hashlib.sha256()
    for array in arrays:
        digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()[:16]


def broken_rules(case: Case, routes: tuple[Route, ...]) -> list[str]:
    """What the referee says of the routes as a plan, and orders served twice or outside their
    windows.
    """
    plan = plan_of_routes(
        case.problem, Routes(routes), set_quantities(case.problem, Routes(routes))
    )
    hours = HOURS_PER_DAY * (DAYS + 2)
    days = Days(
        case.name, case.snapshot, np.zeros((hours, case.network.n_tanks)), CallInOrders.none()
    )
    result = [str(violation) for violation in judge(case.network, days, plan.trips).operating]
    drops = [visit for route in routes for visit in route.visits if visit.order >= 0]
    result += [
        f"order {order} served {times} times"
        for order, times in Counter(d.order for d in drops).items()
        if times > 1
    ]
    for drop in drops:
        windows = case.problem.order_windows[drop.order]
        if not np.any((windows[:, 0] <= drop.arrival_min) & (drop.arrival_min <= windows[:, 1])):
            result.append(
                f"order {drop.order} served at {drop.arrival_min}, outside {windows.tolist()}"
            )
    return result


def row(case: Case, engine: str, budget_s: float | None, answer: Answer, draw: int = 0) -> Row:
    """A line of the results; ``draw`` numbers the runs of an engine on a case."""
    broken = broken_rules(case, answer.routes)
    return {
        "case": case.name,
        "tanks": case.tanks,
        "variant": case.variant,
        "seed": case.seed,
        "orders": case.problem.n_orders,
        "truck_days": len(case.problem.slots),
        "engine": engine,
        "budget_s": budget_s,
        "draw": draw,
        "fingerprint": fingerprint(case.problem),
        "cost": round(objective(case.problem, answer.routes), 2),
        "served": sum(visit.order >= 0 for route in answer.routes for visit in route.visits),
        "loadings": sum(visit.site >= 0 for route in answer.routes for visit in route.visits),
        "iterations": answer.iterations,
        "wall_s": round(answer.wall_s, 4),
        "cpu_s": round(answer.cpu_s, 4),
        "broken": len(broken),
        "first_broken": broken[0] if broken else None,
    }


Job = tuple[str, float | None, int]
"""Engine, budget [CPU s], draw."""


def jobs_of(case: Case, args: argparse.Namespace) -> list[Job]:
    """What is run on a case; engines that do not draw at random run once, and those of ``--few``
    on the first instances only.
    """
    jobs: list[Job] = [(name, None, 0) for name in chosen(args.engines, ENDS_BY_ITSELF)]
    budgeted = chosen(args.engines, BUDGETED)
    for budget in args.budgets:
        jobs += [
            (name, budget, k)
            for name in budgeted
            for k in range(1 if name.startswith("OR-Tools") else args.seeds)
        ]
    if args.long > 0:
        jobs += [(name, args.long, 0) for name in budgeted if name in LONG_ENGINES]
    most = {(name, float(budget)): int(count) for name, budget, count in args.few}
    return [job for job in jobs if case.seed < most.get((job[0], job[1] or 0.0), case.seed + 1)]


def run_case(case: Case, args: argparse.Namespace, done: dict[Job, Row]) -> list[Row]:
    """The rows ``done`` and those of all engines that are not among them."""
    engines = ENDS_BY_ITSELF | BUDGETED
    rows = list(done.values())
    for name, budget, k in jobs_of(case, args):
        if (name, budget, k) in done:
            continue
        answer = engines[name](
            case.problem, NET_S if budget is None else budget, case.seed + SEED_STEP * k
        )
        r = row(case, name, budget, answer, k)
        rows.append(r)
        print(
            f"{case.name:16} {name:30} {budget or '-':>5} cost {r['cost']:10.2f} served "
            f"{r['served']:3}/{r['orders']:<3} {r['cpu_s']:7.3f} s",
            flush=True,
        )
    return rows


def rows_done(path: Path) -> dict[str, dict[Job, Row]]:
    """The rows in ``path`` for each fingerprint of a problem."""
    found: dict[str, dict[Job, Row]] = {}
    for r in (
        json.loads(path.read_text(encoding="utf-8")).get("quality", {}).get("rows", [])
        if path.exists()
        else []
    ):
        found.setdefault(r["fingerprint"], {})[r["engine"], r["budget_s"], r["draw"]] = r
    return found


def quality(args: argparse.Namespace, made: dict[str, Any]) -> dict[str, Any]:
    """Rows of every case with gaps, and the best known costs; written as each case ends."""
    compile_s, path = warm_up(), args.output.with_suffix(".json")
    done = rows_done(path) if args.resume else {}
    cases = [
        (tanks, variant, seed)
        for tanks in args.sizes
        for seed in range(args.instances)
        for variant in args.variants
    ]
    rows = [r for each in done.values() for r in each.values()]
    prints: dict[str, str] = {r["case"]: r["fingerprint"] for r in rows}
    part: dict[str, Any] = {}
    for each in cases:
        case = make_case(*each)
        prints[case.name] = fingerprint(case.problem)
        rows = [r for r in rows if r["case"] != case.name] + run_case(
            case, args, done.get(prints[case.name], {})
        )
        known = best_known(rows, prints, path)
        part = {
            "about": made,
            "compile_s": compile_s,
            "rows": with_gaps(rows, {n: b["cost"] for n, b in known.items()}),
            "best": known,
        }
        write_results(path, {"quality": part})
    return part


def write_results(path: Path, parts: dict[str, Any]) -> dict[str, Any]:
    """Put ``parts`` into the results file beside what is there; the whole is returned."""
    result: dict[str, Any] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    result.update(parts)
    write_text_atomically(path, json.dumps(result, indent=1) + "\n")
    return result


def warm_up() -> float:
    """Compile the core or load it from its cache; the wall seconds that took."""
    started = perf_counter()
    for variant in VARIANTS:
        core(make_case(10, variant, 0).problem, 0.02, 0)
    return perf_counter() - started


def best_known(rows: list[Row], prints: dict[str, str], path: Path) -> dict[str, Row]:
    """For each case the cheapest legal plan of these rows and of the results in ``path``."""
    old: dict[str, Row] = (
        json.loads(path.read_text()).get("quality", {}).get("best", {}) if path.exists() else {}
    )
    best = {
        name: each
        for name, each in old.items()
        if prints.get(name, each["fingerprint"]) == each["fingerprint"]
    }
    for r in rows:
        name = r["case"]
        if not r["broken"] and (name not in best or r["cost"] < best[name]["cost"]):
            best[name] = {
                "cost": r["cost"],
                "engine": r["engine"],
                "budget_s": r["budget_s"],
                "fingerprint": prints[name],
            }
    return best


def report(result: dict[str, Any]) -> str:
    """The results as Markdown."""
    text = ["# Routing beside its peers", ""]
    if "quality" in result:
        text += quality_lines(result["quality"])
    if "stages" in result:
        text += [
            "## Stages and presets",
            "",
            _made(result["stages"]),
            "",
            *stage_lines(result["stages"]),
            "",
        ]
    if "quantities" in result:
        text += [
            "## Quantities",
            "",
            _made(result["quantities"]),
            "",
            *quantity_lines(result["quantities"]),
            "",
        ]
    if others := [part for part in PARTS[3:] if part in result]:
        text += [
            "## In training",
            "",
            *(_made(result[part]) for part in others[:1]),
            "",
            *lines(result),
            "",
        ]
    text += [
        "## Bars",
        "",
        bars(
            result.get("quality", {}).get("rows", []), [*training_bars(result), *bars_elsewhere()]
        ),
        "",
    ]
    return "\n".join(text)


def quality_lines(part: dict[str, Any]) -> list[str]:
    """Tables and bars of the plans."""
    rows = part["rows"]
    instances = max(
        len({r["seed"] for r in rows if (r["variant"], r["tanks"]) == cell})
        for cell in {(r["variant"], r["tanks"]) for r in rows}
    )
    load = np.mean([r["wall_s"] / max(r["cpu_s"], 1e-3) for r in rows])
    text = [
        _made(part),
        "",
        f"Mean gap to the best known plan over {instances} instances a size, and median CPU "
        f"seconds of one thread, building and reading back "
        "included. n tanks have n / 2.5 orders. The pipeline leaves OR-Tools out where it would "
        "need more than "
        f"{MOST_FOR_OR_TOOLS:.0%} of the budget. Iterations are calibrated beforehand; the core's "
        f"code was compiled or loaded in "
        f"{part['compile_s']:.1f} s. Wall time over CPU time: {load:.2f}. Rules broken: "
        f"{sum(r['broken'] for r in rows)}.",
        "",
    ]
    for variant in VARIANTS:
        text += (
            [f"## {variant}", "", gaps_table(rows, variant), ""]
            if any(r["variant"] == variant for r in rows)
            else []
        )
    return [*text, *beside_peer_lines(rows), ""]


def _made(part: dict[str, Any]) -> str:
    about = part["about"]
    return (
        f"{about['date']}, `{about['command']}`, {about['machine']}, "
        + ", ".join(f"{k} {v}" for k, v in about["versions"].items())
        + "."
    )


def about(command: str) -> dict[str, Any]:
    """When, where and with what."""
    peers = ("lmrs-rl", "ortools", "numpy", "numba", *(["pyvrp"] if find_spec("pyvrp") else []))
    return {
        "date": datetime.date.today().isoformat(),
        "command": command,
        "machine": f"{os.cpu_count()} cores, {platform.machine()}",
        "versions": {
            "python": platform.python_version(),
            **{name: version(name) for name in peers},
        },
    }


def arguments(argv: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sizes", nargs="+", type=int, default=[25, 50, 100, 200, 500])
    parser.add_argument("--variants", nargs="+", choices=VARIANTS, default=list(VARIANTS))
    parser.add_argument(
        "--instances",
        type=int,
        default=5,
        help="seeds 0 to this less one; a case's seed is the engines' too",
    )
    parser.add_argument(
        "--budgets", nargs="+", type=float, default=[0.1, 1.0, 10.0], help="CPU seconds"
    )
    parser.add_argument(
        "--seeds",
        type=int,
        default=1,
        help="runs of each engine that draws at random, per case and budget",
    )
    parser.add_argument("--engines", nargs="+", default=list(ENDS_BY_ITSELF | BUDGETED))
    parser.add_argument(
        "--long",
        type=float,
        default=0.0,
        help="CPU seconds of one more run of the best engines, for the best known plans",
    )
    few_help = (
        "run ENGINE at BUDGET (0: engines that end by themselves) on the first COUNT instances of "
        "a size only"
    )
    parser.add_argument(
        "--few",
        nargs=3,
        action="append",
        default=[],
        metavar=("ENGINE", "BUDGET", "COUNT"),
        help=few_help,
    )
    parser.add_argument(
        "--resume",
        action="store_true",
        help="keep the rows of the results file and run what is missing",
    )
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=["quality"])
    parser.add_argument("--quick", action="store_true", help="25 and 50 tanks, 2 instances, 0.1 s")
    parser.add_argument(
        "--output", type=Path, default=HERE / "routing", help="path of the results without suffix"
    )
    args = parser.parse_args(argv)
    if args.quick:
        args.sizes, args.instances, args.budgets = [25, 50], 2, [0.1]
    return args


def main(argv: list[str] | None = None) -> None:
    args = arguments(argv)
    path = args.output.with_suffix(".json")
    path.parent.mkdir(parents=True, exist_ok=True)  # now rather than after the first part
    made = about("python -m benchmarks.routing " + " ".join(sys.argv[1:] if argv is None else argv))
    parts: dict[str, Callable[[], dict[str, Any]]] = {
        "quality": lambda: quality(args, made),
        "stages": lambda: stages_part(args.quick),
        "quantities": lambda: quantity_tables(
            sizes=[40] if args.quick else [40, 100], cases=2 if args.quick else 12
        ),
        "train": lambda: training_plans(TRAIN, cases=10 if args.quick else 100, best_s=0.3),
        "memory": lambda: memory(TRAIN, plans=300 if args.quick else 5000),
        "compile": compiling,
    }
    for name in args.parts:
        write_results(path, {name: {"about": made, **parts[name]()}})
    text = report(write_results(path, {}))
    write_text_atomically(args.output.with_suffix(".md"), text)
    print(text)


def stages_part(quick: bool) -> dict[str, Any]:
    """Stage by stage; ``quick`` is small."""
    if quick:
        return stage_tables(sizes=[40], cases=4, world="demo", days=3, presets=["train"])
    return stage_tables(
        sizes=[40, 100, 250], cases=10, world="demo", days=20, presets=["train", "plan", "best"]
    )


if __name__ == "__main__":
    main()
