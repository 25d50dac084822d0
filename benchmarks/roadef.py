r"""The rolling five-day LMRS on the Air Liquide instances, judged by the referee beside published
results.

    python benchmarks/roadef.py [--instances V_1.3 V_1.9] \
        [--data ../shared/data/roadef2016] [--parameters FILE.toml] [--jobs 2]

Every instance is run to its end with one set of parameters. Results go to
``benchmarks/roadef.json`` and ``benchmarks/roadef.md``. The published plans knew the whole horizon;
the rolling planner sees five days of orders.
"""

from __future__ import annotations

import argparse
import datetime
import json
import multiprocessing
import platform
from collections import Counter
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np

from lmrs_rl.dispatchers import FixedDispatcher, FixedParameters
from lmrs_rl.domain.files import write_text_atomically
from lmrs_rl.forecast import KnownUse
from lmrs_rl.formats.roadef import read_instance
from lmrs_rl.referee import judge
from lmrs_rl.routing import OrToolsRouter, RouterSettings
from lmrs_rl.simulation import DayOutcome, OrderPlanner, World
from lmrs_rl.simulation import run as simulated

HERE = Path(__file__).parent
# Best published LR and LR of the plan in shared/data, from shared/reference/roadef2016.md.
PUBLISHED = {
    "V_1.1": (0.027466, 0.0315234),
    "V_1.2": (0.027304, 0.0297650),
    "V_1.3": (0.013279, 0.0365936),
    "V_1.4": (0.015495, 0.0381067),
    "V_1.5": (0.011877, 0.0185448),
    "V_1.6": (0.012812, 0.0237621),
    "V_1.7": (0.012890, 0.0521220),
    "V_1.8": (0.007756, 0.0154793),
    "V_1.9": (0.015279, 0.0264260),
    "V_1.10": (0.018941, 0.0404538),
    "V_1.11": (0.028666, 0.0614613),
    "V2.15": (0.024993, 0.0318059),
    "V2.17": (0.032130, 0.0420996),
}


def run(job: tuple[str, Path, FixedParameters, RouterSettings]) -> dict[str, Any]:
    """One instance from the first to the last day."""
    name, data, parameters, settings = job
    path = next(
        p for p in (data / "instances").glob("*.xml") if p.stem.removeprefix("Instance_") == name
    )
    instance = read_instance(path)
    seconds: list[float] = []
    started = perf_counter()

    def on_day(_: DayOutcome) -> None:
        nonlocal started
        seconds.append(perf_counter() - started)
        started = perf_counter()

    planner = OrderPlanner(FixedDispatcher(parameters), OrToolsRouter(settings))
    world = World.of_days(instance.network, instance.days, KnownUse(instance.days))
    rollout = simulated(world, planner, on_day=on_day)
    verdict = judge(instance.network, instance.days, rollout.trips)
    figures = verdict.figures
    broken = Counter(v.code for v in verdict.violations)
    best, shared = PUBLISHED[name]
    return {
        "instance": name,
        "days": len(rollout.days),
        "logistic_ratio": figures.logistic_ratio,
        "best_published": best,
        "ratio_to_best": figures.logistic_ratio / best,
        "plan_in_shared": shared,
        "kg": figures.kg,
        "km": figures.km,
        "cost": figures.cost,
        "trips": figures.trips,
        "broken_operating_rules": len(verdict.operating),
        "qs02_tank_hours": figures.below_hit_tank_hours,
        "qs02_free": broken.get("QS02", 0) == 0,
        "broken": dict(broken),
        "missed_orders": sum(len(day.plan.missed) for day in rollout.days),
        "seconds_a_day_median": float(np.median(seconds)),
        "seconds_a_day_max": max(seconds[1:], default=seconds[0]),
        "unfinished_plans": sum(not day.plan.complete for day in rollout.days),
    }


def table(rows: list[dict[str, Any]]) -> str:
    """The results as a Markdown table with their means."""
    head = (
        "| instance | days | LR | best published | ratio | plan in shared/ | rules broken | "
        "QS02 tank-hours | missed | s a day, median / most |"
    )
    lines = [head, "|---|---|---|---|---|---|---|---|---|---|"]
    for r in rows:
        cells = [
            r["instance"],
            r["days"],
            f"{r['logistic_ratio']:.6f}",
            f"{r['best_published']:.6f}",
            f"{r['ratio_to_best']:.2f}",
            f"{r['plan_in_shared']:.6f}",
            r["broken_operating_rules"],
            f"{r['qs02_tank_hours']:.0f}",
            r["missed_orders"],
            f"{r['seconds_a_day_median']:.1f} / {r['seconds_a_day_max']:.1f}",
        ]
        lines.append("| " + " | ".join(map(str, cells)) + " |")
    free = [r for r in rows if r["qs02_free"]]
    if free:
        ratio, published = (
            float(np.mean([r[k] for r in free])) for k in ("logistic_ratio", "best_published")
        )
        lines.append(
            f"\nWithout QS02: {len(free)} of {len(rows)}; their mean LR {ratio:.6f} is "
            f"{ratio / published:.2f} times the mean best published "
            f"({published:.6f}); mean of the ratios "
            f"{np.mean([r['ratio_to_best'] for r in free]):.2f}."
        )
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--data", type=Path, default=HERE.parent.parent / "shared" / "data" / "roadef2016"
    )
    parser.add_argument("--instances", nargs="*", default=list(PUBLISHED), choices=list(PUBLISHED))
    parser.add_argument("--parameters", type=Path, default=HERE / "roadef.toml")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument(
        "--output", type=Path, default=HERE / "roadef", help="path of the results without suffix"
    )
    args = parser.parse_args()
    parameters = FixedParameters.from_file(args.parameters)
    settings = RouterSettings()
    jobs = [(name, args.data, parameters, settings) for name in args.instances]
    # The longest first.
    order = sorted(jobs, key=lambda job: job[0] not in ("V_1.9", "V2.17", "V_1.11", "V_1.6"))
    with multiprocessing.get_context("spawn").Pool(args.jobs) as pool:
        rows = []
        for row in pool.imap_unordered(run, order):
            print(table([row]).splitlines()[2], flush=True)
            rows.append(row)
    rows.sort(key=lambda r: args.instances.index(r["instance"]))
    about = {
        "date": datetime.date.today().isoformat(),
        "command": "python benchmarks/roadef.py",
        "versions": {
            "python": platform.python_version(),
            **{k: version(k) for k in ("lmrs-rl", "ortools", "numpy", "numba")},
        },
        "parameters": asdict(parameters),
        "router": asdict(settings),
    }
    write_text_atomically(
        args.output.with_suffix(".json"),
        json.dumps({"about": about, "rows": rows}, indent=1) + "\n",
    )
    text = "# Rolling five-day LMRS on the Air Liquide instances\n\n"
    text += f"{about['date']}, {about['versions']}\n\n"
    text += (
        "Published plans knew the whole horizon; the rolling planner sees five days of orders.\n\n"
        + table(rows)
        + "\n"
    )
    write_text_atomically(args.output.with_suffix(".md"), text)
    print(table(rows))


if __name__ == "__main__":
    main()
