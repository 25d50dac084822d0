"""Rollouts from a given morning under another dispatcher."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from lmrs_rl.dispatchers import Agent, Dispatcher
from lmrs_rl.domain import InputError
from lmrs_rl.domain.arguments import whole_number
from lmrs_rl.forecast import Forecaster
from lmrs_rl.routing.protocol import Router
from lmrs_rl.simulation.day import OrderPlanner
from lmrs_rl.simulation.futures import imagined
from lmrs_rl.simulation.loop import Rollout, run
from lmrs_rl.simulation.state import DecisionState
from lmrs_rl.simulation.world import World


def what_if(
    world: World,
    state: DecisionState,
    dispatcher: Dispatcher | Agent,
    router: Router,
    left: int,
    truth: Forecaster,
    *,
    days: int | None = None,
    seed: int | None = None,
) -> Rollout:
    """Run ``dispatcher`` from ``state`` on, see `LmrsEnv.simulate`.

    Parameters
    ----------
    left : [days] at most
    truth : forecaster of an agent that sees the future
    days : number of days, ``left`` by default
    seed : of a demand path drawn from the forecast; the true demand if not given

    Raises
    ------
    InputError
        For something that is no dispatcher, a look-ahead, more days than are left, an invalid
        seed, and a seed together with an agent that sees the truth.
    """
    chosen = _dispatcher(dispatcher, world, state)
    sees_truth = isinstance(dispatcher, Agent) and dispatcher.sees_truth
    if seed is not None:
        if sees_truth:
            raise InputError(
                "seed",
                seed,
                "None with an agent that sees the truth: drawn demand is not the true demand",
                "leave the seed out",
            )
        wanted = "a whole number of at least 0, or None"
        rng = np.random.default_rng(whole_number("seed", seed, 0, None, wanted, "0 will do"))
        world, left = imagined(world, state, rng), min(left, state.forecast.days)
    wanted = f"a whole number, 0 to {left}"
    count = left if days is None else whole_number("days", days, 0, left, wanted, "look less far")
    if sees_truth:
        # In the state as well, which holds a forecast of the other forecaster already.
        world = replace(world, forecaster=truth)
        state = replace(state, forecast=truth(state.network, state.snapshot))
    return run(world, OrderPlanner(chosen, router), begin=state, days=count)


def _dispatcher(dispatcher: Dispatcher | Agent, world: World, state: DecisionState) -> Dispatcher:
    if isinstance(dispatcher, Agent):
        return dispatcher.dispatcher(np.random.default_rng((world.seed, state.day)))
    if not callable(dispatcher):
        raise InputError(
            "dispatcher",
            repr(dispatcher),
            "a dispatcher or an Agent",
            "an agent by its name is load_agent(name)",
        )
    return dispatcher
