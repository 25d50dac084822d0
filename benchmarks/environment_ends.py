"""Does it pay to fill up or to drain the tanks at the end of an episode, and what do deliveries
cost over what they are worth?

For each world: the baseline to the end; and the same until the last days, then everything filled,
or nothing delivered any more.

    python -m benchmarks.environment_ends --worlds calm tight --seeds 4
"""

from __future__ import annotations

import argparse
import json
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from lmrs_rl.dispatchers import FixedDispatcher, FixedParameters
from lmrs_rl.environment.arguments import baseline_file
from lmrs_rl.routing import OrToolsRouter, RouterSettings
from lmrs_rl.simulation import OrderPlanner, Rollout, World, run, scenario_forecaster
from lmrs_rl.simulation.prices import delivery_price
from lmrs_rl.worlds import draw_scenario, read_world_class

FILL = FixedParameters(x_share=1.0, alpha=1e4, beta=0.0, value_multiplier=20.0, z=0.6)
"""Orders for every tank with room, and a price on each that is worth any way."""
DRAIN = FixedParameters(x_share=0.0, alpha=0.0, value_multiplier=0.0, z=0.6)
"""Nothing is worth a way."""


@dataclass(frozen=True)
class Ends:
    """Of one world; [EUR] over the last days, whose total is costs less gain in worth of stock."""

    world: str
    seed: int
    tanks: int
    cost_over_worth: float
    on: float
    fill: float
    drain: float


def ends(world: str, seed: int, tanks: tuple[int, int], days: int, last: int) -> Ends:
    """Play ``days`` days after the warm-up, the ``last`` of them in three ways."""
    world_class = read_world_class(world)
    world_class = replace(
        world_class, size=replace(world_class.size, tanks=tanks, n_max=max(tanks))
    )
    scenario = draw_scenario(world_class, seed)
    simulated = World.of(scenario, world_class.cost, scenario_forecaster(scenario))
    router, on = (
        OrToolsRouter(RouterSettings.preset("train")),
        FixedDispatcher(FixedParameters.from_file(baseline_file())),
    )
    planner = OrderPlanner(on, router)
    first = run(simulated, planner, days=scenario.warmup_days + days - last)

    def to_end(dispatcher: FixedDispatcher) -> Rollout:
        return run(simulated, OrderPlanner(dispatcher, router), begin=first.end, days=last)

    going_on, fill, drain = (
        to_end(each) for each in (on, FixedDispatcher(FILL), FixedDispatcher(DRAIN))
    )
    ratio = cost_over_worth(simulated, first, scenario.warmup_days)
    total = [sum(day.costs.total for day in each.days) for each in (going_on, fill, drain)]
    return Ends(world, seed, scenario.network.n_tanks, ratio, *total)


def cost_over_worth(simulated: World, rollout: Rollout, skip: int) -> float:
    """Cost of the ways over the price of what was dropped, at a ``stock_value`` of 1; the days
    before ``skip`` do not count.
    """
    price = delivery_price(simulated.network)
    days = rollout.days[skip:]
    cost = sum(day.costs.distance + day.costs.time + day.costs.nights for day in days)
    worth = sum(
        price[stop.place] * stop.kg
        for day in days
        for trip in day.executed.trips
        for stop in trip.stops
        if stop.kind == "drop"
    )
    return float(cost / worth)


def main() -> None:
    """Print a row for each world, means with their standard errors, and write all to the file
    given.
    """
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--worlds", nargs="+", default=["calm", "tight", "uncertain", "multi-site"])
    parser.add_argument("--seeds", type=int, default=4)
    parser.add_argument("--first-seed", type=int, default=1_000_000)
    parser.add_argument("--tanks", type=int, nargs=2, default=(20, 40))
    parser.add_argument("--days", type=int, default=28, help="days after the warm-up")
    parser.add_argument("--last", type=int, default=5, help="of them that are played in three ways")
    parser.add_argument("--output", type=Path, default=None, help="JSON file for all rows")
    args = parser.parse_args()
    rows = []
    for world in args.worlds:
        for seed in range(args.first_seed, args.first_seed + args.seeds):
            rows.append(ends(world, seed, tuple(args.tanks), args.days, args.last))
            r = rows[-1]
            print(
                f"{r.world} {r.seed}: {r.tanks} tanks, cost / worth {r.cost_over_worth:.2f}, on "
                f"{r.on:.0f}, fill {r.fill:+.0f}, drain {r.drain:+.0f}",
                flush=True,
            )
    for name in ("fill", "drain"):
        more = np.array([(getattr(r, name) - r.on) / r.on for r in rows])
        print(
            f"{name}: costs {more.mean():+.1%} of going on, standard error "
            f"{more.std(ddof=1) / np.sqrt(len(more)):.1%}, least {more.min():+.1%}"
        )
    ratio = np.array([r.cost_over_worth for r in rows])
    print(f"cost / worth: mean {ratio.mean():.3f}, {ratio.min():.2f} to {ratio.max():.2f}")
    if args.output is not None:
        args.output.write_text(
            json.dumps([r.__dict__ for r in rows], indent=1) + "\n", encoding="utf-8"
        )


if __name__ == "__main__":
    main()
