"""What a judged scenario is, and what its variants change."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmarks.dispatcher import SIZES, Task, instance_of, tasks
from lmrs_rl.domain import DailyForecast, InputError
from lmrs_rl.evaluation.grid import code_fingerprint
from lmrs_rl.evaluation.run import EvaluationInstance
from lmrs_rl.worlds import read_world_class

SEED = int(read_world_class("tight").splits.seeds("validation")[3])


def instance(variant: str) -> EvaluationInstance:
    return instance_of(Task(variant, "tight", SEED, 2, "quick", (), ""))


def first_forecast(of: EvaluationInstance) -> np.ndarray[Any, Any]:
    scenario = of.scenario
    forecast = of.forecaster(scenario.network, scenario.days.start)
    assert isinstance(forecast, DailyForecast)
    return np.asarray(forecast.daily_kg)


def test_demand_alone_grows() -> None:
    plain, more = instance("plain"), instance("demand +30 %")
    assert np.asarray(more.scenario.days.use_kg) == pytest.approx(
        1.3 * np.asarray(plain.scenario.days.use_kg), rel=1e-6
    )
    assert len(more.scenario.network.vehicles) == len(plain.scenario.network.vehicles)


def test_one_vehicle_is_gone_and_demand_is_the_same() -> None:
    plain, fewer = instance("plain"), instance("one vehicle fewer")
    assert len(fewer.scenario.network.vehicles) == len(plain.scenario.network.vehicles) - 1
    assert np.array_equal(fewer.scenario.days.use_kg, plain.scenario.days.use_kg)


@pytest.mark.parametrize(("variant", "factor"), [("forecast +20 %", 1.2), ("forecast -20 %", 0.8)])
def test_forecasts_are_off_and_days_are_the_same(variant: str, factor: float) -> None:
    plain, off = instance("plain"), instance(variant)
    assert first_forecast(off) == pytest.approx(factor * first_forecast(plain), rel=1e-5)
    assert np.array_equal(off.scenario.days.use_kg, plain.scenario.days.use_kg)


def test_sizes_are_what_they_say() -> None:
    assert instance("20 tanks").scenario.network.n_tanks == SIZES["20 tanks"] == 20


def asked(tmp_path: Path) -> argparse.Namespace:
    return argparse.Namespace(
        agents=["extended"],
        seeds=1,
        first=0,
        variants=["plain"],
        worlds=["tight"],
        split="test",
        days=90,
        preset="train",
        rows=tmp_path / "rows",
    )


def test_what_is_in_the_rows_is_not_played_again(tmp_path: Path) -> None:
    (task,) = tasks(asked(tmp_path), [])
    assert task.agents == ("extended",)
    row = {
        "variant": "plain",
        "world": "tight",
        "seed": task.seed,
        "agent": "extended",
        "days": 90,
        "preset": "train",
        "code": task.code,
    }
    with pytest.raises(InputError, match="name another file"):
        tasks(asked(tmp_path), [{**row, "fingerprint": "another policy"}])
    with pytest.raises(InputError, match="name another file"):
        tasks(
            asked(tmp_path), [{**row, "agent": "somebody", "fingerprint": "", "code": "other code"}]
        )
    assert code_fingerprint() == task.code
