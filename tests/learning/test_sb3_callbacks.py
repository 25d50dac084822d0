"""The evolution strategy with the callbacks that stable-baselines3 brings; nobody plays, costs
are made up.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("torch")
pytest.importorskip("stable_baselines3")

from stable_baselines3.common import callbacks

from lmrs_rl.domain import InputError
from lmrs_rl.domain.workers import WorkerPool
from lmrs_rl.learning.callbacks import SaveAndValidate
from lmrs_rl.learning.checkpoint import Checkpoint, read_weights
from lmrs_rl.learning.evolution import EvolutionStrategy
from lmrs_rl.learning.export_run import export_run
from lmrs_rl.learning.rollout import EpisodeResult
from lmrs_rl.learning.validation import ValidationEvaluator, ValidationResult
from tests.learning.test_evolution import TINY, quiet

DAYS = 9
"""Of a generation: a pair and the baseline, three days each."""


class Stub(WorkerPool):
    """Plays nothing: the k-th who plays in a world costs 100 + k."""

    def map(self, function: Callable[..., Any], *tasks: Sequence[Any]) -> list[Any]:
        if len(tasks) < 3:
            return super().map(function, *tasks)
        return [
            [EpisodeResult(seed, 1, 3, {"reward_eur": -100.0 - k}) for k in range(len(team))]
            for seed, team in zip(*tasks[1:], strict=True)
        ]


def strategy() -> EvolutionStrategy:
    return EvolutionStrategy(TINY.env(), TINY, Stub())


class Counting(callbacks.BaseCallback):  # type: ignore[misc]
    """Writes down what it is called for."""

    def __init__(self) -> None:
        super().__init__()
        self.calls: list[str] = []

    def _on_training_start(self) -> None:
        self.calls.append("training start")

    def _on_rollout_start(self) -> None:
        self.calls.append("start")

    def _on_step(self) -> bool:
        self.calls.append("step")
        return True

    def _on_rollout_end(self) -> None:
        self.calls.append("end")

    def _on_training_end(self) -> None:
        self.calls.append("training end")


def test_a_callback_is_called_around_every_generation() -> None:
    counting = Counting()
    strategy().learn(2 * DAYS, counting)
    assert counting.calls == ["training start", *["start", "step", "end"] * 2, "training end"]
    assert counting.locals["total_timesteps"] == 2 * DAYS


@pytest.mark.parametrize(("most", "generations"), [(1, 1), (3, 1), (4, 2)])
def test_training_stops_at_a_number_of_episodes(most: int, generations: int) -> None:
    learner = strategy().learn(10 * DAYS, callbacks.StopTrainingOnMaxEpisodes(most))
    assert len(learner.generations) == generations


@pytest.mark.parametrize(
    "given", [None, [], lambda here, there: True], ids=["none", "list", "function"]
)
def test_the_progress_bar_reaches_its_end(monkeypatch: pytest.MonkeyPatch, given: Any) -> None:
    bars: list[Any] = []

    class Bar:
        def __init__(self, total: int) -> None:
            self.total, self.n = total, 0
            bars.append(self)

        def update(self, n: int) -> None:
            self.n += n

        def refresh(self) -> None:
            """Shows nothing."""

        close = refresh

    monkeypatch.setattr(callbacks, "tqdm", Bar)
    learner = strategy().learn(2 * DAYS, given, progress_bar=True)
    # Further on: whole generations alone, so a budget that does not divide into them ends early.
    learner.learn(3 * DAYS + 5, given, progress_bar=True, reset_num_timesteps=False)
    assert [(bar.n, bar.total) for bar in bars] == [(2 * DAYS, 2 * DAYS), (3 * DAYS, 3 * DAYS)]


def test_what_a_checkpoint_callback_wrote_is_loaded_and_exported(tmp_path: Path) -> None:
    pytest.importorskip("onnxruntime", reason="policies are run by onnxruntime (extra serve)")
    learner = strategy().learn(2 * DAYS, callbacks.CheckpointCallback(1, str(tmp_path)))
    first, second = (tmp_path / f"rl_model_{days}_steps.zip" for days in (DAYS, 2 * DAYS))
    for name, each in read_weights(second, "latest").items():
        assert (each == learner.actor_weights()[name]).all()
    assert (
        np.abs(
            read_weights(first, "latest")["tanks.weight"]
            - read_weights(second, "latest")["tanks.weight"]
        ).max()
        > 0
    )
    assert EvolutionStrategy.load(second, TINY.env()).num_timesteps == 2 * DAYS
    export_run(second, tmp_path / "agent", "latest")
    with np.load(tmp_path / "agent" / "weights.npz") as exported:
        assert (exported["tanks.weight"] == read_weights(second, "latest")["tanks.weight"]).all()
    # Nobody judged it.
    with pytest.raises(InputError, match="nothing called 'best'"):
        export_run(second, tmp_path / "agent")


def test_the_best_of_a_run_stay_when_it_is_saved(tmp_path: Path) -> None:
    best = {name: 7 + each for name, each in strategy().actor_weights().items()}
    Checkpoint(tmp_path, TINY).write_weights(best, best, (4, 4))
    strategy().learn(DAYS).save(tmp_path)
    for name, each in read_weights(tmp_path).items():
        assert (each == best[name]).all()
    with np.load(tmp_path / "weights.npz") as arrays:
        assert (int(arrays["days/latest"]), int(arrays["days/best"])) == (DAYS, 4)


@pytest.mark.parametrize("smoothed", [0.1, -0.1])
def test_a_run_saved_without_a_judge_goes_on_with_one(tmp_path: Path, smoothed: float) -> None:
    strategy().learn(DAYS).save(tmp_path)
    learner = EvolutionStrategy.load(tmp_path, TINY.env(), Stub())

    class Fake(ValidationEvaluator):
        def __call__(self, policy: Any) -> ValidationResult:
            return ValidationResult(
                0.0, 0.0, smoothed, 0.0, 0.0, {"km": 0.0, "kg": 0.0, "stockout_tank_days": 0.0}
            )

    learner.learn(
        DAYS,
        SaveAndValidate(Checkpoint(tmp_path, TINY), Fake(learner.spec, [], WorkerPool()), quiet),
        reset_num_timesteps=False,
    )
    assert len((tmp_path / "validation.jsonl").read_text().splitlines()) == 1
    assert json.loads((tmp_path / "progress.jsonl").read_text())["days"] == 2 * DAYS
    if smoothed < 0:
        assert (
            read_weights(tmp_path)["tanks.weight"] == learner.actor_weights()["tanks.weight"]
        ).all()
    else:
        # What it began with is not known any more, and the latest is worse than the baseline.
        with pytest.raises(InputError, match="nothing called 'best'"):
            read_weights(tmp_path)
