"""Generated panels: the same bits for the same seed, and the structure that the parameters
promise.
"""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lmrs_rl.domain import InputError
from lmrs_rl.forecast.panel import Panel
from lmrs_rl.worlds.generator.panel_parameters import (
    CUSTOMER_TYPES,
    PanelParameters,
    Rhythm,
    Weather,
)
from lmrs_rl.worlds.generator.panel_weather import draw_weather, easter_sunday, holidays
from lmrs_rl.worlds.generator.panels import generate_panel, without_covariates

PLAIN = Rhythm((100.0, 100.0), trend_per_year=(0.0, 0.0), noise=(0.0, 0.0))
STILL = PanelParameters(
    heating=PLAIN,
    industry=PLAIN,
    process=PLAIN,
    intermittent=PLAIN,
    hospital=PLAIN,
    shifts_per_year=0.0,
    late_share=0.0,
    missing=0.0,
)
"""Every series uses 100 kg a day: tests switch on one thing at a time."""


def same(a: Panel, b: Panel) -> bool:
    arrays = ("use", "capacity", "customer_type", "product", "temperature", "issued")
    stops = all(
        np.array_equal(getattr(a.shutdowns, each.name), getattr(b.shutdowns, each.name))
        for each in fields(a.shutdowns)
    )
    return (
        stops
        and a.ids == b.ids
        and all(
            np.array_equal(getattr(a, name), getattr(b, name), equal_nan=True) for name in arrays
        )
    )


def test_the_same_seed_gives_the_same_bits_and_another_does_not() -> None:
    first, again, other = (
        generate_panel(PanelParameters(), seed, series=12, days=200) for seed in (5, 5, 6)
    )
    assert same(first, again)
    assert not same(first, other)


@given(seed=st.integers(0, 10**6), series=st.integers(1, 8), days=st.integers(1, 60))
def test_any_size_is_a_valid_panel_that_ends_where_it_should(
    seed: int, series: int, days: int
) -> None:
    panel = generate_panel(PanelParameters(), seed, series=series, days=days)
    assert panel.use.shape == (days, series)
    assert panel.issued.shape == (days, 7, series)
    assert np.all(panel.capacity > 0)
    assert panel.known_at(days).temperature_ahead(7).shape == (7, series)


@pytest.mark.parametrize(
    ("name", "bad", "good"), [("seed", -1, 0), ("series", 0, 1), ("days", 0, 1)]
)
def test_sizes_on_both_sides_of_their_limit(name: str, bad: int, good: int) -> None:
    sizes = {"seed": 1, "series": 2, "days": 3}
    with pytest.raises(InputError, match=f"^{name}: got {bad}"):
        generate_panel(STILL, **{**sizes, name: bad})
    generate_panel(STILL, **{**sizes, name: good})


@pytest.mark.parametrize(
    ("bad", "good", "field"),
    [
        (
            lambda: replace(STILL, first_day="2022-1-1"),
            lambda: replace(STILL, first_day="2022-01-01"),
            "first_day",
        ),
        (
            lambda: replace(STILL, first_day="2022-13-01"),
            lambda: replace(STILL, first_day="2022-12-01"),
            "first_day",
        ),
        (
            lambda: replace(STILL, mix=(0.0,) * 5),
            lambda: replace(STILL, mix=(0.0, 0.0, 0.0, 0.0, 1.0)),
            "mix",
        ),
        (lambda: replace(STILL, mix=(1.0,)), lambda: replace(STILL, mix=(1.0,) * 5), "mix"),
        (lambda: replace(STILL, missing=1.0), lambda: replace(STILL, missing=0.99), "missing"),
        (
            lambda: replace(STILL, late_share=1.1),
            lambda: replace(STILL, late_share=1.0),
            "late_share",
        ),
        (
            lambda: replace(STILL, inertia=(0.5, 1.0)),
            lambda: replace(STILL, inertia=(0.5, 0.95)),
            "inertia",
        ),
        (lambda: Weather(regions=0), lambda: Weather(regions=1), "weather.regions"),
        (lambda: Weather(skill=(0.5, 0.6)), lambda: Weather(skill=(0.6, 0.6)), "weather.skill"),
        (
            lambda: Weather(persistence=1.0),
            lambda: Weather(persistence=0.99),
            "weather.persistence",
        ),
        (lambda: Weather(leads=31), lambda: Weather(leads=30), "weather.leads"),
        (
            lambda: Rhythm(level_kg=(2.0, 1.0)),
            lambda: Rhythm(level_kg=(1.0, 1.0)),
            "rhythm.level_kg",
        ),
        (
            lambda: Rhythm(heating_share=(0.0, 1.1)),
            lambda: Rhythm(heating_share=(0.0, 1.0)),
            "rhythm.heating_share",
        ),
        (
            lambda: Rhythm(on_days=(1.0, 2.0)),
            lambda: Rhythm(on_days=(1.0, 2.0), off_days=(1.0, 1.0)),
            "rhythm.on_days",
        ),
    ],
)
def test_parameters_on_both_sides_of_their_limits(bad: object, good: object, field: str) -> None:
    with pytest.raises(InputError) as told:
        bad()  # type: ignore[operator]
    assert told.value.field == field
    good()  # type: ignore[operator]


def test_nothing_switched_on_is_a_steady_use() -> None:
    assert np.all(generate_panel(STILL, 1, series=5, days=50).use == 100.0)


def test_a_weekend_and_a_holiday_use_their_share() -> None:
    rhythm = replace(PLAIN, saturday=(0.5, 0.5), sunday=(0.2, 0.2))
    panel = generate_panel(
        replace(STILL, heating=rhythm, mix=(1.0, 0, 0, 0, 0), first_day="2024-04-29"),
        1,
        series=1,
        days=7,
    )
    # Monday 29 April 2024; 1 May is a holiday and counts as a Sunday.
    assert panel.use[:, 0].tolist() == [100, 100, 20, 100, 100, 50, 20]


def test_heating_follows_the_cold() -> None:
    panel = generate_panel(
        replace(STILL, heating=replace(PLAIN, heating_share=(0.8, 0.8)), mix=(1.0, 0, 0, 0, 0)),
        1,
        series=3,
        days=730,
    )
    assert np.all(
        [np.corrcoef(panel.use[:, k], panel.temperature[:, k])[0, 1] < -0.85 for k in range(3)]
    )
    # The share that does not heat is never undercut: 0.2 x 100 kg.
    assert panel.use.min() == pytest.approx(20.0)


def test_noise_scales_with_the_level() -> None:
    level = replace(PLAIN, noise=(0.2, 0.2))
    small, large = (
        generate_panel(
            replace(STILL, process=replace(level, level_kg=(kg, kg)), mix=(0, 0, 1.0, 0, 0)),
            1,
            series=4,
            days=400,
        ).use
        for kg in (100.0, 10000.0)
    )
    assert small.std() / 100 == pytest.approx(large.std() / 10000, rel=0.02)
    assert large.std() / 10000 == pytest.approx(0.2, rel=0.15)


def test_an_announced_shutdown_stops_use_on_its_days_only() -> None:
    rhythm = replace(PLAIN, stops_per_year=(4.0, 0.0))
    panel = generate_panel(
        replace(STILL, industry=rhythm, mix=(0, 1.0, 0, 0, 0), notice_days=(5.0, 9.0)),
        3,
        series=3,
        days=400,
    )
    closed = panel.known_at(400).shutdown(0, 400)
    assert closed.any()
    assert np.all(panel.use[closed] <= 10.0)
    assert np.all(panel.use[~closed] == 100.0)
    notice = panel.shutdowns.first_day - panel.shutdowns.announced_day
    assert notice.min() >= 5
    assert notice.max() <= 9


def test_an_unannounced_shutdown_is_in_no_list() -> None:
    rhythm = replace(PLAIN, stops_per_year=(0.0, 4.0))
    panel = generate_panel(
        replace(STILL, industry=rhythm, mix=(0, 1.0, 0, 0, 0)), 3, series=3, days=400
    )
    assert len(panel.shutdowns) == 0
    assert np.any(panel.use <= 10.0)


def test_spells_without_use_are_exact_zeros_of_about_the_asked_length() -> None:
    rhythm = replace(PLAIN, on_days=(4.0, 4.0), off_days=(6.0, 6.0))
    use = generate_panel(
        replace(STILL, intermittent=rhythm, mix=(0, 0, 0, 1.0, 0)), 3, series=20, days=1000
    ).use
    assert set(np.unique(use)) == {0.0, 100.0}
    assert np.mean(use == 0) == pytest.approx(0.6, abs=0.03)
    assert np.mean(use[1:][use[:-1] == 0] == 100) == pytest.approx(1 / 6, abs=0.01)


def test_late_series_begin_inside_and_days_go_missing() -> None:
    late = generate_panel(replace(STILL, late_share=1.0), 1, series=30, days=100).use
    begin = np.argmax(~np.isnan(late), axis=0)
    assert begin.min() >= 25
    assert np.array_equal(np.isnan(late), np.arange(100)[:, None] < begin)
    assert np.isnan(
        generate_panel(replace(STILL, missing=0.2), 1, series=30, days=300).use
    ).mean() == pytest.approx(0.2, abs=0.02)


def test_the_mix_is_met_as_exactly_as_whole_numbers_allow() -> None:
    panel = generate_panel(PanelParameters(), 9, series=100, days=2)
    assert np.bincount(panel.customer_type, minlength=len(CUSTOMER_TYPES)).tolist() == [
        30,
        25,
        15,
        15,
        15,
    ]


def test_the_error_of_weather_forecasts_grows_with_the_lead_as_their_skill_says() -> None:
    p = Weather(regions=30, snaps_per_year=0.0, skill=(0.9, 0.3))
    temperature, issued = draw_weather(
        p, np.datetime64("2022-01-01"), 2000, np.random.default_rng(1)
    )
    for lead, skill in ((1, 0.9), (7, 0.3)):
        error = temperature[lead:] - issued[:-lead, lead - 1]
        # Explained share s of a variance of 3.6^2 leaves an error of 3.6 sqrt(1 - s).
        assert error.std() == pytest.approx(3.6 * np.sqrt(1 - skill), rel=0.05)


def test_weather_forecasts_are_expectations_and_the_last_holds_what_the_earlier_held() -> None:
    p = Weather(regions=30, snaps_per_year=0.0, swing_c=(0.0, 0.0), mean_c=(0.0, 0.0))
    temperature, issued = draw_weather(
        p, np.datetime64("2022-01-01"), 2000, np.random.default_rng(2)
    )
    two, three, truth = issued[1:-2, 1].ravel(), issued[:-3, 2].ravel(), temperature[3:].ravel()
    slope = np.linalg.lstsq(np.stack([two, three], axis=1), truth, rcond=None)[0]
    assert slope == pytest.approx([1.0, 0.0], abs=0.03)


def test_cold_snaps_only_cool() -> None:
    warm, cold = (
        draw_weather(
            Weather(regions=1, snaps_per_year=rate),
            np.datetime64("2022-01-01"),
            730,
            np.random.default_rng(3),
        )[0]
        for rate in (0.0, 5.0)
    )
    assert np.all(cold <= warm + 0.01)
    assert np.any(cold < warm - 2.0)
    assert np.array_equal(cold[150:300], warm[150:300])


@pytest.mark.parametrize(
    ("year", "easter"),
    [(2000, "2000-04-23"), (2024, "2024-03-31"), (2025, "2025-04-20"), (2038, "2038-04-25")],
)
def test_easter_of_known_years(year: int, easter: str) -> None:
    assert easter_sunday(year) == np.datetime64(easter)


def test_holidays_of_a_year() -> None:
    # Easter Sunday 2024 is 31 March: Good Friday 29 March, Monday 1 April, Ascension 9 May, Whit
    # Monday 20 May.
    moving = ["2024-03-29", "2024-04-01", "2024-05-09", "2024-05-20"]
    fixed = ["2024-01-01", "2024-05-01", "2024-10-03", "2024-12-25", "2024-12-26"]
    assert [str(day) for day in holidays(2024, 2024)] == sorted(fixed + moving)


def test_holidays_reach_beyond_the_end() -> None:
    panel = generate_panel(STILL, 1, series=1, days=400)
    assert panel.holidays[-1] > panel.first_day + 400 + 30


def test_without_covariates_only_the_use_is_left() -> None:
    panel = generate_panel(PanelParameters(), 1, series=6, days=100)
    bare = without_covariates(panel)
    assert np.array_equal(bare.use, panel.use, equal_nan=True)
    assert np.isnan(bare.temperature).all()
    assert np.isnan(bare.capacity).all()
    assert bare.leads == len(bare.holidays) == len(bare.shutdowns) == bare.customer_type.max() == 0
