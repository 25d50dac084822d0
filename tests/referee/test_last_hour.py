"""A drop that arrives as the days end is no longer theirs."""

from __future__ import annotations

import numpy as np
import pytest

from lmrs_rl.domain import Deliveries
from tests import tiny
from tests.referee.cases import days, told, verdict


@pytest.mark.parametrize(("arrival", "overflow"), [(2879, [("DYN01", 100.0)]), (2880, [])])
def test_a_delivery_on_its_way_fills_a_tank_up_to_the_last_minute(
    arrival: int, overflow: list[tuple[str, float]]
) -> None:
    # After 48 hours A holds 100 kg, so 1000 kg are 100 too many.
    way = Deliveries(np.array([tiny.TANK_A]), np.array([arrival]), np.array([1000.0]))
    assert told(verdict(at=days(48, in_transit=way))) == overflow
