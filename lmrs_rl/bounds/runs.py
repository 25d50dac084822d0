"""What any plan consists of, seen from far: runs from loading to loading, and the kinds of them that a fleet can make."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lmrs_rl.domain import Network
from lmrs_rl.domain.arrays import BoolArray, FloatArray, IntArray


@dataclass(frozen=True, eq=False)
class RunKind:
    """Runs of one product by the vehicles of one type: load, visit ``m`` customers at most, go to where the next loading is.

    Attributes
    ----------
    payload_kg : [kg] the most that a run delivers
    step_kg : [kg] quantities are whole steps, of which the payload has a whole number
    customer : (m,) customer numbers
    most_kg : (m,) [kg] the most that a trip leaves at each
    units : (m,) [steps] likewise, rounded up
    start, end : (S,), (E,) positions in `Relaxation.node_point` of the sites to load at, before and after
    km_out : (S, m) [km] from the sites to the customers
    km_back : (m, E) [km] from the customers to the sites
    km_between : (m, m) [km] between customers
    km_to_base, km_from_base : (m,) [km]
    """

    payload_kg: float
    step_kg: float
    customer: IntArray
    most_kg: FloatArray
    units: IntArray
    start: IntArray
    end: IntArray
    km_out: FloatArray
    km_back: FloatArray
    km_between: FloatArray
    km_to_base: FloatArray
    km_from_base: FloatArray


@dataclass(frozen=True, eq=False)
class Relaxation:
    """All kinds of runs, and the places that they connect.

    Attributes
    ----------
    kinds : those with at least one customer
    node_point : (N,) point of each pair of vehicle type and loading site
    moves : (k, 2) pairs of nodes of one type: driving from site to site without a delivery
    move_km : (k,) [km]
    """

    kinds: tuple[RunKind, ...]
    node_point: IntArray
    moves: IntArray
    move_km: FloatArray


def shortest_km(distance_km: FloatArray) -> FloatArray:
    """(P, P) [km] shortest ways through any points (Floyd-Warshall): no real drive is shorter, and detours never pay."""
    km = np.array(distance_km, dtype=np.float64)
    np.fill_diagonal(km, 0.0)
    for k in range(len(km)):
        np.minimum(km, km[:, k, None] + km[None, k, :], out=km)
    return km


def relax(network: Network, wanted: BoolArray, most_kg: FloatArray, steps: int) -> Relaxation:
    """The kinds of runs that can bring something to the ``wanted`` customers.

    Parameters
    ----------
    wanted : (n,) customers with deliveries
    most_kg : (n,) [kg] the most that one trip leaves at each customer, > 0
    steps : of the payload, >= 1
    """
    km = shortest_km(network.distance_km)
    kinds: list[RunKind] = []
    points: list[int] = []
    moves: list[tuple[int, int]] = []
    offers = network.sites.product_offered.astype(np.bool_)
    for vehicle in _strongest(network):
        carries = network.vehicles.product_allowed[vehicle]
        usable = np.flatnonzero(network.sites.vehicle_allowed[:, vehicle] & (offers & carries).any(axis=1))
        node = len(points) + np.arange(len(usable))
        points += network.sites.point[usable].tolist()
        moves += [(int(a), int(b)) for a in node for b in node if a != b]
        for product in np.flatnonzero(carries).tolist():
            start = offers[usable, product]
            here = wanted & (network.customers.product == product) & network.customers.vehicle_allowed[:, vehicle]
            if start.any() and here.any():
                kinds.append(_kind(network, km, vehicle, np.flatnonzero(here), most_kg, (node[start], node, usable), steps))
    pairs = np.array(moves, dtype=np.int64).reshape(-1, 2)
    at = np.array(points, dtype=np.int64)
    return Relaxation(tuple(kinds), at, pairs, km[at[pairs[:, 0]], at[pairs[:, 1]]])


def _kind(
    network: Network,
    km: FloatArray,
    vehicle: int,
    customer: IntArray,
    most_kg: FloatArray,
    nodes: tuple[IntArray, IntArray, IntArray],
    steps: int,
) -> RunKind:
    start, end, usable = nodes
    payload, base = float(network.vehicles.capacity_kg[vehicle]), network.vehicles.base_point[vehicle]
    place, site = network.customers.point[customer], network.sites.point[usable]
    step = payload / steps
    return RunKind(
        payload_kg=payload,
        step_kg=step,
        customer=customer,
        most_kg=np.minimum(most_kg[customer], payload),
        # Rounded up, but not for the noise of a division: a drop of exactly k steps takes k of them.
        units=np.clip(np.ceil(most_kg[customer] / step * (1 - 1e-12)), 1, steps).astype(np.int64),
        start=start,
        end=end,
        km_out=km[np.ix_(site[np.isin(end, start)], place)],
        km_back=km[np.ix_(place, site)],
        km_between=km[np.ix_(place, place)],
        km_to_base=km[place, base],
        km_from_base=km[base, place],
    )


def _strongest(network: Network) -> list[int]:
    """One vehicle for each type; types that another one outdoes from the same base are left out, as it can drive their runs."""
    vehicles = network.vehicles
    rights = np.concatenate([vehicles.product_allowed.T, network.customers.vehicle_allowed, network.sites.vehicle_allowed])  # (rights, V)

    def outdoes(a: int, b: int) -> bool:
        more = vehicles.capacity_kg[a] >= vehicles.capacity_kg[b] and bool(np.all(rights[:, a] >= rights[:, b]))
        return more and bool(vehicles.base_point[a] == vehicles.base_point[b])

    everyone = range(len(vehicles))
    return [v for v in everyone if not any(outdoes(w, v) and (w < v or not outdoes(v, w)) for w in everyone if w != v)]
