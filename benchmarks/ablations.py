r"""Where a linear policy's gain comes from: the same weights with something taken away, each beside
its baseline on the same days.

    OMP_NUM_THREADS=1 python -m benchmarks.ablations --agent agents/universal --seeds 8 \
        --jobs 2 --output benchmarks/ablations

*whole*: the policy. *NAME alone*: the other numbers stay at the baseline's. *without NAME*: only
that number does. *shared*: each morning all tanks get the mean of what they would get. *state
frozen*: always and everywhere the mean of what the policy says on training scenarios. Nothing is
trained again. Costs are ratios of sums over scenarios with 95 % bootstrap intervals; "smoothed" has
nearly dry tanks in place of 70 % of what stock-outs cost (see `lmrs_rl.learning.rollout`).
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import as_completed
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

import lmrs_rl
from benchmarks.around_extended import NEAR, NEAR_PRICE
from lmrs_rl.dispatchers import load_agent
from lmrs_rl.dispatchers.learned import LearnedParameters
from lmrs_rl.dispatchers.policy import ACTION_NAMES, Observation
from lmrs_rl.domain import InputError
from lmrs_rl.domain.arrays import FloatArray
from lmrs_rl.domain.files import write_text_atomically
from lmrs_rl.domain.quantile_function import Float32Array
from lmrs_rl.domain.workers import WorkerPool
from lmrs_rl.environment import LmrsEnv
from lmrs_rl.evaluation.grid import code_fingerprint
from lmrs_rl.evaluation.statistics import interval, resampled
from lmrs_rl.learning.checkpoint import read_start
from lmrs_rl.learning.linear import LinearPolicy
from lmrs_rl.learning.rollout import (
    EnvSpec,
    Policy,
    baseline_observations,
    baseline_policy,
    run_episode,
)
from lmrs_rl.worlds import WorldClass, read_world_class

WORLDS = ("tight", "uncertain", "mixed")
MEASURED = 8
"""Training scenarios over which the policy's _torch_outputs are averaged for *state frozen*."""
Change = Callable[[Float32Array, Observation], FloatArray | Float32Array]


@dataclass(frozen=True)
class Task:
    """One scenario under all variants."""

    world: str
    seed: int
    days: int
    agent: str
    frozen: tuple[float, ...]


def only(columns: Sequence[int]) -> Change:
    """Leaves these numbers of an action alone and sets the others to 0."""
    kept = np.isin(np.arange(len(ACTION_NAMES)), columns)
    return lambda action, _: action * kept


def shared(action: Float32Array, seen: Observation) -> FloatArray:
    """(N_max, 7) the mean over the tanks that there are, for each of them."""
    there = seen["mask"] > 0
    return np.asarray(action[there].mean(axis=0) * seen["mask"][:, None], dtype=np.float64)


def changes(moved: Sequence[int], frozen: Sequence[float]) -> dict[str, Change]:
    """All variants by name; ``moved`` are the columns that the policy moves at all, ``frozen``
    (7,) its mean answer.
    """
    found: dict[str, Change] = {"whole": lambda action, _: action}
    for k in moved if len(moved) > 1 else ():
        found[f"{ACTION_NAMES[k]} alone"] = only([k])
    for k in moved if len(moved) > 2 else ():
        found[f"without {ACTION_NAMES[k]}"] = only([j for j in moved if j != k])
    found["shared"] = shared
    found["state frozen"] = lambda _, seen: np.outer(seen["mask"], frozen)
    return found


def changed(policy: Policy, change: Change) -> Policy:
    """``policy`` with something taken away."""
    return lambda seen: np.asarray(change(policy(seen), seen), dtype=np.float32)


def linear_policy(agent: str) -> LinearPolicy:
    """The policy of a linear agent (`InputError` for another)."""
    weights = read_start(agent)
    if set(weights) != {"tanks.weight", "tanks.bias", "network.weight"}:
        raise InputError(
            "--agent",
            agent,
            "an agent with a linear actor",
            "networks have no weights to take away one by one",
        )
    return LinearPolicy(weights)


def moved_columns(policy: LinearPolicy) -> list[int]:
    """Columns of an action that the policy moves at all."""
    return [
        k
        for k in range(len(ACTION_NAMES))
        if any(np.any(policy.weights[name][k]) for name in policy.weights)
    ]


def mean_answer(agent: str) -> tuple[float, ...]:
    """(7,) mean of what the policy says over tanks and mornings of training scenarios of
    `WORLDS` under the baseline.
    """
    policy, said = linear_policy(agent), []
    for k in range(MEASURED):
        spec = EnvSpec.of(env_of(WORLDS[k % len(WORLDS)], 28, agent))
        for seen in baseline_observations(spec, int(spec.world.splits.seeds("train")[k])):
            said.append(policy(seen)[seen["mask"] > 0].mean(axis=0))
    return tuple(float(each) for each in np.mean(said, axis=0))


def env_of(world: str, days: int, agent: str) -> LmrsEnv:
    """An environment of that class with so many days, on the agent's baseline."""
    found: WorldClass = read_world_class(world)
    parameters = load_agent(agent).parameters
    if not isinstance(parameters, LearnedParameters):
        raise InputError(
            "--agent", agent, "a learned agent", "name a folder that lmrs export wrote"
        )
    return LmrsEnv(
        replace(found, episode=replace(found.episode, days=days)),
        preset="train",
        baseline=parameters.baseline,
    )


def run(task: Task) -> dict[str, Any]:
    """Figures of the baseline and of all variants on one scenario."""
    env, policy = env_of(task.world, task.days, task.agent), linear_policy(task.agent)
    price = NEAR_PRICE * env.world_class.cost.stockout_per_tank_day
    policies: dict[str, Policy] = {"baseline": baseline_policy}
    policies |= {
        name: changed(policy, change)
        for name, change in changes(moved_columns(policy), task.frozen).items()
    }
    figures = {}
    for name, each in policies.items():
        played = run_episode(env, task.seed, each)
        smooth = played.smoothed(NEAR, price).cost
        figures[name] = {
            "cost": played.cost,
            "smoothed": smooth,
            "stockout_tank_days": played.figures["stockout_tank_days"],
        }
    return {"world": task.world, "seed": task.seed, "figures": figures}


def table(rows: Sequence[dict[str, Any]]) -> list[str]:
    """Ratios with intervals, all worlds and each."""
    rng = np.random.default_rng(0)
    counts = resampled(np.array([WORLDS.index(row["world"]) for row in rows]), rng)
    lines = [
        "| policy | cost | smoothed | stock-out tank-days | " + " | ".join(WORLDS) + " |",
        "|---" * (4 + len(WORLDS)) + "|",
    ]
    for name in rows[0]["figures"]:
        cells = []
        for figure in ("cost", "smoothed"):
            mine, base = (
                np.array([row["figures"][who][figure] for row in rows])
                for who in (name, "baseline")
            )
            span = interval(float(mine.sum() / base.sum()), counts @ mine / (counts @ base))
            cells.append(f"{span.estimate:.3f} [{span.low:.3f}, {span.high:.3f}]")
        cells.append(f"{sum(row['figures'][name]['stockout_tank_days'] for row in rows):.0f}")
        for world in WORLDS:
            some = [row["figures"] for row in rows if row["world"] == world]
            own = sum(each[name]["cost"] for each in some)
            baseline = sum(each["baseline"]["cost"] for each in some)
            cells.append(f"{own / max(baseline, 1e-9):.3f}")
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return lines


def read_kept(path: Path, about: dict[str, Any]) -> dict[str, Any]:
    """What ``path`` holds of the agent and days of ``about``, or a beginning (`InputError` for a
    file of others).
    """
    if not path.is_file():
        return {**about, "rows": []}
    kept: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    if any(kept.get(name) != value for name, value in about.items()):
        raise InputError("--output", str(path), f"a file of {about}", "name another file")
    return kept


def report(kept: dict[str, Any], agent: str) -> str:
    """The table with what it is of."""
    head = (
        f"{kept['date']}, `python -m benchmarks.ablations --agent {agent}`, "
        f"lmrs-rl {kept['lmrs-rl']}, code {kept['code']}"
    )
    of = (
        f"{len(kept['rows'])} test scenarios, {kept['days']} days after a warm-up under the "
        "baseline, router preset train. Cost over the baseline's."
    )
    return "\n".join(
        [
            f"# What the parts of {agent} are worth",
            "",
            f"{head}. {of}",
            "",
            *table(kept["rows"]),
            "",
        ]
    )


def main() -> int:
    """Play what OUTPUT.json lacks, and write OUTPUT.md; 2 for bad input."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--agent", required=True, help="a shipped name, or the folder of a learned agent"
    )
    parser.add_argument("--seeds", type=int, default=8, help="test scenarios of each world")
    parser.add_argument("--days", type=int, default=90)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument(
        "--output",
        type=Path,
        required=True,
        help="OUTPUT.json keeps every scenario; a run goes on from it",
    )
    args = parser.parse_args()
    try:
        name, fingerprint = load_agent(args.agent).name, load_agent(args.agent).fingerprint
        linear_policy(args.agent)
        about = {
            "agent": fingerprint,
            "days": args.days,
            "code": code_fingerprint(),
            "lmrs-rl": lmrs_rl.__version__,
        }
        kept = read_kept(args.output.with_suffix(".json"), about)
    except InputError as error:
        print(f"ablations: {error}", file=sys.stderr)
        return 2
    have = {(row["world"], row["seed"]) for row in kept["rows"]}
    wanted = [
        (world, int(read_world_class(world).splits.seeds("test")[k]))
        for k in range(args.seeds)
        for world in WORLDS
    ]
    frozen = mean_answer(args.agent)
    tasks = [
        Task(world, seed, args.days, args.agent, frozen)
        for world, seed in wanted
        if (world, seed) not in have
    ]
    with WorkerPool(args.jobs) as pool:
        for done in as_completed([pool.submit(run, task) for task in tasks]):
            kept["rows"] = sorted(
                [*kept["rows"], done.result()], key=lambda row: (row["world"], row["seed"])
            )
            kept["date"] = datetime.now(UTC).date().isoformat()
            write_text_atomically(
                args.output.with_suffix(".json"), json.dumps(kept, indent=1) + "\n"
            )
            print(f"{len(kept['rows'])} of {len(wanted)} scenarios", flush=True)
    write_text_atomically(args.output.with_suffix(".md"), report(kept, name))
    return 0


if __name__ == "__main__":
    sys.exit(main())
