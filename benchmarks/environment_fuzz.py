r"""Random actions in all worlds: no exception, no NaN, no level out of its tank, no plan that the
referee rejects (aside from dry tanks, which are bad service, and drops that were planned larger
than what fitted when the time had come).

    OMP_NUM_THREADS=1 python -m benchmarks.environment_fuzz --episodes 1000 --days 7 \
        --output runs/fuzz.jsonl --summary benchmarks/environment_fuzz.json

An episode is a line of the output; run again, what is in it already is left out. The summary is of
all its episodes of the seed.
"""

from __future__ import annotations

import argparse
import json
import sys
import traceback
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.checkout import head
from lmrs_rl.dispatchers.policy import ACTION_NAMES
from lmrs_rl.domain import Days, Trip
from lmrs_rl.domain.shipped import shipped_worlds
from lmrs_rl.environment import LmrsEnv
from lmrs_rl.referee import judge
from lmrs_rl.simulation import DayOutcome
from lmrs_rl.stock import settled
from lmrs_rl.worlds import network_as_it_was

SLACK_KG = 1e-6
"""[kg] Rounding of a level."""


@dataclass(frozen=True)
class Result:
    """Of an episode; ``trouble`` is empty where all is well."""

    number: int
    world: str
    seed: int
    tanks: int
    days: int
    size: float
    trips: int
    stockout_tank_days: float
    reward: float
    trouble: tuple[str, ...]


def episode(env: LmrsEnv, number: int, seed: int) -> Result:
    """One episode with random actions of a random size, drawn from ``seed`` and ``number``."""
    rng = np.random.default_rng([seed, number])
    size = float(rng.choice([0.1, 0.5, 1.0, 1.0]))
    trouble: list[str] = []
    observation, info = env.reset(seed=int(rng.integers(2**31)))
    begin = env.episode.state
    outcomes: list[DayOutcome] = []
    rewards: list[float] = []
    stockouts, over = 0.0, False
    while not over:
        trouble += [
            f"day {len(rewards)}: observation"
            for _ in range(observation not in env.observation_space)
        ]
        extreme, drawn = rng.random() < 0.2, rng.uniform(-1, 1, (env.n_max, len(ACTION_NAMES)))
        observation, reward, _, over, parts = env.step(
            (size * (np.sign(drawn) if extreme else drawn)).astype(np.float32)
        )
        rewards.append(float(reward))
        stockouts += parts["stockout_tank_days"]
        trouble += _levels(env, len(rewards))
        if env.episode.last is not None:
            outcomes.append(env.episode.last)
    if not np.isfinite(rewards).all():
        trouble.append("a reward that is no number")
    scenario = env.episode.warm.scenario
    use = scenario.days.use_kg[24 * begin.day : 24 * env.episode.state.day]
    really = settled(scenario.network, begin.stock, [outcome.executed for outcome in outcomes])
    trips, cut = really.trips, _cut_short(outcomes, really.trips)
    days = Days("fuzz", really.start, use, scenario.days.call_in_orders)
    # A tank that runs dry is bad service, and one fuller than foretold takes less than was planned,
    # maybe less than its least drop.
    verdict = judge(network_as_it_was(scenario.network, scenario.outages), days, trips)
    fate = [
        v
        for v in verdict.operating
        if (v.code == "DYN01" and "dry" in v.where)
        or (v.code == "SHI16" and v.where.startswith(tuple(cut)))
    ]
    broken = [v for v in verdict.operating if v not in fate]
    trouble += [f"referee: {violation}" for violation in broken]
    world = env.world_class.name
    return Result(
        number,
        world,
        int(info["seed_of_world"]),
        int(info["tanks"]),
        len(rewards),
        size,
        len(trips),
        stockouts,
        sum(rewards),
        tuple(trouble),
    )


def _cut_short(days: list[DayOutcome], trips: tuple[Trip, ...]) -> list[str]:
    """How the referee calls the drops of ``trips`` of which less fitted than was planned on
    their morning.
    """
    planned = {
        (trip.driver, trip.vehicle, trip.start_min): trip
        for day in days
        for trip in day.plan.starting_before(day.executed.to_min)
    }
    found = []
    for t, trip in enumerate(trips):
        for s, (stop, wish) in enumerate(
            zip(trip.stops, planned[trip.driver, trip.vehicle, trip.start_min].stops, strict=True)
        ):
            found += (
                [f"trip {t}, stop {s} ("]
                if stop.kind == "drop" and stop.kg < wish.kg - SLACK_KG
                else []
            )
    return found


def _levels(env: LmrsEnv, day: int) -> list[str]:
    episode = env.episode
    if episode.last is None:
        return [f"day {day}: no day"]
    level, capacity = episode.last.executed.level_kg, episode.state.network.tanks.capacity_kg
    found = [f"day {day}: a negative level" for _ in range(bool((level < 0).any()))]
    found += [
        f"day {day}: a level above capacity"
        for _ in range(bool((level > capacity + SLACK_KG).any()))
    ]
    return found + [
        f"day {day}: a level that is no number" for _ in range(not np.isfinite(level).all())
    ]


def tried(env: LmrsEnv, number: int, seed: int) -> Result:
    """`episode`, an exception being trouble too."""
    try:
        return episode(env, number, seed)
    except Exception:
        return Result(
            number, env.world_class.name, -1, 0, 0, 0.0, 0, 0.0, 0.0, (traceback.format_exc(),)
        )


def done_before(path: Path, seed: int) -> dict[int, dict[str, Any]]:
    """The episodes of the seed in the file by number."""
    if not path.exists():
        return {}
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return {row["number"]: row for row in rows if row["of_seed"] == seed}


def summary(rows: Sequence[dict[str, Any]], seed: int, commit: str) -> dict[str, Any]:
    """What was played, class by class, and what trouble there was; ``commit`` is of the code
    that played.
    """
    worlds = sorted({row["world"] for row in rows})
    days = sorted({row["days"] for row in rows if row["days"] > 0})
    length = f" --days {days[0]}" if len(days) == 1 else ""
    settings = f"--episodes {len(rows)}{length} --seed {seed} --output FILE --summary FILE"
    return {
        "command": f"OMP_NUM_THREADS=1 python -m benchmarks.environment_fuzz {settings}",
        "commit": commit,
        **counted(rows),
        "by_class": {
            world: counted([row for row in rows if row["world"] == world]) for world in worlds
        },
        "trouble": [
            {
                "number": row["number"],
                "world": row["world"],
                "seed": row["seed"],
                "told": [each.strip().splitlines()[-1] for each in row["trouble"]],
            }
            for row in rows
            if row["trouble"]
        ],
    }


def counted(rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Sums over episodes, and the smallest and largest network of those that came to their end."""
    tanks = [row["tanks"] for row in rows if row["tanks"] > 0]
    return {
        "episodes": len(rows),
        "days": sum(row["days"] for row in rows),
        "trips": sum(row["trips"] for row in rows),
        "stockout_tank_days": sum(row["stockout_tank_days"] for row in rows),
        "tanks": [min(tanks, default=0), max(tanks, default=0)],
        "in_trouble": sum(bool(row["trouble"]) for row in rows),
    }


def main() -> int:
    """Run what is missing; 1 where there is trouble."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--episodes", type=int, default=50)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument(
        "--days", type=int, default=None, help="of an episode; those of the class if not given"
    )
    parser.add_argument("--worlds", nargs="+", default=list(shipped_worlds()))
    parser.add_argument(
        "--part",
        type=int,
        nargs=2,
        default=(0, 1),
        metavar=("K", "N"),
        help="only every N-th episode, from the K-th on",
    )
    parser.add_argument("--output", type=Path, required=True, help="file of lines of JSON")
    parser.add_argument(
        "--summary",
        type=Path,
        default=None,
        help="file for a short JSON of all episodes in the output",
    )
    parser.add_argument(
        "--commit",
        default=None,
        help="of the code that played them, for the summary; that of the checkout if not given",
    )
    args = parser.parse_args()
    before = done_before(args.output, args.seed)
    commit = head()
    envs = {world: LmrsEnv(world, days=args.days) for world in args.worlds}
    bad = sum(bool(row["trouble"]) for row in before.values())
    args.output.parent.mkdir(parents=True, exist_ok=True)
    for number in range(args.part[0], args.episodes, args.part[1]):
        if number in before:
            continue
        result = tried(envs[args.worlds[number % len(args.worlds)]], number, args.seed)
        bad += bool(result.trouble)
        with args.output.open("a", encoding="utf-8") as file:
            file.write(json.dumps({"of_seed": args.seed, **asdict(result)}) + "\n")
        told = "; ".join(result.trouble) or "well"
        print(
            f"{number}: {result.world} {result.seed}, {result.tanks} tanks, {result.days} days, "
            f"{result.trips} trips: {told}",
            flush=True,
        )
    print(f"{args.episodes} episodes, {bad} in trouble")
    if args.summary is not None:
        rows = [row for _, row in sorted(done_before(args.output, args.seed).items())]
        args.summary.write_text(
            json.dumps(summary(rows, args.seed, args.commit or commit), indent=1) + "\n",
            encoding="utf-8",
        )
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
