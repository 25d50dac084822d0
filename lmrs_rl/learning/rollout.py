"""Playing policies on worlds: everybody on the same days, what does not depend on the policy made
once.

A scenario, its forecasts and its warm-up under the baseline are the same for all who are compared
on it: they are made once for all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from lmrs_rl.dispatchers import FixedParameters
from lmrs_rl.dispatchers.policy import ACTION_NAMES, Observation
from lmrs_rl.domain.quantile_function import Float32Array
from lmrs_rl.environment import LmrsEnv
from lmrs_rl.routing.router import Preset
from lmrs_rl.simulation.costs import stockout_days
from lmrs_rl.simulation.forecasts import ForecastModel
from lmrs_rl.worlds import WorldClass

Policy = Callable[[Observation], Float32Array]
"""From an observation to an action (N_max, 7)."""

NEAR_DAYS = 0.4
"""[days] of consumption: with so much left at its lowest, a tank counts as dry by 1 / e."""
LEAST_EUR = 5.0
"""[EUR] for each tank and day: what a scenario is taken to cost at least, so that a cheap one
does not weigh without bounds.
"""


@dataclass(frozen=True)
class EnvSpec:
    """What an environment is made of, to make it again in another process; see `LmrsEnv` for the
    parts.
    """

    world: WorldClass
    days: int
    preset: Preset
    forecast: ForecastModel
    baseline: FixedParameters
    cubes: Path | None = None

    @classmethod
    def of(cls, env: LmrsEnv) -> EnvSpec:
        """That of an environment."""
        return cls(env.world_class, env.days, env.preset, env.forecast, env.baseline, env.cubes)

    def env(self) -> LmrsEnv:
        """A new environment."""
        return LmrsEnv(
            self.world,
            days=self.days,
            preset=self.preset,
            forecast=self.forecast,
            baseline=self.baseline,
            cubes=self.cubes,
        )


@dataclass(frozen=True)
class EpisodeResult:
    """An episode.

    Attributes
    ----------
    seed : of the world
    tanks, days : how many
    figures : sums over its days of what `lmrs_rl.environment.rewards.info_of` tells, and of
        `nearly_dry`
    """

    seed: int
    tanks: int
    days: int
    figures: dict[str, float]

    @property
    def cost(self) -> float:
        """[EUR] of all days, less what the stock gained in worth."""
        return -self.figures["reward_eur"]

    def smoothed(self, weight: float, price: float) -> EpisodeResult:
        """The same with the share ``weight`` of what stock-outs cost replaced by ``price`` [EUR]
        for each nearly dry tank-day.
        """
        figures = self.figures
        if not weight:
            return self
        change = weight * (
            price * figures["nearly_dry"] - figures["stockouts_eur"] - figures["lost_eur"]
        )
        return replace(self, figures={**figures, "reward_eur": figures["reward_eur"] - change})

    def over(self, baseline: EpisodeResult) -> float:
        """Cost less that of ``baseline`` in the same scenario, as a share of the latter."""
        return (self.cost - baseline.cost) / max(baseline.cost, self.least)

    def against(self, other: EpisodeResult) -> float:
        """Cost less that of ``other`` in the same scenario, as a share of the mean of both."""
        return (self.cost - other.cost) / max((self.cost + other.cost) / 2, self.least)

    @property
    def least(self) -> float:
        """[EUR] what the scenario is taken to cost at least."""
        return LEAST_EUR * self.tanks * self.days

    def beside(self, baseline: EpisodeResult) -> dict[str, float]:
        """Each figure less the baseline's, for a tank and a day."""
        return {
            name: (value - baseline.figures[name]) / (self.tanks * self.days)
            for name, value in self.figures.items()
        }


def play_episode(
    env: LmrsEnv,
    seed: int,
    policy: Policy,
    on_observation: Callable[[Observation], None] | None = None,
) -> EpisodeResult:
    """One episode of the world of ``seed`` under ``policy``; ``on_observation`` is told what it
    saw.
    """
    observation, info = env.reset(options={"seed_of_world": seed})
    figures: dict[str, float] = {}
    truncated, days = False, 0
    while not truncated:
        if on_observation is not None:
            on_observation(observation)
        observation, _, _, truncated, told = env.step(policy(observation))
        days += 1
        for name, value in {**told, "nearly_dry": nearly_dry(env)}.items():
            figures[name] = figures.get(name, 0.0) + float(value)
    return EpisodeResult(seed, info["tanks"], days, figures)


def nearly_dry(env: LmrsEnv) -> float:
    """[tank-days] of the day before: 1 for a dry tank, ``exp(-days left / NEAR_DAYS)`` for another,
    by its lowest level and its use of that day.

    Stock-outs are rare and dear: most of what tells two short episodes apart is luck. How near
    tanks come to them says the same with less of it.
    """
    last = env.state.last
    if last is None:
        return 0.0
    executed = last.executed
    wanted = (executed.used_kg + executed.unmet_kg).sum(axis=0)
    left = executed.level_kg.min(axis=0) / np.maximum(wanted, 1e-3)
    return float(
        np.where(stockout_days(executed.unmet_kg) > 0, 1.0, np.exp(-left / NEAR_DAYS)).sum()
    )


def play_scenario(arena: EnvSpec, seed: int, policies: Sequence[Policy]) -> list[EpisodeResult]:
    """Each of ``policies`` on the same world, one after another; of module level, so that other
    processes find it.
    """
    env = arena.env()
    return [play_episode(env, seed, each) for each in policies]


def seen_under_baseline(arena: EnvSpec, seed: int) -> list[Observation]:
    """What the baseline saw each morning of an episode."""
    seen: list[Observation] = []
    play_episode(arena.env(), seed, baseline_policy, seen.append)
    return seen


def baseline_policy(observation: Observation) -> Float32Array:
    """0 for every tank: the baseline."""
    return np.zeros((len(observation["mask"]), len(ACTION_NAMES)), dtype=np.float32)
