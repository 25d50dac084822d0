"""Every model there is, by name, as small as it still is itself: for suites that hold all of
them to one contract.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from importlib.util import find_spec

import numpy as np
import pytest

from lmrs_rl.forecast.models.auto import AutoModel
from lmrs_rl.forecast.models.average import Average
from lmrs_rl.forecast.models.boosted import BoostedModel
from lmrs_rl.forecast.models.network_layout import NeuralSettings
from lmrs_rl.forecast.models.network_model import NeuralModel
from lmrs_rl.forecast.models.protocol import FittedModel, TrainableModel
from lmrs_rl.forecast.models.ridge import RidgeModel
from lmrs_rl.forecast.models.seasonal_naive import SeasonalNaive
from lmrs_rl.forecast.models.statistical import Statistical
from tests.forecast.small_panels import small_panel

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
    "Boosted": lambda: BoostedModel(trees=5, rows=800),
    "Auto": lambda: AutoModel(
        (BoostedModel(trees=5, rows=800), RidgeModel(), SeasonalNaive()), windows=4
    ),
}

NAMES = [
    # A search over many models each morning; others of its class answer for it by default.
    pytest.param(name, marks=pytest.mark.heavy) if name == "AutoETS" else name
    for name in MODELS
]
"""The names for parametrised tests."""

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


@cache
def fitted(name: str, origin: int = 150, days: int = 7) -> FittedModel:
    """The model as it learned from the small panel on morning ``origin``, once for all tests.

    What a fitted model answers does not change by asking, which has a test of its own.
    """
    return make(name).fit(small_panel().known_at(origin), days)
