"""What a view knows of a morning, and from when on."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from lmrs_rl.domain import InputError
from lmrs_rl.forecast.panel import CLIMATE_DAYS, PERSISTENCE, Panel, Shutdowns
from tests.forecast.small_panels import FIRST_DAY, small_panel


@pytest.mark.parametrize(
    ("date", "weekday"),
    [("2023-01-02", 0), ("2024-02-29", 3), ("1969-12-31", 2), ("1970-01-01", 3), ("2026-11-22", 6)],
)
def test_weekday_of_known_dates(date: str, weekday: int) -> None:
    view = replace(small_panel(), first_day=np.datetime64(date)).known_at(20)
    assert view.weekday(0, 8).tolist() == [(weekday + k) % 7 for k in range(8)]
    assert view.weekday(-7, 1).tolist() == [weekday]


def test_the_position_in_the_year_starts_again_on_new_years_day() -> None:
    view = replace(small_panel(), first_day=np.datetime64("2024-12-31")).known_at(20)
    assert view.day_of_year(0, 2).tolist() == [365 / 365.25, 0.0]


def test_holidays_are_known_for_ever() -> None:
    view = small_panel().known_at(0)
    assert np.flatnonzero(view.holiday(0, 160)).tolist() == [60]


def test_a_view_ends_the_day_before() -> None:
    panel = small_panel()
    view = panel.known_at(50)
    assert view.origin == 50
    assert view.past.use.shape == (50, 4)
    assert view.past.temperature.shape == (50, 4)
    assert view.past.issued.shape == (50, 7, 4)
    assert view.at(30).past.use.tobytes() == panel.known_at(30).past.use.tobytes()


@pytest.mark.parametrize("day", [-1, 161])
def test_a_morning_outside_the_panel_is_refused(day: int) -> None:
    with pytest.raises(InputError, match="0 to 160"):
        small_panel().known_at(day)


def test_an_earlier_view_cannot_look_ahead() -> None:
    with pytest.raises(InputError, match="0 to 50"):
        small_panel().known_at(50).at(51)


@pytest.mark.parametrize(("morning", "known"), [(34, False), (35, True)])
def test_a_stop_is_known_from_its_announcement_on(morning: int, known: bool) -> None:
    # Days 38 .. 47; tank 0 stops on 40 .. 45.
    closed = small_panel().known_at(morning).shutdown(38, 10)
    assert closed[:, 0].tolist() == [known and 40 <= day <= 45 for day in range(38, 48)]
    assert not closed[:, 1:].any()


@pytest.mark.parametrize(
    ("first", "count", "closed"),
    [(30, 5, []), (45, 3, [0]), (46, 3, []), (36, 4, []), (36, 5, [4]), (42, 1, [0])],
)
def test_stops_are_cut_at_the_days_asked_for(first: int, count: int, closed: list[int]) -> None:
    assert (
        np.flatnonzero(small_panel().known_at(100).shutdown(first, count)[:, 0]).tolist() == closed
    )


def test_temperature_ahead_is_the_forecast_issued_last() -> None:
    panel = small_panel()
    view = panel.known_at(50)
    assert view.temperature_ahead(7).tobytes() == panel.issued[49].tobytes()
    assert np.array_equal(view.temperature_ahead(3), panel.issued[49, :3])


def test_temperature_ahead_without_a_forecast_returns_from_yesterday_to_the_climatology() -> None:
    panel = small_panel()
    issued = panel.issued.copy()
    issued[49, 2] = np.nan
    view = replace(panel, issued=issued).known_at(50)
    departure = panel.temperature[49] - view.climatology(49, 1)[0]
    expected = view.climatology(50, 10) + departure * PERSISTENCE ** np.arange(1, 11)[:, None]
    ahead = view.temperature_ahead(10)
    assert np.array_equal(ahead[3:7], issued[49, 3:7])
    np.testing.assert_allclose(ahead[[2, 7, 8, 9]], expected[[2, 7, 8, 9]])


def test_temperature_ahead_is_the_climatology_where_yesterday_was_not_measured() -> None:
    panel = small_panel()
    measured = panel.temperature.copy()
    measured[49, 1] = np.nan
    view = replace(panel, temperature=measured, issued=np.zeros((panel.days, 0, 4))).known_at(50)
    assert np.array_equal(view.temperature_ahead(5)[:, 1], view.climatology(50, 5)[:, 1])
    assert not np.array_equal(view.temperature_ahead(5)[:, 0], view.climatology(50, 5)[:, 0])


def temperatures(panel: Panel, value: np.ndarray) -> Panel:
    return replace(panel, temperature=value)


def test_climatology_finds_a_yearly_wave() -> None:
    panel = small_panel(days=900)
    angle = 2 * np.pi * panel.known_at(0).day_of_year(0, 900)
    truth = np.repeat((10.0 - 8.0 * np.cos(angle))[:, None], 4, axis=1)
    found = temperatures(panel, truth).known_at(700).climatology(700, 200)
    np.testing.assert_allclose(found, truth[700:], atol=0.3)


@pytest.mark.parametrize("day", [1, CLIMATE_DAYS - 1])
def test_climatology_of_few_days_is_their_mean(day: int) -> None:
    panel = small_panel()
    np.testing.assert_allclose(
        panel.known_at(day).climatology(day, 3),
        np.broadcast_to(panel.temperature[:day].mean(axis=0), (3, 4)),
    )


def test_climatology_without_any_temperature_is_zero() -> None:
    panel = small_panel()
    measured = panel.temperature.copy()
    measured[:, 1] = np.nan
    found = temperatures(panel, measured).known_at(100).climatology(100, 5)
    assert np.all(found[:, 1] == 0.0)
    assert np.all(found[:, 0] != 0.0)
    assert np.all(panel.known_at(0).climatology(0, 5) == 0.0)


def test_climatology_of_a_series_does_not_depend_on_the_others() -> None:
    panel = small_panel()
    alone = temperatures(panel, np.where(np.arange(4) == 2, panel.temperature, 33.0))
    np.testing.assert_allclose(
        alone.known_at(100).climatology(100, 5)[:, 2], panel.known_at(100).climatology(100, 5)[:, 2]
    )


def test_negative_use_is_refused_by_its_place() -> None:
    panel = small_panel()
    use = panel.use.copy()
    use[3, 2] = -0.5
    with pytest.raises(InputError, match=r"panel\.use\[3, 2\].*at least 0"):
        replace(panel, use=use)


def test_infinite_use_is_refused() -> None:
    panel = small_panel()
    use = panel.use.copy()
    use[3, 2] = np.inf
    with pytest.raises(InputError, match="infinite"):
        replace(panel, use=use)


def test_a_stop_that_ends_before_it_begins_is_refused() -> None:
    with pytest.raises(InputError, match=r"first_day\[1\]"):
        Shutdowns(np.array([0, 0]), np.array([1, 5]), np.array([1, 4]), np.array([0, 0]))


def test_a_stop_of_a_series_that_is_not_there_is_refused() -> None:
    stop = Shutdowns(np.array([4]), np.array([1]), np.array([2]), np.array([0]))
    with pytest.raises(InputError, match=r"shutdowns\.series\[0\]"):
        replace(small_panel(), shutdowns=stop)


def test_what_the_caller_changes_later_does_not_reach_the_panel() -> None:
    use = small_panel().use.copy()
    panel = replace(small_panel(), use=use)
    before = panel.use.tobytes()
    use[:] = 7.0
    assert panel.use.tobytes() == before
    with pytest.raises(ValueError, match="read-only"):
        panel.use[0, 0] = 1.0


def test_the_first_day_is_a_monday() -> None:
    assert small_panel().known_at(0).weekday(0, 1)[0] == 0
    assert FIRST_DAY.astype("datetime64[D]").astype(object).weekday() == 0
