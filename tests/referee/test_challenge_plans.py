"""The referee on published instances and valid plans of the ROADEF/EURO Challenge 2016 (skipped
where they are absent).

A plan is broken by drawing one limit of the instance just over what the plan uses: at the limit it
passes, beyond it exactly that rule is told. What a plan uses is computed here from its times and
quantities, apart from the referee.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lmrs_rl.domain import Network, Trip
from lmrs_rl.formats.roadef import RoadefInstance, read_instance, read_solution
from lmrs_rl.referee import Verdict, judge

# Table of shared/reference/roadef2016.md, column "LR of the plan here".
LOGISTIC_RATIO = {
    "V_1.1": 0.0315234,
    "V_1.2": 0.0297650,
    "V_1.3": 0.0365936,
    "V_1.4": 0.0381067,
    "V_1.5": 0.0185448,
    "V_1.6": 0.0237621,
    "V_1.7": 0.0521220,
    "V_1.8": 0.0154793,
    "V_1.9": 0.0264260,
    "V_1.10": 0.0404538,
    "V_1.11": 0.0614613,
    "V2.15.best_open": 0.0318059,
    "V2.15.second": 0.0395161,
    "V2.17.best_open": 0.0420996,
}

Case = tuple[RoadefInstance, tuple[Trip, ...]]


@cache
def read(folder: Path, plan: str) -> Case:
    name = f"Instance_{plan}" if plan.startswith("V_") else ".".join(plan.split(".")[:2])
    instance = read_instance(folder / "instances" / f"{name}.xml")
    return instance, read_solution(folder / "plans" / f"{plan}.xml", instance)


@pytest.fixture
def plan(shared_data: Path) -> Callable[[str], Case]:
    return lambda name: read(shared_data / "roadef2016", name)


@pytest.mark.parametrize("name", LOGISTIC_RATIO)
def test_published_plans_are_valid_with_their_logistic_ratio(
    name: str, plan: Callable[[str], Case]
) -> None:
    instance, trips = plan(name)
    said = judge(instance.network, instance.days, trips)
    assert said.valid, str(said)
    assert f"{said.figures.logistic_ratio:.6g}" == f"{LOGISTIC_RATIO[name]:.6g}"


def test_a_plan_of_105_trips_is_judged_in_a_moment(plan: Callable[[str], Case]) -> None:
    instance, trips = plan("V_1.9")
    times = []
    for _ in range(3):
        start = time.perf_counter()
        judge(instance.network, instance.days, trips)
        times.append(time.perf_counter() - start)
    assert len(trips) == 105
    assert min(times) < 0.2  # about 0.01 s on an idle core


def limited(case: Case, table: str, **columns: Any) -> Verdict:
    """The verdict with columns of a table of the network replaced."""
    instance, trips = case
    network: Network = replace(
        instance.network, **{table: replace(getattr(instance.network, table), **columns)}
    )
    return judge(network, instance.days, trips)


def changed(column: Any, k: int, value: float) -> Any:
    copy = np.array(column)
    copy[k] = value
    return copy


def gaps(trips: tuple[Trip, ...], owner: str, who: int) -> int:
    mine = [trip for trip in trips if getattr(trip, owner) == who]
    return min(later.start_min - earlier.end_min for earlier, later in itertools.pairwise(mine))


def levels(case: Case, tank: int) -> list[float]:
    instance, trips = case
    level, result = float(instance.days.start.level_kg[tank]), []
    drops = [
        stop for trip in trips for stop in trip.stops if stop.kind == "drop" and stop.place == tank
    ]
    for hour, use in enumerate(instance.days.use_kg[:, tank].tolist()):
        level += sum(stop.kg for stop in drops if stop.arrival_min // 60 == hour) - use
        result.append(level)
    return result


def driven(network: Network, trip: Trip) -> int:
    base = int(network.vehicles.base_point[trip.vehicle])
    points = [
        base,
        *(
            int((network.customers if s.kind == "drop" else network.sites).point[s.place])
            for s in trip.stops
        ),
        base,
    ]
    return int(sum(network.travel_min[p, q] for p, q in itertools.pairwise(points)))


def test_dri01_of_a_real_plan(plan: Callable[[str], Case]) -> None:
    case = plan("V_1.9")
    rest = case[0].network.drivers.min_rest_min
    least = gaps(case[1], "driver", 0)
    assert limited(case, "drivers", min_rest_min=changed(rest, 0, least)).valid
    assert limited(case, "drivers", min_rest_min=changed(rest, 0, least + 1)).codes == {"DRI01"}


def test_dri03_of_a_real_plan(plan: Callable[[str], Case]) -> None:
    case = plan("V_1.9")
    network, trips = case[0].network, case[1]
    most = max(driven(network, trip) for trip in trips if trip.driver == 0)
    assert limited(
        case, "drivers", max_driving_min=changed(network.drivers.max_driving_min, 0, most)
    ).valid
    broken = limited(
        case, "drivers", max_driving_min=changed(network.drivers.max_driving_min, 0, most - 1)
    )
    assert {(violation.code, violation.excess) for violation in broken.violations} == {("DRI03", 1)}


def test_dri08_of_a_real_plan(plan: Callable[[str], Case]) -> None:
    case = plan("V_1.9")
    first = next(trip for trip in case[1] if trip.driver == 0)
    for early, codes in ((0, set()), (1, {"DRI08"})):
        mine = [
            [max(trip.start_min, first.start_min + early), trip.end_min]
            for trip in case[1]
            if trip.driver == 0
        ]
        shifts = (np.array(mine), *case[0].network.drivers.shift_min[1:])
        assert limited(case, "drivers", shift_min=shifts).codes == codes


def test_tl03_and_shi05_of_a_real_plan(plan: Callable[[str], Case]) -> None:
    case = plan("V_1.9")
    network, trip = case[0].network, case[1][0]
    drivers = np.array(network.drivers.vehicle_allowed)
    drivers[trip.driver, trip.vehicle] = False
    assert limited(case, "drivers", vehicle_allowed=drivers).codes == {"TL03"}
    tanks = np.array(network.tanks.vehicle_allowed)
    tanks[next(stop.place for stop in trip.stops if stop.kind == "drop"), trip.vehicle] = False
    assert limited(case, "tanks", vehicle_allowed=tanks).codes == {"SHI05"}


def test_shi06_of_a_real_plan(plan: Callable[[str], Case]) -> None:
    instance, trips = plan("V_1.9")
    start = instance.days.start
    load = least = float(start.load_kg[0])
    for stop in (
        stop
        for trip in sorted(trips, key=lambda trip: trip.start_min)
        if trip.vehicle == 0
        for stop in trip.stops
    ):
        load += stop.kg if stop.kind == "load" else -stop.kg
        least = min(least, load)
    for missing, codes in ((least, set()), (least + 0.1, {"SHI06"})):
        poorer = replace(start, load_kg=changed(start.load_kg, 0, start.load_kg[0] - missing))
        assert judge(instance.network, replace(instance.days, start=poorer), trips).codes == codes


def test_dyn01_of_a_real_plan(plan: Callable[[str], Case]) -> None:
    case = plan("V_1.9")
    tank = next(stop.place for trip in case[1] for stop in trip.stops if stop.kind == "drop")
    tanks, most = case[0].network.tanks, max(levels(case, tank))
    assert limited(case, "tanks", capacity_kg=changed(tanks.capacity_kg, tank, most)).valid
    assert limited(
        case, "tanks", capacity_kg=changed(tanks.capacity_kg, tank, most - 0.1)
    ).codes == {"DYN01"}


def test_qs02_of_a_real_plan(plan: Callable[[str], Case]) -> None:
    case = plan("V_1.9")
    tanks, least = case[0].network.tanks, min(levels(case, 0))
    assert limited(case, "tanks", hit_level_kg=changed(tanks.hit_level_kg, 0, least)).valid
    broken = limited(case, "tanks", hit_level_kg=changed(tanks.hit_level_kg, 0, least + 0.1))
    assert broken.codes == {"QS02"}
    assert broken.operating == ()


def test_shi16_of_a_real_plan(plan: Callable[[str], Case]) -> None:
    case = plan("V2.17.best_open")
    tanks = case[0].network.tanks
    drops = [
        stop
        for trip in case[1]
        for stop in trip.stops
        if stop.kind == "drop" and stop.place < len(tanks)
    ]
    tank = drops[0].place
    least = min(stop.kg for stop in drops if stop.place == tank)
    assert limited(case, "tanks", min_drop_kg=changed(tanks.min_drop_kg, tank, least)).valid
    assert limited(
        case, "tanks", min_drop_kg=changed(tanks.min_drop_kg, tank, least + 0.1)
    ).codes == {"SHI16"}


def test_lay02_of_a_real_plan(plan: Callable[[str], Case]) -> None:
    case = plan("V2.17.best_open")
    overnight = np.zeros(len(case[0].network.tanks), dtype=np.bool_)
    broken = limited(case, "tanks", overnight=overnight)
    assert broken.codes == {"LAY02"}
    assert len(broken.violations) == broken.figures.nights == 19


def test_qs01_and_qs03_of_a_real_plan(plan: Callable[[str], Case]) -> None:
    instance, trips = plan("V2.17.best_open")
    orders = instance.days.call_in_orders
    stop = next(
        s
        for trip in trips
        for s in trip.stops
        if s.kind == "drop" and s.place == orders.customer[0]
    )
    k = int(
        np.flatnonzero(
            (orders.customer == stop.place)
            & (orders.earliest_min <= stop.arrival_min)
            & (stop.arrival_min <= orders.latest_min)
        )[0]
    )

    def ordered(**columns: Any) -> Verdict:
        return judge(
            instance.network,
            replace(instance.days, call_in_orders=replace(orders, **columns)),
            trips,
        )

    assert ordered(
        min_kg=changed(orders.min_kg, k, stop.kg), max_kg=changed(orders.max_kg, k, stop.kg)
    ).valid
    assert ordered(
        min_kg=changed(orders.min_kg, k, stop.kg + 0.1),
        max_kg=changed(orders.max_kg, k, stop.kg + 1.0),
    ).codes == {"QS01"}
    assert ordered(earliest_min=changed(orders.earliest_min, k, stop.arrival_min)).valid
    # Arriving a minute before the window leaves the order unserved and is a drop that nobody
    # ordered.
    assert ordered(earliest_min=changed(orders.earliest_min, k, stop.arrival_min + 1)).codes == {
        "QS01",
        "QS03",
    }


@pytest.mark.parametrize("name", ["V_1.9", "V2.15.best_open", "V2.17.best_open"])
def test_shi02_of_a_real_plan(name: str, plan: Callable[[str], Case]) -> None:
    # Coming home is always as early as possible in these plans: the file derives it.
    instance, trips = plan(name)
    hurried = replace(trips[0], end_min=trips[0].end_min - 1)
    assert judge(instance.network, instance.days, (hurried, *trips[1:])).codes == {"SHI02"}


def test_shi03_of_a_real_plan(plan: Callable[[str], Case]) -> None:
    instance, trips = plan("V2.15.best_open")
    stop = trips[0].stops[0]
    hurried = replace(
        trips[0], stops=(replace(stop, departure_min=stop.departure_min - 1), *trips[0].stops[1:])
    )
    assert judge(instance.network, instance.days, (hurried, *trips[1:])).codes == {"SHI03"}


def test_shi04_of_a_real_plan(plan: Callable[[str], Case]) -> None:
    case = plan("V2.15.best_open")
    tanks = case[0].network.tanks
    tank = next(
        stop.place
        for trip in case[1]
        for stop in trip.stops
        if stop.kind == "drop" and stop.place < len(tanks)
    )
    served = sorted(
        (s.arrival_min, s.departure_min)
        for trip in case[1]
        for s in trip.stops
        if s.kind == "drop" and s.place == tank
    )
    for late, codes in ((0, set()), (1, {"SHI04"})):
        windows = np.array(served)
        windows[0, 0] += late
        access = (*tanks.access_min[:tank], windows, *tanks.access_min[tank + 1 :])
        assert limited(case, "tanks", access_min=access).codes == codes
