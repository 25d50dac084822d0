"""Recipes: all settings of a training run in one TOML file, see `Recipe`."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any, cast

from lmrs_rl.domain import InputError
from lmrs_rl.domain.tables import from_table, read_toml, require
from lmrs_rl.environment import LmrsEnv
from lmrs_rl.environment.arguments import baseline_of
from lmrs_rl.learning.problem import Problem
from lmrs_rl.learning.settings import (
    ActorRecipe,
    EvolutionSettings,
    PpoSettings,
    SacSettings,
    ValidationSettings,
    WorldSettings,
)
from lmrs_rl.routing.router import Preset
from lmrs_rl.simulation.forecasts import ForecastModel
from lmrs_rl.worlds import WorldClass, read_world_class

__all__ = [
    "ActorRecipe",
    "EvolutionSettings",
    "PpoSettings",
    "Recipe",
    "SacSettings",
    "ValidationSettings",
    "WorldSettings",
]

_LEARNERS = ("evolution", "ppo", "sac")
_CHANGEABLE = ("budget_days", "validation")
"""Settings that may change when a run continues: its length, and how it is validated."""
_PLACES = ("name", "data", "baseline")
"""Settings of a world that name files.

They may change: the content of the files is compared instead, see `lmrs_rl.learning.problem`.
"""


@dataclass(frozen=True)
class Recipe:
    """Settings of a training run; a run continues only with the same ones.

    Length and validation may change, see `of_the_search`.

    Attributes
    ----------
    learner : "evolution", "ppo" or "sac"
    seed : of everything random in the learner, >= 0
    start : name of a shipped agent, or folder of a run or agent, whose actor is trained further;
        empty for a new actor
    budget_days : [days] simulated for learning; validation is not counted
    world, actor, evolution, ppo, sac, validation : tables of the file
    """

    learner: str = "evolution"
    seed: int = 1
    start: str = ""
    budget_days: int = 300_000
    world: WorldSettings = field(default_factory=WorldSettings)
    actor: ActorRecipe = field(default_factory=ActorRecipe)
    evolution: EvolutionSettings = field(default_factory=EvolutionSettings)
    ppo: PpoSettings = field(default_factory=PpoSettings)
    sac: SacSettings = field(default_factory=SacSettings)
    validation: ValidationSettings = field(default_factory=ValidationSettings)

    def __post_init__(self) -> None:
        known = f"one of {', '.join(_LEARNERS)}"
        require("learner", repr(self.learner), self.learner in _LEARNERS, known)
        require("seed", self.seed, self.seed >= 0, "at least 0")
        require("budget_days", self.budget_days, self.budget_days >= 1, "at least 1")
        form, shared = self.actor.form, self.actor.form == "shared"
        fits_sac, fits_ppo = shared or self.learner != "sac", not shared or self.learner != "ppo"
        require("actor.form", repr(form), fits_sac, "shared, for the learner sac")
        require("actor.form", repr(form), fits_ppo, "linear or network, for the learner ppo")

    @classmethod
    def from_file(cls, path: Path | str) -> Recipe:
        """Read a TOML file whose keys are the attributes.

        Raises
        ------
        InputError
            For unknown keys and bad values.
        """
        path = Path(path)
        try:
            found = from_table(cls(), read_toml(path))
            found.check_used()
        except InputError as error:
            raise InputError(
                f"{path.name}: {error.field}", error.got, error.wanted, error.remedy
            ) from error
        # Absolute, since a run may be continued from another working directory.
        data = str(Path(found.world.data).absolute()) if found.world.data else ""
        world = replace(
            found.world,
            name=_beside(path, found.world.name),
            data=data,
            baseline=_beside(path, found.world.baseline),
        )
        return replace(found, world=world)

    def check_used(self) -> None:
        """Raise `InputError` for settings of the actor that would have no effect."""
        actor, default = self.actor, ActorRecipe()
        is_network = actor.form == "network"
        pools = is_network and actor.pooling == "attention"
        named = self.learner == "evolution" and actor.form == "linear"
        uses = {
            **dict.fromkeys(
                ("tank_features", "network_features", "actions"),
                (named, "the evolution of a linear actor"),
            ),
            "hidden": (actor.form != "linear", "a network or a shared actor"),
            "pooling": (is_network, "a network"),
            "queries": (pools, "a network that pools by attention"),
        }
        for name, (used, by) in uses.items():
            if not used and getattr(actor, name) != getattr(default, name):
                given = f"set for the learner {self.learner} with a {actor.form} actor"
                raise InputError(
                    f"actor.{name}",
                    f"{given}, which does not use it",
                    f"it only for {by}",
                    "leave it out, or choose another form or learner",
                )

    @cached_property
    def problem(self) -> Problem:
        """Content of the files that the recipe names.

        It is read once, so that a change of the files does not affect a run in progress.
        """
        return Problem(
            read_world_class(self.world.name, self.world.data or None),
            baseline_of(self.world.baseline or None),
        )

    def on(self, problem: Problem) -> Recipe:
        """The same settings with a ``problem`` known already; no file is read."""
        found = replace(self)
        found.__dict__["problem"] = problem  # where `cached_property` keeps it
        return found

    @property
    def world_class(self) -> WorldClass:
        """The world class with the recipe's size and length (`InputError` if they do not fit)."""
        world = self.world
        found = self.problem.world
        size = replace(found.size, tanks=world.tanks, n_max=max(world.tanks))
        return replace(
            found,
            size=size,
            episode=replace(found.episode, days=world.days, warmup_days=world.warmup_days),
        )

    def env(self) -> LmrsEnv:
        """A new environment with the recipe's worlds."""
        world = self.world
        preset, forecast = cast("Preset", world.preset), cast("ForecastModel", world.forecast)
        return LmrsEnv(
            self.world_class, preset=preset, forecast=forecast, baseline=self.problem.baseline
        )

    def as_json(self) -> dict[str, Any]:
        """All settings as lists, texts and numbers."""
        return cast("dict[str, Any]", json.loads(json.dumps(asdict(self))))

    @property
    def of_the_search(self) -> dict[str, Any]:
        """Settings that must stay the same when a run continues, as must `problem`."""
        found = {key: value for key, value in self.as_json().items() if key not in _CHANGEABLE}
        return {
            **found,
            "world": {key: value for key, value in found["world"].items() if key not in _PLACES},
        }


def _beside(recipe: Path, name: str) -> str:
    """Path of the TOML file ``name`` beside ``recipe``, or ``name`` itself if there is none."""
    path = recipe.parent / name
    return str(path) if path.suffix == ".toml" and path.is_file() else name
