"""What does not change from morning to morning, in the tiny world."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from lmrs_rl.dispatchers.policy.geometry import FAR_KM, Geometry, Hours
from tests import tiny

DAY = 1440


def test_by_hand() -> None:
    geometry = Geometry.of(tiny.network())
    assert geometry.radial_km.tolist() == [30.0, 50.0]
    # 60 and 100 min of driving, 20 + 30 of handling, for 2000 kg; pumps cost no time of their own.
    assert geometry.minutes_per_kg == pytest.approx([110 / 2000, 150 / 2000])
    assert geometry.near.tolist() == [[False, True], [True, False]]
    # A lies on the way to B; B is 20 km more on the way to A.
    assert geometry.detour_km.tolist() == [[FAR_KM, 0.0], [20.0, FAR_KM]]


def test_a_detour_is_made_before_the_other_tank_or_after_it_as_is_shorter() -> None:
    network = tiny.network()
    km = network.distance_km.copy()
    km[tiny.SITE, tiny.A], km[tiny.A, tiny.B] = 40.0, 30.0
    # To B by way of A: 40 + 30 - 50 more; A on the way home: 20 to A, and 20 + 40 is less than 60.
    there = km[tiny.SITE, tiny.A] + km[tiny.A, tiny.B] - km[tiny.SITE, tiny.B]
    back = km[tiny.B, tiny.A] + km[tiny.A, 0] - km[tiny.B, 0]
    assert there > back >= 0
    geometry = Geometry.of(replace(network, distance_km=km))
    assert geometry.detour_km[0, 1] == back


def test_tanks_of_different_products_share_no_trip() -> None:
    network = tiny.network()
    two = replace(
        network,
        products=("gas", "oil"),
        tanks=replace(network.tanks, product=np.array([0, 1])),
        sites=replace(network.sites, product_offered=np.ones((1, 2), dtype=bool)),
        vehicles=replace(network.vehicles, product_allowed=np.ones((1, 2), dtype=bool)),
    )
    geometry = Geometry.of(two)
    assert not geometry.near.any()
    assert np.all(geometry.detour_km == FAR_KM)


def test_hours_by_day() -> None:
    hours = Hours.of(
        [
            np.array([[60, 120], [DAY + 30, DAY + 90]]),
            np.zeros((0, 2), dtype=np.int64),
            np.array([[DAY - 30, DAY + 30]]),
        ]
    )
    assert hours.minutes(0, 2).tolist() == [[60, 60], [0, 0], [30, 30]]
    # From 01:30 on, days of 24 hours begin at 01:30: the second day's window of the first owner
    # ends as the first of them does.
    assert hours.minutes(90, 1).tolist() == [[90], [0], [60]]
    assert hours.minutes(0, 1, np.array([100, 0, DAY])).tolist() == [[20], [0], [0]]


def test_hours_of_those_who_are_always_open() -> None:
    assert Hours.of([np.array([[0, 10**9]])]).minutes(5 * DAY, 3).tolist() == [[DAY, DAY, DAY]]
