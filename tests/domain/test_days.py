"""Days of a network: their length, and use that is none."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from lmrs_rl.domain import InputError, Snapshot
from lmrs_rl.domain.arrays import FloatArray
from tests import tiny


def test_the_end_is_an_hour_after_the_start_for_each_hour_of_use() -> None:
    days = tiny.days(2)
    late: Snapshot = replace(days.start, time_min=180)
    assert days.hours == 48
    assert days.end_min == 2 * 1440
    assert replace(days, start=late).end_min == 180 + 2 * 1440


def test_the_use_is_kept_as_it_was_given() -> None:
    use = np.array([[1, 0], [2, 3]])
    days = replace(tiny.days(), use_kg=use)
    use[:] = 9
    assert days.use_kg.tolist() == [[1.0, 0.0], [2.0, 3.0]]
    assert not days.use_kg.flags.writeable


@pytest.mark.parametrize(
    ("use", "told"),
    [
        (np.zeros((24, 3)), r"^use_kg: got shape \(24, 3\); wanted shape \(24, 2\)"),
        (np.zeros(24), r"^use_kg: got shape \(24,\)"),
        (np.float64(3.0), r"^use_kg: got shape \(\); wanted shape \(0, 2\)"),
        (np.array([[1.0, -0.5]]), r"^use_kg\[0, 1\]: got -0.5; wanted at least 0"),
        (np.array([[1.0, np.nan]]), r"^use_kg\[0, 1\]"),
    ],
)
def test_use_of_other_tanks_or_below_zero_is_refused(use: FloatArray, told: str) -> None:
    with pytest.raises(InputError, match=told):
        replace(tiny.days(), use_kg=use)


def test_days_belong_to_a_network_with_their_tanks() -> None:
    tiny.days().check_against(tiny.network())
    three = replace(tiny.days(), start=tiny.snapshot(3), use_kg=np.zeros((24, 3)))
    with pytest.raises(InputError, match="level_kg"):
        three.check_against(tiny.network())
