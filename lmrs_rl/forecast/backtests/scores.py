"""Scores of a backtest: a row of figures for each model, and ratios between models."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from lmrs_rl.domain import InputError
from lmrs_rl.domain.arrays import BoolArray, FloatArray, IntArray
from lmrs_rl.forecast.backtests.backtest import BacktestResult, Float32Array, ModelRun
from lmrs_rl.forecast.backtests.metrics import (
    BootstrapInterval,
    covered,
    mase,
    means_of_quantiles,
    quantile_losses,
    rmse,
    scaled_loss_interval,
    scaled_quantile_losses,
    wape,
    weighted_quantile_loss,
)

_BANDS = (0.8, 0.95)
_CUMULATIVE_DAYS = (3, 5, 7)


@dataclass(frozen=True)
class Coverage:
    """Share of the measured use that lay in the central 80 and 95 % bands.

    Attributes
    ----------
    days : number of days ahead that are summed; 1 for each day by itself
    band_80, band_95 : in [0, 1] with ties shared, see `covered`; NaN where the model has no paths
    plain_80, plain_95 : the same with a tie counted as inside, which is the higher, the more days
        are without use
    """

    days: int
    band_80: float
    band_95: float
    plain_80: float
    plain_95: float


@dataclass(frozen=True)
class Scores:
    """The figures of one model.

    Attributes
    ----------
    name : of the model
    wql : weighted quantile loss over all series together
    scaled_wql : mean of the wQL of each series; series without any use in the windows are left out
    wape : weighted absolute percentage error of the median
    mase : mean absolute scaled error of the median
    rmse : [kg] root mean squared error of the mean
    coverage : of single days, then of sums over 3, 5 and 7 days as far as forecasts reach
    brier, ece : Brier score and expected calibration error of the stock-out probability, NaN
        without paths
    fit_s, predict_s, sample_s : [s] CPU time per fit, per prediction, per draw of paths
    """

    name: str
    wql: float
    scaled_wql: float
    wape: float
    mase: float
    rmse: float
    coverage: tuple[Coverage, ...]
    brier: float
    ece: float
    fit_s: float
    predict_s: float
    sample_s: float

    def as_dict(self) -> dict[str, str | float]:
        """Flat, for files: ``coverage_80``, ``coverage_80_days_3`` and so on."""
        flat: dict[str, str | float] = {
            name: getattr(self, name)
            for name in ("name", "wql", "scaled_wql", "wape", "mase", "rmse")
        }
        for each in self.coverage:
            end = "" if each.days == 1 else f"_days_{each.days}"
            flat |= {f"coverage_80{end}": each.band_80, f"coverage_95{end}": each.band_95}
            flat |= {
                f"plain_coverage_80{end}": each.plain_80,
                f"plain_coverage_95{end}": each.plain_95,
            }
        return flat | {
            name: getattr(self, name) for name in ("brier", "ece", "fit_s", "predict_s", "sample_s")
        }


def scores(
    result: BacktestResult, *, quantiles: Sequence[float] | None = None
) -> tuple[Scores, ...]:
    """Figures of every model, with losses over the given quantiles, all by default.

    Raises
    ------
    InputError
        For a quantile that was not forecast.
    """
    keep = _quantile_positions(result.quantiles, quantiles)
    return tuple(_scores(result, run, keep) for run in result.runs)


def scaled_wql_ratio(
    result: BacktestResult,
    name: str,
    against: str,
    rng: np.random.Generator,
    *,
    quantiles: Sequence[float] | None = None,
    draws: int = 2000,
) -> BootstrapInterval:
    """Mean scaled wQL of one model over another's, with a paired bootstrap interval."""
    keep = _quantile_positions(result.quantiles, quantiles)
    loss, size = _losses(result, result.run(name), keep)
    other, _ = _losses(result, result.run(against), keep)
    return scaled_loss_interval(loss, size, rng, against=other, draws=draws)


def only(result: BacktestResult, series: BoolArray) -> BacktestResult:
    """The backtest of some ``series``, a mask (N,).

    Stock-out figures are dropped: they are stored summed over all series.
    """

    def cut(run: ModelRun) -> ModelRun:
        return replace(
            run,
            predicted=run.predicted[:, series],
            cumulative=None if run.cumulative is None else run.cumulative[:, series],
            stockout=None,
        )

    ids = tuple(name for name, kept in zip(result.ids, series.tolist(), strict=True) if kept)
    runs = tuple(cut(run) for run in result.runs)
    types, naive = result.customer_type[series], result.naive[series]
    return replace(
        result,
        ids=ids,
        customer_type=types,
        actual=result.actual[:, series],
        naive=naive,
        runs=runs,
    )


def coverage(
    predicted: Float32Array, actual: FloatArray, quantiles: FloatArray, days: int
) -> Coverage:
    """Coverage of quantiles (O, N, H, Q) of the use of single days, or summed over ``days``."""
    shared = [_mean(covered(actual, predicted, quantiles, band)) for band in _BANDS]
    plain = [_plain(predicted, actual, quantiles, band) for band in _BANDS]
    return Coverage(days, shared[0], shared[1], plain[0], plain[1])


def _mean(values: FloatArray) -> float:
    """Mean without NaNs; NaN where there is nothing else."""
    return float(np.nanmean(values)) if not np.isnan(values).all() else float("nan")


def _quantile_positions(quantiles: FloatArray, wanted: Sequence[float] | None) -> IntArray:
    """Positions of the wanted quantiles (`InputError` for one that is not there)."""
    if wanted is None:
        return np.arange(len(quantiles))
    if not wanted:
        raise InputError(
            "quantiles",
            "none",
            "one or more of those forecast",
            f"choose from {quantiles.tolist()}",
        )
    nearest = np.abs(quantiles[None, :] - np.array(wanted)[:, None]).argmin(axis=1)
    for q, at in zip(wanted, nearest.tolist(), strict=True):
        if abs(float(quantiles[at]) - q) > 1e-9:
            raise InputError(
                "quantiles", q, f"one of {quantiles.tolist()}", "models forecast these"
            )
    return np.asarray(nearest, dtype=np.int64)


def _losses(result: BacktestResult, run: ModelRun, keep: IntArray) -> tuple[FloatArray, FloatArray]:
    """Losses and sizes (O, N) of a model over the quantiles at the positions ``keep``."""
    predicted = run.predicted[..., keep].astype(np.float64)
    return quantile_losses(result.actual, predicted, result.quantiles[keep])


def _scores(result: BacktestResult, run: ModelRun, keep: IntArray) -> Scores:
    """The figures of one model."""
    actual, q = result.actual, result.quantiles
    loss, size = _losses(result, run, keep)
    median = run.predicted[..., int(np.abs(q - 0.5).argmin())].astype(np.float64)
    bands = [coverage(run.predicted, actual, q, 1)]
    for days in (d for d in _CUMULATIVE_DAYS if d <= result.days):
        if run.cumulative is None:
            bands.append(Coverage(days, *[float("nan")] * 4))
        else:
            total = actual[:, :, :days].sum(axis=2)
            bands.append(coverage(run.cumulative[:, :, days - 1], total, q, days))
    return Scores(
        run.name,
        wql=weighted_quantile_loss(loss, size),
        scaled_wql=_mean(scaled_quantile_losses(loss, size)),
        wape=wape(actual, median),
        mase=mase(actual, median, result.naive),
        rmse=rmse(actual, means_of_quantiles(run.predicted.astype(np.float64), q)),
        coverage=tuple(bands),
        brier=float("nan") if run.stockout is None else run.stockout.brier,
        ece=float("nan") if run.stockout is None else run.stockout.ece,
        fit_s=run.fit_s / max(run.fits, 1),
        predict_s=run.predict_s / len(result.origins),
        sample_s=run.sample_s / len(result.origins),
    )


def _plain(
    predicted: Float32Array, actual: FloatArray, quantiles: FloatArray, band: float
) -> float:
    """Share of the actuals inside a band, its ends included."""
    low, high = (
        predicted[..., int(np.abs(quantiles - q).argmin())]
        for q in ((1 - band) / 2, (1 + band) / 2)
    )
    known = ~np.isnan(actual)
    # In the precision of the quantiles, or ties with them would be missed.
    y = actual.astype(np.float32)
    return float(np.mean(((low <= y) & (y <= high))[known])) if known.any() else float("nan")
