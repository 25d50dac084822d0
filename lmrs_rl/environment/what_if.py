"""What would happen from a morning on under another dispatcher."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from lmrs_rl.dispatchers import Agent
from lmrs_rl.domain import InputError
from lmrs_rl.environment.arguments import whole_number
from lmrs_rl.environment.forecasts import hindsight
from lmrs_rl.environment.imagined import imagined
from lmrs_rl.environment.simulation import Episode, Morning, Simulated, run
from lmrs_rl.planning import Dispatcher, Router


def what_if(
    world: Simulated,
    morning: Morning,
    dispatcher: Dispatcher | Agent,
    router: Router,
    left: int,
    *,
    days: int | None = None,
    seed: int | None = None,
) -> Episode:
    """``days`` (``left`` where not given) from ``morning`` on, see `LmrsEnv.simulate`.

    Raises
    ------
    InputError
        For what is no dispatcher, a look-ahead, more days than are left, a seed that is none, and
        an agent that sees the truth with a seed.
    """
    chosen = _dispatcher(dispatcher, world, morning)
    sees_truth = isinstance(dispatcher, Agent) and dispatcher.sees_truth
    if seed is not None:
        if sees_truth:
            raise InputError(
                "seed",
                seed,
                "None with an agent that sees the truth: a future that is drawn is not what comes",
                "leave the seed out",
            )
        lots = np.random.default_rng(
            whole_number(
                "seed", seed, 0, None, "a whole number of at least 0, or None", "0 will do"
            )
        )
        world, left = imagined(world, morning, lots), min(left, morning.forecast.days)
    count = (
        left
        if days is None
        else whole_number(
            "days", days, 0, left, f"a whole number, 0 to {left}", "look less far ahead"
        )
    )
    if sees_truth:
        world = replace(world, forecaster=hindsight(world.scenario))
        morning = replace(morning, forecast=world.forecaster(morning.network, morning.snapshot))
    return run(world, chosen, router, begin=morning, days=count)


def _dispatcher(dispatcher: Dispatcher | Agent, world: Simulated, morning: Morning) -> Dispatcher:
    if isinstance(dispatcher, Agent):
        return dispatcher.dispatcher(np.random.default_rng((world.scenario.seed, morning.day)))
    if not callable(dispatcher):
        raise InputError(
            "dispatcher",
            repr(dispatcher),
            "a dispatcher or an Agent",
            "an agent by its name is load_agent(name)",
        )
    return dispatcher
