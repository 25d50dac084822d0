"""The Gymnasium environment: a step is a day of the Last Mile Replenishment Scheduler."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast, get_args

import gymnasium as gym
import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray

from lmrs_rl.dispatchers import Agent, FixedDispatcher, FixedParameters
from lmrs_rl.dispatchers.policy import (
    ACTIONS,
    NETWORK_FEATURES,
    TANK_FEATURES,
    Geometry,
    Observation,
    PolicyContext,
    bounds,
    observe,
    residual_parameters,
)
from lmrs_rl.dispatchers.protocol import Dispatcher
from lmrs_rl.domain import InputError
from lmrs_rl.domain.arguments import whole_number
from lmrs_rl.domain.arrays import HOURS_PER_DAY, FloatArray
from lmrs_rl.domain.quantile_function import Float32Array
from lmrs_rl.environment.arguments import (
    baseline_of,
    folder_of,
    numbers_of,
    within_one,
    world_class_of,
)
from lmrs_rl.environment.cache import ScenarioCache
from lmrs_rl.environment.picture import draw_map, pixels
from lmrs_rl.environment.rewards import info_of, reward_of
from lmrs_rl.orders import project
from lmrs_rl.routing import OrToolsRouter, RouterSettings
from lmrs_rl.routing.router import Preset
from lmrs_rl.simulation import (
    DayOutcome,
    DecisionState,
    GivenParameters,
    OrderPlanner,
    Rollout,
    World,
    carry_out,
    decide,
    next_state,
    run,
    scenario_forecaster,
)
from lmrs_rl.simulation.forecasts import ForecastModel, check_model, hindsight
from lmrs_rl.simulation.what_if import what_if
from lmrs_rl.worlds import Scenario, WorldClass, draw_scenario

OPTIONS = ("seed_of_world", "split")


@dataclass(frozen=True, eq=False)
class WarmStart:
    """A scenario after its warm-up, from where episodes begin."""

    scenario: Scenario
    world: World
    geometry: Geometry
    morning: DecisionState


@dataclass(frozen=True, eq=False)
class EpisodeState:
    """Where an episode stands, what was observed there, and the day before, if any."""

    warm: WarmStart
    morning: DecisionState
    context: PolicyContext
    end_day: int
    last: DayOutcome | None


class LmrsEnv(gym.Env[Observation, Float32Array]):
    """Dispatches a network of tanks, a day a step.

    ## Description

    Each morning the agent changes the order parameters of the baseline for each tank. Orders follow
    from them, OR-Tools plans five days, the trips of the first are driven while customers use what
    they use.

    ## Action Space

    ``Box(-1, 1, (N_max, 7))``: see `lmrs_rl.dispatchers.policy.ACTIONS`. 0 is the baseline to the
    bit; rows without a tank do not count.

    ## Observation Space

    ``Dict``: ``tanks`` (N_max, F) and ``network`` (G,), see `TANK_FEATURES` and `NETWORK_FEATURES`
    there; ``mask`` (N_max,), 1 where there is a tank.

    ## Rewards

    Less the costs of the day, more the gain in worth of the stock, see
    `lmrs_rl.environment.rewards`.

    ## Starting State

    A scenario of the class drawn with a seed of the split, after its warm-up days under the
    baseline.

    ## Episode End

    Truncated after the days of the class (or ``days``); never terminated.

    ## Information

    ``reset``: ``seed_of_world``, ``tanks``. ``step``: see `info_of`.

    ## Arguments

    ``world``: name of a shipped class, path of a TOML file, or a `WorldClass`. ``split``: whose
    seeds ``reset`` draws, "train", "validation" or "test". ``days``: of an episode, at most those
    of the class (the default). ``preset``: of the router. ``baseline``: TOML file or parameters,
    those of the agent *extended* if not given. ``forecast``: model of module 1. ``cubes``: folder
    of forecast cubes made before. ``memory``: keeps warmed-up scenarios, one of four of its own if
    not given.

    ``reset(options=...)`` takes ``seed_of_world`` (any seed) and ``split``.

    ## Version History

    v0: first.
    """

    metadata = {"render_modes": ["rgb_array"], "render_fps": 1}  # noqa: RUF012

    def __init__(
        self,
        world: str | Path | WorldClass = "calm",
        *,
        split: str = "train",
        days: int | None = None,
        preset: Preset = "train",
        baseline: str | Path | FixedParameters | None = None,
        forecast: ForecastModel = "weekly",
        cubes: str | Path | None = None,
        memory: ScenarioCache | None = None,
        render_mode: str | None = None,
    ) -> None:
        self.world_class = world_class_of(world)
        self.world_class.splits.seeds(split)
        check_model(forecast)
        if not isinstance(preset, str):
            raise InputError(
                "preset",
                repr(preset),
                f"one of {', '.join(get_args(Preset))}",
                "see RouterSettings.preset",
            )
        most = self.world_class.episode.days
        wanted, remedy = f"a whole number, 1 to {most}", "shorten the episode or leave it out"
        self.days = most if days is None else whole_number("days", days, 1, most, wanted, remedy)
        if render_mode not in (None, "rgb_array"):
            raise InputError(
                "render_mode", repr(render_mode), "'rgb_array' or None", "see also figure()"
            )
        if memory is not None and not isinstance(memory, ScenarioCache):
            raise InputError(
                "memory", repr(memory), "a Memory or None", "Memory(3) keeps three scenarios"
            )
        self.split, self.preset, self.forecast = split, preset, forecast
        self.cubes, self.baseline = folder_of("cubes", cubes), baseline_of(baseline)
        self.router = OrToolsRouter(RouterSettings.preset(preset))
        self.memory = ScenarioCache() if memory is None else memory
        self.render_mode = render_mode
        self.n_max = self.world_class.size.n_max
        self.observation_space: spaces.Space[Observation] = observation_space(self.n_max)
        self.action_space = spaces.Box(-1.0, 1.0, (self.n_max, len(ACTIONS)), np.float32)
        self._state: EpisodeState | None = None

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Observation, dict[str, Any]]:
        """A new episode; see the class for ``options``."""
        super().reset(seed=seed)
        if options is not None and not isinstance(options, dict):
            raise InputError(
                "options", repr(options), "a dict or None", f"its keys are {', '.join(OPTIONS)}"
            )
        world_seed = self._world_seed(options or {})
        key = (
            self.world_class,
            world_seed,
            self.baseline,
            self.preset,
            self.forecast,
            self.cubes,
            self.days,
        )
        warm = self.memory.get(key, lambda: self._warm(world_seed))
        self._state = self._at(warm, warm.morning, warm.morning.day + self.days, None)
        info = {"seed_of_world": world_seed, "tanks": warm.scenario.network.n_tanks}
        return observe(self._state.context, self.n_max), info

    def step(self, action: Float32Array) -> tuple[Observation, float, bool, bool, dict[str, Any]]:
        """A day: the action becomes order parameters, orders, a plan; its first day is driven."""
        state = self.state
        if state.morning.day >= state.end_day:
            raise InputError(
                "step",
                f"day {state.morning.day}",
                "a call of reset() after the last day",
                "reset the environment",
            )
        network = state.morning.network
        rows = self._rows(action, network.n_tanks)
        parameters = residual_parameters(network, state.context.base, rows)
        decision = decide(state.morning, GivenParameters(parameters), self.router)
        outcome = carry_out(state.warm.world, state.morning, decision)
        morning = next_state(state.warm.world, state.morning, outcome)
        self._state = self._at(state.warm, morning, state.end_day, outcome)
        truncated = morning.day >= state.end_day
        return (
            observe(self._state.context, self.n_max),
            reward_of(outcome, network.n_tanks),
            False,
            truncated,
            dict(info_of(outcome)),
        )

    def simulate(
        self, dispatcher: Dispatcher | Agent, days: int | None = None, *, seed: int | None = None
    ) -> Rollout:
        """What would happen from here under ``dispatcher``, for so many days or to the end of the
        episode; the episode stays as it is.

        Without ``seed`` customers use what they really will, for judging alone. With one,
        consumption is drawn from this morning's forecast, at most for as many days as that has, see
        `imagined`. An `Agent` that sees the truth, such as *hindsight*, gets it for a forecast, and
        takes no ``seed``; its dispatcher alone does not. For errors see `what_if`.
        """
        state = self.state
        left = state.end_day - state.morning.day
        return what_if(
            state.warm.world,
            state.morning,
            dispatcher,
            self.router,
            left,
            hindsight(state.warm.scenario),
            days=days,
            seed=seed,
        )

    def render(self) -> NDArray[np.uint8] | None:
        """The map of `figure` as pixels (700, 900, 3); nothing without a render mode."""
        return pixels(self.figure()) if self.render_mode == "rgb_array" else None

    def figure(self) -> Any:
        """A matplotlib figure: a map of tanks (fill, urgency) and the trips of the day before,
        see `lmrs_rl.environment.picture`.
        """
        state = self.state
        median = project(
            state.morning.network,
            state.morning.snapshot,
            state.morning.forecast,
            np.full(state.context.network.n_tanks, 0.5),
        )
        cover = median.reaches(state.morning.network.tanks.hit_level_kg) / HOURS_PER_DAY
        return draw_map(state.morning, state.last, cover)

    @property
    def state(self) -> EpisodeState:
        """Where the episode stands (`InputError` before the first reset)."""
        if self._state is None:
            raise InputError(
                "env", "not reset yet", "a call of reset() first", "reset the environment"
            )
        return self._state

    def _world_seed(self, options: dict[str, Any]) -> int:
        for key in options:
            if key not in OPTIONS:
                raise InputError(
                    f"options[{key!r}]",
                    repr(options[key]),
                    f"one of {', '.join(OPTIONS)}",
                    "correct or remove it",
                )
        seeds = self.world_class.splits.seeds(options.get("split", self.split))
        drawn = seeds[int(self.np_random.integers(len(seeds)))]
        chosen = options.get("seed_of_world", drawn)
        return whole_number(
            "options['seed_of_world']",
            chosen,
            0,
            None,
            "a whole number of at least 0",
            "name the seed of a world",
        )

    def _warm(self, world_seed: int) -> WarmStart:
        scenario = draw_scenario(self.world_class, world_seed)
        mornings = scenario.warmup_days + self.days + 1
        forecaster = scenario_forecaster(
            scenario, self.forecast, cubes=self.cubes, mornings=mornings
        )
        world = World.of(scenario, self.world_class.cost, forecaster)
        baseline = OrderPlanner(FixedDispatcher(self.baseline), self.router)
        warmup = run(world, baseline, days=scenario.warmup_days)
        return WarmStart(scenario, world, Geometry.of(scenario.network), warmup.end)

    def _at(
        self, warm: WarmStart, morning: DecisionState, end_day: int, last: DayOutcome | None
    ) -> EpisodeState:
        base = FixedDispatcher(self.baseline)(morning.network, morning.snapshot, morning.forecast)
        date = warm.scenario.date(morning.day)
        context = PolicyContext(
            morning.network,
            morning.snapshot,
            morning.forecast,
            warm.geometry,
            base,
            morning.plans,
            date,
        )
        return EpisodeState(warm, morning, context, end_day, last)

    def _rows(self, action: Float32Array, n: int) -> FloatArray:
        return within_one(numbers_of(action, (self.n_max, len(ACTIONS)))[:n])


def observation_space(n_max: int) -> spaces.Space[Observation]:
    """The space of `lmrs_rl.dispatchers.policy.observe`, made from the tables of features."""
    low, high = bounds(TANK_FEATURES)
    network_low, network_high = bounds(NETWORK_FEATURES)
    parts = spaces.Dict(
        {
            "tanks": spaces.Box(
                np.tile(low, (n_max, 1)), np.tile(high, (n_max, 1)), dtype=np.float32
            ),
            "mask": spaces.MultiBinary(n_max),
            "network": spaces.Box(network_low, network_high, dtype=np.float32),
        }
    )
    return cast("spaces.Space[Observation]", parts)
