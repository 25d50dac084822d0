"""Static network data that features are computed from: trucks, distances, access hours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lmrs_rl.dispatchers.policy.features import NEAR_KM
from lmrs_rl.dispatchers.radial import radial_price
from lmrs_rl.domain import Network
from lmrs_rl.domain.arrays import MINUTES_PER_DAY, BoolArray, FloatArray, IntArray
from lmrs_rl.orders import pulled_hit_level

FAR_KM = 1e6
"""[km] Stands for a trip that no vehicle can make."""


@dataclass(frozen=True, eq=False)
class Hours:
    """Opening hours or shifts of several owners in one table.

    Attributes
    ----------
    owners : how many
    owner : (k,) number
    window_min : (k, 2) [min]
    """

    owners: int
    owner: IntArray
    window_min: IntArray

    @classmethod
    def of(cls, windows: Sequence[IntArray]) -> Hours:
        count = np.array([len(each) for each in windows], dtype=np.int64)
        joined = np.concatenate([np.zeros((0, 2), dtype=np.int64), *windows])
        return cls(len(windows), np.repeat(np.arange(len(windows)), count), joined)

    def minutes(self, now_min: int, days: int, free_min: IntArray | None = None) -> FloatArray:
        """(owners, days) [min] inside windows on each of the ``days`` of 24 hours from
        ``now_min`` on, not before ``free_min`` (owners,).
        """
        near = (self.window_min[:, 1] > now_min) & (
            self.window_min[:, 0] < now_min + days * MINUTES_PER_DAY
        )
        owner, window = self.owner[near], self.window_min[near]
        begins = now_min + MINUTES_PER_DAY * np.arange(days)
        opens = (
            window[:, :1]
            if free_min is None
            else np.maximum(window[:, :1], free_min[owner][:, None])
        )
        inside = np.minimum(window[:, 1:], begins + MINUTES_PER_DAY) - np.maximum(opens, begins)
        # `total[owner] +=` would keep only one window of each owner.
        total = np.zeros((self.owners, days))
        np.add.at(total, owner, np.maximum(inside, 0))
        return total


@dataclass(frozen=True, eq=False)
class Geometry:
    """Distances, times and hours of a network with ``n`` tanks, computed once.

    Attributes
    ----------
    truckload_kg : (n,) [kg] payload of the largest vehicle that may come
    span_kg : (n,) [kg] from ``h'`` to full
    price : (n,) [EUR/kg] radial
    radial_km : (n,) [km] from the nearest site with the product to the tank and back
    minutes_per_kg : (n,) [min/kg] of driving, loading and unloading on a full truck
    near : (n, n) whether a tank is another's neighbour
    detour_km : (n, n) [km] extra distance of tank i on a trip to tank j, `FAR_KM` where none serves
        both
    access, shifts : hours of tanks and drivers
    """

    truckload_kg: FloatArray
    span_kg: FloatArray
    price: FloatArray
    radial_km: FloatArray
    minutes_per_kg: FloatArray
    near: BoolArray
    detour_km: FloatArray
    access: Hours
    shifts: Hours

    @classmethod
    def of(cls, network: Network) -> Geometry:
        tanks, sites = network.tanks, network.sites
        truckload = network.full_truckload_kg()
        to_tank, to_site = np.ix_(sites.point, tanks.point), np.ix_(tanks.point, sites.point)
        there, back = network.distance_km[to_tank].T, network.distance_km[to_site]  # (n, S)
        offers = sites.product_offered[:, tanks.product].T
        site = np.argmin(np.where(offers, there + back, FAR_KM), axis=1)
        each = np.arange(len(tanks))
        driving = (
            network.travel_min[to_tank].T[each, site] + network.travel_min[to_site][each, site]
        )
        handling = sites.setup_min[site] + tanks.setup_min
        full = np.where(truckload > 0, truckload, np.inf)
        # Distances differ by direction: the mean of both decides, so that neighbours are mutual.
        between = network.distance_km[np.ix_(tanks.point, tanks.point)]
        together = _together(network)
        return cls(
            truckload_kg=truckload,
            span_kg=tanks.capacity_kg - pulled_hit_level(network),
            price=radial_price(network),
            radial_km=there[each, site] + back[each, site],
            minutes_per_kg=(driving + handling) / full
            + 1.0 / sites.load_kg_per_min[site]
            + 1.0 / tanks.unload_kg_per_min,
            near=together & (between + between.T <= 2 * NEAR_KM),
            detour_km=np.where(
                together, _detour(between, there[:, site], back[:, site], each), FAR_KM
            ),
            access=Hours.of(tanks.access_min),
            shifts=Hours.of(network.drivers.shift_min),
        )


def _together(network: Network) -> BoolArray:
    """(n, n) whether a vehicle may serve both of two tanks with the same product; none with
    itself.
    """
    tanks = network.tanks
    comes = (tanks.vehicle_allowed & network.vehicles.product_allowed[:, tanks.product].T).astype(
        np.float64
    )
    both = (comes @ comes.T > 0) & (tanks.product[:, None] == tanks.product)
    return np.asarray(both & ~np.eye(len(tanks), dtype=np.bool_), dtype=np.bool_)


def _detour(between: FloatArray, there: FloatArray, back: FloatArray, each: IntArray) -> FloatArray:
    """(n, n) [km] extra distance of tank i on the trip from the site of tank j to tank j and back,
    before or after it.

    ``there`` and ``back`` (n, n) are from the site of tank j (column) to tank i (row), and back.
    """
    before = there + between - there[each, each]
    after = between.T + back - back[each, each]
    # Cut at 0: a detour can be negative where the triangle inequality fails (see `Network`).
    return np.asarray(np.maximum(np.minimum(before, after), 0.0), dtype=np.float64)
