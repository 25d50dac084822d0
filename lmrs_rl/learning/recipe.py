"""Recipes: all settings of a training run as one TOML file whose tables are frozen dataclasses."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any, cast, get_args

from lmrs_rl.dispatchers.policy import ACTION_NAMES, NETWORK_FEATURES, TANK_FEATURES
from lmrs_rl.domain import InputError
from lmrs_rl.domain.aliases import new_names
from lmrs_rl.domain.tables import from_table, read_toml, require
from lmrs_rl.environment import LmrsEnv
from lmrs_rl.environment.arguments import baseline_of
from lmrs_rl.learning.linear import columns, names_of
from lmrs_rl.learning.problem import Problem
from lmrs_rl.learning.search import SEARCHES
from lmrs_rl.routing import RouterSettings
from lmrs_rl.routing.router import Preset
from lmrs_rl.simulation.forecasts import ForecastModel
from lmrs_rl.worlds import WorldClass, read_world_class

LEARNERS = ("evolution", "ppo", "sac")
FORMS = ("linear", "network", "shared")
WORLDS = ("shared", "own")
LATER = ("budget_days", "validation")
"""Settings that may change when a run goes on: how far, and how it is judged."""
PLACES = ("name", "data", "baseline")
"""Settings of a world that say where something lies: what counts is what lies there, see
`lmrs_rl.learning.problem`.
"""


@dataclass(frozen=True)
class WorldSettings:
    """Worlds that are trained on.

    Attributes
    ----------
    name : a shipped class, or the path of a TOML file, looked for beside the recipe first
    tanks : (least, most) instead of the class's own
    days, warmup_days : [days] of an episode that count, and before them
    preset : of the router
    forecast : model of module 1
    data : folder of the data of worlds on real ground, see `read_world_class`; empty for others;
        the one thing that a run's folder does not keep
    baseline : path of the parameters that a new actor answers, looked for beside the recipe first;
        those of *extended* where it is empty
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
        require("world.days", self.days, self.days >= 1, "at least 1")
        require(
            "world.forecast",
            repr(self.forecast),
            self.forecast in get_args(ForecastModel),
            f"one of {', '.join(get_args(ForecastModel))}",
        )
        RouterSettings.preset(cast("Preset", self.preset))


@dataclass(frozen=True)
class ActorChoice:
    """The actor; names and widths that its form and learner have no use for must be left out, see
    `Recipe.check_used`.

    Attributes
    ----------
    form : "linear", "network" or "shared": one of `lmrs_rl.learning.actor.FORMS`; "sac" trains a
        shared one, "ppo" the others
    tank_features, network_features, actions : names, for the evolution of a linear actor alone:
        weights of others stay 0
    hidden, pooling, queries : of a network (the last where it pools by attention), the first of a
        shared one too, see `lmrs_rl.learning.actor.ActorSettings`
    """

    form: str = "linear"
    tank_features: tuple[str, ...] = tuple(each.name for each in TANK_FEATURES)
    network_features: tuple[str, ...] = tuple(each.name for each in NETWORK_FEATURES)
    actions: tuple[str, ...] = ACTION_NAMES
    hidden: int = 32
    pooling: str = "mean-max"
    queries: int = 4

    def __post_init__(self) -> None:
        # Recipes and runs of before have features by their names of then.
        for name in ("tank_features", "network_features", "actions"):
            object.__setattr__(self, name, new_names(name, getattr(self, name)))
        require("actor.form", repr(self.form), self.form in FORMS, f"one of {', '.join(FORMS)}")
        require(
            "actor.pooling",
            repr(self.pooling),
            self.pooling in ("mean-max", "attention"),
            "mean-max or attention",
        )
        for name in ("hidden", "queries"):
            require(f"actor.{name}", getattr(self, name), getattr(self, name) >= 1, "at least 1")
        columns("actor.tank_features", self.tank_features, names_of(TANK_FEATURES))
        columns("actor.network_features", self.network_features, names_of(NETWORK_FEATURES))
        columns("actor.actions", self.actions, ACTION_NAMES)
        require("actor.actions", list(self.actions), bool(self.actions), "one at least")


@dataclass(frozen=True)
class EvolutionSettings:
    """The evolution strategy.

    Attributes
    ----------
    search : one of `SEARCHES`
    sigma : of candidates around the mean, in standard deviations of features; > 0
    pairs : mirrored pairs of a generation, >= 1 ("cma" and "sep-cma": >= 2)
    worlds : "shared": everybody in a generation plays the same worlds, beside the baseline; "own":
        each pair has its own, which says more of the slope for the same days, but not who is best
        (only for "gradient")
    scenarios : training worlds of a generation, or of a pair; >= 1
    step, halfway, momentum : of "gradient", see `GradientSearch`
    cut : costs over the baseline's (or the pair's mean) are cut at this share, up and down, so that
        no single scenario decides; > 0
    near : share of what stock-outs cost that `nearly_dry` tank-days cost instead, in [0, 1]: less
        luck
    near_price : of such a tank-day, as a share of the price of a stock-out, >= 0
    measured : scenarios under the baseline from which the features' spread is taken, >= 1
    """

    search: str = "gradient"
    sigma: float = 0.06
    pairs: int = 12
    worlds: str = "shared"
    scenarios: int = 4
    step: float = 0.05
    halfway: float = 30.0
    momentum: float = 0.0
    cut: float = 0.5
    near: float = 0.0
    near_price: float = 0.25
    measured: int = 8

    def __post_init__(self) -> None:
        require(
            "evolution.search",
            repr(self.search),
            self.search in SEARCHES,
            f"one of {', '.join(SEARCHES)}",
        )
        least = 1 if self.search == "gradient" else 2
        require("evolution.pairs", self.pairs, self.pairs >= least, f"at least {least}")
        require(
            "evolution.worlds",
            repr(self.worlds),
            self.worlds in WORLDS,
            f"one of {', '.join(WORLDS)}",
        )
        require(
            "evolution.worlds",
            repr(self.worlds),
            self.worlds == "shared" or self.search == "gradient",
            "shared, for a search that ranks",
        )
        require("evolution.near", self.near, 0 <= self.near <= 1, "in [0, 1]")
        require("evolution.near_price", self.near_price, self.near_price >= 0, "at least 0")
        for name in ("scenarios", "measured"):
            require(
                f"evolution.{name}", getattr(self, name), getattr(self, name) >= 1, "at least 1"
            )
        for name in ("sigma", "step", "halfway", "cut"):
            require(
                f"evolution.{name}", getattr(self, name), getattr(self, name) > 0, "more than 0"
            )
        require("evolution.momentum", self.momentum, 0 <= self.momentum < 1, "in [0, 1)")


@dataclass(frozen=True)
class PpoSettings:
    """Proximal policy optimisation on the numbers of each tank, see `lmrs_rl.learning.ppo`.

    Attributes
    ----------
    envs : environments side by side, >= 1; with several jobs each has a process of its own
    episodes : of each of them in a rollout, >= 1
    batch : mornings of a step of the optimiser, >= 2
    epochs : passes over a rollout, >= 1
    learning_rate, clip, entropy, max_norm : see `stable_baselines3.PPO`
    discount, trace : gamma and lambda of the advantages, in [0, 1]
    spread : first standard deviation of the noise on each number, > 0
    critic : width of the value's network, >= 1
    """

    envs: int = 4
    episodes: int = 1
    batch: int = 32
    epochs: int = 4
    learning_rate: float = 3e-4
    clip: float = 0.2
    entropy: float = 0.0
    max_norm: float = 0.5
    discount: float = 0.97
    trace: float = 0.9
    spread: float = 0.2
    critic: int = 32

    def __post_init__(self) -> None:
        for name, least in (
            ("envs", 1),
            ("episodes", 1),
            ("batch", 2),
            ("epochs", 1),
            ("critic", 1),
        ):
            require(
                f"ppo.{name}",
                getattr(self, name),
                getattr(self, name) >= least,
                f"at least {least}",
            )
        for name in ("learning_rate", "clip", "max_norm", "spread"):
            require(f"ppo.{name}", getattr(self, name), getattr(self, name) > 0, "more than 0")
        for name in ("discount", "trace"):
            require(f"ppo.{name}", getattr(self, name), 0 <= getattr(self, name) <= 1, "in [0, 1]")
        require("ppo.entropy", self.entropy, self.entropy >= 0, "at least 0")


@dataclass(frozen=True)
class SacSettings:
    """Soft actor-critic on seven numbers shared by all tanks, see `lmrs_rl.learning.sac`.

    Attributes
    ----------
    envs : environments side by side, >= 1; with several jobs each has a process of its own
    batch, buffer : mornings of a step of the optimiser, and kept at most; >= 1
    before : mornings under random numbers before learning begins, >= 0
    learning_rate, discount : see `stable_baselines3.SAC`
    entropy : first weight of the entropy, which is then tuned, > 0; a morning's reward is about -1
    spread : first standard deviation of the noise, > 0
    kept_every_days : [days] between two times that the run is kept, >= 1
    """

    envs: int = 1
    batch: int = 128
    buffer: int = 50_000
    before: int = 500
    learning_rate: float = 3e-4
    discount: float = 0.97
    entropy: float = 0.01
    spread: float = 0.3
    kept_every_days: int = 1000

    def __post_init__(self) -> None:
        for name, least in (
            ("envs", 1),
            ("batch", 1),
            ("buffer", 1),
            ("before", 0),
            ("kept_every_days", 1),
        ):
            require(
                f"sac.{name}",
                getattr(self, name),
                getattr(self, name) >= least,
                f"at least {least}",
            )
        for name in ("learning_rate", "entropy", "spread"):
            require(f"sac.{name}", getattr(self, name), getattr(self, name) > 0, "more than 0")
        require("sac.discount", self.discount, 0 <= self.discount < 1, "in [0, 1)")


@dataclass(frozen=True)
class ValidationSettings:
    """How a run is judged on the way: paired with the baseline on validation worlds.

    Attributes
    ----------
    every_days : [days] of training between two judgements, >= 1
    scenarios : validation worlds, >= 1
    near, near_price : how stock-outs are smoothed in the cost that says which weights are best, as
        in `EvolutionSettings`
    """

    every_days: int = 30_000
    scenarios: int = 24
    near: float = 0.7
    near_price: float = 0.25

    def __post_init__(self) -> None:
        for name in ("every_days", "scenarios"):
            require(
                f"validation.{name}", getattr(self, name), getattr(self, name) >= 1, "at least 1"
            )
        require("validation.near", self.near, 0 <= self.near <= 1, "in [0, 1]")
        require("validation.near_price", self.near_price, self.near_price >= 0, "at least 0")


@dataclass(frozen=True)
class Recipe:
    """Settings of a run; it goes on only with the same ones, but for those in `LATER`.

    Attributes
    ----------
    learner : one of `LEARNERS`
    seed : of everything random in the learner, >= 0
    start : name of a shipped agent, or folder of a run or agent, whose actor is trained further;
        empty for a new one
    budget_days : [days] of the environment that are simulated for learning; validation comes on top
    world, actor, evolution, ppo, sac, validation : tables of the file
    """

    learner: str = "evolution"
    seed: int = 1
    start: str = ""
    budget_days: int = 300_000
    world: WorldSettings = field(default_factory=WorldSettings)
    actor: ActorChoice = field(default_factory=ActorChoice)
    evolution: EvolutionSettings = field(default_factory=EvolutionSettings)
    ppo: PpoSettings = field(default_factory=PpoSettings)
    sac: SacSettings = field(default_factory=SacSettings)
    validation: ValidationSettings = field(default_factory=ValidationSettings)

    def __post_init__(self) -> None:
        require(
            "learner", repr(self.learner), self.learner in LEARNERS, f"one of {', '.join(LEARNERS)}"
        )
        require("seed", self.seed, self.seed >= 0, "at least 0")
        require("budget_days", self.budget_days, self.budget_days >= 1, "at least 1")
        shared = self.actor.form == "shared"
        require(
            "actor.form",
            repr(self.actor.form),
            shared or self.learner != "sac",
            "shared, for the learner sac",
        )
        require(
            "actor.form",
            repr(self.actor.form),
            not shared or self.learner != "ppo",
            "linear or network, for the learner ppo",
        )

    @classmethod
    def from_file(cls, path: Path | str) -> Recipe:
        """Read a TOML file whose keys are the attributes (`InputError` for unknown keys and bad
        values).
        """
        path = Path(path)
        try:
            found = from_table(cls(), read_toml(path))
            found.check_used()
        except InputError as error:
            raise InputError(
                f"{path.name}: {error.field}", error.got, error.wanted, error.remedy
            ) from error
        data = str(Path(found.world.data).absolute()) if found.world.data else ""
        world = replace(
            found.world,
            name=_beside(path, found.world.name),
            data=data,
            baseline=_beside(path, found.world.baseline),
        )
        return replace(found, world=world)

    def check_used(self) -> None:
        """Refuse what is set for the actor and would do nothing (`InputError`)."""
        actor, default = self.actor, ActorChoice()
        named = self.learner == "evolution" and actor.form == "linear"
        uses = {
            **dict.fromkeys(
                ("tank_features", "network_features", "actions"),
                (named, "the evolution of a linear actor"),
            ),
            "hidden": (actor.form != "linear", "a network or a shared actor"),
            "pooling": (actor.form == "network", "a network"),
            "queries": (
                actor.form == "network" and actor.pooling == "attention",
                "a network that pools by attention",
            ),
        }
        for name, (used, by) in uses.items():
            if not used and getattr(actor, name) != getattr(default, name):
                whose = f"the learner {self.learner} and a {actor.form} actor"
                got = f"set for {whose}, who do not use it"
                raise InputError(
                    f"actor.{name}",
                    got,
                    f"it only for {by}",
                    "leave it out, or choose another form or learner",
                )

    @cached_property
    def problem(self) -> Problem:
        """What the files say that the recipe names: read once, so that a run that is under way
        does not see them change.
        """
        return Problem(
            read_world_class(self.world.name, self.world.data or None),
            baseline_of(self.world.baseline or None),
        )

    def on(self, problem: Problem) -> Recipe:
        """The same settings on a problem that is known already; no file is looked for."""
        found = replace(self)
        found.__dict__["problem"] = problem  # where `cached_property` keeps it
        return found

    @property
    def world_class(self) -> WorldClass:
        """The class with the recipe's size and length (`InputError` where it does not fit)."""
        world = self.world
        found = self.problem.world
        size = replace(found.size, tanks=world.tanks, n_max=max(world.tanks))
        return replace(
            found,
            size=size,
            episode=replace(found.episode, days=world.days, warmup_days=world.warmup_days),
        )

    def env(self) -> LmrsEnv:
        """A new environment with those worlds."""
        world = self.world
        preset, forecast = cast("Preset", world.preset), cast("ForecastModel", world.forecast)
        return LmrsEnv(
            self.world_class, preset=preset, forecast=forecast, baseline=self.problem.baseline
        )

    def as_json(self) -> dict[str, Any]:
        """As plain lists, texts and numbers."""
        return cast("dict[str, Any]", json.loads(json.dumps(asdict(self))))

    @property
    def of_the_search(self) -> dict[str, Any]:
        """Settings that must stay the same when a run goes on; `problem` must, too."""
        found = {key: value for key, value in self.as_json().items() if key not in LATER}
        return {
            **found,
            "world": {key: value for key, value in found["world"].items() if key not in PLACES},
        }


def _beside(recipe: Path, name: str) -> str:
    """The path of a file beside ``recipe``, or ``name`` as it is where there is none."""
    path = recipe.parent / name
    return str(path) if path.suffix == ".toml" and path.is_file() else name
