"""The tiny world that tests solve by hand: two tanks, one vehicle, one driver, one loading site, on
one line.

Points, minutes along the line: base 0, site 10, tank A 40, tank B 60, call-in customer C 70
(``network(call_ins=1)``). Two minutes are one km. A uses 10 kg/h and holds 580 kg: it reaches its
hit level (100 kg) after 48 h and is dry after 58 h. B uses 5 kg/h and holds 400 kg: it reaches 100
kg after 60 h and is dry after 80 h. Vary with ``dataclasses.replace``.
"""

from __future__ import annotations

import numpy as np

from lmrs_rl.domain import (
    NO_PRODUCT,
    CallInOrders,
    Customers,
    Days,
    Deliveries,
    Drivers,
    LoadingSites,
    Network,
    Snapshot,
    Stop,
    Tanks,
    Trip,
    Vehicles,
)
from lmrs_rl.domain.arrays import FloatArray, always_open

BASE, SITE, A, B, C = range(5)
"""Points of the travel matrices."""

TANK_A, TANK_B, CALL_IN = range(3)
"""Customer numbers."""

LINE_MIN = np.array([0, 10, 40, 60, 70])
"""[min] Where the points lie."""

USE_KG_PER_H = np.array([10.0, 5.0])
"""[kg/h] What tanks A and B use."""


def network(call_ins: int = 0) -> Network:
    """Tanks of 1000 kg with hit level 100 kg and service of 30 min, a tanker of 2000 kg,
    everything always open.
    """
    travel = np.abs(LINE_MIN[:, None] - LINE_MIN[None, :])
    return Network(
        products=("gas",),
        tanks=Tanks(
            ids=("A", "B"),
            point=np.array([A, B]),
            product=np.zeros(2, dtype=np.int64),
            setup_min=np.full(2, 30),
            unload_kg_per_min=np.full(2, np.inf),
            vehicle_allowed=np.ones((2, 1), dtype=bool),
            access_min=(always_open(), always_open()),
            overnight=np.zeros(2, dtype=bool),
            capacity_kg=np.full(2, 1000.0),
            hit_level_kg=np.full(2, 100.0),
            min_drop_kg=np.zeros(2),
        ),
        call_ins=Customers(
            ids=("C", "D")[:call_ins],
            point=np.full(call_ins, C),
            product=np.zeros(call_ins, dtype=np.int64),
            setup_min=np.full(call_ins, 30),
            unload_kg_per_min=np.full(call_ins, np.inf),
            vehicle_allowed=np.ones((call_ins, 1), dtype=bool),
            access_min=tuple(always_open() for _ in range(call_ins)),
            overnight=np.zeros(call_ins, dtype=bool),
        ),
        sites=LoadingSites(
            ids=("plant",),
            point=np.array([SITE]),
            product_offered=np.ones((1, 1), dtype=bool),
            setup_min=np.array([20]),
            load_kg_per_min=np.array([np.inf]),
            vehicle_allowed=np.ones((1, 1), dtype=bool),
            access_min=(always_open(),),
        ),
        vehicles=Vehicles(
            ids=("truck",),
            base_point=np.array([BASE]),
            capacity_kg=np.array([2000.0]),
            cost_per_km=np.array([1.0]),
            product_allowed=np.ones((1, 1), dtype=bool),
        ),
        drivers=Drivers(
            ids=("Ann",),
            shift_min=(always_open(),),
            max_driving_min=np.array([600]),
            min_rest_min=np.array([480]),
            vehicle_allowed=np.ones((1, 1), dtype=bool),
            cost_per_km=np.zeros(1),
            cost_per_min=np.array([0.5]),
            cost_per_night=np.zeros(1),
            night_min=np.zeros(1, dtype=np.int64),
        ),
        travel_min=travel,
        distance_km=travel / 2.0,
    )


def snapshot(tanks: int = 2) -> Snapshot:
    """Midnight of the first day: A holds 580 kg, B 400 kg, the tanker is empty and free, nobody has
    called in.

    Another number of ``tanks`` makes a snapshot that does not belong to the network.
    """
    return Snapshot(
        time_min=0,
        level_kg=np.resize([580.0, 400.0], tanks),
        load_kg=np.zeros(1),
        load_product=np.array([NO_PRODUCT]),
        vehicle_free_min=np.zeros(1, dtype=np.int64),
        driver_free_min=np.zeros(1, dtype=np.int64),
        in_transit=Deliveries.none(),
        call_in_orders=CallInOrders.none(),
        history_kg=np.zeros((0, tanks)),
    )


def use_kg(hours: int) -> FloatArray:
    """(hours, 2) [kg] steady use of both tanks."""
    return np.tile(USE_KG_PER_H, (hours, 1))


def days(count: int = 5) -> Days:
    """``count`` days of steady use from `snapshot` on, without call-in orders."""
    return Days("tiny", snapshot(), use_kg(24 * count), CallInOrders.none())


def trip(
    start_min: int = 0, kg_a: float = 400.0, kg_b: float = 600.0, loaded_kg: float = 1000.0
) -> Trip:
    """Base, plant, A, B, base without waiting: drives 120 min, serves 80 min, is back 200 min after
    the start.

    With ``start_min`` 0: loads from minute 10 to 30, drops at A from 60 to 90 and at B from 110 to
    140, back at 200.
    """
    stops = (
        Stop("load", 0, start_min + 10, start_min + 30, loaded_kg),
        Stop("drop", TANK_A, start_min + 60, start_min + 90, kg_a),
        Stop("drop", TANK_B, start_min + 110, start_min + 140, kg_b),
    )
    return Trip(
        driver=0, vehicle=0, product=0, start_min=start_min, end_min=start_min + 200, stops=stops
    )
