"""What a router costs an environment: CPU time and gap of plans as made in training, memory over
thousands, time to compile.
"""

from __future__ import annotations

import gc
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

import numpy as np

from benchmarks.routing_cases import DAYS, routing_case
from benchmarks.routing_engines import core
from benchmarks.routing_report import Bar
from lmrs_rl.domain import Network, Order, Snapshot
from lmrs_rl.domain.arrays import MINUTES_PER_DAY
from lmrs_rl.routing import OrToolsRouter, RouterSettings
from lmrs_rl.routing.costs import objective
from lmrs_rl.routing.problem import build_problem

TANKS = 40
"""About as many as have 16 orders."""

TRAIN = RouterSettings.preset("train")
MOST_MS, MOST_GAP, MOST_GROWTH_MB = 10.0, 4.0, 20.0
COUNTED_FROM = 100
"""Plans after which memory is expected to stay."""

RoutingInput = tuple[Network, Snapshot, tuple[Order, ...]]


def mornings(count: int) -> list[RoutingInput]:
    """Cases without and with reloading in turn."""
    return [routing_case(TANKS, seed=k // 2, reloads=k % 2 == 1) for k in range(count)]


def training_plans(settings: RouterSettings, *, cases: int, best_s: float) -> dict[str, Any]:
    """Median CPU milliseconds of a plan from orders to trips, of stating the problem alone, and the
    mean gap to the best known.

    Best known is the least of the plan and of the core at ``best_s`` CPU seconds.
    """
    router = OrToolsRouter(settings)
    work = mornings(cases)
    for morning in work[:2]:
        router(*morning)
    milliseconds, stating, gaps = [], [], []
    for seed, (network, snapshot, orders) in enumerate(work):
        started = process_time()
        problem = build_problem(network, snapshot, orders, horizon_min=DAYS * MINUTES_PER_DAY)
        stated = process_time()
        plan = router(network, snapshot, orders)
        milliseconds.append(1000 * (process_time() - stated))
        stating.append(1000 * (stated - started))
        best = min(objective(problem, core(problem, best_s, seed).routes), plan.costs.total)
        gaps.append(100 * (plan.costs.total / best - 1))
    return {
        "cases": cases,
        "tanks": TANKS,
        "orders": len(work[0][2]),
        "median_cpu_ms": float(np.median(milliseconds)),
        "p95_cpu_ms": float(np.quantile(milliseconds, 0.95)),
        "stating_cpu_ms": float(np.median(stating)),
        "mean_gap": float(np.mean(gaps)),
    }


def memory(settings: RouterSettings, *, plans: int) -> dict[str, Any]:
    """Resident memory [MB] after the first plans and at the end of many (Linux: read from
    /proc).
    """
    router, work = OrToolsRouter(settings), mornings(50)
    started = perf_counter()
    first = 0.0
    for k in range(plans):
        router(*work[k % len(work)])
        if k + 1 == COUNTED_FROM:
            gc.collect()
            first = resident_mb()
    gc.collect()
    return {
        "plans": plans,
        "after_first_mb": first,
        "growth_mb": resident_mb() - first,
        "wall_s": perf_counter() - started,
    }


def resident_mb() -> float:
    """[MB] resident memory of this process."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def compiling() -> dict[str, float]:
    """Wall seconds of the first plan of a process, with an empty cache of compiled code and with
    a filled one.
    """
    script = (
        "import time; from benchmarks.routing_training import TRAIN, mornings; from "
        "lmrs_rl.routing import OrToolsRouter; "
        "m = mornings(1)[0]; t = time.perf_counter(); OrToolsRouter(TRAIN)(*m); "
        "print(time.perf_counter() - t)"
    )
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "NUMBA_CACHE_DIR": folder}
        runs = [
            subprocess.run(
                [sys.executable, "-c", script],
                env=environment,
                cwd=Path(__file__).parents[1],
                check=True,
                capture_output=True,
                text=True,
            )
            for _ in range(2)
        ]
    return {"empty_cache_s": float(runs[0].stdout), "filled_cache_s": float(runs[1].stdout)}


def training_bars(result: dict[str, Any]) -> list[Bar]:
    """The bars on training and memory."""
    t, m = result.get("train"), result.get("memory")
    train = (
        f"preset train: median at most {MOST_MS:g} ms CPU a day and mean gap at most "
        f"{MOST_GAP:g} % at {TANKS} tanks"
    )
    grows = (
        f"resident memory grows by less than {MOST_GROWTH_MB:g} MB in 5,000 plans after the first "
        f"{COUNTED_FROM}"
    )
    return [
        (
            train,
            f"{t['median_cpu_ms']:.1f} ms, {t['mean_gap']:.1f} %" if t else "–",
            _train_met(t) if t else None,
        ),
        (
            grows,
            f"{m['growth_mb']:.1f} MB in {m['plans']}" if m else "–",
            m["growth_mb"] < MOST_GROWTH_MB and m["plans"] >= 5000 if m else None,
        ),
    ]


def _train_met(t: dict[str, Any]) -> bool:
    return bool(t["median_cpu_ms"] <= MOST_MS and t["mean_gap"] <= MOST_GAP)


def lines(result: dict[str, Any]) -> list[str]:
    """What the parts tell, one line each."""
    text = []
    if "train" in result:
        t = result["train"]
        text.append(
            f"- a plan of {t['tanks']} tanks ({t['orders']} orders) by the preset train: median "
            f"{t['median_cpu_ms']:.1f} ms CPU (95 %: "
            f"{t['p95_cpu_ms']:.1f}; stating the problem of a network not seen before "
            f"{t['stating_cpu_ms']:.2f}), mean gap {t['mean_gap']:.1f} % "
            f"over {t['cases']} cases"
        )
    if "memory" in result:
        m = result["memory"]
        text.append(
            f"- resident memory grew by {m['growth_mb']:.1f} MB from plan {COUNTED_FROM} "
            f"({m['after_first_mb']:.0f} MB) to plan {m['plans']}"
        )
    if "compile" in result:
        c = result["compile"]
        text.append(
            f"- first plan of a process: {c['empty_cache_s']:.1f} s with compiling, "
            f"{c['filled_cache_s']:.1f} s with the cache filled"
        )
    return text
