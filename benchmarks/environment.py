r"""Where a step's CPU time goes, at 20 to 200 tanks in training mode, and how many days a second an
environment plays.

    OMP_NUM_THREADS=1 python -m benchmarks.environment --steps 60 \
        --output benchmarks/environment.json

Parts are measured in the run itself, by a clock of CPU time around each call. Random actions of
moderate size, worlds of class calm. What the clocks themselves take is measured in the same run and
left out. OR-Tools' model is held until a step's end, so that freeing it has a clock too.
"""

from __future__ import annotations

import argparse
import json
import platform
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from time import process_time
from typing import Any
from unittest.mock import patch

import numpy as np
from ortools.constraint_solver import pywrapcp

import lmrs_rl.environment.environment as stepping
import lmrs_rl.routing.core.annealing as core
import lmrs_rl.routing.ortools.search as search
import lmrs_rl.routing.router as router
import lmrs_rl.simulation.loop as simulation
from lmrs_rl.environment import LmrsEnv
from lmrs_rl.forecast.weekly_table import ForecastTable
from lmrs_rl.routing import OrToolsRouter
from lmrs_rl.worlds import read_world_class

BUILDING = (
    "__init__",
    "RegisterTransitMatrix",
    "RegisterUnaryTransitVector",
    "AddDimensionWithVehicleTransitAndCapacity",
    "AddDimensionWithVehicleCapacity",
    "AddDisjunction",
    "CloseModelWithParameters",
)
"""What takes long of OR-Tools' own while its model is built, aside from constraints on windows."""
PARTS: dict[str, tuple[tuple[Any, str], ...]] = {
    "compiled core": ((core, "_anneal"), (core, "recreate")),
    "OR-Tools": ((search, "_solve"),),
    "OR-Tools' model": (
        *((pywrapcp.RoutingModel, name) for name in BUILDING),
        *((pywrapcp.Solver, name) for name in ("NotMemberCt", "Add")),
    ),
    "routing": ((OrToolsRouter, "__call__"),),
    "problem": ((router, "build_problem"),),
    "model": ((search, "build_model"),),
    "orders": ((simulation, "make_orders"),),
    "stock": ((simulation, "execute"),),
    "costs": ((simulation, "day_costs"),),
    "forecast": ((ForecastTable, "__call__"),),
    "observation": ((stepping, "observe"),),
    "action": ((stepping, "residual_parameters"),),
}
"""Name to where the functions are looked up."""
WITHIN = ("compiled core", "OR-Tools", "OR-Tools' model", "problem", "model")
"""Parts of routing; of the model's time that is left which is not OR-Tools' own."""
FREEING, CALLS = "OR-Tools' freeing", "calls"
SOLVING = ("compiled core", "OR-Tools", FREEING)
HELD = ("model", "OR-Tools")
"""Parts whose results keep OR-Tools' memory."""


@contextmanager
def clocks(
    spent: Counter[str], models: list[Any], parts: Mapping[str, Sequence[tuple[Any, str]]] = PARTS
) -> Iterator[None]:
    """CPU seconds of every part are added to ``spent`` meanwhile; OR-Tools' models are held in
    ``models``.
    """

    def timed(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **kwargs: Any) -> Any:
            begun = process_time()
            try:
                result = function(*args, **kwargs)
            finally:
                spent[name] += process_time() - begun  # type: ignore[assignment]
                spent[CALLS] += 1
            if name in HELD:
                models.append(result)
            return result

        return call

    with ExitStack() as stack:
        for name, (owner, attribute) in (
            (name, place) for name, places in parts.items() for place in places
        ):
            stack.enter_context(
                patch.object(owner, attribute, timed(name, getattr(owner, attribute)))
            )
        yield


def measure(tanks: int, steps: int, seed: int) -> dict[str, Any]:
    """Medians and means [ms] of a step, its parts, and days a second with all resets counted."""
    world = read_world_class("calm")
    world = replace(world, size=replace(world.size, tanks=(tanks, tanks), n_max=tanks))
    env, rng = LmrsEnv(world), np.random.default_rng(seed)
    env.reset(seed=seed)
    env.step(np.zeros((tanks, 6), dtype=np.float32))  # what is compiled or read once
    resets: list[float] = []
    each: list[float] = []
    spent, models = Counter[str](), list[Any]()
    with clocks(spent, models):
        while len(each) < steps:
            spent_before, begun = Counter(spent), process_time()
            env.reset()
            models.clear()
            resets.append(process_time() - begun)
            spent.clear()
            spent.update(spent_before)
            for _ in range(min(env.days, steps - len(each))):
                action = rng.uniform(-0.3, 0.3, (tanks, 6)).astype(np.float32)
                begun = process_time()
                env.step(action)
                stepped = process_time()
                models.clear()
                spent[FREEING] += process_time() - stepped  # type: ignore[assignment]
                each.append(process_time() - begun)
    clock_s = spent[CALLS] * seconds_of_a_clock() / len(each)
    return report(tanks, env.days, np.array(each) - clock_s, np.array(resets), spent, clock_s)


def seconds_of_a_clock(calls: int = 20_000) -> float:
    """[s] of CPU that a clock around a call takes."""
    owner: Any = type("Owner", (), {"call": staticmethod(lambda: None)})

    def go() -> float:
        begun = process_time()
        for _ in range(calls):
            owner.call()
        return process_time() - begun

    bare = go()
    with clocks(Counter(), [], {"nothing": ((owner, "call"),)}):
        return max(0.0, (go() - bare) / calls)


def report(
    tanks: int, days: int, each: np.ndarray, resets: np.ndarray, spent: Counter[str], clock_s: float
) -> dict[str, Any]:
    """What was measured, in ms a step and shares, of steps without the clocks' own ``clock_s``
    [s].
    """
    total = float(each.sum())
    parts = {name: 1000.0 * spent[name] / len(each) for name in PARTS}
    parts["model"] -= parts["OR-Tools' model"]
    parts["rest of routing"] = parts["routing"] - sum(parts[name] for name in WITHIN)
    parts["rest"] = 1000.0 * total / len(each) - sum(
        value for name, value in parts.items() if name not in (*WITHIN, "rest of routing")
    )
    parts[FREEING] = 1000.0 * spent[FREEING] / len(each)
    parts["rest"] -= parts[FREEING]
    solving = sum(spent[name] for name in SOLVING)
    return {
        "tanks": tanks,
        "steps": len(each),
        "median_step_ms": 1000.0 * float(np.median(each)),
        "mean_step_ms": 1000.0 * total / len(each),
        "clocks_ms": 1000.0 * clock_s,
        "reset_ms": 1000.0 * float(np.mean(resets)),
        "days_per_s_steps_alone": len(each) / total,
        "days_per_s_with_resets": days / (days * total / len(each) + float(np.mean(resets))),
        "share_outside_routing": 1.0 - spent["routing"] / total,
        "share_outside_core_and_or_tools": 1.0 - solving / total,
        "share_of_python": 1.0 - (solving + spent["OR-Tools' model"]) / total,
        "parts_ms": parts,
    }


def main() -> None:
    """Measure each size, print, and write the file asked for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--tanks", type=int, nargs="+", default=[20, 40, 100, 200])
    parser.add_argument("--steps", type=int, default=60)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--output", type=Path, default=None)
    args = parser.parse_args()
    rows = []
    for tanks in args.tanks:
        rows.append(measure(tanks, args.steps, args.seed))
        row = rows[-1]
        print(
            f"{tanks} tanks: step {row['median_step_ms']:.1f} ms median, "
            f"{row['mean_step_ms']:.1f} mean; reset {row['reset_ms']:.0f} ms"
        )
        print(
            f"  {row['days_per_s_steps_alone']:.1f} days/s in steps, "
            f"{row['days_per_s_with_resets']:.1f} with resets of whole episodes"
        )
        print(
            f"  outside routing {row['share_outside_routing']:.0%}, outside compiled core and "
            f"OR-Tools' search "
            f"{row['share_outside_core_and_or_tools']:.0%}, Python {row['share_of_python']:.0%}"
        )
        print(
            "  "
            + ", ".join(f"{name} {value:.2f}" for name, value in row["parts_ms"].items())
            + " ms",
            flush=True,
        )
    if args.output is not None:
        about = {
            "python": platform.python_version(),
            "numpy": np.__version__,
            "processor": platform.processor() or platform.machine(),
        }
        args.output.write_text(
            json.dumps({"about": about, "rows": rows}, indent=1) + "\n", encoding="utf-8"
        )


if __name__ == "__main__":
    main()
