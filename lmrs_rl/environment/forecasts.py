"""Module 1 for a scenario: who foretells its mornings."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from lmrs_rl.domain import InputError
from lmrs_rl.domain.arrays import MINUTES_PER_DAY
from lmrs_rl.environment.weekly import weekly_table
from lmrs_rl.forecast.cube import open_cube
from lmrs_rl.forecast.live import PanelForecaster
from lmrs_rl.forecast.model import FittedModel
from lmrs_rl.forecast.ridge import RidgeModel
from lmrs_rl.planning import Forecaster
from lmrs_rl.worlds import Scenario

ForecastModel = Literal["weekly", "ridge", "auto"]
DAYS = 7
"""[days] length of the forecasts: orders look five days ahead, and a window may end later."""


def scenario_forecaster(scenario: Scenario, model: ForecastModel = "weekly", *, cubes: Path | None = None, mornings: int | None = None) -> Forecaster:
    """A forecaster of the mornings of ``scenario`` that knows of each what was known then.

    Parameters
    ----------
    model : "weekly" solves a ridge every seventh morning and is the cheapest by far; "ridge" does each morning; "auto" also learns
        boosted trees on the first one
    cubes : folder with a forecast cube for the scenario, in a folder of the name that `cube_name` gives, instead
    mornings : how many "weekly" makes forecasts for; all of the scenario and the one after it if not given

    Raises
    ------
    InputError
        For an unknown model, or a cube that is missing or broken.
    """
    if cubes is not None:
        return open_cube(Path(cubes) / cube_name(scenario))
    if model == "weekly":
        count = scenario.days_total + 1 if mornings is None else mornings
        return weekly_table(scenario.panel, scenario.first_day, count, DAYS, scenario.profile)
    return panel_forecaster(scenario, model)


def panel_forecaster(scenario: Scenario, model: ForecastModel) -> PanelForecaster:
    """The forecaster that asks ``model`` live, see `scenario_forecaster`."""
    fitted = _fitted(scenario, model)
    return PanelForecaster(scenario.panel, fitted, DAYS, -MINUTES_PER_DAY * scenario.first_day, scenario.profile)


def cube_name(scenario: Scenario) -> str:
    """Name of the folder of a scenario's forecast cube."""
    return f"{scenario.name.replace(':', '-')}-{scenario.seed}"


def _fitted(scenario: Scenario, model: ForecastModel) -> FittedModel:
    if model == "ridge":
        return RidgeModel()
    if model == "auto":
        from lmrs_rl.forecast.auto import AutoModel

        return AutoModel().fit(scenario.panel.known_at(scenario.first_day), DAYS)
    raise InputError("forecast", repr(model), "'weekly', 'ridge' or 'auto'", "see scenario_forecaster")
