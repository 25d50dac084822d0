r"""What the shipped world classes are like under the fixed dispatcher, and how long drawing takes.

    OMP_NUM_THREADS=1 python -m benchmarks.worlds [--classes calm tight] [--seeds 4] \
        [--parameters agents/tuned.toml]

Each class is rolled on its first training seeds, over warm-up and episode, with the source's
example parameters (or those given), forecasts from the last six weeks of the snapshot alone, and
the router's "train" preset. A row is a world; stock-outs and shares count after the warm-up.
"""

from __future__ import annotations

import argparse
import time
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from lmrs_rl.dispatchers import FixedDispatcher, FixedParameters
from lmrs_rl.domain import Forecast, Network, Snapshot
from lmrs_rl.forecast import WeekdayQuantiles
from lmrs_rl.routing import OrToolsRouter, RouterSettings
from lmrs_rl.simulation import OrderPlanner, Rollout, World
from lmrs_rl.simulation import run as simulated
from lmrs_rl.worlds import Scenario, draw_scenario, read_world_class
from lmrs_rl.worlds.parameters import Cost

RECENT_DAYS = 42
EMPTY_KG = 1e-6


def recent(network: Network, snapshot: Snapshot) -> Forecast:
    """Weekday means of the last six weeks."""
    return WeekdayQuantiles()(
        network, replace(snapshot, history_kg=snapshot.history_kg[-RECENT_DAYS:])
    )


@dataclass(frozen=True)
class Outcome:
    """A world under a dispatcher, warm-up left out.

    Attributes
    ----------
    dry : tank-days on which a customer went without, a thousand tank-days
    lost : kg not given, a thousand kg wanted
    busy : share of working time on weekdays spent on trips
    busiest : the same in the busiest four weeks
    kg_per_km : delivered
    missed : orders that the plans left unserved, a morning
    """

    dry: float
    lost: float
    busy: float
    busiest: float
    kg_per_km: float
    missed: float


def outcome(scenario: Scenario, rollout: Rollout) -> Outcome:
    """What the days after the warm-up came to."""
    skip = scenario.warmup_days
    unmet = rollout.unmet_kg.reshape(-1, 24, scenario.network.n_tanks).sum(axis=1)[skip:]
    wanted = scenario.days.use_kg[24 * skip :].sum()
    km, kg, work = 0.0, 0.0, np.zeros(scenario.days_total)
    for trip in rollout.trips:
        points = [int(scenario.network.vehicles.base_point[trip.vehicle])]
        for stop in trip.stops:
            table = scenario.network.sites if stop.kind == "load" else scenario.network.customers
            points.append(int(table.point[stop.place]))
        points.append(points[0])
        km += float(scenario.network.distance_km[points[:-1], points[1:]].sum())
        kg += trip.dropped_kg
        work[trip.start_min // 1440] += trip.end_min - trip.start_min
    offered = np.zeros(scenario.days_total)
    for shifts in scenario.network.drivers.shift_min:
        inside = shifts[shifts[:, 0] < 1440 * scenario.days_total]
        np.add.at(offered, inside[:, 0] // 1440, inside[:, 1] - inside[:, 0])
    work, offered = work[skip:], offered[skip:]
    weeks = len(work) // 7
    share = (
        work[: 7 * weeks].reshape(weeks, 7).sum(1),
        offered[: 7 * weeks].reshape(weeks, 7).sum(1),
    )
    four = min(4, weeks)
    busiest = max(
        float(share[0][k : k + four].sum() / share[1][k : k + four].sum())
        for k in range(weeks - four + 1)
    )
    missed = float(np.mean([len(day.plan.missed) for day in rollout.days[skip:]]))
    dry = float((unmet > EMPTY_KG).sum()) / unmet.size * 1000
    return Outcome(
        dry,
        float(unmet.sum() / wanted) * 1000,
        float(work.sum() / offered.sum()),
        busiest,
        kg / km if km else 0.0,
        missed,
    )


def run(scenario: Scenario, parameters: FixedParameters) -> Outcome:
    """Roll a world."""
    router = OrToolsRouter(RouterSettings.preset("train"))
    world = World.of(scenario, Cost(), recent)
    return outcome(scenario, simulated(world, OrderPlanner(FixedDispatcher(parameters), router)))


def main() -> None:
    """Print a row a world."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--classes", nargs="*", default=["calm", "tight", "uncertain", "multi-site", "mixed"]
    )
    parser.add_argument("--seeds", type=int, default=4)
    parser.add_argument("--parameters", type=Path)
    args = parser.parse_args()
    parameters = (
        FixedParameters.from_file(args.parameters) if args.parameters else FixedParameters()
    )
    print(
        "| world | tanks | trucks | drivers | sites | draw s | roll s | dry /1000 | lost /1000 | "
        "busy | busiest | kg/km | missed a day |"
    )
    print("|---|---|---|---|---|---|---|---|---|---|---|---|---|")
    for name in args.classes:
        world_class = read_world_class(name)
        for seed in world_class.splits.seeds("train")[: args.seeds]:
            begin = time.perf_counter()
            scenario = draw_scenario(world_class, seed)
            drawn = time.perf_counter()
            o = run(scenario, parameters)
            sizes = (
                scenario.network.n_tanks,
                len(scenario.network.vehicles),
                len(scenario.network.drivers),
                len(scenario.network.sites),
            )
            times = f"{drawn - begin:.2f} | {time.perf_counter() - drawn:.0f}"
            figures = (
                f"{o.dry:.2f} | {o.lost:.2f} | {o.busy:.2f} | {o.busiest:.2f} | "
                f"{o.kg_per_km:.1f} | {o.missed:.2f}"
            )
            print(
                f"| {scenario.days.name} | {' | '.join(map(str, sizes))} | {times} | {figures} |",
                flush=True,
            )


if __name__ == "__main__":
    main()
