"""What bringing a kg costs: the measure of what stock is worth."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lmrs_rl.dispatchers.policy import Geometry
from lmrs_rl.dispatchers.policy.geometry import FAR_KM
from lmrs_rl.domain import Network, Snapshot
from lmrs_rl.domain.arrays import FloatArray
from lmrs_rl.worlds.parameters import Cost

TYPICAL_DROP = 0.7
"""Share of the room over the hit level that a drop fills."""
NEIGHBOURS = 3
"""The detour of a stop is the mean of those to so many of the tanks next to it."""


@dataclass(frozen=True, eq=False)
class StockPrices:
    """[EUR/kg] worth of stock.

    Attributes
    ----------
    tank : (n,) of a kg in each tank, or on its way there
    board : (V, products) of a kg on board of each vehicle
    """

    tank: FloatArray
    board: FloatArray

    @classmethod
    def of(cls, network: Network, cost: Cost) -> StockPrices:
        """``cost.stock_value`` times what bringing it takes.

        A kg in a tank is worth its `delivery_price`; one on board saves only the way to the nearest
        loading site and back to the base, so that nobody gains by fetching more than is dropped.
        """
        return cls(
            cost.stock_value * delivery_price(network), cost.stock_value * fetching_price(network)
        )

    def worth(self, network: Network, snapshot: Snapshot) -> float:
        """[EUR] of all stock in tanks, on its way and on board."""
        way = snapshot.on_the_way
        coming = (
            np.bincount(way.tank, weights=way.kg, minlength=network.n_tanks)
            if len(way)
            else np.zeros(network.n_tanks)
        )
        loaded = snapshot.load_product >= 0
        carried = np.where(loaded, snapshot.load_product, 0)
        board = np.where(
            loaded, snapshot.load_kg * self.board[np.arange(len(carried)), carried], 0.0
        )
        return float(self.tank @ (snapshot.level_kg + coming) + board.sum())


def delivery_price(network: Network) -> FloatArray:
    """(n,) [EUR/kg] of bringing a kg to each tank; 0 where no vehicle can.

    A kg's share of a full truck's trip from the base over a loading site to the tank and back,
    handling included, by the cheapest vehicle and site; and, where a typical drop is less than a
    truckload, of the stop's set-up and detour, which that drop bears alone. Small tanks cost more a
    kg: the radial price, which leaves stops out, is several times too low for them.
    """
    tanks, sites, vehicles = network.tanks, network.sites, network.vehicles
    per_km, per_min = _rates(network)
    km = _round_trip(network, network.distance_km)
    minutes = _round_trip(network, np.asarray(network.travel_min, dtype=np.float64))
    minutes += sites.setup_min[None, :, None] + tanks.setup_min[:, None, None]
    minutes += vehicles.capacity_kg * (
        1.0 / sites.load_kg_per_min[None, :, None] + 1.0 / tanks.unload_kg_per_min[:, None, None]
    )
    comes = (
        tanks.vehicle_allowed
        & vehicles.product_allowed[:, tanks.product].T
        & network.drivers.vehicle_allowed.any(axis=0)
    )
    loads = sites.product_offered[:, tanks.product].T[:, :, None] & sites.vehicle_allowed
    each = np.where(
        comes[:, None, :] & loads, (km * per_km + minutes * per_min) / vehicles.capacity_kg, np.inf
    ).reshape(len(tanks), -1)
    best = np.argmin(each, axis=1)
    direct, vehicle = each[np.arange(len(tanks)), best], best % len(vehicles)
    typical = np.minimum(
        TYPICAL_DROP * (tanks.capacity_kg - tanks.hit_level_kg), vehicles.capacity_kg[vehicle]
    )
    detour = _detour_km(network)
    stop = (
        per_min[vehicle] * (tanks.setup_min + detour * _minutes_per_km(network))
        + per_km[vehicle] * detour
    )
    price = direct + stop * np.maximum(1.0 / typical - 1.0 / vehicles.capacity_kg[vehicle], 0.0)
    return np.asarray(np.where(np.isfinite(direct), price, 0.0), dtype=np.float64)


def fetching_price(network: Network) -> FloatArray:
    """(V, products) [EUR/kg] of driving from the base to the nearest site that loads the product
    and back, on a full truck; 0 where none does.
    """
    vehicles, sites = network.vehicles, network.sites
    per_km, per_min = _rates(network)
    there, back = np.ix_(vehicles.base_point, sites.point), np.ix_(sites.point, vehicles.base_point)
    bill = (network.distance_km[there] + network.distance_km[back].T) * per_km[:, None]
    bill = bill + (network.travel_min[there] + network.travel_min[back].T) * per_min[:, None]
    offers = (
        sites.vehicle_allowed.T[:, :, None]
        & sites.product_offered[None]
        & vehicles.product_allowed[:, None, :]
    )
    price = np.where(offers, (bill / vehicles.capacity_kg[:, None])[:, :, None], np.inf).min(
        axis=1, initial=np.inf
    )
    return np.asarray(np.where(np.isfinite(price), price, 0.0), dtype=np.float64)


def _rates(network: Network) -> tuple[FloatArray, FloatArray]:
    """(V,) [EUR/km] and (V,) [EUR/min] of each vehicle, drivers being the mean of those who may
    drive it.
    """
    may_drive = network.drivers.vehicle_allowed.T.astype(np.float64)
    count = np.maximum(may_drive.sum(axis=1), 1.0)
    return (
        network.vehicles.cost_per_km + may_drive @ network.drivers.cost_per_km / count,
        may_drive @ network.drivers.cost_per_min / count,
    )


def _round_trip(network: Network, matrix: FloatArray) -> FloatArray:
    """(n, S, V) base - site - tank - base in the unit of ``matrix`` (P, P)."""
    base, site, tank = network.vehicles.base_point, network.sites.point, network.tanks.point
    return np.asarray(
        matrix[np.ix_(base, site)].T[None]
        + matrix[np.ix_(site, tank)].T[:, :, None]
        + matrix[np.ix_(tank, base)][:, None, :]
    )


def _detour_km(network: Network) -> FloatArray:
    """(n,) [km] mean of the least detours to a tank from trips to others; 0 where it has none to
    share a trip with.
    """
    nearest = np.sort(Geometry.of(network).detour_km, axis=1)[:, :NEIGHBOURS]
    there = nearest < FAR_KM
    return np.asarray(
        np.where(there, nearest, 0.0).sum(axis=1) / np.maximum(there.sum(axis=1), 1),
        dtype=np.float64,
    )


def _minutes_per_km(network: Network) -> float:
    """[min/km] between tanks; 0 where they lie in one place."""
    between = np.ix_(network.tanks.point, network.tanks.point)
    km = float(network.distance_km[between].sum())
    return float(network.travel_min[between].sum()) / km if km else 0.0
