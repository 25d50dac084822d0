"""Validation: cost of a policy relative to the baseline, paired on the same worlds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lmrs_rl.domain.workers import WorkerPool
from lmrs_rl.learning.rollout import EnvSpec, EpisodeResult, Policy, baseline_policy, run_scenario


@dataclass(frozen=True)
class ValidationResult:
    """Costs relative to the baseline, as shares of the baseline's; negative is better.

    Attributes
    ----------
    cost, error : mean over the scenarios and its standard error (NaN for a single scenario)
    smoothed, smoothed_error : the same with smoothed stock-outs, see `EpisodeResult.smoothed`; the
        best weights are chosen by this, since it has less variance
    total : sum of costs over the sum of the baseline's, minus 1: large scenarios have more weight
    figures : mean difference of each figure, per tank and day
    """

    cost: float
    error: float
    smoothed: float
    smoothed_error: float
    total: float
    figures: dict[str, float]


class ValidationEvaluator:
    """Validates policies on the same scenarios; the baseline runs once on each.

    Parameters
    ----------
    spec, seeds : of the environment and its worlds
    pool : of processes that run the episodes
    shaping_weight, shaping_cost : see `EpisodeResult.smoothed`; the cost is a share of the price
        of a stock-out
    """

    def __init__(
        self,
        spec: EnvSpec,
        seeds: Sequence[int],
        pool: WorkerPool,
        shaping_weight: float = 0.0,
        shaping_cost: float = 0.0,
    ) -> None:
        self._spec, self._seeds, self._pool = spec, tuple(seeds), pool
        self._weight = shaping_weight
        self._price = shaping_cost * spec.world.cost.stockout_per_tank_day
        self._baseline: tuple[EpisodeResult, ...] | None = None

    def __call__(self, policy: Policy) -> ValidationResult:
        """Validate ``policy``."""
        policies = [policy] if self._baseline is not None else [policy, baseline_policy]
        n = len(self._seeds)
        results = self._pool.map(run_scenario, [self._spec] * n, self._seeds, [policies] * n)
        if self._baseline is None:
            self._baseline = tuple(each[1] for each in results)
        return validation_result(
            [each[0] for each in results], self._baseline, self._weight, self._price
        )


def validation_result(
    results: Sequence[EpisodeResult],
    baseline: Sequence[EpisodeResult],
    weight: float = 0.0,
    price: float = 0.0,
) -> ValidationResult:
    """Compare episodes of a policy with those of the baseline in the same scenarios.

    ``weight`` and ``price`` [EUR] are those of `EpisodeResult.smoothed`.
    """
    differences = [
        each.daily_differences(base) for each, base in zip(results, baseline, strict=True)
    ]
    cost, error = _relative_cost(results, baseline)
    smoothed, smoothed_error = _relative_cost(
        *([each.smoothed(weight, price) for each in some] for some in (results, baseline))
    )
    return ValidationResult(
        cost=cost,
        error=error,
        smoothed=smoothed,
        smoothed_error=smoothed_error,
        total=sum(each.cost for each in results) / sum(each.cost for each in baseline) - 1.0,
        figures={
            name: float(np.mean([each[name] for each in differences])) for name in differences[0]
        },
    )


def _relative_cost(
    results: Sequence[EpisodeResult], baseline: Sequence[EpisodeResult]
) -> tuple[float, float]:
    """Mean of the cost relative to the baseline, and its standard error."""
    relative = np.array(
        [each.relative_cost(base) for each, base in zip(results, baseline, strict=True)]
    )
    error = float("nan")
    if len(relative) > 1:
        error = float(relative.std(ddof=1) / np.sqrt(len(relative)))
    return float(relative.mean()), error
