"""Routes thousands of random problems, degenerate ones included, and checks every plan.

    nice python -m benchmarks.fuzz_routing --problems 10000

A problem fails where anything raises, where the referee finds a rule broken, where an order is both
served and missed or neither, where a drop is of nothing or outside its order's range or windows,
where costs are not the referee's, or where a missed order has no reason.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from time import perf_counter
from traceback import extract_tb

from lmrs_rl.domain.files import write_text_atomically
from lmrs_rl.routing.explaining.explain import explain
from tests.routing.checks import outcome_faults, solve
from tests.routing.degenerate_problems import degenerate_problem
from tests.routing.random_problems import RandomProblem, random_problem

HERE = Path(__file__).parent

KINDS = ("plain", "mild", "larger", "degenerate", "degenerate", "degenerate")
"""What every next problem is: as random as can be, mostly serviceable, with up to 40 orders, or
with up to three degenerate sides.
"""


def problem(number: int, seed: int) -> tuple[RandomProblem, tuple[str, ...]]:
    """Problem ``number`` of a run and the kinds of trouble in it."""
    kind, draw = KINDS[number % len(KINDS)], seed * 10**7 + number
    if kind == "degenerate":
        return degenerate_problem(draw)
    most = {"most_tanks": 30, "most_call_ins": 10} if kind == "larger" else {}
    return random_problem(draw, mild=kind != "plain", **most), (kind,)


def troubles(case: RandomProblem) -> list[str]:
    """Everything wrong with the plan of ``case`` and with its explanation; an exception is one
    of the things that can be wrong.
    """
    try:
        got = solve(case)
        found, plan = outcome_faults(case, got), got.plan
        why = explain(
            case.network, case.snapshot, case.orders, plan, horizon_days=case.horizon_days
        )
    except Exception as error:  # whatever it is, it is the finding
        at = extract_tb(error.__traceback__)[-1]
        return [f"{type(error).__name__}: {error} ({Path(at.filename).name}:{at.lineno})"]
    if sorted(missed.customer for missed in why.missed) != sorted(plan.missed):
        found.append(
            f"missed {plan.missed}, explained {[missed.customer for missed in why.missed]}"
        )
    return found


def run(count: int, seed: int) -> dict[str, object]:
    """The counts of ``count`` problems, and every one that failed."""
    started, kinds, failed = perf_counter(), Counter[str](), []
    orders = 0
    for number in range(count):
        case, names = problem(number, seed)
        kinds.update(names)
        orders += len(case.orders)
        if found := troubles(case):
            failed.append({"number": number, "kinds": names, "faults": found[:5]})
            print(f"{number} {names}: {found[0]}", flush=True)
        if (number + 1) % 500 == 0:
            print(
                f"{number + 1} problems, {len(failed)} failed, {perf_counter() - started:.0f} s",
                flush=True,
            )
    return {
        "problems": count,
        "seed": seed,
        "orders": orders,
        "failed": failed,
        "kinds": dict(sorted(kinds.items())),
        "wall_s": round(perf_counter() - started),
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """Run; 1 where a problem failed."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--problems", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--output", type=Path, default=HERE / "fuzz_routing.json")
    args = parser.parse_args(arguments)
    result = run(args.problems, args.seed)
    write_text_atomically(args.output, json.dumps(result, indent=1) + "\n")
    return 1 if result["failed"] else 0


if __name__ == "__main__":
    raise SystemExit(main())
