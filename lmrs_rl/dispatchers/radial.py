"""What a kg costs when a tank is served on a trip of its own."""

from __future__ import annotations

import numpy as np

from lmrs_rl.domain import Network
from lmrs_rl.domain.arrays import FloatArray


def radial_price(network: Network) -> FloatArray:
    """Price of a kg on a full truck, loading site - tank - loading site, (n,) [currency/kg]; 0
    where no vehicle can bring any.

    ``(km there and back * cost of a km + minutes there and back * cost of a minute) / payload``,
    the cheapest over the vehicles and loading sites that may serve the tank; costs of drivers are
    the mean over those who may drive the vehicle. Service, driving to the base and nights are left
    out: it compares tanks, it is no bill. No plan delivers for less than this by distance, however
    it combines stops (the radial bound of Haimovich & Rinnooy Kan 1985, doi:10.1287/moor.10.4.527).
    """
    tanks, sites, vehicles = network.tanks, network.sites, network.vehicles
    per_km, per_min = vehicle_rates(network)
    there, back = np.ix_(sites.point, tanks.point), np.ix_(tanks.point, sites.point)
    km = network.distance_km[there].T + network.distance_km[back]  # (n, S)
    minutes = network.travel_min[there].T + network.travel_min[back]
    bill = km[:, :, None] * per_km + minutes[:, :, None] * per_min  # (n, S, V)
    comes = (
        tanks.vehicle_allowed
        & vehicles.product_allowed[:, tanks.product].T
        & network.drivers.vehicle_allowed.any(axis=0)
    )
    loads = sites.product_offered[:, tanks.product].T[:, :, None] & sites.vehicle_allowed
    price = np.where(comes[:, None, :] & loads, bill / vehicles.capacity_kg, np.inf).min(
        axis=(1, 2), initial=np.inf
    )
    return np.asarray(np.where(np.isfinite(price), price, 0.0), dtype=np.float64)


def vehicle_rates(network: Network) -> tuple[FloatArray, FloatArray]:
    """Rates (V,) [currency/km] and (V,) [currency/min] of each vehicle with the mean of its
    drivers.
    """
    may_drive = network.drivers.vehicle_allowed.T.astype(np.float64)  # (V, D)
    # At least 1, so that a vehicle that nobody may drive does not divide 0 by 0.
    count = np.maximum(may_drive.sum(axis=1), 1.0)
    return (
        network.vehicles.cost_per_km + may_drive @ network.drivers.cost_per_km / count,
        may_drive @ network.drivers.cost_per_min / count,
    )
