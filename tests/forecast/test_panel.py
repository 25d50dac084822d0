"""Panels: what they refuse and keep, and the yearly wave in figures."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from lmrs_rl.domain import InputError
from lmrs_rl.forecast.panel import Panel, Shutdowns
from tests.forecast.small_panels import small_panel

NAN = float("nan")


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"ids": ("a", "b", "c")}, r"^panel\.use: got shape \(20, 4\); wanted shape \(20, 3\)"),
        ({"ids": ("a", "b", "c", "a")}, r"^panel\.ids\[3\]"),
        ({"use": np.zeros(4)}, r"^panel\.use: got shape \(4,\); wanted shape \(0, 4\)"),
        ({"temperature": np.zeros((19, 4))}, r"^panel\.temperature: got shape \(19, 4\)"),
        ({"issued": np.zeros((20, 7, 3))}, r"^panel\.issued: .*wanted shape \(20, 7, 4\)"),
        ({"issued": np.zeros((20, 4))}, r"^panel\.issued: .*wanted shape \(20, 0, 4\)"),
        ({"capacity": np.zeros(3)}, r"^panel\.capacity: got shape \(3,\); wanted shape \(4,\)"),
        ({"capacity": np.full(4, np.inf)}, r"^panel\.capacity: got an infinite entry"),
        ({"customer_type": np.array([0, 1, -1, 0])}, r"^panel\.customer_type\[2\]: got -1"),
        ({"product": np.array([0, 1, 0, 0.5])}, r"^panel\.product\[3\]: got 0.5"),
        ({"product": np.array([-1, 1, 0, 0])}, r"^panel\.product\[0\]: got -1; wanted at least 0"),
    ],
)
def test_what_does_not_fit_is_refused_by_its_name(changes: dict[str, Any], told: str) -> None:
    with pytest.raises(InputError, match=told):
        replace(small_panel(days=20), **changes)


def test_a_read_only_array_is_kept_and_checked_all_the_same() -> None:
    use = np.zeros((20, 4))
    use.setflags(write=False)
    assert replace(small_panel(days=20), use=use).use is use
    short = np.zeros((19, 4))
    short.setflags(write=False)
    with pytest.raises(InputError, match=r"panel\.temperature: got shape \(19, 4\)"):
        replace(small_panel(days=20), temperature=short)
    whole: Any = np.zeros((20, 4), dtype=np.int64)
    whole.setflags(write=False)
    assert replace(small_panel(days=20), use=whole).use.dtype == np.float64


def test_arrays_of_a_panel_cannot_be_changed() -> None:
    panel = small_panel(days=20)
    for name in ("use", "capacity", "temperature", "issued", "customer_type", "product"):
        assert not getattr(panel, name).flags.writeable, name


def test_zero_use_is_use() -> None:
    assert replace(small_panel(days=2), use=np.zeros((2, 4))).use.tolist() == [[0.0] * 4] * 2


def test_dates_are_whole_days_and_holidays_in_order() -> None:
    days = [np.datetime64(text) for text in ("2023-03-01T12", "2023-01-05")]
    panel = replace(
        small_panel(days=20), first_day=np.datetime64("2023-01-02T18:00"), holidays=tuple(days)
    )
    assert str(panel.first_day) == "2023-01-02"
    assert [str(day) for day in panel.holidays] == ["2023-01-05", "2023-03-01"]
    # Row 3 is January 5th.
    assert panel.known_at(20).holiday(0, 20).tolist() == [k == 3 for k in range(20)]


def test_the_size_of_a_panel() -> None:
    panel = small_panel(3, 20)
    assert (panel.days, panel.leads, panel.known_at(9).n) == (20, 7, 3)
    assert (len(panel.shutdowns), len(Shutdowns.none())) == (2, 0)


def test_stops_that_are_known_keep_their_series_and_days() -> None:
    stops = Shutdowns(np.array([2, 0, 1]), np.array([5, 6, 7]), np.array([8, 9, 7]), np.arange(3))
    known = stops.known_at(1)
    assert known.series.tolist() == [2, 0]
    assert known.first_day.tolist() == [5, 6]
    assert known.last_day.tolist() == [8, 9]
    assert known.announced_day.tolist() == [0, 1]


def test_columns_of_stops_are_of_one_length() -> None:
    with pytest.raises(InputError, match=r"^shutdowns\.last_day: got shape \(1,\)"):
        Shutdowns(np.array([0, 0]), np.array([1, 5]), np.array([1]), np.array([0, 0]))


def with_temperature(days: int, temperature: np.ndarray) -> Panel:
    return replace(
        small_panel(1, days),
        temperature=temperature[:, None],
        issued=np.zeros((days, 0, 1)),
        first_day=np.datetime64("2023-01-01"),
    )


@pytest.mark.parametrize("gap", [False, True])
def test_the_wave_is_held_back_as_by_five_days_without_a_season(gap: bool) -> None:
    """A ridge of 5 on cosine and sine acts as an observation of 0 with a weight of 5 on each: the
    same solution by least squares.
    """
    rng = np.random.default_rng(4)
    temperature = rng.normal(12, 6, 60)
    if gap:
        temperature[10:20] = NAN
    angle = 2 * np.pi * np.arange(80) / 365.25
    wave = np.stack([np.ones(80), np.cos(angle), np.sin(angle)], axis=1)
    known = np.flatnonzero(~np.isnan(temperature))
    held = np.concatenate([wave[known], np.sqrt(5) * np.eye(3)[1:]])
    solution = np.linalg.lstsq(held, np.append(temperature[known], [0, 0]), rcond=None)[0]
    found = with_temperature(60, temperature).known_at(60).climatology(50, 30)[:, 0]
    np.testing.assert_allclose(found, wave[50:] @ solution, rtol=1e-5)


def test_from_fourteen_temperatures_on_a_climatology_is_a_wave() -> None:
    temperature = np.arange(20.0)
    temperature[14:] = NAN
    wave = with_temperature(20, temperature).known_at(20).climatology(0, 3)[:, 0]
    assert np.ptp(wave) > 0
    temperature[13] = NAN
    mean = with_temperature(20, temperature).known_at(20).climatology(0, 3)[:, 0]
    assert mean == pytest.approx([6.0] * 3)  # of 0 to 12 degrees


def test_yesterdays_departure_fades_by_a_fifth_a_day() -> None:
    """Twelve days of 10 degrees and one of 23: 12 degrees over their mean of 11."""
    temperature = np.append(np.full(12, 10.0), 23.0)
    view = with_temperature(13, temperature).known_at(13)
    ahead = view.temperature_ahead(3)[:, 0]
    assert ahead == pytest.approx([11 + 12 * 0.8**k for k in (1, 2, 3)])


def test_on_the_first_morning_the_climatology_stands_alone() -> None:
    view = small_panel().known_at(0)
    assert view.temperature_ahead(3).tolist() == [[0.0] * 4] * 3
