"""Places and roads: near enough for a shift, no way longer than one through a third place."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lmrs_rl.worlds.generator.places import draw_places, draw_roads, shortest_paths, within_reach
from lmrs_rl.worlds.parameters import Geography, Sites


def test_shortest_paths_solved_by_hand() -> None:
    # From 0 to 2 over 1 is 3 + 4 = 7 < 9; back it is 1.
    way = np.array([[0, 3, 9], [8, 0, 4], [1, 2, 0]])
    assert shortest_paths(way).tolist() == [[0, 3, 7], [5, 0, 4], [1, 2, 0]]


@given(
    seed=st.integers(0, 10**9),
    sites=st.integers(1, 4),
    n=st.integers(1, 15),
    side=st.floats(1.0, 600.0),
    limit=st.integers(60, 600),
)
def test_ways_keep_the_triangle_inequality_and_reach(
    seed: int, sites: int, n: int, side: float, limit: int
) -> None:
    rng = np.random.default_rng(seed)
    p = Geography(side_km=(side, side))
    drawn, xy = draw_places(p, Sites(), sites, n, rng)
    places = within_reach(
        p, drawn, xy, draw_roads(p, len(xy), rng), np.ones((sites, n), dtype=bool), limit, 0
    )
    km, minutes = places.distance_km, places.travel_min
    assert np.all(minutes[:, :, None] + minutes[None, :, :] >= minutes[:, None, :])
    assert np.all(km[:, :, None] + km[None, :, :] >= km[:, None, :] - 1e-9)
    assert np.all(np.diag(minutes) == 0)
    assert np.all(minutes.T[~np.eye(len(minutes), dtype=bool)] >= 0)
    tour = minutes[0, 1 : 1 + sites, None] + minutes[1 : 1 + sites, 1 + sites :]
    assert np.all(tour.min(axis=0) + minutes[1 + sites :, 0] <= limit)


def test_roads_are_longer_than_the_crow_flies_and_differ_by_direction_within_the_stated_share() -> (
    None
):
    rng = np.random.default_rng(1)
    p = Geography(side_km=(100.0, 100.0), detour=(1.2, 1.45), asymmetry=0.06)
    side, xy = draw_places(p, Sites(), 2, 30, rng)
    places = within_reach(
        p, side, xy, draw_roads(p, len(xy), rng), np.ones((2, 30), dtype=bool), 10_000, 0
    )
    off = ~np.eye(len(xy), dtype=bool)
    crow = np.hypot(*(xy[:, None] - xy[None]).transpose(2, 0, 1))
    far = off & (crow > 5)
    ratio = places.distance_km[far] / crow[far]
    # Each way is at least the crow's with the least detour in its best direction, and at most 0.1
    # km over the greatest in its worst.
    assert ratio.min() >= 1.2 * 0.94
    assert np.all(places.distance_km[off] <= crow[off] * 1.45 * 1.06 + 0.1)
    assert not np.array_equal(places.distance_km, places.distance_km.T)


def test_a_second_site_is_in_reach_where_sites_fail() -> None:
    for seed in range(5):
        rng = np.random.default_rng(seed)
        p = Geography(side_km=(300.0, 300.0))
        side, xy = draw_places(p, Sites(), 3, 20, rng)
        places = within_reach(
            p, side, xy, draw_roads(p, len(xy), rng), np.ones((3, 20), dtype=bool), 480, 1
        )
        way = places.travel_min
        tour = way[0, 1:4, None] + way[1:4, 4:] + way[4:, 0]
        assert np.all(np.sort(tour, axis=0)[1] <= 480)


def test_tanks_lie_in_towns_unless_all_are_rural() -> None:
    def spread(share: float) -> float:
        p = Geography(side_km=(200.0, 200.0), clusters=(2, 2), spread_km=3.0, rural_share=share)
        _, xy = draw_places(p, Sites(), 1, 200, np.random.default_rng(4))
        gap = np.hypot(*(xy[2:, None] - xy[None, 2:]).transpose(2, 0, 1)) + 1e9 * np.eye(200)
        return float(np.median(gap.min(axis=1)))

    assert spread(0.0) < 1.0
    # Mean gap of random points: half the root of the area for each.
    assert spread(1.0) == pytest.approx(0.5 * 200 / np.sqrt(200), rel=0.3)
