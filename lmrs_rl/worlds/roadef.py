"""Instances and solutions of the ROADEF/EURO Challenge 2016 (Air Liquide inventory routing), forms V1.1 and V2.

The challenge's words in ours: base = base point, source = loading site, trailer = vehicle, layover = night, shift =
trip, safety level = hit level. Sources are unlimited and have no hours. Consumption is deterministic.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

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
    Stop,
    Tanks,
    Trip,
    Vehicles,
)
from lmrs_rl.domain.arrays import FOREVER, IntArray, always_open
from lmrs_rl.domain.files import write_text_atomically

PRODUCT = "gas"

T = TypeVar("T", int, float)


@dataclass(frozen=True)
class RoadefInstance:
    """An instance as network and days, with what is needed to write solutions of it.

    Attributes
    ----------
    network, days : the instance
    customer_point : challenge point number of each customer, in customer order (tanks first, then call-ins)
    """

    network: Network
    days: Days
    customer_point: tuple[int, ...]


def read_instance(path: Path | str) -> RoadefInstance:
    """Read an instance file.

    Raises
    ------
    InputError
        Naming the file and the element that is missing, not a number, of the wrong length or out of range.
    """
    path = Path(path)
    root = _parse(path, "IRP_Roadef_Challenge_Instance")
    unit, horizon = _int(root, "unit"), _int(root, "horizon")
    if unit != 60:
        raise InputError("unit", unit, "60 minutes a step", "convert the instance to hourly steps")
    if horizon < 1:
        raise InputError("horizon", horizon, "at least one step", "check that the file is whole")
    trailers = _children(root, "trailers")
    drivers = _children(root, "drivers")
    sources = _children(root, "sources")
    customers = _children(root, "customers")
    tanks = [c for c in customers if _text(c, "callIn", "0") == "0"]
    call_ins = [c for c in customers if _text(c, "callIn", "0") != "0"]
    network = Network(
        products=(PRODUCT,),
        tanks=_tanks(tanks, len(trailers)),
        call_ins=Customers(*_customer_columns(call_ins, len(trailers))),
        sites=_sites(sources, len(trailers)),
        vehicles=_vehicles(root, trailers),
        drivers=_drivers(drivers, len(trailers)),
        travel_min=_matrix(root, "timeMatrices"),
        distance_km=_matrix(root, "DistMatrices"),
    )
    days = _days(path.stem, network, tanks, call_ins, trailers, horizon)
    points = tuple(_int(c, "index") for c in (*tanks, *call_ins))
    return RoadefInstance(network, days, points)


def read_solution(path: Path | str, instance: RoadefInstance) -> tuple[Trip, ...]:
    """Read trips from a solution file, in file order; departures and returns are derived by the challenge's rules.

    Raises
    ------
    InputError
        For an unknown driver, trailer or point, or a shift without operations.
    """
    root = _parse(Path(path), "IRP_Roadef_Challenge_Output")
    return tuple(_trip(k, shift, instance) for k, shift in enumerate(_children(root, "Shifts")))


def write_solution(path: Path | str, trips: Iterable[Trip], instance: RoadefInstance) -> None:
    """Write trips in the challenge's format, in order of start (a trailer's shifts must be chronological)."""
    root = ET.Element("IRP_Roadef_Challenge_Output")
    shifts = ET.SubElement(root, "Shifts")
    for k, trip in enumerate(sorted(trips, key=lambda t: (t.start_min, t.driver))):
        shift = ET.SubElement(shifts, "IRP_Roadef_Challenge_Shift_")
        for name, value in (("index", k), ("driver", trip.driver), ("trailer", trip.vehicle), ("start", trip.start_min)):
            ET.SubElement(shift, name).text = str(value)
        operations = ET.SubElement(shift, "operations")
        for stop in trip.stops:
            operation = ET.SubElement(operations, "IRP_Roadef_Challenge_Operation_")
            drop = stop.kind == "drop"
            point = instance.customer_point[stop.place] if drop else int(instance.network.sites.point[stop.place])
            quantity = stop.kg if drop else -stop.kg
            for name, text in (("point", str(point)), ("arrival", str(stop.arrival_min)), ("Quantity", repr(float(quantity)))):
                ET.SubElement(operation, name).text = text
    ET.indent(root)
    write_text_atomically(Path(path), ET.tostring(root, encoding="unicode", xml_declaration=True) + "\n")


def _tanks(elements: list[ET.Element], vehicles: int) -> Tanks:
    return Tanks(
        *_customer_columns(elements, vehicles),
        _column(elements, "Capacity"),
        _column(elements, "SafetyLevel"),
        _column(elements, "MinOperationQuantity", 0.0),
    )


def _customer_columns(elements: list[ET.Element], vehicles: int) -> tuple[Any, ...]:
    n = len(elements)
    return (
        tuple(_text(e, "index") for e in elements),
        _column(elements, "index"),
        np.zeros(n, dtype=np.int64),
        _column(elements, "setupTime"),
        np.full(n, np.inf),
        _mask([_ints(e, "allowedTrailers") for e in elements], vehicles, "customers.allowedTrailers"),
        tuple(_time_windows(e) for e in elements),
        np.array([_text(e, "LayoverCustomer", "0") == "1" for e in elements], dtype=bool),
    )


def _sites(elements: list[ET.Element], vehicles: int) -> LoadingSites:
    n = len(elements)
    every = list(range(vehicles))
    allowed = [every if e.find("allowedTrailers") is None else _ints(e, "allowedTrailers") for e in elements]
    return LoadingSites(
        ids=tuple(_text(e, "index") for e in elements),
        point=_column(elements, "index"),
        product_offered=np.ones((n, 1), dtype=bool),
        setup_min=_column(elements, "setupTime"),
        load_kg_per_min=np.full(n, np.inf),
        vehicle_allowed=_mask(allowed, vehicles, "sources.allowedTrailers"),
        access_min=tuple(always_open() for _ in elements),
    )


def _vehicles(root: ET.Element, elements: list[ET.Element]) -> Vehicles:
    n = len(elements)
    _numbered("trailers", elements)
    return Vehicles(
        ids=tuple(_text(e, "index") for e in elements),
        base_point=np.full(n, int(_text(_child(root, "bases"), "index"))),
        capacity_kg=_column(elements, "Capacity"),
        cost_per_km=_column(elements, "DistanceCost"),
        product_allowed=np.ones((n, 1), dtype=bool),
    )


def _drivers(elements: list[ET.Element], vehicles: int) -> Drivers:
    n = len(elements)
    _numbered("drivers", elements)
    allowed = [_ints(e, "trailer") if len(_child(e, "trailer")) else [_int(e, "trailer")] for e in elements]
    return Drivers(
        ids=tuple(_text(e, "index") for e in elements),
        shift_min=tuple(_time_windows(e) for e in elements),
        max_driving_min=_column(elements, "maxDrivingDuration"),
        min_rest_min=_column(elements, "minInterSHIFTDURATION"),
        vehicle_allowed=_mask(allowed, vehicles, "drivers.trailer"),
        cost_per_km=np.zeros(n),
        cost_per_min=_column(elements, "TimeCost"),
        cost_per_night=_column(elements, "LayoverCost", 0.0),
        night_min=_column(elements, "LayoverDuration", 0.0),
    )


def _days(name: str, network: Network, tanks: list[ET.Element], call_ins: list[ET.Element], trailers: list[ET.Element], horizon: int) -> Days:
    use = np.array([_numbers(_child(e, "Forecast"), f"customer {_text(e, 'index')} Forecast", horizon) for e in tanks])
    load = _column(trailers, "InitialQuantity")
    called = [(network.n_tanks + k, o) for k, e in enumerate(call_ins) for o in _children(e, "orders")]
    rows = [_call_in_order(number, element) for number, element in called]
    columns: list[Any] = list(np.array(rows, dtype=np.float64).reshape(-1, 5).T)
    call_in_orders = CallInOrders(*columns, np.zeros(len(rows), dtype=np.int64))
    start = Snapshot(
        time_min=0,
        level_kg=_column(tanks, "InitialTankQuantity"),
        load_kg=load,
        load_product=np.where(load > 0, 0, NO_PRODUCT),
        vehicle_free_min=np.zeros(len(trailers), dtype=np.int64),
        driver_free_min=np.zeros(len(network.drivers), dtype=np.int64),
        on_the_way=Deliveries.none(),
        call_in_orders=call_in_orders,
        history_kg=np.zeros((0, network.n_tanks)),
    )
    days = Days(name, start, use.reshape(network.n_tanks, horizon).T, call_in_orders)
    days.check_against(network)
    return days


def _call_in_order(customer: int, element: ET.Element) -> tuple[float, ...]:
    quantity, flexibility = _float(element, "Quantity"), _float(element, "orderQuantityFlexibility")
    return customer, _int(element, "earliestTime"), _int(element, "latestTime"), quantity * flexibility / 100.0, quantity


def _trip(k: int, shift: ET.Element, instance: RoadefInstance) -> Trip:
    network = instance.network
    driver, vehicle, start = _int(shift, "driver"), _int(shift, "trailer"), _int(shift, "start")
    if not 0 <= driver < len(network.drivers):
        raise InputError(f"shift {k} driver", driver, f"0 to {len(network.drivers) - 1}", "use a driver of the instance")
    if not 0 <= vehicle < len(network.vehicles):
        raise InputError(f"shift {k} trailer", vehicle, f"0 to {len(network.vehicles) - 1}", "use a trailer of the instance")
    if _int(shift, "index") != k:
        raise InputError(f"shift {k} index", _int(shift, "index"), str(k), "number the shifts in file order")
    operations = _children(shift, "operations")
    if not operations:
        raise InputError(f"shift {k} operations", "an empty list", "at least one operation", "leave the shift out")
    stops = tuple(_stop(f"shift {k} operation {j}", operation, instance) for j, operation in enumerate(operations))
    return Trip(driver, vehicle, 0, start, _return_min(stops, driver, vehicle, network), stops)


def _stop(field: str, operation: ET.Element, instance: RoadefInstance) -> Stop:
    point, arrival, quantity = _int(operation, "point"), _int(operation, "arrival"), _float(operation, "Quantity")
    sites = instance.network.sites
    for site in np.flatnonzero(sites.point == point):
        return Stop("load", int(site), arrival, arrival + int(sites.setup_min[site]), -quantity)
    if point not in instance.customer_point:
        raise InputError(f"{field} point", point, "a source or customer of the instance", "use the instance's point numbers")
    customer = instance.customer_point.index(point)
    return Stop("drop", customer, arrival, arrival + int(instance.network.customers.setup_min[customer]), quantity)


def _return_min(stops: tuple[Stop, ...], driver: int, vehicle: int, network: Network) -> int:
    """Arrival at the base; the challenge puts a night before it where driving home would exceed the limit."""
    drivers, travel, base = network.drivers, network.travel_min, int(network.vehicles.base_point[vehicle])
    points = [base, *(int(network.sites.point[s.place] if s.kind == "load" else network.customers.point[s.place]) for s in stops)]
    legs = [int(travel[p, q]) for p, q in zip(points, [*points[1:], base], strict=True)]
    home = stops[-1].departure_min + legs[-1]
    night = int(drivers.night_min[driver])
    if not night:
        return home
    departures = [None, *(s.departure_min for s in stops)]
    waits = [s.arrival_min - d - leg for s, d, leg in zip(stops[1:], departures[1:], legs[1:], strict=False) if d is not None]
    slept = any(wait >= night for wait in waits)
    return home if slept or sum(legs) <= drivers.max_driving_min[driver] else home + night


def _parse(path: Path, tag: str) -> ET.Element:
    try:
        root = ET.parse(path).getroot()
    except FileNotFoundError as error:
        raise InputError(str(path), "no such file", "a readable file", "check the path") from error
    except (ET.ParseError, UnicodeDecodeError) as error:
        raise InputError(str(path), f"broken XML ({error})", "a whole XML file", "fetch the file again; it may have been cut") from error
    if root.tag != tag:
        raise InputError(str(path), f"<{root.tag}>", f"<{tag}>", "give a file of the ROADEF/EURO Challenge 2016")
    return root


def _child(element: ET.Element, tag: str) -> ET.Element:
    child = element.find(tag)
    if child is None:
        raise InputError(f"<{element.tag}>", f"no <{tag}>", f"an element <{tag}>", "check that the file is whole")
    return child


def _children(element: ET.Element, tag: str) -> list[ET.Element]:
    child = element.find(tag)
    if child is None:
        raise InputError(f"<{element.tag}>", f"no <{tag}>", f"an element <{tag}>", "check that the file is whole")
    return list(child)


def _text(element: ET.Element, tag: str, default: str | None = None) -> str:
    text = element.findtext(tag)
    if text is None:
        if default is None:
            raise InputError(f"<{element.tag}>", f"no <{tag}>", f"an element <{tag}>", "check that the file is whole")
        return default
    return text.strip()


def _int(element: ET.Element, tag: str) -> int:
    return _number(_text(element, tag), f"<{element.tag}> {tag}", int)


def _float(element: ET.Element, tag: str) -> float:
    value = _number(_text(element, tag), f"<{element.tag}> {tag}", float)
    if not np.isfinite(value):
        raise InputError(f"<{element.tag}> {tag}", value, "a finite number", "replace the entry")
    return value


def _number(text: str | None, field: str, kind: Callable[[str], T]) -> T:
    try:
        return kind(text or "")
    except ValueError as error:
        raise InputError(field, repr(text), f"a number ({kind})", "replace the entry") from error


def _column(elements: list[ET.Element], tag: str, default: float | None = None) -> NDArray[Any]:
    values = [default if default is not None and e.find(tag) is None else _float(e, tag) for e in elements]
    return np.array(values, dtype=np.float64)


def _ints(element: ET.Element, tag: str) -> list[int]:
    return [_number(child.text, f"<{element.tag}> {tag}", int) for child in _child(element, tag)]


def _numbers(element: ET.Element, field: str, length: int) -> list[float]:
    if len(element) != length:
        raise InputError(field, f"{len(element)} steps", f"{length} steps, one each hour of the horizon", "check that the file is whole")
    return [_number(child.text, field, float) for child in element]


def _mask(allowed: list[list[int]], count: int, field: str) -> NDArray[Any]:
    mask = np.zeros((len(allowed), count), dtype=bool)
    for k, members in enumerate(allowed):
        for member in members:
            if not 0 <= member < count:
                raise InputError(f"{field}[{k}]", member, f"a trailer number from 0 to {count - 1}", "add the trailer or correct the number")
            mask[k, member] = True
    return mask


def _time_windows(element: ET.Element) -> IntArray:
    found = element.find("timewindows")
    if found is None:
        return always_open()
    pairs = sorted((_int(w, "start"), min(_int(w, "end"), FOREVER)) for w in found)
    return np.array(pairs, dtype=np.int64).reshape(-1, 2)


def _matrix(root: ET.Element, tag: str) -> NDArray[Any]:
    rows = [[_number(cell.text, tag, float) for cell in row] for row in _children(root, tag)]
    if any(len(row) != len(rows) for row in rows):
        k = next(k for k, row in enumerate(rows) if len(row) != len(rows))
        raise InputError(f"{tag} row {k}", f"{len(rows[k])} entries", f"{len(rows)} entries: a square matrix", "check that the file is whole")
    return np.array(rows, dtype=np.float64)


def _numbered(field: str, elements: list[ET.Element]) -> None:
    for k, element in enumerate(elements):
        if _int(element, "index") != k:
            raise InputError(f"{field}[{k}].index", _int(element, "index"), str(k), "number them from 0 in file order")
