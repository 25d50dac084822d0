"""A class of small worlds in which tests of the environment play, and what they play with."""

from __future__ import annotations

from functools import cache

import numpy as np

from lmrs_rl.dispatchers import FixedDispatcher, FixedParameters
from lmrs_rl.domain.quantile_function import Float32Array
from lmrs_rl.environment import LmrsEnv
from lmrs_rl.routing import OrToolsRouter, RouterSettings
from lmrs_rl.simulation import DecisionState, OrderPlanner, World, scenario_forecaster
from lmrs_rl.worlds import Scenario, WorldClass, draw_scenario
from lmrs_rl.worlds.parameters import Episode, Fleet, Size

SMALL = WorldClass(
    name="small",
    size=Size(tanks=(6, 8), n_max=9),
    fleet=Fleet(products=(1, 1), tanks_per_driver=(4.0, 4.0)),
    episode=Episode(days=3, warmup_days=2, history_days=28),
)
SEED = 1_000_000
ROUTER = OrToolsRouter(RouterSettings.preset("train"))
BASELINE = FixedParameters(
    x_share=0.5, a=-0.05, b=0.9, z=0.6, value_multiplier=1.0, q_min_floor=0.2
)
DISPATCHER = FixedDispatcher(BASELINE)
PLANNER = OrderPlanner(DISPATCHER, ROUTER)


def small_env(**kwargs: object) -> LmrsEnv:
    """An environment of `SMALL` worlds under `BASELINE`."""
    return LmrsEnv(SMALL, baseline=BASELINE, **kwargs)  # type: ignore[arg-type]


@cache
def small_scenario() -> Scenario:
    """What happens in `small_world`."""
    return draw_scenario(SMALL, SEED)


@cache
def small_world() -> World:
    """One small scenario with its forecasts."""
    scenario = small_scenario()
    return World.of(scenario, SMALL.cost, scenario_forecaster(scenario))


@cache
def first_morning() -> DecisionState:
    """Of `small_world`."""
    return small_world().start()


def nothing(env: LmrsEnv) -> Float32Array:
    """The action that leaves everything to the baseline."""
    return np.zeros((env.n_max, 7), dtype=np.float32)
