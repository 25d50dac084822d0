"""Episodes of policies on the same worlds, and their costs compared.

A scenario, its forecasts and its warm-up under the baseline do not depend on the policy: they are
computed once for all policies that are compared on it.
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

_NEAR_DAYS = 0.4
"""[days] Scale of `nearly_dry`: a tank whose lowest level covers this much counts as 1 / e."""
LEAST_EUR = 5.0
"""[EUR] Lower bound on the cost per tank and day that relative costs are divided by.

Without it a scenario that costs next to nothing would dominate all others.
"""


@dataclass(frozen=True)
class EnvSpec:
    """Arguments of an `LmrsEnv`, from which another process can make it again."""

    world: WorldClass
    days: int
    preset: Preset
    forecast: ForecastModel
    baseline: FixedParameters
    cubes: Path | None = None

    @classmethod
    def of(cls, env: LmrsEnv) -> EnvSpec:
        """The arguments of an environment."""
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
    """Result of an episode.

    Attributes
    ----------
    seed : of the world
    tanks, days : their numbers
    figures : sums over the days of the entries of `lmrs_rl.environment.rewards.info_of` and of
        `nearly_dry`
    """

    seed: int
    tanks: int
    days: int
    figures: dict[str, float]

    @property
    def cost(self) -> float:
        """[EUR] of all days, net of the change in inventory value."""
        return -self.figures["reward_eur"]

    def smoothed(self, weight: float, price: float) -> EpisodeResult:
        """The result with a part of the cost of stock-outs replaced by a smoother proxy.

        The share ``weight`` of that cost is replaced by ``price`` [EUR] for each nearly dry
        tank-day, see `nearly_dry`.
        """
        figures = self.figures
        if not weight:
            return self
        change = weight * (
            price * figures["nearly_dry"] - figures["stockouts_eur"] - figures["lost_sales_eur"]
        )
        return replace(self, figures={**figures, "reward_eur": figures["reward_eur"] - change})

    def relative_cost(self, baseline: EpisodeResult) -> float:
        """Cost minus that of ``baseline`` in the same scenario, as a share of the latter."""
        return (self.cost - baseline.cost) / max(baseline.cost, self._least_cost)

    def relative_difference(self, other: EpisodeResult) -> float:
        """Cost minus that of ``other`` in the same scenario, as a share of their mean."""
        return (self.cost - other.cost) / max((self.cost + other.cost) / 2, self._least_cost)

    @property
    def _least_cost(self) -> float:
        return LEAST_EUR * self.tanks * self.days

    def daily_differences(self, baseline: EpisodeResult) -> dict[str, float]:
        """Each figure minus that of ``baseline``, per tank and day."""
        return {
            name: (value - baseline.figures[name]) / (self.tanks * self.days)
            for name, value in self.figures.items()
        }


def run_episode(
    env: LmrsEnv,
    seed: int,
    policy: Policy,
    on_observation: Callable[[Observation], None] | None = None,
) -> EpisodeResult:
    """Run ``policy`` for an episode of the world of ``seed``.

    ``on_observation`` is called with every observation before the policy acts on it.
    """
    observation, info = env.reset(options={"seed_of_world": seed})
    figures: dict[str, float] = {}
    truncated, days = False, 0
    while not truncated:
        if on_observation is not None:
            on_observation(observation)
        observation, _, _, truncated, day_info = env.step(policy(observation))
        days += 1
        for name, value in {**day_info, "nearly_dry": nearly_dry(env)}.items():
            figures[name] = figures.get(name, 0.0) + float(value)
    return EpisodeResult(seed, info["tanks"], days, figures)


def nearly_dry(env: LmrsEnv) -> float:
    """Nearly dry tank-days of the day before: how near tanks came to a stock-out.

    A dry tank counts as 1, another as ``exp(-cover / 0.4)``, with the cover [days] of its lowest
    level at the day's demand. Stock-outs are rare and expensive, so that most of the difference
    between two short episodes is noise; this proxy has less of it.
    """
    last = env.episode.last
    if last is None:
        return 0.0
    executed = last.executed
    demand = (executed.used_kg + executed.unmet_kg).sum(axis=0)
    cover = executed.level_kg.min(axis=0) / np.maximum(demand, 1e-3)
    dry = stockout_days(executed.unmet_kg) > 0
    return float(np.where(dry, 1.0, np.exp(-cover / _NEAR_DAYS)).sum())


def run_scenario(spec: EnvSpec, seed: int, policies: Sequence[Policy]) -> list[EpisodeResult]:
    """Run each of ``policies`` on the same world, one after another."""
    # One environment for all: its cache keeps the warmed-up scenario.
    env = spec.env()
    return [run_episode(env, seed, each) for each in policies]


def baseline_observations(spec: EnvSpec, seed: int) -> list[Observation]:
    """Observations of all mornings of an episode under the baseline."""
    found: list[Observation] = []
    run_episode(spec.env(), seed, baseline_policy, found.append)
    return found


def baseline_policy(observation: Observation) -> Float32Array:
    """An action of 0 for every tank, which is the baseline."""
    return np.zeros((len(observation["mask"]), len(ACTION_NAMES)), dtype=np.float32)
