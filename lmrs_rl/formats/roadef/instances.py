"""Read instance files of the ROADEF/EURO Challenge 2016, formats V1.1 and V2."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from lmrs_rl.domain import (
    NO_PRODUCT,
    CallInOrders,
    Customers,
    Days,
    Deliveries,
    Drivers,
    InputError,
    LoadingSites,
    Network,
    Snapshot,
    Tanks,
    Vehicles,
)
from lmrs_rl.domain.arrays import always_open
from lmrs_rl.formats.roadef.xml_fields import (
    allowed_trailers,
    check_numbering,
    child,
    column,
    element_text,
    flag,
    hourly_numbers,
    integer,
    integer_list,
    matrix,
    parse_xml,
    time_windows,
)

_PRODUCT = "gas"
"""The challenge has a single product without a name."""
_MINUTES_PER_STEP = 60


@dataclass(frozen=True)
class RoadefInstance:
    """An instance as a network and days, with what is needed to write its solutions.

    Attributes
    ----------
    network, days : the instance
    customer_point : challenge point number of each customer, in customer order (tanks first, then
        call-ins)
    """

    network: Network
    days: Days
    customer_point: tuple[int, ...]


def read_instance(path: Path | str) -> RoadefInstance:
    """Read an instance file.

    Raises
    ------
    InputError
        Naming the file and the element that is missing, not a number, of the wrong length or out of
        range.
    """
    path = Path(path)
    root = parse_xml(path, "IRP_Roadef_Challenge_Instance")
    unit, horizon = integer(root, "unit"), integer(root, "horizon")
    if unit != _MINUTES_PER_STEP:
        raise InputError("unit", unit, "60 minutes a step", "convert the instance to hourly steps")
    if horizon < 1:
        raise InputError("horizon", horizon, "at least one step", "check that the file is whole")
    trailers, drivers, sources, customers = (
        list(child(root, tag)) for tag in ("trailers", "drivers", "sources", "customers")
    )
    if not trailers:
        raise InputError(
            "trailers", "an empty list", "at least one trailer", "add the fleet to the instance"
        )
    # A file may mix them; here customers are numbered with all tanks first.
    tanks = [c for c in customers if not flag(c, "callIn")]
    call_ins = [c for c in customers if flag(c, "callIn")]
    network = Network(
        products=(_PRODUCT,),
        tanks=_tanks(tanks, len(trailers)),
        call_ins=Customers(**_customer_columns(call_ins, len(trailers))),
        sites=_sites(sources, len(trailers)),
        vehicles=_vehicles(root, trailers),
        drivers=_drivers(drivers, len(trailers)),
        travel_min=matrix(root, "timeMatrices"),
        distance_km=matrix(root, "DistMatrices"),
    )
    days = _days(path.stem, network, tanks, call_ins, trailers, horizon)
    return RoadefInstance(network, days, tuple(integer(c, "index") for c in (*tanks, *call_ins)))


def _tanks(elements: Sequence[ET.Element], vehicles: int) -> Tanks:
    return Tanks(
        **_customer_columns(elements, vehicles),
        capacity_kg=column(elements, "Capacity"),
        hit_level_kg=column(elements, "SafetyLevel"),
        min_drop_kg=column(elements, "MinOperationQuantity", 0.0),
    )


def _customer_columns(elements: Sequence[ET.Element], vehicles: int) -> dict[str, Any]:
    n = len(elements)
    return {
        "ids": tuple(element_text(e, "index") for e in elements),
        "point": column(elements, "index"),
        "product": np.zeros(n, dtype=np.int64),
        "setup_min": column(elements, "setupTime"),
        # A stop takes its set-up time in the challenge, whatever the quantity.
        "unload_kg_per_min": np.full(n, np.inf),
        "vehicle_allowed": allowed_trailers(
            [integer_list(e, "allowedTrailers") for e in elements],
            vehicles,
            "customers.allowedTrailers",
        ),
        "access_min": tuple(time_windows(e) for e in elements),
        "overnight": np.array([flag(e, "LayoverCustomer") for e in elements], dtype=np.bool_),
    }


def _sites(elements: Sequence[ET.Element], vehicles: int) -> LoadingSites:
    n = len(elements)
    every = list(range(vehicles))
    allowed = [
        every if e.find("allowedTrailers") is None else integer_list(e, "allowedTrailers")
        for e in elements
    ]
    return LoadingSites(
        ids=tuple(element_text(e, "index") for e in elements),
        point=column(elements, "index"),
        product_offered=np.ones((n, 1), dtype=np.bool_),
        setup_min=column(elements, "setupTime"),
        load_kg_per_min=np.full(n, np.inf),
        vehicle_allowed=allowed_trailers(allowed, vehicles, "sources.allowedTrailers"),
        access_min=tuple(always_open() for _ in elements),
    )


def _vehicles(root: ET.Element, elements: Sequence[ET.Element]) -> Vehicles:
    n = len(elements)
    # Other parts of the file and solutions refer to trailers by index, read here as position.
    check_numbering("trailers", elements)
    return Vehicles(
        ids=tuple(element_text(e, "index") for e in elements),
        base_point=np.full(n, integer(child(root, "bases"), "index")),
        capacity_kg=column(elements, "Capacity"),
        cost_per_km=column(elements, "DistanceCost"),
        product_allowed=np.ones((n, 1), dtype=np.bool_),
    )


def _drivers(elements: Sequence[ET.Element], vehicles: int) -> Drivers:
    n = len(elements)
    check_numbering("drivers", elements)
    # Format V1.1 has one trailer as a number, V2 a list of them.
    allowed = [
        integer_list(e, "trailer") if len(child(e, "trailer")) else [integer(e, "trailer")]
        for e in elements
    ]
    return Drivers(
        ids=tuple(element_text(e, "index") for e in elements),
        shift_min=tuple(time_windows(e) for e in elements),
        max_driving_min=column(elements, "maxDrivingDuration"),
        min_rest_min=column(elements, "minInterSHIFTDURATION"),
        vehicle_allowed=allowed_trailers(allowed, vehicles, "drivers.trailer"),
        cost_per_km=np.zeros(n),
        cost_per_min=column(elements, "TimeCost"),
        cost_per_night=column(elements, "LayoverCost", 0.0),
        night_min=column(elements, "LayoverDuration", 0.0),
    )


def _days(
    name: str,
    network: Network,
    tanks: Sequence[ET.Element],
    call_ins: Sequence[ET.Element],
    trailers: Sequence[ET.Element],
    horizon: int,
) -> Days:
    use = np.array([hourly_numbers(e, "Forecast", horizon) for e in tanks])
    load = column(trailers, "InitialQuantity")
    call_in_orders = _call_in_orders(network.n_tanks, call_ins)
    start = Snapshot(
        time_min=0,
        level_kg=column(tanks, "InitialTankQuantity"),
        load_kg=load,
        load_product=np.where(load > 0, 0, NO_PRODUCT),
        vehicle_free_min=np.zeros(len(trailers), dtype=np.int64),
        driver_free_min=np.zeros(len(network.drivers), dtype=np.int64),
        in_transit=Deliveries.none(),
        call_in_orders=call_in_orders,
        history_kg=np.zeros((0, network.n_tanks)),
    )
    # The challenge has no announcements: all orders are known on the first morning.
    days = Days(name, start, use.reshape(network.n_tanks, horizon).T, call_in_orders)
    days.check_against(network)
    return days


def _call_in_orders(n_tanks: int, elements: Sequence[ET.Element]) -> CallInOrders:
    called = [(n_tanks + k, order) for k, e in enumerate(elements) for order in child(e, "orders")]
    orders = [order for _, order in called]
    quantity = column(orders, "Quantity")
    return CallInOrders(
        customer=np.array([customer for customer, _ in called], dtype=np.int64),
        earliest_min=column(orders, "earliestTime"),
        latest_min=column(orders, "latestTime"),
        # The flexibility is the least percentage of the quantity that has to be delivered.
        min_kg=quantity * column(orders, "orderQuantityFlexibility") / 100.0,
        max_kg=quantity,
        announced_min=np.zeros(len(orders), dtype=np.int64),
    )
