"""Every model there is, by name, as small as it still is itself: for suites that hold all of
them to one contract.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec

import numpy as np
import pytest

from lmrs_rl.forecast.models.auto import AutoModel
from lmrs_rl.forecast.models.average import Average
from lmrs_rl.forecast.models.boosted import BoostedModel
from lmrs_rl.forecast.models.network_layout import NeuralSettings
from lmrs_rl.forecast.models.network_model import NeuralModel
from lmrs_rl.forecast.models.protocol import TrainableModel
from lmrs_rl.forecast.models.ridge import RidgeModel
from lmrs_rl.forecast.models.seasonal_naive import SeasonalNaive
from lmrs_rl.forecast.models.statistical import Statistical

MODELS: dict[str, Callable[[], TrainableModel]] = {
    "SeasonalNaive": SeasonalNaive,
    "AutoETS": lambda: Statistical("AutoETS"),
    "DynamicOptimizedTheta": lambda: Statistical("DynamicOptimizedTheta"),
    "CrostonSBA": lambda: Statistical("CrostonSBA"),
    "ADIDA": lambda: Statistical("ADIDA"),
    "IMAPA": lambda: Statistical("IMAPA"),
    "Network": lambda: NeuralModel(NeuralSettings(hidden=8, windows=200, epochs=2)),
    "Average": lambda: Average((SeasonalNaive(), Statistical("ADIDA")), np.array([1.0, 3.0])),
    "Ridge": RidgeModel,
    "Boosted": lambda: BoostedModel(trees=5, rows=2000),
    "Auto": lambda: AutoModel(
        (BoostedModel(trees=5, rows=2000), RidgeModel(), SeasonalNaive()), windows=4
    ),
}

NEEDS = {
    "Network": "torch",
    **dict.fromkeys(
        ("AutoETS", "DynamicOptimizedTheta", "CrostonSBA", "ADIDA", "IMAPA", "Average"),
        "statsforecast",
    ),
    **dict.fromkeys(("Boosted", "Auto"), "lightgbm"),
}


def make(name: str) -> TrainableModel:
    """The model, or a skipped test where what it needs is not installed."""
    needed = NEEDS.get(name)
    if needed is not None and find_spec(needed) is None:
        pytest.skip(f"{name} needs {needed}, which is not installed")
    return MODELS[name]()
