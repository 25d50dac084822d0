"""Times at which projected levels are reached, solved by hand in the tiny world."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lmrs_rl.domain import CumulativeForecast, Deliveries, Forecast, InputError, Snapshot
from lmrs_rl.domain.arrays import FloatArray
from lmrs_rl.orders import Projection, project, project_all
from tests import tiny

HALF = np.full(2, 0.5)


def forecast(use_kg: FloatArray | None = None, start_min: int = 0) -> Forecast:
    use = tiny.use_kg(240) if use_kg is None else use_kg
    cumulative = np.concatenate([np.zeros((1, use.shape[1])), np.cumsum(use, axis=0)]).T[None]
    return CumulativeForecast(start_min, np.array([0.5]), cumulative)


def in_transit(*rows: tuple[int, int, float]) -> Snapshot:
    """(tank, arrival, kg) of each delivery."""
    columns: Any = list(np.array(rows, dtype=np.float64).reshape(-1, 3).T)
    return replace(tiny.snapshot(), in_transit=Deliveries(*columns))


def projection(snapshot: Snapshot | None = None, use_kg: FloatArray | None = None) -> Projection:
    return project(tiny.network(), snapshot or tiny.snapshot(), forecast(use_kg), HALF)


def test_steady_use_reaches_the_hit_level_after_48_and_60_hours() -> None:
    # (580 - 100) / 10 and (400 - 100) / 5.
    assert projection().hours_to_level(100.0).tolist() == [48, 60]


def test_several_thresholds_are_looked_up_at_once() -> None:
    levels = np.array([[100.0, 100.0], [575.0, 397.5]])
    assert projection().hours_to_level(levels).tolist() == [
        projection().hours_to_level(each).tolist() for each in levels
    ]


def test_within_an_hour_use_is_spread_evenly() -> None:
    # 575 kg are left after half of the first hour's 10 kg; 397.5 after half of 5 kg.
    assert projection().hours_to_level(np.array([575.0, 397.5])).tolist() == [0.5, 0.5]


def test_a_level_already_reached_is_reached_now() -> None:
    assert projection().hours_to_level(np.array([580.0, 999.0])).tolist() == [0, 0]


def test_without_use_only_levels_reached_already_are_ever_reached() -> None:
    assert projection(use_kg=np.zeros((24, 2))).hours_to_level(
        np.array([579.0, 400.0])
    ).tolist() == [
        np.inf,
        0,
    ]


def test_beyond_the_forecast_use_goes_on_at_its_mean_rate() -> None:
    # 48 hours, all use of A in the first: 96 kg in 48 h is 2 kg/h. 384 kg are left to fall after
    # hour 48, in 192 h.
    use = np.zeros((48, 2))
    use[0, 0] = 96
    assert projection(use_kg=use).hours_to_level(100.0).tolist() == [48 + 192, np.inf]


def test_deliveries_in_transit_count_from_their_arrival() -> None:
    # A: 580 - 20 + 200 = 760 kg at hour 2, then 660 / 10 hours to the hit level.
    p = projection(in_transit((tiny.TANK_A, 120, 200)))
    assert p.hours_to_level(100.0).tolist() == [68, 60]
    assert p.since_h.tolist() == [2, 0]


def test_no_time_lies_before_the_last_delivery_in_transit() -> None:
    # Without the delivery 575 kg would be reached at 0.5 h; after it A holds 568 at hour 2.
    assert projection(in_transit((tiny.TANK_A, 120, 8))).hours_to_level(575.0)[0] == 2


def test_a_delivery_to_an_empty_tank_does_not_pay_for_the_past() -> None:
    # A is dry at hour 58; the 50 kg that arrive at hour 60 last 5 hours.
    assert projection(in_transit((tiny.TANK_A, 3600, 50))).hours_to_level(0.0)[0] == 65


def test_a_delivery_fills_at_most_the_tank() -> None:
    # A is full (1000 kg) at hour 2 whatever comes.
    assert projection(in_transit((tiny.TANK_A, 120, 5000))).hours_to_level(100.0)[0] == 92


def test_two_deliveries_are_taken_in_order_of_arrival() -> None:
    # 580 - 10 + 100 - 10 + 100 = 760 at hour 2.
    p = projection(in_transit((tiny.TANK_A, 120, 100), (tiny.TANK_A, 60, 100)))
    assert p.level_kg[0] == 760
    assert p.hours_to_level(100.0)[0] == 68


def test_a_delivery_that_should_have_arrived_arrives_now() -> None:
    p = projection(in_transit((tiny.TANK_A, -60, 100)))
    assert p.since_h[0] == 0
    assert p.hours_to_level(100.0)[0] == 58


@pytest.mark.parametrize(("hour", "room"), [(0.0, 420), (0.99, 420), (1.0, 430), (300.5, 1000)])
def test_safe_room_is_that_at_the_start_of_the_hour(hour: float, room: float) -> None:
    # 1000 - 580, and 10 kg more each full hour; at most the whole tank.
    assert projection().safe_room(np.full(2, 1000.0), tiny.TANK_A, hour) == room


def test_safe_room_in_the_hour_of_a_delivery_counts_no_use_of_that_hour() -> None:
    # At the start of hour 1 A holds 570 kg; 200 kg come at 1.5 h. Only the end of the hour sees its
    # use.
    p = projection(in_transit((tiny.TANK_A, 90, 200)))
    assert p.safe_room(np.full(2, 1000.0), tiny.TANK_A, 1.75) == 1000 - 570 - 200


@pytest.mark.parametrize(("kg", "hour"), [(420, 0), (421, 1), (430, 1), (431, 2)])
def test_a_quantity_fits_from_a_full_hour_on(kg: float, hour: float) -> None:
    assert projection().hours_until_room(np.full(2, 1000.0), np.array([kg, 0.0]))[0] == hour


def test_a_forecast_of_another_morning_is_refused() -> None:
    with pytest.raises(InputError, match=r"forecast\.start_min"):
        project(tiny.network(), tiny.snapshot(), forecast(start_min=60), HALF)


def test_a_forecast_of_another_network_is_refused() -> None:
    with pytest.raises(InputError, match="2 tanks"):
        project(tiny.network(), tiny.snapshot(), forecast(np.ones((24, 3))), HALF)


@given(level=st.floats(0, 1000), more=st.floats(0, 500), threshold=st.floats(0, 1000))
def test_a_fuller_tank_reaches_a_level_no_earlier(
    level: float, more: float, threshold: float
) -> None:
    low = projection(replace(tiny.snapshot(), level_kg=np.array([level, 0.0]))).hours_to_level(
        threshold
    )[0]
    high = projection(
        replace(tiny.snapshot(), level_kg=np.array([min(level + more, 1000.0), 0.0]))
    ).hours_to_level(threshold)[0]
    assert high >= low


@given(st.lists(st.floats(0, 50), min_size=24, max_size=24), st.floats(0, 20), st.floats(0, 1000))
def test_more_use_reaches_a_level_no_later(use: list[float], more: float, threshold: float) -> None:
    less_use = np.array([use, use]).T
    less = projection(use_kg=less_use).hours_to_level(threshold)
    assert np.all(projection(use_kg=less_use + more).hours_to_level(threshold) <= less + 1e-9)


@given(st.floats(0.001, 600), st.lists(st.floats(0.01, 50), min_size=6, max_size=24))
def test_the_level_at_the_time_is_the_level_asked_for(threshold: float, use: list[float]) -> None:
    use_kg = np.array([use, use]).T
    hour = float(projection(use_kg=use_kg).hours_to_level(threshold)[0])
    cumulative = np.concatenate([[0.0], np.cumsum(use)])
    mean = cumulative[-1] / len(use)
    used = np.interp(hour, np.arange(len(use) + 1), cumulative) + max(0.0, hour - len(use)) * mean
    assert used == pytest.approx(max(0.0, 580 - threshold), abs=1e-6)


def test_projections_at_several_levels_are_each_by_itself() -> None:
    doubtful = CumulativeForecast(
        0,
        np.array([0.1, 0.9]),
        np.stack([k * np.arange(241.0) * np.array([[10.0], [5.0]]) for k in (1, 2)]),
    )
    snapshot, levels = in_transit((0, 600, 100.0)), [np.full(2, 0.1), np.array([0.3, 0.8])]
    for level, found in zip(
        levels, project_all(tiny.network(), snapshot, doubtful, levels), strict=True
    ):
        alone = project(tiny.network(), snapshot, doubtful, level)
        np.testing.assert_array_equal(found.cumulative_kg, alone.cumulative_kg)
        assert (found.since_h.tolist(), found.level_kg.tolist()) == (
            alone.since_h.tolist(),
            alone.level_kg.tolist(),
        )
