"""Forecasters for the mornings of a scenario."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Literal, get_args

import numpy as np

from lmrs_rl.domain import InputError
from lmrs_rl.domain.arrays import MINUTES_PER_DAY
from lmrs_rl.domain.fingerprints import folder_sha256
from lmrs_rl.forecast import KnownUse
from lmrs_rl.forecast.cube import build_cube, open_cube
from lmrs_rl.forecast.live import PanelForecaster
from lmrs_rl.forecast.models.protocol import FittedModel
from lmrs_rl.forecast.models.ridge import RidgeModel
from lmrs_rl.forecast.protocol import Forecaster
from lmrs_rl.forecast.weekly_table import ForecastTable, weekly_table
from lmrs_rl.worlds import Scenario

ForecastModel = Literal["weekly", "ridge", "auto"]
DAYS = 7
"""[days] Horizon of the forecasts: orders look five days ahead, and a window may end later."""


def scenario_forecaster(
    scenario: Scenario,
    model: ForecastModel = "weekly",
    *,
    cubes: Path | None = None,
    mornings: int | None = None,
) -> Forecaster:
    """A forecaster for the mornings of ``scenario`` that never uses later data.

    Parameters
    ----------
    model : "weekly" fits a ridge regression every seventh morning and is by far the cheapest;
        "ridge" fits one each morning; "auto" also trains boosted trees on the first morning
    cubes : folder with a forecast cube of the scenario that `write_cube` made; it replaces the
        model
    mornings : number of mornings that "weekly" prepares; by default all of the scenario and the
        one after it

    Raises
    ------
    InputError
        For an unknown model, or a cube that is missing or broken.
    """
    if cubes is not None:
        return open_cube(Path(cubes) / cube_name(scenario))
    # One more than days: the end of a rollout is the morning after the last one.
    return _by_model(scenario, model, scenario.days_total + 1 if mornings is None else mornings)


def hindsight(scenario: Scenario) -> KnownUse:
    """A forecaster that knows the true consumption, including the hours after the last day."""
    return KnownUse(
        replace(scenario.days, use_kg=np.concatenate([scenario.days.use_kg, scenario.after_kg]))
    )


def write_cube(folder: Path | str, scenario: Scenario, model: ForecastModel = "auto") -> Path:
    """Forecast every morning of ``scenario`` with ``model`` and store a cube under ``folder``.

    Returns
    -------
    Path
        Folder of the cube.

    Raises
    ------
    InputError
        For a cube that exists already, or an unknown model.
    """
    path = Path(folder) / cube_name(scenario)
    first = scenario.first_day
    build_cube(
        path,
        _by_model(scenario, model, scenario.days_total + 1),
        first,
        first + scenario.days_total,
    )
    return path


def _by_model(
    scenario: Scenario, model: ForecastModel, mornings: int
) -> PanelForecaster | ForecastTable:
    if model == "weekly":
        return weekly_table(scenario.panel, scenario.first_day, mornings, DAYS, scenario.profile)
    fitted = _fitted(scenario, model)
    # The network's clock is 0 on the first morning, which is row `first_day` of the panel.
    return PanelForecaster(
        scenario.panel, fitted, DAYS, -MINUTES_PER_DAY * scenario.first_day, scenario.profile
    )


def cube_name(scenario: Scenario) -> str:
    """Folder name of a scenario's forecast cube."""
    return f"{scenario.name.replace(':', '-')}-{scenario.seed}"


def cube_sha256(cubes: Path, scenario: Scenario) -> str:
    """Fingerprint of the scenario's forecast cube (`InputError` if it is missing or broken)."""
    return folder_sha256(open_cube(cubes / cube_name(scenario)).path)


def _fitted(scenario: Scenario, model: ForecastModel) -> FittedModel:
    if model == "ridge":
        return RidgeModel()
    if model == "auto":
        # Imported late: boosted trees come with an extra that most callers do not need.
        from lmrs_rl.forecast.models.auto import AutoModel

        return AutoModel().fit(scenario.panel.known_at(scenario.first_day), DAYS)
    raise _unknown(model)


def check_model(model: str) -> None:
    """Raise `InputError` for an unknown forecast model."""
    if model not in get_args(ForecastModel):
        raise _unknown(model)


def _unknown(model: str) -> InputError:
    return InputError(
        "forecast",
        repr(model),
        f"one of {', '.join(get_args(ForecastModel))}",
        "see scenario_forecaster",
    )
