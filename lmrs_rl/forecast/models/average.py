"""Forecast combination: the weighted mean of several models' quantiles."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lmrs_rl.domain import InputError
from lmrs_rl.domain.arrays import FloatArray
from lmrs_rl.forecast.models.empirical import monotone_quantiles
from lmrs_rl.forecast.models.protocol import FittedModel, TrainableModel
from lmrs_rl.forecast.panel import View


def average_quantiles(predicted: Sequence[FloatArray], weights: FloatArray) -> FloatArray:
    """Weighted mean (N, days, Q) [kg] of each quantile over models (Vincentization).

    Parameters
    ----------
    predicted : M arrays (N, days, Q) [kg]
    weights : (M,) shared by all series or (N, M) of each, >= 0, not all 0 in a row; scaled to sum
        to 1
    """
    shared = np.ndim(weights) == 1
    checked = _weights(weights, len(predicted), None if shared else len(predicted[0]))
    share = np.atleast_2d(checked)
    result = sum(share[:, m, None, None] * q for m, q in enumerate(predicted))
    # A mean of rising quantiles rises, but for rounding errors.
    return monotone_quantiles(np.asarray(result, dtype=np.float64))


@dataclass(frozen=True, eq=False)
class Average:
    """Models fitted independently and averaged quantile by quantile.

    Parameters
    ----------
    models : at least one
    weights : (M,) shared by all series, or (N, M) of each; ``None`` for equal weights
    """

    models: tuple[TrainableModel, ...]
    weights: FloatArray | None = None

    def __post_init__(self) -> None:
        if not self.models:
            raise InputError(
                "average.models", "none", "at least one model", "name the models to average"
            )
        if self.weights is not None:
            _weights(self.weights, len(self.models), None)

    @property
    def name(self) -> str:
        return "+".join(model.name for model in self.models)

    def fit(self, view: View, days: int) -> FittedAverage:
        weights = np.ones(len(self.models)) if self.weights is None else self.weights
        return FittedAverage(tuple(model.fit(view, days) for model in self.models), weights)


@dataclass(frozen=True, eq=False)
class FittedAverage:
    """Fitted models and their weights, (M,) or (N, M)."""

    members: tuple[FittedModel, ...]
    weights: FloatArray

    def __call__(self, view: View, days: int) -> FloatArray:
        """Daily quantiles (N, days, Q) [kg]; `InputError` if weights are for other series."""
        return average_quantiles([member(view, days) for member in self.members], self.weights)


def _weights(value: FloatArray, models: int, series: int | None) -> FloatArray:
    """Weights checked and scaled to sum to 1 over the models.

    ``series`` is None where the number of rows is not known yet.
    """
    weights = np.asarray(value, dtype=np.float64)
    rows: tuple[int, ...] = ()
    if weights.ndim == 2:
        rows = (len(weights) if series is None else series,)
    if weights.shape != (*rows, models):
        raise InputError(
            "average.weights",
            f"shape {weights.shape}",
            f"shape {(*rows, models)}",
            "give a weight for each model (and series)",
        )
    total = weights.sum(axis=-1, keepdims=True)
    if not np.all(np.isfinite(weights)) or np.any(weights < 0) or np.any(total <= 0):
        raise InputError(
            "average.weights",
            weights.tolist(),
            "numbers of at least 0, not all 0",
            "leave out the models that do not count",
        )
    return np.asarray(weights / total, dtype=np.float64)
