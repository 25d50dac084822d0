"""What happens while a learner learns: the run is kept, judged and told of."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any, Protocol

from stable_baselines3.common.callbacks import BaseCallback

from lmrs_rl.learning.checkpoint import (
    PROGRESS,
    VALIDATION,
    WEIGHTS,
    Checkpoint,
    days_of,
    read_weights,
)
from lmrs_rl.learning.rollout import Policy
from lmrs_rl.learning.validation import ValidationEvaluator, ValidationResult


@dataclass(frozen=True)
class TrainingProgress:
    """How far a run is.

    Attributes
    ----------
    days, budget_days : [days] simulated for learning, and how many it may
    seconds : [s] since this call of `train` began
    days_before : [days] that earlier calls simulated
    text : what happened
    """

    days: int
    budget_days: int
    seconds: float
    days_before: int
    text: str

    @property
    def seconds_left(self) -> float:
        """[s] at the pace of this call; infinite before its first day."""
        done = self.days - self.days_before
        return self.seconds * (self.budget_days - self.days) / done if done else float("inf")


Log = Callable[[TrainingProgress], None]


class Learner(Protocol):
    """What all learners have."""

    num_timesteps: int

    def save(self, path: Any) -> None:
        """Write what the run goes on from."""

    def actor_weights(self) -> dict[str, Any]:
        """Arrays of the actor."""

    def actor_policy(self) -> Policy:
        """The actor, ready to play."""

    def progress_row(self) -> dict[str, Any]:
        """What happened since the last call: numbers, and parts of the reward under ``figures``."""


class KeepAndValidate(BaseCallback):  # type: ignore[misc]
    """Between rollouts keeps the run, judges it every so many days, and remembers the best weights
    by that.

    Parameters
    ----------
    checkpoint : where the run is kept; its recipe says how long the run is and how often it is
        judged
    judge : by whom
    log : is told
    kept_every : [days] between two times that the run is kept
    """

    def __init__(
        self, checkpoint: Checkpoint, judge: ValidationEvaluator, log: Log, kept_every: int = 1
    ) -> None:
        super().__init__()
        self._checkpoint, self._judge, self._log, self._kept_every = (
            checkpoint,
            judge,
            log,
            kept_every,
        )
        self._began, self._before, self._kept = time.monotonic(), 0, 0
        self._best: dict[
            str, Any
            # nothing in a run that was saved without a judge, until something is better than the
            # baseline
        ] = {}
        self._best_days = 0

    @property
    def _learner(self) -> Learner:
        learner: Learner = self.model
        return learner

    def _on_training_start(self) -> None:
        self._before = self._kept = self._learner.num_timesteps
        for name in (VALIDATION, PROGRESS):
            self._checkpoint.keep(
                name, sum(row["days"] <= self._before for row in self._checkpoint.rows(name))
            )
        if any(name.startswith("best/") for name in self._checkpoint.read_arrays(WEIGHTS)):
            self._best, self._best_days = (
                read_weights(self._checkpoint.folder),
                days_of(self._checkpoint.folder),
            )
        elif not self._before:
            self._best = self._learner.actor_weights()
        self._keep()

    def _on_step(self) -> bool:
        if "infos" in self.locals:
            self.model.daybook.add(self.locals["infos"])
        return True

    def _on_rollout_start(self) -> None:
        if self._learner.num_timesteps >= self._kept + self._kept_every:
            self._turn()
        every = self._checkpoint.recipe.validation.every_days
        if self._learner.num_timesteps // every > self._last_judged() // every:
            self._validate()

    def _on_training_end(self) -> None:
        if self._learner.num_timesteps > self._kept:
            self._turn()
        if self._last_judged() < self._learner.num_timesteps:
            self._validate()

    def _turn(self) -> None:
        if self._kept == self._before:
            self._checkpoint.trained_here()
        row = {"days": self._learner.num_timesteps, **self._learner.progress_row()}
        self._checkpoint.append(PROGRESS, row)
        self._keep()
        self._kept = self._learner.num_timesteps
        for name, value in row["figures"].items():
            self.logger.record(f"days/{name}", value)
        self.logger.dump(self._learner.num_timesteps)
        self._tell(
            ", ".join(
                f"{name} {value:.4g}"
                for name, value in row.items()
                if name not in ("days", "figures")
            )
        )

    def _last_judged(self) -> int:
        rows = self._checkpoint.rows(VALIDATION)
        return int(rows[-1]["days"]) if rows else 0

    def _validate(self) -> None:
        found = self._judge(self._learner.actor_policy())
        if found.smoothed < min(
            [0.0, *(float(row["smoothed"]) for row in self._checkpoint.rows(VALIDATION))]
        ):
            self._best, self._best_days = self._learner.actor_weights(), self._learner.num_timesteps
        # Weights first: a run killed between the two is judged once more when it goes on.
        self._keep()
        self._checkpoint.append(VALIDATION, {"days": self._learner.num_timesteps, **asdict(found)})
        for name in ("cost", "error", "smoothed", "smoothed_error", "total"):
            self.logger.record(f"validation/{name}", getattr(found, name))
        for name, value in found.figures.items():
            self.logger.record(f"validation/{name}", value)
        self.logger.dump(self._learner.num_timesteps)
        self._tell(f"validation: {shown(found)}")

    def _keep(self) -> None:
        self._learner.save(self._checkpoint.folder)
        days = (self._learner.num_timesteps, self._best_days)
        self._checkpoint.write_weights(self._learner.actor_weights(), self._best, days)

    def _tell(self, text: str) -> None:
        budget = self._checkpoint.recipe.budget_days
        self._log(
            TrainingProgress(
                self._learner.num_timesteps,
                budget,
                time.monotonic() - self._began,
                self._before,
                text,
            )
        )


def shown(found: ValidationResult) -> str:
    """A verdict in a line."""
    figures = found.figures
    return (
        f"cost {100 * found.cost:+.2f} % +- {100 * found.error:.2f} of the baseline's, smoothed "
        f"{100 * found.smoothed:+.2f} % "
        f"+- {100 * found.smoothed_error:.2f}, all worlds as one {100 * found.total:+.2f} %; "
        f"a tank and day: km {figures['km']:+.3f}, kg {figures['kg']:+.1f}, stock-outs "
        f"{figures['stockout_tank_days']:+.5f}"
    )
