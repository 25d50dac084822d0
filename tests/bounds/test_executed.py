"""From executed days to what the limit asks: by hand, and whole runs of the planner that never
beat the limit.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from lmrs_rl.bounds import (
    LimitSettings,
    delivered_kg,
    efficiency,
    limit_of_trips,
    max_drop_per_trip,
)
from lmrs_rl.dispatchers import FixedDispatcher, FixedParameters
from lmrs_rl.domain import Stop
from lmrs_rl.domain.arrays import always_open
from lmrs_rl.forecast import KnownUse
from lmrs_rl.formats.roadef import read_instance, read_solution
from lmrs_rl.referee import judge
from lmrs_rl.routing import OrToolsRouter, RouterSettings
from lmrs_rl.routing.core import CoreSettings
from lmrs_rl.simulation import OrderPlanner, World, run
from tests import tiny

QUICK = OrToolsRouter(RouterSettings(core=CoreSettings(iterations=60, iterations_per_order=5)))


def test_drops_are_summed_up_by_customer_and_loads_are_not() -> None:
    called = replace(
        tiny.trip(), stops=(*tiny.trip().stops, Stop("drop", tiny.CALL_IN, 150, 180, 70.0))
    )
    assert delivered_kg(tiny.network(call_ins=1), [tiny.trip(), called]).tolist() == [
        800.0,
        1200.0,
        70.0,
    ]
    assert delivered_kg(tiny.network(), []).tolist() == [0.0, 0.0]


def test_a_trip_leaves_a_tankful_and_what_is_used_meanwhile() -> None:
    net, days = tiny.network(), tiny.days(2)
    # A driver at work for ten hours touches eleven: 110 kg of A's 10 kg/h, 55 kg of B's 5 kg/h.
    ten = replace(net, drivers=replace(net.drivers, shift_min=(np.array([[0, 300], [360, 960]]),)))
    assert max_drop_per_trip(ten, days).tolist() == [1110.0, 1055.0]
    one_more = replace(net, drivers=replace(net.drivers, shift_min=(np.array([[0, 601]]),)))
    assert max_drop_per_trip(one_more, days).tolist() == [1120.0, 1060.0]
    # Round the clock: the use of all 48 hours.
    assert max_drop_per_trip(net, days).tolist() == [1480.0, 1240.0]
    assert max_drop_per_trip(tiny.network(call_ins=1), days)[tiny.CALL_IN] == np.inf


def test_the_busiest_hours_count() -> None:
    net, days = tiny.network(), tiny.days(1)
    use = np.array(days.use_kg)
    use[20] = 100.0
    hour = replace(net, drivers=replace(net.drivers, shift_min=(np.array([[0, 60]]),)))
    assert max_drop_per_trip(hour, replace(days, use_kg=use)).tolist() == [1110.0, 1105.0]


def test_one_trip_by_hand() -> None:
    # 400 kg to A and 600 kg to B on one run from the plant, 50 km, where the trip from the base
    # drives 60 km.
    limit = limit_of_trips(tiny.network(), tiny.days(2), [tiny.trip()])
    assert limit.km == pytest.approx(50.0, rel=1e-3)
    assert limit.delivered_kg == 1000.0
    assert efficiency(limit, 60.0) == pytest.approx(50 / 60, rel=1e-3)


@pytest.mark.parametrize("seed", range(8))
def test_never_above_the_km_of_a_run_of_the_planner(seed: int) -> None:
    """Random dispatchers in variants of the tiny world, with product on board at the start."""
    rng = np.random.default_rng(seed)
    net, days = tiny.network(), tiny.days(8)
    net = replace(
        net,
        distance_km=net.distance_km * rng.uniform(0.6, 1.8, net.distance_km.shape),
        tanks=replace(net.tanks, capacity_kg=rng.uniform(600.0, 2500.0, 2)),
        drivers=replace(net.drivers, shift_min=(always_open(),)),
    )
    load = float(rng.choice([0.0, 900.0]))
    start = replace(days.start, load_kg=np.array([load]), load_product=np.array([0]))
    days = replace(days, start=start, use_kg=days.use_kg * rng.uniform(0.5, 3.0, (1, 2)))
    wish = FixedParameters(
        x_share=float(rng.uniform(0.2, 1)),
        q_min_floor=float(rng.uniform(0, 0.8)),
        alpha=1e4,
        value_multiplier=float(rng.uniform(0, 2)),
    )
    world = World.of_days(net, days, KnownUse(days))
    rollout = run(world, OrderPlanner(FixedDispatcher(wish), QUICK))
    verdict = judge(net, days, rollout.trips)
    assert verdict.operating == (), str(verdict)
    limit = limit_of_trips(net, days, rollout.trips)
    assert limit.delivered_kg == pytest.approx(verdict.figures.kg)
    assert 0.0 < limit.km <= verdict.figures.km


PLANS = ("V_1.1", "V_1.2", "V_1.3", "V_1.4", "V_1.5", "V_1.8", "V_1.10")


@pytest.mark.parametrize("plan", PLANS)
def test_never_above_the_km_of_valid_plans_of_the_challenge(plan: str, shared_data: Path) -> None:
    """Plans of others for real networks, 12 to 99 tanks and 4 to 35 days, tankers loaded at the
    start.
    """
    folder = shared_data / "roadef2016"
    instance = read_instance(folder / "instances" / f"Instance_{plan}.xml")
    trips = read_solution(folder / "plans" / f"{plan}.xml", instance)
    verdict = judge(instance.network, instance.days, trips)
    assert verdict.operating == (), str(verdict)
    limit = limit_of_trips(
        instance.network,
        instance.days,
        trips,
        settings=LimitSettings(payload_steps=30, neighbours=4),
    )
    assert limit.radial_km < limit.km <= verdict.figures.km
    # Tight enough to mean something: the real program is at most a tenth above it.
    assert limit.complete
    assert limit.km > 0.9 * limit.lp_km_upper
