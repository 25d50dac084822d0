"""Forecasting models by their names on the command line."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib.util import find_spec
from pathlib import Path

from lmrs_rl.domain import InputError
from lmrs_rl.errors import MissingExtraError
from lmrs_rl.forecast.models.auto import AutoModel, FittedAuto
from lmrs_rl.forecast.models.boosted import BoostedModel
from lmrs_rl.forecast.models.network_model import NeuralModel
from lmrs_rl.forecast.models.protocol import TrainableModel
from lmrs_rl.forecast.models.ridge import RidgeModel
from lmrs_rl.forecast.models.seasonal_naive import SeasonalNaive
from lmrs_rl.forecast.models.statistical import Statistical
from lmrs_rl.forecast.panel import View

MODELS: dict[str, tuple[Callable[[], TrainableModel], str | None, str]] = {
    "auto": (AutoModel, "lightgbm", "forecast"),
    "boosted": (BoostedModel, "lightgbm", "forecast"),
    "ridge": (RidgeModel, None, ""),
    "naive": (SeasonalNaive, None, ""),
    "network": (NeuralModel, "torch", "train"),
    "ets": (lambda: Statistical("AutoETS"), "statsforecast", "forecast"),
    "theta": (lambda: Statistical("DynamicOptimizedTheta"), "statsforecast", "forecast"),
    "croston": (lambda: Statistical("CrostonSBA"), "statsforecast", "forecast"),
}
"""Constructor of each model, the package that it requires and the extra that installs it."""


def make_models(names: Sequence[str]) -> list[TrainableModel]:
    """Models by name.

    Raises
    ------
    InputError
        For an unknown or repeated name.
    MissingExtraError
        Where a package that a model requires is not installed.
    """
    found = []
    for k, name in enumerate(names):
        if name not in MODELS:
            raise InputError(
                "--model", repr(name), f"one of {', '.join(MODELS)}", "check the spelling"
            )
        if name in names[:k]:
            raise InputError("--model", f"{name!r} twice", "each model once", "remove one")
        _require_package(name)
        found.append(MODELS[name][0]())
    return found


def fit(view: View, days: int) -> FittedAuto:
    """Fit the production model on what ``view`` knows, for ``days`` days ahead."""
    _require_package("auto")
    return AutoModel().fit(view, days)


def load_fitted(folder: Path) -> FittedAuto:
    """Load the production model that ``lmrs forecast fit`` saved."""
    _require_package("auto")
    return AutoModel.load(folder)


def _require_package(name: str) -> None:
    _, module, extra = MODELS[name]
    # Looked for, not imported: importing torch alone takes seconds.
    if module is not None and find_spec(module) is None:
        raise MissingExtraError(module, extra)
