"""An evolution strategy that trains an actor on whole episodes, as a stable-baselines3 algorithm.

All candidates of a generation, or the two of each pair, run on the same few training worlds (common
random numbers, a minibatch), whose forecasts and warm-up are computed once. The cost of a candidate
is taken relative to that of the baseline, or to the mean of its pair, in the same world, so that
worlds of any size and difficulty have the same weight.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, Self

import numpy as np
from stable_baselines3.common.base_class import BaseAlgorithm
from stable_baselines3.common.callbacks import BaseCallback, ConvertCallback

from lmrs_rl.domain import InputError
from lmrs_rl.domain.aliases import with_new_names
from lmrs_rl.domain.arrays import FloatArray
from lmrs_rl.domain.workers import WorkerPool
from lmrs_rl.environment import LmrsEnv
from lmrs_rl.learning.callbacks import GenerationProgressBar
from lmrs_rl.learning.checkpoint import GENERATIONS, Checkpoint, read_recipe
from lmrs_rl.learning.generation import (
    Generation,
    costs_of_pairs,
    costs_over_baseline,
    fingerprint,
    mean_figures,
)
from lmrs_rl.learning.linear import FeatureStats
from lmrs_rl.learning.policies import ActorPolicy, load_weights
from lmrs_rl.learning.recipe import Recipe
from lmrs_rl.learning.rollout import (
    EnvSpec,
    EpisodeResult,
    Policy,
    baseline_observations,
    baseline_policy,
    run_scenario,
)
from lmrs_rl.learning.search import CmaSearch, GradientSearch, Search
from lmrs_rl.learning.search_space import SearchSpace, search_space_of
from lmrs_rl.learning.settings import EvolutionSettings

_FEATURE_STATS = "moments.npz"
_STATS_STREAM, _WORLDS_STREAM, _CANDIDATES_STREAM = range(3)
"""Independent streams of random numbers of a run, so that a change of one keeps the others."""


class EvolutionStrategy(BaseAlgorithm):  # type: ignore[misc]
    """An evolution strategy over whole episodes, see the module.

    A time step (``num_timesteps``) is a day simulated for a candidate.

    Parameters
    ----------
    env : an `LmrsEnv` with the training worlds
    recipe : gives seed, actor and settings of the evolution
    pool : of processes that run episodes; by default this process does
    stats : of the features; computed from episodes of the baseline by default
    start : arrays of an actor to train further; a new actor by default

    Raises
    ------
    InputError
        For an environment in a wrapper; for "cma" and "sep-cma" without the package cmaes.
    """

    def __init__(
        self,
        env: LmrsEnv,
        recipe: Recipe,
        pool: WorkerPool | None = None,
        *,
        stats: FeatureStats | None = None,
        start: Mapping[str, Any] | None = None,
        **settings: Any,
    ) -> None:
        if not isinstance(env, LmrsEnv):
            raise InputError(
                "env",
                type(env).__name__,
                "an LmrsEnv as it is",
                "leave wrappers off: other processes make the environment again",
            )
        # Stable-baselines3 asks for a learning rate; the search has a step size of its own.
        super().__init__(
            ActorPolicy, env, learning_rate=0.0, seed=recipe.seed, device="cpu", **settings
        )
        self.recipe, self.spec = recipe, EnvSpec.of(env)
        self.pool = WorkerPool() if pool is None else pool
        self.generations: list[Generation] = []
        self._means: list[FloatArray] = []
        self._given, self._start = stats, start
        self._setup_model()

    def _setup_model(self) -> None:
        self.set_random_seed(self.seed)
        self.stats = self._feature_stats() if self._given is None else self._given
        self.space: SearchSpace = search_space_of(
            self.recipe.actor, self.recipe.seed, self.stats, self._start
        )
        self.search = _new_search(self.recipe.evolution, self.space.size, self.recipe.seed)
        self.policy = ActorPolicy(
            self.observation_space,
            self.action_space,
            form=self.space.form,
            settings=self.space.settings,
        )
        load_weights(self.policy.actor, self.actor_weights())

    @property
    def days_of_a_generation(self) -> int:
        """[days] that a generation simulates, those under the baseline included."""
        evolution = self.recipe.evolution
        # The baseline runs only where all candidates share the worlds.
        policies = 2 * evolution.pairs + (evolution.worlds == "shared")
        return policies * evolution.scenarios * self.spec.days

    @property
    def episodes_of_a_generation(self) -> int:
        """Number of episodes of a generation, those under the baseline included."""
        return self.days_of_a_generation // self.spec.days

    def learn(
        self,
        total_timesteps: int,
        callback: Any = None,
        log_interval: int = 1,
        tb_log_name: str = "evolution",
        reset_num_timesteps: bool = True,
        progress_bar: bool = False,
    ) -> Self:
        """Run whole generations while they fit into ``total_timesteps`` days.

        Callbacks see a generation as a rollout of one step. As after a step of many environments,
        ``dones`` has an entry for each episode; there are no ``rewards`` and no ``infos``.
        """
        total_timesteps, callback = self._setup_learn(
            total_timesteps, callback, reset_num_timesteps, tb_log_name, progress_bar
        )
        dones = np.ones(self.episodes_of_a_generation, dtype=np.bool_)
        callback.on_training_start(locals(), globals())
        while self.num_timesteps + self.days_of_a_generation <= total_timesteps:
            callback.on_rollout_start()
            generation = self._next_generation()
            self.num_timesteps += self.days_of_a_generation
            self._update_current_progress_remaining(self.num_timesteps, total_timesteps)
            if (generation.number + 1) % log_interval == 0:
                self._record()
            callback.update_locals(locals())
            if not callback.on_step():
                break
            callback.on_rollout_end()
        callback.on_training_end()
        return self

    def _init_callback(self, callback: Any, progress_bar: bool = False) -> BaseCallback:
        if progress_bar:
            given = callback if isinstance(callback, list) else [callback]
            callback = [
                each if isinstance(each, BaseCallback) else ConvertCallback(each) for each in given
            ] + [GenerationProgressBar()]
        return super()._init_callback(callback, progress_bar=False)

    def save(self, path: Any, exclude: Any = None, include: Any = None) -> None:  # noqa: ARG002
        """Write the folder of a run that `load` continues, see `Checkpoint`.

        Generations that are in the folder already are not written again. The actor is saved as the
        latest; the best one is chosen by `lmrs_rl.learning.callbacks.SaveAndValidate`.
        """
        checkpoint = Checkpoint(Path(path), self.recipe)
        checkpoint.write_arrays(_FEATURE_STATS, asdict(self.stats))
        for each in self.generations[len(checkpoint.rows(GENERATIONS)) :]:
            mean = fingerprint(self._means[each.number])
            checkpoint.append(GENERATIONS, {**asdict(each), "mean": mean})
        checkpoint.write_latest(self.actor_weights(), self.num_timesteps)

    # Runs are folders here, not the zip files of stable-baselines3.
    @classmethod
    def load(  # pyright: ignore[reportIncompatibleMethodOverride]
        cls,
        path: Any,
        env: LmrsEnv,
        pool: WorkerPool | None = None,
        *,
        recipe: Recipe | None = None,
        **settings: Any,
    ) -> Self:
        """Continue the run in a folder.

        The search draws the candidates of all generations again and receives their recorded costs,
        which brings it into the same state without running an episode.

        Raises
        ------
        InputError
            Where the search ends up elsewhere (with other versions of packages, for example), so
            that the run could not continue as it began.
        """
        checkpoint = Checkpoint(Path(path), read_recipe(Path(path)) if recipe is None else recipe)
        arrays = with_new_names("FeatureStats", checkpoint.read_arrays(_FEATURE_STATS))
        stats = FeatureStats(**arrays) if arrays else None
        found = cls(env, checkpoint.recipe, pool, stats=stats, start=checkpoint.start(), **settings)
        for row in checkpoint.rows(GENERATIONS):
            mean = row.pop("mean")
            values = {**row, "seeds": tuple(row["seeds"]), "costs": tuple(row["costs"])}
            found._update(Generation(**values), found.search.ask())
            if fingerprint(found._means[-1]) != mean:
                raise InputError(
                    str(checkpoint.folder),
                    f"another mean after generation {row['number'] + 1}",
                    "that of the run",
                    "start in an empty folder",
                )
        found.num_timesteps = len(found.generations) * found.days_of_a_generation
        return found

    def _next_generation(self) -> Generation:
        """Draw candidates, run their episodes, update the search."""
        began = time.monotonic()
        number, evolution = len(self.generations), self.recipe.evolution
        candidates = self.search.ask()
        own = evolution.worlds == "own"
        worlds = evolution.scenarios * (evolution.pairs if own else 1)
        seeds = self._draw_seeds(_WORLDS_STREAM, number, worlds)
        results = self._run_episodes(seeds, candidates)
        price = evolution.shaping_cost * self.spec.world.cost.stockout_per_tank_day
        smoothed = [
            [each.smoothed(evolution.shaping_weight, price) for each in row] for row in results
        ]
        compare = costs_of_pairs if own else costs_over_baseline
        costs, noise = compare(smoothed, evolution)
        generation = Generation(
            number,
            seeds,
            tuple(map(float, costs)),
            noise,
            mean_figures(results, own),
            time.monotonic() - began,
        )
        self._update(generation, candidates)
        return generation

    def _run_episodes(
        self, seeds: tuple[int, ...], candidates: FloatArray
    ) -> list[list[EpisodeResult]]:
        """A row of results for each world: of a pair on its own world, or of all candidates."""
        evolution = self.recipe.evolution
        policies = [self.space.policy(each) for each in candidates]
        teams: list[list[Policy]] = [[baseline_policy, *policies]] * len(seeds)
        if evolution.worlds == "own":
            # The worlds of a pair stand together: `costs_of_pairs` relies on it.
            pairs = [k // evolution.scenarios for k in range(len(seeds))]
            teams = [policies[2 * pair : 2 * pair + 2] for pair in pairs]
        return self.pool.map(run_scenario, [self.spec] * len(seeds), seeds, teams)

    def _draw_seeds(self, stream: int, number: int, count: int) -> tuple[int, ...]:
        """Training seeds, without repetition if there are enough."""
        train = self.spec.world.splits.seeds("train")
        # A generator for each generation: a continued run draws the same without the earlier ones.
        drawn = np.random.default_rng([self.recipe.seed, stream, number]).choice(
            len(train), count, replace=count > len(train)
        )
        return tuple(train[int(k)] for k in drawn)

    def _update(self, generation: Generation, candidates: FloatArray) -> None:
        self.search.tell(candidates, np.array(generation.costs))
        self.generations.append(generation)
        # Not a copy: searches replace their mean and never change it in place.
        self._means.append(self.search.mean)
        load_weights(self.policy.actor, self.space.weights(self.search.mean))

    def actor_weights(self) -> dict[str, Any]:
        """Arrays of the actor at the current mean of the search."""
        return dict(self.space.weights(self.search.mean))

    def actor_policy(self) -> Policy:
        """The actor at the current mean, ready to run in another process."""
        return self.space.policy(self.search.mean)

    def progress_row(self) -> dict[str, Any]:
        """Numbers of the last generation, and its mean figures, see `mean_figures`."""
        last = self.generations[-1]
        costs = np.array(last.costs)
        return {
            "generation": last.number + 1,
            "cost": float(costs.mean()),
            "best": float(costs.min()),
            "spread": float(costs.std()),
            "noise": last.noise,
            "sigma": self.search.sigma,
            "length": float(np.linalg.norm(self.search.mean)),
            "seconds": last.seconds,
            "figures": last.figures,
        }

    def _feature_stats(self) -> FeatureStats:
        seeds = self._draw_seeds(_STATS_STREAM, 0, self.recipe.evolution.norm_scenarios)
        episodes = self.pool.map(baseline_observations, [self.spec] * len(seeds), seeds)
        return FeatureStats.of([each for episode in episodes for each in episode])

    def _record(self) -> None:
        for name, value in self.progress_row().items():
            if name != "figures":
                self.logger.record(f"evolution/{name}", float(value))
        self.logger.record("time/days", self.num_timesteps)
        self.logger.dump(self.num_timesteps)


def _new_search(settings: EvolutionSettings, size: int, seed: int) -> Search:
    """A new search that starts from 0."""
    start = np.zeros(size)
    if settings.search == "gradient":
        return GradientSearch(
            start,
            settings.sigma,
            settings.pairs,
            step=settings.step,
            step_half_life=settings.step_half_life,
            momentum=settings.momentum,
            rng=np.random.default_rng([seed, _CANDIDATES_STREAM]),
        )
    return CmaSearch(settings.search, start, settings.sigma, settings.pairs, seed)
