"""Rolling origins: models foretell what followed past mornings from what was known then."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from time import process_time
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from lmrs_rl.domain import InputError
from lmrs_rl.domain.arrays import FloatArray, IntArray
from lmrs_rl.forecast.backtests.metrics import Reliability, naive_errors
from lmrs_rl.forecast.models.empirical import measured_mean
from lmrs_rl.forecast.models.protocol import QUANTILES, FittedModel, TrainableModel
from lmrs_rl.forecast.panel import Panel, View

Float32Array = NDArray[np.float32]

COVER_DAYS = (1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 10.0, 12.0, 14.0)
"""[days] Stocks that stock-out probabilities are judged at, in mean days of use of the four
weeks before the origin.
"""
COVER_WINDOW = 28


@runtime_checkable
class Sampler(Protocol):
    """What a fitted model may offer: paths that are joint over days."""

    def sample(self, view: View, days: int, n: int, rng: np.random.Generator) -> FloatArray:
        """(n, N, days) [kg]"""
        ...


@dataclass(frozen=True, eq=False)
class ModelRun:
    """What one model said; O origins, N series, H days ahead, Q quantiles.

    Attributes
    ----------
    name : of the model
    predicted : (O, N, H, Q) [kg] daily quantiles
    cumulative : (O, N, H, Q) [kg] quantiles of the use up to the end of each day, from paths; None
        where the model has none
    stockout : probabilities, from paths, that a stock is used up by the end of each day; None
        likewise
    fits : how often it was fitted
    fit_s, predict_s, sample_s : [s] CPU time of all fits, predictions, draws of paths
    """

    name: str
    predicted: Float32Array
    cumulative: Float32Array | None
    stockout: Reliability | None
    fits: int
    fit_s: float
    predict_s: float
    sample_s: float


@dataclass(frozen=True, eq=False)
class BacktestResult:
    """What models said from every origin, beside what happened.

    Attributes
    ----------
    ids : (N,) of the series
    customer_type : (N,)
    first_day : date of the panel's row 0
    origins : (O,) rising: the first day foretold
    quantiles : (Q,)
    actual : (O, N, H) [kg] NaN where not measured
    naive : (N,) [kg] in-sample error of the seasonal naive before the first origin, the scale of
        MASE
    runs : one a model
    """

    ids: tuple[str, ...]
    customer_type: IntArray
    first_day: np.datetime64
    origins: IntArray
    quantiles: FloatArray
    actual: FloatArray
    naive: FloatArray
    runs: tuple[ModelRun, ...]

    @property
    def days(self) -> int:
        """H, the days ahead."""
        return int(self.actual.shape[2])

    def run(self, name: str) -> ModelRun:
        """The run of the model of that name (`InputError` where there is none)."""
        for each in self.runs:
            if each.name == name:
                return each
        raise InputError(
            "model",
            repr(name),
            f"one of {', '.join(each.name for each in self.runs)}",
            "check the name",
        )


def backtest(
    panel: Panel,
    models: Sequence[TrainableModel],
    *,
    origins: Sequence[int],
    days: int,
    refit_every: int = 4,
    paths: int = 400,
    cover_days: Sequence[float] = COVER_DAYS,
    seed: int = 0,
    on_origin: Callable[[str, int], None] | None = None,
) -> BacktestResult:
    """Let every model foretell ``days`` days from every origin, through ``panel.known_at(origin)``
    only.

    Parameters
    ----------
    panel : N series, each origin with all its days inside
    models : with different names
    origins : rising days of the panel
    days : >= 1
    refit_every : a model is fitted at the first origin and at every so many-th after it, >= 1
    paths : how many are drawn at each origin from models that offer them, >= 2
    cover_days : [days] see `COVER_DAYS`, > 0
    seed : of the paths; each origin has a stream of its own, the same for every model
    on_origin : called with the model's name and the origin's position after each

    Raises
    ------
    InputError
        For an argument out of range, or a model whose answer is no quantile forecast.
    """
    _check(panel, models, origins, days, refit_every, paths)
    at = np.array(origins, dtype=np.int64)
    actual = np.stack([panel.use[o : o + days].T for o in origins])
    runs = []
    for model in models:
        told = on_origin if on_origin is not None else _silent
        runs.append(
            _run(
                panel,
                model,
                origins,
                actual,
                refit_every,
                paths,
                np.array(cover_days, dtype=np.float64),
                seed,
                told,
            )
        )
    naive = naive_errors(panel.use[: origins[0]])
    return BacktestResult(
        panel.ids, panel.customer_type, panel.first_day, at, QUANTILES, actual, naive, tuple(runs)
    )


def spread_origins(panel: Panel, days: int, count: int, step: int) -> tuple[int, ...]:
    """The last ``count`` origins, ``step`` days apart, whose days all lie inside the panel
    (`InputError` where it is too short).
    """
    last = panel.days - days
    first = last - (count - 1) * step
    if count < 1 or step < 1 or days < 1 or first < 1:
        wanted = f"more than {days + max(count - 1, 0) * step} days, and counts of at least 1"
        raise InputError(
            "origins",
            f"{count} origins {step} days apart on {panel.days} days",
            wanted,
            "ask for fewer or closer origins",
        )
    return tuple(range(first, last + 1, step))


def stocks(view: View, cover_days: FloatArray) -> FloatArray:
    """(C, N) [kg] stocks of so many mean days of use of the last four weeks; NaN for a series
    without any use in them.
    """
    recent = view.past.use[-COVER_WINDOW:] if view.origin else np.zeros((0, view.n))
    mean = measured_mean(recent)
    return np.asarray(cover_days[:, None] * np.where(mean > 0, mean, np.nan), dtype=np.float64)


def stockout_reliability(sample: FloatArray, actual: FloatArray, stock: FloatArray) -> Reliability:
    """Probabilities that each stock (C, N) is used up by the end of each day, from paths (n, N,
    H), against ``actual`` (N, H).
    """
    used, truth = np.cumsum(sample, axis=2), np.cumsum(actual, axis=1)
    total = Reliability.none()
    for level in stock:
        probability = np.where(
            np.isnan(level)[:, None], np.nan, (used >= level[None, :, None]).mean(axis=0)
        )
        happened = np.where(np.isnan(truth), np.nan, truth >= level[:, None])
        total += Reliability.of(probability, happened)
    return total


def _run(
    panel: Panel,
    model: TrainableModel,
    origins: Sequence[int],
    actual: FloatArray,
    refit_every: int,
    paths: int,
    cover: FloatArray,
    seed: int,
    told: Callable[[str, int], None],
) -> ModelRun:
    shape = (*actual.shape, len(QUANTILES))
    predicted, cumulative = np.zeros(shape, dtype=np.float32), np.zeros(shape, dtype=np.float32)
    seconds, stockout, fits, sampled = np.zeros(3), Reliability.none(), 0, False
    fitted: FittedModel | None = None
    for k, origin in enumerate(origins):
        view, days = panel.known_at(origin), actual.shape[2]
        started = process_time()
        if fitted is None or k % refit_every == 0:
            fitted, fits = model.fit(view, days), fits + 1
        ready = process_time()
        predicted[k] = _checked(model.name, fitted(view, days), shape[1:])
        answered = process_time()
        if isinstance(fitted, Sampler):
            sample = fitted.sample(view, days, paths, np.random.default_rng((seed, origin)))
            seconds[2] += process_time() - answered
            cumulative[k] = np.moveaxis(
                np.quantile(np.cumsum(sample, axis=2), QUANTILES, axis=0), 0, -1
            )
            stockout += stockout_reliability(sample, actual[k], stocks(view, cover))
            sampled = True
        seconds[:2] += (ready - started, answered - ready)
        told(model.name, k)
    fit_s, predict_s, sample_s = (float(each) for each in seconds)
    return ModelRun(
        model.name,
        predicted,
        cumulative if sampled else None,
        stockout if sampled else None,
        fits,
        fit_s,
        predict_s,
        sample_s,
    )


def _checked(name: str, quantiles: FloatArray, shape: tuple[int, ...]) -> FloatArray:
    field = f"forecast of model {name}"
    if quantiles.shape != shape:
        raise InputError(
            field,
            f"shape {quantiles.shape}",
            f"shape {shape}: series, days, quantiles",
            "mend the model",
        )
    if not np.all(np.isfinite(quantiles)) or np.any(quantiles < 0):
        raise InputError(
            field, "NaN, infinite or negative entries", "finite numbers >= 0", "mend the model"
        )
    if np.any(np.diff(quantiles, axis=-1) < 0):
        raise InputError(
            field, "a quantile below the one before it", "quantiles that never fall", "sort them"
        )
    return quantiles


def _check(
    panel: Panel,
    models: Sequence[TrainableModel],
    origins: Sequence[int],
    days: int,
    refit_every: int,
    paths: int,
) -> None:
    names = [model.name for model in models]
    if not names or len(set(names)) < len(names):
        raise InputError(
            "models", names, "one or more models with different names", "rename or remove one"
        )
    for field, value, least in (
        ("days", days, 1),
        ("refit_every", refit_every, 1),
        ("paths", paths, 2),
    ):
        if value < least:
            raise InputError(field, value, f"at least {least}", "correct the argument")
    if not origins or any(b <= a for a, b in pairwise(origins)):
        raise InputError(
            "origins", list(origins), "one or more rising days", "sort them and remove doubles"
        )
    if origins[0] < 0 or origins[-1] + days > panel.days:
        raise InputError(
            "origins",
            list(origins),
            f"0 to {panel.days - days}, so that all {days} days lie inside the panel",
            "move them",
        )


def _silent(name: str, origin: int) -> None:
    """Nobody listens."""
