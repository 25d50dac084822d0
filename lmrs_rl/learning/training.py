"""Training: from a recipe to the folder of a run with a trained actor."""

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
from lmrs_rl.learning.callbacks import ProgressCallback, SaveAndValidate, TrainingProgress
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


def train(recipe: Recipe, folder: Path, jobs: int, progress: ProgressCallback) -> Any:
    """Train until the budget of the recipe is spent, or continue the run in ``folder``.

    Parameters
    ----------
    recipe : of the run
    folder : to write; a run that was interrupted there continues
    jobs : number of processes that run episodes; the result does not depend on it
    progress : called with the progress from time to time

    Returns
    -------
    Any
        The learner, an algorithm of stable-baselines3.

    Raises
    ------
    InputError
        For a folder with the run of another recipe, or a recipe that does not fit its worlds.
    """
    # Before the checkpoint is made, so that a recipe that is refused here leaves no folder.
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
            if not _has_tensorboard():
                text = "tensorboard is not installed: progress.jsonl alone records the run"
                days, budget = learner.num_timesteps, recipe.budget_days
                progress(TrainingProgress(days, budget, 0.0, 0, text))
            learner.set_logger(_tensorboard_logger(folder))
            settings = recipe.validation
            evaluator = ValidationEvaluator(
                EnvSpec.of(recipe.env()),
                seeds[: settings.scenarios],
                pool,
                settings.shaping_weight,
                settings.shaping_cost,
            )
            # SAC has a rollout each day and would spend its time on saving.
            save_every = recipe.sac.save_every_days if recipe.learner == "sac" else 1
            callback = SaveAndValidate(checkpoint, evaluator, progress, save_every)
            # Without a reset stable-baselines3 adds the days so far to the number asked for.
            learner.learn(
                recipe.budget_days - learner.num_timesteps, callback, reset_num_timesteps=False
            )
        finally:
            learner.env.close()
    return learner


def learner_of(recipe: Recipe, folder: Path, pool: WorkerPool) -> Any:
    """The learner of a recipe in the state of the run in ``folder``, or a new one."""
    if recipe.learner == "evolution":
        return EvolutionStrategy.load(folder, recipe.env(), pool, recipe=recipe)
    if recipe.learner == "ppo":
        envs = _vector_env(recipe.env, recipe.ppo.n_envs, pool.count)
        return TankPPO.load(folder, envs, recipe=recipe)
    make = partial(_shared_action_env, recipe.env)
    envs = _vector_env(make, recipe.sac.n_envs, pool.count)
    return SharedSAC.load(folder, envs, recipe=recipe)


def _vector_env(make: Callable[[], gym.Env[Any, Any]], count: int, jobs: int) -> VecEnv:
    """``count`` parallel environments, each in a process of its own if there are several jobs."""
    if jobs == 1 or count == 1:
        return DummyVecEnv([make] * count)
    with one_thread_each(), deaf_to_interrupts():
        # Not forked: a fork of a process with torch's threads can hang.
        return SubprocVecEnv([make] * count, start_method="spawn")


def _shared_action_env(make: Callable[[], LmrsEnv]) -> gym.Env[Any, Any]:
    """An environment with one action for all tanks and pooled observations."""
    return PooledObservation(SharedAction(make()))


def load_trained_actor(folder: Path, which: str = "best") -> Any:
    """The actor of the run in a folder, "best" by validation or "latest".

    It is a torch module, see `lmrs_rl.learning.actor`.
    """
    recipe = read_recipe(folder)
    actor = actor_of(recipe.actor.form, settings_of(recipe.actor, recipe.seed))
    load_weights(actor, read_weights(folder, which))
    return actor


def _has_tensorboard() -> bool:
    return find_spec("tensorboard") is not None


def _tensorboard_logger(folder: Path) -> Logger:
    """A logger for TensorBoard under ``folder``; one that writes nothing without the package."""
    if not _has_tensorboard():
        return Logger(folder=None, output_formats=[])
    return configure(str(folder / "tensorboard"), ["tensorboard"])
