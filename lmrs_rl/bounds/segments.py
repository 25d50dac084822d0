"""What any plan consists of, seen from far: runs from loading to loading, and the kinds of them
that a fleet can make.

The first run of a vehicle may start at its base, with what was on board.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lmrs_rl.domain import Network
from lmrs_rl.domain.arrays import BoolArray, FloatArray, IntArray


@dataclass(frozen=True, eq=False)
class SegmentKind:
    """Runs of one product by the vehicles of one type: load, visit some of ``m`` customers, go to
    where the next loading is, or home.

    Attributes
    ----------
    payload_kg : [kg] the most that a run delivers
    step_kg : [kg] quantities are whole steps, of which the payload has a whole number
    customer : (m,) customer numbers
    most_kg : (m,) [kg] the most that a trip leaves at each
    units : (m,) [steps] likewise, rounded up
    start, end : (S,), (E,) positions in `Relaxation.node_point` of the sites to load at, before and
        after; the last end is the base, and it is the only start of a first run
    km_out : (S, m) [km] from the starts to the customers
    km_back : (m, E) [km] from the customers to the ends
    km_between : (m, m) [km] between customers
    km_to_base, km_from_base : (m,) [km]
    first : whether it is the first run of one vehicle, which is driven once at most
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
    first: bool


@dataclass(frozen=True, eq=False)
class Relaxation:
    """All kinds of runs, and the places that they connect.

    Attributes
    ----------
    kinds : those with at least one customer
    node_point : (N,) point of each place where runs of a vehicle type begin or end: its loading
        sites and its base
    moves : (k, 2) pairs of nodes of one type: driving from one to the other without a delivery
    move_km : (k,) [km]
    """

    kinds: tuple[SegmentKind, ...]
    node_point: IntArray
    moves: IntArray
    move_km: FloatArray


def shortest_km(distance_km: FloatArray) -> FloatArray:
    """(P, P) [km] shortest ways through any points (Floyd-Warshall): no real drive is shorter,
    and detours never pay.
    """
    km = np.array(distance_km, dtype=np.float64)
    np.fill_diagonal(km, 0.0)
    for k in range(len(km)):
        np.minimum(km, km[:, k, None] + km[None, k, :], out=km)
    return km


def relax(
    network: Network,
    wanted: BoolArray,
    most_kg: FloatArray,
    steps: int,
    load_kg: FloatArray,
    load_product: IntArray,
) -> Relaxation:
    """The kinds of runs that can bring something to the ``wanted`` customers.

    Parameters
    ----------
    wanted : (n,) customers with deliveries
    most_kg : (n,) [kg] the most that one trip leaves at each customer, > 0
    steps : of the payload, >= 1
    load_kg, load_product : (V,) what is on board at the start
    """
    km = shortest_km(network.distance_km)
    kinds: list[SegmentKind] = []
    points: list[int] = []
    moves: list[tuple[int, int]] = []
    types = _types(network)
    for strongest, same in types.items():
        sites = _usable_sites(network, strongest)
        nodes = np.arange(len(points), len(points) + len(sites) + 1)
        points += [
            *network.sites.point[sites].tolist(),
            int(network.vehicles.base_point[strongest]),
        ]
        moves += [(int(a), int(b)) for a in nodes for b in nodes if a != b]
        at = (nodes, np.array(points)[nodes])
        for product in np.flatnonzero(network.vehicles.product_allowed[strongest]).tolist():
            here = wanted & _welcome(network, strongest, product)
            start = np.flatnonzero(network.sites.product_offered[sites, product])
            if len(start) and here.any():
                payload = float(network.vehicles.capacity_kg[strongest])
                kinds.append(
                    _kind(network, km, np.flatnonzero(here), most_kg, at, start, payload, steps)
                )
        for vehicle in (v for v in same if load_kg[v] > 0):
            here = wanted & _welcome(network, vehicle, int(load_product[vehicle]))
            if here.any():
                kinds.append(
                    _kind(
                        network,
                        km,
                        np.flatnonzero(here),
                        most_kg,
                        at,
                        None,
                        float(load_kg[vehicle]),
                        steps,
                    )
                )
    pairs = np.array(moves, dtype=np.int64).reshape(-1, 2)
    place = np.array(points, dtype=np.int64)
    return Relaxation(tuple(kinds), place, pairs, km[place[pairs[:, 0]], place[pairs[:, 1]]])


def _welcome(network: Network, vehicle: int, product: int) -> BoolArray:
    """(n,) customers that a vehicle may bring a product to."""
    return np.asarray(
        (network.customers.product == product) & network.customers.vehicle_allowed[:, vehicle],
        dtype=np.bool_,
    )


def _usable_sites(network: Network, vehicle: int) -> IntArray:
    """Sites where a vehicle may load something that it may carry."""
    offered = (network.sites.product_offered & network.vehicles.product_allowed[vehicle]).any(
        axis=1
    )
    return np.flatnonzero(network.sites.vehicle_allowed[:, vehicle] & offered).astype(np.int64)


def _kind(
    network: Network,
    km: FloatArray,
    customer: IntArray,
    most_kg: FloatArray,
    nodes: tuple[IntArray, IntArray],
    start: IntArray | None,
    payload_kg: float,
    steps: int,
) -> SegmentKind:
    """``nodes``: numbers and points, the base last; ``start``: positions among them, none for a
    first run from the base.
    """
    node, point = nodes
    begin = np.array([len(node) - 1]) if start is None else start
    place, base, step = network.customers.point[customer], point[-1], payload_kg / steps
    return SegmentKind(
        payload_kg=payload_kg,
        step_kg=step,
        customer=customer,
        most_kg=np.minimum(most_kg[customer], payload_kg),
        # Rounded up, but not for the noise of a division: a drop of exactly k steps takes k of
        # them.
        units=np.clip(np.ceil(most_kg[customer] / step * (1 - 1e-12)), 1, steps).astype(np.int64),
        start=node[begin],
        end=node,
        km_out=km[np.ix_(point[begin], place)],
        km_back=km[np.ix_(place, point)],
        km_between=km[np.ix_(place, place)],
        km_to_base=km[place, base],
        km_from_base=km[base, place],
        first=start is None,
    )


def _types(network: Network) -> dict[int, list[int]]:
    """The strongest vehicle of each type, and all vehicles that it stands for, itself included.

    It outdoes them: same base, no less payload, all their rights. It can drive their runs.
    """
    vehicles = network.vehicles
    rights = np.concatenate(
        [
            vehicles.product_allowed.T,
            network.customers.vehicle_allowed,
            network.sites.vehicle_allowed,
        ]
    )  # (rights, V)

    def outdoes(a: int, b: int) -> bool:
        more = vehicles.capacity_kg[a] >= vehicles.capacity_kg[b] and bool(
            np.all(rights[:, a] >= rights[:, b])
        )
        return more and bool(vehicles.base_point[a] == vehicles.base_point[b])

    types: dict[int, list[int]] = {}
    everyone = range(len(vehicles))
    for v in sorted(
        everyone, key=lambda v: (-float(vehicles.capacity_kg[v]), -int(rights[:, v].sum()), v)
    ):
        # Whoever outdoes v comes before it in this order; the first one who does is outdone by
        # nobody before.
        strongest = next((w for w in types if outdoes(w, v)), v)
        types.setdefault(strongest, []).append(v)
    return types
