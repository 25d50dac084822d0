"""Variations of a scenario with one thing changed, more demand or a vehicle fewer.

Nothing is drawn again, so that results can be compared in pairs.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from lmrs_rl.domain import (
    Customers,
    Drivers,
    InputError,
    LoadingSites,
    Network,
    Snapshot,
    Vehicles,
)
from lmrs_rl.domain.arrays import HOURS_PER_DAY, BoolArray
from lmrs_rl.worlds.outages import Breakdowns
from lmrs_rl.worlds.scenario import Scenario


def with_demand(scenario: Scenario, factor: float, from_day: int = 0) -> Scenario:
    """The scenario with more or less demand.

    Parameters
    ----------
    scenario : to vary
    factor : of the demand, >= 0
    from_day : row of the panel from which on it applies; with ``scenario.first_day`` the history
        does not show it, so that forecasts are surprised

    Raises
    ------
    InputError
        For a factor that is negative or not finite, a day outside the panel.
    """
    if not 0 <= factor < np.inf:
        raise InputError(
            "factor", factor, "a finite number, at least 0", "1.3 is thirty per cent more"
        )
    if not 0 <= from_day <= scenario.panel.days:
        raise InputError(
            "from_day", from_day, f"0 to {scenario.panel.days}", "give a row of the panel"
        )
    share = np.where(np.arange(scenario.panel.days) >= from_day, factor, 1.0)[:, None]
    hourly = np.repeat(share[scenario.first_day :], HOURS_PER_DAY, axis=0)
    days, start = scenario.days, scenario.days.start
    # The snapshot's history is the end of the panel's, and has to show the same demand.
    history = (
        start.history_kg * share[scenario.first_day - len(start.history_kg) : scenario.first_day]
    )
    return replace(
        scenario,
        days=replace(
            days,
            start=replace(start, history_kg=history),
            use_kg=days.use_kg * hourly[: days.hours],
        ),
        panel=replace(scenario.panel, use=scenario.panel.use * share),
        after_kg=scenario.after_kg * hourly[days.hours :],
    )


def without_vehicle(scenario: Scenario, vehicle: int) -> Scenario:
    """The scenario without a vehicle, and without the drivers who can drive no other.

    Parameters
    ----------
    scenario : to vary
    vehicle : its number

    Raises
    ------
    InputError
        For an unknown vehicle, or the last one for a product or a tank.
    """
    network, v = scenario.network, len(scenario.network.vehicles)
    if not 0 <= vehicle < v:
        raise InputError(
            "vehicle", vehicle, f"0 to {v - 1}", "give the number of a vehicle of the network"
        )
    keep = np.arange(v) != vehicle
    _check_not_last(network, vehicle, keep)
    at_work = np.asarray(network.drivers.vehicle_allowed[:, keep].any(axis=1), dtype=np.bool_)
    broken = scenario.breakdowns
    rows = broken.vehicle != vehicle
    # Vehicles are known by number, and those behind the one taken away move up by one.
    number = broken.vehicle[rows]
    return replace(
        scenario,
        network=_network(network, keep, at_work),
        days=replace(scenario.days, start=_snapshot(scenario.days.start, keep, at_work)),
        breakdowns=Breakdowns(
            broken.from_min[rows],
            broken.to_min[rows],
            broken.known_min[rows],
            vehicle=number - (number > vehicle),
        ),
    )


def _check_not_last(network: Network, vehicle: int, keep: BoolArray) -> None:
    """Refuse to remove the last vehicle for a product or a tank."""
    allowed = network.vehicles.product_allowed
    lost = allowed[vehicle] & ~allowed[keep].any(axis=0)
    if np.any(lost):
        names = ", ".join(network.products[k] for k in np.flatnonzero(lost))
        raise InputError(
            "vehicle",
            network.vehicles.ids[vehicle],
            f"another vehicle for {names}",
            "take away one of several",
        )
    may_come = network.tanks.vehicle_allowed[:, keep] & allowed[keep][:, network.tanks.product].T
    if not np.all(may_come.any(axis=1)):
        alone = network.tanks.ids[int(np.argmin(may_come.any(axis=1)))]
        raise InputError(
            "vehicle",
            network.vehicles.ids[vehicle],
            f"another vehicle that may come to {alone}",
            "take away another one",
        )


def _network(network: Network, keep: BoolArray, at_work: BoolArray) -> Network:
    """The network with the vehicles ``keep`` (V,) and the drivers ``at_work`` (D,) alone."""
    tanks, call_ins, sites = network.tanks, network.call_ins, network.sites

    def of_vehicles(table: Customers | LoadingSites) -> BoolArray:
        return np.asarray(table.vehicle_allowed[:, keep], dtype=np.bool_)

    return replace(
        network,
        tanks=replace(tanks, vehicle_allowed=of_vehicles(tanks)),
        call_ins=replace(call_ins, vehicle_allowed=of_vehicles(call_ins)),
        sites=replace(sites, vehicle_allowed=of_vehicles(sites)),
        vehicles=_vehicles(network.vehicles, keep),
        drivers=_drivers(network.drivers, keep, at_work),
    )


def _vehicles(vehicles: Vehicles, keep: BoolArray) -> Vehicles:
    return replace(
        vehicles,
        ids=tuple(name for name, stays in zip(vehicles.ids, keep, strict=True) if stays),
        base_point=vehicles.base_point[keep],
        capacity_kg=vehicles.capacity_kg[keep],
        cost_per_km=vehicles.cost_per_km[keep],
        product_allowed=vehicles.product_allowed[keep],
    )


def _drivers(drivers: Drivers, keep: BoolArray, at_work: BoolArray) -> Drivers:
    remaining = np.flatnonzero(at_work).tolist()
    return replace(
        drivers,
        ids=tuple(drivers.ids[d] for d in remaining),
        shift_min=tuple(drivers.shift_min[d] for d in remaining),
        vehicle_allowed=drivers.vehicle_allowed[at_work][:, keep],
        max_driving_min=drivers.max_driving_min[at_work],
        min_rest_min=drivers.min_rest_min[at_work],
        cost_per_km=drivers.cost_per_km[at_work],
        cost_per_min=drivers.cost_per_min[at_work],
        cost_per_night=drivers.cost_per_night[at_work],
        night_min=drivers.night_min[at_work],
    )


def _snapshot(start: Snapshot, keep: BoolArray, at_work: BoolArray) -> Snapshot:
    return replace(
        start,
        load_kg=start.load_kg[keep],
        load_product=start.load_product[keep],
        vehicle_free_min=start.vehicle_free_min[keep],
        driver_free_min=start.driver_free_min[at_work],
    )
