r"""How much *extended* has to gain close by: other constants, and two rules that look at tanks and
days, each beside it on the same days.

    OMP_NUM_THREADS=1 python -m benchmarks.around_extended --scenarios 80 --jobs 2 \
        --output benchmarks/around_extended

Training scenarios of 16 to 32 tanks, in turn tight, uncertain, calm and multi-site; 42 days after 7
of warm-up; router preset "train". Costs are those over *extended*'s in the same scenario, as a
share of the mean of both: as they are, and smoothed, with nearly dry tanks in place of 70 % of what
stock-outs cost (see `lmrs_rl.learning.rollout`).
"""

from __future__ import annotations

import argparse
import json
import math
from collections.abc import Callable, Mapping
from concurrent.futures import as_completed
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from lmrs_rl.dispatchers import FixedParameters
from lmrs_rl.dispatchers.policy import ACTION_NAMES, NETWORK_FEATURES, TANK_FEATURES, Observation
from lmrs_rl.domain.arrays import FloatArray
from lmrs_rl.domain.files import write_text_atomically
from lmrs_rl.domain.quantile_function import Float32Array
from lmrs_rl.domain.workers import WorkerPool
from lmrs_rl.environment import LmrsEnv
from lmrs_rl.environment.arguments import baseline_of
from lmrs_rl.learning.rollout import EpisodeResult, Policy, baseline_policy, run_episode
from lmrs_rl.worlds import read_world_class

WORLDS = ("tight", "uncertain", "calm", "multi-site")
FIRST_SEED = 80_000
"""Among the training seeds: none that the looks before this script took."""
NEAR, NEAR_PRICE = 0.7, 0.25
TANK = {each.name: k for k, each in enumerate(TANK_FEATURES)}
NETWORK = {each.name: k for k, each in enumerate(NETWORK_FEATURES)}


@dataclass(frozen=True)
class Change:
    """What is tried: other shared numbers, or an action on top of *extended*."""

    numbers: Mapping[str, float] = field(default_factory=dict)
    policy: Policy = baseline_policy


def moved(share: float, by: float) -> float:
    """A share with ``by`` added to its logit."""
    return 1 / (1 + (1 - share) / share * math.exp(-by))


def acting(name: str, of: Callable[[Observation], FloatArray | float]) -> Policy:
    """A policy that moves one of the six numbers."""

    def policy(seen: Observation) -> Float32Array:
        action = np.zeros((len(seen["mask"]), len(ACTION_NAMES)))
        action[:, ACTION_NAMES.index(name)] = np.clip(of(seen), -1.0, 1.0) * seen["mask"]
        return action.astype(np.float32)

    return policy


def standing_out(seen: Observation, feature: str) -> FloatArray:
    """(N_max,) a feature less its mean over the morning's tanks, in its standard deviations."""
    there, column = seen["mask"] > 0, seen["tanks"][:, TANK[feature]].astype(np.float64)
    return np.asarray(
        (column - column[there].mean()) / max(float(column[there].std()), 0.02), dtype=np.float64
    )


def before_days_off(seen: Observation) -> float:
    """1 up to two days before drivers are off, else -0.5."""
    return 1.0 if seen["network"][NETWORK["until_off"]] <= 2 / 7 + 0.01 else -0.5


def changes(base: FixedParameters) -> dict[str, Change]:
    """All that is tried, by name."""
    return {
        "window opens earlier (x_share 0.53)": Change({"x_share": moved(base.x_share, 0.225)}),
        "window opens later (x_share 0.42)": Change({"x_share": moved(base.x_share, -0.225)}),
        "higher quantile (z 0.975)": Change({"z": moved(base.z, 0.75)}),
        "lower quantile (z 0.90)": Change({"z": moved(base.z, -0.75)}),
        "worth of a kg half as much again": Change({"kg_value": 1.5 * base.kg_value}),
        "worth of a kg by a third less": Change({"kg_value": base.kg_value / 1.5}),
        "alpha doubled": Change({"alpha": 2.0 * base.alpha}),
        "penalty up where much fits": Change(
            policy=acting("alpha", lambda seen: 0.3 * standing_out(seen, "base_kg"))
        ),
        "penalty up where it is urgent": Change(
            policy=acting("alpha", lambda seen: 0.3 * standing_out(seen, "risk_3"))
        ),
        "higher quantile before days off, lower else": Change(
            policy=acting("z", lambda seen: 0.5 * before_days_off(seen))
        ),
    }


def scenario(number: int) -> dict[str, Any]:
    """Figures of *extended* and of all changes on one scenario."""
    name, tanks = WORLDS[number % len(WORLDS)], 16 + (7 * number) % 17
    found = read_world_class(name)
    found = replace(
        found,
        size=replace(found.size, tanks=(tanks, tanks), n_max=tanks),
        episode=replace(found.episode, days=42, warmup_days=7),
    )
    seed, base = found.splits.seeds("train")[FIRST_SEED + number], baseline_of(None)
    price = NEAR_PRICE * found.cost.stockout_per_tank_day

    def played(change: Change) -> EpisodeResult:
        return run_episode(
            LmrsEnv(found, baseline=replace(base, **change.numbers)), seed, change.policy
        )

    against = played(Change())
    each: dict[str, dict[str, float]] = {}
    for key, change in changes(base).items():
        other = played(change)
        smooth = other.smoothed(NEAR, price).relative_difference(against.smoothed(NEAR, price))
        each[key] = {
            "cost": other.relative_difference(against),
            "smoothed": smooth,
            "driving": driving(other) / driving(against) - 1,
        }
        each[key]["stockout_tank_days"] = (
            other.figures["stockout_tank_days"] - against.figures["stockout_tank_days"]
        )
    stockouts = against.figures["stockout_tank_days"]
    return {
        "number": number,
        "world": name,
        "tanks": tanks,
        "seed": seed,
        "stockout_tank_days": stockouts,
        "changes": each,
    }


def driving(played: EpisodeResult) -> float:
    """[EUR] of trips, less what the stock gained."""
    figures = played.figures
    return (
        figures["distance_eur"] + figures["time_eur"] + figures["nights_eur"] - figures["stock_eur"]
    )


def table(rows: list[dict[str, Any]]) -> list[str]:
    """Means with standard errors, in per cent."""
    lines = [
        "| change | cost | smoothed | driving | stock-out tank-days |",
        "|---|---|---|---|---|",
    ]
    for name in rows[0]["changes"]:
        columns = []
        for figure in ("cost", "smoothed", "driving"):
            values = 100 * np.array([row["changes"][name][figure] for row in rows])
            columns.append(
                f"{values.mean():+.2f} ± {values.std(ddof=1) / np.sqrt(len(values)):.2f} %"
            )
        more = sum(row["changes"][name]["stockout_tank_days"] for row in rows)
        lines.append(f"| {name} | {' | '.join(columns)} | {more:+.0f} |")
    return lines


def main() -> None:
    """Play what OUTPUT.json lacks, and print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--scenarios", type=int, default=80)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument(
        "--output",
        type=Path,
        required=True,
        help="OUTPUT.json keeps every scenario; a run goes on from it",
    )
    args = parser.parse_args()
    path = args.output.with_suffix(".json")
    rows = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else []
    missing = sorted(set(range(args.scenarios)) - {row["number"] for row in rows})
    with WorkerPool(args.jobs) as pool:
        for done in as_completed([pool.submit(scenario, number) for number in missing]):
            rows = sorted([*rows, done.result()], key=lambda row: int(row["number"]))
            write_text_atomically(path, json.dumps(rows, indent=1) + "\n")
            print(f"{len(rows)} of {args.scenarios} scenarios", flush=True)
    print(
        "\n".join(
            [
                f"{len(rows)} scenarios, {sum(row['stockout_tank_days'] for row in rows):.0f} "
                f"stock-out tank-days under extended",
                "",
                *table(rows),
            ]
        )
    )


if __name__ == "__main__":
    main()
