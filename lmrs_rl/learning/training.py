"""From a recipe to a trained actor in a folder."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Any

from stable_baselines3.common.logger import Logger, configure

from lmrs_rl.learning.callbacks import KeepAndJudge, Log
from lmrs_rl.learning.checkpoint import RECIPE, Checkpoint
from lmrs_rl.learning.crew import Crew
from lmrs_rl.learning.evolution import EvolutionStrategy
from lmrs_rl.learning.judge import Judge
from lmrs_rl.learning.recipe import Recipe
from lmrs_rl.learning.rollout import Arena, Policy
from lmrs_rl.worlds.tables import require


def train(recipe: Recipe, folder: Path, jobs: int, log: Log) -> EvolutionStrategy:
    """Learn until the budget of the recipe is spent; a run that is there already goes on where it was cut off, to the same end.

    Raises
    ------
    InputError
        For a folder with the run of another recipe, or a recipe that its worlds cannot serve.
    """
    seeds = recipe.world_class.splits.seeds("validation")
    require("validation.scenarios", recipe.validation.scenarios, recipe.validation.scenarios <= len(seeds), f"at most the {len(seeds)} of the class")
    there = (folder / RECIPE).exists()
    checkpoint = Checkpoint(folder, recipe)
    with Crew(jobs) as crew:
        env = recipe.env()
        learner = EvolutionStrategy.load(folder, env, crew, recipe=recipe) if there else EvolutionStrategy(env, recipe, crew)
        learner.set_logger(board(folder))
        judge = Judge(Arena.of(env), seeds[: recipe.validation.scenarios], crew)
        keep = KeepAndJudge(checkpoint, judge, every_days=recipe.validation.every_days, policy_of=_policy, budget_days=recipe.budget_days, log=log)
        left = recipe.budget_days - learner.num_timesteps
        learner.learn(left, keep, reset_num_timesteps=False)
    return learner


def board(folder: Path) -> Logger:
    """A logger for TensorBoard under ``folder`` where that is installed; one that writes nothing elsewhere."""
    if find_spec("tensorboard") is None:
        return Logger(folder=None, output_formats=[])
    return configure(str(folder / "tensorboard"), ["tensorboard"])


def _policy(learner: Any) -> Policy:
    policy: Policy = learner.choice.policy(learner.search.mean)
    return policy
