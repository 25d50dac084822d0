"""Callbacks of stable-baselines3: save, validate and report a training run."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any, Protocol

from stable_baselines3.common.callbacks import BaseCallback, ProgressBarCallback

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
    """Progress of a run.

    Attributes
    ----------
    days, budget_days : [days] simulated for learning so far, and in all
    seconds : [s] since this call of `train` began
    days_before : [days] that earlier calls of `train` simulated
    text : message on the last rollout or validation
    """

    days: int
    budget_days: int
    seconds: float
    days_before: int
    text: str

    @property
    def seconds_left(self) -> float:
        """Estimated remaining time [s] at the pace of this call; infinite before its first day."""
        done = self.days - self.days_before
        return self.seconds * (self.budget_days - self.days) / done if done else float("inf")


ProgressCallback = Callable[[TrainingProgress], None]


class Learner(Protocol):
    """The methods that all learners share."""

    num_timesteps: int

    def save(self, path: Any) -> None:
        """Write all that the run needs to continue."""

    def actor_weights(self) -> dict[str, Any]:
        """Arrays of the actor."""
        ...

    def actor_policy(self) -> Policy:
        """The actor as a policy that can run in another process."""
        ...

    def progress_row(self) -> dict[str, Any]:
        """Numbers since the last call, and mean figures of the days under ``figures``."""
        ...


class SaveAndValidate(BaseCallback):  # type: ignore[misc]
    """Saves the run between rollouts, validates it at intervals, and keeps the best weights.

    Parameters
    ----------
    checkpoint : folder of the run, whose recipe sets its length and the validation interval
    evaluator : validates the actor
    progress : called with the progress after each rollout saved and each validation
    save_every : [days] between two saves
    """

    def __init__(
        self,
        checkpoint: Checkpoint,
        evaluator: ValidationEvaluator,
        progress: ProgressCallback,
        save_every: int = 1,
    ) -> None:
        super().__init__()
        self._checkpoint, self._evaluator = checkpoint, evaluator
        self._progress, self._save_every = progress, save_every
        self._began, self._before, self._saved = time.monotonic(), 0, 0
        # Empty in a run that was saved without validation, until weights beat the baseline.
        self._best: dict[str, Any] = {}
        self._best_days = 0

    @property
    def _learner(self) -> Learner:
        # Stable-baselines3 types it as the base class, which lacks what our learners share.
        algorithm: Any = self.model
        learner: Learner = algorithm
        return learner

    def _on_training_start(self) -> None:
        self._before = self._saved = self._learner.num_timesteps
        # Lines that a killed run wrote after its last save are dropped: these days run again.
        for name in (VALIDATION, PROGRESS):
            rows = self._checkpoint.rows(name)
            self._checkpoint.truncate(name, sum(row["days"] <= self._before for row in rows))
        folder = self._checkpoint.folder
        if any(name.startswith("best/") for name in self._checkpoint.read_arrays(WEIGHTS)):
            self._best, self._best_days = read_weights(folder), days_of(folder)
        elif not self._before:
            # The weights that a new run starts with are the best until others beat the baseline.
            self._best = self._learner.actor_weights()
        self._save()

    def _on_step(self) -> bool:
        # The evolution has no infos: its figures come with its generations.
        if "infos" in self.locals:
            algorithm: Any = self.model
            algorithm.averager.add(self.locals["infos"])
        return True

    def _on_rollout_start(self) -> None:
        # At the start and not at the end of a rollout: the learners of stable-baselines3 train
        # after that end, and a save there would hold its days without what they taught.
        if self._learner.num_timesteps >= self._saved + self._save_every:
            self._save_progress()
        every = self._checkpoint.recipe.validation.every_days
        if self._learner.num_timesteps // every > self._last_validated() // every:
            self._validate()

    def _on_training_end(self) -> None:
        if self._learner.num_timesteps > self._saved:
            self._save_progress()
        if self._last_validated() < self._learner.num_timesteps:
            self._validate()

    def _save_progress(self) -> None:
        # With the first new days: code that finds the budget spent has trained nothing.
        if self._saved == self._before:
            self._checkpoint.record_commit()
        row = {"days": self._learner.num_timesteps, **self._learner.progress_row()}
        self._checkpoint.append(PROGRESS, row)
        self._save()
        self._saved = self._learner.num_timesteps
        for name, value in row["figures"].items():
            self.logger.record(f"days/{name}", value)
        self.logger.dump(self._learner.num_timesteps)
        numbers = {name: row[name] for name in row if name not in ("days", "figures")}
        self._report(", ".join(f"{name} {value:.4g}" for name, value in numbers.items()))

    def _last_validated(self) -> int:
        rows = self._checkpoint.rows(VALIDATION)
        return int(rows[-1]["days"]) if rows else 0

    def _validate(self) -> None:
        found = self._evaluator(self._learner.actor_policy())
        earlier = [float(row["smoothed"]) for row in self._checkpoint.rows(VALIDATION)]
        # 0 is the cost of the baseline itself, which the best weights must beat.
        if found.smoothed < min([0.0, *earlier]):
            self._best, self._best_days = self._learner.actor_weights(), self._learner.num_timesteps
        # Weights first: a run killed between the two is validated once more when it continues.
        self._save()
        self._checkpoint.append(VALIDATION, {"days": self._learner.num_timesteps, **asdict(found)})
        for name in ("cost", "error", "smoothed", "smoothed_error", "total"):
            self.logger.record(f"validation/{name}", getattr(found, name))
        for name, value in found.figures.items():
            self.logger.record(f"validation/{name}", value)
        self.logger.dump(self._learner.num_timesteps)
        self._report(f"validation: {_summary(found)}")

    def _save(self) -> None:
        self._learner.save(self._checkpoint.folder)
        days = (self._learner.num_timesteps, self._best_days)
        self._checkpoint.write_weights(self._learner.actor_weights(), self._best, days)

    def _report(self, text: str) -> None:
        days, budget = self._learner.num_timesteps, self._checkpoint.recipe.budget_days
        seconds = time.monotonic() - self._began
        self._progress(TrainingProgress(days, budget, seconds, self._before, text))


class GenerationProgressBar(ProgressBarCallback):  # type: ignore[misc]
    """A progress bar that advances by the days of a whole generation.

    That of stable-baselines3 advances by a day for each environment and step; here a step is a
    generation of many days.
    """

    def _on_training_start(self) -> None:
        super()._on_training_start()
        self._before = self.model.num_timesteps
        algorithm: Any = self.model
        # Only whole generations are run, so the rest of a budget would keep the bar from its end.
        self.pbar.total -= self.pbar.total % algorithm.days_of_a_generation

    def _on_step(self) -> bool:
        self.pbar.update(self.num_timesteps - self._before)
        self._before = self.num_timesteps
        return True


def _summary(found: ValidationResult) -> str:
    figures = found.figures
    return (
        f"cost {100 * found.cost:+.2f} % +- {100 * found.error:.2f} of the baseline's, smoothed "
        f"{100 * found.smoothed:+.2f} % "
        f"+- {100 * found.smoothed_error:.2f}, all worlds as one {100 * found.total:+.2f} %; "
        f"a tank and day: km {figures['km']:+.3f}, kg {figures['kg']:+.1f}, stock-outs "
        f"{figures['stockout_tank_days']:+.5f}"
    )
