"""Plans and what became of them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from lmrs_rl.domain import Costs, Executed, InputError, Plan
from tests import tiny


def test_a_trip_counts_what_it_drops() -> None:
    assert tiny.trip(kg_a=400, kg_b=600, loaded_kg=1500).dropped_kg == 1000


def test_costs_add_up() -> None:
    assert Costs(distance=1, time=2, nights=4, missed=8).total == 15


def test_what_starts_before_a_minute_is_committed() -> None:
    plan = Plan(0, (tiny.trip(0), tiny.trip(1439), tiny.trip(1440)), (), Costs(0, 0, 0, 0))
    assert [trip.start_min for trip in plan.starting_before(1440)] == [0, 1439]


def executed(**changes: Any) -> Executed:
    good: dict[str, Any] = {
        "from_min": 0,
        "to_min": 120,
        "trips": (),
        "level_kg": np.zeros((2, 2)),
        "used_kg": np.zeros((2, 2)),
    }
    return Executed(**{**good, "unmet_kg": np.zeros((2, 2)), **changes})


@pytest.mark.parametrize(
    "bad",
    [
        {"to_min": 180},
        {"level_kg": np.zeros((3, 2))},
        {"level_kg": np.zeros((0, 2))},
        {"level_kg": np.zeros(2)},
        {"used_kg": np.zeros((2, 3))},
        {"unmet_kg": np.full((2, 2), np.nan)},
    ],
)
def test_what_was_executed_has_an_entry_for_each_hour_and_tank(bad: dict[str, Any]) -> None:
    with pytest.raises(InputError, match="executed"):
        executed(**bad)
    executed()


@pytest.mark.parametrize("to_min", [90, 30, 0, -60])
def test_whole_hours_are_executed_one_at_least(to_min: int) -> None:
    with pytest.raises(InputError, match=r"executed\.to_min: got .*whole hours"):
        executed(to_min=to_min)
