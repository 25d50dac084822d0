"""Load-to-load segments, which every plan consists of, and the kinds that a fleet can drive.

The first segment of a vehicle may start at its base, with what was on board.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lmrs_rl.domain import Network
from lmrs_rl.domain.arrays import BoolArray, FloatArray, IntArray


@dataclass(frozen=True, eq=False)
class SegmentKind:
    """Segments of one product by the vehicles of one type.

    Such a segment loads, visits some of ``m`` customers and goes to the next loading, or home.

    Attributes
    ----------
    payload_kg : [kg] the most that a segment delivers
    step_kg : [kg] quantities are whole steps, of which the payload has a whole number
    customer : (m,) customer numbers
    most_kg : (m,) [kg] the most that a trip drops at each
    units : (m,) [steps] likewise, rounded up
    start, end : (S,), (E,) positions in `Relaxation.node_point` of the loading sites before and
        after; the last end is the base, which is also the only start of a first segment
    km_out : (S, m) [km] from the starts to the customers
    km_back : (m, E) [km] from the customers to the ends
    km_between : (m, m) [km] between customers
    km_to_base, km_from_base : (m,) [km] from the customers to the base, and from it to them
    first : whether it is the first segment of one vehicle, which is driven at most once
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
    """All kinds of segments, and the nodes that they connect.

    Attributes
    ----------
    kinds : those with at least one customer
    node_point : (N,) network point of each node, a place where segments of a vehicle type begin or
        end: its loading sites and its base
    moves : (k, 2) pairs of nodes of one type: driving from one to the other without a delivery
    move_km : (k,) [km] length of each move
    """

    kinds: tuple[SegmentKind, ...]
    node_point: IntArray
    moves: IntArray
    move_km: FloatArray


def shortest_km(distance_km: FloatArray) -> FloatArray:
    """(P, P) [km] shortest paths through any points (Floyd-Warshall).

    No real drive is shorter, and with them detours never pay.
    """
    km = np.array(distance_km, dtype=np.float64)
    np.fill_diagonal(km, 0.0)
    # In place: with 0 on the diagonal, row and column k do not change in step k.
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
    """The kinds of segments that can bring something to the customers ``wanted``.

    Parameters
    ----------
    network : with its fleet
    wanted : (n,) whether each customer has deliveries
    most_kg : (n,) [kg] the most that one trip drops at each customer, > 0
    steps : number of steps of a payload, >= 1
    load_kg, load_product : (V,) [kg] what is on board of each vehicle at the start
    """
    km = shortest_km(network.distance_km)
    kinds: list[SegmentKind] = []
    points: list[int] = []
    moves: list[tuple[int, int]] = []
    for strongest, same in _types(network).items():
        sites = _usable_sites(network, strongest)
        nodes = np.arange(len(points), len(points) + len(sites) + 1)
        points += [
            *network.sites.point[sites].tolist(),
            int(network.vehicles.base_point[strongest]),
        ]
        moves += [(int(a), int(b)) for a in nodes for b in nodes if a != b]
        places = _Places(network, km, wanted, most_kg, steps, nodes, np.array(points)[nodes])
        for product in np.flatnonzero(network.vehicles.product_allowed[strongest]).tolist():
            start = np.flatnonzero(network.sites.product_offered[sites, product])
            if len(start):
                payload = float(network.vehicles.capacity_kg[strongest])
                kinds += places.kinds(strongest, product, start, payload)
        # What is on board belongs to one vehicle, so its own rights count, not those of its type.
        for vehicle in (v for v in same if load_kg[v] > 0):
            loaded, kg = int(load_product[vehicle]), float(load_kg[vehicle])
            kinds += places.kinds(vehicle, loaded, None, kg)
    pairs = np.array(moves, dtype=np.int64).reshape(-1, 2)
    place = np.array(points, dtype=np.int64)
    return Relaxation(tuple(kinds), place, pairs, km[place[pairs[:, 0]], place[pairs[:, 1]]])


def _served(network: Network, vehicle: int, product: int) -> BoolArray:
    """(n,) customers that a vehicle may bring a product to."""
    return np.asarray(
        (network.customers.product == product) & network.customers.vehicle_allowed[:, vehicle],
        dtype=np.bool_,
    )


def _usable_sites(network: Network, vehicle: int) -> IntArray:
    """Sites where a vehicle may load something that it may carry."""
    carried = network.sites.product_offered & network.vehicles.product_allowed[vehicle]
    usable = network.sites.vehicle_allowed[:, vehicle] & carried.any(axis=1)
    return np.flatnonzero(usable).astype(np.int64)


@dataclass(frozen=True, eq=False)
class _Places:
    """Where the segments of one vehicle type lead.

    Attributes
    ----------
    network, wanted, most_kg, steps : see `relax`
    km : (P, P) [km] shortest paths
    node, point : (k,) numbers and points of the type's nodes, its base last
    """

    network: Network
    km: FloatArray
    wanted: BoolArray
    most_kg: FloatArray
    steps: int
    node: IntArray
    point: IntArray

    def kinds(
        self, vehicle: int, product: int, start: IntArray | None, payload_kg: float
    ) -> list[SegmentKind]:
        """The one kind of a vehicle's segments with a product; none where it serves nobody.

        ``start`` are the positions among the nodes of the sites to load at; None for a first
        segment from the base.
        """
        customer = np.flatnonzero(self.wanted & _served(self.network, vehicle, product))
        if not len(customer):
            return []
        begin = np.array([len(self.node) - 1]) if start is None else start
        place, base = self.network.customers.point[customer], self.point[-1]
        km, most_kg, step = self.km, self.most_kg[customer], payload_kg / self.steps
        # Rounded up, except for the rounding error of the division: k steps exactly remain k.
        units = np.clip(np.ceil(most_kg / step * (1 - 1e-12)), 1, self.steps).astype(np.int64)
        kind = SegmentKind(
            payload_kg=payload_kg,
            step_kg=step,
            customer=customer,
            most_kg=np.minimum(most_kg, payload_kg),
            units=units,
            start=self.node[begin],
            end=self.node,
            km_out=km[np.ix_(self.point[begin], place)],
            km_back=km[np.ix_(place, self.point)],
            km_between=km[np.ix_(place, place)],
            km_to_base=km[place, base],
            km_from_base=km[base, place],
            first=start is None,
        )
        return [kind]


def _types(network: Network) -> dict[int, list[int]]:
    """Each dominating vehicle, and all vehicles that it stands for, itself included.

    It dominates them: same base, no less payload, all their rights. So it can drive their segments,
    and the bound needs no kinds of their own for them.
    """
    vehicles = network.vehicles
    rights = np.concatenate(
        [
            vehicles.product_allowed.T,
            network.customers.vehicle_allowed,
            network.sites.vehicle_allowed,
        ]
    )  # (rights, V)

    def dominates(a: int, b: int) -> bool:
        same_base = bool(vehicles.base_point[a] == vehicles.base_point[b])
        no_less = bool(vehicles.capacity_kg[a] >= vehicles.capacity_kg[b])
        return same_base and no_less and bool(np.all(rights[:, a] >= rights[:, b]))

    def rank(v: int) -> tuple[float, int, int]:
        return -float(vehicles.capacity_kg[v]), -int(rights[:, v].sum()), v

    types: dict[int, list[int]] = {}
    for v in sorted(range(len(vehicles)), key=rank):
        # Vehicles that dominate v come before it in this order, and no vehicle in `types` is
        # dominated by another one there.
        strongest = next((w for w in types if dominates(w, v)), v)
        types.setdefault(strongest, []).append(v)
    return types
