r"""Dispatchers judged on test worlds: cost, service and efficiency, paired by scenario, with 95 %
bootstrap intervals.

    OMP_NUM_THREADS=1 python -m benchmarks.dispatcher --rows runs/dispatcher.jsonl \
        --agents default tuned extended price agents/mine \
        [--worlds tight uncertain mixed calm multi-site] [--variants plain ...] \
        [--seeds 10] [--days 90] [--split test] [--preset plan] [--jobs 2] \
        [--output benchmarks/dispatcher]

A run is a line of the rows file; run again, what is in it already is left out, so agents and
variants may be added later. A line made by other code, by another policy of the same name or with
other settings is refused, not mixed in. Variants change one thing in a scenario, all other draws
the same: demand +30 %, one vehicle fewer, a forecast 20 % too high or too low. Networks of 20 and
of 200 tanks are other draws of the class.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import asdict, dataclass, replace
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.dispatcher_report import write_report
from lmrs_rl.dispatchers import load_agent
from lmrs_rl.domain import InputError
from lmrs_rl.evaluation.grid import code_fingerprint
from lmrs_rl.evaluation.run import EvaluationInstance, evaluate_agent, run_figures
from lmrs_rl.forecast.remembered import RememberedForecaster
from lmrs_rl.forecast.weekly_table import ForecastTable
from lmrs_rl.simulation.forecasts import scenario_forecaster
from lmrs_rl.worlds import (
    Scenario,
    WorldClass,
    draw_scenario,
    read_world_class,
    with_demand,
    without_vehicle,
)

WORLDS = ("tight", "uncertain", "mixed", "calm", "multi-site")
SIZES = {"20 tanks": 20, "200 tanks": 200}
"""Variants that are a size of network, by name."""
VARIANTS = (
    "plain",
    "demand +30 %",
    "one vehicle fewer",
    "forecast +20 %",
    "forecast -20 %",
    *SIZES,
)


@dataclass(frozen=True)
class Task:
    """Runs of one scenario: everything the same but the agent."""

    variant: str
    world: str
    seed: int
    days: int
    preset: Any
    agents: tuple[str, ...]
    code: str


def world_class(task: Task) -> WorldClass:
    """The class with so many days that count, and with networks of one size where the variant
    says so.
    """
    found = read_world_class(task.world)
    longer = replace(found, episode=replace(found.episode, days=task.days))
    tanks = SIZES.get(task.variant)
    return (
        longer
        if tanks is None
        else replace(longer, size=replace(found.size, tanks=(tanks, tanks), n_max=tanks))
    )


def varied(variant: str, scenario: Scenario) -> Scenario:
    """The scenario with one thing changed."""
    if variant == "demand +30 %":
        return with_demand(scenario, 1.3)
    return (
        without_vehicle(scenario, spare_vehicle(scenario))
        if variant == "one vehicle fewer"
        else scenario
    )


def spare_vehicle(scenario: Scenario) -> int:
    """The first vehicle without which every product still has another."""
    for vehicle in range(len(scenario.network.vehicles)):
        try:
            without_vehicle(scenario, vehicle)
        except InputError:
            continue
        return vehicle
    raise InputError("scenario", f"seed {scenario.seed}", "a vehicle to spare", "take another seed")


def instance_of(task: Task) -> EvaluationInstance:
    """The scenario of a task with its forecasts."""
    of_class = world_class(task)
    instance = EvaluationInstance.in_scenario(
        of_class, varied(task.variant, draw_scenario(of_class, task.seed)), "weekly"
    )
    table = scenario_forecaster(instance.scenario, "weekly")
    if not task.variant.startswith("forecast") or not isinstance(table, ForecastTable):
        return instance
    factor = np.float32(1.2 if "+" in task.variant else 0.8)
    return replace(
        instance, forecaster=RememberedForecaster(replace(table, daily_kg=factor * table.daily_kg))
    )


def run(task: Task) -> list[dict[str, Any]]:
    """One row for each agent of the task."""
    instance = instance_of(task)
    rows = []
    for name in task.agents:
        agent = load_agent(name)
        done = evaluate_agent(instance, agent, task.preset)
        about = {key: value for key, value in asdict(task).items() if key != "agents"}
        rows.append(
            {
                **about,
                "agent": agent.name,
                "fingerprint": agent.fingerprint,
                "scenario": instance.scenario.name,
            }
        )
        rows[-1] |= {"figures": run_figures(done), "times": done.times}
    return rows


def read_rows(path: Path) -> list[dict[str, Any]]:
    """All rows of the file, none where there is no file."""
    return (
        [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
        if path.exists()
        else []
    )


def tasks(args: argparse.Namespace, rows: Sequence[dict[str, Any]]) -> list[Task]:
    """What is missing in ``rows`` (`InputError` for rows of others)."""
    agents = {load_agent(each).name: (each, load_agent(each).fingerprint) for each in args.agents}
    code = code_fingerprint()
    for row in rows:
        same = row["code"] == code and row["days"] == args.days and row["preset"] == args.preset
        if not same or (row["agent"] in agents and row["fingerprint"] != agents[row["agent"]][1]):
            raise InputError(
                str(args.rows),
                f"a row of {row['agent']} by other code, policy or settings",
                "rows of these",
                "name another file",
            )
    have = {(row["variant"], row["world"], row["seed"], row["agent"]) for row in rows}
    found = []
    for k in range(args.seeds):
        for variant in args.variants:
            for world in args.worlds:
                seed = int(read_world_class(world).splits.seeds(args.split)[args.first + k])
                lacking = tuple(
                    source
                    for name, (source, _) in agents.items()
                    if (variant, world, seed, name) not in have
                )
                if lacking:
                    found.append(Task(variant, world, seed, args.days, args.preset, lacking, code))
    return found


def main() -> int:
    """Run what is missing, then write the report; 2 for bad input."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rows", type=Path, required=True)
    parser.add_argument(
        "--agents", nargs="+", default=["default", "tuned", "extended", "price", "hindsight"]
    )
    parser.add_argument("--worlds", nargs="+", default=list(WORLDS))
    parser.add_argument("--variants", nargs="+", default=["plain"], choices=VARIANTS)
    parser.add_argument("--seeds", type=int, default=10, help="scenarios of each world")
    parser.add_argument(
        "--first", type=int, default=0, help="of the split's seeds, the first to take"
    )
    parser.add_argument("--days", type=int, default=90)
    parser.add_argument("--split", default="test", choices=("train", "validation", "test"))
    parser.add_argument("--preset", default="plan", choices=("quick", "train", "plan", "best"))
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument(
        "--output",
        type=Path,
        default=None,
        help="write OUTPUT.md and OUTPUT.json of these agents, worlds and variants",
    )
    args = parser.parse_args()
    try:
        todo = tasks(args, read_rows(args.rows))
    except InputError as error:
        print(f"dispatcher: {error}", file=sys.stderr)
        return 2
    args.rows.parent.mkdir(parents=True, exist_ok=True)
    with ProcessPoolExecutor(args.jobs, mp_context=get_context("spawn")) as pool:
        for k, future in enumerate(as_completed([pool.submit(run, task) for task in todo])):
            with args.rows.open("a", encoding="utf-8") as file:
                file.writelines(json.dumps(row) + "\n" for row in future.result())
            print(f"scenario {k + 1}/{len(todo)} done", flush=True)
    if args.output is not None:
        names = [load_agent(each).name for each in args.agents]
        kept = [
            row
            for row in read_rows(args.rows)
            if row["agent"] in names
            and row["world"] in args.worlds
            and row["variant"] in args.variants
        ]
        kept.sort(key=lambda row: (args.variants.index(row["variant"]), names.index(row["agent"])))
        write_report(args.output, kept, args.split)
    return 0


if __name__ == "__main__":
    sys.exit(main())
