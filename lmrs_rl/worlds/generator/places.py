"""Draw where base, loading sites and tanks lie, and the distances between them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lmrs_rl.domain.arrays import MINUTES_PER_HOUR, BoolArray, FloatArray, IntArray
from lmrs_rl.worlds.parameters import Geography, Sites

BASE = 0
"""Point of the base; the loading sites follow, then the tanks."""
_PER_KM = 10
"""Distances are whole hectometres: sums of integers are exact, so shortest paths are, too."""
_STEP = 0.9
"""A place out of reach is moved nearer to the base by this factor at a time."""
_MOST_STEPS = 200
"""Moves after which the distance to the base has shrunk to nothing."""


@dataclass(frozen=True, eq=False)
class Places:
    """The ``P = 1 + sites + tanks`` points of a network.

    Attributes
    ----------
    side_km : [km] of the square
    xy : (P, 2) [km]
    distance_km : (P, P) [km] whole hectometres
    travel_min : (P, P) [min]
    """

    side_km: float
    xy: FloatArray
    distance_km: FloatArray
    travel_min: IntArray


def draw_places(
    p: Geography, sites: Sites, n_sites: int, n: int, rng: np.random.Generator
) -> tuple[float, FloatArray]:
    """Draw the places of base, loading sites and tanks.

    Returns
    -------
    tuple
        Side of the square [km], and points (1 + n_sites + n, 2) [km] in that order.
    """
    side = float(rng.uniform(*p.side_km))
    middle = np.full((1, 2), side / 2)
    angle = rng.uniform(0.0, 2 * np.pi)
    # Cut, so that the site lies inside of a small square, too.
    near = middle + min(float(rng.uniform(*sites.first_km)), 0.45 * side) * np.array(
        [[np.cos(angle), np.sin(angle)]]
    )
    others = _apart(near, rng.uniform(0.15, 0.85, (4 * n_sites, 2)) * side, n_sites - 1)
    centres = rng.uniform(0.1, 0.9, (int(rng.integers(p.clusters[0], p.clusters[1] + 1)), 2)) * side
    town = centres[rng.integers(len(centres), size=n)] + rng.normal(0.0, p.spread_km, (n, 2))
    anywhere = rng.uniform(0.0, side, (n, 2))
    tanks = np.where(rng.uniform(size=(n, 1)) < p.rural_share, anywhere, np.clip(town, 0.0, side))
    points: FloatArray = np.concatenate([middle, near, others, tanks])
    return side, np.round(points, 2)


def _apart(first: FloatArray, candidates: FloatArray, count: int) -> FloatArray:
    """``count`` of the candidates, each the farthest from ``first`` and those chosen before it, so
    that sites do not lie side by side.
    """
    chosen = first
    for _ in range(count):
        gap = np.hypot(*(candidates[:, None, :] - chosen[None, :, :]).transpose(2, 0, 1)).min(
            axis=1
        )
        chosen = np.concatenate([chosen, candidates[[int(np.argmax(gap))]]])
    return chosen[1:]


@dataclass(frozen=True, eq=False)
class Roads:
    """Factors that turn distances as the crow flies into those on roads.

    Attributes
    ----------
    detour : (P, P) factor of distance
    queue : (P, P) factor of time, for queues and traffic lights
    """

    detour: FloatArray
    queue: FloatArray


def draw_roads(p: Geography, points: int, rng: np.random.Generator) -> Roads:
    """Draw factors for each pair of points; the two directions are nearly the same."""
    pair = np.triu(rng.uniform(*p.detour, (points, points)), 1)
    one_way = 1.0 + rng.uniform(-p.asymmetry, p.asymmetry, (points, points))
    return Roads((pair + pair.T) * one_way, 1.0 + rng.uniform(0.0, p.asymmetry, (points, points)))


def within_reach(
    p: Geography,
    side: float,
    xy: FloatArray,
    roads: Roads,
    serves: BoolArray,
    limit_min: float,
    spare: int,
) -> Places:
    """Move tanks nearer to the base until each can be served within a shift.

    Parameters
    ----------
    p : parameters
    side : [km] of the square
    xy : (P, 2) [km] base, S sites, n tanks
    roads : factors of each pair of points
    serves : (S, n) whether the site offers the tank's product
    limit_min : [min] of driving from the base over a site and the tank back to the base
    spare : number of further sites over which each tank must be in reach, as far as there are any:
        with one, a tank stays in reach when a site closes
    """
    sites, xy = 1 + np.arange(len(serves)), xy.copy()
    tanks = 1 + len(serves) + np.arange(serves.shape[1])
    rank = np.minimum(spare, serves.sum(axis=0) - 1)
    # Sites out of reach are moved, too: the round trip of a tank at the base is still as long as
    # that to the site.
    distance, travel = _road_distances(p, side, xy, roads)
    for _ in range(_MOST_STEPS):
        there = travel[BASE, sites][:, None] + travel[np.ix_(sites, tanks)]
        round_trip = (
            np.sort(np.where(serves, there, np.inf), axis=0)[rank, np.arange(len(tanks))]
            + travel[tanks, BASE]
        )
        # A fifth of the limit is left for the way from the site to tanks.
        far_site = np.flatnonzero(
            2 * np.maximum(travel[BASE, sites], travel[sites, BASE]) > 0.8 * limit_min
        )
        far = np.concatenate([sites[far_site], tanks[round_trip > limit_min]])
        if not len(far):
            break
        xy[far] = np.round(xy[BASE] + _STEP * (xy[far] - xy[BASE]), 2)
        distance, travel = _road_distances(p, side, xy, roads)
    # Only now, since it is slow: shortest paths bring no tank out of reach.
    return Places(side, xy, shortest_paths(distance) / _PER_KM, shortest_paths(travel))


def _road_distances(
    p: Geography, side: float, xy: FloatArray, roads: Roads
) -> tuple[IntArray, IntArray]:
    """(P, P) distances [hm] and travel times [min]; longer distances use faster roads."""
    crow = np.hypot(*(xy[:, None, :] - xy[None, :, :]).transpose(2, 0, 1))
    km = crow * roads.detour
    speed = p.slow_kmh + (p.fast_kmh - p.slow_kmh) * np.minimum(crow / (side / 2), 1.0)
    minutes = MINUTES_PER_HOUR * km / speed * roads.queue
    return _round_up(_PER_KM * km), _round_up(minutes)


def _round_up(values: FloatArray) -> IntArray:
    """Whole numbers; rounding first keeps errors in the last bits from raising a whole number."""
    return np.asarray(np.ceil(np.round(values, 3)), dtype=np.int64)


def shortest_paths(length: IntArray) -> IntArray:
    """(P, P) lengths of shortest paths (Floyd 1962, Warshall 1962).

    They satisfy the triangle inequality: no direct trip is longer than one through a third point.
    """
    result = length.copy()
    for k in range(len(result)):
        np.minimum(result, result[:, k, None] + result[None, k, :], out=result)
    return result
