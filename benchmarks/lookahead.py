r"""What looking ahead gains over the extended baseline, beside its control, and how long a morning
takes.

    OMP_NUM_THREADS=1 python -m benchmarks.lookahead --output benchmarks/lookahead.json
    OMP_NUM_THREADS=1 python -m benchmarks.lookahead --output benchmarks/lookahead.json \
        --speed 40 --agents lookahead

All agents set out from the same morning, after a warm-up under *extended*, and meet the same days:
validation scenarios, never test ones. A run that was cut off goes on. Router preset "plan".
"""

from __future__ import annotations

import argparse
import json
import os
import platform
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

import numpy as np

from lmrs_rl.dispatchers import Agent, load_agent
from lmrs_rl.domain.files import write_text_atomically
from lmrs_rl.domain.workers import WorkerPool
from lmrs_rl.evaluation.statistics import interval, resampled
from lmrs_rl.forecast.remembered import RememberedForecaster
from lmrs_rl.lookahead import planner_of
from lmrs_rl.routing import RouterSettings
from lmrs_rl.simulation import (
    DecisionState,
    World,
    carry_out,
    next_state,
    run,
    scenario_forecaster,
)
from lmrs_rl.worlds import draw_scenario, read_world_class

AGAINST = "extended"
PLAN = RouterSettings.preset("plan")
COLUMNS = (
    "worlds",
    "agent",
    "scenarios",
    "cost over extended",
    "95 %",
    "without stock-outs",
    "kg/km",
    "stock-outs in 1000 tank-days",
    "CPU s a day",
)
APART = 50
"""First seed of a class that chooses among others: with theirs it would draw the very scenarios
that they draw.
"""


def prepared(
    world: str, tanks: int, number: int, days: int, warmup: int
) -> tuple[World, DecisionState]:
    """The ``number``-th validation scenario of a class at a size, and its morning after the
    warm-up.
    """
    found = read_world_class(world)
    episode = replace(found.episode, days=days, warmup_days=warmup)
    found = replace(
        found, size=replace(found.size, tanks=(tanks, tanks), n_max=tanks), episode=episode
    )
    scenario = draw_scenario(
        found, found.splits.seeds("validation")[number + APART * bool(found.among)]
    )
    simulated = World.of(scenario, found.cost, RememberedForecaster(scenario_forecaster(scenario)))
    planner = planner_of(load_agent(AGAINST), PLAN, found.cost, np.random.default_rng(0))
    return simulated, run(simulated, planner, days=warmup).end


def play(simulated: World, morning: DecisionState, agent: Agent) -> dict[str, float]:
    """Figures of an agent's run."""
    planner = planner_of(agent, PLAN, simulated.cost, np.random.default_rng((simulated.seed, 1)))
    begun = process_time()
    days = run(simulated, planner, begin=morning).days
    spent = process_time() - begun
    return {
        "cost": sum(day.costs.total for day in days),
        **{
            f"cost_{part}": sum(day.costs.as_dict()[part] for day in days)
            for part in days[0].costs.as_dict()
        },
        "km": sum(day.km for day in days),
        "kg": sum(day.kg for day in days),
        "stockout_tank_days": sum(day.stockout_tank_days for day in days),
        "tank_days": float(simulated.network.n_tanks * len(days)),
        "cpu_s_a_day": spent / len(days),
    }


def play_all(rows: list[dict[str, Any]], args: argparse.Namespace) -> None:
    """Play what is not in ``rows`` yet, and keep each run as it ends."""
    agents = [load_agent(each) for each in (AGAINST, *args.agents)]
    for number in range(args.first, args.first + args.seeds):
        for world in args.worlds:
            keys = [
                {
                    "world": world,
                    "tanks": args.tanks,
                    "number": number,
                    "days": args.days,
                    "agent": agent.name,
                }
                for agent in agents
            ]
            if all(any(key.items() <= row.items() for row in rows) for key in keys):
                continue
            simulated, morning = prepared(world, args.tanks, number, args.days, args.warmup)
            for key, agent in zip(keys, agents, strict=True):
                if not any(key.items() <= row.items() for row in rows):
                    rows.append({**key, **play(simulated, morning, agent)})
                    write(args.output, rows)
                    print(
                        {
                            name: round(value, 2) if isinstance(value, float) else value
                            for name, value in rows[-1].items()
                        },
                        flush=True,
                    )


def write(path: Path, rows: Sequence[dict[str, Any]], **more: object) -> None:
    """Keep the rows, and whatever else the file holds."""
    held = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    write_text_atomically(
        path,
        json.dumps(
            {
                **held,
                "machine": platform.processor() or platform.machine(),
                "runs": list(rows),
                **more,
            },
            indent=1,
        )
        + "\n",
    )


def table(rows: Sequence[dict[str, Any]], worlds: Sequence[str]) -> list[str]:
    """Cost over that of *extended* with its paired interval, the same without stock-outs, kg/km,
    stock-outs, by class and in all.
    """
    lines = [f"| {' | '.join(COLUMNS)} |", "|" + "---|" * len(COLUMNS)]
    names = list(dict.fromkeys(row["agent"] for row in rows))
    for group in (*((world,) for world in worlds), tuple(worlds)):
        for name in names:
            pairs = [
                (row, partner(rows, row))
                for row in rows
                if row["agent"] == name and row["world"] in group
            ]
            if pairs:
                lines.append(
                    f"| {', '.join(group)} | {name} | {len(pairs)} | "
                    f"{comparison(pairs, list(worlds))} |"
                )
    return lines


def partner(rows: Sequence[dict[str, Any]], row: dict[str, Any]) -> dict[str, Any]:
    """The run of *extended* on the same days."""
    key = {name: row[name] for name in ("world", "tanks", "number", "days")} | {"agent": AGAINST}
    return next(each for each in rows if key.items() <= each.items())


def comparison(pairs: Sequence[tuple[dict[str, Any], dict[str, Any]]], worlds: list[str]) -> str:
    """The columns of a row of `table`."""
    own, other = (np.array([pair[k]["cost"] for pair in pairs]) for k in range(2))
    counts = resampled(
        np.array([worlds.index(pair[0]["world"]) for pair in pairs]), np.random.default_rng(0)
    )
    found = interval(
        float(own.sum() / other.sum()), (counts @ own) / (counts @ other), len(pairs) > 1
    )
    total = {
        name: sum(pair[0][name] for pair in pairs)
        for name in ("kg", "km", "stockout_tank_days", "tank_days", "cpu_s_a_day")
    }
    ways = [
        sum(pair[k]["cost"] - pair[k]["cost_stockouts"] - pair[k]["cost_lost"] for pair in pairs)
        for k in range(2)
    ]
    out = 1000 * total["stockout_tank_days"] / total["tank_days"]
    figures = (
        f"{total['kg'] / total['km']:.2f} | {out:.1f} | {total['cpu_s_a_day'] / len(pairs):.2f}"
    )
    cost = f"{found.estimate:.3f} | {found.low:.3f} to {found.high:.3f}"
    return f"{cost} | {ways[0] / ways[1]:.3f} | {figures}"


def speed(args: argparse.Namespace) -> dict[str, Any]:
    """A decision at ``args.speed`` tanks, three mornings of each class: seconds on two worker
    processes that have started, and CPU seconds on one.
    """
    each: list[dict[str, Any]] = []
    with WorkerPool(2) as two:
        for world in args.worlds:
            simulated, morning = prepared(world, args.speed, args.first, 5, args.warmup)
            for name in args.agents:
                alone, shared = (
                    planner_of(
                        load_agent(name), PLAN, simulated.cost, np.random.default_rng(0), workers=w
                    )
                    for w in (None, two)
                )
                shared(morning)  # processes start, code is loaded
                now = morning
                for _ in range(3):
                    load, begun = os.getloadavg()[0], perf_counter()
                    decision = shared(now)
                    seconds, begun = perf_counter() - begun, process_time()
                    if alone(now).plan != decision.plan:
                        raise RuntimeError("two workers decided otherwise than one")
                    spent = process_time() - begun
                    each.append(
                        {
                            "world": world,
                            "agent": name,
                            "seconds_on_two": seconds,
                            "load": load,
                            "cpu_s_on_one": spent,
                        }
                    )
                    print(each[-1], flush=True)
                    now = next_state(simulated, now, carry_out(simulated, now, decision))
    return {"tanks": args.speed, "mornings": each}


def main() -> None:
    """Play, print the table, keep the runs."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--worlds", nargs="+", default=["tight", "uncertain", "mixed"])
    parser.add_argument("--agents", nargs="+", default=["lookahead-control", "lookahead"])
    parser.add_argument("--tanks", type=int, default=24)
    parser.add_argument("--first", type=int, default=0, help="first validation seed")
    parser.add_argument("--seeds", type=int, default=3, help="how many of each class")
    parser.add_argument("--days", type=int, default=14)
    parser.add_argument("--warmup", type=int, default=7)
    parser.add_argument(
        "--speed", type=int, help="measure seconds of a decision at so many tanks instead"
    )
    parser.add_argument("--output", type=Path, required=True)
    args = parser.parse_args()
    rows: list[dict[str, Any]] = (
        json.loads(args.output.read_text(encoding="utf-8"))["runs"] if args.output.is_file() else []
    )
    if args.speed:
        found = speed(args)
        write(args.output, rows, speed=found)
        return
    play_all(rows, args)
    print("\n".join(table(rows, args.worlds)))


if __name__ == "__main__":
    main()
