"""The model that knows the generator: it rebuilds the panel, and what it forecasts is
calibrated.
"""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.forecast_oracle import KnowsGenerator, WeatherAhead, known_weather, rebuild
from lmrs_rl.domain import InputError
from lmrs_rl.forecast.models.protocol import QUANTILES
from lmrs_rl.worlds.generator.panel_parameters import PanelParameters, Weather
from lmrs_rl.worlds.generator.panels import generate_panel

SEED, SERIES, LENGTH = 5, 60, 420
PANEL = generate_panel(PanelParameters(), SEED, series=SERIES, days=LENGTH)


@pytest.fixture(scope="module")
def oracle() -> KnowsGenerator:
    return KnowsGenerator(PanelParameters(), SEED, SERIES, LENGTH, paths=400)


def test_the_truth_is_that_of_the_panel() -> None:
    truth = rebuild(PanelParameters(), SEED, SERIES, LENGTH)
    measured = ~np.isnan(PANEL.use)
    assert np.array_equal(truth.use[measured], PANEL.use[measured])
    assert np.array_equal(truth.temperature, PANEL.temperature)
    assert np.array_equal(truth.issued, PANEL.issued)
    anomaly = truth.temperature - truth.climate
    assert abs(anomaly[120:270].mean()) < 1.0  # no cold snaps in summer
    assert anomaly.std() < 1.5 * PanelParameters().weather.anomaly_c


def test_another_panel_and_days_beyond_the_weather_forecast_are_refused(
    oracle: KnowsGenerator,
) -> None:
    other = generate_panel(PanelParameters(), SEED + 1, series=SERIES, days=LENGTH)
    with pytest.raises(InputError, match="other use than generated"):
        oracle.fit(other.known_at(300), 7)
    with pytest.raises(InputError, match="at most 7"):
        oracle.fit(PANEL.known_at(300), 8)


@pytest.mark.heavy
def test_its_bands_cover_what_they_say(oracle: KnowsGenerator) -> None:
    inside, beyond, counted = 0, 0, 0
    for origin in range(60, LENGTH - 7, 25):
        found = oracle.fit(PANEL.known_at(origin), 7)(PANEL.known_at(origin), 7)
        actual = PANEL.use[origin : origin + 7].T
        some = ~np.isnan(actual) & (found[:, :, 0] > 0)  # ties at zero have no one rank
        inside += int(((actual >= found[:, :, 3]) & (actual <= found[:, :, 11]))[some].sum())
        beyond += int((actual > found[:, :, QUANTILES.tolist().index(0.95)])[some].sum())
        counted += int(some.sum())
    assert inside / counted == pytest.approx(0.8, abs=0.03)
    assert beyond / counted == pytest.approx(0.05, abs=0.02)


def test_the_weather_ahead_follows_a_sure_forecast() -> None:
    sure = WeatherAhead.learn(
        Weather(skill=(0.999, 0.99), snaps_per_year=0.0),
        np.datetime64("2022-01-01"),
        np.random.default_rng(0),
    )
    issued = np.zeros((2, 7, 1))
    issued[1, :, 0] = 5.0
    drawn = sure.draw(known_weather(np.zeros((3, 1)), issued), False, 500, np.random.default_rng(1))
    assert drawn[:, 0].mean(axis=0)[0] == pytest.approx(5.0, abs=0.5)
    assert drawn[:, 0].std(axis=0).max() < 0.5 * 3.6
