"""The Gymnasium environment: a step is a planning day of a distribution network."""

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
from lmrs_rl.environment.errors import ResetNeededError
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

_OPTIONS = ("seed_of_world", "split")


@dataclass(frozen=True, eq=False)
class WarmStart:
    """A scenario after its warm-up days, from which episodes start.

    Attributes
    ----------
    scenario, world : drawn, and what is simulated
    geometry : distances and hours that features are computed from
    state : the first morning of an episode
    """

    scenario: Scenario
    world: World
    geometry: Geometry
    state: DecisionState


@dataclass(frozen=True, eq=False)
class EpisodeState:
    """The current state of an episode.

    Attributes
    ----------
    warm : where the episode started
    state : the current morning
    context : what is observed there
    end_day : day after the last one
    last : outcome of the day before, ``None`` on the first morning
    """

    warm: WarmStart
    state: DecisionState
    context: PolicyContext
    end_day: int
    last: DayOutcome | None


class LmrsEnv(gym.Env[Observation, Float32Array]):
    """Dispatches a network of tanks, a day a step.

    ## Description

    Each morning the agent changes the baseline's order parameters of each tank. The parameters give
    orders, the router plans five days, and the trips of the first day are executed against the true
    consumption.

    ## Action Space

    ``Box(-1, 1, (N_max, 7))``: see `lmrs_rl.dispatchers.policy.ACTIONS`. An action of 0 reproduces
    the baseline to the bit; rows without a tank are ignored.

    ## Observation Space

    ``Dict``: ``tanks`` (N_max, F) and ``network`` (G,), see `TANK_FEATURES` and `NETWORK_FEATURES`
    there; ``mask`` (N_max,), 1 where there is a tank.

    ## Rewards

    The negative costs of the day, net of the change in inventory value so that draining stock is
    not rewarded, see `lmrs_rl.environment.rewards`.

    ## Starting State

    A scenario of the class drawn with a seed of the split, after its warm-up days under the
    baseline.

    ## Episode End

    Truncated after the days of the class (or ``days``); never terminated.

    ## Information

    ``reset``: ``seed_of_world``, ``tanks``. ``step``: see `info_of`.

    ## Arguments

    ``world``: name of a shipped class, path of a TOML file, or a `WorldClass`. ``split``: the seeds
    that ``reset`` draws from, "train", "validation" or "test". ``days``: of an episode, at most
    those of the class (the default). ``preset``: of the router. ``baseline``: TOML file or
    parameters, those of the agent *extended* by default. ``forecast``: forecast model. ``cubes``:
    folder of precomputed forecast cubes. ``scenario_cache``: keeps warmed-up scenarios, by default
    four in a cache of its own.

    ``reset(options=...)`` takes ``seed_of_world`` (any seed) and ``split``.

    ## Errors

    `ResetNeededError` for a step before the first reset or after the last day, `InvalidActionError`
    for a bad action; both are an `InputError` and Gymnasium's own error as well.

    ## Version History

    v0: first.

    Examples
    --------
    >>> import lmrs_rl
    >>> env = lmrs_rl.LmrsEnv("demo", days=1)
    >>> observation, info = env.reset(seed=0)
    >>> observation["mask"].shape, env.action_space.shape
    ((12,), (12, 7))
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
        scenario_cache: ScenarioCache | None = None,
        render_mode: str | None = None,
    ) -> None:
        self.world_class = world_class_of(world)
        # For its check alone: an unknown split is refused here and not at the first reset.
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
        if scenario_cache is not None and not isinstance(scenario_cache, ScenarioCache):
            raise InputError(
                "scenario_cache",
                repr(scenario_cache),
                "a ScenarioCache or None",
                "ScenarioCache(3) keeps three scenarios",
            )
        self.split = split
        self.preset: Preset = preset
        self.forecast: ForecastModel = forecast
        self.cubes, self.baseline = folder_of("cubes", cubes), baseline_of(baseline)
        self.router = OrToolsRouter(RouterSettings.preset(preset))
        self.scenario_cache = ScenarioCache() if scenario_cache is None else scenario_cache
        self.render_mode = render_mode
        self.n_max = self.world_class.size.n_max
        self.observation_space: spaces.Space[Observation] = observation_space(self.n_max)
        self.action_space = spaces.Box(-1.0, 1.0, (self.n_max, len(ACTIONS)), np.float32)
        self._episode: EpisodeState | None = None

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Observation, dict[str, Any]]:
        """Start a new episode; see the class for ``options``."""
        super().reset(seed=seed)
        if options is not None and not isinstance(options, dict):
            raise InputError(
                "options", repr(options), "a dict or None", f"its keys are {', '.join(_OPTIONS)}"
            )
        world_seed = self._world_seed(options or {})
        # Environments may share a cache, so the key names all that the warm-up depends on. The
        # split is not part of it: it only chooses the seed.
        key = (
            self.world_class,
            world_seed,
            self.baseline,
            self.preset,
            self.forecast,
            self.cubes,
            self.days,
        )
        warm = self.scenario_cache.get(key, lambda: self._warm_start(world_seed))
        self._episode = self._at(warm, warm.state, warm.state.day + self.days, None)
        info = {"seed_of_world": world_seed, "tanks": warm.scenario.network.n_tanks}
        return observe(self._episode.context, self.n_max), info

    def step(self, action: Float32Array) -> tuple[Observation, float, bool, bool, dict[str, Any]]:
        """Simulate a day: plan with the parameters of ``action``, execute the plan's first day."""
        episode = self.episode
        state, world = episode.state, episode.warm.world
        if state.day >= episode.end_day:
            raise ResetNeededError(
                "step",
                f"day {state.day}",
                "a call of reset() after the last day",
                "reset the environment",
            )
        rows = self._rows(action, state.network.n_tanks)
        parameters = residual_parameters(state.network, episode.context.base, rows)
        decision = decide(state, GivenParameters(parameters), self.router)
        outcome = carry_out(world, state, decision)
        following = next_state(world, state, outcome)
        self._episode = self._at(episode.warm, following, episode.end_day, outcome)
        # Never terminated: the network goes on after the episode, so values must be bootstrapped.
        terminated, truncated = False, following.day >= episode.end_day
        observation = observe(self._episode.context, self.n_max)
        reward = reward_of(outcome, state.network.n_tanks)
        return observation, reward, terminated, truncated, dict(info_of(outcome))

    def simulate(
        self, dispatcher: Dispatcher | Agent, days: int | None = None, *, seed: int | None = None
    ) -> Rollout:
        """Roll out ``dispatcher`` from the current morning; the episode itself does not change.

        Parameters
        ----------
        dispatcher : also an `Agent`; one that sees the truth, such as *hindsight*, gets the true
            demand as its forecast
        days : to the end of the episode by default
        seed : draws consumption from this morning's forecast, at most to its end, see `imagined`;
            by default the true consumption is used, which is meant for evaluation only

        Raises
        ------
        InputError
            See `what_if`.
        """
        episode = self.episode
        left = episode.end_day - episode.state.day
        return what_if(
            episode.warm.world,
            episode.state,
            dispatcher,
            self.router,
            left,
            hindsight(episode.warm.scenario),
            days=days,
            seed=seed,
        )

    def render(self) -> NDArray[np.uint8] | None:
        """The map of `figure` as pixels (700, 900, 3), ``None`` without a render mode."""
        return pixels(self.figure()) if self.render_mode == "rgb_array" else None

    def figure(self) -> Any:
        """A matplotlib figure: a map of tanks (fill, urgency) and the trips of the day before.

        See `lmrs_rl.environment.picture`.
        """
        state = self.episode.state
        median = project(
            state.network, state.snapshot, state.forecast, np.full(state.network.n_tanks, 0.5)
        )
        cover = median.hours_to_level(state.network.tanks.hit_level_kg) / HOURS_PER_DAY
        return draw_map(state, self.episode.last, cover)

    @property
    def episode(self) -> EpisodeState:
        """The current state of the episode (`ResetNeededError` before the first reset)."""
        if self._episode is None:
            raise ResetNeededError(
                "env", "not reset yet", "a call of reset() first", "reset the environment"
            )
        return self._episode

    def _world_seed(self, options: dict[str, Any]) -> int:
        for key in options:
            if key not in _OPTIONS:
                raise InputError(
                    f"options[{key!r}]",
                    repr(options[key]),
                    f"one of {', '.join(_OPTIONS)}",
                    "correct or remove it",
                )
        seeds = self.world_class.splits.seeds(options.get("split", self.split))
        # Drawn even if a seed is given, so that later resets do not depend on the options.
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

    def _warm_start(self, world_seed: int) -> WarmStart:
        scenario = draw_scenario(self.world_class, world_seed)
        # One more than days: the observation after the last one has a forecast, too.
        mornings = scenario.warmup_days + self.days + 1
        forecaster = scenario_forecaster(
            scenario, self.forecast, cubes=self.cubes, mornings=mornings
        )
        world = World.of(scenario, self.world_class.cost, forecaster)
        baseline = OrderPlanner(FixedDispatcher(self.baseline), self.router)
        warmup = run(world, baseline, days=scenario.warmup_days)
        return WarmStart(scenario, world, Geometry.of(scenario.network), warmup.end)

    def _at(
        self, warm: WarmStart, state: DecisionState, end_day: int, last: DayOutcome | None
    ) -> EpisodeState:
        base = FixedDispatcher(self.baseline)(state.network, state.snapshot, state.forecast)
        date = warm.scenario.date(state.day)
        context = PolicyContext(
            state.network,
            state.snapshot,
            state.forecast,
            warm.geometry,
            base,
            state.plans,
            date,
        )
        return EpisodeState(warm, state, context, end_day, last)

    def _rows(self, action: Float32Array, n: int) -> FloatArray:
        # Cut first: rows without a tank are ignored, whatever they hold.
        return within_one(numbers_of(action, (self.n_max, len(ACTIONS)))[:n])


def observation_space(n_max: int) -> spaces.Space[Observation]:
    """The space of `lmrs_rl.dispatchers.policy.observe`, from the tables of features."""
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
