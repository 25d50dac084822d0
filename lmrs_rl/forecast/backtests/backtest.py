"""Backtests over rolling origins: models forecast past days from what was known before them."""

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
"""[days] Stocks at which stock-out probabilities are scored, in days of mean use over the four
weeks before the origin.
"""
_COVER_WINDOW = 28
"""[days] of use before the origin that the mean is taken over."""


@runtime_checkable
class Sampler(Protocol):
    """A fitted model that also draws sample paths, joint over days."""

    def sample(self, view: View, days: int, n: int, rng: np.random.Generator) -> FloatArray:
        """(n, N, days) [kg] ``n`` paths of daily use."""
        ...


@dataclass(frozen=True, eq=False)
class ModelRun:
    """Forecasts of one model: O origins, N series, H days ahead, Q quantiles.

    Attributes
    ----------
    name : of the model
    predicted : (O, N, H, Q) [kg] daily quantiles
    cumulative : (O, N, H, Q) [kg] quantiles of the use up to the end of each day, from paths; None
        where the model draws none
    stockout : reliability of the probabilities, from paths, that a stock is used up by the end of
        each day; None likewise
    fits : number of fits
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
    """Forecasts of several models from every origin, beside the measured use.

    Attributes
    ----------
    ids : (N,) ids of the series
    customer_type : (N,) type of each series
    first_day : date of the panel's row 0
    origins : (O,) first day of each forecast, rising
    quantiles : (Q,) levels
    actual : (O, N, H) [kg] measured use, NaN where not measured
    naive : (N,) [kg] in-sample error of the seasonal naive before the first origin, the scale of
        MASE
    runs : one for each model
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
        """Number H of days ahead."""
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
    """Let every model forecast ``days`` days from every origin.

    Models see ``panel.known_at(origin)`` only.

    Parameters
    ----------
    panel : N series, which contains all days of every origin
    models : with different names
    origins : rising days of the panel
    days : [days] length of the forecasts, >= 1
    refit_every : a model is fitted anew at every so many-th origin, from the first one on, >= 1
    paths : number of paths drawn at each origin from models that offer them, >= 2
    cover_days : [days] see `COVER_DAYS`, > 0
    seed : of the paths; each origin has a stream of its own, the same for every model
    on_origin : called with the model's name and the origin's position after each

    Raises
    ------
    InputError
        For an argument out of range, or a model whose answer is no quantile forecast.
    """
    _check(panel, models, origins, days, refit_every, paths)
    actual = np.stack([panel.use[o : o + days].T for o in origins])
    cover = np.array(cover_days, dtype=np.float64)
    plan = _Plan(panel, tuple(origins), actual, refit_every, paths, cover, seed)
    runs = tuple(_run(plan, model, on_origin or _no_progress) for model in models)
    return BacktestResult(
        panel.ids,
        panel.customer_type,
        panel.first_day,
        np.array(origins, dtype=np.int64),
        QUANTILES,
        actual,
        naive_errors(panel.use[: origins[0]]),
        runs,
    )


def spread_origins(panel: Panel, days: int, count: int, step: int) -> tuple[int, ...]:
    """The last ``count`` origins, ``step`` days apart, whose days all lie inside the panel.

    Raises
    ------
    InputError
        Where the panel is too short.
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
    """(C, N) [kg] stocks that cover so many days (C,) of the mean use of the last four weeks.

    NaN for a series without any use in them.
    """
    recent = view.past.use[-_COVER_WINDOW:] if view.origin else np.zeros((0, view.n))
    mean = measured_mean(recent)
    return np.asarray(cover_days[:, None] * np.where(mean > 0, mean, np.nan), dtype=np.float64)


def stockout_reliability(sample: FloatArray, actual: FloatArray, stock: FloatArray) -> Reliability:
    """Reliability of the probability that a stock is used up by the end of a day.

    Parameters
    ----------
    sample : (n, N, H) [kg] paths of daily use
    actual : (N, H) [kg] measured use
    stock : (C, N) [kg] stocks, NaN for those that do not count
    """
    # After a day not measured the sum stays NaN: whether the stock lasted is not known then.
    used, truth = np.cumsum(sample, axis=2), np.cumsum(actual, axis=1)
    total = Reliability.none()
    for level in stock:
        probability = np.where(
            np.isnan(level)[:, None], np.nan, (used >= level[None, :, None]).mean(axis=0)
        )
        happened = np.where(np.isnan(truth), np.nan, truth >= level[:, None])
        total += Reliability.of(probability, happened)
    return total


@dataclass(frozen=True, eq=False)
class _Plan:
    """The arguments of `backtest` that are the same for all models; ``actual`` is (O, N, H)."""

    panel: Panel
    origins: tuple[int, ...]
    actual: FloatArray
    refit_every: int
    paths: int
    cover: FloatArray
    seed: int


def _run(plan: _Plan, model: TrainableModel, on_origin: Callable[[str, int], None]) -> ModelRun:
    """The forecasts of one model from all origins."""
    shape = (*plan.actual.shape, len(QUANTILES))
    predicted, cumulative = np.zeros(shape, dtype=np.float32), np.zeros(shape, dtype=np.float32)
    seconds, stockout, fits, sampled = np.zeros(3), Reliability.none(), 0, False
    fitted: FittedModel | None = None
    for k, origin in enumerate(plan.origins):
        view, days = plan.panel.known_at(origin), plan.actual.shape[2]
        started = process_time()
        if fitted is None or k % plan.refit_every == 0:
            fitted, fits = model.fit(view, days), fits + 1
        ready = process_time()
        predicted[k] = _checked(model.name, fitted(view, days), shape[1:])
        answered = process_time()
        if isinstance(fitted, Sampler):
            rng = np.random.default_rng((plan.seed, origin))
            sample = fitted.sample(view, days, plan.paths, rng)
            seconds[2] += process_time() - answered
            cumulative[k] = _cumulative_quantiles(sample)
            stockout += stockout_reliability(sample, plan.actual[k], stocks(view, plan.cover))
            sampled = True
        seconds[:2] += (ready - started, answered - ready)
        on_origin(model.name, k)
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


def _cumulative_quantiles(sample: FloatArray) -> FloatArray:
    """(N, H, Q) [kg] quantiles of the use up to the end of each day, from paths (n, N, H)."""
    total = np.quantile(np.cumsum(sample, axis=2), QUANTILES, axis=0)
    return np.asarray(np.moveaxis(total, 0, -1), dtype=np.float64)


def _checked(name: str, quantiles: FloatArray, shape: tuple[int, ...]) -> FloatArray:
    """A model's answer, refused unless it is a quantile forecast of the given shape."""
    field = f"forecast of model {name}"
    if quantiles.shape != shape:
        raise InputError(
            field,
            f"shape {quantiles.shape}",
            f"shape {shape}: series, days, quantiles",
            "correct the model",
        )
    if not np.all(np.isfinite(quantiles)) or np.any(quantiles < 0):
        raise InputError(
            field, "NaN, infinite or negative entries", "finite numbers >= 0", "correct the model"
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
    """Refuse arguments of `backtest` that are out of range."""
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


def _no_progress(name: str, origin: int) -> None:
    """No-op callback."""
