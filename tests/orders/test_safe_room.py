"""What surely fits into a tank around the forecast's last hour, where hours differ."""

from __future__ import annotations

import numpy as np
import pytest

from lmrs_rl.domain import CumulativeForecast
from lmrs_rl.orders import Projection, project
from tests import tiny


def uneven() -> Projection:
    """A forecast of four hours: tank A, with room for 420 kg, uses 40 kg in the last of them."""
    cumulative = np.array([[[0.0, 0.0, 0.0, 0.0, 40.0], [0.0, 8.0, 8.0, 8.0, 8.0]]])
    forecast = CumulativeForecast(0, np.array([0.5]), cumulative)
    return project(tiny.network(), tiny.snapshot(), forecast, np.full(2, 0.5))


@pytest.mark.parametrize(
    ("hour", "room"),
    [
        (2.0, 420),
        (3.0, 420),
        (3.99, 420),
        (4.0, 460),
        (4.99, 460),
        (5.0, 470),  # from here on at the mean rate of all four hours
        (6.5, 480),
        (8.0, 500),
    ],
)
def test_room_at_and_beyond_the_last_hour_of_the_forecast(hour: float, room: float) -> None:
    assert uneven().safe_room(np.full(2, 1000.0), tiny.TANK_A, hour) == room


@pytest.mark.parametrize(("hour", "room"), [(0.0, 600), (1.0, 608), (4.0, 608), (5.0, 610)])
def test_use_in_the_first_hour_alone(hour: float, room: float) -> None:
    assert uneven().safe_room(np.full(2, 1000.0), tiny.TANK_B, hour) == room


def test_use_before_a_delivery_makes_no_room_twice() -> None:
    projection = uneven()
    later = Projection(
        np.full(2, 4.0), projection.level_kg, np.array([40.0, 8.0]), projection.cumulative_kg
    )
    assert later.safe_room(np.full(2, 1000.0), tiny.TANK_A, 4.0) == 420
    assert later.safe_room(np.full(2, 1000.0), tiny.TANK_A, 6.0) == 440


def test_the_end_of_the_last_hour_is_read_and_not_computed() -> None:
    # 0.1 * 3 / 3 is not 0.1.
    full = Projection(np.zeros(1), np.full(1, 50.0), np.zeros(1), np.array([[0.0, 0.0, 0.0, 0.1]]))
    assert full.safe_room(np.full(1, 50.0), 0, 3.0) == 0.1
