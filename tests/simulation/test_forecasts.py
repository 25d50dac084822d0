"""Forecasts of a scenario's mornings: from what was known then, by the model asked for or a
cube.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from lmrs_rl.domain import InputError
from lmrs_rl.forecast.models.ridge import RidgeModel
from lmrs_rl.forecast.weekly_table import ForecastTable, WeeklyRidge, weekly_table
from lmrs_rl.simulation import run, scenario_forecaster
from lmrs_rl.simulation.forecasts import DAYS, ForecastModel, write_cube
from tests.environment.small import PLANNER, nothing, small_env, small_scenario, small_world

SCENARIO = small_scenario()


def table(mornings: int = 10) -> ForecastTable:
    return weekly_table(SCENARIO.panel, SCENARIO.first_day, mornings, DAYS, SCENARIO.profile)


def test_the_future_of_the_panel_does_not_change_a_forecast() -> None:
    panel, cut = SCENARIO.panel, SCENARIO.first_day + 4
    use, temperature, issued = (
        np.array(panel.use),
        np.array(panel.temperature),
        np.array(panel.issued),
    )
    use[cut:] *= 3.0
    temperature[cut:] -= 10.0
    issued[cut:] -= 10.0
    other = replace(panel, use=use, temperature=temperature, issued=issued)
    changed = weekly_table(other, SCENARIO.first_day, 10, DAYS, SCENARIO.profile)
    assert np.array_equal(changed.daily_kg[:5], table().daily_kg[:5])
    assert not np.array_equal(changed.daily_kg[8], table().daily_kg[8])


def test_on_the_day_it_learns_it_says_what_the_ridge_says() -> None:
    view = SCENARIO.panel.known_at(SCENARIO.first_day)
    weekly, ridge = (
        WeeklyRidge().fit(view, DAYS)(view, DAYS),
        RidgeModel().fit(view, DAYS)(view, DAYS),
    )
    grown = (~np.isnan(view.past.use)).sum(axis=0) >= 21
    # A building feels days longer ago than five by less than a per cent.
    assert weekly[grown] == pytest.approx(
        ridge[grown], rel=0.05, abs=0.02 * float(ridge[grown].max())
    )


def test_a_forecast_is_a_distribution_of_the_right_shape() -> None:
    forecast = table().at(SCENARIO.first_day + 3)
    assert forecast.start_min == 3 * 1440
    assert forecast.daily_kg.shape[:2] == (SCENARIO.network.n_tanks, DAYS)
    assert np.all(forecast.daily_kg >= 0)
    assert np.all(np.diff(forecast.daily_kg, axis=2) >= 0)


def test_mornings_beyond_the_table_are_refused() -> None:
    made = table(2)
    made.at(SCENARIO.first_day + 1)
    for day in (-1, 2):
        with pytest.raises(InputError, match="day"):
            made.at(SCENARIO.first_day + day)


@pytest.mark.parametrize("model", ["weekly", "ridge"])
def test_a_cube_made_before_says_the_same_as_its_model(
    model: ForecastModel, tmp_path: Path
) -> None:
    write_cube(tmp_path, SCENARIO, model)
    later = run(small_world(), PLANNER, days=2).end.snapshot
    for snapshot in (SCENARIO.days.start, later):
        made = [
            f(SCENARIO.network, snapshot)
            for f in (
                scenario_forecaster(SCENARIO, model),
                scenario_forecaster(SCENARIO, cubes=tmp_path),
            )
        ]
        assert np.array_equal(made[0].cumulative(0.7), made[1].cumulative(0.7))
    with pytest.raises(InputError):
        write_cube(tmp_path, SCENARIO, model)
    with pytest.raises(InputError):
        scenario_forecaster(SCENARIO, cubes=tmp_path / "nowhere")


def test_an_environment_on_cubes_plays_as_one_without(tmp_path: Path) -> None:
    write_cube(tmp_path, SCENARIO, "weekly")
    rewards = []
    for env in (small_env(), small_env(cubes=tmp_path)):
        env.reset(options={"seed_of_world": SCENARIO.seed})
        rewards.append(env.step(nothing(env))[1])
    assert rewards[0] == rewards[1]


@pytest.mark.heavy
def test_the_automatic_model_forecasts_too() -> None:
    pytest.importorskip("lightgbm")
    forecast = scenario_forecaster(SCENARIO, "auto")(SCENARIO.network, SCENARIO.days.start)
    assert forecast.days == DAYS


def test_an_unknown_model_is_refused() -> None:
    with pytest.raises(InputError, match="forecast"):
        scenario_forecaster(SCENARIO, "oracle")  # type: ignore[arg-type]
