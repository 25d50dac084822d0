"""Our engines beside PyVRP and OR-Tools on public routing instances, as gaps to their best-known
solutions.

    python -m benchmarks.yardsticks --folder FOLDER

``FOLDER`` holds checkouts of https://github.com/PyVRP/VRPLIB (Solomon's and Uchoa's sets) and
https://github.com/PyVRP/Instances (the others); nothing of them is copied. Every answer is counted
and checked in the instance's own words (`benchmarks.cvrplib.price`).
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from time import process_time
from typing import Any

import numpy as np

from benchmarks.cvrplib import SETS, Instance, as_problem, as_solution, find_instance, price
from benchmarks.routing import about
from benchmarks.routing_engines import Answer, core, or_tools_alone, pipeline, timed
from benchmarks.routing_pyvrp import pyvrp_routes
from lmrs_rl.domain import InputError
from lmrs_rl.domain.files import write_text_atomically
from lmrs_rl.routing.core.arrays import LONGEST_ROUTE
from lmrs_rl.routing.routes import Route

HERE = Path(__file__).parent

CHOSEN = {
    "Solomon": ("C104", "R104", "R112", "RC104", "RC108", "C204", "R208", "RC208"),
    "X": ("X-n101-k25", "X-n157-k13"),
    "mixed fleet": ("X110-HD", "X157-HD"),
    "prizes": ("R1_10_5", "C2_10_5", "RC1_10_5"),
    "Gehring-Homberger": ("R1_10_5",),
}
"""The instances of a run without --instances, chosen before any was solved: of each set some of
every kind whose best-known routes are short enough for the core, the hard ones (wide windows) where
there is a choice."""


@dataclass(frozen=True)
class Row:
    """What an engine made of an instance.

    Attributes
    ----------
    set_name, instance, customers, vehicles : of the instance
    known : its best-known cost
    engine, budget_s, seed : [CPU s]
    cost : by the instance's convention
    gap : [%] to the best known; ``None`` where a mandatory customer is left out or a rule broken
    unserved : customers left out
    faults : rules broken, mandatory customers left out apart
    iterations : as the engine counts
    cpu_s : [s] used
    """

    set_name: str
    instance: str
    customers: int
    vehicles: int
    known: float
    engine: str
    budget_s: float
    seed: int
    cost: float
    gap: float | None
    unserved: int
    faults: int
    iterations: int
    cpu_s: float

    @property
    def key(self) -> tuple[str, str, str, float, int]:
        """What was measured."""
        return self.set_name, self.instance, self.engine, self.budget_s, self.seed


Solver = Callable[[Instance, float, int], Answer]
"""(instance, budget [CPU s], seed) -> answer."""


def peer(instance: Instance, budget_s: float, seed: int) -> Answer:
    """PyVRP with its default settings; where customers are mandatory, it is told so instead of
    being given penalties.
    """

    def run() -> tuple[tuple[Route, ...], int]:
        deadline = process_time() + budget_s
        answer = pyvrp_routes(
            as_problem(instance),
            lambda _: process_time() >= deadline,
            seed,
            mandatory=instance.mandatory,
        )
        return answer.routes, answer.iterations

    return timed(run)


ENGINES: dict[str, Solver] = {
    "ruin and recreate": lambda instance, budget_s, seed: core(
        as_problem(instance), budget_s, seed
    ),
    "pipeline": lambda instance, budget_s, seed: pipeline(as_problem(instance), budget_s, seed),
    "PyVRP": peer,
    "OR-Tools, guided local search": lambda instance, budget_s, seed: partial(
        or_tools_alone, "guided"
    )(as_problem(instance), budget_s, seed),
}


def measure(instance: Instance, engine: str, budget_s: float, seed: int) -> Row:
    """Solve, count and check."""
    answer = ENGINES[engine](instance, budget_s, seed)
    solution = as_solution(answer.routes)
    cost, faults = price(instance, solution)
    left = [fault for fault in faults if fault.endswith("is not served")]
    customers = len(instance.demand) - 1
    return Row(
        set_name=instance.set_name,
        instance=instance.name,
        customers=customers,
        vehicles=len(instance.capacity),
        known=round(instance.known_cost, 2),
        engine=engine,
        budget_s=budget_s,
        seed=seed,
        cost=round(cost, 2),
        gap=None if faults else round(100 * (cost / instance.known_cost - 1), 3),
        unserved=customers - sum(len(stops) for _, stops in solution),
        faults=len(faults) - len(left),
        iterations=answer.iterations,
        cpu_s=round(answer.cpu_s, 3),
    )


def check_known(instance: Instance) -> None:
    """The best-known solution must cost what its file says by our reading of the convention, and
    fit the core's routes (`InputError`).
    """
    cost, faults = price(instance, instance.known)
    if faults or abs(cost - instance.known_cost) > 0.011:
        raise InputError(
            f"{instance.name}.sol",
            f"{cost:.2f}, {faults[:1]}",
            f"its stated cost {instance.known_cost}",
            "is it of this set?",
        )
    if instance.longest_known > LONGEST_ROUTE:
        wanted = f"at most {LONGEST_ROUTE}, which are the most that the core tries"
        raise InputError(
            f"{instance.name}.sol",
            f"a route of {instance.longest_known} stops",
            wanted,
            "choose another instance",
        )


def write(output: Path, rows: Sequence[Row], made: dict[str, Any]) -> None:
    """The rows and their report, beside each other."""
    write_text_atomically(
        output.with_suffix(".json"),
        json.dumps({"about": made, "rows": [asdict(row) for row in rows]}, indent=1) + "\n",
    )
    write_text_atomically(output.with_suffix(".md"), report(rows, made))


def report(rows: Sequence[Row], made: dict[str, Any]) -> str:
    """The results as Markdown: a table of gaps for each set, instances down, engines and budgets
    across.
    """
    versions = ", ".join(f"{name} {number}" for name, number in made["versions"].items())
    text = [
        "# Public routing instances",
        "",
        f"{made['date']}, `{made['command']}`, {made['machine']}, {versions}.",
        "",
    ]
    text += [
        "Gaps to the best-known cost, CPU seconds on one thread; the mean where there are several "
        "seeds. How costs are counted: `cvrplib.py`.",
        "",
    ]
    for name in dict.fromkeys(row.set_name for row in rows):
        mine = [row for row in rows if row.set_name == name]
        columns = list(
            dict.fromkeys(
                (row.engine, row.budget_s) for row in sorted(mine, key=lambda row: row.budget_s)
            )
        )
        text += [
            f"## {name}",
            "",
            "| instance | customers | vehicles | best known | "
            + " | ".join(f"{e}, {b:g} s" for e, b in columns)
            + " |",
        ]
        text += ["|---" * (4 + len(columns)) + "|"]
        for instance in dict.fromkeys(row.instance for row in mine):
            each = [row for row in mine if row.instance == instance]
            first = each[0]
            cells = [
                _cell([row for row in each if (row.engine, row.budget_s) == column])
                for column in columns
            ]
            text.append(
                "| "
                + " | ".join(
                    [
                        instance,
                        str(first.customers),
                        str(first.vehicles),
                        f"{first.known:,.1f}",
                        *cells,
                    ]
                )
                + " |"
            )
        means = [
            _mean([row for row in mine if (row.engine, row.budget_s) == column])
            for column in columns
        ]
        text += ["| mean of those solved | | | | " + " | ".join(means) + " |", ""]
    return "\n".join(text)


def _cell(rows: Sequence[Row]) -> str:
    """Mean gap over the seeds, or what went wrong."""
    if not rows:
        return "-"
    if any(row.faults for row in rows):
        return f"**{sum(row.faults for row in rows)} rules broken**"
    gaps = [row.gap for row in rows if row.gap is not None]
    missed = f"{sum(row.gap is None for row in rows)} of {len(rows)} leave customers out"
    return (
        missed
        if not gaps
        else f"{np.mean(gaps):.2f} %" + ("" if len(gaps) == len(rows) else f" ({missed})")
    )


def _mean(rows: Sequence[Row]) -> str:
    gaps = [row.gap for row in rows if row.gap is not None]
    return f"{np.mean(gaps):.2f} % ({len(gaps)} of {len(rows)})" if gaps else "-"


def parser() -> argparse.ArgumentParser:
    """The command line."""
    result = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    result.add_argument(
        "--folder", type=Path, required=True, help="where the instances are, at any depth"
    )
    result.add_argument("--sets", nargs="+", choices=SETS, default=list(CHOSEN))
    result.add_argument("--instances", nargs="+", help="names, of the one set given")
    result.add_argument("--engines", nargs="+", choices=ENGINES, default=list(ENGINES))
    result.add_argument("--budgets", nargs="+", type=float, default=[1.0, 10.0], help="CPU seconds")
    result.add_argument("--seeds", type=int, default=1)
    result.add_argument(
        "--add", action="store_true", help="keep rows of the output file that are not measured anew"
    )
    result.add_argument(
        "--output",
        type=Path,
        default=HERE / "yardsticks",
        help="without suffix: .json and .md are written",
    )
    return result


def main(arguments: Sequence[str] | None = None) -> None:
    """Run and write the report after every instance."""
    args = parser().parse_args(arguments)
    if args.instances and len(args.sets) != 1:
        raise InputError(
            "--sets", args.sets, "the one set of the --instances", "add --sets with one name"
        )
    names = [(name, each) for name in args.sets for each in args.instances or CHOSEN[name]]
    instances = [find_instance(args.folder, *name) for name in names]
    for instance in instances:
        check_known(instance)
    made = about("python -m benchmarks.yardsticks --folder FOLDER")
    rows = (
        [Row(**row) for row in json.loads(args.output.with_suffix(".json").read_text())["rows"]]
        if args.add
        else []
    )
    for instance in instances:
        for engine, budget_s in (
            (engine, budget_s) for budget_s in args.budgets for engine in args.engines
        ):
            for seed in range(1 if engine.startswith("OR-Tools") else args.seeds):
                r = measure(instance, engine, budget_s, seed)
                rows = [*(row for row in rows if row.key != r.key), r]
                print(
                    f"{instance.name:12} {engine:30} {budget_s:5g} s cost {r.cost:12,.2f} gap "
                    f"{r.gap} % left {r.unserved} faults {r.faults}",
                    flush=True,
                )
        write(args.output, rows, made)


if __name__ == "__main__":
    main()
