"""References of trips: the last number that is known and the first that is not."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from lmrs_rl.domain import Stop, Trip
from lmrs_rl.domain.arrays import FOREVER
from tests import tiny
from tests.referee.cases import days, network, verdict, with_stop


def faults(trip: Trip) -> list[str]:
    """Where rule REF01 is broken, in a network with a customer who calls in."""
    told = verdict(trip, on=network(1), at=days()).violations
    return [each.where for each in told if each.code == "REF01"]


@pytest.mark.parametrize(
    ("trip", "told"),
    [
        (replace(tiny.trip(), driver=0), None),
        (replace(tiny.trip(), driver=1), "driver 1"),
        (replace(tiny.trip(), driver=-1), "driver -1"),
        (replace(tiny.trip(), vehicle=1), "vehicle 1"),
        (replace(tiny.trip(), product=1), "product 1"),
        (replace(tiny.trip(), stops=()), "no stops"),
        (replace(tiny.trip(), start_min=-FOREVER), None),
        (replace(tiny.trip(), start_min=-FOREVER - 1), f"start {-FOREVER - 1}"),
        (replace(tiny.trip(), end_min=FOREVER), None),
        (replace(tiny.trip(), end_min=FOREVER + 1), f"end {FOREVER + 1}"),
        (with_stop(tiny.trip(), 1, place=tiny.CALL_IN), None),
        (with_stop(tiny.trip(), 1, place=3), "stop 1, place 3 of a drop"),
        (with_stop(tiny.trip(), 0, place=1), "stop 0, place 1 of a load"),
        (with_stop(tiny.trip(), 0, kind="rest"), "stop 0, kind 'rest'"),
        (with_stop(tiny.trip(), 2, arrival_min=0.5), "stop 2, arrival 0.5"),
        (with_stop(tiny.trip(), 2, departure_min=0.5), "stop 2, departure 0.5"),
        (with_stop(tiny.trip(), 2, kg=np.inf), "stop 2, quantity inf"),
        (with_stop(tiny.trip(), 2, kg=np.nan), "stop 2, quantity nan"),
    ],
)
def test_what_is_unknown_is_told_and_what_is_known_is_not(trip: Trip, told: str | None) -> None:
    assert faults(trip) == ([] if told is None else [f"trip 0, {told}"])


def test_every_fault_is_told() -> None:
    half: Any = 0.5
    bad = replace(
        tiny.trip(),
        driver=9,
        end_min=half,
        stops=(Stop("drop", 9, 10, 20, np.nan), *tiny.trip().stops),
    )
    assert faults(bad) == [
        "trip 0, driver 9",
        "trip 0, end 0.5",
        "trip 0, stop 0, place 9 of a drop",
        "trip 0, stop 0, quantity nan",
    ]


@pytest.mark.parametrize("value", [0.0, np.int64(0), np.float32(0)])
def test_a_whole_number_is_one_in_any_numeric_type(value: Any) -> None:
    assert faults(replace(tiny.trip(), driver=value)) == []


@pytest.mark.parametrize("value", ["0", None, np.nan])
def test_what_is_no_number_is_told(value: Any) -> None:
    assert faults(replace(tiny.trip(), driver=value)) == [f"trip 0, driver {value}"]
