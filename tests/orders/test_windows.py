"""Cutting windows by access hours."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lmrs_rl.domain.arrays import FOREVER, always_open
from lmrs_rl.orders.windows import ServiceWindow, service_window

DAY = np.array([[480, 1020], [1920, 2460]])
"""08:00-17:00 on two days [min]."""


def pieces(
    early: float,
    late: float,
    access: np.ndarray = DAY,
    *,
    setup: int = 30,
    rate: float = np.inf,
    q: float = 100.0,
) -> list[list[int]]:
    window = service_window(early, late, 7200, access, setup, rate, lambda _: q)
    return [] if window is None else np.rint(window.windows_h * 60).astype(int).tolist()


@pytest.mark.parametrize(("fill", "minute"), [(0, 480), (100, 580), (0.7, 480), (5000, 2000)])
def test_the_most_is_counted_so_long_after_the_first_minute_but_within_the_window(
    fill: float, minute: int
) -> None:
    window = service_window(0, 2000, 7200, DAY, 0, np.inf, float, fill)
    assert window is not None
    assert window.q_max_kg == minute


def test_a_window_over_two_days_is_split_at_night() -> None:
    # Service of 30 min ends by 17:00.
    assert pieces(0, 3000) == [[480, 990], [1920, 2430]]


def test_the_window_bounds_its_pieces() -> None:
    assert pieces(600, 2000) == [[600, 990], [1920, 2000]]


@pytest.mark.parametrize(("early", "left"), [(990, [[990, 990]]), (991, [])])
def test_service_must_end_before_closing(early: float, left: list[list[int]]) -> None:
    assert pieces(early, 1500) == left


def test_unloading_takes_time_rounded_up() -> None:
    # 101 kg at 10 kg/min: 30 + 11 min before 17:00.
    assert pieces(0, 1500, rate=10, q=101) == [[480, 1020 - 41]]


@pytest.mark.parametrize(("setup", "left"), [(540, [[480, 480]]), (541, [])])
def test_service_longer_than_the_access_window_leaves_nothing(
    setup: int, left: list[list[int]]
) -> None:
    assert pieces(0, 1500, setup=setup) == left


def test_a_window_between_access_hours_leaves_nothing() -> None:
    assert service_window(1100, 1900, 7200, DAY, 30, np.inf, lambda _: 1.0) is None


def test_a_place_that_never_opens_leaves_nothing() -> None:
    assert pieces(0, 3000, np.zeros((0, 2), dtype=np.int64)) == []


def test_fractions_of_minutes_are_rounded_inwards() -> None:
    assert pieces(600.4, 700.6) == [[601, 700]]


def test_a_whole_minute_reckoned_from_hours_is_that_minute() -> None:
    assert pieces(600.0 + 1e-9, 700.0 - 1e-9) == [[600, 700]]


def test_a_window_without_a_whole_minute_leaves_nothing() -> None:
    assert pieces(600.1, 600.9) == []


@pytest.mark.parametrize(("horizon", "count"), [(1919, 1), (1920, 2)])
def test_pieces_that_begin_after_the_horizon_are_left_out(horizon: float, count: int) -> None:
    window = service_window(0, 3000, horizon, DAY, 30, np.inf, lambda _: 1.0)
    assert window is not None
    assert len(window.windows_h) == count


def test_an_endless_window_ends_with_the_clock() -> None:
    assert pieces(0, np.inf, always_open()) == [[0, FOREVER - 30]]


def test_the_quantity_is_that_of_the_first_moment_left() -> None:
    window = service_window(1000, 3000, 7200, DAY, 30, np.inf, float)
    assert window is not None
    # 1000 + 30 is after closing, so the next morning at 1920 is the first moment.
    assert window.q_max_kg == 1920


@given(
    st.floats(0, 3000),
    st.floats(0, 1500),
    st.integers(0, 200),
    st.floats(1, 50),
    st.floats(1, 2000),
)
def test_every_whole_minute_of_a_piece_is_legal(
    early: float, length: float, setup: int, rate: float, q: float
) -> None:
    window = service_window(early, early + length, 1e6, DAY, setup, rate, lambda _: q)
    for start, end in [] if window is None else window.windows_h.tolist():
        for minute in (np.rint(start * 60), np.rint(end * 60)):
            assert early - 1e-5 <= minute <= early + length + 1e-5
            service = setup + np.ceil(q / rate - 1e-5)
            assert any(
                opens <= minute and minute + service <= closes for opens, closes in DAY.tolist()
            )


def test_pieces_are_floats_in_hours() -> None:
    window = service_window(90, 150, 7200, always_open(), 0, np.inf, lambda _: 1.0)
    assert isinstance(window, ServiceWindow)
    assert window.windows_h.tolist() == [[1.5, 2.5]]
