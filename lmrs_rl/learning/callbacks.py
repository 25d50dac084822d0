"""What happens while a learner learns: the run is kept, judged and told of."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from stable_baselines3.common.callbacks import BaseCallback

from lmrs_rl.learning.checkpoint import PROGRESS, VALIDATION, WEIGHTS, Checkpoint, read_weights
from lmrs_rl.learning.judge import Judge, Verdict
from lmrs_rl.learning.policies import weights_of
from lmrs_rl.learning.rollout import Policy


@dataclass(frozen=True)
class Told:
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


Log = Callable[[Told], None]


class KeepAndJudge(BaseCallback):  # type: ignore[misc]
    """Keeps the run every step of the callback, judges it every so many days, and remembers the best weights by that.

    Parameters
    ----------
    checkpoint : where the run is kept
    judge : by whom it is judged; nobody where `None`
    every_days : [days] between judgements
    policy_of : from the learner to the policy that is judged
    budget_days : [days] of the whole run
    log : is told
    """

    def __init__(
        self, checkpoint: Checkpoint, judge: Judge, *, every_days: int, policy_of: Callable[[Any], Policy], budget_days: int, log: Log
    ) -> None:
        super().__init__()
        self._checkpoint, self._judge, self._every, self._policy_of, self._budget, self._log = (
            checkpoint,
            judge,
            every_days,
            policy_of,
            budget_days,
            log,
        )
        self._began, self._before = time.monotonic(), 0
        self._best: dict[str, Any] = {}

    def _on_training_start(self) -> None:
        self._before = self.model.num_timesteps
        rows = self._checkpoint.rows(VALIDATION)
        self._checkpoint.keep(VALIDATION, sum(row["days"] <= self._before for row in rows))
        self._checkpoint.keep(PROGRESS, sum(row["days"] <= self._before for row in self._checkpoint.rows(PROGRESS)))
        there = (self._checkpoint.folder / WEIGHTS).exists()
        self._best = read_weights(self._checkpoint.folder) if there else weights_of(self.model.policy.actor)
        self._keep()
        self._validate_if_due()

    def _on_step(self) -> bool:
        self._checkpoint.append(PROGRESS, {"days": self.model.num_timesteps, **self.model.progress_row()})
        self._keep()
        self._tell(self.model.progress_line())
        self._validate_if_due()
        return True

    def _on_training_end(self) -> None:
        if self._last_judged() < self.model.num_timesteps:
            self._validate()

    def _validate_if_due(self) -> None:
        if self.model.num_timesteps // self._every > self._last_judged() // self._every:
            self._validate()

    def _last_judged(self) -> int:
        rows = self._checkpoint.rows(VALIDATION)
        return int(rows[-1]["days"]) if rows else 0

    def _validate(self) -> None:
        found = self._judge(self._policy_of(self.model))
        rows = self._checkpoint.rows(VALIDATION)
        if found.cost < min((row["cost"] for row in rows), default=0.0):
            self._best = weights_of(self.model.policy.actor)
        self._checkpoint.append(VALIDATION, {"days": self.model.num_timesteps, **asdict(found)})
        self._keep()
        for name, value in {"cost": found.cost, "error": found.error, "total": found.total, **found.figures}.items():
            self.logger.record(f"validation/{name}", value)
        self.logger.dump(self.model.num_timesteps)
        self._tell(f"validation: {shown(found)}")

    def _keep(self) -> None:
        self.model.save(self._checkpoint.folder)
        self._checkpoint.write_weights(weights_of(self.model.policy.actor), self._best)

    def _tell(self, text: str) -> None:
        self._log(Told(self.model.num_timesteps, self._budget, time.monotonic() - self._began, self._before, text))


def shown(found: Verdict) -> str:
    """A verdict in a line."""
    figures = found.figures
    return (
        f"cost {100 * found.cost:+.2f} % +- {100 * found.error:.2f} of the baseline's (all worlds as one {100 * found.total:+.2f} %); "
        f"a tank and day: km {figures['km']:+.3f}, kg {figures['kg']:+.1f}, stock-outs {figures['stockout_tank_days']:+.5f}"
    )
