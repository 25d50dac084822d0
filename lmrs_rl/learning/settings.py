"""The tables of a training recipe as frozen dataclasses, see `lmrs_rl.learning.recipe`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast, get_args

from lmrs_rl.dispatchers.policy import ACTION_NAMES, NETWORK_FEATURES, TANK_FEATURES
from lmrs_rl.domain.aliases import new_names
from lmrs_rl.domain.tables import require
from lmrs_rl.learning.linear import columns, names_of
from lmrs_rl.learning.search import SEARCHES
from lmrs_rl.routing import RouterSettings
from lmrs_rl.routing.router import Preset
from lmrs_rl.simulation.forecasts import ForecastModel

FORMS = ("linear", "network", "shared")
POOLINGS = ("mean-max", "attention")
_WORLDS = ("shared", "own")


@dataclass(frozen=True)
class WorldSettings:
    """Worlds to train on.

    Attributes
    ----------
    name : a shipped class, or the path of a TOML file, looked for beside the recipe first
    tanks : (least, most) number of tanks, instead of the class's own
    days, warmup_days : [days] of an episode that count, and before them
    preset : of the router
    forecast : forecast model
    data : folder of the data of worlds on real ground, see `read_world_class`; empty for others.
        A run's folder keeps everything but these data
    baseline : path of the baseline's parameters, which a new actor reproduces, looked for beside
        the recipe first; those of *extended* if empty
    """

    name: str = "mixed"
    tanks: tuple[int, int] = (20, 40)
    days: int = 28
    warmup_days: int = 7
    preset: str = "train"
    forecast: str = "weekly"
    data: str = ""
    baseline: str = ""

    def __post_init__(self) -> None:
        _at_least("world", self, days=1)
        _one_of("world", self, forecast=get_args(ForecastModel))
        RouterSettings.preset(cast("Preset", self.preset))


@dataclass(frozen=True)
class ActorRecipe:
    """The actor. Settings that its form and learner do not use must be left out.

    Attributes
    ----------
    form : "linear", "network" or "shared", see `lmrs_rl.learning.actor`; "sac" trains a shared
        one, "ppo" the others
    tank_features, network_features, actions : names, only for the evolution of a linear actor: the
        weights of all others stay 0
    hidden, pooling, queries : of a network (the last one if it pools by attention); the first also
        of a shared actor, see `lmrs_rl.learning.actor.ActorSettings`
    """

    form: str = "linear"
    tank_features: tuple[str, ...] = tuple(each.name for each in TANK_FEATURES)
    network_features: tuple[str, ...] = tuple(each.name for each in NETWORK_FEATURES)
    actions: tuple[str, ...] = ACTION_NAMES
    hidden: int = 32
    pooling: str = "mean-max"
    queries: int = 4

    def __post_init__(self) -> None:
        # Recipes and runs of before have features under their old names.
        for name in ("tank_features", "network_features", "actions"):
            object.__setattr__(self, name, new_names(name, getattr(self, name)))
        _one_of("actor", self, form=FORMS, pooling=POOLINGS)
        _at_least("actor", self, hidden=1, queries=1)
        columns("actor.tank_features", self.tank_features, names_of(TANK_FEATURES))
        columns("actor.network_features", self.network_features, names_of(NETWORK_FEATURES))
        columns("actor.actions", self.actions, ACTION_NAMES)
        require("actor.actions", list(self.actions), bool(self.actions), "one at least")


@dataclass(frozen=True)
class EvolutionSettings:
    """The evolution strategy.

    Attributes
    ----------
    search : one of `lmrs_rl.learning.search.SEARCHES`
    sigma : standard deviation of candidates around the mean, in standard deviations of features;
        > 0
    pairs : mirrored pairs of a generation, >= 1 ("cma" and "sep-cma": >= 2)
    worlds : "shared": all candidates of a generation and the baseline run on the same worlds;
        "own": each pair has its own worlds, which tells more about the gradient for the same days,
        but does not rank the candidates (only for "gradient")
    scenarios : training worlds of a generation, or of a pair; >= 1
    step, step_half_life, momentum : of "gradient", see `GradientSearch`
    clip_relative_cost : bound on the cost relative to the baseline's (or the pair's mean) in one
        world, up and down, so that no single world decides; > 0
    shaping_weight : share of the cost of stock-outs that is replaced by a cost of nearly dry
        tank-days, which has less variance, in [0, 1]; see `EpisodeResult.smoothed`
    shaping_cost : of a nearly dry tank-day, as a share of the price of a stock-out, >= 0
    norm_scenarios : scenarios run under the baseline to normalise the features, >= 1
    """

    search: str = "gradient"
    sigma: float = 0.06
    pairs: int = 12
    worlds: str = "shared"
    scenarios: int = 4
    step: float = 0.05
    step_half_life: float = 30.0
    momentum: float = 0.0
    clip_relative_cost: float = 0.5
    shaping_weight: float = 0.0
    shaping_cost: float = 0.25
    norm_scenarios: int = 8

    def __post_init__(self) -> None:
        _one_of("evolution", self, search=SEARCHES)
        _at_least("evolution", self, pairs=1 if self.search == "gradient" else 2)
        _one_of("evolution", self, worlds=_WORLDS)
        # A rank means nothing between candidates that ran on different worlds.
        comparable = self.worlds == "shared" or self.search == "gradient"
        wanted = "shared, for a search that ranks"
        require("evolution.worlds", repr(self.worlds), comparable, wanted)
        _check_shaping("evolution", self)
        _at_least("evolution", self, scenarios=1, norm_scenarios=1)
        _positive("evolution", self, "sigma", "step", "step_half_life", "clip_relative_cost")
        require("evolution.momentum", self.momentum, 0 <= self.momentum < 1, "in [0, 1)")


@dataclass(frozen=True)
class PpoSettings:
    """Proximal policy optimisation on the action of each tank, see `lmrs_rl.learning.ppo`.

    Attributes
    ----------
    n_envs : parallel environments, >= 1; with several jobs each has a process of its own
    episodes : of each environment in a rollout, >= 1
    batch : size of a minibatch [mornings], >= 2
    epochs : passes over a rollout, >= 1
    learning_rate, clip, ent_coef, max_norm : see `stable_baselines3.PPO`, where the last is called
        ``max_grad_norm``
    gamma, gae_lambda : of the advantages, in [0, 1]
    init_std : initial standard deviation of the noise on each number, > 0
    critic : width of the value network, >= 1
    """

    n_envs: int = 4
    episodes: int = 1
    batch: int = 32
    epochs: int = 4
    learning_rate: float = 3e-4
    clip: float = 0.2
    ent_coef: float = 0.0
    max_norm: float = 0.5
    gamma: float = 0.97
    gae_lambda: float = 0.9
    init_std: float = 0.2
    critic: int = 32

    def __post_init__(self) -> None:
        # Two mornings at least: advantages are normalised over a minibatch.
        _at_least("ppo", self, n_envs=1, episodes=1, batch=2, epochs=1, critic=1)
        _positive("ppo", self, "learning_rate", "clip", "max_norm", "init_std")
        require("ppo.gamma", self.gamma, 0 <= self.gamma <= 1, "in [0, 1]")
        require("ppo.gae_lambda", self.gae_lambda, 0 <= self.gae_lambda <= 1, "in [0, 1]")
        _at_least("ppo", self, ent_coef=0)


@dataclass(frozen=True)
class SacSettings:
    """Soft actor-critic on seven numbers shared by all tanks, see `lmrs_rl.learning.sac`.

    Attributes
    ----------
    n_envs : parallel environments, >= 1; with several jobs each has a process of its own
    batch, buffer : size of a minibatch and of the replay buffer [mornings], >= 1
    learning_starts : mornings that are collected before learning begins, >= 0
    learning_rate, gamma : see `stable_baselines3.SAC`
    ent_coef : initial entropy coefficient, which is then tuned, > 0; a morning's reward is about -1
    init_std : initial standard deviation of the noise, > 0
    save_every_days : [days] between two saves of the run, >= 1
    """

    n_envs: int = 1
    batch: int = 128
    buffer: int = 50_000
    learning_starts: int = 500
    learning_rate: float = 3e-4
    gamma: float = 0.97
    ent_coef: float = 0.01
    init_std: float = 0.3
    save_every_days: int = 1000

    def __post_init__(self) -> None:
        _at_least("sac", self, n_envs=1, batch=1, buffer=1, learning_starts=0, save_every_days=1)
        _positive("sac", self, "learning_rate", "ent_coef", "init_std")
        # Below 1: the soft value of an endless episode must stay finite.
        require("sac.gamma", self.gamma, 0 <= self.gamma < 1, "in [0, 1)")


@dataclass(frozen=True)
class ValidationSettings:
    """Validation during a run: paired with the baseline on validation worlds.

    Attributes
    ----------
    every_days : [days] of training between two validations, >= 1
    scenarios : number of validation worlds, >= 1
    shaping_weight, shaping_cost : smooth the stock-outs in the cost by which the best weights are
        chosen, as in `EvolutionSettings`
    """

    every_days: int = 30_000
    scenarios: int = 24
    shaping_weight: float = 0.7
    shaping_cost: float = 0.25

    def __post_init__(self) -> None:
        _at_least("validation", self, every_days=1, scenarios=1)
        _check_shaping("validation", self)


def _at_least(table: str, settings: object, **least: int) -> None:
    for name, bound in least.items():
        value = getattr(settings, name)
        require(f"{table}.{name}", value, value >= bound, f"at least {bound}")


def _positive(table: str, settings: object, *names: str) -> None:
    for name in names:
        value = getattr(settings, name)
        require(f"{table}.{name}", value, value > 0, "more than 0")


def _one_of(table: str, settings: object, **known: tuple[str, ...]) -> None:
    for name, values in known.items():
        value = getattr(settings, name)
        require(f"{table}.{name}", repr(value), value in values, f"one of {', '.join(values)}")


def _check_shaping(table: str, settings: EvolutionSettings | ValidationSettings) -> None:
    weight = settings.shaping_weight
    require(f"{table}.shaping_weight", weight, 0 <= weight <= 1, "in [0, 1]")
    _at_least(table, settings, shaping_cost=0)
