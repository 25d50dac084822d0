"""An evolution strategy that trains an actor on whole episodes, as an algorithm of
stable-baselines3.

All candidates of a generation, or the two of each pair, play the same few training worlds (common
random numbers, a mini-batch), whose forecasts and warm-up are made once. What counts is the cost
over the baseline's, or over the pair's mean, in the same world, so that worlds of any size and
difficulty weigh the same.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
from stable_baselines3.common.base_class import BaseAlgorithm
from stable_baselines3.common.callbacks import BaseCallback, ConvertCallback, ProgressBarCallback

from lmrs_rl.domain import InputError
from lmrs_rl.domain.arrays import FloatArray
from lmrs_rl.domain.workers import WorkerPool
from lmrs_rl.environment import LmrsEnv
from lmrs_rl.learning.checkpoint import GENERATIONS, Checkpoint, read_recipe
from lmrs_rl.learning.linear import FeatureStats
from lmrs_rl.learning.policies import ActorPolicy, load_weights
from lmrs_rl.learning.recipe import EvolutionSettings, Recipe
from lmrs_rl.learning.rollout import (
    EnvSpec,
    EpisodeResult,
    Policy,
    baseline_policy,
    play_scenario,
    seen_under_baseline,
)
from lmrs_rl.learning.search import CmaSearch, GradientSearch, Search
from lmrs_rl.learning.search_space import SearchSpace, search_space_of

MOMENTS = "moments.npz"
MEASURED, DRAWN, SEARCHED = range(3)
"""Streams of random numbers of a run: worlds that features are measured on, worlds of a
generation, candidates.
"""


@dataclass(frozen=True)
class Generation:
    """What a generation brought.

    Attributes
    ----------
    number : from 0
    seeds : worlds played
    costs : (2 * pairs,) what the search is told
    noise : standard error of a pair's difference, mean over the pairs; NaN for a single world
    figures : see `mean_figures`
    seconds : [s] that it took
    """

    number: int
    seeds: tuple[int, ...]
    costs: tuple[float, ...]
    noise: float
    figures: dict[str, float]
    seconds: float


class EvolutionStrategy(BaseAlgorithm):  # type: ignore[misc]
    """See the module. A step (``num_timesteps``) is a day simulated for a candidate.

    Parameters
    ----------
    env : an `LmrsEnv` whose worlds are trained on
    recipe : seed, actor and settings of the evolution are taken from it
    pool : who plays; this process if not given
    moments : of the features; measured if not given
    start : arrays of the actor that is trained further; a new one if not given

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
        moments: FeatureStats | None = None,
        start: Mapping[str, Any] | None = None,
        **settings: Any,
    ) -> None:
        if not isinstance(env, LmrsEnv):
            raise InputError(
                "env",
                type(env).__name__,
                "an LmrsEnv as it is",
                "leave wrappers off: worlds are played again in other processes",
            )
        super().__init__(
            ActorPolicy, env, learning_rate=0.0, seed=recipe.seed, device="cpu", **settings
        )
        self.recipe, self.pool, self.arena = (
            recipe,
            WorkerPool() if pool is None else pool,
            EnvSpec.of(env),
        )
        self.generations: list[Generation] = []
        self._means: list[FloatArray] = []
        self._given, self._start = moments, start
        self._setup_model()

    def _setup_model(self) -> None:
        self.set_random_seed(self.seed)
        self.moments = self._measured() if self._given is None else self._given
        self.choice: SearchSpace = search_space_of(
            self.recipe.actor, self.recipe.seed, self.moments, self._start
        )
        self.search = search_of(self.recipe.evolution, self.choice.size, self.recipe.seed)
        self.policy = ActorPolicy(
            self.observation_space,
            self.action_space,
            form=self.choice.form,
            settings=self.choice.settings,
        )
        load_weights(self.policy.actor, self.actor_weights())

    @property
    def days_of_a_generation(self) -> int:
        """[days] that it simulates, those of the baseline beside counted as well."""
        evolution = self.recipe.evolution
        everybody = 2 * evolution.pairs + (evolution.worlds == "shared")
        return everybody * evolution.scenarios * self.arena.days

    @property
    def episodes_of_a_generation(self) -> int:
        """Those of the baseline beside counted as well."""
        return self.days_of_a_generation // self.arena.days

    def learn(
        self,
        total_timesteps: int,
        callback: Any = None,
        log_interval: int = 1,
        tb_log_name: str = "evolution",
        reset_num_timesteps: bool = True,
        progress_bar: bool = False,
    ) -> Self:
        """Whole generations while they fit into ``total_timesteps`` days.

        Callbacks step once a generation, which is a rollout. As after a step of many environments,
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
            ] + [DaysBar()]
        return super()._init_callback(callback, progress_bar=False)

    def save(self, path: Any, exclude: Any = None, include: Any = None) -> None:  # noqa: ARG002
        """Write the folder of a run that `load` goes on from, see `Checkpoint`; what it holds of
        this run already stays.

        The actor is in it as the latest; which is best says who judges, see
        `lmrs_rl.learning.callbacks.KeepAndValidate`.
        """
        checkpoint = Checkpoint(Path(path), self.recipe)
        checkpoint.write_arrays(MOMENTS, asdict(self.moments))
        for each in self.generations[len(checkpoint.rows(GENERATIONS)) :]:
            checkpoint.append(
                GENERATIONS, {**asdict(each), "mean": fingerprint(self._means[each.number])}
            )
        checkpoint.write_latest(self.actor_weights(), self.num_timesteps)

    @classmethod
    def load(
        cls,
        path: Any,
        env: LmrsEnv,
        pool: WorkerPool | None = None,
        *,
        recipe: Recipe | None = None,
        **settings: Any,
    ) -> Self:
        """Go on from a folder: the search asks again for what it asked then and is told the costs
        that came of it.

        Raises
        ------
        InputError
            Where it asks for something else (other versions of packages, say), so that it would not
            go on as it began.
        """
        checkpoint = Checkpoint(Path(path), read_recipe(Path(path)) if recipe is None else recipe)
        arrays = checkpoint.read_arrays(MOMENTS)
        moments = FeatureStats(**arrays) if arrays else None
        found = cls(
            env, checkpoint.recipe, pool, moments=moments, start=checkpoint.start(), **settings
        )
        for row in checkpoint.rows(GENERATIONS):
            mean = row.pop("mean")
            found._tell(
                Generation(**{**row, "seeds": tuple(row["seeds"]), "costs": tuple(row["costs"])}),
                found.search.ask(),
            )
            if fingerprint(found._means[-1]) != mean:
                raise InputError(
                    str(checkpoint.folder),
                    f"another mean after generation {row['number'] + 1}",
                    "that of the run",
                    "start anew",
                )
        found.num_timesteps = len(found.generations) * found.days_of_a_generation
        return found

    def _next_generation(self) -> Generation:
        """Ask, play, tell."""
        began = time.monotonic()
        number, evolution = len(self.generations), self.recipe.evolution
        candidates = self.search.ask()
        policies = [self.choice.policy(each) for each in candidates]
        own = evolution.worlds == "own"
        seeds = self._drawn(DRAWN, number, evolution.scenarios * (evolution.pairs if own else 1))
        teams: list[list[Policy]] = [
            policies[2 * (k // evolution.scenarios) :][:2] if own else [baseline_policy, *policies]
            for k in range(len(seeds))
        ]
        played = self.pool.map(play_scenario, [self.arena] * len(seeds), seeds, teams)
        price = evolution.near_price * self.arena.world.cost.stockout_per_tank_day
        judged = [[each.smoothed(evolution.near, price) for each in row] for row in played]
        costs, noise = (
            costs_of_pairs(judged, evolution) if own else costs_over_baseline(judged, evolution)
        )
        generation = Generation(
            number,
            seeds,
            tuple(map(float, costs)),
            noise,
            mean_figures(played, own),
            time.monotonic() - began,
        )
        self._tell(generation, candidates)
        return generation

    def _drawn(self, stream: int, number: int, count: int) -> tuple[int, ...]:
        """Training seeds, each once unless there are too few."""
        train = self.arena.world.splits.seeds("train")
        drawn = np.random.default_rng([self.recipe.seed, stream, number]).choice(
            len(train), count, replace=count > len(train)
        )
        return tuple(train[int(k)] for k in drawn)

    def _tell(self, generation: Generation, candidates: FloatArray) -> None:
        self.search.tell(candidates, np.array(generation.costs))
        self.generations.append(generation)
        self._means.append(self.search.mean)
        load_weights(self.policy.actor, self.choice.weights(self.search.mean))

    def actor_weights(self) -> dict[str, Any]:
        """Arrays of the actor where the search stands."""
        return dict(self.choice.weights(self.search.mean))

    def actor_policy(self) -> Policy:
        """That actor, ready to play in another process."""
        return self.choice.policy(self.search.mean)

    def progress_row(self) -> dict[str, Any]:
        """The last generation as numbers; figures are for a tank and a day, beside the
        baseline's where that plays along.
        """
        last = self.generations[-1]
        costs = np.array(last.costs)
        row = {
            "generation": last.number + 1,
            "cost": float(costs.mean()),
            "best": float(costs.min()),
            "spread": float(costs.std()),
        }
        row |= {
            "noise": last.noise,
            "sigma": self.search.sigma,
            "length": float(np.linalg.norm(self.search.mean)),
            "seconds": last.seconds,
        }
        return {**row, "figures": last.figures}

    def _measured(self) -> FeatureStats:
        seeds = self._drawn(MEASURED, 0, self.recipe.evolution.measured)
        seen = self.pool.map(seen_under_baseline, [self.arena] * len(seeds), seeds)
        return FeatureStats.of([each for episode in seen for each in episode])

    def _record(self) -> None:
        for name, value in self.progress_row().items():
            if name != "figures":
                self.logger.record(f"evolution/{name}", float(value))
        self.logger.record("time/days", self.num_timesteps)
        self.logger.dump(self.num_timesteps)


class DaysBar(ProgressBarCallback):  # type: ignore[misc]
    """The bar of stable-baselines3 goes on by a day for each environment and step; here a step
    is the many days of a generation.
    """

    def _on_training_start(self) -> None:
        super()._on_training_start()
        self._before = self.model.num_timesteps
        self.pbar.total -= self.pbar.total % self.model.days_of_a_generation

    def _on_step(self) -> bool:
        self.pbar.update(self.num_timesteps - self._before)
        self._before = self.num_timesteps
        return True


def costs_over_baseline(
    played: Sequence[Sequence[EpisodeResult]], settings: EvolutionSettings
) -> tuple[FloatArray, float]:
    """Cost of each candidate over the baseline's, who is the first in each world, and the noise
    of a pair.
    """
    over = np.clip(
        [[each.over(row[0]) for each in row[1:]] for row in played], -settings.cut, settings.cut
    )
    pairs = over[:, 1::2] - over[:, ::2]
    return over.mean(axis=0), float(pairs.std(axis=0, ddof=1).mean() / np.sqrt(len(pairs))) if len(
        pairs
    ) > 1 else float("nan")


def costs_of_pairs(
    played: Sequence[Sequence[EpisodeResult]], settings: EvolutionSettings
) -> tuple[FloatArray, float]:
    """Cost of each candidate over the mean of its pair, which alone plays its worlds, and the
    noise of a pair.
    """
    half = np.clip(
        [row[0].against(row[1]) / 2 for row in played], -settings.cut, settings.cut
    ).reshape(settings.pairs, -1)
    mean, worlds = half.mean(axis=1), half.shape[1]
    noise = (
        float(2 * half.std(axis=1, ddof=1).mean() / np.sqrt(worlds)) if worlds > 1 else float("nan")
    )
    return np.stack([mean, -mean], axis=1).ravel(), noise


def mean_figures(played: Sequence[Sequence[EpisodeResult]], own: bool) -> dict[str, float]:
    """Of the candidates, for a tank and a day: as they are where each pair has its own worlds,
    else beside the baseline's.
    """
    if own:
        each = [
            {name: value / (one.tanks * one.days) for name, value in one.figures.items()}
            for row in played
            for one in row
        ]
    else:
        each = [one.beside(row[0]) for row in played for one in row[1:]]
    return {name: float(np.mean([figures[name] for figures in each])) for name in each[0]}


def search_of(settings: EvolutionSettings, size: int, seed: int) -> Search:
    """A new search from 0 on."""
    start = np.zeros(size)
    if settings.search == "gradient":
        rng = np.random.default_rng([seed, SEARCHED])
        step, halfway, momentum = settings.step, settings.halfway, settings.momentum
        return GradientSearch(
            start,
            settings.sigma,
            settings.pairs,
            step=step,
            halfway=halfway,
            momentum=momentum,
            rng=rng,
        )
    return CmaSearch(settings.search, start, settings.sigma, settings.pairs, seed)


def fingerprint(vector: FloatArray) -> str:
    """Tells vectors apart to the bit."""
    return hashlib.sha256(np.ascontiguousarray(vector, dtype=np.float64).tobytes()).hexdigest()[:16]
