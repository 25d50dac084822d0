"""Public routing instances in Solomon's and in VRPLIB's format, with their best-known solutions, as
routing problems of ours.

The convention behind each best-known cost is kept (`SETS`), and checked: `price` counts any
solution in the instance's own words, sharing no code with the library, and has to arrive at the
stated cost for the best-known one.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, Literal

import numpy as np
from vrplib import read_instance as read_vrplib

from lmrs_rl.domain import InputError
from lmrs_rl.domain.arrays import FOREVER, FloatArray, IntArray
from lmrs_rl.routing.problem import RoutingProblem
from lmrs_rl.routing.routes import Route
from lmrs_rl.routing.slots import Slots

ENDLESS = 99_999
"""[min] Closing time where an instance has no hours: longer than any route, shorter than what
the peer takes for out of reach.
"""

DEARER = 10.0
"""A mandatory customer's penalty in round trips to the farthest one: no plan that could serve it
leaves it out.
"""

Solution = Sequence[tuple[int, Sequence[int]]]
"""Routes as (vehicle, customers in order); customers count from 1, 0 is the depot."""


@dataclass(frozen=True)
class Convention:
    """How a set of instances counts.

    Attributes
    ----------
    folder : name of the folder with the instances and solutions
    suffix : of an instance's file
    scale : distances and times are counted in units of 1 / scale
    rounding : of a distance to whole units; "none" means that it is rounded to the nearest for the
        search, and that costs are counted with the real one
    cost_unit : cost of one unit of distance at a price of 1
    stated_unit : by which a stated cost is multiplied
    fleet_order : whether route k of a solution is driven by vehicle k
    """

    folder: str
    suffix: str
    scale: int = 1
    rounding: Literal["down", "nearest", "none"] = "nearest"
    cost_unit: float = 1.0
    stated_unit: float = 1.0
    fleet_order: bool = False


SETS = {
    "Solomon": Convention("Vrp-Set-Solomon", ".txt", scale=10, rounding="down", cost_unit=0.1),
    "Gehring-Homberger": Convention("VRPTW", ".vrp", scale=10, rounding="down", cost_unit=0.1),
    "prizes": Convention(
        "PCVRPTW", ".vrp", scale=10, rounding="down", cost_unit=0.1, stated_unit=0.1
    ),
    "X": Convention("Vrp-Set-X", ".vrp"),
    "mixed fleet": Convention("HFVRP", ".vrp", rounding="none", cost_unit=0.01, fleet_order=True),
}
"""The sets by name: 100-customer time windows (Solomon 1987) and 1,000-customer ones (Gehring &
Homberger 1999) in the DIMACS convention, distances cut to one decimal; the latter with prizes of
optional customers (after Bulhoes et al. 2018); capacity alone (Uchoa et al. 2017), distances
rounded; and with a price per km and a capacity for each vehicle (Pessoa et al. 2018), real
distances, prices in hundredths."""


@dataclass(frozen=True, eq=False)
class Instance:
    """A public instance of ``n - 1`` customers and a depot, which comes first, and ``V`` vehicles.

    Attributes
    ----------
    name, set_name : as published
    distance : (n, n) distances in whole units, which are travel times, too
    length : (n, n) distances that costs are counted with
    demand : (n,) units
    window : (n, 2) in which service starts; the depot's first row is when routes start and end
    service : (n,) duration
    prize : (n,) cost of leaving a customer out, infinite where it may not be
    capacity : (V,) units
    price : (V,) cost of a unit of distance
    known : best-known solution
    known_cost : its stated cost
    """

    name: str
    set_name: str
    distance: IntArray
    length: FloatArray
    demand: IntArray
    window: IntArray
    service: IntArray
    prize: FloatArray
    capacity: IntArray
    price: FloatArray
    known: tuple[tuple[int, tuple[int, ...]], ...]
    known_cost: float

    @property
    def mandatory(self) -> bool:
        return bool(np.isinf(self.prize[1:]).all())

    @property
    def longest_known(self) -> int:
        """Customers on the best-known solution's longest route."""
        return max(len(customers) for _, customers in self.known)


def find_instance(folder: Path, set_name: str, name: str) -> Instance:
    """The instance ``name`` of a set, wherever its folder lies under ``folder``; its solution lies
    beside it.

    Raises
    ------
    InputError
        Where there is no such file.
    """
    rules = SETS[set_name]
    found = sorted(path for path in folder.rglob(name + rules.suffix) if rules.folder in path.parts)
    if not found:
        raise InputError(
            "folder",
            str(folder),
            f"{name}{rules.suffix} in a folder {rules.folder} under it",
            "see benchmarks/README.md for the source",
        )
    return read_instance(found[0], set_name)


def read_instance(path: Path, set_name: str) -> Instance:
    """The instance in ``path`` and its best-known solution in the ``.sol`` file beside it."""
    rules = SETS[set_name]
    raw: dict[str, Any] = read_vrplib(
        path,
        instance_format="solomon" if rules.suffix == ".txt" else "vrplib",
        compute_edge_weights=False,
    )
    at = np.asarray(raw["node_coord"], dtype=np.float64)
    n, demand = len(at), np.asarray(raw["demand"], dtype=np.int64)
    straight = np.sqrt(((at[:, None] - at[None, :]) ** 2).sum(axis=2)) * rules.scale
    whole = np.floor(straight + (1e-9 if rules.rounding == "down" else 0.5))
    service = (
        np.broadcast_to(np.asarray(raw.get("service_time", 0)), (n,))
        * rules.scale
        * (np.arange(n) > 0)
    )
    prize = np.asarray(raw["prize"], dtype=np.float64) if "prize" in raw else np.full(n, np.inf)
    capacity = np.atleast_1d(np.asarray(raw["capacity"], dtype=np.int64))
    vehicles = int(raw.get("vehicles", _plenty(demand, capacity)))
    price = (
        np.atleast_1d(np.asarray(raw.get("vehicles_unit_distance_cost", 1.0), dtype=np.float64))
        * rules.cost_unit
    )
    known, cost = read_solution(path.with_suffix(".sol"), rules.fleet_order)
    return Instance(
        name=path.stem,
        set_name=set_name,
        distance=whole.astype(np.int64),
        length=straight if rules.rounding == "none" else whole,
        demand=demand,
        window=np.asarray(raw["time_window"], dtype=np.int64) * rules.scale
        if "time_window" in raw
        else np.tile([0, ENDLESS], (n, 1)),
        service=service.astype(np.int64),
        prize=prize,
        capacity=np.broadcast_to(capacity, (vehicles,)),
        price=np.broadcast_to(price, (vehicles,)),
        known=known,
        known_cost=cost * rules.stated_unit,
    )


def _plenty(demand: IntArray, capacity: IntArray) -> int:
    """Vehicles where the number is free: a tenth more than the load needs, and two."""
    return int(np.ceil(1.1 * demand.sum() / capacity[0])) + 2


def read_solution(
    path: Path, fleet_order: bool
) -> tuple[tuple[tuple[int, tuple[int, ...]], ...], float]:
    """Routes and stated cost of a ``.sol`` file; routes without customers are left out."""
    text = path.read_text()
    lines = re.findall(r"^Route\s*#(\d+)\s*:(.*)$", text, flags=re.MULTILINE)
    cost = re.search(r"^Cost\s*:?\s*([\d.]+)", text, flags=re.MULTILINE)
    if not lines or cost is None:
        raise InputError(
            "solution",
            path.name,
            "lines 'Route #k: ...' and 'Cost ...'",
            "give the file as published",
        )
    routes = [
        (int(number) - 1, tuple(map(int, stops.split())))
        for number, stops in lines
        if stops.strip()
    ]
    return tuple(
        routes if fleet_order else [(k, stops) for k, (_, stops) in enumerate(routes)]
    ), float(cost.group(1))


def price(instance: Instance, solution: Solution) -> tuple[float, list[str]]:
    """What a solution costs by the instance's own convention, and every rule that it breaks.

    Mandatory customers left out are no part of the cost: each is a broken rule.
    """
    cost, faults = 0.0, []
    for vehicle, customers in solution:
        stops = [0, *customers, 0]
        cost += float(instance.price[vehicle]) * float(instance.length[stops[:-1], stops[1:]].sum())
        if instance.demand[list(customers)].sum() > instance.capacity[vehicle]:
            faults.append(f"vehicle {vehicle} is overloaded")
        time = int(instance.window[0, 0])
        for here, there in pairwise(stops):
            time = max(
                time + int(instance.service[here] + instance.distance[here, there]),
                int(instance.window[there, 0]),
            )
            if time > instance.window[there, 1]:
                faults.append(f"vehicle {vehicle} is late at {there}")
    served = Counter(c for _, customers in solution for c in customers)
    faults += [f"customer {c} is served again" for c, times in served.items() if times > 1]
    if len({vehicle for vehicle, _ in solution}) < len(solution):
        faults.append("a vehicle has two routes")
    missed = np.array(
        [c for c in range(1, len(instance.demand)) if c not in served], dtype=np.int64
    )
    faults += [
        f"customer {c} is not served" for c in missed[np.isinf(instance.prize[missed])].tolist()
    ]
    return cost + float(instance.prize[missed][np.isfinite(instance.prize[missed])].sum()), faults


def as_solution(routes: Sequence[Route]) -> Solution:
    """Our routes in the instance's words."""
    return [(route.slot, tuple(visit.order + 1 for visit in route.visits)) for route in routes]


def as_problem(instance: Instance) -> RoutingProblem:
    """The instance in our words: each customer an order, each vehicle full at first and one
    slot; a minute is a unit of time.
    """
    m, fleet = len(instance.demand) - 1, len(instance.capacity)
    demand, none = instance.demand[1:], np.zeros((0,), dtype=np.int64)
    dear = DEARER * 2 * float(instance.distance[0].max()) * float(instance.price.max())
    return RoutingProblem(
        now_min=0,
        travel_min=instance.distance,
        km=instance.distance.astype(np.float64),
        order_customer=np.arange(m),
        order_point=np.arange(1, m + 1),
        order_service_min=instance.service[1:],
        order_q_min=demand.astype(np.float64),
        order_q_max=demand.astype(np.float64),
        order_need=np.repeat(demand[:, None], fleet, axis=1),
        order_penalty=np.where(np.isinf(instance.prize[1:]), np.ceil(dear), instance.prize[1:]),
        order_value=np.zeros(m),
        order_due_min=np.full(m, FOREVER),
        order_late_cost=np.zeros(m),
        order_overnight=np.zeros(m, dtype=bool),
        order_windows=tuple(window[None, :] for window in instance.window[1:]),
        order_allowed=demand[:, None] <= instance.capacity[None, :],
        order_slot_cost=np.zeros((m, fleet)),
        site_point=none,
        site_service_min=np.zeros((0, fleet), dtype=np.int64),
        site_windows=(),
        site_allowed=np.zeros((0, fleet), dtype=bool),
        slots=_slots(instance),
        vehicle_load_kg=instance.capacity.astype(np.float64),
    )


def _slots(instance: Instance) -> Slots:
    fleet = len(instance.capacity)
    each, zeros = np.arange(fleet), np.zeros(fleet, dtype=np.int64)
    opens, closes = instance.window[0].tolist()
    return Slots(
        driver=each,
        vehicle=each,
        base_point=zeros,
        product=zeros,
        open_min=np.full(fleet, opens),
        last_start_min=np.full(fleet, closes),
        close_min=np.full(fleet, closes),
        night=np.zeros(fleet, dtype=bool),
        max_driving_min=np.full(fleet, ENDLESS),
        night_min=zeros,
        capacity_kg=instance.capacity.astype(np.float64),
        cost_per_km=instance.price.astype(np.float64),
        cost_per_min=np.zeros(fleet),
        cost_per_night=np.zeros(fleet),
        conflict=np.zeros((0, 3), dtype=np.int64),
    )
