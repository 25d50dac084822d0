"""How good a policy is beside the baseline: paired differences on the same validation worlds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lmrs_rl.domain.workers import WorkerPool
from lmrs_rl.learning.rollout import EnvSpec, EpisodeResult, Policy, baseline_policy, play_scenario


@dataclass(frozen=True)
class ValidationResult:
    """Cost over the baseline's as a share of it, and figures beside the baseline's.

    Attributes
    ----------
    cost, error : mean over the scenarios and its standard error (NaN for a single one); negative is
        better than the baseline
    smoothed, smoothed_error : the same with stock-outs smoothed, see `EpisodeResult.smoothed`: less luck,
        so by this the best is chosen
    total : sum of costs over sum of the baseline's, less 1: large scenarios count more
    figures : mean difference of each figure, for a tank and a day
    """

    cost: float
    error: float
    smoothed: float
    smoothed_error: float
    total: float
    figures: dict[str, float]


class ValidationEvaluator:
    """Judges policies on the same scenarios; the baseline plays each once.

    Parameters
    ----------
    arena, seeds : where
    pool : who plays
    near, near_price : see `EpisodeResult.smoothed`; the price is a share of that of a stock-out
    """

    def __init__(
        self,
        arena: EnvSpec,
        seeds: Sequence[int],
        pool: WorkerPool,
        near: float = 0.0,
        near_price: float = 0.0,
    ) -> None:
        self._arena, self._seeds, self._crew = arena, tuple(seeds), pool
        self._near, self._price = near, near_price * arena.world.cost.stockout_per_tank_day
        self._baseline: tuple[EpisodeResult, ...] | None = None

    def __call__(self, policy: Policy) -> ValidationResult:
        """The verdict on ``policy``."""
        everybody = [policy] if self._baseline is not None else [policy, baseline_policy]
        n = len(self._seeds)
        played = self._crew.map(play_scenario, [self._arena] * n, self._seeds, [everybody] * n)
        if self._baseline is None:
            self._baseline = tuple(each[1] for each in played)
        return validation_result(
            [each[0] for each in played], self._baseline, self._near, self._price
        )


def validation_result(
    played: Sequence[EpisodeResult],
    baseline: Sequence[EpisodeResult],
    near: float = 0.0,
    price: float = 0.0,
) -> ValidationResult:
    """From episodes of the same scenarios."""
    beside = [each.beside(base) for each, base in zip(played, baseline, strict=True)]
    cost, error = _mean_over(played, baseline)
    smoothed, smoothed_error = _mean_over(
        *([each.smoothed(near, price) for each in some] for some in (played, baseline))
    )
    return ValidationResult(
        cost=cost,
        error=error,
        smoothed=smoothed,
        smoothed_error=smoothed_error,
        total=sum(each.cost for each in played) / sum(each.cost for each in baseline) - 1.0,
        figures={name: float(np.mean([each[name] for each in beside])) for name in beside[0]},
    )


def _mean_over(
    played: Sequence[EpisodeResult], baseline: Sequence[EpisodeResult]
) -> tuple[float, float]:
    """Mean and standard error of the cost over the baseline's."""
    over = np.array([each.over(base) for each, base in zip(played, baseline, strict=True)])
    return float(over.mean()), float(over.std(ddof=1) / np.sqrt(len(over))) if len(
        over
    ) > 1 else float("nan")
