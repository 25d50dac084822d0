"""Delivery prices per kg, at which inventory is valued."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lmrs_rl.dispatchers.policy import Geometry
from lmrs_rl.dispatchers.policy.geometry import FAR_KM
from lmrs_rl.dispatchers.radial import vehicle_rates
from lmrs_rl.domain import Network, Snapshot
from lmrs_rl.domain.arrays import FloatArray, IntArray
from lmrs_rl.worlds.parameters import Cost

_TYPICAL_DROP = 0.7
"""Share of the capacity above the hit level that a drop typically fills."""
_NEIGHBOURS = 3
"""The detour of a stop is the mean over this many nearest tanks."""


@dataclass(frozen=True, eq=False)
class StockPrices:
    """Value of inventory [EUR/kg].

    Attributes
    ----------
    tank : (n,) of a kg in each tank, or in transit to it
    board : (V, products) of a kg on board of each vehicle
    """

    tank: FloatArray
    board: FloatArray

    @classmethod
    def of(cls, network: Network, cost: Cost) -> StockPrices:
        """Prices of a network: ``cost.stock_value`` times the cost of bringing a kg there.

        A kg in a tank is valued at its `delivery_price`. A kg on board only saves the trip to the
        nearest loading site and back (`fetching_price`), so that loading more than is dropped never
        pays.
        """
        return cls(
            cost.stock_value * delivery_price(network), cost.stock_value * fetching_price(network)
        )

    def inventory_value(self, network: Network, snapshot: Snapshot) -> float:
        """Value [EUR] of all inventory in tanks, in transit and on board."""
        transit = snapshot.in_transit
        coming = np.zeros(network.n_tanks)
        if len(transit):
            # Several deliveries to one tank add up; indexing with `+=` would count one of them.
            kg = np.bincount(transit.tank, weights=transit.kg, minlength=network.n_tanks)
            coming = np.asarray(kg, dtype=np.float64)
        loaded = snapshot.load_product >= 0
        # An empty vehicle has product -1, which as an index would mean the last one.
        carried = np.where(loaded, snapshot.load_product, 0)
        board = np.where(
            loaded, snapshot.load_kg * self.board[np.arange(len(carried)), carried], 0.0
        )
        return float(self.tank @ (snapshot.level_kg + coming) + board.sum())


def delivery_price(network: Network) -> FloatArray:
    """Cost (n,) [EUR/kg] of bringing a kg to each tank; 0 where no vehicle can.

    It is a kg's share of a full truck's trip from the base over a loading site to the tank and
    back, handling included, with the cheapest vehicle and site. Where a typical drop is less than a
    truckload, the set-up and detour of the stop are added, which that drop bears alone. A radial
    price without them would be several times too low for small tanks.
    """
    direct, vehicle = _truckload_price(network)
    stop, typical = _stop_cost(network, vehicle)
    capacity = network.vehicles.capacity_kg[vehicle]
    # The trip of a full truck holds one stop already: only what exceeds its share is added.
    price = direct + stop * np.maximum(1.0 / typical - 1.0 / capacity, 0.0)
    return np.asarray(np.where(np.isfinite(direct), price, 0.0), dtype=np.float64)


def _truckload_price(network: Network) -> tuple[FloatArray, IntArray]:
    """Price (n,) [EUR/kg] of a full truckload to each tank and the vehicle (n,) that offers it.

    The price is infinite where no vehicle can come.
    """
    tanks, sites, vehicles = network.tanks, network.sites, network.vehicles
    per_km, per_min = vehicle_rates(network)
    km = _round_trip(network, network.distance_km)
    minutes = _round_trip(network, np.asarray(network.travel_min, dtype=np.float64))
    minutes += sites.setup_min[None, :, None] + tanks.setup_min[:, None, None]
    minutes += vehicles.capacity_kg * (
        1.0 / sites.load_kg_per_min[None, :, None] + 1.0 / tanks.unload_kg_per_min[:, None, None]
    )
    may_serve = (
        tanks.vehicle_allowed
        & vehicles.product_allowed[:, tanks.product].T
        & network.drivers.vehicle_allowed.any(axis=0)
    )
    may_load = sites.product_offered[:, tanks.product].T[:, :, None] & sites.vehicle_allowed
    each = np.where(
        may_serve[:, None, :] & may_load,
        (km * per_km + minutes * per_min) / vehicles.capacity_kg,
        np.inf,
    ).reshape(len(tanks), -1)
    best = np.argmin(each, axis=1)
    # Columns run over sites and, within each site, over vehicles. A tank that no vehicle can serve
    # gets the first vehicle; its price is infinite, by which the caller knows.
    return each[np.arange(len(tanks)), best], best % len(vehicles)


def _stop_cost(network: Network, vehicle: IntArray) -> tuple[FloatArray, FloatArray]:
    """Cost (n,) [EUR] of a stop at each tank by ``vehicle`` (n,), and typical drop (n,) [kg]."""
    tanks, vehicles = network.tanks, network.vehicles
    per_km, per_min = vehicle_rates(network)
    typical = np.minimum(
        _TYPICAL_DROP * (tanks.capacity_kg - tanks.hit_level_kg), vehicles.capacity_kg[vehicle]
    )
    detour = _detour_km(network)
    stop = (
        per_min[vehicle] * (tanks.setup_min + detour * _minutes_per_km(network))
        + per_km[vehicle] * detour
    )
    return stop, typical


def fetching_price(network: Network) -> FloatArray:
    """Cost (V, products) [EUR/kg] of a round trip with a full truck to the nearest loading site.

    The trip goes from the base to the nearest site that offers the product and back; 0 where there
    is none.
    """
    vehicles, sites = network.vehicles, network.sites
    per_km, per_min = vehicle_rates(network)
    to_site, to_base = (
        np.ix_(vehicles.base_point, sites.point),
        np.ix_(sites.point, vehicles.base_point),
    )
    trip = (network.distance_km[to_site] + network.distance_km[to_base].T) * per_km[:, None]
    trip = trip + (network.travel_min[to_site] + network.travel_min[to_base].T) * per_min[:, None]
    offers = (
        sites.vehicle_allowed.T[:, :, None]
        & sites.product_offered[None]
        & vehicles.product_allowed[:, None, :]
    )
    price = np.where(offers, (trip / vehicles.capacity_kg[:, None])[:, :, None], np.inf).min(
        axis=1, initial=np.inf
    )
    return np.asarray(np.where(np.isfinite(price), price, 0.0), dtype=np.float64)


def _round_trip(network: Network, matrix: FloatArray) -> FloatArray:
    """Length (n, S, V) of base - site - tank - base in the unit of ``matrix`` (P, P)."""
    base, site, tank = network.vehicles.base_point, network.sites.point, network.tanks.point
    return np.asarray(
        matrix[np.ix_(base, site)].T[None]
        + matrix[np.ix_(site, tank)].T[:, :, None]
        + matrix[np.ix_(tank, base)][:, None, :]
    )


def _detour_km(network: Network) -> FloatArray:
    """Mean (n,) [km] of the least detours to a tank from trips to others.

    0 for a tank that can share a trip with no other.
    """
    # A tank is `FAR_KM` from itself, so it is never among its own neighbours.
    nearest = np.sort(Geometry.of(network).detour_km, axis=1)[:, :_NEIGHBOURS]
    shareable = nearest < FAR_KM
    return np.asarray(
        np.where(shareable, nearest, 0.0).sum(axis=1) / np.maximum(shareable.sum(axis=1), 1),
        dtype=np.float64,
    )


def _minutes_per_km(network: Network) -> float:
    """Mean travel time [min/km] between tanks; 0 where all stand at one point."""
    between = np.ix_(network.tanks.point, network.tanks.point)
    km = float(network.distance_km[between].sum())
    return float(network.travel_min[between].sum()) / km if km else 0.0
