"""From a recipe to a trained actor in a folder."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import gymnasium as gym
from stable_baselines3.common.logger import Logger, configure
from stable_baselines3.common.vec_env import DummyVecEnv, SubprocVecEnv, VecEnv

from lmrs_rl.domain.tables import require
from lmrs_rl.domain.workers import WorkerPool, deaf_to_interrupts, one_thread_each
from lmrs_rl.environment import LmrsEnv, SharedAction
from lmrs_rl.learning.actor import actor_of
from lmrs_rl.learning.callbacks import KeepAndValidate, Log, TrainingProgress
from lmrs_rl.learning.checkpoint import Checkpoint, read_recipe, read_weights
from lmrs_rl.learning.evolution import EvolutionStrategy
from lmrs_rl.learning.policies import load_weights
from lmrs_rl.learning.pooled import PooledObservation
from lmrs_rl.learning.ppo import TankPPO
from lmrs_rl.learning.recipe import Recipe
from lmrs_rl.learning.rollout import EnvSpec
from lmrs_rl.learning.sac import SharedSAC
from lmrs_rl.learning.search_space import settings_of
from lmrs_rl.learning.validation import ValidationEvaluator


def train(recipe: Recipe, folder: Path, jobs: int, log: Log) -> Any:
    """Learn until the budget of the recipe is spent; a run that is in ``folder`` already goes on
    where it was cut off.

    Returns the learner, an algorithm of stable-baselines3. With ``jobs`` > 1 episodes are played by
    so many processes; the result is the same.

    Raises
    ------
    InputError
        For a folder with the run of another recipe, or a recipe that its worlds cannot serve.
    """
    recipe.check_used()
    seeds = recipe.world_class.splits.seeds("validation")
    require(
        "validation.scenarios",
        recipe.validation.scenarios,
        recipe.validation.scenarios <= len(seeds),
        f"at most the {len(seeds)} of the class",
    )
    checkpoint = Checkpoint(folder, recipe)
    with WorkerPool(jobs, option="jobs", single_threaded=True) as pool:
        learner = learner_of(recipe, folder, pool)
        try:
            if find_spec("tensorboard") is None:
                log(
                    TrainingProgress(
                        learner.num_timesteps,
                        recipe.budget_days,
                        0.0,
                        0,
                        "tensorboard is not installed: progress.jsonl alone tells of the run",
                    )
                )
            learner.set_logger(tensorboard_logger(folder))
            settings = recipe.validation
            judge = ValidationEvaluator(
                EnvSpec.of(recipe.env()),
                seeds[: settings.scenarios],
                pool,
                settings.near,
                settings.near_price,
            )
            keep = KeepAndValidate(
                checkpoint, judge, log, recipe.sac.kept_every_days if recipe.learner == "sac" else 1
            )
            learner.learn(
                recipe.budget_days - learner.num_timesteps, keep, reset_num_timesteps=False
            )
        finally:
            learner.env.close()
    return learner


def learner_of(recipe: Recipe, folder: Path, pool: WorkerPool) -> Any:
    """The learner of a recipe, as far as the run in ``folder`` has come."""
    if recipe.learner == "evolution":
        return EvolutionStrategy.load(folder, recipe.env(), pool, recipe=recipe)
    if recipe.learner == "ppo":
        return TankPPO.load(
            folder, side_by_side(recipe.env, recipe.ppo.envs, pool.count), recipe=recipe
        )
    return SharedSAC.load(
        folder,
        side_by_side(partial(shared_env, recipe.env), recipe.sac.envs, pool.count),
        recipe=recipe,
    )


def side_by_side(make: Callable[[], gym.Env[Any, Any]], count: int, jobs: int) -> VecEnv:
    """``count`` environments, each in a process started afresh if there are to be several
    processes.
    """
    if jobs == 1 or count == 1:
        return DummyVecEnv([make] * count)
    with one_thread_each(), deaf_to_interrupts():
        return SubprocVecEnv([make] * count, start_method="spawn")


def shared_env(make: Callable[[], LmrsEnv]) -> gym.Env[Any, Any]:
    """An environment with seven numbers for all tanks and one row to look at."""
    return PooledObservation(SharedAction(make()))


def load_trained_actor(folder: Path, which: str = "best") -> Any:
    """The actor of the run in a folder, "best" by validation or "latest"; see
    `lmrs_rl.learning.actor` for what it is.
    """
    recipe = read_recipe(folder)
    actor = actor_of(recipe.actor.form, settings_of(recipe.actor, recipe.seed))
    load_weights(actor, read_weights(folder, which))
    return actor


def tensorboard_logger(folder: Path) -> Logger:
    """A logger for TensorBoard under ``folder`` where that is installed; one that writes nothing
    elsewhere.
    """
    if find_spec("tensorboard") is None:
        return Logger(folder=None, output_formats=[])
    return configure(str(folder / "tensorboard"), ["tensorboard"])
