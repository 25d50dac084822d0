"""Read and write solution files of the ROADEF/EURO Challenge 2016.

A trip is a shift there, a stop an operation; quantities of loadings are negative.
"""

from __future__ import annotations

import itertools
import xml.etree.ElementTree as ET
from collections.abc import Iterable
from pathlib import Path
from typing import Literal

import numpy as np

from lmrs_rl.domain import InputError, Network, Stop, Trip
from lmrs_rl.domain.files import write_text_atomically
from lmrs_rl.formats.roadef.instances import RoadefInstance
from lmrs_rl.formats.roadef.xml_fields import child, integer, parse_xml, parsed_number

_ROOT = "IRP_Roadef_Challenge_Output"
"""Tag of the root element."""


def read_solution(path: Path | str, instance: RoadefInstance) -> tuple[Trip, ...]:
    """Read the trips of a solution, in the order of the file.

    Departures and returns are not in the file; they follow from the challenge's rules.

    Raises
    ------
    InputError
        For an unknown driver, trailer or point, a shift without operations or out of order, text
        for a number.
    """
    root = parse_xml(Path(path), _ROOT)
    return tuple(_trip(k, shift, instance) for k, shift in enumerate(child(root, "Shifts")))


def write_solution(path: Path | str, trips: Iterable[Trip], instance: RoadefInstance) -> None:
    """Write trips as a solution, in order of start."""
    root = ET.Element(_ROOT)
    shifts = ET.SubElement(root, "Shifts")
    # The challenge requires the shifts of a trailer in chronological order.
    for k, trip in enumerate(sorted(trips, key=lambda t: (t.start_min, t.driver))):
        _add_shift(shifts, k, trip, instance)
    ET.indent(root)
    write_text_atomically(
        Path(path), ET.tostring(root, encoding="unicode", xml_declaration=True) + "\n"
    )


def _add_shift(shifts: ET.Element, k: int, trip: Trip, instance: RoadefInstance) -> None:
    shift = ET.SubElement(shifts, "IRP_Roadef_Challenge_Shift_")
    for name, value in (
        ("index", k),
        ("driver", trip.driver),
        ("trailer", trip.vehicle),
        ("start", trip.start_min),
    ):
        ET.SubElement(shift, name).text = str(value)
    operations = ET.SubElement(shift, "operations")
    for stop in trip.stops:
        operation = ET.SubElement(operations, "IRP_Roadef_Challenge_Operation_")
        point, quantity = _operation(stop, instance)
        for name, text in (
            ("point", str(point)),
            ("arrival", str(stop.arrival_min)),
            # The shortest text from which the same number is read back, to the last bit.
            ("Quantity", repr(quantity)),
        ):
            ET.SubElement(operation, name).text = text


def _operation(stop: Stop, instance: RoadefInstance) -> tuple[int, float]:
    """Point and quantity [kg] of a stop in the challenge's terms."""
    if stop.kind == "drop":
        return instance.customer_point[stop.place], float(stop.kg)
    return int(instance.network.sites.point[stop.place]), -float(stop.kg)


def _trip(k: int, shift: ET.Element, instance: RoadefInstance) -> Trip:
    field = f"shift {k}"
    index, driver, vehicle, start = (
        _whole(shift, tag, field) for tag in ("index", "driver", "trailer", "start")
    )
    network = instance.network
    for name, value, count in (
        ("driver", driver, len(network.drivers)),
        ("trailer", vehicle, len(network.vehicles)),
    ):
        if not 0 <= value < count:
            raise InputError(
                f"{field} {name}", value, f"0 to {count - 1}", f"use a {name} of the instance"
            )
    if index != k:
        raise InputError(f"{field} index", index, str(k), "number the shifts in file order")
    operations = list(child(shift, "operations"))
    if not operations:
        raise InputError(
            f"{field} operations", "an empty list", "at least one operation", "leave the shift out"
        )
    stops = tuple(
        _stop(f"{field} operation {j}", operation, instance)
        for j, operation in enumerate(operations)
    )
    end = _return_min(start, stops, driver, vehicle, network)
    return Trip(driver, vehicle, 0, start, end, stops)


def _stop(field: str, operation: ET.Element, instance: RoadefInstance) -> Stop:
    point, arrival = _whole(operation, "point", field), _whole(operation, "arrival", field)
    quantity = parsed_number(child(operation, "Quantity").text, f"{field} Quantity", float)
    network = instance.network
    sites = np.flatnonzero(network.sites.point == point)
    kind: Literal["load", "drop"] = "load" if len(sites) else "drop"
    if len(sites):
        place, setup_min = int(sites[0]), int(network.sites.setup_min[sites[0]])
    elif point in instance.customer_point:
        place = instance.customer_point.index(point)
        setup_min = int(network.customers.setup_min[place])
    else:
        raise InputError(
            f"{field} point",
            point,
            "a source or customer of the instance",
            "use the instance's point numbers",
        )
    kg = quantity if kind == "drop" else -quantity
    return Stop(kind, place, arrival, arrival + setup_min, kg)


def _whole(element: ET.Element, tag: str, field: str) -> int:
    """The whole number in the child ``<tag>``; ``field`` names shift and operation in errors."""
    if element.find(tag) is None:
        return integer(element, tag)
    return parsed_number(element.findtext(tag), f"{field} {tag}", int)


def _return_min(
    start: int, stops: tuple[Stop, ...], driver: int, vehicle: int, network: Network
) -> int:
    """Minute of the return to the base.

    The challenge puts a night before the last leg where driving home would exceed the driver's
    limit and the shift has had no night so far.
    """
    drivers, base = network.drivers, int(network.vehicles.base_point[vehicle])
    places = {"load": network.sites.point, "drop": network.customers.point}
    points = [base, *(int(places[stop.kind][stop.place]) for stop in stops), base]
    legs = [int(network.travel_min[p, q]) for p, q in itertools.pairwise(points)]
    home = stops[-1].departure_min + legs[-1]
    night = int(drivers.night_min[driver])
    departures = [start, *(stop.departure_min for stop in stops)]
    # The last leg ends at the base, without a stop: it has no wait.
    waits = [
        stop.arrival_min - departure - leg
        for stop, departure, leg in zip(stops, departures, legs, strict=False)
    ]
    # The file does not mark nights: a wait that is long enough is one.
    slept = any(wait >= night for wait in waits)
    if night and not slept and sum(legs) > drivers.max_driving_min[driver]:
        return home + night
    return home
