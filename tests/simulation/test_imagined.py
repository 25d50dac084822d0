"""Futures drawn from a forecast."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from lmrs_rl.domain import CumulativeForecast, InputError
from lmrs_rl.simulation import run
from lmrs_rl.simulation.imagined import Fading, imagined
from lmrs_rl.worlds.outages import Breakdowns, Closures
from tests.environment.small import DISPATCHER, ROUTER, first_morning, small_world


def test_the_past_stays_and_the_future_is_drawn_from_the_forecast() -> None:
    world = small_world()
    later = run(world, DISPATCHER, ROUTER, days=1).end
    drawn = imagined(world, later, np.random.default_rng(0)).scenario.days.use_kg
    truth = world.scenario.days.use_kg
    assert np.array_equal(drawn[:24], truth[:24])
    assert not np.array_equal(drawn[24:], truth[24:])
    path = later.forecast.paths(1, np.random.default_rng(0))[0]
    assert drawn[24:48].sum(axis=0) == pytest.approx(path[:, 0])


def test_later_mornings_know_no_more_than_the_first() -> None:
    world, morning = small_world(), first_morning()
    fading = Fading(morning.forecast)  # type: ignore[arg-type]
    third = fading(morning.network, replace(morning.snapshot, time_min=2 * 1440))
    assert third.start_min == 2 * 1440
    assert third.quantile(0.5)[:, 0] == pytest.approx(morning.forecast.quantile(0.5)[:, 2])
    last = fading(morning.network, replace(morning.snapshot, time_min=30 * 1440))
    assert last.days == 1
    assert world.forecaster is not fading


def test_what_nobody_knows_yet_does_not_happen() -> None:
    world, morning = small_world(), first_morning()
    now = morning.snapshot.time_min
    at = {
        "from_min": np.array([now, now + 2880]),
        "to_min": np.array([now + 1440, now + 4320]),
        "known_min": np.array([now, now + 1]),
    }
    scenario = replace(
        world.scenario,
        breakdowns=Breakdowns(**at, vehicle=np.array([0, 0])),
        closures=Closures(**at, site=np.array([0, 0])),
    )
    drawn = imagined(replace(world, scenario=scenario), morning, np.random.default_rng(0)).scenario
    assert drawn.breakdowns.from_min.tolist() == drawn.closures.from_min.tolist() == [now]


def test_another_kind_of_forecast_is_refused() -> None:
    morning = first_morning()
    n = morning.network.n_tanks
    known = CumulativeForecast(0, np.array([0.5]), np.zeros((1, n, 25)))
    with pytest.raises(InputError, match="forecast"):
        imagined(small_world(), replace(morning, forecast=known), np.random.default_rng(0))
