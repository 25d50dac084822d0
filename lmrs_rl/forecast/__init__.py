"""Floor 2: probabilistic forecasts of what tanks will use."""

from lmrs_rl.forecast.cube import ForecastCube, build_cube, open_cube
from lmrs_rl.forecast.known_use import KnownUse
from lmrs_rl.forecast.live import PanelForecaster, SnapshotForecaster
from lmrs_rl.forecast.models.auto import AutoModel, FittedAuto
from lmrs_rl.forecast.panel import Panel, Shutdowns
from lmrs_rl.forecast.protocol import Forecaster
from lmrs_rl.forecast.weekday_quantiles import WeekdayQuantiles

__all__ = [
    "AutoModel",
    "FittedAuto",
    "ForecastCube",
    "Forecaster",
    "KnownUse",
    "Panel",
    "PanelForecaster",
    "Shutdowns",
    "SnapshotForecaster",
    "WeekdayQuantiles",
    "build_cube",
    "open_cube",
]
