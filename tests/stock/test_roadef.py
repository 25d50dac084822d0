"""Valid whole-horizon plans of the ROADEF/EURO Challenge 2016 are executed to the kilogram as
written.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from lmrs_rl.domain import CallInOrders
from lmrs_rl.formats.roadef import read_instance, read_solution
from lmrs_rl.stock import execute


@pytest.mark.parametrize("name", ["V_1.1", "V_1.7", "V2.15"])
def test_a_valid_plan_is_executed_as_written(name: str, shared_data: Path) -> None:
    (instance_file,) = (shared_data / "roadef2016" / "instances").glob(f"*{name}[._]*xml")
    plan_file = sorted((shared_data / "roadef2016" / "plans").glob(f"*{name}[._]*xml"))[0]
    instance = read_instance(instance_file)
    trips = read_solution(plan_file, instance)
    done, after = execute(
        instance.network, instance.days.start, trips, instance.days.use_kg, CallInOrders.none()
    )
    planned = [stop.kg for trip in sorted(trips, key=lambda t: t.start_min) for stop in trip.stops]
    np.testing.assert_allclose(
        [stop.kg for trip in done.trips for stop in trip.stops], planned, atol=1e-5
    )
    assert done.unmet_kg.sum() == pytest.approx(0, abs=1e-6)
    assert np.all(done.level_kg >= instance.network.tanks.hit_level_kg - 1e-5)
    after.check_against(instance.network)
